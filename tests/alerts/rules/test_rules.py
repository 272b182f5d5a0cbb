"""Rules in the database: set, changed, taken back, told to whom they reach, and written down."""

from datetime import timedelta
from typing import Any, Final

import pytest

from alerts.errors import OrganisationNotFound, OrganisationUnnamed
from alerts.geofences.service import circle, create_geofence
from alerts.groups.service import create_group
from alerts.rules import service
from alerts.rules.errors import (
    RuleCodeTaken,
    RuleNotFound,
    RuleParametersInvalid,
    RuleScopeInvalid,
    TooManyRules,
)
from alerts.rules.model import Shown
from alerts.rules.service import (
    draft_rule,
    get_rule,
    list_versions,
    retire_rule,
    rules_of,
    set_rule,
    show_rule,
)
from kit.errors import VersionChanged
from schemas import addresses
from schemas.access import SYSTEM, Actor, PermissionMissing
from schemas.addresses import CodeReserved
from tests.alerts.rules.land import NOW, VIN_A, VIN_ELSEWHERE, Conn, acting, trail
from tests.fleet.conftest import refused

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
LIMIT: Final = {"raise_at": 80, "clear_below": 75}


def put(
    conn: Conn,
    organisation: str | None,
    code: str = "over_speed",
    *,
    actor: Actor = SYSTEM,
    version: int | None = None,
    **given: Any,
) -> Shown:
    """Set a rule, of which little is said."""
    said = {
        "kind": None,
        "enabled": True,
        "severity": None,
        "parameters": LIMIT,
        "scope": {},
        "name": None,
    }
    return set_rule(
        conn,
        actor,
        organisation=organisation,
        code=code,
        version=version,
        now=NOW,
        **(said | given),
    )


def told(conn: Conn, organisation: str, code: str = "over_speed") -> tuple[float, str | None]:
    """The limit that holds, and who set it."""
    rule = get_rule(conn, SYSTEM, code=code, organisation=organisation)
    return rule.parameters.raise_at, rule.set_by


