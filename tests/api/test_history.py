"""Tracks and signals, over HTTP."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from psycopg import Connection

from kit import clock
from kit.datum import from_wgs84
from tests.api.readings import store_sample
from tests.api.world import VINS, World

ClientOf = Callable[..., TestClient]
DEPOT = VINS["alpha-depot"]
BOTH: dict[str, dict[str, Any]] = {"track": {}, "signals": {"signals": "soc_pct"}}
"""What is asked of a vehicle's history, with what it cannot be asked without."""


@pytest.fixture
def began(conn: Connection[Any], world: World) -> datetime:
    """Depot's vehicle drove east for ten minutes from here on, a sample a minute."""
    began = clock.now().replace(second=0, microsecond=0) - timedelta(hours=2)
    for minute in range(10):
        store_sample(
            conn,
            world,
            "alpha-depot",
            began + timedelta(minutes=minute),
            lat=22.5,
            lon=114.0 + minute / 100,
            speed_kmh=60.0,
            soc_pct=60.0 - minute / 2,
        )
    return began


def period(began: datetime, minutes: int = 10, **more: Any) -> dict[str, Any]:
    until_at = began + timedelta(minutes=minutes)
    return {"from_at": began.isoformat(), "until_at": until_at.isoformat(), **more}


def read(client: TestClient, what: str, query: dict[str, Any], vin: str = DEPOT) -> Any:
    return client.get(f"/api/v1/vehicles/{vin}/{what}", params=query)


def test_a_track_tells_the_way(client_of: ClientOf, began: datetime) -> None:
    answer = read(client_of("alpha-depot.ops"), "track", period(began, minutes=3, crs="gcj02"))
    assert answer.status_code == 200, answer.text
    track = answer.json()
    points = track.pop("points")
    for name, instant in period(began, minutes=3).items():
        assert datetime.fromisoformat(track.pop(name)) == datetime.fromisoformat(instant)
    assert track == {
        "vin": DEPOT,
        "crs": "gcj02",
        "points_read": 3,
        "error_m": 0.0,
        "stops_lost": 0,
        "truncated": False,
    }
    lon, lat = from_wgs84(114.01, 22.5, "gcj02")
    assert datetime.fromisoformat(points[1].pop("ts")) == began + timedelta(minutes=1)
    assert points[1] == {
        "lon": round(lon, 6),
        "lat": round(lat, 6),
        "heading_deg": None,
        "speed_kmh": 60.0,
        "odometer_km": None,
        "soc_pct": 59.5,
        "alarm_level": None,
    }


def test_a_track_is_told_by_few_points(client_of: ClientOf, began: datetime) -> None:
    client = client_of("alpha-depot.ops")
    for query in ({"max_points": 2}, {"tolerance_m": 10}):
        track = read(client, "track", period(began, **query)).json()
        assert (len(track["points"]), track["points_read"]) == (2, 10)
        assert track["error_m"] < 10


def test_a_look_at_a_track_stands_in_the_trail(client_of: ClientOf, began: datetime) -> None:
    client = client_of("alpha-depot.ops")
    assert read(client, "track", period(began)).status_code == 200
    query = {"action": "track.read"}
    (entry,) = client_of("alpha-depot.auditor").get("/api/v1/audit", params=query).json()["items"]
    assert (entry["actor"], entry["object_key"]) == ("alpha-depot.ops", DEPOT)
    assert entry["after"].keys() == {"from", "until"}


def test_signals_come_in_buckets(client_of: ClientOf, began: datetime) -> None:
    query = period(began, signals=["soc_pct", "temp_max_c"], bucket_s=300)
    answer = read(client_of("alpha-depot.ops"), "signals", query)
    assert answer.status_code == 200, answer.text
    history = answer.json()
    soc, temperature = history["signals"]
    assert (history["vin"], history["bucket_s"]) == (DEPOT, 300)
    starts = [datetime.fromisoformat(instant) for instant in soc.pop("from_at")]
    assert starts == [began, began + timedelta(minutes=5)]
    assert soc == {
        "name": "soc_pct",
        "unit": "%",
        "min": [58.0, 55.5],
        "avg": [59.0, 56.5],
        "max": [60.0, 57.5],
        "count": [5, 5],
    }
    assert (temperature["name"], temperature["from_at"]) == ("temp_max_c", [])


def test_a_stranger_s_vehicle_has_no_history(client_of: ClientOf, began: datetime) -> None:
    for login in ("alpha-north.ops", "omega.ops"):
        client = client_of(login)
        for what, query in BOTH.items():
            answer = read(client, what, period(began, **query))
            assert (answer.status_code, answer.json()["code"]) == (404, "vehicle_not_found")


def test_history_takes_its_permission(client_of: ClientOf, began: datetime) -> None:
    client = client_of("alpha-depot.sales")
    for what, verb in (("track", "track.read"), ("signals", "signal.read")):
        answer = read(client, what, period(began, **BOTH[what]))
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
        assert answer.json()["facts"] == {"permission": verb}


BEGIN = datetime.fromisoformat("2026-11-21T00:00:00+08:00")


BAD: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "empty": ("track", period(BEGIN, 0), "period_empty", "until_at"),
    "too long": ("track", period(BEGIN, 31 * 1_440 + 1), "period_too_long", "until_at"),
    "a place": ("signals", period(BEGIN, signals="lat"), "signal_unknown", "signals"),
    "short buckets": (
        "signals",
        period(BEGIN, 1_440, signals="soc_pct", bucket_s=43),
        "too_many_buckets",
        "bucket_s",
    ),
    "no signal": ("signals", period(BEGIN), "invalid", "query.signals"),
    "one point": ("track", period(BEGIN, max_points=1), "invalid", "query.max_points"),
    "no offset": (
        "track",
        period(BEGIN) | {"from_at": "2026-11-21T00:00:00"},
        "invalid",
        "query.from_at",
    ),
    "no end": ("track", {"from_at": BEGIN.isoformat()}, "invalid", "query.until_at"),
}


def test_bad_input_is_told_with_its_place(client_of: ClientOf) -> None:
    client = client_of("alpha-depot.ops")
    for name, (what, query, code, field) in BAD.items():
        answer = read(client, what, query)
        assert (answer.status_code, answer.json()["code"]) == (422, code), name
        assert [error["field"] for error in answer.json()["errors"]] == [field], name


def test_the_ends_of_time_are_empty(client_of: ClientOf) -> None:
    client = client_of("alpha-depot.ops")
    for from_at, until_at in (
        ("0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z"),
        ("9999-12-30T00:00:00Z", "9999-12-31T23:59:59.999999Z"),
    ):
        query = {"from_at": from_at, "until_at": until_at}
        track = read(client, "track", query)
        assert (track.status_code, track.json().get("points_read")) == (200, 0), track.text
        signals = read(client, "signals", query | {"signals": "soc_pct"})
        assert signals.status_code == 200, signals.text
        assert signals.json()["signals"][0]["from_at"] == []
