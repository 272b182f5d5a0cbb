"""Decides how the latest positions stand on a map: in its datum, within its frame, so exact.

Works a column at a time, since a map shows a whole fleet. The mask (`locations.py`) comes before
the datum, and both before the frame. Leaves out the antimeridian: a frame does not cross it.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from fleet.usage.locations import mask_column
from kit.datum import Datum, from_wgs84

PLACE_DECIMALS: Final = 6
"""A decimetre."""
READING_DECIMALS: Final = 1


class Bbox(NamedTuple):
    """A frame of a map, borders included [degrees of the map's datum]."""

    min_lon: float
    min_lat: float
    max_lon: float
    max_lat: float


class PositionColumns(NamedTuple):
    """The latest position of each vehicle, a list a quantity, all of one length.

    `age_s` is how long ago the vehicle's latest sample was taken; None or NaN is unknown.
    """

    vin: list[str]
    plate: list[str | None]
    lon: list[float]
    lat: list[float]
    heading_deg: list[float | None]
    speed_kmh: list[float | None]
    soc_pct: list[float | None]
    online: list[bool]
    alarm_level: list[int | None]
    age_s: list[int | None]


@dataclass(frozen=True, slots=True)
class Positions:
    """Where the vehicles of a fleet are at `at`, as a map of the datum shows them."""

    datum: Datum
    at: datetime
    location_masked: bool
    columns: PositionColumns


def on_map(
    found: PositionColumns, *, datum: Datum, bbox: Bbox | None, masked: bool
) -> PositionColumns:
    """Positions in WGS-84 as a map of the datum shows them; those within the frame only."""
    lons, lats = np.array(found.lon, np.float64), np.array(found.lat, np.float64)
    if masked:
        lons, lats = mask_column(lons), mask_column(lats)
    lons, lats = from_wgs84(lons, lats, datum)
    shown = found._replace(
        lon=np.round(lons, PLACE_DECIMALS).tolist(),
        lat=np.round(lats, PLACE_DECIMALS).tolist(),
        heading_deg=[None] * len(found.vin) if masked else _rounded(found.heading_deg),
        speed_kmh=_rounded(found.speed_kmh),
        soc_pct=_rounded(found.soc_pct),
    )
    return shown if bbox is None else _within(shown, bbox, lons, lats)


def _within(
    shown: PositionColumns,
    bbox: Bbox,
    lons: npt.NDArray[np.float64],
    lats: npt.NDArray[np.float64],
) -> PositionColumns:
    inside = (lons >= bbox.min_lon) & (lons <= bbox.max_lon)
    inside &= (lats >= bbox.min_lat) & (lats <= bbox.max_lat)
    kept: list[bool] = inside.tolist()
    columns: list[list[Any]] = [list(compress(column, kept)) for column in shown]
    return PositionColumns(*columns)


def _rounded(readings: list[float | None]) -> list[float | None]:
    column: list[float | None] = np.round(np.array(readings, np.float64), READING_DECIMALS).tolist()
    return column
