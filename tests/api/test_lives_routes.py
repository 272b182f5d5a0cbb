"""Models, stages, odometers, purchases, places, the pool and transfers, over HTTP."""

from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from fleet.registry.vin import compute_check_digit
from tests.api.served import Served, code_of, post

VEHICLES: Final = "/api/v1/vehicles"
MODELS: Final = "/api/v1/models"
MODEL: Final = {
    "maker": "重庆瑞驰",
    "body_type": "微型封闭货车",
    "gvw_kg": 2600,
    "battery_kwh": 41.86,
    "battery_chemistry": "lfp",
    "rated_range_km": 300,
    "box_volume_m3": 5.2,
    "care": {"check_every_days": 14},
}
PURCHASE: Final = {
    "purchased_on": "2020-03-15",
    "price_fen": 9_980_000,
    "supplier": "某公司",
    "depreciation_method": "straight_line",
    "useful_life_months": 12,
    "residual_pct": 5,
}
FIRST: Final = {"If-Match": '"1"'}


@pytest.fixture
def owner(api: Served) -> TestClient:
    """Of alpha, who has just given their password again."""
    return api.person("alpha.owner", step_up=True)


@pytest.fixture
def vin(api: Served, owner: TestClient) -> str:
    """That of a new vehicle of alpha."""
    return add_vehicle(api, owner)


def add_vehicle(api: Served, owner: TestClient, **given: Any) -> str:
    vin = f"LNB{api.unused('').rjust(14, '0')}"
    vin = vin[:8] + compute_check_digit(vin) + vin[9:]
    made = post(owner, VEHICLES, {"vin": vin, "owner": "alpha", **given}, vin)
    assert made.status_code == 201, made.text
    return vin


def add_model(api: Served, owner: TestClient) -> str:
    code = api.unused("m-")
    made = post(owner, MODELS, {"code": code, "name": f"型 {code}", **MODEL}, code)
    assert made.status_code == 201, made.text
    return code


# Models


def test_a_model_is_told_as_it_was_given(api: Served, owner: TestClient) -> None:
    code = api.unused("m-")
    body = {"code": code, "name": f"型 {code}", **MODEL}
    made = post(owner, MODELS, body, code)
    assert (made.status_code, made.headers["location"]) == (201, f"{MODELS}/{code}")
    assert made.json() == {**body, "version": 1}
    assert owner.get(f"{MODELS}/{code}").json() == made.json()
    listed = api.person("alpha-depot.viewer").get(MODELS, params={"q": code}).json()["items"]
    assert listed == [made.json()]
    assert api.person("omega.owner").get(f"{MODELS}/{code}").status_code == 404


def test_a_model_is_changed_by_its_version(api: Served, owner: TestClient) -> None:
    code = add_model(api, owner)
    body = {"name": f"新 {code}", "maker": "厂", "body_type": "货车"}
    changed = owner.put(f"{MODELS}/{code}", json=body, headers=FIRST)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["gvw_kg"], changed.json()["care"]) == (None, {})
    again = owner.put(f"{MODELS}/{code}", json=body, headers=FIRST)
    assert (again.status_code, code_of(again)) == (412, "version_changed")


@pytest.mark.parametrize(
    ("login", "told"),
    [
        ("alpha-south.owner", (409, "models_kept_by_head")),
        ("alpha.ops", (403, "permission_missing")),
    ],
)
def test_the_head_keeps_the_catalogue(api: Served, login: str, told: tuple[int, str]) -> None:
    code = api.unused("m-")
    answer = post(api.person(login), MODELS, {"code": code, "name": code, **MODEL}, code)
    assert (answer.status_code, code_of(answer)) == told


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"care": {"target_from_pct": 90, "target_to_pct": 10}}, "care_malformed"),
        ({"care": {"check_every_hours": 1}}, "invalid"),
        ({"gvw_kg": 99}, "invalid"),
        ({"battery_chemistry": "lead"}, "invalid"),
        ({"battery_kwh": 0}, "invalid"),
    ],
)
def test_a_model_that_cannot_be_is_refused(
    api: Served, owner: TestClient, given: dict[str, Any], code: str
) -> None:
    key = api.unused("m-")
    answer = post(owner, MODELS, {"code": key, "name": key, **MODEL, **given}, key)
    assert (answer.status_code, code_of(answer)) == (422, code)


def test_a_vehicle_bears_the_name_of_its_model(api: Served, owner: TestClient) -> None:
    code = add_model(api, owner)
    vin = add_vehicle(api, owner, model_code=code)
    card = owner.put(
        f"{VEHICLES}/{vin}/card",
        json={"plate": None, "model": None, "model_code": code},
        headers=FIRST,
    ).json()
    assert (card["model"], card["model_code"], card["version"]) == (f"型 {code}", code, 2)
    missing = {"plate": None, "model": None, "model_code": "no-such"}
    answer = owner.put(f"{VEHICLES}/{vin}/card", json=missing, headers={"If-Match": '"2"'})
    assert (answer.status_code, code_of(answer)) == (404, "model_not_found")


def test_a_wrong_check_digit_is_told_and_taken(api: Served, owner: TestClient) -> None:
    vin = add_vehicle(api, owner)
    wrong = vin[:8] + ("1" if vin[8] != "1" else "2") + vin[9:]
    made = post(owner, VEHICLES, {"vin": wrong, "owner": "alpha"}, wrong)
    assert (made.status_code, made.json()["vin_check"]) == (201, "wrong")


# Lives


