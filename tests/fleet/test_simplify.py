"""Which points of a track are kept: stops first, then the shape, never more than asked for."""

import math
from collections.abc import Callable

import pytest

from fleet.usage.simplify import Kept, keep_indices
from tests.fleet.journeys import (
    ENDS_AND_STOPS_ONLY,
    Point,
    along,
    degrees_of,
    journey,
    keep,
)


def rows(*given: Point) -> list[Point]:
    """The points between a drive that arrives and one that leaves, far away on both sides."""
    last = given[-1]
    return [(-60.0, -900.0, 0.0, 50.0), *given, (last[0] + 60.0, last[1] + 900.0, last[2], 50.0)]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param(journey(("drive", 30)), [0, 30], id="a drive without a stop"),
        pytest.param(
            journey(("drive", 5), ("stand", 13), ("drive", 5)),
            [0, 6, 18, 23],
            id="stands for 120 s from the first zero to the last",
        ),
        pytest.param(
            journey(("drive", 5), ("stand", 12), ("drive", 5)), [0, 22], id="110 s is too short"
        ),
        pytest.param(
            journey(("stand", 20), ("drive", 5), ("stand", 20)),
            [0, 1, 20, 26, 45],
            id="stands at both ends of the track",
        ),
        pytest.param(
            rows(*[(10.0 * i, 8.3 * i, 0.0, 3.0) for i in range(20)]),
            [0, 1, 20, 21],
            id="3.0 km/h is standing",
        ),
        pytest.param(
            rows(*[(10.0 * i, 0.0, 0.0, 3.1) for i in range(20)]), [0, 21], id="3.1 km/h is not"
        ),
        pytest.param(
            journey(("drive", 5), ("stand", 20, None), ("drive", 5)),
            [0, 6, 25, 30],
            id="speed unknown, in one place",
        ),
        pytest.param(
            journey(("drive", 5, None), ("stand", 20, None), ("drive", 5, None)),
            [0, 5, 25, 30],
            id="no speed at all: it stands from where it arrived",
        ),
        pytest.param(
            journey(("drive", 5), ("stand", 8), ("stand", 5, None), ("stand", 8), ("drive", 5)),
            [0, 6, 26, 31],
            id="speed unknown for a while in one stop",
        ),
        pytest.param(
            journey(("drive", 5), ("stand", 20), ("stand", 1, 5.0), ("stand", 20), ("drive", 5)),
            [0, 6, 25, 27, 46, 51],
            id="one faster point makes two stops",
        ),
        pytest.param(
            rows(*[(10.0 * i, 10.0 * i, 0.0, None) for i in range(60)]),
            [0, 61],
            id="speed unknown, creeping at walking pace",
        ),
        pytest.param(
            rows(*[(10.0 * i, 0.5 * i, 0.0, None) for i in range(60)]),
            [0, 1, 60, 61],
            id="speed unknown, wandering less than 30 m",
        ),
        pytest.param(
            rows(*[(10.0 * i, 0.0, 20.0 * ((i + 1) % 3 - 1), None) for i in range(20)]),
            [0, 1, 20, 21],
            id="speed unknown, 40 m to and fro but 20 m from where it began",
        ),
        pytest.param(
            rows(
                *[(10.0 * i, 0.0, 0.0, None) for i in range(20)],
                *[(200.0 + 10.0 * i, 31.0, 0.0, None) for i in range(20)],
            ),
            [0, 1, 20, 21, 40, 41],
            id="speed unknown, two places 31 m apart",
        ),
        pytest.param(
            rows(*[(10.0 * i, 100.0 * (i % 2), 0.0, 0.0) for i in range(20)]),
            [0, 1, 20, 21],
            id="the receiver jumps, the speed says that it stands",
        ),
        pytest.param(
            rows((0.0, 0.0, 0.0, 30.0), (28_800.0, 29.0, 0.0, 30.0)),
            [0, 1, 2, 3],
            id="silent for a night, 29 m farther in the morning",
        ),
        pytest.param(
            rows((0.0, 0.0, 0.0, 0.0), (28_800.0, 31.0, 0.0, 0.0)),
            [0, 3],
            id="silent for a night, 31 m farther in the morning",
        ),
        pytest.param(
            rows((0.0, 0.0, 0.0, 30.0), (120.0, 0.0, 0.0, 30.0)),
            [0, 1, 2, 3],
            id="silent for 120 s",
        ),
        pytest.param(
            rows((0.0, 0.0, 0.0, 30.0), (119.0, 0.0, 0.0, 30.0)),
            [0, 3],
            id="silent for 119 s",
        ),
        pytest.param(
            rows(*[(600.0 * i, 0.0, 0.0, 0.0) for i in range(50)]),
            [0, 1, 50, 51],
            id="parked, heard every ten minutes",
        ),
        pytest.param(
            rows((0.0, 0.0, 0.0, 40.0), *[(600.0 + 10.0 * i, 5.0, 0.0, 0.0) for i in range(5)]),
            [0, 1, 6, 7],
            id="falls asleep at speed, wakes up standing",
        ),
        pytest.param(
            rows(
                (0.0, 0.0, 0.0, None),
                (10.0, 20.0, 0.0, None),
                (28_800.0, 40.0, 0.0, None),
                (28_810.0, 45.0, 0.0, None),
            ),
            [0, 1, 4, 5],
            id="speed unknown, a silence takes the place along",
        ),
    ],
)
def test_the_ends_of_stops_are_kept(points: list[Point], expected: list[int]) -> None:
    kept = keep(points, tolerance_m=ENDS_AND_STOPS_ONLY)
    assert kept.indices.tolist() == expected
    assert kept.stops_lost == 0


