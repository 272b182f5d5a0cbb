"""What comes of a rehearsal."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from alerts.obligations.model import Reminder

MOST_DAYS: Final = 30
MOST_SAMPLES: Final = 2_000_000
MOST_SHOWN: Final = 200
MOST_RECORDED: Final = 5_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one rehearsal reads."""

    samples: int = MOST_SAMPLES
    samples_at_once: int = 100_000
    """About: how long a span is read next follows from what the last one held."""
    vehicles_at_once: int = 100


@dataclass(frozen=True, slots=True)
class Firing:
    """That it would have been raised. `cleared_at` None: it was so until the end."""

    vehicle_id: int
    vin: str
    organisation_id: int
    raised_at: datetime
    cleared_at: datetime | None
    value: float | None
    facts: str | None = None


@dataclass(frozen=True, slots=True)
class OfVehicle:
    """How often for one vehicle, and for how long it stood [s]."""

    vin: str
    firings: int
    alarm_s: float


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Vehicles whose samples were looked at until an instant."""

    vins: tuple[str, ...]
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rule would have found in [from_at, until_at); of reminders, what falls in between."""

    kind: str
    from_at: datetime
    until_at: datetime
    count: int = 0
    """Of firings, or of reminders."""
    alarm_s: float = 0.0
    """For how long all firings stood together [s]."""
    firings: tuple[Firing, ...] = ()
    """The first of them."""
    of_vehicles: tuple[OfVehicle, ...] = ()
    """Those with any, the most first."""
    vehicles: int = 0
    """That the rule looks at."""
    samples: int = 0
    cut: bool = False
    """Not all was looked at; `looked_at` says what was."""
    looked_at: tuple[LookedAt, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    """The first of them."""
    per_day: dict[date, int] = field(default_factory=dict)
    """Reminders by day; days without any are left out."""
    faults: tuple[str, ...] = ()
    recorded: int | None = None
    """Firings written into the inbox as history; None: that was not asked for."""
