"""What holds of any track: ends, stops, order, distance; the same as splitting one by one."""

import math
from collections.abc import Callable
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fleet.usage.simplify import keep_indices
from tests.fleet.journeys import ENDS_AND_STOPS_ONLY, Point, along, degrees_of, drive, journey, keep

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
