"""Alerts over HTTP, as the role of the application: lists, acts, silences, escalation."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import openpyxl
import pytest
from fastapi.testclient import TestClient

from alerts.inbox.service import apply
from alerts.model import Finding, Links, Subject
from api.pages import cursor_of
from kit import clock, db
from tests.api.served import Served, code_of, post
from tests.api.world import VINS

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
ALERTS: Final = "/api/v1/alerts"
SILENCES: Final = "/api/v1/alert-silences"
ESCALATION: Final = "/api/v1/alert-escalation"
NOW: Final = clock.now()
Raise = Callable[..., str]


@pytest.fixture
def raised(api: Served) -> Raise:
    """Raises an alert of the vehicle that an organisation operates; its number."""

    def make(organisation: str = "alpha-depot", rule: str = "offline", **said: Any) -> str:
        vehicle_id = api.world.vehicle_ids[organisation]
        finding = Finding(
            tenant_id=api.world.organisation_ids[organisation.partition("-")[0]],
            organisation_id=api.world.organisation_ids[organisation],
            rule_code=rule,
            kind=rule,
            rule_version=None,
            severity=said.pop("severity", "warning"),
            subject=Subject("vehicle", vehicle_id, VINS[organisation]),
            occurrence=said.pop("occurrence", api.unused("since ")),
            raised_at=said.pop("raised_at", NOW),
            facts=said.pop("facts", {"lat": 22.5, "speed_kmh": 31}),
            links=Links(vehicle_id=vehicle_id),
        )
        with db.connect(api.owner_url) as conn:
            apply(conn, [finding], [], now=clock.now())
            (found,) = conn.execute(
                "SELECT alert_no FROM alerts WHERE occurrence = %s", [finding.occurrence]
            ).fetchall()
        return str(found[0])

    return make


@pytest.fixture
def ops(api: Served) -> TestClient:
    return api.person("alpha-depot.ops")


def act(client: TestClient, alert_no: str, verb: str, version: int, **body: Any) -> Any:
    return client.post(
        f"{ALERTS}/{alert_no}/{verb}", json=body, headers={"If-Match": f'"{version}"'}
    )


def test_one_alert_from_its_raising_to_its_end(ops: TestClient, raised: Raise) -> None:
    no = raised(rule="towed", severity="critical")
    one = ops.get(f"{ALERTS}/{no}")
    assert (one.status_code, one.headers["etag"]) == (200, '"1"')
    told = one.json()
    assert (told["state"], told["severity"], told["vin"]) == (
        "open",
        "critical",
        VINS["alpha-depot"],
    )
    assert told["facts"] == {"lat": 22.5, "speed_kmh": 31}
    assert [event["kind"] for event in told["history"]] == ["raised"]
    assert [fire["caught_up"] for fire in told["fired"]] == [False]
    seen = act(ops, no, "acknowledge", 1, note="看到了")
    assert (seen.status_code, seen.headers["etag"], seen.json()["state"]) == (
        200,
        '"2"',
        "acknowledged",
    )
    assert code_of(act(ops, no, "start", 1)) == "version_changed"
    assert act(ops, no, "start", 2).json()["assignee"] == "alpha-depot.ops"
    given = act(ops, no, "assign", 3, assignee="alpha-depot.manager")
    assert given.json()["assignee"] == "alpha-depot.manager"
    until = (clock.now() + timedelta(hours=2)).isoformat()
    gone = act(ops, no, "snooze", 4, until_at="2026-01-01T00:00:00Z")
    assert (gone.status_code, code_of(gone)) == (422, "alert_snooze_wrong")
    assert [each["field"] for each in gone.json()["errors"]] == ["until_at"]
    assert act(ops, no, "snooze", 4, until_at=until).json()["snoozed_until"] is not None
    said = post(ops, f"{ALERTS}/{no}/comment", {"note": "拖车公司已到"}, f"comment-{no}")
    assert (said.status_code, said.json()["version"]) == (200, 5)
    done = act(ops, no, "resolve", 5, resolution="误报")
    assert (done.json()["state"], done.json()["resolution"]) == ("resolved", "误报")
    refused = act(ops, no, "resolve", 6, resolution="误报")
    assert (refused.status_code, code_of(refused)) == (409, "alert_state_refused")
    assert act(ops, no, "reopen", 6, note="又动了").json()["reopened"] == 1
    assert ops.post(f"{ALERTS}/{no}/start", json={}).status_code == 428


def test_who_sees_it(api: Served, raised: Raise) -> None:
    no = raised(rule="towed")
    for login, status in (
        ("alpha.owner", 200),
        ("alpha-depot.viewer", 200),
        ("alpha-north.owner", 404),
        ("omega.owner", 404),
    ):
        assert api.person(login).get(f"{ALERTS}/{no}").status_code == status, login
    viewer = api.person("alpha-depot.viewer")
    assert viewer.get(f"{ALERTS}/{no}").json()["facts"] == {"speed_kmh": 31}
    refused = act(viewer, no, "acknowledge", 1)
    assert (refused.status_code, code_of(refused)) == (403, "permission_missing")


def test_the_list_is_walked_and_told_as_a_table(
    api: Served, ops: TestClient, raised: Raise
) -> None:
    numbers = {
        raised(rule="cell_spread", raised_at=NOW - timedelta(minutes=n // 2)) for n in range(7)
    }
    query: dict[str, Any] = {"rule": "cell_spread", "limit": 3}
    seen: list[str] = []
    while True:
        page = ops.get(ALERTS, params=query).json()
        seen += [item["alert_no"] for item in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert (len(seen), set(seen)) == (7, numbers)
    act(ops, seen[0], "resolve", 1, resolution="好")
    assert len(ops.get(ALERTS, params={"rule": "cell_spread"}).json()["items"]) == 6
    resolved = ops.get(ALERTS, params={"rule": "cell_spread", "state": "resolved"}).json()
    assert [item["alert_no"] for item in resolved["items"]] == [seen[0]]
    vin = VINS["alpha-depot"].lower()
    asked = {"rule": "cell_spread", "vehicle": vin, "form": "xlsx"}
    table = ops.get(f"{ALERTS}/export", params=asked, headers={"Accept-Language": "zh"})
    sheet = openpyxl.load_workbook(io.BytesIO(table.content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert (rows[0][:2], len(rows)) == (("告警编号", "所属组织"), 7)
    assert "单体压差" in rows[1] and "未处理" in rows[1]


@pytest.mark.parametrize(
    "place",
    [(None, None), (NOW, None), (None, 7)],
    ids=["nothing", "an instant alone", "a number alone"],
)
def test_a_place_that_is_none_is_no_end_of_the_list(ops: TestClient, place: Any) -> None:
    answer = ops.get(ALERTS, params={"after": cursor_of(*place)})
    assert (answer.status_code, code_of(answer)) == (422, "cursor_invalid")


def test_a_kind_that_is_none_is_told(ops: TestClient) -> None:
    answer = ops.get(ALERTS, params={"kind": "battery_alrm"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query.kind")
    assert ops.get(ALERTS, params={"kind": "battery_alarm"}).json()["items"] == []


def test_instants_of_its_history_end_in_z(ops: TestClient, raised: Raise) -> None:
    no = raised(rule="towed")
    until = (NOW + timedelta(days=1)).isoformat()
    act(ops, no, "snooze", 1, until_at=until)
    [_, put_off] = ops.get(f"{ALERTS}/{no}").json()["history"]
    assert put_off["facts"] == {"until_at": until.replace("+00:00", "Z")}


def test_many_are_acknowledged_and_counted(api: Served, raised: Raise) -> None:
    north = api.person("alpha-north.ops")
    before = north.get(f"{ALERTS}/summary").json()
    mine = [raised("alpha-north", "over_speed", severity="info") for _ in range(5)]
    other = raised("alpha-depot", "over_speed")
    storms = north.get(f"{ALERTS}/storms").json()["items"]
    assert [(each["rule"], each["alerts"]) for each in storms] == [("over_speed", 5)]
    body = {"alert_nos": [*mine, mine[0], other], "note": None}
    done = north.post(f"{ALERTS}/acknowledge", json=body)
    assert done.status_code == 200, done.text
    assert (sorted(done.json()["acknowledged"]), done.json()["left"]) == (sorted(mine), 1)
    told = north.get(f"{ALERTS}/summary").json()
    assert told["unresolved"] == before["unresolved"] + 5
    assert told["by_state"] == {"acknowledged": 5}
    assert told["by_organisation"] == {"alpha-north": 5}
    too_many = {"alert_nos": ["A2611-AAAAAAAA"] * 501}
    assert north.post(f"{ALERTS}/acknowledge", json=too_many).status_code == 422


def test_a_work_order_is_made_of_it_once(api: Served, raised: Raise) -> None:
    manager = api.person("alpha-depot.manager")
    no = raised(rule="insulation_low", severity="critical")

    def make(key: str, version: int) -> Any:
        headers = {"Idempotency-Key": key, "If-Match": f'"{version}"'}
        return manager.post(f"{ALERTS}/{no}/work-order", json={}, headers=headers)

    key = api.unused("order-")
    made = make(key, 1)
    assert made.status_code == 201, made.text
    assert (made.json()["state"], made.headers["etag"]) == ("in_progress", '"2"')
    order = manager.get(made.headers["location"]).json()
    assert (order["kind"], order["title"], order["priority"], order["vin"]) == (
        "battery_check",
        "绝缘电阻低",
        "high",
        VINS["alpha-depot"],
    )
    assert order["number"] == made.json()["work_order_no"]
    assert make(key, 1).headers["location"] == made.headers["location"]
    again = make(api.unused("order-"), 2)
    assert (again.status_code, code_of(again)) == (409, "alert_has_work_order")
    orders = manager.get("/api/v1/work-orders", params={"q": order["number"]}).json()["items"]
    assert len(orders) == 1
    listed = manager.get(f"{ALERTS}/{no}").json()
    assert [event["kind"] for event in listed["history"]] == ["raised", "work_order_made"]


def test_silences(api: Served, ops: TestClient) -> None:
    until = (clock.now() + timedelta(hours=2)).isoformat()
    body = {"reason": "升级", "matching": {"kinds": ["offline"]}, "until_at": until}
    keys = []
    for _ in range(3):
        made = post(ops, SILENCES, body, api.unused("silence-"))
        assert made.status_code == 201, made.text
        keys.append(made.json()["key"])
    told = made.json()
    assert (told["organisation"], told["stand"], told["matching"]["kinds"]) == (
        "alpha-depot",
        "silent",
        ["offline"],
    )
    first = ops.get(SILENCES, params={"limit": 2}).json()
    rest = ops.get(SILENCES, params={"limit": 2, "after": first["next"]}).json()
    assert [item["key"] for item in (*first["items"], *rest["items"])] == keys[::-1]
    ended = ops.post(f"{SILENCES}/{keys[0]}/end", headers={"If-Match": '"1"'})
    assert (ended.status_code, ended.json()["stand"]) == (200, "over")
    over = ops.get(SILENCES, params={"over": True}).json()["items"]
    assert [item["key"] for item in over] == [keys[0]]
    wrong = post(ops, SILENCES, body | {"until_at": "2026-01-01T00:00:00Z"}, api.unused("k"))
    assert (wrong.status_code, code_of(wrong)) == (422, "silence_period_wrong")
    assert wrong.json()["errors"][0]["field"] == "until_at"
    finance = api.person("alpha-depot.finance")
    assert post(finance, SILENCES, body, api.unused("k")).status_code == 403


def test_an_escalation_reaches_those_below(api: Served) -> None:
    owner = api.person("alpha.owner", step_up=True)
    step = {"severity": "critical", "after_min": 15, "role": "manager"}
    made = owner.put(ESCALATION, json={"steps": [step]}, headers={"If-Match": '"0"'})
    assert (made.status_code, made.json()["version"]) == (200, 1), made.text
    below = api.person("alpha-depot.manager")
    told = below.get(ESCALATION)
    assert (told.json()["set_by"], told.json()["version"], told.headers["etag"]) == (
        "alpha",
        0,
        '"0"',
    )
    assert told.json()["steps"] == [step | {"levels_up": 0, "login": None}]
    login = {"severity": "info", "after_min": 5, "login": "alpha-north.ops"}
    wrong = below.put(ESCALATION, json={"steps": [login]}, headers={"If-Match": '"0"'})
    assert (wrong.status_code, code_of(wrong)) == (422, "escalation_step_wrong")
    own = below.put(
        ESCALATION,
        json={"steps": [login | {"login": "alpha-depot.ops"}]},
        headers={"If-Match": '"0"'},
    )
    assert (own.json()["set_by"], own.json()["version"]) == ("alpha-depot", 1)
    nobodys = below.put(ESCALATION, json={"steps": []}, headers={"If-Match": '"1"'})
    assert (nobodys.json()["set_by"], nobodys.json()["steps"]) == ("alpha-depot", [])
    again = below.put(ESCALATION, json={"steps": None}, headers={"If-Match": '"2"'})
    assert (again.json(), again.headers["etag"]) == (told.json(), '"0"')
    assert api.person("omega.owner").get(ESCALATION).json()["steps"] == []
