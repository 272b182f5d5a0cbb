"""Decides which points tell where a vehicle went, on a map of which datum.

Leaves out samples without a position, and those whose position is a repeated one: they are not
read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np

from fleet.usage.simplify import keep_indices
from kit.datum import Datum, from_wgs84

MAX_SAMPLES: Final = 50_000
"""Samples that are read at most: six days at one per ten seconds."""
PLACE_DECIMALS: Final = 6
READING_DECIMALS: Final = 3
"""A single-precision column knows no more of any reading of ours."""


class PlacedSample(NamedTuple):
    """Where the vehicle was at `ts`, and how it did. None means unknown."""

    ts: datetime
    lon: float
    lat: float
    heading_deg: float | None
    speed_kmh: float | None
    odometer_km: float | None
    soc_pct: float | None
    alarm_level: int | None


@dataclass(frozen=True, slots=True)
class Way:
    """The way of a vehicle, told by some of its samples.

    `points_read` samples with a position were read. None of those left out lies farther than
    `error_m` from the line through the points; the ends of `stops_lost` stops found no room. If
    `truncated`, the period holds more samples than are read at once, and the way ends early: it
    goes on at the `ts` of the last point.
    """

    points: list[PlacedSample]
    points_read: int
    error_m: float
    stops_lost: int
    truncated: bool


@dataclass(frozen=True, slots=True)
class Track:
    """The way of a vehicle in [from_at, until_at), as a map of the datum shows it."""

    vin: str
    from_at: datetime
    until_at: datetime
    datum: Datum
    way: Way


def tell_way(
    samples: Sequence[tuple[Any, ...]], *, max_points: int, tolerance_m: float, datum: Datum
) -> Way:
    """The way through samples in order of time.

    They have the columns of PlacedSample, in WGS-84; of more than MAX_SAMPLES the first are taken.
    """
    if not samples:
        return Way([], 0, 0.0, 0, False)
    read = samples[:MAX_SAMPLES]
    times, lons, lats, _heading, speeds, *_rest = zip(*read, strict=True)
    kept = keep_indices(
        [time.timestamp() for time in times],
        lons,
        lats,
        speeds,
        max_points=max_points,
        tolerance_m=tolerance_m,
    )
    shown_lons, shown_lats = from_wgs84(
        np.array(lons, np.float64)[kept.indices], np.array(lats, np.float64)[kept.indices], datum
    )
    shown = zip(kept.indices.tolist(), shown_lons.tolist(), shown_lats.tolist(), strict=True)
    points = [_point(read[index], lon, lat) for index, lon, lat in shown]
    return Way(points, len(read), kept.error_m, kept.stops_lost, len(samples) > MAX_SAMPLES)


def _point(sample: tuple[Any, ...], lon: float, lat: float) -> PlacedSample:
    ts, _lon, _lat, *readings, alarm_level = sample
    rounded = (None if each is None else round(each, READING_DECIMALS) for each in readings)
    place = (round(lon, PLACE_DECIMALS), round(lat, PLACE_DECIMALS))
    return PlacedSample._make((ts, *place, *rounded, alarm_level))
