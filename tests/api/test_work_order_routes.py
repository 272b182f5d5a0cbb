"""Work orders, checklists, maintenance and idle care over HTTP, as the role of the application."""

from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from tests.api.served import Served, code_of, post
from tests.api.test_registry_routes import add_vehicle
from tests.api.world import VINS

ORDERS: Final = "/api/v1/work-orders"
CHECKLISTS: Final = "/api/v1/checklists"
VEHICLES: Final = "/api/v1/vehicles"
MODELS: Final = "/api/v1/models"


@pytest.fixture
def owner(api: Served) -> TestClient:
    """Of alpha, who has just given their password again."""
    return api.person("alpha.owner", step_up=True)


@pytest.fixture
def depot(api: Served) -> TestClient:
    """A manager of alpha-depot."""
    return api.person("alpha-depot.manager")


@pytest.fixture
def vin(api: Served, owner: TestClient) -> str:
    """That of a new vehicle of alpha, operated by the depot."""
    return add_vehicle(api, owner, operator="alpha-depot")


def opened(api: Served, client: TestClient, vin: str, **given: Any) -> dict[str, Any]:
    """A new order."""
    body = {"vin": vin, "kind": "repair", "title": "制动异响"} | given
    made = post(client, ORDERS, body, api.unused("k"))
    assert made.status_code == 201, made.text
    told: dict[str, Any] = made.json()
    assert made.headers["location"] == f"{ORDERS}/{told['number']}"
    return told


def move(client: TestClient, number: str, state: str, **given: Any) -> Any:
    return client.post(f"{ORDERS}/{number}/state", json={"state": state} | given)


def stage_of(client: TestClient, vin: str) -> str:
    stages = client.get(f"{VEHICLES}/{vin}/stages").json()
    told: str = stages[-1]["stage"]
    return told


def new_checklist(api: Served, owner: TestClient, kind: str = "battery_check") -> str:
    code = api.unused("check-")
    steps = [{"text": "绝缘电阻"}, {"text": "试车", "photo": True}]
    body = {"code": code, "kind": kind, "title": "检查", "steps": steps}
    made = post(owner, CHECKLISTS, body, code)
    assert (made.status_code, made.json()["edition"]) == (201, 1)
    return code


def new_model(api: Served, owner: TestClient) -> str:
    code = api.unused("model-")
    body = {"code": code, "name": code, "maker": "厂", "body_type": "微型封闭货车"}
    made = post(owner, MODELS, body, code)
    assert made.status_code == 201, made.text
    return code


def test_an_order_from_its_opening_to_its_costs(
    api: Served, owner: TestClient, depot: TestClient, vin: str
) -> None:
    checklist = new_checklist(api, owner)
    order = opened(
        api,
        depot,
        vin,
        kind="battery_check",
        checklist=checklist,
        takes_off_road=True,
        assignee="alpha-depot.ops",
        due_on="2027-01-31",
        odometer_km=35120.5,
    )
    number = order["number"]
    assert (order["state"], order["organisation"], order["opened_by"]) == (
        *("open", "alpha-depot"),
        "alpha-depot.manager",
    )
    assert [step["text"] for step in order["steps"]] == ["绝缘电阻", "试车"]
    assert stage_of(depot, vin) == "in_service"
    assert move(depot, number, "in_progress").status_code == 200
    line = {"kind": "part", "title": "保险丝", "quantity": 1.5, "unit": "个", "unit_price_fen": 333}
    with_line = post(depot, f"{ORDERS}/{number}/lines", line, api.unused("k"))
    assert (with_line.status_code, with_line.json()["lines"][0]["amount_fen"]) == (201, 500)
    early = move(depot, number, "done")
    assert (early.status_code, code_of(early)) == (409, "checklist_incomplete")
    assert early.json()["facts"] == {"steps": ["1 绝缘电阻", "2 试车"]}
    for step_no in (1, 2):
        check = {"step_no": step_no, "result": "ok"}
        made = post(depot, f"{ORDERS}/{number}/checks", check, api.unused("k"))
        assert made.status_code == 201
    assert move(depot, number, "done", note="试车正常").json()["state"] == "done"
    assert stage_of(depot, vin) == "in_stock"
    closed = move(depot, number, "closed").json()
    assert (closed["state"], closed["total_fen"], closed["totals_fen"]) == (
        *("closed", 500),
        {"part": 500, "labour": 0, "other": 0},
    )
    assert [event["to_state"] for event in closed["events"]] == [
        *("open", "in_progress", "done", "closed")
    ]
    assert closed["events"][2]["note"] == "试车正常"
    assert (closed["down_days"], closed["down_hours"]) == (1, 0.0)
    assert depot.get(f"{ORDERS}/{number}").json() == closed


