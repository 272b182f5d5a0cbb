"""The shapes of readings as people ask for them. None means unknown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fleet.usage.selection import HEARD, Place, State

MOVING_ABOVE_KMH: Final = 3.0
"""A standing vehicle's receiver still reports a crawl; above this it moves."""
CHARGING_STATES: Final = ("parked_charging", "driving_charging")


@dataclass(frozen=True, slots=True)
class TrackPoint:
    """One sample of a vehicle: where it was and how it did at `ts`."""

    ts: datetime
    seq: int
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
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ReadingNear:
    """What a vehicle said at `ts`, nearest to an instant; a position only with a fix, WGS-84."""

    ts: datetime
    lat: float | None
    lon: float | None
    odometer_km: float | None
    soc_pct: float | None


@dataclass(frozen=True, slots=True)
class LatestState:
    """The latest known value of every field of a vehicle, and whether it is heard.

    A field may be older than `ts`: a sample that does not know it leaves it as it was.
    """

    vin: str
    plate: str | None
    device_serial: str | None
    operator_code: str | None
    ts: datetime | None
    received_at: datetime | None
    lat: float | None
    lon: float | None
    fix: bool | None
    heading_deg: float | None
    altitude_m: float | None
    speed_kmh: float | None
    odometer_km: float | None
    vehicle_state: str | None
    charge_state: str | None
    gear: str | None
    soc_pct: float | None
    pack_voltage_v: float | None
    pack_current_a: float | None
    insulation_kohm: float | None
    cell_voltage_max_v: float | None
    cell_voltage_min_v: float | None
    temp_max_c: float | None
    temp_min_c: float | None
    alarm_level: int | None
    alarm_bits: int | None
    power_source: str | None
    signal_dbm: int | None
    online: bool
    online_changed_at: datetime | None
    last_heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class VehicleRow:
    """A vehicle of a list: what it is, who has it, and how it was when last heard.

    Operator and device are the present ones. `age_s` is how long ago `ts` was.
    """

    vin: str
    plate: str | None
    model: str | None
    owner_code: str | None
    operator_code: str | None
    device_serial: str | None
    state: State
    last_heard_at: datetime | None
    ts: datetime | None
    age_s: int | None
    soc_pct: float | None
    speed_kmh: float | None
    vehicle_state: str | None
    charge_state: str | None
    alarm_level: int | None
    odometer_km: float | None
    lat: float | None
    lon: float | None
    heading_deg: float | None

    @property
    def online(self) -> bool:
        """Whether it is heard."""
        return self.state in HEARD


@dataclass(frozen=True, slots=True)
class VehiclePage:
    """Some vehicles of a list, and the place after which it goes on, if it does."""

    rows: list[VehicleRow]
    next: Place | None
    location_masked: bool


@dataclass(frozen=True, slots=True)
class SelectedCounts:
    """How many of the selected vehicles do what; the five states add up to all.

    A state of charge is counted in [0, 20), [20, 50), [50, 80), [80, 100] or as unknown.
    """

    vehicles: int
    online: int
    moving: int
    parked: int
    charging: int
    offline: int
    never_heard: int
    alarm_1: int
    alarm_2: int
    alarm_3: int
    alarm_4: int
    soc_0_20: int
    soc_20_50: int
    soc_50_80: int
    soc_80_100: int
    soc_unknown: int


@dataclass(frozen=True, slots=True)
class VehicleNow:
    """One vehicle as a list shows it, and its whole latest state; None if none was heard.

    `version` is that of its card in the registry.
    """

    row: VehicleRow
    version: int
    latest: LatestState | None
    location_masked: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal of what one of the devices in sight sent."""

    id: int
    reason: str
    detail: str
    topic: str
    device_serial: str
    vin: str | None
    raw_bytes: int
    times: int
    received_at: datetime
    last_received_at: datetime
    replayed_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefusedMessage(Refused):
    """The same with its bytes; None where they are withheld, for they may hold a position."""

    raw: bytes | None


@dataclass(frozen=True, slots=True)
class VehicleCounts:
    """How many vehicles there are, and how many of them do what, as last heard.

    `online` are those heard within the time-out; `moving` and `charging` are among them.
    `alarm_1` to `alarm_4` count every vehicle by its latest alarm level, heard or not.
    """

    vehicles: int
    online: int
    moving: int
    charging: int
    alarm_1: int
    alarm_2: int
    alarm_3: int
    alarm_4: int
    newest_sample_at: datetime | None
    newest_received_at: datetime | None
    median_delay_s: float | None


@dataclass(frozen=True, slots=True)
class StorageSummary:
    """How much telemetry is stored, by the database's own statistics.

    No sample is older than `oldest_chunk_at`, where the oldest chunk that holds rows begins.
    """

    rows_estimate: int
    oldest_chunk_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """How many refusals of one reason."""

    reason: str
    refusals: int


@dataclass(frozen=True, slots=True)
class FleetSummary:
    """The fleet at one instant.

    `vehicles_by_alarm_level` has levels 1 to 4. `lag_s` is how long ago the newest stored sample
    was received: it grows while ingest stands still. `median_delay_s` is from the device's clock to
    receipt, over the vehicles online. `refusals_by_reason` covers the last 24 hours; the same bytes
    refused again count once.
    """

    vehicles: int
    online: int
    moving: int
    charging: int
    vehicles_by_alarm_level: dict[int, int]
    newest_sample_at: datetime | None
    oldest_chunk_at: datetime | None
    lag_s: float | None
    median_delay_s: float | None
    rows_estimate: int
    refusals_by_reason: dict[str, int]
