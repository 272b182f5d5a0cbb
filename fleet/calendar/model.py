"""The shapes of what falls due, and of calendars that can be subscribed to."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from fleet.calendar.selection import DueKind, Place
from fleet.due import DueStatus
from fleet.due_titles import Title


@dataclass(frozen=True, slots=True)
class DueRow:
    """Something that falls due, as the database has it. None is: does not count, or unknown."""

    vehicle_id: int
    kind: DueKind
    reference: str
    status: DueStatus
    due_on: date | None
    due_at: datetime | None
    window_from_on: date | None
    due_odometer_km: Decimal | None
    odometer_km: Decimal | None
    due_running_hours: Decimal | None
    running_hours: Decimal | None
    facts: dict[str, Any]

    @property
    def place(self) -> Place:
        """Its own place in the list."""
        return Place(self.due_on, self.vehicle_id, self.kind, self.reference)


@dataclass(frozen=True, slots=True)
class DueVehicle:
    """The vehicle something falls due of; who operates it is None where nobody in sight does."""

    vehicle_id: int
    vin: str
    plate: str | None
    model: str | None
    operator_code: str | None


@dataclass(frozen=True, slots=True)
class DueItem:
    """Something that falls due of a vehicle, and what that means on the day it is asked for.

    `overdue_since_on` is the first day it was so, `days_overdue` counts from the last good day.
    `blocked_by` says why it stands against a hand-over; None: it does not.
    """

    row: DueRow
    vehicle: DueVehicle
    title: Title
    overdue_since_on: date | None
    days_overdue: int | None
    blocked_by: Title | None


@dataclass(frozen=True, slots=True)
class DueCount:
    """How many of a kind stand in one way."""

    kind: DueKind
    status: DueStatus
    items: int


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar of an organisation that programs subscribe to; its secret is not kept.

    `created_by` is None for the system, and where it is somebody out of sight.
    """

    id: int
    key: UUID
    name: str
    organisation_code: str
    created_by: str | None
    created_at: datetime
    revoked_at: datetime | None
    last_fetched_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenedFeed:
    """The calendar a secret opens, and the organisation it is read for."""

    id: int
    name: str
    organisation_id: int
    organisation_code: str
    organisation_name: str
    time_zone: str
    tenant_id: int


@dataclass(frozen=True, slots=True)
class Today:
    """The day it is there, and whether the law forbids a hand-over without inspection."""

    on: date
    zone: str
    inspection_blocks: bool


@dataclass(frozen=True, slots=True)
class Acting:
    """The organisation that is acted for: its tenant and the zone of its days."""

    id: int
    code: str
    tenant_id: int
    time_zone: str