def test_a_change_takes_the_version_it_was_read_at(
    api: Served, depot: TestClient, vin: str
) -> None:
    path = f"{ORDERS}/{opened(api, depot, vin)['number']}"
    assert depot.put(path, json={"title": "甲"}).status_code == 428
    changed = depot.put(path, json={"title": "甲"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["title"], changed.json()["priority"]) == ("甲", "normal")
    late = depot.put(path, json={"title": "乙"}, headers={"If-Match": '"1"'})
    assert (late.status_code, code_of(late)) == (412, "version_changed")


def test_a_struck_line_stays_to_be_seen(api: Served, depot: TestClient, vin: str) -> None:
    number = opened(api, depot, vin)["number"]
    line = {"kind": "labour", "title": "工时", "quantity": 2, "unit": "h", "unit_price_fen": 8000}
    made = post(depot, f"{ORDERS}/{number}/lines", line, api.unused("k")).json()
    path = f"{ORDERS}/{number}/lines/{made['lines'][0]['id']}/strike"
    struck = depot.post(path).json()
    assert (struck["total_fen"], len(struck["lines"])) == (0, 1)
    assert struck["lines"][0]["struck_at"].endswith("Z")
    again = depot.post(path)
    assert (again.status_code, code_of(again)) == (404, "line_not_found")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"assignee": "omega.owner"}, "assignee_unknown"),
        ({"assignee": "nobody.there"}, "assignee_unknown"),
        ({"assignee": "alpha.owner"}, "assignee_unknown"),
        ({"checklist": "nowhere"}, "checklist_unknown"),
        ({"maintenance_codes": ["wings"]}, "maintenance_code_unknown"),
    ],
    ids=["of another tenant", "nobody", "of above", "no checklist", "no item"],
)
def test_what_is_out_of_sight_is_unknown(
    api: Served, depot: TestClient, vin: str, given: Any, code: str
) -> None:
    body = {"vin": vin, "kind": "repair", "title": "x"} | given
    answer = post(depot, ORDERS, body, api.unused("k"))
    assert (answer.status_code, code_of(answer)) == (422, code)


def test_the_list_is_filtered_and_paged(api: Served, depot: TestClient, vin: str) -> None:
    numbers = [opened(api, depot, vin, title=f"第{n}单")["number"] for n in range(3)]
    move(depot, numbers[0], "cancelled")
    listed = depot.get(ORDERS, params={"vin": vin.lower(), "limit": 2}).json()
    assert [one["number"] for one in listed["items"]] == numbers[:0:-1]
    rest = depot.get(ORDERS, params={"vin": vin, "limit": 2, "after": listed["next"]}).json()
    assert ([one["number"] for one in rest["items"]], rest["next"]) == (numbers[:1], None)
    unfinished = depot.get(ORDERS, params={"vin": vin, "finished": "false", "q": "第1"}).json()
    assert [one["number"] for one in unfinished["items"]] == [numbers[1]]
    sheet = depot.get(f"{ORDERS}/export", params={"vin": vin, "form": "csv"})
    assert sheet.status_code == 200
    assert [number for number in numbers if number in sheet.text] == numbers
    in_chinese = {"Accept-Language": "zh-CN"}
    sheet = depot.get(f"{ORDERS}/export", params={"vin": vin, "form": "csv"}, headers=in_chinese)
    assert (sheet.text.count("已取消"), sheet.text.count("待处理")) == (1, 2)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("manager", {"read", "open", "work", "close"}),
        ("ops", {"read", "open", "work"}),
        ("sales", {"open"}),
        ("finance", {"read"}),
        ("viewer", set()),
        ("auditor", {"read"}),
    ],
)
def test_a_role_decides_who_works(api: Served, role: str, allowed: set[str]) -> None:
    person = api.person(f"alpha-depot.{role}")
    nothing = f"{ORDERS}/W2611-AAAAAA"
    body = {"vin": VINS["alpha-depot"], "kind": "repair", "title": "x"}
    answers = {
        "read": person.get(ORDERS),
        "open": post(person, ORDERS, body, api.unused("k")),
        "work": person.post(f"{nothing}/state", json={"state": "done"}),
        "close": person.post(f"{nothing}/state", json={"state": "closed"}),
    }
    assert {name for name, answer in answers.items() if answer.status_code != 403} == allowed


