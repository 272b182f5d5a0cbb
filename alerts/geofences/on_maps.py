"""Decides where a place drawn on a Chinese map lies on earth, and how one on earth is drawn there.

A map of another datum is shifted, and a little crooked: its straight line is none in WGS-84. So
the long sides of a polygon get further corners, close enough for the judged line to keep within a
metre of the one that was drawn. There are never more than 500 corners; of an outline longer than
some 250 km on Baidu's map, 900 km on the others, parts may lie tens of metres off. A radius is
measured on the ground, on every map.

Leaves out the datums themselves (`kit/datum.py`).
"""

import math
from typing import Final

import numpy as np

from alerts.geofences.model import Circle, Corner, Geofence, Shape
from alerts.geofences.outline import MOST_CORNERS, circle, corners_of, polygon, with_corners
from kit.datum import Datum, Position, from_wgs84, to_wgs84

STEP_M: Final[dict[Datum, float]] = {"gcj02": 2_000.0, "bd09": 500.0}
"""Sides of this length bend by less than a metre on their way to WGS-84."""
M_PER_DEGREE: Final = 111_320.0


def on_earth(drawn: Shape, datum: Datum) -> Shape:
    """The outline in WGS-84 of what was drawn on a map of the datum.

    Raises:
        OutlineInvalid: it is none on earth, as at the edge of China, where maps make a step.

    >>> moved = on_earth(Circle(lat=45.0, lon=123.0, radius_m=300.0), "gcj02")
    >>> [[round(degrees, 6) for degrees in corner] for corner in corners_of(moved)]
    [[44.998041, 122.993956]]
    """
    if datum == "wgs84":
        return drawn
    if isinstance(drawn, Circle):
        lon, lat = to_wgs84(drawn.lon, drawn.lat, datum)
        return circle(lat, lon, drawn.radius_m)
    lons, lats = to_wgs84(*_along(drawn.points, STEP_M[datum]), datum)
    return polygon(list(zip(lats.tolist(), lons.tolist(), strict=True)))


def on_map(geofence: Geofence, datum: Datum) -> Shape:
    """The place on a map of the datum: as drawn, on the one it was drawn on; else as judged."""
    if datum == geofence.datum:
        return geofence.drawn
    corners = np.array(corners_of(geofence.shape))
    lons, lats = from_wgs84(corners[:, 1], corners[:, 0], datum)
    return with_corners(geofence.shape, list(zip(lats.tolist(), lons.tolist(), strict=True)))


def _along(corners: tuple[Corner, ...], step_m: float) -> Position:
    """Longitudes and latitudes of the corners, and of points on the sides between them."""
    begins = np.array(corners)
    sides = np.roll(begins, -1, axis=0) - begins
    narrowed = np.cos(np.radians(begins[:, 0]))
    lengths_m = np.hypot(sides[:, 0], sides[:, 1] * narrowed) * M_PER_DEGREE
    room = MOST_CORNERS - len(corners)
    step_m = max(step_m, lengths_m.sum() / room) if room else math.inf
    parts = np.maximum(np.ceil(lengths_m / step_m).astype(int), 1)
    side = np.repeat(np.arange(len(corners)), parts)
    share = (np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)) / parts[side]
    points = begins[side] + sides[side] * share[:, None]
    return points[:, 1], points[:, 0]
