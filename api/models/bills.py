"""Bills over HTTP: as a list tells them, and one with its lines."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Decider, Writer
from api.models.amounts import Fen
from api.models.text import Day, Input, Instant, Line
from fleet.billing.service import (
    Bill,
    BillDetail,
    BillKind,
    BillState,
    Delivery,
    DeliveryChannel,
    LineClass,
    LineKind,
    LineShown,
)

BillPath = Annotated[
    str,
    Path(
        max_length=40,
        description="Number of the bill; of a draft its key.",
        examples=["B2026-12-000001"],
    ),
]
SHA256: Any = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ROW: dict[str, Any] = {
    "key": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7c01",
    "bill_no": "B2026-12-000001",
    "state": "issued",
    "kind": "rent",
    "organisation": "shenzhen-nanshan",
    "customer_no": "C2611-9QRTKX",
    "customer_name": "顺达物流",
    "lease_no": "L2611-7KQ4MX",
    "from_on": "2026-11-21",
    "until_on": "2026-12-21",
    "due_on": "2026-11-21",
    "issue_on": "2026-11-14",
    "issued_on": "2026-11-14",
    "issued_at": "2026-11-14T00:10:00Z",
    "issued_by": "guanche",
    "total_fen": 300000,
    "vat_fen": 34513,
    "credited_fen": 0,
    "open_fen": 300000,
    "settled_on": None,
    "drafted_at": "2026-11-11T00:10:00Z",
}
LINE: dict[str, Any] = {
    "no": 1,
    "kind": "rent",
    "line_class": "principal",
    "title": "租金 2026-11-21 至 2026-12-20",
    "amount_fen": 300000,
    "net_fen": 265487,
    "vat_fen": 34513,
    "vat_pct": 13.0,
    "line_no": 1,
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "from_on": "2026-11-21",
    "until_on": "2026-12-21",
    "credited_fen": 0,
    "basis": {"rent_fen": 300000, "per": "month", "days": 30, "of_days": 30},
}


class BillOut(BaseModel):
    """A bill: drafted, issued, or discarded."""

    model_config = ConfigDict(json_schema_extra={"example": ROW})

    key: UUID
    bill_no: str | None = Field(description="Null until it is issued.")
    state: BillState
    kind: BillKind
    organisation: str
    customer_no: str
    customer_name: str
    lease_no: str | None
    from_on: date | None = Field(description="The first day it is for, where it is for some …")
    until_on: date | None = Field(description="… and the first it is not for.")
    due_on: date
    issue_on: date = Field(description="From when on a draft may be issued.")
    issued_on: date | None
    issued_at: datetime | None
    issued_by: Decider
    total_fen: int = Field(description="VAT included.")
    vat_fen: int
    credited_fen: int = Field(description="What credit notes took off.")
    open_fen: int | None = Field(description="What is still to be paid; null of a draft.")
    settled_on: date | None
    drafted_at: datetime

    @classmethod
    def of(cls, bill: Bill) -> "BillOut":
        """As the service gives it."""
        return cls(**_fields(bill))


def _fields(bill: Bill) -> dict[str, Any]:
    same = [name for name in BillOut.model_fields if name != "organisation"]
    return {name: getattr(bill, name) for name in same} | {"organisation": bill.organisation_code}


class BillLineOut(BaseModel):
    """A line of a bill."""

    model_config = ConfigDict(json_schema_extra={"example": LINE})

    no: int
    kind: LineKind
    line_class: LineClass = Field(
        description="Costs, interest (late fees), principal: 民法典 §561."
    )
    title: str
    amount_fen: int = Field(description="VAT included; below zero it takes off.")
    net_fen: int
    vat_fen: int
    vat_pct: float | None = Field(description="Null: not subject to VAT.")
    line_no: int | None = Field(description="Line of the lease.")
    vin: str | None
    plate: str | None
    from_on: date | None
    until_on: date | None = Field(description="The first day it is not for.")
    credited_fen: int
    basis: dict[str, Any] = Field(description="How the amount comes about.")

    @classmethod
    def of(cls, shown: LineShown) -> "BillLineOut":
        """As the service gives it."""
        line = shown.line
        own = ("vin", "plate", "credited_fen", "line_class", "vat_pct", "basis")
        same = {name: getattr(line, name) for name in cls.model_fields if name not in own}
        return cls(
            **same,
            line_class=line.class_,
            vat_pct=_pct(line.vat_pct),
            vin=shown.vin,
            plate=shown.plate,
            credited_fen=shown.credited_fen,
            basis=dict(line.basis),
        )


def _pct(pct: Decimal | None) -> float | None:
    return None if pct is None else float(pct)


class LateFeeOut(BaseModel):
    """The late fee as it was agreed when the bill was made."""

    rate_per_day: float
    grace_days: int
    cap_pct: int | None


class BillDetailOut(BillOut):
    """A bill with its lines; of an issued one what tells its frozen content."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": ROW
            | {
                "lines": [LINE],
                "late_fee": {"rate_per_day": 0.0005, "grace_days": 3, "cap_pct": None},
                "credit_notes": [],
                "snapshot_sha256": SHA256,
            }
        }
    )

    lines: list[BillLineOut]
    late_fee: LateFeeOut | None
    credit_notes: list[str] = Field(description="Numbers of its credit notes.")
    snapshot_sha256: str | None = Field(description="Of all that is printed, as it was issued.")

    @classmethod
    def of_detail(cls, detail: BillDetail) -> "BillDetailOut":
        """As the service gives it."""
        fee, digest = detail.bill.late_fee, detail.snapshot_sha256
        return cls(
            **_fields(detail.bill),
            lines=[BillLineOut.of(each) for each in detail.lines],
            late_fee=None
            if fee is None
            else LateFeeOut(
                rate_per_day=float(fee.rate_per_day),
                grace_days=fee.grace_days,
                cap_pct=fee.cap_pct,
            ),
            credit_notes=list(detail.credit_nos),
            snapshot_sha256=None if digest is None else digest.hex(),
        )


class DeliveryIn(Input):
    """How a bill reached the customer."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "channel": "wechat",
                "delivered_at": "2026-11-21T08:00:00+08:00",
                "proof": "wx-8842",
            }
        }
    )

    channel: DeliveryChannel
    delivered_at: Instant | None = Field(None, description="Just now, unless said.")
    proof: Line | None = Field(None, description="What proves it: a message's or parcel's number.")


class DeliveryOut(BaseModel):
    """How a bill reached the customer, and what proves it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "channel": "wechat",
                "delivered_at": "2026-11-21T00:00:00Z",
                "proof": "wx-8842",
                "recorded_by": "nanshan.finance",
                "recorded_at": "2026-11-21T00:05:00Z",
            }
        }
    )

    channel: DeliveryChannel
    delivered_at: datetime
    proof: str | None
    recorded_by: Writer
    recorded_at: datetime

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryOut":
        """As the service gives it."""
        return cls(**{name: getattr(delivery, name) for name in cls.model_fields})


class OpeningIn(Input):
    """What a customer owed before billing began."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "customer_no": "C2611-9QRTKX",
                "lease_no": "L2611-7KQ4MX",
                "amount_fen": 300000,
                "due_on": "2026-09-21",
                "title": "2026年9月租金",
            }
        }
    )

    customer_no: Line
    lease_no: Line | None = None
    amount_fen: Fen = Field(gt=0)
    due_on: Day
    title: Line | None = None