# Who sees what


def test_after_a_transfer_the_next_operator_knows_what_was_done_and_no_more(
    api: Served, owner: TestClient, depot: TestClient, vin: str
) -> None:
    number = opened(api, depot, vin, kind="idle_care", takes_off_road=True)["number"]
    line = {"kind": "other", "title": "补电", "quantity": 1, "unit": "次", "unit_price_fen": 777}
    post(depot, f"{ORDERS}/{number}/lines", line, api.unused("k"))
    move(depot, number, "in_progress")
    assert move(depot, number, "done").status_code == 200
    path = f"{VEHICLES}/{vin}/operators"
    assert post(owner, path, {"organisation": "alpha-north"}, api.unused("k")).status_code == 201
    north = api.person("alpha-north.manager")
    assert north.get(ORDERS, params={"vin": vin}).json()["items"] == []
    assert code_of(north.get(f"{ORDERS}/{number}")) == "work_order_not_found"
    done = north.get(f"{VEHICLES}/{vin}/maintenance").json()["done"]
    assert [(one["code"], set(one)) for one in done] == [
        ("idle-care", {"code", "done_on", "odometer_km", "running_hours"})
    ]
    told = depot.get(f"{ORDERS}/{number}").json()
    assert (told["plate"], told["state"]) == (None, "done")
    late = move(depot, number, "closed")
    assert (late.status_code, code_of(late)) == (403, "vehicle_not_yours")
    assert move(owner, number, "closed").json()["state"] == "closed"
    assert north.get(ORDERS, params={"vin": vin}).json()["items"] == []


def test_an_owner_sees_the_work_of_its_operators(
    api: Served, owner: TestClient, depot: TestClient, vin: str
) -> None:
    number = opened(api, depot, vin, assignee="alpha-depot.ops")["number"]
    assert owner.get(f"{ORDERS}/{number}").json()["assignee"] == "alpha-depot.ops"
    assert api.person("omega.owner").get(f"{ORDERS}/{number}").status_code == 404
    sibling = api.person("alpha-north.owner").get(f"{ORDERS}/{number}")
    assert (sibling.status_code, code_of(sibling)) == (404, "work_order_not_found")


def test_who_is_above_is_not_named_below(
    api: Served, owner: TestClient, depot: TestClient, vin: str
) -> None:
    number = opened(api, owner, vin, assignee="alpha.ops")["number"]
    told = depot.get(f"{ORDERS}/{number}").json()
    assert (told["assignee"], told["assigned"], told["opened_by"]) == (None, True, None)
    assert told["events"][0]["by"] is None
    depot.put(f"{ORDERS}/{number}", json={"title": "甲"}, headers={"If-Match": '"1"'})
    assert owner.get(f"{ORDERS}/{number}").json()["assignee"] == "alpha.ops"


# Checklists


def test_editions_of_a_checklist(api: Served, owner: TestClient, depot: TestClient) -> None:
    code = new_checklist(api, owner)
    body = {"code": code, "kind": "battery_check", "title": "新版", "steps": [{"text": "看"}]}
    assert post(owner, CHECKLISTS, body, api.unused("k")).json()["edition"] == 2
    told = depot.get(f"{CHECKLISTS}/{code}").json()
    assert (told["edition"], [one["edition"] for one in told["earlier"]]) == (2, [1])
    refused = post(depot, CHECKLISTS, body, api.unused("k"))
    assert (refused.status_code, code_of(refused)) == (409, "checklist_not_yours")
    assert api.person("omega.owner").get(f"{CHECKLISTS}/{code}").status_code == 404
    listed = depot.get(CHECKLISTS, params={"kind": "battery_check"}).json()["items"]
    assert [one["edition"] for one in listed if one["code"] == code] == [2]


