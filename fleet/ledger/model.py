"""The shapes of the ledger: accounts, entries and their postings."""

from dataclasses import dataclass
from datetime import date, datetime
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
"""By name; their codes and what they are called: `chart.py`."""
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


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """What an account came to, in fen: debits count up, credits down.

    `opening_fen` is from before the first day that was asked for, `debit_fen` and `credit_fen` are
    what was posted since, `balance_fen` is what there is at the end of the last day.
    """

    account: Account
    code: str
    name: str
    chinese: str
    kind: str
    opening_fen: int
    debit_fen: int
    credit_fen: int
    balance_fen: int


@dataclass(frozen=True, slots=True)
class PostedSide:
    """One side of an entry as it stands in the book."""

    entry_id: int
    no: int
    account: Account
    amount_fen: int
    customer_no: str | None
    lease_no: str | None
    vin: str | None


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """An entry as it stands in the book, with the number of its voucher within its month."""

    id: int
    organisation_code: str
    event_kind: EventKind
    event_key: str
    part: int
    happened_on: date
    booked_on: date
    voucher: int
    title: str
    recorded_by: str | None
    recorded_at: datetime
    postings: tuple[PostedSide, ...] = ()


@dataclass(frozen=True, slots=True)
class JournalRow:
    """A line of the journal: one side of an entry, with all that accounting software asks for."""

    organisation_id: int
    organisation_code: str
    booked_on: date
    voucher: int
    entry_id: int
    no: int
    title: str
    account: Account
    amount_fen: int
    customer_no: str | None
    customer_name: str | None
    lease_no: str | None
    vin: str | None
    event_kind: EventKind
    event_key: str


@dataclass(frozen=True, slots=True)
class Closing:
    """A month of a book that is closed, and what its accounts came to then, in fen."""

    id: int
    organisation_code: str
    month_on: date
    balances: dict[str, int]
    closed_by: str | None
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Fault:
    """Something kept that does not hold: which check found it, of what, and what is wrong."""

    check: str
    key: str
    told: str