def test_points_without_position_are_dropped_and_end_no_stop() -> None:
    """A stop under a roof: the two in the middle know the speed, but not the place."""
    points = journey(("drive", 5), ("stand", 20), ("drive", 5))
    lon, lat = map(list, zip(*map(degrees_of, points), strict=True))
    for index in (0, 14, 15, 30):
        lon[index] = math.nan
    lat[29] = math.nan
    kept = keep_indices(
        [point[0] for point in points],
        lon,
        lat,
        [point[3] for point in points],
        max_points=100,
        tolerance_m=ENDS_AND_STOPS_ONLY,
    )
    assert kept.indices.tolist() == [1, 6, 25, 28]


@pytest.mark.parametrize(
    ("max_points", "expected", "lost"),
    [
        pytest.param(10, [0, 6, 20, 26, 55, 61, 85, 90], 0, id="room for all"),
        pytest.param(8, [0, 6, 20, 26, 55, 61, 85, 90], 0, id="just room for all"),
        pytest.param(7, [0, 26, 55, 61, 85, 90], 1, id="half a stop is not kept"),
        pytest.param(6, [0, 26, 55, 61, 85, 90], 1, id="the two longest"),
        pytest.param(4, [0, 26, 55, 90], 2, id="the longest"),
        pytest.param(3, [0, 90], 3, id="no room for a stop"),
        pytest.param(2, [0, 90], 3, id="first and last"),
    ],
)
def test_the_longest_stops_come_first(max_points: int, expected: list[int], lost: int) -> None:
    points = journey(
        ("drive", 5), ("stand", 15), ("drive", 5), ("stand", 30), ("drive", 5), ("stand", 25),
        ("drive", 5),
    )  # fmt: skip
    kept = keep(points, max_points, tolerance_m=ENDS_AND_STOPS_ONLY)
    assert (kept.indices.tolist(), kept.stops_lost) == (expected, lost)


def test_a_stop_at_the_end_needs_one_point_only() -> None:
    """The longer stop in the middle finds no room for its two."""
    points = journey(("drive", 5), ("stand", 40), ("drive", 5), ("stand", 20))
    kept = keep(points, 3, tolerance_m=ENDS_AND_STOPS_ONLY)
    assert (kept.indices.tolist(), kept.stops_lost) == ([0, 51, 70], 1)


CORNER = along((0, 0), (500, 0), (1000, 0), (1000, 500), (1000, 1000), (1000, 1500))
WAVE = along((0, 0), (100, 40), (200, 0), (300, -90), (400, 0), (500, 20), (600, 0))


