"""Which points of a track are kept: stops first, then the shape, never more than asked for."""

import math
from collections.abc import Callable
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

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


def along(*places: tuple[float, float]) -> list[Point]:
    """A drive through these places [m], ten seconds and 50 km/h each."""
    return [(10.0 * i, east, north, 50.0) for i, (east, north) in enumerate(places)]


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

speeds = st.none() | st.sampled_from([0.0, 3.0, 3.1]) | st.floats(0, 120)
steps = st.tuples(
    st.sampled_from([0.0, 1.0, 10.0, 10.0, 60.0, 150.0]),
    st.sampled_from([0.0, 0.0, 100.0]) | st.floats(-500, 500),
    st.sampled_from([0.0, 0.0, 100.0]) | st.floats(-500, 500),
    speeds,
)


@st.composite
def tracks(draw: st.DrawFn) -> list[Point]:
    points: list[Point] = [(0.0, 0.0, 0.0, draw(speeds))]
    for seconds, east, north, speed in draw(st.lists(steps, max_size=60)):
        last = points[-1]
        points.append((last[0] + seconds, last[1] + east, last[2] + north, speed))
    return points


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Along the great circle: the haversine formula."""
    (lon1, lat1), (lon2, lat2) = (tuple(map(math.radians, place)) for place in (one, other))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))


def metres_from_segment(
    place: tuple[float, float], start: tuple[float, float], end: tuple[float, float]
) -> float:
    """The nearest of the segment's positions, found by halving: another way than the code's."""

    def at(share: float) -> float:
        on_it = (
            start[0] + share * (end[0] - start[0]),
            start[1] + share * (end[1] - start[1]),
        )
        return metres_between(place, on_it)

    low, high = 0.0, 1.0
    for _ in range(60):
        third = (high - low) / 3
        if at(low + third) < at(high - third):
            high -= third
        else:
            low += third
    return min(at(0.0), at(1.0), at((low + high) / 2))


@given(tracks(), st.integers(2, 70), st.sampled_from([0.0, 5.0, 100.0]), st.data())
def test_what_is_kept_of_any_track(
    points: list[Point], max_points: int, tolerance_m: float, data: st.DataObject
) -> None:
    known = data.draw(st.lists(st.booleans(), min_size=len(points), max_size=len(points)))
    places = [degrees_of(point) for point in points]
    kept = keep_indices(
        [point[0] for point in points],
        [lon if here else math.nan for (lon, _), here in zip(places, known, strict=True)],
        [lat if here else math.nan for (_, lat), here in zip(places, known, strict=True)],
        [point[3] for point in points],
        max_points=max_points,
        tolerance_m=tolerance_m,
    )
    indices = kept.indices.tolist()
    candidates = [index for index, here in enumerate(known) if here]
    assert len(indices) <= max_points
    assert indices == sorted(set(indices) & set(candidates))
    assert (indices[:1], indices[-1:]) == (candidates[:1], candidates[-1:])
    if len(indices) < max_points:
        assert kept.error_m <= max(tolerance_m, 0.001)
    left_out = [
        metres_from_segment(places[index], places[first], places[last])
        for first, last in pairwise(indices)
        for index in candidates
        if first < index < last
    ]
    assert max(left_out, default=0.0) == pytest.approx(kept.error_m, rel=1e-3, abs=1e-3)


legs = st.tuples(
    st.integers(1, 4),  # points of the drive
    st.integers(0, 30),  # points of the stand
    st.sampled_from([0.0, 2.9, None]),  # speed while it stands
)


@given(st.lists(legs, min_size=1, max_size=12), st.integers(2, 30), st.randoms())
@example([(4, 30, None)] * 12, 12, Random(1))
def test_every_stop_is_kept_while_there_is_room(
    itinerary: list[tuple[int, int, float | None]], max_points: int, random: Random
) -> None:
    points = journey()
    stops: list[tuple[int, int]] = []
    for driven, stood, speed in itinerary:
        for _ in range(driven):
            points += drive(points[-1], metres=100.0, seconds=10.0)
        if stood >= 13:
            stops.append((len(points), len(points) + stood - 1))
        halt = points[-1]
        for i in range(stood):
            east, north = halt[1] + random.uniform(-9, 9), random.uniform(-9, 9)
            points.append((halt[0] + 10.0 * (i + 1), east, north, speed))
    points += drive(points[-1], metres=100.0, seconds=10.0)

    ample = keep(points, 1_000, tolerance_m=ENDS_AND_STOPS_ONLY)
    ends = [0, *(index for stop in stops for index in stop), len(points) - 1]
    assert (ample.indices.tolist(), ample.stops_lost) == (ends, 0)

    scarce = keep(points, max_points, tolerance_m=5.0)
    found = set(scarce.indices.tolist())
    room = (max_points - 2) // 2
    longest = sorted((last - first for first, last in stops), reverse=True)[:room]
    assert scarce.stops_lost == max(0, len(stops) - room)
    whole = sorted((last - first for first, last in stops if {first, last} <= found), reverse=True)
    assert whole[: len(longest)] == longest


def split_one_by_one(points: list[Point], max_points: int, tolerance_m: float) -> list[int]:
    """Douglas and Peucker's rule as one would write it, on the plane: the farthest point first."""
    plane = [complex(east, north) for _, east, north, _ in points]

    def distance(index: int, first: int, last: int) -> float:
        chord, place = plane[last] - plane[first], plane[index] - plane[first]
        if chord == 0:
            return abs(place)
        share = min(max((place / chord).real, 0.0), 1.0)
        return abs(place - share * chord)

    kept = [0, len(points) - 1]
    while len(kept) < max_points:
        farthest, index = max(
            (distance(index, first, last), index)
            for first, last in pairwise(kept)
            for index in range(first, last + 1)
        )
        if farthest <= tolerance_m:
            break
        kept = sorted([*kept, index])
    return kept


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("max_points", "tolerance_m"), [(3, 0.0), (12, 0.0), (60, 0.0), (119, 0.0), (120, 25.0)]
)
@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(lambda random, i: (100.0 * i, random.gauss(0, 50)), id="a road"),
        pytest.param(lambda random, _: (random.gauss(0, 900), random.gauss(0, 900)), id="no road"),
        pytest.param(
            lambda random, i: (5_000 * math.sin(i / 5), random.gauss(0, 2)), id="to and fro"
        ),
        pytest.param(
            lambda random, i: (30.0 * i, (120 - i) * (9 if i % 2 else 1) + random.random()),
            id="a comb, point by point from one side",
        ),
    ],
)
def test_the_same_as_splitting_one_by_one(
    shape: Callable[[Random, int], tuple[float, float]],
    max_points: int,
    tolerance_m: float,
    seed: int,
) -> None:
    """Looking ahead a level at a time changes the speed, not the choice."""
    random = Random(seed)
    points = along(*[shape(random, i) for i in range(120)])
    kept = keep(points, max_points, tolerance_m)
    assert kept.indices.tolist() == split_one_by_one(points, max_points, tolerance_m)


def test_a_long_day_with_many_stops() -> None:
    """8,640 points, one every 10 s: 48 deliveries of ten minutes, and the way between them."""
    points = journey(*[("drive", 120), ("stand", 60)] * 48)[:8_640]
    random = Random(7)
    points = [(t, x + random.gauss(0, 3), random.gauss(0, 3), v) for t, x, _, v in points]
    kept = keep(points, 1_000)
    stops = {index for i in range(48) for index in (180 * i + 121, 180 * i + 180)} & set(
        range(8_640)
    )
    assert len(kept.indices) == 1_000
    assert stops <= set(kept.indices.tolist())
    assert kept.stops_lost == 0
    assert 3.0 < kept.error_m < 9.0
    assert np.diff(kept.indices).min() >= 1