def test_one_whose_code_has_become_a_word_of_an_address_goes_on(
    land: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refused(land, CodeReserved):
        put(land, "head", "samples", kind="over_speed")
    with monkeypatch.context() as before:
        before.setattr(addresses, "RESERVED", frozenset())
        put(land, "head", "samples", kind="over_speed")
    assert put(land, "head", "samples", version=1, enabled=False).rule.enabled is False


def test_set_above_it_holds_below_until_it_is_taken_back(land: Conn) -> None:
    assert told(land, "yard") == (90, None)
    put(land, "head")
    put(land, "east", parameters={"raise_at": 60, "clear_below": 55})
    assert told(land, "yard") == (60, "east")
    assert told(land, "west") == (80, "head")
    retire_rule(land, SYSTEM, organisation="east", code="over_speed", version=1, now=NOW)
    assert told(land, "yard") == (80, "head")
    retire_rule(land, SYSTEM, organisation="head", code="over_speed", version=1, now=NOW)
    assert told(land, "yard") == (90, None)
    with refused(land, RuleNotFound):
        retire_rule(land, SYSTEM, organisation="head", code="over_speed", version=2, now=NOW)
    again = put(land, "head", version=2)
    assert (again.version, again.origin) == (3, "own")
    assert told(land, "yard") == (80, "head")


def test_every_change_is_a_version_and_an_entry_of_the_trail(land: Conn) -> None:
    put(land, "east", name="限速")
    put(land, "east", enabled=False, severity="critical", version=1)
    later = NOW + timedelta(hours=1)
    retire_rule(land, SYSTEM, organisation="east", code="over_speed", version=2, now=later)
    kept = list_versions(land, SYSTEM, code="over_speed", organisation="east")
    assert [(each.no, each.changed_by, each.changed_at) for each in kept] == [
        (3, "guanche", later),
        (2, "guanche", NOW),
        (1, "guanche", NOW),
    ]
    assert [each.content.get("retired", False) for each in kept] == [True, False, False]
    assert kept[2].content == {
        "kind": "over_speed",
        "name": "限速",
        "enabled": True,
        "severity": "warning",
        "parameters": LIMIT | {"for_s": 20, "keep_s": 60, "reopen_within_s": 1800},
        "scope": {},
    }
    assert (kept[1].content["enabled"], kept[1].content["severity"]) == (False, "critical")
    before = list_versions(land, SYSTEM, code="over_speed", organisation="east", before=3, limit=1)
    assert [each.no for each in before] == [2]
    assert trail(land) == [
        ("alert_rule.set", "east/over_speed"),
        ("alert_rule.set", "east/over_speed"),
        ("alert_rule.retire", "east/over_speed"),
    ]
    with refused(land, RuleNotFound):
        list_versions(land, SYSTEM, code="over_speed", organisation="west")


def test_who_was_slower_is_told_so(land: Conn) -> None:
    first = show_rule(land, SYSTEM, code="over_speed", organisation="east")
    assert (first.version, first.origin) == (0, "shipped")
    put(land, "east", version=0)
    for version in (0, 2):
        with refused(land, VersionChanged):
            put(land, "east", version=version)
    with refused(land, VersionChanged):
        retire_rule(land, SYSTEM, organisation="east", code="over_speed", version=0, now=NOW)
    put(land, "head")
    inherited = show_rule(land, SYSTEM, code="over_speed", organisation="west")
    assert (inherited.version, inherited.origin, inherited.set_by) == (0, "above", "head")
    assert inherited.rule.version == 1


def test_a_further_rule_stands_beside_the_shipped_one(land: Conn) -> None:
    put(land, "head", "motorway", kind="over_speed", parameters={"raise_at": 110})
    codes = [rule.code for rule in rules_of(land, SYSTEM, organisation="yard")]
    assert codes == sorted(codes)
    assert {"motorway", "over_speed"} <= set(codes)
    assert told(land, "yard", "motorway") == (110, "head")
    put(land, "east", "motorway", enabled=False)  # its kind is known from above
    assert get_rule(land, SYSTEM, code="motorway", organisation="yard").enabled is False
    assert get_rule(land, SYSTEM, code="motorway", organisation="west").enabled is True
    with refused(land, RuleCodeTaken):
        put(land, "west", "motorway", kind="custom", parameters={})
    retire_rule(land, SYSTEM, organisation="head", code="motorway", version=1, now=NOW)
    with refused(land, RuleNotFound):
        get_rule(land, SYSTEM, code="motorway", organisation="west")
    with refused(land, RuleCodeTaken):  # it was a rule of speed, and its alerts are still there
        put(land, "head", "motorway", kind="custom", parameters={})


def test_further_rules_are_not_without_end(land: Conn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_FURTHER", 2)
    for code in ("one", "two", "two"):
        put(land, "east", code, kind="over_speed")
    with refused(land, TooManyRules):
        put(land, "east", "three", kind="over_speed")
    put(land, "yard", "three", kind="over_speed")
    put(land, "east", "offline", parameters={})
    retire_rule(land, SYSTEM, organisation="east", code="one", version=None, now=NOW)
    put(land, "east", "three", kind="over_speed")
    with refused(land, TooManyRules):
        put(land, "east", "one")


def test_names_in_a_scope_have_to_be_there(land: Conn) -> None:
    create_group(land, SYSTEM, organisation="head", code="vans", name="货车", now=NOW)
    create_group(land, SYSTEM, organisation="east", code="night", name="夜班", now=NOW)
    good = {"groups": ["vans", "night"], "models": ["瑞驰 EC35"], "vins": [VIN_A]}
    scope = put(land, "yard", scope=good).rule.scope
    assert (scope.groups, scope.models, scope.vins) == (("vans", "night"), ("瑞驰 EC35",), (VIN_A,))
    bad = {
        "groups": ["night"],
        "models": ["EC99"],
        "vins": [VIN_ELSEWHERE],
        "lease_no": "L2611-AAAAAA",
    }
    with refused(land, RuleScopeInvalid):
        put(land, "west", scope=bad)
    with pytest.raises(RuleScopeInvalid) as raised:
        put(land, "west", scope=bad)
    assert raised.value.facts["faults"] == [
        {"field": "scope.groups", "problem": "there is no group 'night'"},
        {"field": "scope.models", "problem": "there is no model 'EC99'"},
        {"field": "scope.vins", "problem": f"there is no vehicle '{VIN_ELSEWHERE}'"},
        {"field": "scope.lease_no", "problem": "there is no lease 'L2611-AAAAAA'"},
    ]


def test_a_geofence_has_to_be_there_before_a_rule_about_it_is_on(land: Conn) -> None:
    with refused(land, RuleParametersInvalid):
        put(land, "east", "geofence", parameters={})
    off = put(land, "east", "geofence", parameters={}, enabled=False)
    assert off.rule.parameters.geofence == ""
    with refused(land, RuleParametersInvalid):
        put(land, "east", "geofence", parameters={"geofence": "city"}, enabled=False)
    shape = circle(22.5, 114.0, 800)
    create_geofence(land, SYSTEM, organisation="head", code="city", name="城", shape=shape, now=NOW)
    assert put(land, "east", "geofence", parameters={"geofence": "city"}).rule.enabled is True


def test_an_operator_sees_what_reaches_it_and_sets_its_own(land: Conn, app_conn: Conn) -> None:
    create_group(land, SYSTEM, organisation="head", code="vans", name="货车", now=NOW)
    put(land, "head", scope={"groups": ["vans"]})
    put(land, "west", "low_soc_parked", parameters={"raise_at": 5})
    put(land, "yard", "motorway", kind="over_speed")
    east = acting(land, app_conn, "east")
    reached = {rule.code: rule for rule in rules_of(app_conn, east, organisation=None)}
    assert (reached["over_speed"].set_by, reached["over_speed"].scope.groups) == ("head", ("vans",))
    assert reached["low_soc_parked"].set_by is None
    assert "motorway" not in reached
    seen = show_rule(app_conn, east, code="over_speed", organisation=None)
    assert (seen.origin, seen.set_by) == ("above", None)
    seen = show_rule(app_conn, east, code="motorway", organisation="yard")
    assert (seen.origin, seen.set_by) == ("own", "yard")
    below = get_rule(app_conn, east, code="motorway", organisation="yard")
    assert (below.set_by, below.organisation_id) == (
        "yard",
        reached["over_speed"].organisation_id + 1,
    )
    for out_of_sight in ("head", "west", "other", "nowhere"):
        with refused(app_conn, OrganisationNotFound):
            rules_of(app_conn, east, organisation=out_of_sight)
        with refused(app_conn, OrganisationNotFound):
            put(app_conn, out_of_sight, actor=east)
    # The head's group is out of sight; a rule that names it already may go on to.
    own = put(app_conn, None, actor=east, scope={"groups": ["vans"]}, version=0)
    assert (own.rule.set_by, own.version) == ("east", 1)
    with refused(app_conn, RuleScopeInvalid):
        put(app_conn, None, "offline", actor=east, parameters={}, scope={"groups": ["vans"]})
    with refused(app_conn, RuleNotFound):
        list_versions(app_conn, east, code="over_speed", organisation="yard")
    assert [
        each.changed_by
        for each in list_versions(app_conn, east, code="over_speed", organisation=None)
    ] == ["east.manager"]
    retire_rule(app_conn, east, organisation=None, code="over_speed", version=1, now=NOW)
    assert show_rule(app_conn, east, code="over_speed", organisation=None).rule.set_by == "head"


def test_a_code_of_others_is_free_and_what_they_set_stays(land: Conn, app_conn: Conn) -> None:
    """A code is a name within its organisation: who else uses it is not told nor in the way."""
    put(land, "west", "motorway", kind="over_speed", name="他")
    put(land, "other", "motorway", kind="over_speed", name="它")
    theirs = "SELECT r::text FROM alert_rules r WHERE r.name IN ('他', '它') ORDER BY r.id"
    before = land.execute(theirs).fetchall()
    east = acting(land, app_conn, "east")
    own: dict[str, Any] = {"kind": "custom", "parameters": {"expression": "soc_pct < 5.0"}}
    for code in ("motorway", "nobodys"):
        said = f"^the rule {code} is at version 0$"
        with pytest.raises(VersionChanged, match=said), app_conn.transaction():
            put(app_conn, None, code, actor=east, version=1, **own)
    made = put(app_conn, None, "motorway", actor=east, version=0, **own)
    assert (made.version, made.rule.kind.name, made.rule.set_by) == (1, "custom", "east")
    app_conn.commit()
    assert land.execute(theirs).fetchall() == before
    assert len(before) == 2


def test_who_may(land: Conn, app_conn: Conn) -> None:
    viewer = acting(land, app_conn, "east", "viewer")
    assert len(rules_of(app_conn, viewer, organisation=None)) >= 30
    with refused(app_conn, PermissionMissing):
        put(app_conn, None, actor=viewer)
    with refused(app_conn, PermissionMissing):
        retire_rule(app_conn, viewer, organisation=None, code="offline", version=0, now=NOW)
    with refused(app_conn, OrganisationUnnamed):
        rules_of(app_conn, SYSTEM, organisation=None)


def test_a_draft_of_which_little_is_said_is_as_it_holds_now(land: Conn) -> None:
    put(land, "head", parameters={"raise_at": 70, "clear_below": 60}, scope={"vins": [VIN_A]})

    def drafted(**said: Any) -> tuple[float, tuple[str, ...]]:
        given: dict[str, Any] = {"parameters": None, "scope": None} | said
        draft = draft_rule(land, SYSTEM, organisation="yard", code="over_speed", kind=None, **given)
        return draft.parameters.raise_at, draft.scope.vins

    assert drafted() == (70, (VIN_A,))
    assert drafted(parameters={}) == (90, (VIN_A,))
    assert drafted(scope={}) == (70, ())
    assert get_rule(land, SYSTEM, code="over_speed", organisation="yard").set_by == "head"
