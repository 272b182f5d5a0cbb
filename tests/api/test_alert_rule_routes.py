"""Rules of alerts over HTTP, as the role of the application: read, set, refused, taken back."""

from datetime import timedelta
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from alerts.rules.kinds import KINDS
from kit import clock, db
from tests.api.readings import store_sample
from tests.api.served import Served, code_of, post
from tests.api.world import VINS

RULES: Final = "/api/v1/alert-rules"
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")


@pytest.fixture
def head(api: Served) -> TestClient:
    """A manager of the head office."""
    return api.person("alpha.manager")


@pytest.fixture
def south(api: Served) -> TestClient:
    """A manager of a region, with a depot below."""
    return api.person("alpha-south.manager")


def put(client: TestClient, code: str, version: int = 0, where: str = "", **body: Any) -> Any:
    """Set a rule."""
    headers = {"If-Match": f'"{version}"'}
    return client.put(f"{RULES}/{code}{where}", json=body, headers=headers)


def test_kinds_are_told_with_what_can_be_set(head: TestClient) -> None:
    kinds = {each["kind"]: each for each in head.get("/api/v1/alert-kinds").json()}
    assert kinds.keys() == KINDS.keys()
    low = kinds["low_soc_parked"]
    assert (low["chinese"], low["subject"], low["inhibited_by"]) == (
        "停放电量低",
        "vehicle",
        ["offline"],
    )
    told = {each["name"]: each for each in low["parameters"]}
    assert (told["raise_at"]["default"], told["raise_at"]["chinese"]) == (20, "告警阈值")
    assert low["parameter_schema"]["properties"].keys() == told.keys()
    assert kinds["rent_due"]["parameters"][0]["default"] == [7, 3, 0, -1, -3, -7, -15, -30]


def test_a_default_is_the_kinds_in_its_schemas_too(head: TestClient) -> None:
    for kind in head.get("/api/v1/alert-kinds").json():
        whole = kind["parameter_schema"]["properties"]
        for each in kind["parameters"]:
            schemas = [each["value_schema"], whole[each["name"]]]
            assert [schema["default"] for schema in schemas] == [each["default"]] * 2, kind["kind"]


def test_what_expressions_may_use_is_told(api: Served, south: TestClient) -> None:
    told = south.get("/api/v1/alert-expression-fields").json()
    fields = {each.pop("name"): each for each in told["fields"]}
    assert (fields["soc_pct"]["chinese"], fields["soc_pct"]["unit"]) == ("剩余电量", "%")
    assert (fields["soc_pct"]["least"], fields["soc_pct"]["most"]) == (0, 100)
    assert fields["power_source"] == {
        "chinese": "终端供电",
        "english": "power source",
        "type": "text",
        "unit": None,
        "meaning": "What the device runs on.",
        "chinese_meaning": "终端由主电还是备电供电。",
        "least": None,
        "most": None,
        "choices": [
            {"word": "backup", "chinese": "备电", "english": "backup power"},
            {"word": "main", "chinese": "主电", "english": "main power"},
        ],
    }
    assert fields["previous.gear"]["chinese"] == "上次的挡位"
    for each in (*told["functions"], *told["operators"]):
        body = {"expression": each["example"]}
        assert south.post(f"{RULES}/check-expression", json=body).json()["valid"] is True
    machine = api.machine("vehicle.read")
    answer = machine.get("/api/v1/alert-expression-fields")
    assert (answer.status_code, code_of(answer)) == (403, "permission_missing")


