"""Decides which outlines a place may have: a circle, or a polygon that does not cross itself.

Corners are [latitude, longitude] in degrees, as people read them off a map, not closed. A polygon
lies within one half of the globe: what crosses the date line or a pole is refused. Leaves out which
map that was (`on_maps.py`) and how far something is from it (`alerts/detectors`).
"""

from collections.abc import Sequence
from typing import Any, Final

import shapely

from alerts.geofences.errors import OutlineInvalid
from alerts.geofences.model import Circle, Corner, Polygon, Shape

MOST_CORNERS: Final = 500
WIDEST_DEGREES: Final = 90.0
RADIUS_M: Final = (10.0, 500_000.0)
LEAST_AREA: Final = 1e-9
"""In square degrees, some ten square metres: less is a line."""


def circle(lat: float, lon: float, radius_m: float) -> Circle:
    """A circle.

    Raises:
        OutlineInvalid: not a point on earth, or a radius that is no place's.
    """
    _check_corner(lat, lon, "lat")
    if not RADIUS_M[0] <= radius_m <= RADIUS_M[1]:
        raise OutlineInvalid(
            f"a radius is {RADIUS_M[0]:g} to {RADIUS_M[1]:g} m, not {radius_m:g}",
            place="radius_m",
            problem="radius",
        )
    return Circle(lat, lon, radius_m)


def polygon(points: Sequence[Sequence[float]]) -> Polygon:
    """A polygon of 3 to 500 corners; a last corner that repeats the first is left out.

    Raises:
        OutlineInvalid: too few or too many, crossing itself, or without an inside.

    >>> polygon([(22.5, 114.0), (22.6, 114.0), (22.6, 114.1), (22.5, 114.0)]).points
    ((22.5, 114.0), (22.6, 114.0), (22.6, 114.1))
    """
    corners: list[Corner] = []
    for number, (lat, lon) in enumerate(points):
        _check_corner(lat, lon, f"points.{number}")
        corners.append((float(lat), float(lon)))
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    if not 3 <= len(corners) <= MOST_CORNERS:
        raise OutlineInvalid(
            f"a polygon has 3 to {MOST_CORNERS} corners, not {len(corners)}",
            place="points",
            problem="corners",
        )
    for axis in (0, 1):
        along = [corner[axis] for corner in corners]
        if max(along) - min(along) > WIDEST_DEGREES:
            raise OutlineInvalid(
                f"a polygon spans {WIDEST_DEGREES:g} degrees at most",
                place="points",
                problem="wide",
            )
    drawn = shapely.Polygon([(lon, lat) for lat, lon in corners])
    if not shapely.is_valid(drawn):
        raise OutlineInvalid(
            f"the outline crosses or touches itself: {_where(drawn)}",
            place="points",
            problem="crossing",
        )
    if drawn.area < LEAST_AREA:
        raise OutlineInvalid("the outline has no inside", place="points", problem="flat")
    return Polygon(tuple(corners))


def given_shape(
    kind: str,
    lat: float | None,
    lon: float | None,
    radius_m: float | None,
    points: Sequence[Sequence[float]] | None,
) -> Shape:
    """What somebody gave as an outline.

    Raises:
        OutlineInvalid: something is missing, or too much, or it is no outline.
    """
    if kind == "polygon":
        if points is None or (lat, lon, radius_m) != (None, None, None):
            raise OutlineInvalid("a polygon has points only", place="points", problem="mixed")
        return polygon(points)
    if lat is None or lon is None or radius_m is None or points is not None:
        raise OutlineInvalid("a circle has lat, lon, radius_m", place="radius_m", problem="mixed")
    return circle(lat, lon, radius_m)


def shape_of(
    kind: str,
    lat: float | None,
    lon: float | None,
    radius_m: float | None,
    points: Sequence[Sequence[float]] | None,
) -> Shape:
    """A kept outline; it was checked when it was written.

    >>> shape_of("circle", 22.5, 114.0, 300.0, None)
    Circle(lat=22.5, lon=114.0, radius_m=300.0)
    """
    if kind == "circle":
        assert lat is not None
        assert lon is not None
        assert radius_m is not None
        return Circle(lat, lon, radius_m)
    assert points is not None
    return Polygon(tuple((float(at[0]), float(at[1])) for at in points))


def corners_of(shape: Shape) -> list[list[float]]:
    """The corners of a polygon, the middle of a circle.

    >>> corners_of(Circle(lat=22.5, lon=114.0, radius_m=300.0))
    [[22.5, 114.0]]
    """
    if isinstance(shape, Circle):
        return [[shape.lat, shape.lon]]
    return [list(corner) for corner in shape.points]


def with_corners(shape: Shape, corners: Sequence[Sequence[float]]) -> Shape:
    """The like of an outline, elsewhere.

    >>> with_corners(Circle(lat=22.5, lon=114.0, radius_m=300.0), [[22.4, 114.1]])
    Circle(lat=22.4, lon=114.1, radius_m=300.0)
    """
    places = [(float(at[0]), float(at[1])) for at in corners]
    if isinstance(shape, Circle):
        return Circle(*places[0], shape.radius_m)
    return Polygon(tuple(places))


def columns_of(shape: Shape) -> dict[str, Any]:
    """The outline as it is kept."""
    if isinstance(shape, Circle):
        return {
            "shape": "circle",
            "lat": shape.lat,
            "lon": shape.lon,
            "radius_m": shape.radius_m,
            "points": None,
        }
    points = corners_of(shape)
    return {"shape": "polygon", "lat": None, "lon": None, "radius_m": None, "points": points}


def _check_corner(lat: float, lon: float, place: str) -> None:
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # not-a-number is neither
        raise OutlineInvalid(
            "a corner is [latitude, longitude] in degrees", place=place, problem="corner"
        )


def _where(drawn: shapely.Polygon) -> str:
    """The library's words, which name the point as [longitude latitude].

    >>> _where(shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]))
    'Self-intersection[0.5 0.5]'
    """
    return str(shapely.is_valid_reason(drawn))
