"""The shapes of a statement of account. Amounts are fen, days those of the organisation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

MovementKind = Literal[
    "bill",
    "credit_note",
    "payment",
    "unclaimed",
    "reversal",
    "refund",
    "write_off",
    "write_off_undone",
    "deposit_applied",
    "deposit_unapplied",
    "other",
]
MOVEMENT_KINDS: Final[tuple[MovementKind, ...]] = get_args(MovementKind)
"""What moves what a customer owes. `unclaimed`: a payment turned out to be somebody else's."""


@dataclass(frozen=True, slots=True)
class StatementCustomer:
    """Whose statement it is: the customer, with all that were merged into it, and its seller."""

    id: int
    tenant_id: int
    organisation_id: int
    organisation_code: str
    organisation_name: str
    zone: str
    customer_no: str
    name: str
    invoice_title: str | None
    tax_no: str | None
    address: str | None
    phone: str | None
    family_ids: list[int]
    family_nos: list[str]
    seller: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Movement:
    """What moved the balance: above zero the customer owes more, below zero less.

    `detail` is the kind of a bill, the channel of a payment or refund, why something was taken off.
    """

    on: date
    recorded_at: datetime
    kind: MovementKind
    number: str
    detail: str | None
    lease_no: str | None
    due_on: date | None
    amount_fen: int


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A movement with the balance after it."""

    on: date
    kind: MovementKind
    number: str
    detail: str | None
    lease_no: str | None
    due_on: date | None
    debit_fen: int
    credit_fen: int
    balance_fen: int


@dataclass(frozen=True, slots=True)
class OpenBill:
    """What is still to be paid of a bill at the end of the statement. Days overdue: 0 if not."""

    bill_no: str
    lease_no: str | None
    kind: str
    issued_on: date
    due_on: date
    total_fen: int
    open_fen: int
    overdue_days: int


@dataclass(frozen=True, slots=True)
class AgeBucket:
    """What is open and so many days overdue, both days included; none: not due, or without end."""

    from_days: int | None
    to_days: int | None
    open_fen: int


@dataclass(frozen=True, slots=True)
class DepositMovement:
    """What moved the deposit held of a lease: above zero it is more.

    `kind` is what the ledger knows it by; of an act on the deposit itself what was done with it.
    """

    on: date
    lease_no: str | None
    kind: str
    number: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class DepositRow:
    """A movement with what is held of all leases after it."""

    on: date
    lease_no: str | None
    kind: str
    number: str
    amount_fen: int
    held_fen: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of [from_on, until_on): what is owed, less what the customer has to its credit.

    `closing_fen` is the opening balance and all rows, and is `open_fen` less `credit_fen`. Below
    zero the customer has more with us than it owes. Deposits held stand apart: they are its own.
    """

    customer: StatementCustomer
    from_on: date
    until_on: date
    made_at: datetime
    opening_fen: int
    rows: list[StatementRow]
    debits_fen: int
    credits_fen: int
    closing_fen: int
    open_bills: list[OpenBill]
    ageing: list[AgeBucket]
    open_fen: int
    credit_fen: int
    deposits_opening_fen: int
    deposits: list[DepositRow]
    deposits_held_fen: int
