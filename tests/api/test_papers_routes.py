"""Licences, inspections, battery tests and everything of one vehicle, over HTTP."""

from datetime import date, timedelta
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from fleet.local_days import local_day
from kit import clock
from tests.api.served import Served, code_of, post
from tests.api.test_registry_routes import add_vehicle
from tests.api.world import VINS

VEHICLES: Final = "/api/v1/vehicles"
LICENCE: Final[dict[str, Any]] = {
    "vehicle_type": "微型厢式货车",
    "use_nature": "营运",
    "registered_on": "2019-05-10",
    "issued_on": None,
    "motor_no": None,
    "gvw_kg": 2510,
    "seats": 2,
    "stricter": False,
}
PASSED: Final[dict[str, Any]] = {
    "form": "line",
    "inspected_on": "2026-05-12",
    "passed": True,
    "valid_to": "2027-05",
    "place": "深圳南山检测站",
    "report_no": "R-1",
    "note": None,
}


@pytest.fixture
def owner(api: Served) -> TestClient:
    """Of alpha."""
    return api.person("alpha.owner", step_up=True)


@pytest.fixture
def vin(api: Served, owner: TestClient) -> str:
    """That of a new vehicle of alpha."""
    return add_vehicle(api, owner)


def put_licence(client: TestClient, vin: str, version: int = 0, **given: Any) -> Response:
    """The answer to writing a licence down."""
    headers = {"If-Match": f'"{version}"'}
    return client.put(f"{VEHICLES}/{vin}/licence", json=LICENCE | given, headers=headers)


def inspect(api: Served, client: TestClient, vin: str, **given: Any) -> Response:
    """The answer to writing an inspection down."""
    return post(client, f"{VEHICLES}/{vin}/inspections", PASSED | given, api.unused("k"))


def papers(client: TestClient, vin: str) -> dict[str, Any]:
    """Everything of a vehicle."""
    answer = client.get(f"{VEHICLES}/{vin}/papers")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def today() -> date:
    """In Shanghai."""
    return local_day(clock.now())


# Licences


def test_a_licence_is_written_down_and_changed(owner: TestClient, vin: str) -> None:
    missing = owner.get(f"{VEHICLES}/{vin}/licence")
    assert (missing.status_code, code_of(missing)) == (404, "licence_missing")
    first = put_licence(owner, vin)
    assert (first.status_code, first.headers["etag"]) == (200, '"1"')
    assert first.json() == {**LICENCE, "version": 1}
    second = put_licence(owner, vin, 1, motor_no="TZ180")
    assert (second.headers["etag"], second.json()["motor_no"]) == ('"2"', "TZ180")
    read = owner.get(f"{VEHICLES}/{vin}/licence")
    assert (read.headers["etag"], read.json()) == ('"2"', second.json())


@pytest.mark.parametrize("version", [0, 7])
def test_a_slower_hand_is_told(owner: TestClient, vin: str, version: int) -> None:
    put_licence(owner, vin)
    slower = put_licence(owner, vin, version)
    assert (slower.status_code, code_of(slower)) == (412, "version_changed")
    blind = owner.put(f"{VEHICLES}/{vin}/licence", json=LICENCE)
    assert (blind.status_code, code_of(blind)) == (428, "if_match_required")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"registered_on": "2199-01-01"}, "registered_on"),
        ({"registered_on": "2019-02-30"}, "body.registered_on"),
        ({"registered_on": 1557446400}, "body.registered_on"),
        ({"gvw_kg": 99}, "body.gvw_kg"),
        ({"seats": 0}, "body.seats"),
        ({"vehicle_type": ""}, "body.vehicle_type"),
        ({"plate": "x"}, "body.plate"),
    ],
)
def test_a_licence_that_cannot_be_is_refused(
    owner: TestClient, vin: str, given: dict[str, Any], told: str
) -> None:
    answer = put_licence(owner, vin, **given)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, told)


# Inspections


