"""The shapes of the ledger: accounts, entries and their postings."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

Account = Literal[
    "cash",
    "bank",
    "wallet",
    "receivable",
    "deposit_receivable",
    "paid_for_others",
    "share_receivable",
    "share_payable",
    "customer_credit",
    "deferred_revenue",
    "vat_payable",
    "vat_pending",
    "deposit_liability",
    "unclaimed",
    "deposit_due",
    "opening",
    "rent_revenue",
    "mileage_revenue",
    "service_revenue",
    "energy_revenue",
    "purchase_revenue",
    "share_revenue",
    "penalty_revenue",
    "damage_revenue",
    "share_expense",
    "bad_debt",
]
ACCOUNTS: Final[tuple[Account, ...]] = get_args(Account)
"""By name; their codes and what they are called stand in the table of accounts."""
EventKind = Literal[
    "bill",
    "credit_note",
    "payment",
    "claim",
    "allocation",
    "reversal",
    "refund",
    "write_off",
    "deposit",
    "vat_due",
    "share",
    "opening",
]


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry, in fen: a debit above zero, a credit below."""

    account: Account
    amount_fen: int
    customer_id: int | None = None
    lease_id: int | None = None
    vehicle_id: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What an event does to the book of an organisation, on one day; its postings sum to zero.

    An event of several days has several parts. Kind, key and part are an entry's own.
    """

    tenant_id: int
    organisation_id: int
    event_kind: EventKind
    event_key: str
    happened_on: date
    title: str
    postings: tuple[Posting, ...]
    part: int = 0

    def __post_init__(self) -> None:
        if sum(posting.amount_fen for posting in self.postings):
            raise ValueError(f"{self.event_kind} {self.event_key} does not sum to zero")
