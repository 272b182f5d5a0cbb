"""The shapes of violations."""

from dataclasses import dataclass
from datetime import date, datetime

from fleet.violations.handling import Handler, State


@dataclass(frozen=True, slots=True)
class NewViolation:
    """A violation as a notice or 12123 tells it."""

    violation_no: str
    vin: str
    occurred_at: datetime
    description: str
    place: str | None = None
    code: str | None = None
    fine_fen: int | None = None
    points: int | None = None
    noticed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """Whose a violation is: that of who had the vehicle at that minute.

    None for the vehicle: it is out of sight; for the organisation: another operated the vehicle.
    """

    vehicle_id: int | None
    tenant_id: int | None
    organisation_id: int | None
    time_zone: str | None
    lease_id: int | None
    line_no: int | None


@dataclass(frozen=True, slots=True)
class ViolationRow:
    """A violation as it is kept. Days are of the zone of its organisation.

    `known_on` is the day of its notice, else the day it happened. `charged_to_lessee`: by the terms
    of that day the lessee bears it.
    """

    id: int
    tenant_id: int
    organisation_id: int
    organisation_code: str
    time_zone: str
    vehicle_id: int
    vin: str
    plate: str | None
    violation_no: str
    occurred_at: datetime
    place: str | None
    code: str | None
    description: str
    fine_fen: int | None
    points: int | None
    noticed_on: date | None
    known_on: date
    lease_id: int | None
    lease_no: str | None
    line_no: int | None
    customer_no: str | None
    customer_name: str | None
    charged_to_lessee: bool
    lease_ended_on: date | None
    state: State
    state_note: str | None
    told_at: datetime | None
    handled_at: datetime | None
    handled_by: Handler | None
    paid_fen: int | None
    recorded_by: str | None
    recorded_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Violation:
    """A violation and its days, by the figures in force.

    `overdue`: unsettled, and its last day is over. `may_transfer`: unsettled, of a lease, and its
    first day has come.
    """

    row: ViolationRow
    due_on: date
    overdue: bool
    may_transfer_from_on: date | None
    may_transfer: bool


@dataclass(frozen=True, slots=True)
class Recording:
    """What became of a list: `new` were written down, `changed` told more than was known."""

    violations: list[Violation]
    new: int
    changed: int


@dataclass(frozen=True, slots=True)
class VehicleCount:
    """The unsettled violations of a vehicle, as far as they are in sight."""

    vin: str
    plate: str | None
    unsettled: int
    overdue: int
    points: int
    fine_fen: int
    oldest_at: datetime
