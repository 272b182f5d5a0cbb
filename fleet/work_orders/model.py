"""The shapes of work orders. Who wrote is None where they are out of sight."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, get_args

from fleet.work_orders.states import State

Kind = Literal["repair", "maintenance", "battery_check", "idle_care", "accident"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Priority = Literal["low", "normal", "high", "urgent"]
PRIORITIES: Final[tuple[Priority, ...]] = get_args(Priority)
LineKind = Literal["part", "labour", "other"]
LINE_KINDS: Final[tuple[LineKind, ...]] = get_args(LineKind)
Result = Literal["ok", "fault", "not_applicable"]


@dataclass(frozen=True, slots=True)
class StepAsked:
    """A step of the checklist an order began with."""

    no: int
    text: str
    photo: bool


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """A work order without what belongs to it. `own` is whether the actor may work on it.

    `assigned` is whether somebody is to do it, in sight or not.
    """

    id: int
    tenant_id: int
    number: str
    vehicle_id: int
    vin: str
    plate: str | None
    organisation_id: int
    organisation_code: str | None
    kind: Kind
    state: State
    priority: Priority
    title: str
    description: str | None
    assignee: str | None
    assigned: bool
    workshop: str | None
    due_on: date | None
    checklist_id: int | None
    checklist_code: str | None
    checklist_edition: int | None
    maintenance_codes: list[str]
    odometer_km: Decimal | None
    down_from_at: datetime | None
    down_until_at: datetime | None
    reference: str | None
    opened_by: str | None
    opened_at: datetime
    finished_at: datetime | None
    total_fen: int
    own: bool
    version: int


@dataclass(frozen=True, slots=True)
class Line:
    """A part, an hour of work or something else, and what it costs: `amount_fen`, tax included."""

    id: int
    kind: LineKind
    title: str
    part_no: str | None
    quantity: Decimal
    unit: str
    unit_price_fen: int
    amount_fen: int
    added_by: str | None
    added_at: datetime
    struck_at: datetime | None


@dataclass(frozen=True, slots=True)
class Check:
    """A step as it was done; of several, the last counts."""

    step_no: int
    result: Result
    note: str | None
    checked_by: str | None
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """The order went from one state to another; `from_state` is None for its opening."""

    happened_at: datetime
    by_name: str | None
    from_state: State | None
    to_state: State
    note: str | None


@dataclass(frozen=True, slots=True)
class Downtime:
    """How long a vehicle was off the road: hours, to a tenth, and days touched by it."""

    hours: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class WorkOrderDetail:
    """A work order with all that belongs to it."""

    order: WorkOrder
    steps: list[StepAsked]
    lines: list[Line]
    checks: list[Check]
    events: list[Event]
    totals_fen: dict[LineKind, int]
    downtime: Downtime | None
