"""The shapes of the live feed. None means unknown."""

from dataclasses import dataclass
from datetime import datetime

from fleet.live.snapshots import Position


@dataclass(frozen=True, slots=True)
class LiveState:
    """A vehicle as the feed tells it. The names of the fields are what a reader gets."""

    vin: str
    plate: str | None
    ts: datetime | None
    online: bool
    last_heard_at: datetime | None
    lat: float | None
    lon: float | None
    fix: bool | None
    heading_deg: float | None
    speed_kmh: float | None
    odometer_km: float | None
    soc_pct: float | None
    vehicle_state: str | None
    charge_state: str | None
    alarm_level: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """A state, the transaction that wrote it [lower 32 bits of its id], and who may see it.

    `seen_by` are the organisations, of those asked for, that stand at or above its operator.
    """

    changed_in: int
    seen_by: list[int]
    state: LiveState


@dataclass(frozen=True, slots=True)
class Sight:
    """What one who asked may see: an organisation and all below, exactly or roughly."""

    organisation_id: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """A reader that has had nothing yet.

    Starts from `since`; where that is None, or cannot be resumed from, with all states if
    `everything`, else with what changes from now on.
    """

    sight: Sight
    since: Position | None
    everything: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the database found, all of it as of `position`.

    `changes` are new since the look before; `lost` says that it cannot be told which are.
    `of_arrivals` are the states that any arrival has to be told.
    """

    position: Position
    lost: bool
    changes: list[Change]
    of_arrivals: list[Change]
