"""The shapes of billing: lines, drafts, bills, credit notes, settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, get_args
from uuid import UUID

from fleet.lease_book import LateFee

BillKind = Literal[
    "rent", "deposit", "charges", "late_fee", "purchase", "package", "reclaim", "opening"
]
BILL_KINDS: Final[tuple[BillKind, ...]] = get_args(BillKind)
BillState = Literal["draft", "issued", "discarded"]
LineKind = Literal[
    "rent",
    "deposit",
    "mileage",
    "damage",
    "missing",
    "cleaning",
    "energy",
    "violation",
    "early_end",
    "late_return",
    "late_fee",
    "down_payment",
    "buy_out",
    "package",
    "collection_cost",
    "reclaim",
    "opening",
    "other",
]
LINE_KINDS: Final[tuple[LineKind, ...]] = get_args(LineKind)
LineClass = Literal["principal", "interest", "cost"]
"""Civil Code §561: costs of collection, interest (here late fees), principal."""
LINE_CLASSES: Final[tuple[LineClass, ...]] = get_args(LineClass)
SourceKind = Literal[
    "rent",
    "deposit",
    "mileage",
    "charge",
    "late_fee",
    "purchase",
    "package",
    "hand",
    "reclaim",
    "opening",
]


@dataclass(frozen=True, slots=True)
class Source:
    """What of a lease a line bills: the same source is billed once, whatever bills it stands on.

    Keys: rent and mileage "line:period" ("2:7"), deposit "line", charge its key, late_fee the
    number of the bill that was paid late, purchase "down_payment" or "buy_out", package
    "sale key:term".
    """

    kind: SourceKind
    key: str


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line before VAT is split from it. `amount_fen` includes VAT; below zero it takes off.

    [from_on, until_on): the days it is for, where it is earned day by day.
    """

    kind: LineKind
    title: str
    amount_fen: int
    source: Source
    class_: LineClass = "principal"
    line_no: int | None = None
    vehicle_id: int | None = None
    from_on: date | None = None
    until_on: date | None = None
    basis: Mapping[str, Any] = field(default_factory=dict)
    """How the amount comes about, ready for JSON."""


@dataclass(frozen=True, slots=True)
class BillDraft:
    """A bill as it shall be; its purpose is its own within the lease ("rent:3")."""

    kind: BillKind
    purpose: str
    due_on: date
    issue_on: date
    lines: tuple[LineDraft, ...]
    from_on: date | None = None
    until_on: date | None = None
    late_fee: LateFee | None = None


@dataclass(frozen=True, slots=True)
class CreditDraft:
    """So much of a source is billed too much: to be taken off its bills, the latest first.

    [from_on, until_on): the days that are taken off, where there are some.
    """

    source: Source
    amount_fen: int
    reason: str
    from_on: date | None = None
    until_on: date | None = None
    basis: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Billed:
    """What stands on issued bills for a source, less what credit notes took off.

    `since_on`: of kilometres, the first day of those that were settled as one.
    """

    source: Source
    amount_fen: int
    since_on: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for a lease, by what is known today.

    `drafts`: all bills that are not issued and shall be; a draft that is not among them goes.
    `next_on`: the next day that something may be to do though nothing happens; None: none known.
    """

    drafts: tuple[BillDraft, ...]
    credits: tuple[CreditDraft, ...]
    next_on: date | None


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line as it stands on a bill. `vat_pct` None: not subject to VAT."""

    no: int
    kind: LineKind
    class_: LineClass
    title: str
    amount_fen: int
    net_fen: int
    vat_fen: int
    vat_pct: Decimal | None
    source: Source
    line_no: int | None = None
    vehicle_id: int | None = None
    from_on: date | None = None
    until_on: date | None = None
    basis: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill as it stands; `open_fen` is what is still to be paid of an issued one, else None."""

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    customer_id: int
    customer_no: str
    customer_name: str
    lease_id: int | None
    lease_no: str | None
    kind: BillKind
    purpose: str
    state: BillState
    bill_no: str | None
    from_on: date | None
    until_on: date | None
    due_on: date
    issue_on: date
    issued_on: date | None
    issued_at: datetime | None
    issued_by: str | None
    total_fen: int
    vat_fen: int
    principal_fen: int
    interest_fen: int
    cost_fen: int
    late_fee: LateFee | None
    credited_fen: int
    open_fen: int | None
    settled_on: date | None
    drafted_at: datetime
