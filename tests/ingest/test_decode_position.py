"""`lat`, `lon` and `fix`: both or neither, and what is no fix."""

from typing import Any

import pytest

from .builders import known, read, refuse

HERE: dict[str, Any] = {"lat": 22.5, "lon": 114.0}


@pytest.mark.parametrize(
    ("sent", "stored", "invalid"),
    [
        pytest.param(HERE, {**HERE, "fix": True}, set(), id="fix is true unless said"),
        pytest.param({**HERE, "fix": None}, {**HERE, "fix": True}, set(), id="fix null"),
        pytest.param({**HERE, "fix": True}, {**HERE, "fix": True}, set(), id="fix true"),
        pytest.param({**HERE, "fix": False}, {**HERE, "fix": False}, set(), id="the last good one"),
        pytest.param({}, {}, set(), id="neither"),
        pytest.param({"lat": None, "lon": None}, {}, set(), id="both null"),
        pytest.param({"fix": False}, {"fix": False}, set(), id="no fix and no position"),
        pytest.param({"lat": 0, "lon": 0}, {"fix": False}, set(), id="0,0 is no fix"),
        pytest.param({"lat": 0.0, "lon": -0.0}, {"fix": False}, set(), id="0,-0 is no fix"),
        pytest.param(
            {"lat": 0, "lon": 0, "fix": True}, {"fix": False}, set(), id="0,0 is no fix whatever"
        ),
        pytest.param(
            {"lat": 0, "lon": 9}, {"lat": 0.0, "lon": 9.0, "fix": True}, set(), id="the equator"
        ),
        pytest.param(
            {"lat": 51, "lon": 0}, {"lat": 51.0, "lon": 0.0, "fix": True}, set(), id="Greenwich"
        ),
        pytest.param({"lat": 22.5}, {}, {"lat"}, id="lat alone"),
        pytest.param({"lon": 114.0}, {}, {"lon"}, id="lon alone"),
        pytest.param({"lat": 0}, {}, {"lat"}, id="lat 0 alone"),
        pytest.param({"lat": 22.5, "lon": None}, {}, {"lat"}, id="lon null"),
        pytest.param({"lat": 22.5, "lon": 181}, {}, {"lat", "lon"}, id="lon out of range"),
        pytest.param({"lat": -91, "lon": 114.0}, {}, {"lat", "lon"}, id="lat out of range"),
        pytest.param({"lat": 91, "lon": 181}, {}, {"lat", "lon"}, id="both out of range"),
    ],
)
def test_position(sent: dict[str, Any], stored: dict[str, Any], invalid: set[str]) -> None:
    for sample in (sent, {**sent, "unknown": 1}):
        reading = read(**sample)
        assert known(reading) == stored
        assert set(reading.invalid_fields) == invalid
        assert len(reading.invalid_fields) == len(invalid)


@pytest.mark.parametrize("corner", [(90, 180), (-90, -180), (90, -180), (-90, 180)])
def test_the_corners_of_the_map_are_on_it(corner: tuple[int, int]) -> None:
    reading = read(lat=corner[0], lon=corner[1])
    assert known(reading) == {"lat": float(corner[0]), "lon": float(corner[1]), "fix": True}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("lat", "22.5"), ("lon", True), ("fix", 1), ("fix", "true"), ("fix", 0.0), ("lat", [22.5])],
    ids=str,
)
def test_a_wrong_type_is_refused(field: str, wrong: object) -> None:
    rejection = refuse(**{**HERE, field: wrong})
    assert rejection.reason == "bad_schema"
    assert rejection.detail.startswith(f"{field}: ")
