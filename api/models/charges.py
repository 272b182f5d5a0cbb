"""Proposed charges over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Decider, Writer
from api.models.amounts import Fen
from api.models.text import Day, Input, Line
from fleet.charges.model import Charge, ChargeKind, ChargeState, SourceKind

ROW: dict[str, Any] = {
    "key": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a31",
    "organisation": "shenzhen-nanshan",
    "lease_no": "L2611-7KQ4MX",
    "customer_no": "C2611-9QRTKX",
    "line_no": 1,
    "vin": "LSGPC52U6AF102554",
    "kind": "energy",
    "title": "补电费",
    "amount_fen": 2738,
    "basis": {
        "out": {"read_at": "2026-10-21T07:00:00+00:00", "reading": "90", "source": "hand"},
        "back": {"read_at": "2026-11-21T02:00:00+00:00", "reading": "35.5", "source": "hand"},
        "battery_kwh": "41.86",
        "energy_kwh": "22.8137",
        "fen_per_kwh": 120,
    },
    "incurred_on": "2026-11-21",
    "source_kind": "hand_over",
    "source_key": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a22",
    "state": "proposed",
    "accepted_fen": None,
    "decided_by": None,
    "decided_at": None,
    "decision_note": None,
    "proposed_by": "nanshan.ops",
    "proposed_at": "2026-11-21T02:05:00Z",
    "version": 1,
}
ChargeKey = Annotated[UUID, Path(description="Key of the charge.")]


class ChargeOut(BaseModel):
    """A charge on a lease: proposed, then accepted or waived, then on a bill."""

    model_config = ConfigDict(json_schema_extra={"example": ROW})

    key: UUID
    organisation: str
    lease_no: str
    customer_no: str
    line_no: int | None = Field(description="Null: of the lease as a whole.")
    vin: str | None
    kind: ChargeKind
    title: str
    amount_fen: int = Field(description="As proposed; 0 where nobody knows yet.")
    basis: dict[str, Any] = Field(description="How the amount comes about.")
    incurred_on: date
    source_kind: SourceKind = Field(description="What it follows from …")
    source_key: str = Field(description="… and which of them.")
    state: ChargeState
    accepted_fen: int | None = Field(description="What is billed; null until it is accepted.")
    decided_by: Decider
    decided_at: datetime | None
    decision_note: str | None
    proposed_by: Writer
    proposed_at: datetime
    version: int = Field(ge=1)

    @classmethod
    def of(cls, charge: Charge) -> "ChargeOut":
        """As the service gives it."""
        same = {name: getattr(charge, name) for name in cls.model_fields if name != "organisation"}
        return cls(**same, organisation=charge.organisation_code)


class ChargeIn(Input):
    """A charge that somebody proposes by hand."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "other",
                "title": "遗失随车充电线",
                "amount_fen": 80000,
                "incurred_on": "2026-11-21",
                "line_no": 1,
                "note": "按配件价",
            }
        }
    )

    kind: ChargeKind
    title: Line
    amount_fen: Fen
    incurred_on: Day
    line_no: int | None = Field(None, ge=1, le=999, description="Line of the lease it is of.")
    note: Line | None = Field(None, description="How the amount comes about.")


class Decision(Input):
    """What becomes of a charge, once and for all."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"accept": True, "amount_fen": 2000, "note": "客户补充电 10 度"}
        }
    )

    accept: bool = Field(description="False: it is waived.")
    amount_fen: Fen | None = Field(None, description="Another amount than was proposed.")
    note: Line | None = Field(None, description="Why; needed to waive it or for another amount.")
