"""Places on the map over HTTP: drawn, drawn anew, refused, listed."""

import csv
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from alerts.geofences.outline import circle
from alerts.rules.service import all_rules
from kit import clock, db
from kit.datum import from_wgs84, to_wgs84
from tests.alerts.detectors.watching import CLOSED, OPEN, Watch, rule
from tests.api.readings import store_state
from tests.api.served import Served, code_of, post
from tests.api.world import VINS

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


def test_drawn_on_a_chinese_map_and_shown_on_each(api: Served, north: TestClient) -> None:
    body = {"shape": "polygon", "lat": None, "lon": None, "radius_m": None, "points": SQUARE}
    made = draw(api, north, **body, crs="gcj02").json()
    url = f"{GEOFENCES}/{made['code']}"
    assert (made["crs"], made["drawn_in"], made["points"]) == ("gcj02", "gcj02", SQUARE)
    judged = north.get(url).json()
    assert (judged["crs"], judged["drawn_in"]) == ("wgs84", "gcj02")
    lat, lon = judged["points"][0]
    assert [lat, lon] == pytest.approx(to_wgs84(113.9, 22.5, "gcj02")[::-1], abs=1e-9)
    assert north.get(url, params={"crs": "gcj02"}).json() == made
    baidu = north.get(url, params={"crs": "bd09"}).json()
    assert baidu["points"][0] == pytest.approx(from_wgs84(lon, lat, "bd09")[::-1], abs=1e-9)
    # What was read in any datum can be written back: it stays where it is.
    given = {name: baidu[name] for name in ("name", "shape", "points", "crs")}
    moved = north.put(url, json=given, headers={"If-Match": '"1"'}).json()
    assert (moved["drawn_in"], moved["points"]) == ("bd09", baidu["points"])
    assert north.get(url).json()["points"][0] == pytest.approx([lat, lon], abs=1e-8)
    wrong = north.get(url, params={"crs": "mars"})
    assert (wrong.status_code, code_of(wrong)) == (422, "invalid")


def test_the_list_and_the_table_are_on_the_map_asked_for(api: Served, north: TestClient) -> None:
    draw(api, north, name="百度", crs="bd09")
    asked = {"q": "百度", "crs": "bd09"}
    (found,) = north.get(GEOFENCES, params=asked).json()["items"]
    assert (found["lat"], found["lon"], found["crs"]) == (22.5, 114.0, "bd09")
    (judged,) = north.get(GEOFENCES, params={"q": "百度"}).json()["items"]
    assert (judged["crs"], judged["drawn_in"]) == ("wgs84", "bd09")
    assert judged["lat"] == pytest.approx(to_wgs84(114.0, 22.5, "bd09")[1], abs=1e-9)
    table = north.get(f"{GEOFENCES}/export", params=asked | {"form": "csv"})
    head, row = csv.reader(table.content.decode("utf-8-sig").splitlines())
    told = dict(zip(head, row, strict=True))
    assert (told["Datum"], told["Drawn in"], told["Latitude"]) == ("bd09", "bd09", "22.5")


def test_a_fence_drawn_around_a_vehicle_on_the_map_holds_its_samples(
    api: Served, north: TestClient
) -> None:
    """The position as GET /positions tells it, fenced as it stands; rules see the sample inside."""
    lon, lat = 114.057868, 22.543099
    with db.connect(api.owner_url, application_name="test owner") as conn:
        store_state(conn, api.world, "alpha-north", clock.now(), lat=lat, lon=lon)
        conn.commit()
    columns = north.get("/api/v1/positions?form=columns&crs=gcj02").json()["columns"]
    at = columns["vin"].index(VINS["alpha-north"])
    seen = {"lat": columns["lat"][at], "lon": columns["lon"][at]}
    made = draw(api, north, **seen, radius_m=20, crs="gcj02").json()
    assert {"lat": made["lat"], "lon": made["lon"]} == seen
    with db.connect(api.owner_url, application_name="test owner") as conn:
        judged = all_rules(conn).geofences[api.world.organisation_ids["alpha-north"], made["code"]]
    as_if_wgs84 = circle(seen["lat"], seen["lon"], 20)
    for fence, state in ((judged, OPEN), (as_if_wgs84, CLOSED)):
        watch = Watch.of(rule("geofence", when="inside", for_s=0, shape=fence))
        watch.judge({"at": 0, "lat": lat, "lon": lon})
        assert watch.state == state


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
