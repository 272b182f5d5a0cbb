"""Places on the map over HTTP: drawn, drawn anew, refused, listed."""

from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from tests.api.served import Served, code_of, post

GEOFENCES: Final = "/api/v1/geofences"
CIRCLE: Final[dict[str, Any]] = {"shape": "circle", "lat": 22.5, "lon": 114.0, "radius_m": 300}
SQUARE: Final = [[22.5, 113.9], [22.6, 113.9], [22.6, 114.0], [22.5, 114.0]]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")


@pytest.fixture
def north(api: Served) -> TestClient:
    """Somebody who keeps places."""
    return api.person("alpha-north.ops")


def draw(api: Served, client: TestClient, **given: Any) -> Any:
    """A new place."""
    body = {"code": api.unused("place_"), "name": "车场"} | CIRCLE | given
    return post(client, GEOFENCES, body, api.unused("place-"))


def test_drawn_and_drawn_anew(api: Served, north: TestClient) -> None:
    made = draw(api, north).json()
    url = f"{GEOFENCES}/{made['code']}"
    assert (made["organisation"], made["radius_m"], made["points"]) == ("alpha-north", 300, None)
    body = {"name": "新车场", "shape": "polygon", "points": SQUARE}
    changed = north.put(url, json=body, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert north.get(url).json() == made | body | {
        "lat": None,
        "lon": None,
        "radius_m": None,
        "version": 2,
    }
    late = north.put(url, json=body, headers={"If-Match": '"1"'})
    assert (late.status_code, code_of(late)) == (412, "version_changed")
    twice = draw(api, north, code=made["code"])
    assert (twice.status_code, code_of(twice)) == (409, "geofence_exists")


CROOKED: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "crossing itself": (
        {"shape": "polygon", "points": [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]},
        "points",
    ),
    "longitude first": (
        {"shape": "polygon", "points": [[114, 22], [114, 23], [115, 23]]},
        "points.0",
    ),
    "a circle without a radius": ({"radius_m": None}, "radius_m"),
    "a circle with corners": ({"points": SQUARE}, "radius_m"),
    "a polygon without corners": ({"shape": "polygon"}, "points"),
    "a polygon with a middle": ({"shape": "polygon", "points": SQUARE}, "points"),
}


@pytest.mark.parametrize("case", CROOKED)
def test_what_is_no_outline(api: Served, north: TestClient, case: str) -> None:
    given, field = CROOKED[case]
    whole = {"lat": None, "lon": None, "radius_m": None} if "polygon" in given.values() else {}
    if case == "a polygon with a middle":
        whole = {}
    answer = draw(api, north, **(whole | given))
    assert (answer.status_code, code_of(answer)) == (422, "geofence_outline_invalid"), answer.text
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize(
    "given",
    [
        {"lat": 91},
        {"radius_m": 5},
        {"shape": "square"},
        {"shape": "polygon", "points": SQUARE[:2]},
        {"shape": "polygon", "points": [[1, 2, 3]] * 3},
        {"code": "Yard"},
        {"name": " "},
    ],
)
def test_what_does_not_fit_the_document(api: Served, north: TestClient, given: Any) -> None:
    answer = draw(api, north, **given)
    assert (answer.status_code, code_of(answer)) == (422, "invalid")


def test_the_list_is_walked_and_narrowed(api: Served, north: TestClient) -> None:
    codes = sorted(draw(api, north, name="列表").json()["code"] for _ in range(5))
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = north.get(GEOFENCES, params={"limit": "2", "q": "列表"} | after).json()
        found += [each["code"] for each in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == codes
    etag = {"If-Match": '"1"'}
    assert north.post(f"{GEOFENCES}/{codes[0]}/retire", headers=etag).status_code == 200
    left = north.get(GEOFENCES, params={"q": "列表", "retired": "false"}).json()["items"]
    assert [each["code"] for each in left] == codes[1:]
    of_all = api.person("alpha.owner").get(GEOFENCES, params={"organisation": "alpha-north"})
    assert set(codes) <= {each["code"] for each in of_all.json()["items"]}
    table = north.get(f"{GEOFENCES}/export?form=csv&q=列表").content.decode("utf-8-sig")
    assert len(table.splitlines()) == 6
    assert "points" not in table


def test_who_may_and_what_is_in_sight(api: Served, north: TestClient) -> None:
    code = draw(api, north).json()["code"]
    assert code_of(draw(api, api.person("alpha-north.viewer"))) == "permission_missing"
    for stranger in ("alpha-south.owner", "omega.owner"):
        answer = api.person(stranger).get(f"{GEOFENCES}/{code}")
        assert (answer.status_code, code_of(answer)) == (404, "geofence_not_found")
        asked = {"organisation": "alpha-north"}
        answer = api.person(stranger).get(f"{GEOFENCES}/{code}", params=asked)
        assert (answer.status_code, code_of(answer)) == (404, "organisation_not_found")
