"""Decides where what people typed differs from what the vehicle itself said at that minute.

A difference is a fact to look into, never a refusal: an odometer is misread, a terminal drifts.
Leaves out what counts as that minute: the nearest sample within a window, or none at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt
from typing import Final, Literal

from fleet.lease_figures import HandOverTolerance

EARTH_RADIUS_M: Final = 6_371_008.8
"""Of a sphere with the earth's mean radius."""
Compared = Literal["odometer_km", "soc_pct", "position"]


@dataclass(frozen=True, slots=True)
class Readings:
    """What was typed, or told, at a hand-over; None is unknown. Positions are WGS-84."""

    odometer_km: Decimal | None = None
    soc_pct: Decimal | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the vehicle said, and when: nearest to the hand-over."""

    at: datetime
    readings: Readings


@dataclass(frozen=True, slots=True)
class Difference:
    """`typed` and `told` lie `by` apart, beyond the tolerance: km, per cent, or of a position
    metres; the position itself is not repeated here.
    """

    field: Compared
    typed: Decimal | None
    told: Decimal | None
    by: Decimal


def differences_of(
    typed: Readings, told: Readings | None, tolerance: HandOverTolerance
) -> list[Difference]:
    """What lies further apart than is tolerated; nothing where nothing was told.

    >>> limits = HandOverTolerance(odometer_km=5, soc_pct=5, distance_m=500, within_minutes=15)
    >>> typed = Readings(Decimal("35120.0"), Decimal("80"))
    >>> [each.by for each in differences_of(typed, Readings(Decimal("35114.5")), limits)]
    [Decimal('5.5')]
    """
    return [] if told is None else list(_differences(typed, told, tolerance))


def _differences(
    typed: Readings, told: Readings, tolerance: HandOverTolerance
) -> Iterator[Difference]:
    readings: tuple[tuple[Compared, Decimal | None, Decimal | None, int], ...] = (
        ("odometer_km", typed.odometer_km, told.odometer_km, tolerance.odometer_km),
        ("soc_pct", typed.soc_pct, told.soc_pct, tolerance.soc_pct),
    )
    for field, by_people, by_vehicle, most in readings:
        if by_people is None or by_vehicle is None:
            continue
        by = abs(by_people - by_vehicle)
        if by > most:
            yield Difference(field, by_people, by_vehicle, by)
    if None in (typed.lat, typed.lon, told.lat, told.lon):
        return
    assert typed.lat is not None and typed.lon is not None
    assert told.lat is not None and told.lon is not None
    apart_m = distance_m(typed.lat, typed.lon, told.lat, told.lon)
    if apart_m > tolerance.distance_m:
        yield Difference("position", None, None, Decimal(round(apart_m)))


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Metres between two positions, along a great circle (haversine).

    >>> round(distance_m(22.5431, 114.0579, 22.5431, 114.0676))
    996
    """
    north, east = radians(other_lat - lat), radians(other_lon - lon)
    half = sin(north / 2) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half)))
