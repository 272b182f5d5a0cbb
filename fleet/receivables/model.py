"""The shapes of what is owed: open bills, credit, allocations."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from fleet.lease_book import LateFee

BillKind = Literal[
    "rent", "deposit", "charges", "late_fee", "purchase", "package", "reclaim", "opening"
]
LineClass = Literal["principal", "interest", "cost"]
"""Civil Code §561: costs of collection, interest (here late fees), principal."""
CreditSource = Literal["payment", "credit_note", "reclaim", "opening"]
AllocationRule = Literal[
    "named", "agreed", "law", "next_bill", "credit_note", "deposit", "write_off", "undone"
]


@dataclass(frozen=True, slots=True)
class Opened:
    """A bill that was just issued: what is owed of it, by class, in fen."""

    bill_id: int
    bill_no: str
    tenant_id: int
    organisation_id: int
    customer_id: int
    lease_id: int | None
    kind: BillKind
    due_on: date
    issued_on: date
    principal_fen: int
    interest_fen: int
    cost_fen: int
    vat_fen: int
    vat_due_on: date


@dataclass(frozen=True, slots=True)
class OpenBill:
    """An issued bill of which something is open, in fen.

    `family_id` is the customer that counts: the one this customer was merged into, or itself.
    `security_fen`: the deposit held of its lease.
    """

    bill_id: int
    bill_no: str
    tenant_id: int
    organisation_id: int
    customer_id: int
    customer_no: str
    family_id: int
    lease_id: int | None
    lease_no: str | None
    kind: BillKind
    due_on: date
    issued_on: date
    open_principal_fen: int
    open_interest_fen: int
    open_cost_fen: int
    vat_due_on: date
    security_fen: int
    late_fee: LateFee | None

    @property
    def open_fen(self) -> int:
        """All that is open of it."""
        return self.open_principal_fen + self.open_interest_fen + self.open_cost_fen


@dataclass(frozen=True, slots=True)
class Credit:
    """Money of a customer that is with us; `left_fen` settles no bill yet."""

    id: int
    tenant_id: int
    organisation_id: int
    organisation_code: str
    customer_id: int
    customer_no: str
    customer_name: str
    family_id: int
    source_kind: CreditSource
    source_key: str
    payment_id: int | None
    amount_fen: int
    left_fen: int
    since_on: date
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Allocation:
    """So much of a class of a bill was settled; below zero: what was settled is open again."""

    id: int
    tenant_id: int
    organisation_id: int
    customer_id: int
    bill_id: int
    bill_no: str
    bill_kind: BillKind
    lease_id: int | None
    class_: LineClass
    amount_fen: int
    credit_id: int | None
    credit_note_id: int | None
    deposit_movement_id: int | None
    write_off_id: int | None
    undoes_id: int | None
    rule: AllocationRule
    allocated_on: date


@dataclass(frozen=True, slots=True)
class DepositMove:
    """A movement of a deposit, as settling asks for it."""

    id: int
    key: UUID
    lease_id: int
    customer_id: int


@dataclass(frozen=True, slots=True)
class WriteOffKey:
    """A write-off, as settling asks for it."""

    id: int
    key: UUID
    customer_id: int


@dataclass(frozen=True, slots=True)
class LateBill:
    """What a late fee of an issued bill is reckoned from; the principal less credit notes, and less
    what was written off.
    """

    id: int
    due_on: date
    issued_on: date
    late_fee: LateFee
    principal_fen: int
