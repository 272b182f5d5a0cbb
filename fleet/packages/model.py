"""The shapes of service packages: what is on the list, what was sold, what was done of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal, get_args
from uuid import UUID

VisitKind = Literal["battery_check", "maintenance", "idle_care"]
VISIT_KINDS: Final[tuple[VisitKind, ...]] = get_args(VisitKind)
"""Kinds of work orders that a package may include."""


@dataclass(frozen=True, slots=True)
class Package:
    """服务包 on the list: `price_fen` is paid in advance for each term of so many months.

    `visits` are included in each term. Whose it is and who wrote it are None out of sight.
    """

    id: int
    tenant_id: int
    organisation_id: int
    organisation_code: str | None
    code: str
    title: str
    months: int
    price_fen: int
    visit_kind: VisitKind | None
    visits: int
    retired_at: datetime | None
    recorded_by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that was made, numbered from 1 within the sale. `term_no`: the term it counts in,
    None after the sale was taken back; `beyond`: it is more than that term includes.
    """

    no: int
    visited_on: date
    work_order_no: str | None
    note: str | None
    recorded_by: str | None
    recorded_at: datetime
    term_no: int | None
    beyond: bool


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a sale, [from_on, until_on), numbered from 1."""

    no: int
    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class SaleRow:
    """A sale as it is stored, with what its terms follow from. Days are of `zone`.

    `lease_last_on`: the last day of the lease by what is known now; None: open-ended.
    `visited`: days of its visits.
    """

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    zone: str
    package_code: str
    title: str
    months: int
    visit_kind: VisitKind | None
    visits: int
    lease_id: int
    lease_no: str
    lease_cancelled: bool
    lease_last_on: date | None
    customer_no: str
    line_no: int | None
    vehicle_id: int | None
    vin: str | None
    from_on: date
    price_fen: int
    renews: bool
    ended_on: date | None
    recorded_by: str | None
    recorded_at: datetime
    version: int
    visited: Sequence[date]


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale and where it stands today: the term that runs (None: none does), its visits."""

    row: SaleRow
    term: Term | None
    visits_done: int
    visits_left: int
    made: Sequence[Visit] = field(default=())
    """Each visit, where one sale is asked for."""


@dataclass(frozen=True, slots=True)
class PackageTerm:
    """A term of a sale that is to be billed, [from_on, until_on), numbered from 1.

    `amount_fen` includes VAT. `vehicle_id`: the sale's own, else the one in its line when the term
    begins; None: of the lease as a whole, or nothing is handed out.
    """

    sale_key: str
    no: int
    title: str
    amount_fen: int
    from_on: date
    until_on: date
    line_no: int | None
    vehicle_id: int | None


@dataclass(frozen=True, slots=True)
class InLine:
    """A vehicle that came into a line of a lease on a day."""

    lease_id: int
    line_no: int
    vehicle_id: int
    since_on: date
