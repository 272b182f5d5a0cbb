"""A vehicle as a whole, its stage and costs, and the daily questions, over HTTP."""

from datetime import date, timedelta
from typing import Any, Final

import pytest

from tests.api.served import Served, code_of, post
from tests.api.world import VINS

DEPOT: Final = VINS["alpha-depot"]
NORTH: Final = VINS["alpha-north"]
PAGE: Final = f"/api/v1/vehicles/{DEPOT}/page"
STAGE: Final = f"/api/v1/vehicles/{DEPOT}/stage"
COSTS: Final = f"/api/v1/vehicles/{DEPOT}/costs"
LICENCE: Final = {
    "vehicle_type": "微型厢式货车",
    "use_nature": "营运",
    "registered_on": "2024-05-10",
    "gvw_kg": 2500,
}


def record_papers(api: Served) -> None:
    """The depot's vehicle has a licence, an inspection and insurance for a year."""
    owner = api.person("alpha.owner")
    put = owner.put(f"/api/v1/vehicles/{DEPOT}/licence", json=LICENCE, headers={"If-Match": '"0"'})
    assert put.status_code == 200, put.text
    today = date.today()  # noqa: DTZ011 — a year more or less does not matter here
    next_year = f"{today.year + 1}-{today.month:02d}"
    for path, body in (
        (
            "inspections",
            {
                "form": "line",
                "inspected_on": "2026-01-05",
                "passed": True,
                "valid_to": next_year,
                "cost_fen": 12_000,
            },
        ),
        (
            "policies",
            {
                "kind": "compulsory",
                "policy_no": "PDZA-API-1",
                "insurer": "平安",
                "covered_from": (today - timedelta(days=9)).isoformat(),
                "covered_until": (today + timedelta(days=300)).isoformat(),
                "premium_fen": 95_000,
            },
        ),
    ):
        made = post(owner, f"/api/v1/vehicles/{DEPOT}/{path}", body, path)
        assert made.status_code == 201, made.text


@pytest.fixture(scope="module")
def sound(api: Served) -> Served:
    record_papers(api)
    return api


@pytest.fixture
def stocked(sound: Served) -> Served:
    """Two vehicles of alpha stand in stock; what other tests added does not."""
    sound.as_owner(
        "UPDATE vehicle_stages s SET stage = CASE WHEN v.vin = ANY (%s) THEN 'in_stock'"
        " ELSE 'let' END FROM vehicles v WHERE v.id = s.vehicle_id AND upper_inf(s.staged_period)",
        [DEPOT, NORTH],
    )
    return sound


