"""The shapes of vehicles that are to come back, and of those that should have."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from fleet.leasing.shapes import State
from fleet.leasing.terms import LeaseKind

End = Literal["ahead", "over"]


class Place(NamedTuple):
    """A place in a list: after the line of the lease that ends on that day."""

    last_on: date
    lease_no: str
    line_no: int


@dataclass(frozen=True, slots=True)
class VehicleOut:
    """A vehicle with a lessee, and the last day it is to be there. Days are of `time_zone`.

    `last_on` is the last day by the terms; of a lease that was terminated, the day of that at the
    latest. `days_left` is negative once it is over.
    """

    lease_id: int
    lease_no: str
    organisation_code: str
    time_zone: str
    customer_no: str
    customer_name: str
    kind: LeaseKind
    state: State
    line_no: int
    vehicle_id: int
    vin: str
    plate: str | None
    from_at: datetime
    last_on: date
    days_left: int

    @property
    def place(self) -> Place:
        """Its own place in a list."""
        return Place(self.last_on, self.lease_no, self.line_no)


@dataclass(frozen=True, slots=True)
class Use:
    """What a vehicle told since an instant.

    `then_km` is the last odometer before the instant, else the first after it, and `then_at` when
    that was read. `moved_at` is when it was last seen to move; None: not since `then_at`.
    """

    then_km: Decimal | None
    then_at: datetime | None
    now_km: Decimal | None
    now_at: datetime | None
    moving: bool
    last_heard_at: datetime | None
    moved_at: datetime | None


@dataclass(frozen=True, slots=True)
class UsedAfterExpiry:
    """A vehicle that is out after its last day, and what it did since. None: not told."""

    out: VehicleOut
    days_over: int
    use: Use
    driven_km: Decimal | None

    @property
    def used(self) -> bool | None:
        """Whether it is seen to be used; None: nothing was told since."""
        return None if self.driven_km is None else self.driven_km > 0