def test_an_inspection_is_written_down_once(api: Served, owner: TestClient, vin: str) -> None:
    body, key = PASSED | {"cost_fen": 12_000}, api.unused("k")
    first = post(owner, f"{VEHICLES}/{vin}/inspections", body, key)
    assert first.status_code == 201, first.text
    told = first.json()
    assert told == {
        "vin": vin,
        "plate": None,
        "organisation": "alpha",
        "recorded_by": "alpha.owner",
        "recorded_at": told["recorded_at"],
        **PASSED,
    }
    again = post(owner, f"{VEHICLES}/{vin}/inspections", body, key)
    assert again.headers["idempotent-replayed"] == "true"
    listed = owner.get("/api/v1/inspections", params={"vin": vin}).json()
    assert listed == {"items": [told], "next": None}
    spent = api.as_owner(
        "SELECT amount_fen, kind FROM vehicle_costs WHERE subject_key = %s",
        f"{vin}/2026-05-12/line",
    )
    assert spent == [(12_000, "inspection")]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"valid_to": None}, (422, "inspection_month_missing", "valid_to")),
        ({"passed": False}, (422, "inspection_failed_has_month", "valid_to")),
        ({"valid_to": "2026-04"}, (422, "inspection_ends_before_it", "valid_to")),
        ({"valid_to": "2027-13"}, (422, "invalid", "body.valid_to")),
        ({"valid_to": "2027-05-31"}, (422, "invalid", "body.valid_to")),
        ({"form": "drive-in"}, (422, "invalid", "body.form")),
        ({"cost_fen": -1}, (422, "invalid", "body.cost_fen")),
        ({"cost_fen": 1.5}, (422, "invalid", "body.cost_fen")),
    ],
)
def test_an_inspection_that_cannot_be_is_refused(
    api: Served, owner: TestClient, vin: str, given: dict[str, Any], told: tuple[int, str, str]
) -> None:
    answer = inspect(api, owner, vin, **given)
    field = answer.json()["errors"][0]["field"]
    assert (answer.status_code, code_of(answer), field) == told


def test_tomorrow_is_not_written_down_today(api: Served, owner: TestClient, vin: str) -> None:
    tomorrow = (today() + timedelta(days=1)).isoformat()
    answer = inspect(api, owner, vin, inspected_on=tomorrow, valid_to="2199-12")
    assert (answer.status_code, code_of(answer)) == (422, "inspection_in_future")


def test_inspections_come_in_pages(api: Served, owner: TestClient, vin: str) -> None:
    for day in ("2024-05-12", "2026-05-12", "2025-05-12"):
        assert inspect(api, owner, vin, inspected_on=day).status_code == 201
    seen: list[str] = []
    params: dict[str, Any] = {"vin": vin, "limit": 2}
    while True:
        page = owner.get("/api/v1/inspections", params=params).json()
        seen += [item["inspected_on"] for item in page["items"]]
        if page["next"] is None:
            break
        params["after"] = page["next"]
    assert seen == ["2026-05-12", "2025-05-12", "2024-05-12"]
    since = {"vin": vin, "from_on": "2025-01-01", "until_on": "2026-05-12"}
    [found] = owner.get("/api/v1/inspections", params=since).json()["items"]
    assert found["inspected_on"] == "2025-05-12"


@pytest.mark.parametrize("after", ["WzEsMl0", "WyJ4IiwxXQ", "W251bGwsMV0", "x"])
@pytest.mark.parametrize("path", ["inspections", "policies", "permits"])
def test_a_made_up_cursor_is_refused(owner: TestClient, path: str, after: str) -> None:
    answer = owner.get(f"/api/v1/{path}", params={"after": after})
    if (path, after) == ("permits", "WyJ4IiwxXQ"):
        assert answer.status_code == 200  # ["x", 1] is a place among numbers
        return
    assert (answer.status_code, code_of(answer)) == (422, "cursor_invalid")


def test_inspections_are_a_table_as_well(api: Served, owner: TestClient, vin: str) -> None:
    inspect(api, owner, vin)
    table = owner.get(
        "/api/v1/inspections/export",
        params={"vin": vin, "form": "csv"},
        headers={"Accept-Language": "zh"},
    )
    header, row, *rest = table.text.lstrip("\ufeff").splitlines()
    assert rest == []
    assert header.startswith("车架号,车牌号,所属组织,登记人,登记时间,检验方式,检验日期")
    assert row.startswith(f"{vin},,alpha,alpha.owner,")
    assert "上线检验,2026-05-12,是,2027-05," in row


# Battery tests