def vins(api: Served, path: str, login: str = "alpha.owner", **query: Any) -> list[str]:
    answer = api.person(login).get(f"/api/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return [item["vin"] for item in answer.json()["items"]]


def test_one_call_answers_the_page(stocked: Served) -> None:
    answer = stocked.person("alpha-south.owner").get(PAGE)
    page = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert (page["card"]["vin"], page["now"]["vin"], page["stage"]["stage"]) == (
        DEPOT,
        DEPOT,
        "in_stock",
    )
    assert page["next_stages"] == ["let", "in_service", "for_sale"]
    assert page["papers"]["licence"]["vehicle_type"] == "微型厢式货车"
    assert page["blocks"] == []
    due = {item["kind"]: item["status"] for item in page["due"]}
    assert (due["inspection"], due["commercial"]) == ("ahead", "missing")
    assert page["costs"]["by_kind_fen"] == {"inspection": 12_000, "insurance": 95_000}
    assert (page["open_work"], page["documents"], page["purchase"]) == ([], {}, None)
    viewer = stocked.person("alpha-south.viewer").get(PAGE).json()
    assert [viewer[name] for name in ("open_work", "documents", "costs", "purchase")] == [None] * 4


def test_what_blocks_a_hand_over_stands_in_the_problem(stocked: Served) -> None:
    path = f"/api/v1/vehicles/{NORTH}/stage"
    ops = stocked.person("alpha-north.ops")
    body = {"stage": "let"}
    answer = post(ops, path, body, stocked.unused("let-"))
    assert (answer.status_code, code_of(answer)) == (409, "hand_over_blocked")
    blocks = answer.json()["facts"]["blocks"]
    assert {block["paper"] for block in blocks} >= {"inspection", "compulsory"}
    assert all(block["rule"] and block["message_en"] and block["message_zh"] for block in blocks)
    forced = body | {"override": True, "reason": "客户急用"}
    refused = post(ops, path, forced, stocked.unused("let-"))
    assert (refused.status_code, code_of(refused)) == (403, "permission_missing")
    cold = stocked.new_session("alpha.owner")
    refused = post(cold, path, forced, stocked.unused("let-"))
    assert (refused.status_code, code_of(refused)) == (403, "step_up_required")
    owner = stocked.person("alpha.owner", step_up=True)
    mute = post(owner, path, body | {"override": True}, stocked.unused("let-"))
    assert (mute.status_code, code_of(mute)) == (422, "override_reason_missing")
    done = post(owner, path, forced, stocked.unused("let-"))
    assert (done.status_code, done.json()["stage"]) == (200, "let")
    entries = owner.get("/api/v1/audit", params={"action": "vehicle.override_block"}).json()
    assert entries["items"][0]["after"]["reason"] == "客户急用"


def test_with_its_papers_a_vehicle_is_let_once(stocked: Served) -> None:
    ops, key = stocked.person("alpha-depot.ops"), stocked.unused("let-")
    first = post(ops, STAGE, {"stage": "let", "reason": "交车"}, key)
    again = post(ops, STAGE, {"stage": "let", "reason": "交车"}, key)
    assert (first.status_code, first.json()["stage"]) == (200, "let")
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    other = post(ops, STAGE, {"stage": "disposed"}, stocked.unused("let-"))
    assert (other.status_code, code_of(other)) == (409, "stage_not_reachable")


def test_what_can_be_let_and_what_stands_idle(stocked: Served) -> None:
    assert vins(stocked, "available") == [DEPOT]
    assert vins(stocked, "available", papers_through="2199-01-01") == []
    assert vins(stocked, "available", login="alpha-north.sales") == []
    assert sorted(vins(stocked, "idle")) == sorted([DEPOT, NORTH])
    assert vins(stocked, "idle", sellable="false") == [NORTH]
    assert vins(stocked, "idle", stage="for_sale") == []
    owner = stocked.person("alpha.owner")
    [standing] = owner.get("/api/v1/idle", params={"q": NORTH}).json()["items"]
    assert (standing["stage"], standing["sellable"]) == ("in_stock", False)
    assert standing["blocks"][0] == {
        "kind": "inspection",
        "status": "missing",
        "title_en": "Inspection",
        "title_zh": "年审",
    }
    stocked.as_owner("UPDATE vehicle_stages SET stage = 'let' WHERE upper_inf(staged_period)")
    assert vins(stocked, "available") == vins(stocked, "idle") == []


def test_pages_lead_through_what_stands(stocked: Served) -> None:
    owner = stocked.person("alpha.owner")
    first = owner.get("/api/v1/idle", params={"limit": 1}).json()
    rest = owner.get("/api/v1/idle", params={"limit": 1, "after": first["next"]}).json()
    assert {first["items"][0]["vin"], rest["items"][0]["vin"]} == {DEPOT, NORTH}
    assert rest["next"] is None
    for path in ("idle", "available", f"vehicles/{DEPOT}/costs"):
        answer = owner.get(f"/api/v1/{path}", params={"after": "WzEsMl0"})
        assert (answer.status_code, path) == (422, path)


def test_costs_are_listed_summed_and_exported(stocked: Served) -> None:
    finance = stocked.person("alpha-depot.finance")
    page = finance.get(COSTS).json()
    assert {item["kind"]: item["amount_fen"] for item in page["items"]} == {
        "inspection": 12_000,
        "insurance": 95_000,
    }
    assert page["spent"]["total_fen"] == 107_000
    first = finance.get(COSTS, params={"limit": 1}).json()
    rest = finance.get(COSTS, params={"limit": 1, "after": first["next"]}).json()
    assert [*first["items"], *rest["items"]] == page["items"]
    csv = finance.get(f"{COSTS}/export", params={"form": "csv"}).content.decode("utf-8-sig")
    assert "950" in csv
    assert finance.get(COSTS, params={"from_on": "2199-01-01"}).json()["items"] == []
    ops = stocked.person("alpha-depot.ops").get(COSTS)
    assert (ops.status_code, code_of(ops)) == (403, "permission_missing")


def test_others_vehicles_are_not_there(stocked: Served) -> None:
    stranger = stocked.person("omega.owner", step_up=True)
    for path in (PAGE, COSTS):
        assert stranger.get(path).status_code == 404
    answer = post(stranger, STAGE, {"stage": "for_sale"}, "stranger")
    assert (answer.status_code, code_of(answer)) == (404, "vehicle_not_found")


def test_a_new_vehicle_lacks_its_papers_at_once(stocked: Served) -> None:
    owner = stocked.person("alpha.owner", step_up=True)
    vin = "LE4TG4DB1JL199517"
    body = {"vin": vin, "plate": None, "model": None, "owner": "alpha", "operator": "alpha-north"}
    assert post(owner, "/api/v1/vehicles", body, "new-vehicle").status_code == 201
    due = owner.get("/api/v1/obligations", params={"q": vin}).json()["items"]
    assert {item["kind"] for item in due if item["status"] == "missing"} >= {
        "inspection",
        "compulsory",
    }
