"""Places drawn on Chinese maps: where they lie on earth, and back within a metre."""

import math
from datetime import UTC, datetime
from typing import Any, Final

import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.geofences.errors import OutlineInvalid
from alerts.geofences.model import Circle, Geofence, Polygon, Shape
from alerts.geofences.on_maps import on_earth, on_map
from alerts.geofences.outline import circle, corners_of, polygon
from kit.datum import Datum, from_wgs84, to_wgs84
from tests.alerts.detectors.watching import CLOSED, OPEN, Story, rule, told_every_way

CHINESE: Final[tuple[Datum, ...]] = ("gcj02", "bd09")
SHENZHEN: Final = (22.54, 114.06)
datums = st.sampled_from(CHINESE)
centres = st.tuples(st.floats(20, 48), st.floats(80, 130))


def ring(centre: tuple[float, float], degrees: float, corners: int) -> list[tuple[float, float]]:
    """A round polygon."""
    angles = [2 * math.pi * number / corners for number in range(corners)]
    lat, lon = centre
    return [(lat + degrees * math.sin(at), lon + degrees * math.cos(at)) for at in angles]


def placed(drawn: Shape, datum: Datum) -> Geofence:
    """A place as it is kept."""
    named: dict[str, Any] = {"id": 1, "organisation_id": 1, "organisation": "east", "code": "yard"}
    at: dict[str, Any] = {"created_by": "x", "created_at": datetime(2026, 6, 1, tzinfo=UTC)}
    end: dict[str, Any] = {"retired_at": None, "version": 1, "name": "车场"}
    shape = on_earth(drawn, datum)
    return Geofence(**named, **at, **end, shape=shape, datum=datum, drawn=drawn)


def apart_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two points that lie close together."""
    narrowed = math.cos(math.radians(one[0]))
    return math.hypot(one[0] - other[0], (one[1] - other[1]) * narrowed) * 111_320


def off_m(points: list[tuple[float, float]], line: Shape) -> float:
    """The farthest of the points from the outline of a polygon."""
    assert isinstance(line, Polygon)
    narrowed = math.cos(math.radians(points[0][0]))
    flat = shapely.LinearRing([(lon * narrowed, lat) for lat, lon in line.points])
    away = [flat.distance(shapely.Point(lon * narrowed, lat)) for lat, lon in points]
    return float(max(away) * 111_320)


def between(corners: list[tuple[float, float]], parts: int) -> list[tuple[float, float]]:
    """Points all along the sides of a polygon."""
    return [
        (lat + (to_lat - lat) * part / parts, lon + (to_lon - lon) * part / parts)
        for (lat, lon), (to_lat, to_lon) in zip(corners, [*corners[1:], corners[0]], strict=True)
        for part in range(parts)
    ]


@given(centre=centres, radius_m=st.floats(10, 5_000), datum=datums)
def test_a_circle_comes_back_within_a_metre(
    centre: tuple[float, float], radius_m: float, datum: Datum
) -> None:
    drawn = circle(*centre, radius_m)
    kept = placed(drawn, datum)
    assert isinstance(kept.shape, Circle)
    assert kept.shape.radius_m == radius_m
    lon, lat = from_wgs84(kept.shape.lon, kept.shape.lat, datum)
    assert apart_m((lat, lon), centre) < 1
    assert (on_map(kept, "wgs84"), on_map(kept, datum)) == (kept.shape, drawn)


@settings(deadline=None, max_examples=30)
@given(centre=centres, degrees=st.floats(0.001, 0.4), corners=st.integers(3, 40), datum=datums)
@example(SHENZHEN, 0.4, 3, "bd09")
def test_a_polygon_comes_back_within_a_metre(
    centre: tuple[float, float], degrees: float, corners: int, datum: Datum
) -> None:
    """Drawn on one map, kept, drawn again from what is kept: its corners and all its sides."""
    drawn = ring(centre, degrees, corners)
    kept = placed(polygon(drawn), datum)
    back = (from_wgs84(lon, lat, datum) for lat, lon in corners_of(kept.shape))
    again = Polygon(tuple((lat, lon) for lon, lat in back))
    assert off_m(between(drawn, 8), again) < 1
    assert off_m(list(again.points), polygon(drawn)) < 1
    there = (to_wgs84(lon, lat, datum) for lat, lon in between(drawn, 8))
    assert off_m([(lat, lon) for lon, lat in there], kept.shape) < 1
    assert 3 <= len(corners_of(kept.shape)) <= 500


@pytest.mark.parametrize("datum", CHINESE)
def test_the_other_chinese_map(datum: Datum) -> None:
    """What was drawn on one stands on the other where the same ground is."""
    kept = placed(polygon(ring(SHENZHEN, 0.002, 5)), datum)
    other: Datum = "bd09" if datum == "gcj02" else "gcj02"
    for (lat, lon), (drawn_lat, drawn_lon) in zip(
        corners_of(on_map(kept, other)), ring(SHENZHEN, 0.002, 5), strict=True
    ):
        there = from_wgs84(*to_wgs84(drawn_lon, drawn_lat, datum), other)
        assert apart_m((lat, lon), (there[1], there[0])) < 0.001
        assert apart_m((lat, lon), (drawn_lat, drawn_lon)) > 500


@pytest.mark.parametrize("corners", [3, 400, 500])
def test_no_outline_gets_too_many_corners(corners: int) -> None:
    """As large as a province, and as large as can be."""
    for degrees in (3.0, 20.0):
        shape = on_earth(polygon(ring((35.0, 105.0), degrees, corners)), "bd09")
        assert corners <= len(corners_of(shape)) <= 500


def test_a_small_outline_keeps_its_corners() -> None:
    assert len(corners_of(on_earth(polygon(ring(SHENZHEN, 0.003, 7)), "bd09"))) == 7


@pytest.mark.parametrize("datum", CHINESE)
def test_far_from_china_all_maps_are_the_same(datum: Datum) -> None:
    abroad = polygon(ring((48.85, 2.35), 0.002, 4))
    assert on_earth(abroad, datum) == abroad


def test_where_the_map_makes_a_step_an_outline_can_be_none() -> None:
    """A sliver across the western edge of the shifted box folds over itself."""
    edge = from_wgs84(72.004, 35.0, "gcj02")[0]
    sliver = [(35.0, edge - 1e-4), (35.0, edge + 1e-4), (35.0 + 2e-4, edge), (35.0003, edge - 2e-4)]
    with pytest.raises(OutlineInvalid) as raised:
        on_earth(polygon(sliver), "gcj02")
    assert raised.value.facts["problem"] == "crossing"


@pytest.mark.parametrize("form", ["circle", "polygon"])
@pytest.mark.parametrize("datum", CHINESE)
def test_a_fence_around_a_vehicle_on_a_chinese_map_holds_its_samples(
    datum: Datum, form: str
) -> None:
    """Seen at its shifted place, fenced there within 30 m, and judged by the WGS-84 it sends."""
    lat, lon = SHENZHEN
    seen_lon, seen_lat = from_wgs84(lon, lat, datum)
    seen = (seen_lat, seen_lon)
    drawn = circle(*seen, 30) if form == "circle" else polygon(ring(seen, 0.0003, 6))
    for fence, where_it_stands in ((on_earth(drawn, datum), CLOSED), (drawn, OPEN)):
        told_every_way(
            Story(
                "it stands where it was seen, then 60 m farther north",
                rule("geofence", when="outside", keep_s=0, shape=fence),
                (
                    (0, {"lat": lat, "lon": lon}, where_it_stands),
                    (10, {"lat": lat + 0.00054, "lon": lon}, OPEN),
                ),
            )
        )
