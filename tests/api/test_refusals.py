"""What was refused, over HTTP."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from psycopg import Connection

from api.pages import cursor_of
from kit import clock
from tests.api.readings import store_refusal
from tests.api.world import VINS, World

ClientOf = Callable[..., TestClient]


@pytest.fixture
def refused(conn: Connection[Any], world: World) -> dict[str, int]:
    """The numbers of what was refused: twice of depot's vehicle, once each of two others'."""
    now = clock.now()
    return {
        "depot": store_refusal(conn, 1, "alpha-depot", now - timedelta(hours=3)),
        "depot again": store_refusal(
            conn, 2, "alpha-depot", now - timedelta(hours=1), reason="too_old", times=3
        ),
        "north": store_refusal(conn, 3, "alpha-north", now - timedelta(hours=2)),
        "omega": store_refusal(conn, 4, "omega-depot", now),
    }


def ids(client: TestClient, **query: Any) -> list[int]:
    answer = client.get("/api/v1/refusals", params=query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def test_each_sees_its_own_newest_first(client_of: ClientOf, refused: dict[str, int]) -> None:
    depot = [refused["depot again"], refused["depot"]]
    assert ids(client_of("alpha-depot.ops")) == depot
    assert ids(client_of("alpha.ops")) == [depot[0], refused["north"], depot[1]]
    assert ids(client_of("omega.ops")) == [refused["omega"]]


def test_a_list_has_no_bytes(client_of: ClientOf, refused: dict[str, int]) -> None:
    answer = client_of("alpha-depot.ops").get("/api/v1/refusals", params={"limit": 1})
    (item,) = answer.json()["items"]
    for name in ("received_at", "last_received_at"):
        assert datetime.fromisoformat(item.pop(name)) < clock.now()
    assert item == {
        "id": refused["depot again"],
        "reason": "too_old",
        "detail": "no JSON",
        "topic": "v1/TA-1/up/telemetry",
        "device": "TA-1",
        "vin": VINS["alpha-depot"],
        "raw_bytes": 12,
        "times": 3,
        "replayed_at": None,
    }


def test_one_has_its_bytes(client_of: ClientOf, refused: dict[str, int]) -> None:
    answer = client_of("alpha-depot.ops").get(f"/api/v1/refusals/{refused['depot']}")
    assert answer.status_code == 200, answer.text
    assert base64.b64decode(answer.json()["raw_base64"]) == b'{"lat": 22.5'


def test_filters_and_pages(client_of: ClientOf, refused: dict[str, int]) -> None:
    client = client_of("alpha.ops")
    assert ids(client, reason="too_old") == [refused["depot again"]]
    assert ids(client, device="TA-2") == [refused["north"]]
    half_past = (clock.now() - timedelta(minutes=90)).isoformat()
    assert ids(client, from_at=half_past) == [refused["depot again"]]
    assert ids(client, until_at=half_past) == [refused["north"], refused["depot"]]
    told: list[int] = []
    query: dict[str, Any] = {"limit": 1}
    while True:
        answer = client.get("/api/v1/refusals", params=query).json()
        told += [item["id"] for item in answer["items"]]
        if answer["next"] is None:
            break
        query["after"] = answer["next"]
    assert told == ids(client)


def test_a_stranger_s_refusal_is_not_found(client_of: ClientOf, refused: dict[str, int]) -> None:
    client = client_of("alpha-depot.owner")
    for whose in ("north", "omega"):
        answer = client.get(f"/api/v1/refusals/{refused[whose]}")
        assert (answer.status_code, answer.json()["code"]) == (404, "refusal_not_found"), whose


def test_refusals_take_their_permission(client_of: ClientOf, refused: dict[str, int]) -> None:
    client = client_of("alpha-depot.viewer")
    for path in ("refusals", f"refusals/{refused['depot']}"):
        answer = client.get(f"/api/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")


BAD = [
    ("refusals?reason=dislike", "invalid", "query.reason"),
    ("refusals?from_at=2026-11-21T00:00:00", "invalid", "query.from_at"),
    (f"refusals?after={cursor_of(None, 3)}", "cursor_invalid", "after"),
    (f"refusals?after={cursor_of('2026-11-21', 3)}", "cursor_invalid", "after"),
    ("refusals/0", "invalid", "path.refusal_id"),
    (f"refusals/{2**63}", "invalid", "path.refusal_id"),
]


def test_bad_input_is_told_with_its_place(client_of: ClientOf) -> None:
    client = client_of("alpha.ops")
    for path, code, field in BAD:
        answer = client.get(f"/api/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (422, code), path
        assert [error["field"] for error in answer.json()["errors"]] == [field], path
