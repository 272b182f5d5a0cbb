"""The shapes of maintenance and idle care."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from fleet.due import DueStatus

IDLE_CARE: Final = "idle-care"
"""The code under which care of an idle vehicle is written down; no plan has it."""


@dataclass(frozen=True, slots=True)
class PlanItem:
    """What is done to every vehicle of a model, after so many months, km or running hours."""

    code: str
    title: str
    every_months: int | None = None
    every_km: int | None = None
    every_hours: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The maintenance plan of a model, by code; `version` 0: there never was one."""

    model_code: str
    version: int
    items: list[PlanItem]


@dataclass(frozen=True, slots=True)
class Done:
    """Something was done to the vehicle that day; what is None is not known."""

    code: str
    done_on: date
    odometer_km: Decimal | None
    running_hours: Decimal | None


@dataclass(frozen=True, slots=True)
class Need:
    """A vehicle, an item of its model's plan, and what its next due date follows from."""

    vehicle_id: int
    tenant_id: int
    code: str
    title: str
    every_months: int | None
    every_km: int | None
    every_hours: int | None
    begun_on: date
    """When the vehicle was registered, else when its life with us began."""
    done_on: date | None
    done_odometer_km: Decimal | None
    done_running_hours: Decimal | None


@dataclass(frozen=True, slots=True)
class NextDue:
    """Until when, and how far, all is well; what is None does not count."""

    due_on: date | None
    due_odometer_km: Decimal | None
    due_running_hours: Decimal | None


@dataclass(frozen=True, slots=True)
class ItemStanding:
    """An item of the plan and how it stands with one vehicle."""

    code: str
    title: str
    due_on: date | None
    window_from_on: date | None
    due_odometer_km: Decimal | None
    due_running_hours: Decimal | None
    last_done_on: date | None
    status: DueStatus


@dataclass(frozen=True, slots=True)
class Use:
    """How far and how long a vehicle has run, by the newest that is known."""

    odometer_km: Decimal | None
    running_hours: Decimal | None


@dataclass(frozen=True, slots=True)
class VehicleMaintenance:
    """The plan of one vehicle as it stands, and what was done, the latest first."""

    items: list[ItemStanding]
    done: list[Done]
    use: Use


@dataclass(frozen=True, slots=True)
class IdleVehicle:
    """A vehicle that waits in stock or for sale, as the database knows it.

    `soc_at` is when its terminal last measured. `care` is what differs for its model.
    """

    vin: str
    plate: str | None
    model: str | None
    organisation_code: str | None
    stage: str
    idle_since: datetime
    idle_since_on: date
    soc_pct: float | None
    soc_at: datetime | None
    last_checked_on: date | None
    care: Mapping[str, Any] = field(default_factory=dict)
