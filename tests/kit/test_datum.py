"""Positions on maps of another datum: published values, the way back, the edge of China."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.datum import Datum, from_wgs84, to_wgs84

WEST, EAST = 72.004, 137.8347
SOUTH, NORTH = 0.8293, 55.8271
WIDEST_DEG = {"gcj02": 0.011, "bd09": 0.018}
"""No offset in the box is larger."""

china = st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH))
shifted = st.sampled_from(["gcj02", "bd09"])
borders = st.one_of(
    st.tuples(st.sampled_from([WEST, EAST]), st.floats(SOUTH, NORTH)),
    st.tuples(st.floats(WEST, EAST), st.sampled_from([SOUTH, NORTH])),
)


@pytest.mark.parametrize(
    ("datum", "wgs84", "shown"),
    [
        pytest.param(
            "gcj02",
            (116.404, 39.915),
            (116.41024449916938, 39.91640428150164),
            id="Beijing in GCJ-02",
        ),
        pytest.param(
            "bd09",
            (116.403988, 39.914266),
            (116.41661560068297, 39.92196580126834),
            id="Beijing in BD-09",
        ),
        pytest.param("wgs84", (116.404, 39.915), (116.404, 39.915), id="WGS-84 as it is"),
    ],
)
def test_published_to_the_last_digit(
    datum: Datum, wgs84: tuple[float, float], shown: tuple[float, float]
) -> None:
    assert from_wgs84(*wgs84, datum) == pytest.approx(shown, rel=0, abs=1e-13)
    assert to_wgs84(*shown, datum) == pytest.approx(wgs84, rel=0, abs=1e-12)


def test_published_pair_of_gcj02() -> None:
    """Its WGS-84 side was iterated to a millionth of a degree only, which is how near we come."""
    shown, wgs84 = (123.0, 45.0), (122.99395597, 44.99804071)
    assert to_wgs84(*shown, "gcj02") == pytest.approx(wgs84, rel=0, abs=2e-7)
    assert from_wgs84(*wgs84, "gcj02") == pytest.approx(shown, rel=0, abs=2e-7)
    assert from_wgs84(*to_wgs84(*shown, "gcj02"), "gcj02") == pytest.approx(shown, rel=0, abs=1e-12)


def test_baidu_adds_its_own_offset_to_gcj02() -> None:
    """Published: GCJ-02 [116.404, 39.915] is BD-09 [116.41036949371029, 39.92133699351021]."""
    wgs84 = to_wgs84(116.404, 39.915, "gcj02")
    assert from_wgs84(*wgs84, "bd09") == pytest.approx(
        (116.41036949371029, 39.92133699351021), rel=0, abs=1e-12
    )


@given(china, shifted)
@example((105.0, 35.0), "gcj02")  # where the formula has a kink: the root of |longitude - 105|
@example((105.0 + 1e-12, 35.0), "bd09")
def test_positions_in_china_come_back(position: tuple[float, float], datum: Datum) -> None:
    there = from_wgs84(*position, datum)
    assert there != position
    assert max(map(abs, np.subtract(there, position))) < WIDEST_DEG[datum]
    assert to_wgs84(*there, datum) == pytest.approx(position, rel=0, abs=1e-10)


@given(borders, shifted)
@example((WEST, SOUTH), "gcj02")
@example((WEST, NORTH), "bd09")
@example((EAST, SOUTH), "bd09")
@example((EAST, NORTH), "gcj02")
def test_positions_on_the_border_come_back(position: tuple[float, float], datum: Datum) -> None:
    """And they stay in the box, so that they can go and come again."""
    there = from_wgs84(*position, datum)
    back = to_wgs84(*there, datum)
    assert there != position
    assert back == pytest.approx(position, rel=0, abs=1e-10)
    assert from_wgs84(*back, datum) == pytest.approx(there, rel=0, abs=1e-10)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@pytest.mark.parametrize(
    "position",
    [
        pytest.param((math.nextafter(WEST, 0), 30.0), id="just west of the box"),
        pytest.param((math.nextafter(EAST, 180), 30.0), id="just east of the box"),
        pytest.param((105.0, math.nextafter(SOUTH, 0)), id="just south of the box"),
        pytest.param((105.0, math.nextafter(NORTH, 90)), id="just north of the box"),
        pytest.param((2.3522, 48.8566), id="Paris"),
        pytest.param((-122.4194, 37.7749), id="San Francisco"),
        pytest.param((151.2093, -33.8688), id="Sydney"),
        pytest.param((0.0, 0.0), id="no fix"),
        pytest.param((105.0, 90.0), id="north pole"),
        pytest.param((-180.0, -90.0), id="south pole on the antimeridian"),
        pytest.param((math.inf, 30.0), id="infinite"),
    ],
)
def test_nothing_changes_outside_of_china(position: tuple[float, float], datum: Datum) -> None:
    assert from_wgs84(*position, datum) == position


@given(
    st.one_of(
        st.tuples(st.floats(-180, WEST - 0.02), st.floats(-90, 90)),
        st.tuples(st.floats(EAST + 0.02, 180), st.floats(-90, 90)),
        st.tuples(st.floats(-180, 180), st.floats(-90, SOUTH - 0.02)),
        st.tuples(st.floats(-180, 180), st.floats(NORTH + 0.02, 90)),
    ),
    shifted,
)
def test_positions_abroad_come_back(position: tuple[float, float], datum: Datum) -> None:
    assert from_wgs84(*position, datum) == position
    assert to_wgs84(*position, datum) == position


@pytest.mark.parametrize(
    ("shown", "expected", "goes_back"),
    [
        # At 40° N, GCJ-02 moves the western border to 72.0082° E, the eastern to 137.8403° E.
        pytest.param((72.003, 40.0), (72.003, 40.0), True, id="west of the box: as it stands"),
        pytest.param((72.006, 40.0), (72.006, 40.0), False, id="where nothing is shown: so too"),
        pytest.param((137.837, 40.0), (137.831341, 39.998391), True, id="two are shown: the inner"),
        pytest.param((137.841, 40.0), (137.841, 40.0), True, id="east of both: as it stands"),
    ],
)
def test_the_strips_at_the_edge(
    shown: tuple[float, float], expected: tuple[float, float], goes_back: bool
) -> None:
    wgs84 = to_wgs84(*shown, "gcj02")
    assert wgs84 == pytest.approx(expected, rel=0, abs=1e-6)
    assert (from_wgs84(*wgs84, "gcj02") == pytest.approx(shown, rel=0, abs=1e-9)) is goes_back


@given(
    st.lists(
        st.tuples(st.floats(60, 150), st.floats(-10, 65)) | st.just((math.nan, 30.0)), max_size=20
    ),
    st.sampled_from(["wgs84", "gcj02", "bd09"]),
)
def test_arrays_are_many_scalars(positions: list[tuple[float, float]], datum: Datum) -> None:
    lons = np.array([lon for lon, _ in positions], dtype=np.float64)
    lats = np.array([lat for _, lat in positions], dtype=np.float64)
    for convert in (from_wgs84, to_wgs84):
        together = convert(lons, lats, datum)
        one_by_one = [convert(lon, lat, datum) for lon, lat in positions]
        assert [column.dtype for column in together] == [np.float64, np.float64]
        assert [column.shape for column in together] == [lons.shape, lons.shape]
        # Iterated together, a position may take a turn more than alone.
        np.testing.assert_allclose(
            np.transpose(together), np.reshape(one_by_one, (-1, 2)), rtol=0, atol=1e-10
        )


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_floats_come_back_as_floats_and_arrays_are_not_touched(datum: Datum) -> None:
    lons, lats = np.array([116.404, 2.3522]), np.array([39.915, 48.8566])
    for convert in (from_wgs84, to_wgs84):
        assert [type(degrees) for degrees in convert(116.404, 39.915, datum)] == [float, float]
        there = convert(lons, lats, datum)
        there[0][:] = 0.0
        there[1][:] = 0.0
    assert lons.tolist() == [116.404, 2.3522]
    assert lats.tolist() == [39.915, 48.8566]


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
@pytest.mark.parametrize(
    "position",
    [
        pytest.param((math.nan, math.nan), id="no position"),
        pytest.param((math.nan, 39.9), id="no longitude"),
        pytest.param((116.4, math.nan), id="no latitude"),
        pytest.param((math.nan, 70.0), id="no longitude, out of China"),
    ],
)
def test_an_unknown_position_stays_unknown(position: tuple[float, float], datum: Datum) -> None:
    """Both coordinates: half a position is none. And its neighbours do not suffer."""
    lons, lats = np.array([116.404, position[0]]), np.array([39.915, position[1]])
    for convert in (from_wgs84, to_wgs84):
        assert np.isnan(convert(*position, datum)).tolist() == [True, True]
        together = convert(lons, lats, datum)
        known = convert(116.404, 39.915, datum)
        assert (together[0][0], together[1][0]) == pytest.approx(known, rel=0, abs=1e-12)
        assert np.isnan(together).tolist() == [[False, True], [False, True]]
