"""What an order is opened with, and what it is to be; in the words of `fleet/work_orders`."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, TypedDict

Kind = Literal["repair", "maintenance", "battery_check", "idle_care", "accident"]
Priority = Literal["low", "normal", "high", "urgent"]


class WorkOrderChanges(TypedDict):
    """What an order is to be, whole."""

    priority: Priority
    title: str
    description: str | None
    assignee: str | None
    workshop: str | None
    due_on: date | None
    odometer_km: Decimal | None
    maintenance_codes: list[str]


@dataclass(frozen=True, slots=True)
class NewWorkOrder:
    """What an order is opened with."""

    vin: str
    kind: Kind
    title: str
    priority: Priority = "normal"
    description: str | None = None
    assignee: str | None = None
    workshop: str | None = None
    due_on: date | None = None
    checklist: str | None = None
    maintenance_codes: list[str] = field(default_factory=list)
    odometer_km: Decimal | None = None
    reference: str | None = None
    takes_off_road: bool = False
