"""Payments, credit, refunds and write-offs over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Decider, Writer
from api.models.amounts import Fen
from api.models.text import Code, Day, Input, Line
from fleet.payments.service import (
    Channel,
    CustomerBalance,
    Payment,
    PaymentDetail,
    PaymentSource,
    PaymentState,
)

ROW: dict[str, Any] = {
    "payment_no": "R2611-7KQ4MX",
    "organisation": "shenzhen-nanshan",
    "state": "claimed",
    "channel": "bank",
    "bank_reference": "20261121000123456",
    "received_on": "2026-11-21",
    "amount_fen": 350000,
    "settled_fen": 300000,
    "left_fen": 50000,
    "customer_no": "C2611-9QRTKX",
    "customer_name": "深圳顺达物流有限公司",
    "payer_name": "深圳顺达物流有限公司",
    "payer_account": "622*************0123",
    "remark": "11月租金",
    "source": "hand",
    "statement": None,
    "proposal": None,
    "claimed_by": "nanshan.finance",
    "claimed_at": "2026-11-21T02:05:00Z",
    "reversed_on": None,
    "reversal_reason": None,
    "reversed_by": None,
    "reversed_at": None,
    "recorded_by": "nanshan.finance",
    "recorded_at": "2026-11-21T02:05:00Z",
    "version": 1,
}
PaymentNoPath = Annotated[
    str, Path(max_length=40, description="Number of the payment.", examples=["R2611-7KQ4MX"])
]
CustomerNo = Annotated[
    str,
    Field(min_length=1, max_length=40, description="Number of a customer."),
]
BillNo = Annotated[str, Field(min_length=1, max_length=40, description="Number of a bill.")]
BillNos = Annotated[
    list[BillNo],
    Field(max_length=200, description="Bills to settle first, in this order; the rest by law."),
]
Amount = Annotated[
    Fen, Field(ge=1, description="Hundredths of a yuan, more than none.", examples=[350_000])
]


class PaymentOut(BaseModel):
    """Money that came in. What of it settles no bill is the customer's credit."""

    model_config = ConfigDict(json_schema_extra={"example": ROW})

    payment_no: str
    organisation: str = Field(description="Into whose account it came.")
    state: PaymentState
    channel: Channel
    bank_reference: str | None = Field(description="The bank's number; comes in once.")
    received_on: date
    amount_fen: int
    settled_fen: int = Field(description="How much of it settles bills.")
    left_fen: int = Field(description="How much of it is credit.")
    customer_no: str | None = Field(description="Null: nobody knows yet whose it is.")
    customer_name: str | None
    payer_name: str | None
    payer_account: str | None = Field(description="Masked but for its ends.")
    remark: str | None
    source: PaymentSource
    statement: str | None = Field(description="Key of the bank's statement it stood on.")
    proposal: list[dict[str, Any]] | None = Field(description="Whose it may be, and how sure.")
    claimed_by: Decider
    claimed_at: datetime | None
    reversed_on: date | None
    reversal_reason: str | None
    reversed_by: Decider
    reversed_at: datetime | None
    recorded_by: Writer
    recorded_at: datetime
    version: int = Field(ge=1)

    @classmethod
    def of(cls, payment: Payment) -> "PaymentOut":
        """As the service gives it."""
        return cls(**_told(payment))


class SettledOut(BaseModel):
    """What a payment settles of one bill; within it costs, then interest, then principal."""

    bill_no: str
    rule: str = Field(description="named, agreed, law (民法典 §560) or next_bill.")
    settled_on: date
    cost_fen: int
    interest_fen: int
    principal_fen: int


class PaymentDetailOut(PaymentOut):
    """A payment, and what it settles."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": ROW
            | {
                "settles": [
                    {
                        "bill_no": "B2026-1-000001",
                        "rule": "named",
                        "settled_on": "2026-11-21",
                        "cost_fen": 0,
                        "interest_fen": 0,
                        "principal_fen": 300000,
                    }
                ]
            }
        }
    )

    settles: list[SettledOut]

    @classmethod
    def of_detail(cls, detail: PaymentDetail) -> "PaymentDetailOut":
        """As the service gives it."""
        settles = [SettledOut.model_validate(each, from_attributes=True) for each in detail.settles]
        return cls(**_told(detail.payment), settles=settles)


def _told(payment: Payment) -> dict[str, Any]:
    renamed = {"organisation": payment.organisation_code, "statement": payment.statement_key}
    same = PaymentOut.model_fields.keys() - renamed.keys()
    return renamed | {name: getattr(payment, name) for name in same}


class PaymentIn(Input):
    """Money that came in, as somebody records it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "channel": "bank",
                "amount_fen": 350000,
                "received_on": "2026-11-21",
                "customer_no": "C2611-9QRTKX",
                "bills": ["B2026-1-000001"],
                "bank_reference": "20261121000123456",
                "payer_name": "深圳顺达物流有限公司",
                "remark": "11月租金",
            }
        }
    )

    channel: Channel
    amount_fen: Amount
    received_on: Day
    customer_no: CustomerNo | None = Field(None, description="Whose it is; null: not known yet.")
    bills: BillNos = Field(default_factory=list)
    organisation: Code | None = Field(
        None, description="Into whose account it came; null: the customer's, else one's own."
    )
    bank_reference: Line | None = None
    payer_name: Line | None = None
    payer_account: Line | None = Field(None, description="Kept masked.")
    remark: Line | None = None


class ClaimIn(Input):
    """Whose a payment is."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"customer_no": "C2611-9QRTKX", "bills": []}}
    )

    customer_no: CustomerNo
    bills: BillNos = Field(default_factory=list)


class UnclaimIn(Input):
    """Why a payment is not that customer's."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "同名公司"}})

    reason: Line


class ReversalIn(Input):
    """Why a payment never came, and when that was known."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"reason": "支票退票", "reversed_on": "2026-11-23"}}
    )

    reason: Line
    reversed_on: Day | None = Field(None, description="Null: today.")


class OpenBillOut(BaseModel):
    """A bill with something open."""

    bill_no: str
    lease_no: str | None
    kind: str
    due_on: date
    open_principal_fen: int
    open_interest_fen: int
    open_cost_fen: int


class BalanceOut(BaseModel):
    """How a customer stands today, with those merged into it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "customer_no": "C2611-9QRTKX",
                "on": "2026-11-21",
                "open_fen": 300000,
                "overdue_fen": 0,
                "credit_fen": 0,
                "deposits_held_fen": 500000,
                "bills": [
                    {
                        "bill_no": "B2026-1-000001",
                        "lease_no": "L2611-7KQ4MX",
                        "kind": "rent",
                        "due_on": "2026-12-01",
                        "open_principal_fen": 300000,
                        "open_interest_fen": 0,
                        "open_cost_fen": 0,
                    }
                ],
            }
        }
    )

    customer_no: str
    on: date
    open_fen: int
    overdue_fen: int = Field(description="Of it, due before today.")
    credit_fen: int
    deposits_held_fen: int
    bills: list[OpenBillOut]

    @classmethod
    def of(cls, balance: CustomerBalance) -> "BalanceOut":
        """As the service gives it."""
        return cls.model_validate(balance, from_attributes=True)


class AllocateIn(Input):
    """Bills that a customer's credit shall settle."""

    model_config = ConfigDict(json_schema_extra={"example": {"bills": ["B2026-1-000001"]}})

    bills: Annotated[list[BillNo], Field(min_length=1, max_length=200)]


WriteOffKey = Annotated[UUID, Path(description="Key of the write-off.")]
