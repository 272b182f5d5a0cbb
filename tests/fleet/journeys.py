"""Tracks on a plane, metres from a place, and what is kept of them: for the tests of it."""

import math

from fleet.usage.simplify import Kept, keep_indices

Point = tuple[float, float, float, float | None]
"""Seconds, metres east, metres north, km/h or None."""

DEGREE_M = 111_195.0
LAT, LON = 22.6, 114.0
SHRINK = math.cos(math.radians(LAT))
ENDS_AND_STOPS_ONLY = 1e9


def degrees_of(point: Point) -> tuple[float, float]:
    return LON + point[1] / DEGREE_M / SHRINK, LAT + point[2] / DEGREE_M


def keep(points: list[Point], max_points: int = 1_000, tolerance_m: float = 0.0) -> Kept:
    places = [degrees_of(point) for point in points]
    return keep_indices(
        [point[0] for point in points],
        [lon for lon, _ in places],
        [lat for _, lat in places],
        [point[3] for point in points],
        max_points=max_points,
        tolerance_m=tolerance_m,
    )


def drive(start: Point, *, metres: float, seconds: float, kmh: float | None = 40.0) -> list[Point]:
    """One point, so much later and farther east."""
    return [(start[0] + seconds, start[1] + metres, start[2], kmh)]


def journey(*legs: tuple[str, int] | tuple[str, int, float | None]) -> list[Point]:
    """Points every 10 s. A drive makes 100 m east a point, a stand stays where it is."""
    points: list[Point] = [(0.0, 0.0, 0.0, 40.0)]
    for kind, count, *speed in legs:
        metres, usual = (100.0, 40.0) if kind == "drive" else (0.0, 0.0)
        for _ in range(count):
            points += drive(
                points[-1], metres=metres, seconds=10.0, kmh=speed[0] if speed else usual
            )
    return points


def along(*places: tuple[float, float]) -> list[Point]:
    """A drive through these places [m], ten seconds and 50 km/h each."""
    return [(10.0 * i, east, north, 50.0) for i, (east, north) in enumerate(places)]
