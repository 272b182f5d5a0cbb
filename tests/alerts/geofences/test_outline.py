"""Which outlines a place may have."""

import math
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.geofences.errors import OutlineInvalid
from alerts.geofences.model import Circle, Polygon
from alerts.geofences.outline import circle, columns_of, polygon, shape_of

SQUARE: Final = [(22.5, 114.0), (22.5, 114.1), (22.6, 114.1), (22.6, 114.0)]


def ring(corners: int) -> list[tuple[float, float]]:
    """A round polygon."""
    angles = [2 * math.pi * number / corners for number in range(corners)]
    return [(22.5 + 0.1 * math.sin(at), 114 + 0.1 * math.cos(at)) for at in angles]


FINE: Final = {
    "a square": SQUARE,
    "drawn the other way round": SQUARE[::-1],
    "a triangle": SQUARE[:3],
    "with a dent": [*SQUARE, (22.55, 114.05)],
    "500 corners": ring(500),
    "across the equator and Greenwich": [(-1, -1), (-1, 1), (1, 1), (1, -1)],
}


@pytest.mark.parametrize("case", FINE)
def test_a_polygon(case: str) -> None:
    assert polygon(FINE[case]).points == tuple((float(a), float(b)) for a, b in FINE[case])


def test_a_closed_line_is_the_same_polygon() -> None:
    assert polygon([*SQUARE, SQUARE[0]]) == polygon(SQUARE)


CROOKED: Final = {
    "two corners": (SQUARE[:2], "corners"),
    "none": ([], "corners"),
    "three corners of which the last closes": ([*SQUARE[:2], SQUARE[0]], "corners"),
    "501 corners": (ring(501), "corners"),
    "a bow tie": ([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]], "crossing"),
    "a corner twice": ([*SQUARE[:3], SQUARE[1], SQUARE[3]], "crossing"),
    "a spike": ([*SQUARE[:3], (22.9, 114.1), (22.6, 114.1), SQUARE[3]], "crossing"),
    "all on one line": ([(22.5, 114.0), (22.6, 114.0), (22.7, 114.0)], "crossing"),
    "thinner than a metre": ([(22.5, 114.0), (22.5001, 114.0), (22.50005, 114.000001)], "flat"),
    "longitude first": ([(114.0, 22.5), (114.1, 22.5), (114.1, 22.6)], "corner"),
    "over the pole": ([(91.0, 0.0), (80.0, 0.0), (80.0, 10.0)], "corner"),
    "not a number": ([(math.nan, 0.0), (80.0, 0.0), (80.0, 10.0)], "corner"),
    "endless": ([(math.inf, 0.0), (80.0, 0.0), (80.0, 10.0)], "corner"),
    "around the globe": ([(0.0, -170.0), (10.0, 170.0), (0.0, 170.0)], "wide"),
}


@pytest.mark.parametrize("case", CROOKED)
def test_what_is_no_polygon(case: str) -> None:
    points, problem = CROOKED[case]
    with pytest.raises(OutlineInvalid) as raised:
        polygon(points)
    assert raised.value.facts["problem"] == problem


@pytest.mark.parametrize("given", [(22.5, 114, 10), (-90, 180, 500_000), (0, 0, 50.5)])
def test_a_circle(given: tuple[float, float, float]) -> None:
    assert circle(*given) == Circle(*given)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ((91, 0, 50), "lat"),
        ((0, 181, 50), "lat"),
        ((math.nan, 0, 50), "lat"),
        ((0, 0, 9.9), "radius_m"),
        ((0, 0, 500_001), "radius_m"),
        ((0, 0, math.nan), "radius_m"),
    ],
)
def test_what_is_no_circle(given: tuple[float, float, float], place: str) -> None:
    with pytest.raises(OutlineInvalid) as raised:
        circle(*given)
    assert raised.value.facts["place"] == place


CORNERS: Final = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(points=st.lists(CORNERS, max_size=8))
def test_any_corners_are_a_polygon_or_told_to_be_none(points: list[tuple[float, float]]) -> None:
    try:
        drawn = polygon(points)
    except OutlineInvalid as raised:
        assert raised.facts["problem"] in {"corners", "crossing", "flat", "wide"}
    else:
        assert 3 <= len(drawn.points) <= len(points)


@pytest.mark.parametrize("shape", [Circle(22.5, 114.0, 300.0), Polygon(tuple(SQUARE))])
def test_what_is_kept_is_read_again(shape: Any) -> None:
    columns = columns_of(shape)
    kept = (columns[name] for name in ("shape", "lat", "lon", "radius_m", "points"))
    assert shape_of(*kept) == shape
