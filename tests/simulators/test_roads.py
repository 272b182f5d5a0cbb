"""Routes are connected, lie in the city, and keep to its streets."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.roads import (
    BLOCK_M,
    COLUMNS,
    ROWS,
    TURN_DEG,
    Crossing,
    Leg,
    nearby_crossing,
    plan_route,
    position_of,
    random_crossing,
    street_limit_kmh,
)

crossings = st.builds(Crossing, st.integers(0, COLUMNS), st.integers(0, ROWS))


def end_of(leg: Leg) -> tuple[float, float]:
    return leg.lat + leg.lat_per_m * leg.length_m, leg.lon + leg.lon_per_m * leg.length_m


@given(start=crossings, goal=crossings, seed=st.integers())
def test_a_route_leads_from_start_to_goal(start: Crossing, goal: Crossing, seed: int) -> None:
    if start == goal:
        with pytest.raises(ValueError, match="two different crossings"):
            plan_route(start, goal, Random(seed))
        return
    route = plan_route(start, goal, Random(seed))
    assert (route[0].lat, route[0].lon) == position_of(start)
    assert end_of(route[-1]) == pytest.approx(position_of(goal))
    for leg, following in pairwise(route):
        assert end_of(leg) == pytest.approx((following.lat, following.lon))
    blocks = abs(start.column - goal.column) + abs(start.row - goal.row)
    assert sum(leg.length_m for leg in route) == pytest.approx(blocks * BLOCK_M)


@pytest.mark.parametrize(
    ("goal", "heading_deg"),
    [
        pytest.param(Crossing(10, 12), TURN_DEG, id="north"),
        pytest.param(Crossing(12, 10), 90 + TURN_DEG, id="east"),
        pytest.param(Crossing(10, 8), 180 + TURN_DEG, id="south"),
        pytest.param(Crossing(8, 10), 270 + TURN_DEG, id="west"),
    ],
)
def test_headings(goal: Crossing, heading_deg: float) -> None:
    (leg,) = plan_route(Crossing(10, 10), goal, Random(1))
    assert leg.heading_deg == heading_deg


def test_every_crossing_lies_in_shenzhen() -> None:
    for column in (0, COLUMNS):
        for row in (0, ROWS):
            lat, lon = position_of(Crossing(column, row))
            assert 22.50 < lat < 22.70
            assert 113.90 < lon < 114.14


def test_streets_have_three_speeds() -> None:
    limits = {number: street_limit_kmh(number) for number in range(COLUMNS)}
    assert [number for number, limit in limits.items() if limit == 80.0] == [6, 18, 30]
    assert [number for number, limit in limits.items() if limit == 60.0] == [2, 10, 14, 22, 26, 34]
    assert set(limits.values()) == {40.0, 60.0, 80.0}


def test_chosen_crossings_stay_on_the_grid_and_differ() -> None:
    rng = Random(5)
    corner = Crossing(0, 0)
    for _ in range(500):
        near = nearby_crossing(rng, corner, 3)
        far = random_crossing(rng, apart_from=corner)
        assert near != corner
        assert 0 <= near.column <= 3
        assert 0 <= near.row <= 3
        assert far != corner
        assert 0 <= far.column <= COLUMNS
        assert 0 <= far.row <= ROWS