# Maintenance


def test_a_plan_from_the_head_to_the_vehicle(
    api: Served, owner: TestClient, depot: TestClient, vin: str
) -> None:
    model = new_model(api, owner)
    path = f"{MODELS}/{model}/maintenance"
    item = {"code": "annual", "title": "年度保养", "every_months": 12, "every_km": 20000}
    assert owner.get(path).headers["etag"] == '"0"'
    plan = owner.put(path, json={"items": [item]}, headers={"If-Match": '"0"'})
    assert (plan.status_code, plan.headers["etag"]) == (200, '"1"')
    assert plan.json()["items"] == [item | {"every_hours": None}]
    lower = depot.put(path, json={"items": []}, headers={"If-Match": '"1"'})
    assert (lower.status_code, code_of(lower)) == (409, "plan_not_yours")
    never = owner.put(
        path, json={"items": [{"code": "a", "title": "b"}]}, headers={"If-Match": '"1"'}
    )
    assert (never.status_code, code_of(never)) == (422, "plan_item_never")
    api.as_owner(
        "UPDATE vehicles SET model_id = (SELECT id FROM vehicle_models WHERE code = %s)"
        " WHERE vin = %s",
        model,
        vin,
    )
    done = {"code": "annual", "done_on": "2026-01-31", "odometer_km": 1000.5}
    told = post(depot, f"{VEHICLES}/{vin}/maintenance", done, api.unused("k"))
    assert told.status_code == 201, told.text
    [standing] = told.json()["items"]
    assert (standing["due_on"], standing["due_odometer_km"], standing["last_done_on"]) == (
        *("2027-01-31", 21000.5),
        "2026-01-31",
    )
    assert depot.get(f"{VEHICLES}/{vin}/maintenance").json() == told.json()
    ahead = post(
        depot,
        f"{VEHICLES}/{vin}/maintenance",
        done | {"done_on": "2199-01-01"},
        api.unused("k"),
    )
    assert (ahead.status_code, code_of(ahead)) == (422, "maintenance_ahead")


# Idle care


def test_an_idle_vehicle_is_looked_at(api: Served, depot: TestClient, vin: str) -> None:
    [idle] = depot.get("/api/v1/idle-care", params={"q": vin}).json()["items"]
    assert (idle["vin"], idle["stage"], idle["organisation"], idle["condition"]) == (
        *(vin, "in_stock"),
        *("alpha-depot", "unknown"),
    )
    assert (idle["idle_days"], idle["check_status"], idle["charge_to_pct"]) == (0, "ahead", None)
    assert idle["look_at"] == ["12 V 蓄电池", "轮胎"]
    api.as_owner(
        "INSERT INTO vehicle_state (vehicle_id, operator_id, ts, soc_pct) SELECT v.id, o.id, now(),"
        " 19 FROM vehicles v, organisations o WHERE v.vin = %s AND o.code = 'alpha-depot'",
        vin,
    )
    first = depot.get("/api/v1/idle-care", params={"limit": 1}).json()
    assert (first["items"][0]["vin"], first["items"][0]["condition"]) == (vin, "critical")
    assert first["items"][0]["charge_to_pct"] == 60
    api.as_owner(
        "DELETE FROM vehicle_state WHERE vehicle_id = (SELECT id FROM vehicles WHERE vin = %s)",
        vin,
    )


def test_idle_pages_go_on_and_a_made_up_cursor_is_refused(
    api: Served, owner: TestClient, vin: str
) -> None:
    add_vehicle(api, owner)
    whole = owner.get("/api/v1/idle-care", params={"limit": 200}).json()["items"]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = owner.get("/api/v1/idle-care", params={"limit": 1} | after).json()
        seen += [one["vin"] for one in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == [one["vin"] for one in whole]
    refused = owner.get("/api/v1/idle-care", params={"after": "WyJhIiwiYiIsImMiXQ"})
    assert (refused.status_code, code_of(refused)) == (422, "cursor_invalid")
