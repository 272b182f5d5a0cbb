"""What a track amounts to: distance, time, charge used. Pure.

Leaves out trips and stops; those are cut by `fleet/usage`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from fleet.usage.model import MOVING_ABOVE_KMH, TrackPoint

Point = TypeVar("Point")
EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True, slots=True)
class Journey:
    """The sum of a track's points. None where too little is known.

    `distance_km` is over ground, between good positions; `odometer_km` is what the vehicle itself
    counted. `soc_used_pct` adds up every fall of the state of charge, `soc_charged_pct` every rise.
    """

    points: int
    from_at: datetime
    until_at: datetime
    distance_km: float | None
    odometer_km: float | None
    max_speed_kmh: float | None
    soc_from_pct: float | None
    soc_until_pct: float | None
    soc_used_pct: float | None
    soc_charged_pct: float | None


def summarise(track: Sequence[TrackPoint]) -> Journey | None:
    """What a track in order of time amounts to; None of an empty one."""
    if not track:
        return None
    odometer = [p.odometer_km for p in track if p.odometer_km is not None]
    soc = [p.soc_pct for p in track if p.soc_pct is not None]
    return Journey(
        points=len(track),
        from_at=track[0].ts,
        until_at=track[-1].ts,
        distance_km=distance_over_ground_km(track),
        odometer_km=odometer[-1] - odometer[0] if len(odometer) > 1 else None,
        max_speed_kmh=max((p.speed_kmh for p in track if p.speed_kmh is not None), default=None),
        soc_from_pct=soc[0] if soc else None,
        soc_until_pct=soc[-1] if soc else None,
        soc_used_pct=_sum_of_rises(reversed(soc)) if len(soc) > 1 else None,
        soc_charged_pct=_sum_of_rises(soc) if len(soc) > 1 else None,
    )


def distance_over_ground_km(track: Iterable[TrackPoint]) -> float | None:
    """Length of the line through the good positions; None with fewer than two.

    A standing vehicle's position wanders by some metres: steps between two samples that both say
    it stands do not count.
    """
    placed = [p for p in track if p.fix and p.lat is not None and p.lon is not None]
    if len(placed) < 2:
        return None
    return sum(_step_km(a, b) for a, b in pairwise(placed) if not (_stands(a) and _stands(b)))


def great_circle_km(lat_1: float, lon_1: float, lat_2: float, lon_2: float) -> float:
    """Shortest way between two places in degrees, on a sphere.

    >>> round(great_circle_km(22.5431, 114.0579, 23.1291, 113.2644))  # 深圳 to 广州
    104
    """
    phi_1, phi_2 = math.radians(lat_1), math.radians(lat_2)
    half_lon = math.radians(lon_2 - lon_1) / 2
    across = math.sin((phi_2 - phi_1) / 2) ** 2
    across += math.cos(phi_1) * math.cos(phi_2) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, across)))


def thin(points: Sequence[Point], at_most: int) -> list[Point]:
    """At most so many of the points, evenly spread, the first and the last among them.

    >>> thin([1, 2, 3, 4, 5, 6, 7], 3)
    [1, 4, 7]
    """
    if len(points) <= at_most:
        return list(points)
    stride = (len(points) - 1) / (at_most - 1)
    return [points[round(place * stride)] for place in range(at_most)]


def _step_km(a: TrackPoint, b: TrackPoint) -> float:
    assert a.lat is not None and a.lon is not None and b.lat is not None and b.lon is not None
    return great_circle_km(a.lat, a.lon, b.lat, b.lon)


def _stands(point: TrackPoint) -> bool:
    return point.speed_kmh is not None and point.speed_kmh <= MOVING_ABOVE_KMH


def _sum_of_rises(levels: Iterable[float]) -> float:
    return sum(max(0.0, b - a) for a, b in pairwise(levels))
