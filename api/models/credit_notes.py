"""Credit notes over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Writer
from api.models.amounts import Fen
from api.models.bills import SHA256
from api.models.text import Input, Line
from fleet.billing.service import (
    CreditNote,
    CreditNoteDetail,
    CreditNoteLine,
    CreditWanted,
    LineKind,
)

CreditNoPath = Annotated[
    str, Path(max_length=40, description="红字账单号.", examples=["N2026-12-000001"])
]
ROW: dict[str, Any] = {
    "key": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7c11",
    "credit_no": "N2026-12-000001",
    "bill_no": "B2026-12-000001",
    "organisation": "shenzhen-nanshan",
    "customer_no": "C2611-9QRTKX",
    "customer_name": "顺达物流",
    "lease_no": "L2611-7KQ4MX",
    "reason": "停运三天",
    "total_fen": 30000,
    "vat_fen": 3451,
    "issued_on": "2026-11-25",
    "issued_at": "2026-11-25T01:00:00Z",
    "issued_by": "nanshan.finance",
}


class CreditNoteOut(BaseModel):
    """So much of a bill is not owed."""

    model_config = ConfigDict(json_schema_extra={"example": ROW})

    key: UUID
    credit_no: str
    bill_no: str
    organisation: str
    customer_no: str
    customer_name: str
    lease_no: str | None
    reason: str
    total_fen: int = Field(description="Taken off, VAT included.")
    vat_fen: int
    issued_on: date
    issued_at: datetime
    issued_by: Writer

    @classmethod
    def of(cls, note: CreditNote) -> "CreditNoteOut":
        """As the service gives it."""
        return cls(**_fields(note))


def _fields(note: CreditNote) -> dict[str, Any]:
    same = [name for name in CreditNoteOut.model_fields if name != "organisation"]
    return {name: getattr(note, name) for name in same} | {"organisation": note.organisation_code}


class CreditNoteLineOut(BaseModel):
    """What of a line was taken off."""

    no: int
    bill_line_no: int
    kind: LineKind
    title: str
    vin: str | None
    plate: str | None
    amount_fen: int
    net_fen: int
    vat_fen: int
    vat_pct: float | None = Field(description="Null: not subject to VAT.")
    from_on: date | None
    until_on: date | None = Field(description="The first day it is not for.")
    basis: dict[str, Any] = Field(description="How the amount comes about.")

    @classmethod
    def of(cls, line: CreditNoteLine) -> "CreditNoteLineOut":
        """As the service gives it."""
        return cls(**{name: getattr(line, name) for name in cls.model_fields})


class CreditNoteDetailOut(CreditNoteOut):
    """A credit note with its lines, and what tells its frozen content."""

    model_config = ConfigDict(
        json_schema_extra={"example": ROW | {"lines": [], "snapshot_sha256": SHA256}}
    )

    lines: list[CreditNoteLineOut]
    snapshot_sha256: str

    @classmethod
    def of_detail(cls, detail: CreditNoteDetail) -> "CreditNoteDetailOut":
        """As the service gives it."""
        return cls(
            **_fields(detail.note),
            lines=[CreditNoteLineOut.of(each) for each in detail.lines],
            snapshot_sha256=detail.snapshot_sha256.hex(),
        )


class CreditLineIn(Input):
    """A line of a bill that shall be taken off, whole or an amount of it."""

    no: int = Field(ge=1, le=10_000, description="Number of the line on the bill.")
    amount_fen: Fen | None = Field(None, gt=0, description="Null: all that is left of it.")

    def wanted(self) -> CreditWanted:
        """As the service takes it."""
        return CreditWanted(self.no, self.amount_fen)


class CreditIn(Input):
    """What shall be taken off a bill, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"lines": [{"no": 1, "amount_fen": 30000}], "reason": "停运三天"}
        }
    )

    lines: list[CreditLineIn] | None = Field(
        None, min_length=1, max_length=1_000, description="Null: all that is left of the bill."
    )
    reason: Line
