"""Vehicles as they are now, over HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from psycopg import Connection

from api.models.vehicles import VehicleOut
from api.pages import cursor_of
from fleet.usage.selection import SORTS
from kit import clock
from tests.api.readings import store_state
from tests.api.world import VINS, World

ClientOf = Callable[..., TestClient]
DEPOT = VINS["alpha-depot"]
NORTH = VINS["alpha-north"]


@pytest.fixture
def heard(conn: Connection[Any], world: World) -> datetime:
    """Depot's vehicle drives, north's stands; heard just now."""
    ts = clock.now() - timedelta(seconds=2)
    place = {"lat": 22.543099, "lon": 114.057868, "heading_deg": 87.0}
    store_state(conn, world, "alpha-depot", ts, speed_kmh=41.5, soc_pct=62.3, **place)
    store_state(conn, world, "alpha-north", ts, speed_kmh=0.0, soc_pct=100.0, alarm_level=2)
    return ts


def told(client: TestClient, **query: Any) -> dict[str, Any]:
    answer = client.get("/api/v1/vehicles", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def vins(client: TestClient, **query: Any) -> list[str]:
    return [item["vin"] for item in told(client, **query)["items"]]


def test_a_list_tells_how_vehicles_are(client_of: ClientOf, heard: datetime) -> None:
    page = told(client_of("alpha-depot.ops"))
    (item,) = page["items"]
    assert (page["next"], page["location_masked"]) == (None, False)
    assert 2 <= item.pop("age_s") < 60
    for name in ("ts", "last_heard_at"):
        assert datetime.fromisoformat(item.pop(name)) == heard
    assert item == {
        "vin": DEPOT,
        "plate": None,
        "model": "型 alpha-depot",
        "owner": None,
        "operator": "alpha-depot",
        "device": "TA-1",
        "state": "moving",
        "online": True,
        "soc_pct": 62.3,
        "speed_kmh": 41.5,
        "vehicle_state": None,
        "charge_state": None,
        "alarm_level": None,
        "odometer_km": None,
        "lat": 22.543099,
        "lon": 114.057868,
        "heading_deg": 87.0,
    }


def test_each_tenant_and_branch_sees_its_own(client_of: ClientOf) -> None:
    assert sorted(vins(client_of("alpha.viewer"))) == sorted([DEPOT, NORTH])
    assert vins(client_of("alpha-south.viewer")) == [DEPOT]
    assert vins(client_of("alpha-north.viewer")) == [NORTH]
    assert vins(client_of("omega.viewer")) == [VINS["omega-depot"]]


def test_a_viewer_sees_places_roughly(client_of: ClientOf, heard: datetime) -> None:
    viewer = client_of("alpha-depot.viewer")
    page = told(viewer)
    (item,) = page["items"]
    assert page["location_masked"] is True
    assert (item["lat"], item["lon"], item["heading_deg"]) == (22.54, 114.06, None)
    detail = viewer.get(f"/api/v1/vehicles/{DEPOT}").json()
    assert (detail["lat"], detail["lon"], detail["heading_deg"]) == (22.54, 114.06, None)
    assert detail["location_masked"] is True


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"organisation": "alpha-south"}, [DEPOT]),
    ({"organisation": "omega"}, []),
    ({"state": "moving"}, [DEPOT]),
    ({"online": "false"}, []),
    ({"soc_min": 50, "soc_max": 100}, [DEPOT, NORTH]),
    ({"soc_min": 62.4}, [NORTH]),
    ({"soc_max": 62.3}, []),
    ({"alarm_min": 2}, [NORTH]),
    ({"q": DEPOT[3:9].lower()}, [DEPOT]),
    ({"former": "true"}, [DEPOT, NORTH]),
]


def test_filters_and_counts_agree(client_of: ClientOf, heard: datetime) -> None:
    client = client_of("alpha.ops")
    for query, found in FILTERS:
        assert sorted(vins(client, **query)) == sorted(found), query
        counts = client.get("/api/v1/vehicles/counts", params=query)
        assert (counts.status_code, counts.json()["total"]) == (200, len(found)), query


def test_counts_tell_what_vehicles_do(client_of: ClientOf, heard: datetime) -> None:
    assert client_of("alpha.viewer").get("/api/v1/vehicles/counts").json() == {
        "total": 2,
        "online": 2,
        "moving": 1,
        "parked": 1,
        "charging": 0,
        "offline": 0,
        "never_heard": 0,
        "by_alarm_level": {"1": 0, "2": 1, "3": 0, "4": 0},
        "by_soc": {
            "from_0_to_20": 0,
            "from_20_to_50": 0,
            "from_50_to_80": 1,
            "from_80_to_100": 1,
            "unknown": 0,
        },
    }


def test_pages_lead_through_the_list(client_of: ClientOf, heard: datetime) -> None:
    client = client_of("alpha.ops")
    for sort in SORTS:
        whole = vins(client, sort=sort)
        first = told(client, sort=sort, limit=1)
        second = told(client, sort=sort, limit=1, after=first["next"])
        assert [page["items"][0]["vin"] for page in (first, second)] == whole, sort
        assert (len(whole), second["next"]) == (2, None), sort


CURSORS = {
    "of another order": cursor_of("vin", DEPOT, DEPOT),
    "without a VIN": cursor_of("soc_pct", 50.0, None),
    "of another type": cursor_of("soc_pct", "50", DEPOT),
    "no number of ours": cursor_of("soc_pct", 10**400, DEPOT),
    "too short": cursor_of("soc_pct", DEPOT),
    "no cursor": "%%%",
}


def test_a_made_up_cursor_is_told(client_of: ClientOf) -> None:
    client = client_of("alpha.ops")
    for name, cursor in CURSORS.items():
        query = {"sort": "soc_pct", "after": cursor}
        answer = client.get("/api/v1/vehicles", params=query)
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid"), name


BAD: list[tuple[str, Any]] = [
    ("sort", "id"),
    ("state", "asleep"),
    ("soc_min", "nan"),
    ("soc_max", 101),
    ("alarm_min", 5),
    ("q", ""),
    ("q", "x" * 65),
    ("limit", 201),
]


def test_bad_input_is_told_with_its_place(client_of: ClientOf) -> None:
    client = client_of("alpha.ops")
    for name, value in BAD:
        answer = client.get("/api/v1/vehicles", params={name: value})
        assert answer.status_code == 422, name
        assert [error["field"] for error in answer.json()["errors"]] == [f"query.{name}"]


def test_a_vehicle_tells_its_whole_state(
    conn: Connection[Any], world: World, client_of: ClientOf
) -> None:
    ts = clock.now().astimezone(UTC) - timedelta(seconds=2)
    store_state(
        conn,
        world,
        "alpha-depot",
        ts,
        soc_pct=62.3,
        charge_state="parked_charging",
        gear="P",
        pack_current_a=-41.5,
        temp_max_c=31.0,
        online_changed_at=ts,
    )
    answer = client_of("alpha-depot.ops").get(f"/api/v1/vehicles/{DEPOT.lower()}")
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    detail = answer.json()
    assert (detail["vin"], detail["state"], detail["soc_pct"]) == (DEPOT, "charging", 62.3)
    assert (detail["version"], detail["location_masked"]) == (1, False)
    latest = detail["latest"]
    assert (latest["gear"], latest["pack_current_a"], latest["temp_max_c"]) == ("P", -41.5, 31.0)
    assert (latest["device"], latest["operator"]) == ("TA-1", "alpha-depot")
    assert datetime.fromisoformat(latest["online_changed_at"]) == ts
    assert detail.keys() == VehicleOut.model_fields.keys() | {
        "latest",
        "version",
        "location_masked",
    }


def test_a_vehicle_never_heard_has_no_latest_state(client_of: ClientOf) -> None:
    detail = client_of("alpha-depot.viewer").get(f"/api/v1/vehicles/{DEPOT}").json()
    assert (detail["state"], detail["online"], detail["age_s"]) == ("never_heard", False, None)
    assert detail["latest"] is None


def test_a_vehicle_out_of_sight_is_not_found(client_of: ClientOf) -> None:
    client = client_of("alpha-depot.owner")
    for vin in (NORTH, VINS["omega-depot"], "nothing-like-a-vin"):
        answer = client.get(f"/api/v1/vehicles/{vin}")
        assert (answer.status_code, answer.json()["code"]) == (404, "vehicle_not_found"), vin
