"""Credit, refunds and write-offs over HTTP."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Decider, Writer
from api.models.payments import Amount, BillNo
from api.models.text import Day, Input, Line
from fleet.payments.service import Channel, Refund, WriteOff, WriteOffState
from fleet.receivables.service import Credit

CREDIT: dict[str, Any] = {
    "organisation": "shenzhen-nanshan",
    "customer_no": "C2611-9QRTKX",
    "customer_name": "深圳顺达物流有限公司",
    "source_kind": "payment",
    "source_key": "R2611-7KQ4MX",
    "amount_fen": 350000,
    "left_fen": 50000,
    "since_on": "2026-11-21",
    "recorded_at": "2026-11-21T02:05:00Z",
}
REFUND: dict[str, Any] = {
    "key": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a41",
    "organisation": "shenzhen-nanshan",
    "customer_no": "C2611-9QRTKX",
    "customer_name": "深圳顺达物流有限公司",
    "credit_source": "R2611-7KQ4MX",
    "amount_fen": 50000,
    "channel": "bank",
    "bank_reference": "20261122000000777",
    "paid_on": "2026-11-22",
    "reason": "多付退回",
    "recorded_by": "nanshan.finance",
    "recorded_at": "2026-11-22T02:05:00Z",
}
WRITE_OFF: dict[str, Any] = {
    "key": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a51",
    "organisation": "shenzhen-nanshan",
    "customer_no": "C2611-9QRTKX",
    "customer_name": "深圳顺达物流有限公司",
    "bill_no": "B2026-1-000001",
    "amount_fen": 5000,
    "standing_fen": 0,
    "reason": "客户已注销",
    "state": "requested",
    "requested_by": "nanshan.finance",
    "requested_at": "2026-11-22T02:05:00Z",
    "decided_by": None,
    "decided_at": None,
    "decision_note": None,
}


class CreditOut(BaseModel):
    """Money of a customer that is with us, and how much of it settles no bill."""

    model_config = ConfigDict(json_schema_extra={"example": CREDIT})

    organisation: str
    customer_no: str
    customer_name: str
    source_kind: str = Field(description="payment, credit_note, reclaim or opening …")
    source_key: str = Field(description="… and its number.")
    amount_fen: int
    left_fen: int
    since_on: date
    recorded_at: datetime

    @classmethod
    def of(cls, credit: Credit) -> "CreditOut":
        """As the service gives it."""
        same = cls.model_fields.keys() - {"organisation"}
        told = {name: getattr(credit, name) for name in same}
        return cls(**told, organisation=credit.organisation_code)


class RefundOut(BaseModel):
    """Money given back out of one credit."""

    model_config = ConfigDict(json_schema_extra={"example": REFUND})

    key: UUID
    organisation: str
    customer_no: str
    customer_name: str
    credit_source: str = Field(description="Number of what the credit came from.")
    amount_fen: int
    channel: Channel
    bank_reference: str | None
    paid_on: date
    reason: str
    recorded_by: Writer
    recorded_at: datetime

    @classmethod
    def of(cls, refund: Refund) -> "RefundOut":
        """As the service gives it."""
        same = cls.model_fields.keys() - {"organisation"}
        told = {name: getattr(refund, name) for name in same}
        return cls(**told, organisation=refund.organisation_code)


class RefundsOut(BaseModel):
    """A refund for each credit it came out of, the oldest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"refunds": [REFUND]}})

    refunds: list[RefundOut]


class RefundIn(Input):
    """So much of a customer's credit is given back."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "amount_fen": 50000,
                "channel": "bank",
                "bank_reference": "20261122000000777",
                "paid_on": "2026-11-22",
                "reason": "多付退回",
            }
        }
    )

    amount_fen: Amount
    channel: Channel
    bank_reference: Line | None = None
    paid_on: Day | None = Field(None, description="Null: today.")
    reason: Line


class WriteOffOut(BaseModel):
    """So much of a bill that somebody asks to give up, and what was decided."""

    model_config = ConfigDict(json_schema_extra={"example": WRITE_OFF})

    key: UUID
    organisation: str
    customer_no: str
    customer_name: str
    bill_no: str
    amount_fen: int
    standing_fen: int = Field(description="How much of it settles the bill now.")
    reason: str
    state: WriteOffState
    requested_by: Writer
    requested_at: datetime
    decided_by: Decider
    decided_at: datetime | None
    decision_note: str | None

    @classmethod
    def of(cls, asked: WriteOff) -> "WriteOffOut":
        """As the service gives it."""
        same = cls.model_fields.keys() - {"organisation"}
        told = {name: getattr(asked, name) for name in same}
        return cls(**told, organisation=asked.organisation_code)


class WriteOffIn(Input):
    """What of a bill shall be given up, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"bill_no": "B2026-1-000001", "amount_fen": 5000, "reason": "客户已注销"}
        }
    )

    bill_no: BillNo
    amount_fen: Amount
    reason: Line


class WriteOffDecisionIn(Input):
    """What is decided on a write-off, by another than who asked."""

    model_config = ConfigDict(json_schema_extra={"example": {"approve": True, "note": "同意"}})

    approve: bool
    note: Line | None = None


class WriteOffUndoIn(Input):
    """Why what was given up is owed again."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "客户补付"}})

    reason: Line
