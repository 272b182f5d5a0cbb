"""Machines over HTTP: what a key opens, for how long, and what it never does."""

from datetime import datetime, timedelta
from typing import Final

import pytest
from fastapi.testclient import TestClient

from kit.tokens import new_key
from tests.api.hands import MINUTE, Hands
from tests.api.served import Served, code_of, post
from tests.api.world import PASSWORD

SESSION: Final = "/api/v1/session"
SESSIONS: Final = "/api/v1/sessions"


def with_bearer(api: Served, key: str) -> TestClient:
    """A machine that has this key."""
    client = api.nobody()
    client.headers["Authorization"] = f"Bearer {key}"
    return client


def new_machine(api: Served, scopes: list[str], expires_at: datetime) -> tuple[str, str]:
    """The id of a new key, and its text."""
    owner = api.new_session("alpha.owner", step_up=True)
    body = {
        "name": api.unused("machine "),
        "organisation": "alpha",
        "scopes": scopes,
        "expires_at": expires_at.isoformat(),
    }
    made = post(owner, "/api/v1/api-keys", body, api.unused("k"))
    assert made.status_code == 201, made.text
    return made.json()["key_id"], made.json()["key"]


def test_a_key_expires(api: Served, hands: Hands) -> None:
    _, key = new_machine(api, ["organisation.read"], hands.at + timedelta(days=1))
    machine = with_bearer(api, key)
    hands.move(days=1, seconds=-1)
    assert machine.get("/api/v1/organisations").status_code == 200
    hands.move(seconds=1)
    assert code_of(machine.get("/api/v1/organisations")) == "credential_invalid"


def test_a_revoked_key_opens_nothing_at_once(api: Served, hands: Hands) -> None:
    key_id, key = new_machine(api, ["organisation.read"], hands.at + timedelta(days=1))
    machine = with_bearer(api, key)
    assert machine.get("/api/v1/organisations").status_code == 200
    revoked = api.new_session("alpha.owner").delete(f"/api/v1/api-keys/{key_id}")
    assert (revoked.status_code, revoked.json()["revoked_at"] is None) == (200, False)
    assert machine.get("/api/v1/organisations").status_code == 401


def test_a_key_with_another_secret_opens_nothing(api: Served, hands: Hands) -> None:
    key_id, key = new_machine(api, ["organisation.read"], hands.at + timedelta(days=1))
    forged = new_key()
    wrong = [f"gk_{key_id}_{forged.secret}", key[:-1] + ("A" if key[-1] != "A" else "B"), key[:-1]]
    assert [with_bearer(api, each).get("/api/v1/organisations").status_code for each in wrong] == [
        401
    ] * 3


def test_the_last_use_of_a_key_is_told_to_the_minute(api: Served, hands: Hands) -> None:
    key_id, key = new_machine(api, ["organisation.read"], hands.at + timedelta(days=1))
    used = "SELECT last_used_at FROM api_keys WHERE key_id = %s"
    began = hands.at
    for seconds in (0, 59, 1):
        hands.move(seconds=seconds)
        with_bearer(api, key).get("/api/v1/organisations")
        expected = began if seconds != 1 else began + MINUTE
        assert api.as_owner(used, key_id) == [(expected,)]


def test_a_machine_does_what_its_scopes_say_and_no_more(api: Served) -> None:
    machine = api.machine("organisation.read")
    assert machine.get("/api/v1/organisations").status_code == 200
    for path in ("/api/v1/users", "/api/v1/devices", "/api/v1/audit", "/api/v1/api-keys"):
        refused = machine.get(path)
        assert (refused.status_code, code_of(refused)) == (403, "permission_missing")


def test_a_machine_never_has_a_dangerous_verb(api: Served) -> None:
    """Not even where the table says so."""
    machine = api.machine("vehicle.read")
    key_id = machine.headers["Authorization"].removeprefix("Bearer gk_")[:12]
    api.as_owner(
        "UPDATE api_keys SET scopes = '{personal_data.unmask,organisation.read}' WHERE key_id = %s",
        key_id,
    )
    assert machine.get("/api/v1/organisations").status_code == 200
    refused = machine.post("/api/v1/users/alpha.ops/unmask", json={"reason": "核对"})
    assert (refused.status_code, code_of(refused)) == (403, "permission_missing")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", SESSION, None),
        ("DELETE", SESSION, None),
        ("GET", SESSIONS, None),
        ("DELETE", SESSIONS, None),
        ("POST", f"{SESSION}/step-up", {"password": PASSWORD}),
        (
            "PUT",
            f"{SESSION}/password",
            {"old_password": PASSWORD, "new_password": "Quarry-ferry-17"},
        ),
    ],
)
def test_a_machine_has_no_session(
    api: Served, method: str, path: str, body: dict[str, str] | None
) -> None:
    refused = api.machine("vehicle.read").request(method, path, json=body)
    assert (refused.status_code, code_of(refused)) == (403, "session_required")
