"""The shapes of leases as they are asked for: a lease, all that belongs to it, who held a vehicle.

What follows from a lease's events stands in `book.py`, what was agreed in `terms.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from fleet.leasing.approvals import Reason
from fleet.leasing.as_of import AsOf
from fleet.leasing.cautions import Caution
from fleet.leasing.events import Event
from fleet.leasing.shapes import Book, State
from fleet.leasing.terms import LeaseKind, Terms, TermUnit

Decision = Literal["approved", "refused"]


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease without what belongs to it.

    `terms` are those of the latest version, of a draft what is proposed. `rent_fen` is the rent of
    all lines together for one `per`; both None where some lines are by the day, others by the
    month. `vehicles_out` counts those with the lessee now. Days are of `zone`.
    """

    id: int
    tenant_id: int
    organisation_id: int
    organisation_code: str
    zone: str
    lease_no: str
    customer_id: int
    customer_no: str
    customer_name: str
    kind: LeaseKind
    state: State
    starts_on: date
    ends_on: date | None
    signed_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    last_event_no: int
    renews_id: int | None
    renews_no: str | None
    reference: str | None
    created_by: str | None
    created_at: datetime
    version: int
    vehicles_out: int
    terms: Terms

    @property
    def vehicles(self) -> int:
        """How many places for vehicles it has."""
        return len(self.terms.lines)

    @property
    def per(self) -> TermUnit | None:
        """What all rents are for; None where they differ."""
        units = {line.per for line in self.terms.lines}
        return units.pop() if len(units) == 1 else None

    @property
    def rent_fen(self) -> int | None:
        """The rent of all lines for one `per`."""
        return None if self.per is None else sum(line.rent_fen for line in self.terms.lines)


@dataclass(frozen=True, slots=True)
class LeaseEvent:
    """What happened, as it was written down."""

    no: int
    event: Event
    recorded_by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody asked for unusual terms, and, once decided, who answered what.

    `current`: it is of the terms as they stand.
    """

    reasons: Sequence[Reason]
    requested_by: str | None
    requested_at: datetime
    decision: Decision | None
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    current: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A vehicle in a line, [from_at, until_at); None: it is out."""

    line_no: int
    vehicle_id: int
    vin: str | None
    plate: str | None
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a lease is on a day: about to end in so many days, or over its term by so many."""

    days_left: int | None
    about_to_end: bool
    days_over: int


@dataclass(frozen=True, slots=True)
class LeaseDetail:
    """A lease with all that belongs to it, as it stood on a day and was known at an instant.

    `book` and `day` are None for a draft, and before it was known to be signed. `terms` are those
    in force on the day; `placed` are the vehicles in the lines, one after the other, and `standing`
    is told of leases that run. `cautions` are of these terms; `reasons` say why those of a draft
    need an approval, and `approved` whether they have it.
    """

    lease: Lease
    on: date
    known_at: datetime | None
    book: Book | None
    day: AsOf | None
    terms: Terms
    placed: Sequence[Placed]
    cautions: Sequence[Caution]
    approvals: Sequence[Approval]
    reasons: Sequence[Reason]
    approved: bool
    standing: Standing | None
    renewed_by: Sequence[str]


@dataclass(frozen=True, slots=True)
class Holding:
    """Who held a vehicle in [from_at, until_at); None: still."""

    lease_id: int
    lease_no: str
    line_no: int
    tenant_id: int
    organisation_id: int
    customer_id: int
    vehicle_id: int
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class LeaseOfVehicle:
    """A lease the vehicle was or is in. `days_over`: since the last day, while it is out."""

    lease_no: str
    organisation_code: str
    customer_no: str
    customer_name: str
    kind: LeaseKind
    state: State
    line_no: int
    from_at: datetime
    until_at: datetime | None
    ends_on: date | None
    days_over: int


@dataclass(frozen=True, slots=True)
class ListPrice:
    """标价 of a model from a day on; `rent_fen` for one `per`.

    Whose it is and who wrote it are None where they are out of sight.
    """

    organisation_code: str | None
    model_id: int
    model_code: str
    lease_kind: LeaseKind
    rent_fen: int
    per: TermUnit
    deposit_fen: int
    valid_from_on: date
    recorded_by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Drift:
    """A lease whose tables do not say what follows from its events."""

    lease_no: str
    what: str
    expected: Any
    found: Any
