"""How a track is told: its columns with units, its name, and how much of it is taken at once.

A sample stands as it was taken; of one a minute it is the first of that minute, and nothing is
averaged. Leaves out where samples come from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from fleet.case_files.errors import TracksTooLong
from fleet.case_files.manifest import Tracks
from fleet.case_files.tables import csv_pieces, local, utc

EVERY: Final[Mapping[Tracks, timedelta | None]] = {"minute": timedelta(minutes=1), "full": None}
MOST_VEHICLE_DAYS: Final[Mapping[Tracks, int]] = {"none": 10**7, "minute": 20_000, "full": 2_000}
"""Of one answer: some tens of millions of lines."""
READINGS: Final = (
    ("lat", "lat_deg_wgs84"),
    ("lon", "lon_deg_wgs84"),
    ("fix", "has_fix"),
    ("heading_deg", "heading_deg"),
    ("speed_kmh", "speed_km_per_h"),
    ("odometer_km", "odometer_km"),
    ("soc_pct", "soc_pct"),
    ("vehicle_state", "vehicle_state"),
    ("charge_state", "charge_state"),
    ("alarm_level", "alarm_level_0_to_4"),
    ("seq", "seq"),
)
"""Fields of a sample, and what stands above them."""


class Sample(Protocol):
    """What is read of a sample, beside READINGS."""

    @property
    def ts(self) -> datetime: ...
    @property
    def received_at(self) -> datetime: ...


def columns(zone: str) -> list[str]:
    """What stands above a track."""
    return ["time_utc", f"time_local {zone}", *(name for _, name in READINGS), "received_utc"]


def track_pieces(samples: Iterable[Sample], zone: str) -> Iterator[bytes]:
    """The track as a CSV, a piece at a time."""
    return csv_pieces(columns(zone), (_row(sample, zone) for sample in samples))


def _row(sample: Sample, zone: str) -> Sequence[Any]:
    readings = [_rounded(getattr(sample, field)) for field, _ in READINGS]
    return [utc(sample.ts), local(sample.ts, zone), *readings, utc(sample.received_at)]


def _rounded(reading: Any) -> Any:
    """A single-precision column shows digits that nobody measured."""
    return round(reading, 7) if isinstance(reading, float) else reading


def track_name(vin: str, from_at: datetime, until_at: datetime) -> str:
    """Where the track of a segment stands; times in UTC.

    >>> begin, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    >>> track_name("LSGPC52U6AF102554", begin, end)
    'tracks/LSGPC52U6AF102554-20260301T000000Z-20260401T000000Z.csv'
    """
    begin, end = (at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") for at in (from_at, until_at))
    return f"tracks/{vin}-{begin}-{end}.csv"


def check_tracks(segments: Iterable[tuple[datetime, datetime]], tracks: Tracks) -> None:
    """Refuse more than one answer takes.

    Raises:
        TracksTooLong: the vehicles were out for too many days together.
    """
    out = sum((until_at - from_at for from_at, until_at in segments), timedelta())
    if out > timedelta(days=MOST_VEHICLE_DAYS[tracks]):
        raise TracksTooLong(
            f"vehicles were out for {out.days} days together",
            vehicle_days=out.days,
            most_vehicle_days=MOST_VEHICLE_DAYS[tracks],
        )
