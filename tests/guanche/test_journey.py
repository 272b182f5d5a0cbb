"""What a track amounts to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fleet.usage.model import TrackPoint
from guanche.journey import distance_over_ground_km, summarise, thin

BEGAN_AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
KM_IN_LON = 1 / (6371.0088 * 3.141592653589793 / 180)
"""Degrees of longitude to one kilometre, on the equator."""


def point(minute: float, **facts: Any) -> TrackPoint:
    """A sample on the equator; what is not given is unknown, or a good position at 0 km."""
    east_km = facts.pop("east_km", 0.0)
    unknown: dict[str, Any] = dict.fromkeys(TrackPoint.__dataclass_fields__)
    ts = BEGAN_AT + timedelta(minutes=minute)
    placed = {"lat": 0.0, "lon": 10 + east_km * KM_IN_LON, "fix": True}
    return TrackPoint(**(unknown | placed | {"ts": ts, "seq": 0, "received_at": ts} | facts))


def test_nothing_amounts_to_nothing() -> None:
    assert summarise([]) is None


def test_a_drive_with_a_charge_on_the_way() -> None:
    track = [
        point(0, east_km=0, speed_kmh=0.0, odometer_km=100.0, soc_pct=50.0),
        point(10, east_km=8, speed_kmh=48.0, odometer_km=108.4, soc_pct=46.0),
        point(20, east_km=8, speed_kmh=0.0, odometer_km=108.4, soc_pct=60.0),
        point(30, east_km=6, speed_kmh=30.0, odometer_km=110.5, soc_pct=59.0),
    ]
    journey = summarise(track)
    assert journey is not None
    assert journey.points == 4
    assert (journey.from_at, journey.until_at) == (BEGAN_AT, BEGAN_AT + timedelta(minutes=30))
    assert journey.distance_km == pytest.approx(10.0, abs=1e-6)
    assert journey.odometer_km == pytest.approx(10.5)
    assert journey.max_speed_kmh == 48.0
    assert (journey.soc_from_pct, journey.soc_until_pct) == (50.0, 59.0)
    assert (journey.soc_used_pct, journey.soc_charged_pct) == (5.0, 14.0)


def test_what_is_unknown_stays_unknown() -> None:
    journey = summarise([point(0, lat=None, lon=None, fix=None)])
    assert journey is not None
    assert (journey.distance_km, journey.odometer_km, journey.soc_used_pct) == (None, None, None)
    assert journey.max_speed_kmh is None


@pytest.mark.parametrize(
    ("track", "expected_km"),
    [
        pytest.param(
            [point(0, east_km=0), point(1, east_km=50, fix=False), point(2, east_km=1)],
            1.0,
            id="a repeated position without fix is no detour",
        ),
        pytest.param(
            [point(m, east_km=(m % 2) * 0.01, speed_kmh=0.5) for m in range(100)],
            0.0,
            id="a parked vehicle's wandering position is no distance",
        ),
        pytest.param(
            [point(0, east_km=0, speed_kmh=0.0), point(1, east_km=1, speed_kmh=40.0)],
            1.0,
            id="setting off counts",
        ),
        pytest.param([point(0, east_km=0), point(1, east_km=2)], 2.0, id="unknown speed counts"),
    ],
)
def test_distance_over_ground(track: list[TrackPoint], expected_km: float) -> None:
    assert distance_over_ground_km(track) == pytest.approx(expected_km, abs=1e-6)


@pytest.mark.parametrize(
    ("count", "at_most", "expected"),
    [
        (0, 5, []),
        (5, 5, [0, 1, 2, 3, 4]),
        (6, 2, [0, 5]),
        (100, 4, [0, 33, 66, 99]),
    ],
)
def test_thinning_keeps_both_ends(count: int, at_most: int, expected: list[int]) -> None:
    assert thin(list(range(count)), at_most) == expected
