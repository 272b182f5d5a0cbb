"""The audit trail over HTTP."""

from typing import Any, Final

import pytest

from tests.api.served import Served, code_of, post

AUDIT: Final = "/api/v1/audit"


@pytest.fixture(scope="module")
def done(api: Served) -> str:
    """The code of an organisation that alpha's manager made."""
    headers = {"Idempotency-Key": "done", "X-Request-Id": "made-here"}
    body = {"code": "audited", "name": "审计", "parent": "alpha"}
    made = api.person("alpha.manager").post("/api/v1/organisations", json=body, headers=headers)
    assert made.status_code == 201
    return "audited"


def entries(api: Served, login: str = "alpha.auditor", **filters: Any) -> list[dict[str, Any]]:
    """What the trail shows to somebody."""
    answer = api.person(login).get(AUDIT, params={"limit": "200", **filters})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_an_entry_says_who_did_what_from_where(api: Served, done: str) -> None:
    [entry] = entries(api, action="organisation.create", object_key=done)
    assert entry.pop("no") >= 1
    assert entry.pop("at").endswith("Z")
    assert entry == {
        "organisation": "alpha",
        "actor_kind": "person",
        "actor": "alpha.manager",
        "action": "organisation.create",
        "object_kind": "organisation",
        "object_key": done,
        "before": None,
        "after": {"name": "审计", "parent": "alpha", "time_zone": "Asia/Shanghai"},
        "ip": entry["ip"],
        "request_id": "made-here",
    }
    assert entry["ip"].startswith("198.18.")


def test_a_machine_is_named_by_its_key(api: Served) -> None:
    machine = api.machine("organisation.create", "organisation.read")
    body = {"code": api.unused("by-machine"), "name": "机器", "parent": "alpha"}
    assert post(machine, "/api/v1/organisations", body, api.unused("k")).status_code == 201
    key_id = machine.headers["Authorization"].removeprefix("Bearer gk_")[:12]
    [entry] = entries(api, actor=f"key:{key_id}")
    assert (entry["actor_kind"], entry["object_key"]) == ("machine", body["code"])


@pytest.mark.parametrize(
    ("filters", "holds"),
    [
        ({"actor": "alpha.manager"}, lambda e: e["actor"] == "alpha.manager"),
        ({"action": "user.create"}, lambda e: e["action"] == "user.create"),
        ({"object_kind": "vehicle"}, lambda e: e["object_kind"] == "vehicle"),
        ({"object_key": "alpha.ops"}, lambda e: e["object_key"] == "alpha.ops"),
        ({"organisation": "alpha-south"}, lambda e: e["organisation"] == "alpha-south"),
    ],
)
def test_a_filter_shows_what_fits_and_all_of_it(
    api: Served, done: str, filters: dict[str, str], holds: Any
) -> None:
    everything = entries(api, until_at="2126-01-01T00:00:00Z")
    assert len(everything) < 200
    assert entries(api, **filters) == [entry for entry in everything if holds(entry)]


def test_a_time_bounds_the_entries(api: Served, done: str) -> None:
    [made] = entries(api, action="organisation.create", object_key=done)
    at = made["at"]
    assert made in entries(api, from_at=at)
    assert made not in entries(api, until_at=at)
    assert all(entry["at"] >= at for entry in entries(api, from_at=at))


def test_the_newest_come_first(api: Served, done: str) -> None:
    instants = [entry["at"] for entry in entries(api)]
    assert instants == sorted(instants, reverse=True)
    assert len(instants) > 10


def test_one_sees_the_trail_of_ones_own_organisations(api: Served, done: str) -> None:
    post(
        api.person("omega.owner"),
        "/api/v1/organisations",
        {"code": "omega-new", "name": "新", "parent": "omega"},
        "omega",
    )
    assert {entry["organisation"] for entry in entries(api, "omega.auditor")} <= {
        *("omega", "omega-depot")
    }
    assert {entry["organisation"] for entry in entries(api, "alpha-depot.auditor")} <= {
        "alpha-depot"
    }
    assert "omega-new" not in str(entries(api))
    assert entries(api, organisation="omega") == []


@pytest.mark.parametrize(
    ("role", "status"),
    [("owner", 200), ("auditor", 200), ("manager", 403), ("ops", 403), ("viewer", 403)],
)
def test_a_role_decides_who_reads(api: Served, role: str, status: int) -> None:
    answer = api.person(f"alpha.{role}").get(AUDIT)
    assert answer.status_code == status
    if status == 403:
        assert code_of(answer) == "permission_missing"


def test_the_trail_is_only_read(api: Served) -> None:
    owner = api.person("alpha.owner", step_up=True)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert owner.request(method, AUDIT, json={}).status_code == 405


def test_nothing_personal_stands_in_it(api: Served) -> None:
    owner, login = api.person("alpha.owner", step_up=True), api.unused("private.")
    body = {
        "login": login,
        "name": "欧阳娜娜",
        "organisation": "alpha",
        "roles": ["ops"],
        "phone": "13987654321",
        "id_card": "11010519491231002X",
    }
    assert post(owner, "/api/v1/users", body, login).status_code == 201
    change = {"name": "司马光光", "phone": "13987654320"}
    changed = owner.patch(f"/api/v1/users/{login}", json=change, headers={"If-Match": '"1"'})
    assert changed.status_code == 200
    owner.post(f"/api/v1/users/{login}/unmask", json={"reason": "核对身份"})
    told = entries(api, object_key=login)
    assert [entry["action"] for entry in told] == [
        "personal_data.unmask",
        "user.change",
        "user.create",
    ]
    assert told[0]["after"] == {"reason": "核对身份", "fields": ["phone", "id_card"]}
    for secret in ("欧阳", "司马", "139876543", "1949", "002X"):
        assert secret not in str(told)