def test_set_above_seen_below_and_taken_back(
    api: Served, head: TestClient, south: TestClient
) -> None:
    before = south.get(f"{RULES}/cell_spread")
    assert (before.headers["etag"], before.json()["origin"]) == ('"0"', "shipped")
    set_ = put(head, "cell_spread", severity="critical", parameters={"raise_at": 0.25})
    assert (set_.status_code, set_.headers["etag"]) == (200, '"1"')
    assert set_.json()["origin"] == "own"
    below = api.person("alpha-depot.viewer").get(f"{RULES}/cell_spread").json()
    assert below == set_.json() | {
        "organisation": "alpha-depot",
        "origin": "above",
        "set_by": None,
        "version": 0,
    }
    seen = head.get(f"{RULES}/cell_spread", params={"organisation": "alpha-depot"}).json()
    assert (seen["origin"], seen["set_by"]) == ("above", "alpha")
    off = put(south, "cell_spread", enabled=False)
    assert (off.json()["enabled"], off.json()["severity"], off.json()["set_by"]) == (
        False,
        "warning",
        "alpha-south",
    )
    late = put(south, "cell_spread", version=0)
    assert (late.status_code, code_of(late)) == (412, "version_changed")
    gone = south.delete(f"{RULES}/cell_spread", headers={"If-Match": '"1"'})
    assert (gone.status_code, gone.content) == (204, b"")
    again = south.get(f"{RULES}/cell_spread")
    assert (again.headers["etag"], again.json()["parameters"]["raise_at"]) == ('"2"', 0.25)
    kept = south.get(f"{RULES}/cell_spread/versions", params={"limit": "1"}).json()
    assert (kept["items"][0]["no"], kept["items"][0]["content"]["retired"]) == (2, True)
    rest = south.get(f"{RULES}/cell_spread/versions", params={"after": kept["next"]}).json()
    assert [(each["no"], each["changed_by"]) for each in rest["items"]] == [
        (1, "alpha-south.manager")
    ]
    assert rest["next"] is None
    actions = [
        each["action"]
        for each in api.person("alpha-south.auditor").get("/api/v1/audit").json()["items"]
        if each["object_key"] == "alpha-south/cell_spread"
    ]
    assert actions == ["alert_rule.retire", "alert_rule.set"]


def test_without_a_version_nothing_is_set(south: TestClient) -> None:
    for answer in (south.put(f"{RULES}/towed", json={}), south.delete(f"{RULES}/towed")):
        assert (answer.status_code, code_of(answer)) == (428, "if_match_required")
    answer = south.delete(f"{RULES}/towed", headers={"If-Match": '"0"'})
    assert (answer.status_code, code_of(answer)) == (404, "alert_rule_not_found")


