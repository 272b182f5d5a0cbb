"""The shapes of hand-overs: what people write down when a vehicle changes hands, and what is kept.

`Record` is what they write; `HandOver` is what it became, beside what the vehicle itself said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, get_args
from uuid import UUID

from fleet.hand_overs.differences import Difference, Readings, Told

Direction = Literal["out", "back"]
DIRECTIONS: Final[tuple[Direction, ...]] = get_args(Direction)
Occasion = Literal["start", "swap", "return", "import"]
OCCASIONS: Final[tuple[Occasion, ...]] = get_args(Occasion)
FindingKind = Literal["wear", "damage", "missing", "dirt"]
FINDING_KINDS: Final[tuple[FindingKind, ...]] = get_args(FindingKind)
Result = Literal["ok", "fault", "not_applicable"]


@dataclass(frozen=True, slots=True)
class Check:
    """A step of the checklist as it was found."""

    step_no: int
    result: Result
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found on the vehicle. `was_there`: it was when the vehicle went out.

    `estimate_fen` is what mending it costs; None: nobody knows yet.
    """

    kind: FindingKind
    part: str
    description: str
    was_there: bool = False
    estimate_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What people write down at a hand-over; None is not read, not named.

    `handed_at` None is now. Positions are WGS-84, latitude and longitude both or neither.
    """

    handed_at: datetime | None = None
    driver: UUID | None = None
    checklist: str | None = None
    checks: Sequence[Check] = ()
    odometer_km: Decimal | None = None
    soc_pct: Decimal | None = None
    lat: float | None = None
    lon: float | None = None
    place: str | None = None
    findings: Sequence[Finding] = ()
    received_by: str | None = None
    remarks: str | None = None

    @property
    def typed(self) -> Readings:
        """What was read off the vehicle."""
        return Readings(self.odometer_km, self.soc_pct, self.lat, self.lon)


@dataclass(frozen=True, slots=True)
class Warned:
    """What speaks against a hand-over, or is wanting, without forbidding it."""

    kind: str
    message_en: str
    message_zh: str


@dataclass(frozen=True, slots=True)
class NewWork:
    """The work order a vehicle goes into when it comes back."""

    kind: Literal["repair", "maintenance", "battery_check", "idle_care", "accident"]
    title: str
    priority: Literal["low", "normal", "high", "urgent"] = "normal"
    description: str | None = None
    workshop: str | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """A vehicle changed hands. `plate` is None, too, once the vehicle is somebody else's.

    `overridden` are blocks in spite of which it was handed over.
    """

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    lease_id: int
    lease_no: str
    customer_no: str
    customer_name: str
    line_no: int
    event_no: int
    vehicle_id: int
    vin: str
    plate: str | None
    direction: Direction
    occasion: Occasion
    handed_at: datetime
    driver: UUID | None
    driver_name: str | None
    checklist_id: int | None
    checklist_code: str | None
    checklist_edition: int | None
    odometer_km: Decimal | None
    soc_pct: Decimal | None
    lat: float | None
    lon: float | None
    place: str | None
    told: Told | None
    differences: list[Difference]
    overridden: list[dict[str, Any]]
    override_reason: str | None
    warnings: list[Warned]
    received_by: str | None
    remarks: str | None
    work_order_no: str | None
    recorded_by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class StepAsked:
    """A step of the checklist a hand-over went by; `photo`: a photo is wanted with it."""

    no: int
    text: str
    photo: bool


@dataclass(frozen=True, slots=True)
class HandOverDetail:
    """A hand-over with all that belongs to it. `charges`, `photos`: None where out of sight."""

    hand_over: HandOver
    steps: list[StepAsked]
    checks: list[Check]
    findings: list[Finding]
    charges: list[Any] | None
    photos: int | None
    photos_missing: bool