@pytest.mark.parametrize(
    ("points", "max_points", "tolerance_m", "expected", "error_m"),
    [
        pytest.param(CORNER, 6, 0.0, [0, 1, 2, 3, 4, 5], 0.0, id="fits: whole, straights too"),
        pytest.param(CORNER, 5, 0.0, [0, 2, 5], 0.0, id="does not fit: straights need no points"),
        pytest.param(CORNER, 6, 1.0, [0, 2, 5], 0.0, id="fits, with a tolerance"),
        pytest.param(CORNER, 2, 0.0, [0, 5], 832.05, id="ends only: the corner is far"),
        pytest.param(WAVE, 3, 0.0, [0, 3, 6], 67.05, id="the largest first"),
        pytest.param(WAVE, 4, 0.0, [0, 1, 3, 6], 57.47, id="then the next"),
        pytest.param(WAVE, 7, 57.4, [0, 1, 3, 4, 6], 20.97, id="until within the tolerance"),
        pytest.param(WAVE, 7, 57.5, [0, 1, 3, 6], 57.47, id="within it already"),
        pytest.param(
            along((0, 0), (100, 0), (200, 0), (300, 0), (200, 0), (100, 0), (50, 0)),
            5,
            0.0,
            [0, 3, 6],
            0.0,
            id="a dead-end street: its far end is beyond the line",
        ),
        pytest.param(
            along((0, 0), (100, 0), (100, 100), (0, 100), (0, 0)),
            3,
            0.0,
            [0, 2, 4],
            70.71,
            id="a round trip: the line has no direction",
        ),
        pytest.param(
            along(*[(7, 7)] * 50), 10, 0.0, [0, 49], 0.0, id="the same position all the time"
        ),
        pytest.param(
            along((0, 0), *[(500, 300)] * 5, (1000, 0)),
            6,
            0.0,
            [0, 1, 6],
            0.0,
            id="the same position for a while",
        ),
        pytest.param(
            along(*[(100 * i, 0.0009 * (i % 2)) for i in range(40)]),
            20,
            0.0,
            [0, 39],
            0.0009,
            id="less than a millimetre is rounding",
        ),
    ],
)
def test_the_shape_is_kept(
    points: list[Point], max_points: int, tolerance_m: float, expected: list[int], error_m: float
) -> None:
    kept = keep(points, max_points, tolerance_m)
    assert kept.indices.tolist() == expected
    assert kept.error_m == pytest.approx(error_m, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        pytest.param([], [], id="empty"),
        pytest.param([(114.0, 22.6)], [0], id="one point"),
        pytest.param([(114.0, 22.6), (114.1, 22.6)], [0, 1], id="two points"),
        pytest.param([(114.0, 22.6)] * 2, [0, 1], id="two points in one place"),
        pytest.param([(math.nan, math.nan)] * 5, [], id="never a position"),
        pytest.param([(None, None), (114.0, 22.6), (None, 22.0)], [1], id="one known position"),
        pytest.param([(114.0, 22.6), (math.inf, 22.0)], [0], id="an infinite one is none"),
    ],
)
def test_short_tracks(positions: list[tuple[float, float]], expected: list[int]) -> None:
    lon, lat = [lon for lon, _ in positions], [lat for _, lat in positions]
    for tolerance_m in (0.0, 5.0):
        kept = keep_indices(
            list(range(len(lon))),
            lon,
            lat,
            [None] * len(lon),
            max_points=2,
            tolerance_m=tolerance_m,
        )
        assert (kept.indices.tolist(), kept.error_m, kept.stops_lost) == (expected, 0.0, 0)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        pytest.param(lambda: keep(CORNER, 1), "max_points must be 2 or more, not 1", id="one"),
        pytest.param(lambda: keep(CORNER, 2, -0.1), "0 or more, not -0.1", id="negative tolerance"),
        pytest.param(lambda: keep(CORNER, 2, math.nan), "0 or more, not nan", id="NaN tolerance"),
        pytest.param(
            lambda: keep_indices([0, 1], [114.0], [22.6], [0.0], max_points=2),
            "must have the same shape",
            id="columns of different lengths",
        ),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], Kept], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()


# What holds for every track
