"""All vehicles on a map, over HTTP."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from psycopg import Connection

from api.models.positions import PositionColumnsOut, PositionFeatures
from kit import clock
from kit.datum import Datum, from_wgs84
from tests.api.readings import store_state
from tests.api.world import VINS, World

ClientOf = Callable[..., TestClient]
DEPOT = VINS["alpha-depot"]
NORTH = VINS["alpha-north"]
PLACES = {DEPOT: (114.057868, 22.543099), NORTH: (114.2, 22.7)}


@pytest.fixture(autouse=True)
def placed(conn: Connection[Any], world: World) -> None:
    """Two vehicles of alpha are somewhere, one of them offline."""
    now = clock.now()
    for operator, vin, heard_s in (("alpha-depot", DEPOT, 5), ("alpha-north", NORTH, 7_200)):
        lon, lat = PLACES[vin]
        ts = now - timedelta(seconds=heard_s)
        store_state(conn, world, operator, ts, lat=lat, lon=lon, speed_kmh=41.3)
    conn.execute(
        "UPDATE vehicle_state SET soc_pct = 62.5, heading_deg = 87, alarm_level = 2"
        " WHERE vehicle_id = %s",
        [world.vehicle_ids["alpha-depot"]],
    )
    conn.commit()


def told(client: TestClient, **query: Any) -> dict[str, Any]:
    answer = client.get("/api/v1/positions", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_columns_tell_every_vehicle(client_of: ClientOf) -> None:
    answer = told(client_of("alpha.ops"), form="columns")
    PositionColumnsOut.model_validate_json(json.dumps(answer), strict=True)
    assert (answer["crs"], answer["count"], answer["location_masked"]) == ("wgs84", 2, False)
    assert abs(datetime.fromisoformat(answer["at"]) - clock.now()) < timedelta(minutes=1)
    columns = answer["columns"]
    depot = columns["vin"].index(DEPOT)
    north = 1 - depot
    ages = columns.pop("age_s")
    assert 5 <= ages[depot] < 60
    assert 7_200 <= ages[north] < 7_260
    assert {name: column[depot] for name, column in columns.items()} == {
        "vin": DEPOT,
        "plate": None,
        "lon": 114.057868,
        "lat": 22.543099,
        "heading_deg": 87.0,
        "speed_kmh": 41.3,
        "soc_pct": 62.5,
        "online": True,
        "alarm_level": 2,
    }
    assert {name: column[north] for name, column in columns.items()} == {
        "vin": NORTH,
        "plate": None,
        "lon": 114.2,
        "lat": 22.7,
        "heading_deg": None,
        "speed_kmh": 41.3,
        "soc_pct": None,
        "online": False,
        "alarm_level": None,
    }


def test_features_tell_the_same(client_of: ClientOf) -> None:
    client = client_of("alpha.ops")
    columns = told(client, form="columns", crs="gcj02")["columns"]
    answer = client.get("/api/v1/positions", params={"crs": "gcj02"})
    assert answer.headers["Content-Type"] == "application/geo+json"
    document = answer.json()
    PositionFeatures.model_validate_json(answer.text, strict=True)
    assert document["crs"] == {"type": "name", "properties": {"name": "gcj02"}}
    features = {feature["id"]: feature for feature in document["features"]}
    for place, vin in enumerate(columns["vin"]):
        feature = features.pop(vin)
        assert feature["type"] == "Feature"
        assert feature["geometry"] == {
            "type": "Point",
            "coordinates": [columns["lon"][place], columns["lat"][place]],
        }
        properties = feature["properties"]
        assert abs(properties.pop("age_s") - columns["age_s"][place]) <= 30
        assert properties == {name: columns[name][place] for name in properties}
    assert features == {}


def test_geojson_in_wgs84_names_no_other_system(client_of: ClientOf) -> None:
    document = told(client_of("alpha.ops"))
    assert document.keys() == {"type", "at", "location_masked", "features"}
    (place,) = (
        feature["geometry"]["coordinates"]
        for feature in document["features"]
        if feature["id"] == DEPOT
    )
    assert place == [114.057868, 22.543099]


def test_a_map_is_in_its_own_datum(client_of: ClientOf) -> None:
    client = client_of("alpha-depot.ops")
    datums: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
    for crs in datums:
        columns = told(client, form="columns", crs=crs)["columns"]
        lon, lat = from_wgs84(*PLACES[DEPOT], crs)
        assert (columns["lon"], columns["lat"]) == ([round(lon, 6)], [round(lat, 6)])


def test_a_frame_is_in_the_map_s_datum(client_of: ClientOf) -> None:
    client = client_of("alpha.ops")
    lon, lat = from_wgs84(*PLACES[DEPOT], "bd09")
    around = f"{lon - 1e-6},{lat - 1e-6},{lon + 1e-6},{lat + 1e-6}"
    within = told(client, form="columns", crs="bd09", bbox=around)
    assert (within["columns"]["vin"], within["count"]) == ([DEPOT], 1)
    features = told(client, crs="bd09", bbox=around)["features"]
    assert [feature["id"] for feature in features] == [DEPOT]
    assert told(client, form="columns", crs="wgs84", bbox=around)["count"] == 0


def test_a_viewer_sees_places_roughly(client_of: ClientOf) -> None:
    viewer = client_of("alpha-depot.viewer")
    answer = told(viewer, form="columns")
    assert answer["location_masked"] is True
    columns = answer["columns"]
    assert (columns["lon"], columns["lat"], columns["heading_deg"]) == ([114.06], [22.54], [None])
    exactly = "114.0578,22.5430,114.0579,22.5431"
    assert told(viewer, form="columns", bbox=exactly)["count"] == 0
    assert told(client_of("alpha-depot.ops"), form="columns", bbox=exactly)["count"] == 1


def test_a_map_shows_no_stranger_s_vehicle(client_of: ClientOf) -> None:
    assert told(client_of("alpha-north.ops"), form="columns")["columns"]["vin"] == [NORTH]
    omega = told(client_of("omega.ops"), form="columns")
    assert (omega["count"], omega["columns"]["lon"]) == (0, [])


def test_a_frame_that_is_none_is_told(client_of: ClientOf) -> None:
    client = client_of("alpha.ops")
    for bbox in (
        "",
        "1,2,3",
        "1,2,3,4,5",
        "a,b,c,d",
        "nan,0,1,1",
        "10,0,5,1",
        "0,10,1,5",
        "0,0,181,1",
        "0,0,,1",
    ):
        answer = client.get("/api/v1/positions", params={"bbox": bbox})
        assert (answer.status_code, answer.json()["code"]) == (422, "bbox_malformed"), bbox
        assert answer.json()["errors"][0]["field"] == "query.bbox"


def test_an_unknown_form_is_told(client_of: ClientOf) -> None:
    client = client_of("alpha.ops")
    for name, value in (("crs", "wgs72"), ("form", "kml")):
        answer = client.get("/api/v1/positions", params={name: value})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, f"query.{name}")
