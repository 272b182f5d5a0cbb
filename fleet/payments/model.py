"""The shapes of money in, back and given up."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

Channel = Literal["bank", "wechat", "alipay", "cash", "other"]
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
PaymentState = Literal["unclaimed", "claimed", "reversed"]
PAYMENT_STATES: Final[tuple[PaymentState, ...]] = get_args(PaymentState)
PaymentSource = Literal["hand", "api", "statement"]
PAYMENT_SOURCES: Final[tuple[PaymentSource, ...]] = get_args(PaymentSource)
WriteOffDecision = Literal["approved", "refused"]
WriteOffState = Literal["requested", "approved", "refused"]


@dataclass(frozen=True, slots=True)
class Received:
    """Money as it came in. `payer_account` is kept masked."""

    channel: Channel
    amount_fen: int
    received_on: date
    bank_reference: str | None = None
    payer_name: str | None = None
    payer_account: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as it stands; `settled_fen` of it settles bills, `left_fen` is credit."""

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    zone: str
    payment_no: str
    channel: Channel
    bank_reference: str | None
    received_on: date
    amount_fen: int
    payer_name: str | None
    payer_account: str | None
    remark: str | None
    source: PaymentSource
    statement_key: str | None
    customer_id: int | None
    customer_no: str | None
    customer_name: str | None
    state: PaymentState
    proposal: list[dict[str, Any]] | None
    settled_fen: int
    left_fen: int
    claimed_by: str | None
    claimed_at: datetime | None
    reversed_on: date | None
    reversal_reason: str | None
    reversed_by: str | None
    reversed_at: datetime | None
    recorded_by: str | None
    recorded_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What a payment settles of one bill, by class, in fen."""

    bill_no: str
    rule: str
    settled_on: date
    cost_fen: int
    interest_fen: int
    principal_fen: int


@dataclass(frozen=True, slots=True)
class PaymentDetail:
    """A payment with what it settles."""

    payment: Payment
    settles: list[Settled]


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose money it is: the customer that counts, and the zone of its days."""

    id: int
    tenant_id: int
    organisation_id: int
    customer_no: str
    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back out of one credit."""

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    customer_no: str
    customer_name: str
    credit_source: str
    amount_fen: int
    channel: Channel
    bank_reference: str | None
    paid_on: date
    reason: str
    recorded_by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class WriteOff:
    """So much of a bill that somebody asks to give up, and what was decided.

    `standing_fen`: how much of it settles the bill now.
    """

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    customer_id: int
    customer_no: str
    customer_name: str
    bill_id: int
    bill_no: str
    zone: str
    amount_fen: int
    standing_fen: int
    reason: str
    state: WriteOffState
    requested_by: str | None
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str | None


@dataclass(frozen=True, slots=True)
class OpenOf:
    """A bill of a customer with something open, in fen."""

    bill_no: str
    lease_no: str | None
    kind: str
    due_on: date
    open_principal_fen: int
    open_interest_fen: int
    open_cost_fen: int


@dataclass(frozen=True, slots=True)
class CustomerBalance:
    """What a customer owes, has left and has deposited, in fen; merged customers together."""

    customer_no: str
    on: date
    open_fen: int
    overdue_fen: int
    credit_fen: int
    deposits_held_fen: int
    bills: list[OpenOf]