def test_a_battery_test_is_judged_where_it_names_no_result(
    api: Served, owner: TestClient, vin: str
) -> None:
    path = f"{VEHICLES}/{vin}/battery-tests"
    hot = {"tested_on": "2026-11-01", "motor_max_c": 175.1, "soh_pct": 92.5}
    made = post(owner, path, hot, api.unused("k"))
    assert (made.status_code, made.json()["result"]) == (201, "maintain")
    assert (made.json()["motor_max_c"], made.json()["soh_pct"]) == (175.1, 92.5)
    said = post(owner, path, hot | {"result": "normal"}, api.unused("k"))
    assert said.json()["result"] == "normal"
    assert owner.get(path).json() == [said.json()]
    silent = post(owner, path, {"tested_on": "2026-11-02"}, api.unused("k"))
    assert (silent.status_code, code_of(silent)) == (422, "battery_result_missing")


# Everything of a vehicle


def test_the_papers_of_a_vehicle_say_what_is_missing(owner: TestClient, vin: str) -> None:
    found = papers(owner, vin)
    assert (found["licence"], found["inspection"], found["policies"]) == (None, None, [])
    assert [(due["kind"], due["status"]) for due in found["obligations"]] == [
        ("commercial", "missing"),
        ("compulsory", "missing"),
        ("inspection", "missing"),
    ]
    blocks = {block["kind"] for block in found["blocks"]}
    assert blocks == {"inspection_missing", "compulsory_missing"}
    warnings = {warning["kind"] for warning in found["warnings"]}
    assert warnings == {"licence_missing", "commercial_missing"}


def test_the_papers_of_a_vehicle_in_order(api: Served, owner: TestClient, vin: str) -> None:
    put_licence(owner, vin)
    inspect(api, owner, vin)
    for kind in ("compulsory", "commercial"):
        policy = {
            "kind": kind,
            "policy_no": api.unused("PV"),
            "insurer": "平安",
            "use_nature": "营业货车",
            "covered_from": (today() - timedelta(days=10)).isoformat(),
            "covered_until": (today() + timedelta(days=354)).isoformat(),
        }
        made = post(owner, f"{VEHICLES}/{vin}/policies", policy, api.unused("k"))
        assert made.status_code == 201, made.text
    found = papers(owner, vin)
    assert (found["blocks"], found["warnings"]) == ([], [])
    assert found["licence"] == {**LICENCE, "version": 1}
    assert found["inspection"] == PASSED
    assert [policy["kind"] for policy in found["policies"]] == ["compulsory", "commercial"]
    due = {each["kind"]: each for each in found["obligations"]}
    assert due["inspection"]["due_on"] == "2027-05-31"
    assert due["inspection"]["window_from_on"] == "2027-03-01"
    assert due["service_life"]["due_on"] == "2031-05-10"
    assert due["compulsory"]["due_on"] == (today() + timedelta(days=354)).isoformat()
    assert (due["compulsory"]["title_en"], due["compulsory"]["title_zh"]) == (
        "Compulsory insurance",
        "交强险",
    )


@pytest.mark.parametrize("vin", [VINS["omega-depot"], "LNB00000000000009", "nonsense"])
def test_papers_of_a_vehicle_out_of_sight_are_not_found(
    api: Served, owner: TestClient, vin: str
) -> None:
    permit = {"permit_no": "粤1", "holder": "x", "issued_on": "2026-01-01"}
    answers = [
        owner.get(f"{VEHICLES}/{vin}/papers"),
        owner.get(f"{VEHICLES}/{vin}/licence"),
        owner.get(f"{VEHICLES}/{vin}/cover"),
        owner.get(f"{VEHICLES}/{vin}/battery-tests"),
        put_licence(owner, vin),
        inspect(api, owner, vin),
        post(owner, f"{VEHICLES}/{vin}/permits", permit, api.unused("k")),
    ]
    assert {(answer.status_code, code_of(answer)) for answer in answers} == {
        (404, "vehicle_not_found")
    }


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("manager", {"read", "record"}),
        ("ops", {"read", "record"}),
        ("sales", {"read"}),
        ("finance", {"read"}),
        ("viewer", {"read"}),
        ("auditor", {"read"}),
    ],
)
def test_a_role_decides_who_records(api: Served, role: str, allowed: set[str]) -> None:
    person, vin = api.person(f"alpha.{role}"), VINS["alpha-depot"]
    answers = {
        "read": person.get(f"{VEHICLES}/{vin}/papers"),
        "record": inspect(api, person, vin),
    }
    assert {name for name, answer in answers.items() if answer.status_code != 403} == allowed
