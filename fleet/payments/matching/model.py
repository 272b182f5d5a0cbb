"""The shapes of matching: a receipt, who it may be of, and a proposal with its reasons."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came in, with what is known of its payer.

    `of_account`: customers (by id) with the account it came from. `paid_before`: customers for whom
    receipts of the same payer, by name and the last four of the account, were claimed before.
    `perhaps`: the number of a receipt that somebody may have recorded of the same money.
    """

    amount_fen: int
    received_on: date
    payer_name: str | None = None
    remark: str | None = None
    of_account: Collection[int] = ()
    paid_before: Collection[int] = ()
    perhaps: str | None = None


@dataclass(frozen=True, slots=True)
class OpenBillSeen:
    """A bill with something open, in fen."""

    bill_no: str
    lease_no: str | None
    due_on: date
    open_fen: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer with all by which a payment may name it.

    `names`: its own, those of merged ones, titles of invoices, holders of accounts. `plates`: of
    vehicles that its leases have, or had.
    """

    customer_id: int
    customer_no: str
    names: tuple[str, ...]
    customer_nos: frozenset[str] = frozenset()
    lease_nos: frozenset[str] = frozenset()
    plates: frozenset[str] = frozenset()
    bills: tuple[OpenBillSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class Because:
    """One reason of a proposal, in both languages."""

    code: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Whose a receipt may be, how sure that is, and why.

    `named`: numbers of bills that the payer named. `bill_nos`: those the amount fits.
    """

    customer_id: int
    customer_no: str
    confidence_pct: int
    because: tuple[Because, ...]
    bill_nos: tuple[str, ...] = ()
    named: tuple[str, ...] = field(default=())