REFUSED: Final[dict[str, tuple[str, dict[str, Any], int, str, str]]] = {
    "a kind that is none": ("new_one", {"kind": "none"}, 422, "alert_rule_kind_unknown", "kind"),
    "a further rule without its kind": ("new_one", {}, 422, "alert_rule_kind_unknown", "kind"),
    "a further rule of what stands alone": (
        "new_one",
        {"kind": "offline"},
        422,
        "alert_rule_stands_alone",
        "kind",
    ),
    "a code that is none": ("New", {"kind": "over_speed"}, 422, "alert_code_malformed", "code"),
    "clearing above raising": (
        "over_speed",
        {"parameters": {"raise_at": 50}},
        422,
        "alert_rule_parameters_invalid",
        "parameters",
    ),
    "an unknown parameter": (
        "over_speed",
        {"parameters": {"limit": 50}},
        422,
        "alert_rule_parameters_invalid",
        "parameters.limit",
    ),
    "a place that is none": (
        "geofence",
        {"parameters": {"geofence": "nowhere"}},
        422,
        "alert_rule_parameters_invalid",
        "parameters.geofence",
    ),
    "a group that is none": (
        "over_speed",
        {"scope": {"groups": ["nowhere"]}},
        422,
        "alert_rule_scope_invalid",
        "scope.groups",
    ),
    "a vehicle of another tenant": (
        "over_speed",
        {"scope": {"vins": [VINS["omega-depot"]]}},
        422,
        "alert_rule_scope_invalid",
        "scope.vins",
    ),
    "a scope of what is not about vehicles": (
        "rent_due",
        {"scope": {"vins": ["X"]}},
        422,
        "alert_rule_scope_invalid",
        "scope",
    ),
    "an expression that is none": (
        "custom",
        {"parameters": {"expression": "soc_pct <"}},
        422,
        "expression_invalid",
        "parameters.expression",
    ),
    "a clearing that is none": (
        "custom",
        {"parameters": {"expression": "soc_pct < 5.0", "clear": "socpct > 9.0"}},
        422,
        "expression_invalid",
        "parameters.clear",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_names_the_field(south: TestClient, case: str) -> None:
    code, body, status, problem, field = REFUSED[case]
    answer = put(south, code, **body)
    assert (answer.status_code, code_of(answer)) == (status, problem), answer.text
    assert answer.json()["errors"][0]["field"] == field


def test_every_fault_is_told_in_chinese_too(south: TestClient) -> None:
    body = {"parameters": {"for_s": -1, "raise_at": "fast"}}
    headers = {"If-Match": '"0"', "Accept-Language": "zh-CN"}
    told = south.put(f"{RULES}/over_speed", json=body, headers=headers).json()
    assert [each["field"] for each in told["facts"]["faults"]] == [
        "parameters.for_s",
        "parameters.raise_at",
    ]
    assert told["title"] == "规则参数有误"


def test_a_custom_rule_and_where_an_expression_is_wrong(api: Served, south: TestClient) -> None:
    check = f"{RULES}/check-expression"
    fine = south.post(check, json={"expression": "soc_pct < 15.0 && speed_kmh > 5.0"}).json()
    assert (fine["valid"], fine["fields"], fine["problem"]) == (
        True,
        ["soc_pct", "speed_kmh"],
        None,
    )
    wrong = south.post(check, json={"expression": "soc_pct < 15.0\n&& socpct > 1.0"}).json()
    assert (wrong["valid"], wrong["line"], wrong["column"]) == (False, 2, 4)
    assert wrong["excerpt"].endswith("^")
    code = api.unused("low_")
    parameters = {"expression": "soc_pct < 15.0 && speed_kmh > 5.0", "for_s": 30}
    made = put(south, code, kind="custom", name="低电行驶", parameters=parameters)
    assert (made.status_code, made.json()["parameters"]["for_s"]) == (200, 30)
    below = api.person("alpha-depot.manager").get(f"{RULES}/{code}").json()
    assert (below["name"], below["origin"]) == ("低电行驶", "above")


def test_the_list_is_narrowed_and_told_as_a_table(south: TestClient) -> None:
    every = [each["code"] for each in south.get(RULES).json()]
    assert every == sorted(every)
    assert set(KINDS) <= set(every)
    off = south.get(RULES, params={"enabled": "false", "kind": "moved_at_night"}).json()
    assert [each["code"] for each in off] == ["moved_at_night"]
    grave = south.get(RULES, params={"severity": "critical"}).json()
    assert {"insurance_gap", "towed"} <= {each["code"] for each in grave}
    assert "rent_due" not in {each["code"] for each in grave}
    table = south.get(f"{RULES}/export?form=csv", headers={"Accept-Language": "zh-CN"})
    lines = table.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("所属组织,编码,类型,规则类型,英文名称,名称,启用,级别,参数,")
    assert any(
        line.startswith("alpha-south,towed,towed,疑似拖车,Towed,,是,严重,") for line in lines
    )


def test_who_may_and_what_is_in_sight(api: Served) -> None:
    viewer, north = api.person("alpha-depot.viewer"), api.person("alpha-north.manager")
    assert viewer.get(RULES).status_code == 200
    assert code_of(put(viewer, "towed")) == "permission_missing"
    answer = viewer.delete(f"{RULES}/towed", headers={"If-Match": '"0"'})
    assert code_of(answer) == "permission_missing"
    for code in ("alpha", "alpha-south", "omega", "nowhere"):
        answer = north.get(RULES, params={"organisation": code})
        assert (answer.status_code, code_of(answer)) == (404, "organisation_not_found")
        answer = put(north, "towed", where=f"?organisation={code}")
        assert (answer.status_code, code_of(answer)) == (404, "organisation_not_found")


def test_places_and_groups_that_rules_name(api: Served, south: TestClient) -> None:
    place, group = api.unused("yard_"), api.unused("vans_")
    outline = {"shape": "polygon", "points": [[22.5, 113.9], [22.6, 113.9], [22.6, 114.0]]}
    body = {"code": place, "name": "车场", **outline}
    made = post(south, "/api/v1/geofences", body, api.unused("place-"))
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    body = {"code": group, "name": "货车", "vins": [VINS["alpha-depot"]]}
    made = post(south, "/api/v1/vehicle-groups", body, api.unused("group-"))
    assert (made.status_code, made.json()["vehicles"]) == (201, 1)
    code = api.unused("fence_")
    rule = put(
        south,
        code,
        kind="geofence",
        parameters={"geofence": place, "when": "inside"},
        scope={"groups": [group]},
    )
    assert (rule.status_code, rule.json()["scope"]["groups"]) == (200, [group])
    for path in (f"/api/v1/geofences/{place}", f"/api/v1/vehicle-groups/{group}"):
        etag = south.get(path).headers["etag"]
        kept = south.post(f"{path}/retire", headers={"If-Match": etag})
        assert (kept.status_code, code_of(kept)) == (409, "alert_name_in_use")
        assert kept.json()["facts"]["rules"] == [f"alpha-south/{code}"]
    south.delete(f"{RULES}/{code}", headers={"If-Match": '"1"'})
    for path in (f"/api/v1/geofences/{place}", f"/api/v1/vehicle-groups/{group}"):
        etag = south.get(path).headers["etag"]
        gone = south.post(f"{path}/retire", headers={"If-Match": etag})
        assert gone.json()["retired_at"] is not None


def test_a_rule_is_tried_on_the_past(api: Served, head: TestClient) -> None:
    began = clock.now() - timedelta(hours=5)
    with db.connect(api.owner_url, application_name="test owner") as conn:
        for minutes, soc_pct in enumerate([50.0, 18.0, 18.0, 18.0, 18.0, 60.0, 60.0, 60.0]):
            at = began + timedelta(minutes=10 * minutes)
            reading = {"soc_pct": soc_pct, "speed_kmh": 0.0, "charge_state": "not_charging"}
            store_sample(conn, api.world, "alpha-depot", at, vehicle_state="stopped", **reading)
    body = {"code": "low_soc_parked", "days": 1, "parameters": {"for_s": 600}}
    found = head.post(f"{RULES}/rehearse", json=body)
    assert found.status_code == 200, found.text
    told = found.json()
    assert (told["count"], [each["vin"] for each in told["of_vehicles"]]) == (
        1,
        [VINS["alpha-depot"]],
    )
    assert told["firings"][0]["value"] == 18
    assert (told["samples"], told["cut"], told["recorded"]) == (8, False, None)
    north = api.person("alpha-north.manager").post(f"{RULES}/rehearse", json=body)
    assert north.json()["count"] == 0
    milder = body | {"parameters": {"raise_at": 10, "clear_above": 12}}
    assert head.post(f"{RULES}/rehearse", json=milder).json()["count"] == 0


def test_trying_is_refused_by_name_too(api: Served, head: TestClient) -> None:
    asked = {"code": "over_speed", "parameters": {"limit": 1}}
    answer = head.post(f"{RULES}/rehearse", json=asked)
    assert (answer.status_code, code_of(answer)) == (422, "alert_rule_parameters_invalid")
    for days in (0, 31):
        answer = head.post(f"{RULES}/rehearse", json={"code": "over_speed", "days": days})
        assert (answer.status_code, code_of(answer)) == (422, "invalid")
    viewer = api.person("alpha.viewer")
    answer = viewer.post(f"{RULES}/rehearse", json={"code": "over_speed"})
    assert (answer.status_code, code_of(answer)) == (403, "permission_missing")
    due = head.post(f"{RULES}/rehearse", json={"code": "rent_due", "days": 30}).json()
    assert (due["kind"], due["count"], due["per_day"]) == ("rent_due", 0, [])