def test_a_life_begins_in_stock_or_ordered(api: Served, owner: TestClient, vin: str) -> None:
    [stage] = owner.get(f"{VEHICLES}/{vin}/stages").json()
    assert (stage["stage"], stage["until_at"], stage["changed_by"]) == (
        "in_stock",
        None,
        "alpha.owner",
    )
    ordered = add_vehicle(api, owner, stage="ordered")
    assert owner.get(f"{VEHICLES}/{ordered}/stages").json()[0]["stage"] == "ordered"


def test_an_odometer_is_told_with_its_roll_back(api: Served, owner: TestClient, vin: str) -> None:
    path = f"{VEHICLES}/{vin}/odometer"
    for km, at in ((100.5, "2026-01-01T00:00:00Z"), (80.0, "2026-01-02T00:00:00Z")):
        made = post(
            owner, path, {"odometer_km": km, "read_at": at, "note": "盘点"}, api.unused("k")
        )
        assert made.status_code == 201, made.text
    assert (made.json()["rolled_back_km"], made.json()["source"]) == (20.5, "hand")
    first = owner.get(path, params={"limit": 1}).json()
    assert [item["odometer_km"] for item in first["items"]] == [80.0]
    assert first["current"] == {
        "odometer_km": 80.0,
        "read_at": "2026-01-02T00:00:00Z",
        "source": "hand",
    }
    second = owner.get(path, params={"after": first["next"]}).json()
    assert [item["odometer_km"] for item in second["items"]] == [100.5]
    assert second["next"] is None
    again = post(
        owner, path, {"odometer_km": 1, "read_at": "2026-01-01T00:00:00Z"}, api.unused("k")
    )
    assert (again.status_code, code_of(again)) == (409, "odometer_read_already")


def test_a_purchase_is_written_down_once_and_then_changed(owner: TestClient, vin: str) -> None:
    path = f"{VEHICLES}/{vin}/purchase"
    assert code_of(owner.get(path)) == "purchase_not_found"
    made = owner.put(path, json=PURCHASE, headers={"If-Match": '"0"'})
    assert (made.status_code, made.headers["etag"]) == (200, '"1"')
    assert (made.json()["book_value_fen"], made.json()["residual_pct"]) == (499_000, 5.0)
    again = owner.put(path, json=PURCHASE, headers={"If-Match": '"0"'})
    assert (again.status_code, code_of(again)) == (412, "version_changed")
    none = PURCHASE | {"depreciation_method": "none"}
    assert owner.put(path, json=none, headers=FIRST).json()["book_value_fen"] == 9_980_000
    assert owner.get(path).headers["etag"] == '"2"'


def test_a_purchase_that_says_too_little_is_refused(owner: TestClient, vin: str) -> None:
    body = PURCHASE | {"residual_pct": None}
    answer = owner.put(f"{VEHICLES}/{vin}/purchase", json=body, headers={"If-Match": '"0"'})
    assert (answer.status_code, code_of(answer)) == (422, "purchase_incomplete")


def test_an_operator_does_not_see_what_its_vehicle_cost(api: Served, owner: TestClient) -> None:
    vin = add_vehicle(api, owner, operator="alpha-south")
    path = f"{VEHICLES}/{vin}/purchase"
    owner.put(path, json=PURCHASE, headers={"If-Match": '"0"'})
    answer = api.person("alpha-south.owner").get(path)
    assert (answer.status_code, code_of(answer)) == (404, "purchase_not_found")


def test_a_vehicle_is_placed_and_offered(api: Served, owner: TestClient, vin: str) -> None:
    body = {"depot": "alpha-south", "tags": [" 冷链 ", "冷链"], "pooled": True}
    placed = owner.put(f"{VEHICLES}/{vin}/placing", json=body, headers=FIRST)
    assert (placed.status_code, placed.headers["etag"]) == (200, '"2"')
    told = placed.json()
    assert (told["depot"], told["tags"], told["pooled"]) == ("alpha-south", ["冷链"], True)
    [pooled] = (
        api.person("alpha-north.viewer").get("/api/v1/pool", params={"q": vin}).json()["items"]
    )
    assert (pooled["vin"], pooled["owner"], pooled["model"]) == (vin, "alpha", None)
    assert api.person("omega.owner").get("/api/v1/pool", params={"q": vin}).json()["items"] == []
    wrong = body | {"depot": "omega"}
    answer = owner.put(f"{VEHICLES}/{vin}/placing", json=wrong, headers={"If-Match": '"2"'})
    assert (answer.status_code, code_of(answer)) == (404, "organisation_not_found")


def test_a_transfer_is_told_to_both_sides(api: Served, owner: TestClient) -> None:
    vin = add_vehicle(api, owner, operator="alpha-south")
    record = {
        "odometer_km": 18342.6,
        "soc_pct": 62.5,
        "checks": [{"item": "三角牌", "ok": True, "note": None}],
        "remarks": "右后门有划痕",
    }
    body = {"organisation": "alpha-north", "record": record}
    made = post(owner, f"{VEHICLES}/{vin}/operators", body, api.unused("k"))
    assert made.status_code == 201, made.text
    seen = {
        login: api.person(login).get(f"{VEHICLES}/{vin}/transfers").json()
        for login in ("alpha.viewer", "alpha-south.viewer", "alpha-north.viewer")
    }
    [told] = seen["alpha.viewer"]
    assert {name: told[name] for name in record} == record
    assert (told["from_organisation"], told["to_organisation"]) == ("alpha-south", "alpha-north")
    assert [one["to_organisation"] for one in seen["alpha-south.viewer"]] == [None]
    assert [one["from_organisation"] for one in seen["alpha-north.viewer"]] == [None]
    assert seen["alpha-north.viewer"][0]["remarks"] == "右后门有划痕"
