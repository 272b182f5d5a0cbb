"""Who sets a rule, and what then holds for whom: tables that read as sentences."""

from typing import Any, Final

import pytest

from alerts.rules.inheritance import SetRule, Unreadable, effective, read_set_rule
from alerts.rules.kinds import KINDS
from alerts.rules.model import Rule, Scope
from alerts.rules.telemetry_parameters import Above

HEAD, EAST, YARD, WEST = 1, 2, 3, 4
NAMES: Final = {"head": HEAD, "east": EAST, "yard": YARD, "west": WEST}
ABOVE: Final = {
    "head": [HEAD],
    "east": [EAST, HEAD],
    "yard": [YARD, EAST, HEAD],
    "west": [WEST, HEAD],
}


def said(by: str, code: str, at: float, *, on: bool = True, group: str | None = None) -> SetRule:
    """A rule of over-speed as the organisation sets it."""
    return SetRule(
        rule_id=1,
        organisation_id=NAMES[by],
        organisation=by,
        code=code,
        kind=KINDS["over_speed"],
        name=None,
        enabled=on,
        severity="warning",
        parameters=Above(raise_at=at, clear_below=at - 5),
        scope=Scope(groups=() if group is None else (group,)),
        version=7,
    )


def holding(rows: list[SetRule], organisation: str) -> dict[str, Rule]:
    """What holds for the organisation when these were set."""
    set_by: dict[int, list[SetRule]] = {}
    for row in rows:
        set_by.setdefault(row.organisation_id, []).append(row)
    return effective(NAMES[organisation], ABOVE[organisation], set_by)


def told(rule: Rule | None) -> str:
    """A rule in a few words: limit, whose, whether it is on."""
    if rule is None:
        return "none"
    whose = "as shipped" if rule.set_by is None else f"by {rule.set_by}"
    return f"{rule.parameters.raise_at:g} {whose}{'' if rule.enabled else ', off'}"


SHIPPED: Final = "90 as shipped"
CASES: Final = {
    "nobody sets it": ([], {"head": SHIPPED, "yard": SHIPPED, "west": SHIPPED}),
    "the head sets it for all below": (
        [said("head", "over_speed", 80)],
        {"head": "80 by head", "east": "80 by head", "yard": "80 by head", "west": "80 by head"},
    ),
    "an operator sets it for itself and its depot": (
        [said("east", "over_speed", 70)],
        {"head": SHIPPED, "east": "70 by east", "yard": "70 by east", "west": SHIPPED},
    ),
    "the nearest wins": (
        [said("head", "over_speed", 80), said("yard", "over_speed", 60)],
        {"east": "80 by head", "yard": "60 by yard", "west": "80 by head"},
    ),
    "an operator switches off what the head switched on": (
        [said("head", "over_speed", 80), said("east", "over_speed", 80, on=False)],
        {"head": "80 by head", "east": "80 by east, off", "yard": "80 by east, off"},
    ),
    "below one that is off it can be on again": (
        [said("east", "over_speed", 80, on=False), said("yard", "over_speed", 50)],
        {"east": "80 by east, off", "yard": "50 by yard"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_rule_goes_down_the_tree(case: str) -> None:
    rows, expected = CASES[case]
    assert {one: told(holding(rows, one)["over_speed"]) for one in expected} == expected


FURTHER: Final = {
    "a further rule of the head stands beside the shipped one": (
        [said("head", "motorway", 110)],
        {"head": ("110 by head", SHIPPED), "yard": ("110 by head", SHIPPED)},
    ),
    "nobody above has a further rule from below": (
        [said("yard", "motorway", 110)],
        {"head": ("none", SHIPPED), "east": ("none", SHIPPED), "yard": ("110 by yard", SHIPPED)},
    ),
    "a descendant sets a further rule otherwise by its code": (
        [said("head", "motorway", 110), said("east", "motorway", 100)],
        {"west": ("110 by head", SHIPPED), "yard": ("100 by east", SHIPPED)},
    ),
    "a descendant is without a further rule by switching it off": (
        [said("head", "motorway", 110), said("west", "motorway", 110, on=False)],
        {"west": ("110 by west, off", SHIPPED), "east": ("110 by head", SHIPPED)},
    ),
    "the shipped one and further ones are set apart": (
        [said("head", "motorway", 110), said("east", "over_speed", 60)],
        {"east": ("110 by head", "60 by east"), "west": ("110 by head", SHIPPED)},
    ),
}


@pytest.mark.parametrize("case", FURTHER)
def test_further_rules_go_down_the_tree(case: str) -> None:
    rows, expected = FURTHER[case]
    found = {}
    for one in expected:
        rules = holding(rows, one)
        found[one] = (told(rules.get("motorway")), told(rules["over_speed"]))
    assert found == expected


def test_a_rule_is_inherited_whole() -> None:
    """The operator's word has no group, so the head's group does not narrow it."""
    rows = [said("head", "over_speed", 80, group="vans"), said("east", "over_speed", 70)]
    assert holding(rows, "west")["over_speed"].scope.groups == ("vans",)
    assert holding(rows, "yard")["over_speed"].scope.groups == ()


def test_a_rule_tells_for_whom_it_holds_and_which_row_it_is() -> None:
    rule = holding([said("head", "over_speed", 80)], "yard")["over_speed"]
    assert (rule.organisation_id, rule.set_by, rule.rule_id, rule.version) == (YARD, "head", 1, 7)
    shipped = holding([], "yard")["low_soc_parked"]
    assert (shipped.organisation_id, shipped.rule_id, shipped.version) == (YARD, None, None)


def test_every_kind_has_a_rule_as_shipped() -> None:
    rules = holding([], "yard")
    assert list(rules) == sorted(KINDS)
    for name, kind in KINDS.items():
        assert (rules[name].enabled, rules[name].severity) == (kind.enabled, kind.severity)
        assert rules[name].parameters == kind.parameters
    assert [name for name in rules if not rules[name].enabled] == [
        "custom",
        "geofence",
        "moved_at_night",
    ]


KEPT: Final[dict[str, Any]] = {
    "id": 5,
    "organisation_id": HEAD,
    "organisation_code": "head",
    "code": "over_speed",
    "kind": "over_speed",
    "name": None,
    "enabled": True,
    "severity": "critical",
    "parameters": {"raise_at": 100, "clear_below": 95},
    "scope": {"vins": ["V"]},
    "version": 3,
}


def test_a_kept_row_is_read_with_what_it_lacks_as_the_kind_has_it() -> None:
    row = read_set_rule(KEPT)
    assert isinstance(row, SetRule)
    assert (row.parameters.raise_at, row.parameters.keep_s) == (100, 60)
    assert (row.scope.vins, row.severity, row.version) == (("V",), "critical", 3)


@pytest.mark.parametrize(
    ("odd", "problem"),
    [
        pytest.param({"kind": "gone"}, "no kind 'gone'", id="a kind of another release"),
        pytest.param(
            {"parameters": {"raise_at": 100}}, "clear_below: Field required", id="a new field"
        ),
        pytest.param(
            {"parameters": {"raise_at": 1, "clear_below": 0, "was": 1}},
            "was: Extra inputs are not permitted",
            id="a field of old",
        ),
        pytest.param(
            {"scope": {"depots": []}}, "depots: Extra inputs are not permitted", id="a scope"
        ),
    ],
)
def test_what_cannot_be_read_is_told_and_does_not_hold(odd: dict[str, Any], problem: str) -> None:
    assert read_set_rule(KEPT | odd) == Unreadable(5, HEAD, "over_speed", problem)
