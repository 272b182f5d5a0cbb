"""What somebody typed: which rules it makes, and which field is told to be wrong."""

from datetime import date
from typing import Any

import pytest

from alerts.errors import AlertCodeMalformed
from alerts.rules.errors import (
    RuleKindUnknown,
    RuleParametersInvalid,
    RuleScopeInvalid,
    RuleStandsAlone,
)
from alerts.rules.kinds import KINDS
from alerts.rules.validation import check_code, checked_parameters, checked_scope, kind_for


def test_what_is_not_given_stands_as_shipped() -> None:
    typed = checked_parameters(KINDS["low_soc_parked"], {"raise_at": 10})
    assert typed.model_dump() == {
        "for_s": 600,
        "keep_s": 60,
        "reopen_within_s": 1_800,
        "raise_at": 10,
        "clear_above": 25,
    }


def test_offsets_are_sorted_from_early_to_late() -> None:
    typed = checked_parameters(KINDS["rent_due"], {"offsets_days": [0, 7, -3, 7]})
    assert typed.model_dump()["offsets_days"] == (7, 0, -3)


FAULTS: dict[str, tuple[str, dict[str, Any], list[tuple[str, str]]]] = {
    "an unknown field": (
        "over_speed",
        {"speed": 80},
        [("parameters.speed", "Extra inputs are not permitted")],
    ),
    "a text where a number belongs": (
        "over_speed",
        {"raise_at": "80"},
        [("parameters.raise_at", "Input should be a valid number")],
    ),
    "clearing above raising": (
        "over_speed",
        {"raise_at": 80},
        [("parameters", "clear_below must not be above raise_at")],
    ),
    "a negative time": (
        "offline",
        {"for_s": -1, "after_s": 5},
        [
            ("parameters.for_s", "Input should be greater than or equal to 0"),
            ("parameters.after_s", "Input should be greater than or equal to 10"),
        ],
    ),
    "not a number": (
        "over_speed",
        {"raise_at": float("nan"), "clear_below": 1},
        [("parameters.raise_at", "Input should be a finite number")],
    ),
    "a day that is far": (
        "rent_due",
        {"offsets_days": [7, 400]},
        [("parameters.offsets_days.1", "Input should be less than or equal to 365")],
    ),
    "no day at all": (
        "rent_due",
        {"offsets_days": []},
        [
            (
                "parameters.offsets_days",
                "Tuple should have at least 1 item after validation, not 0",
            )
        ],
    ),
    "what takes nothing": (
        "insurance_gap",
        {"days": 1},
        [("parameters.days", "Extra inputs are not permitted")],
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_each_field_at_fault_is_named(case: str) -> None:
    kind, given, faults = FAULTS[case]
    with pytest.raises(RuleParametersInvalid) as raised:
        checked_parameters(KINDS[kind], given)
    named = [(each["field"], each["problem"]) for each in raised.value.facts["faults"]]
    assert named == faults
    assert raised.value.field == faults[0][0]


@pytest.mark.parametrize("odd", [date(2026, 1, 1), {1, 2}, [object()]])
def test_what_json_cannot_hold_is_told_by_its_field(odd: Any) -> None:
    with pytest.raises(RuleParametersInvalid) as raised:
        checked_parameters(KINDS["over_speed"], {"raise_at": 100, "for_s": odd})
    assert raised.value.field == "parameters.for_s"
    assert [each["field"] for each in raised.value.facts["faults"]] == ["parameters.for_s"]


def test_a_scope_is_for_rules_about_vehicles() -> None:
    assert checked_scope(KINDS["inspection_due"], {"vins": ["V"]}).vins == ("V",)
    assert checked_scope(KINDS["rent_due"], {}).groups == ()
    with pytest.raises(RuleScopeInvalid) as raised:
        checked_scope(KINDS["rent_due"], {"groups": ["vans"]})
    assert raised.value.facts["faults"] == [
        {"field": "scope", "problem": "rent_due is not about vehicles"}
    ]
    with pytest.raises(RuleScopeInvalid, match=r"scope\.depots: Extra inputs are not permitted"):
        checked_scope(KINDS["offline"], {"depots": []})


@pytest.mark.parametrize("code", ["a", "night_shift", "a" * 41, "x9"])
def test_codes(code: str) -> None:
    assert check_code(code) == code


@pytest.mark.parametrize("code", ["", "A", "9a", "_a", "a-b", "a b", "a" * 42, "夜", "a\n"])
def test_what_is_no_code(code: str) -> None:
    with pytest.raises(AlertCodeMalformed):
        check_code(code)


def test_a_further_rule_is_of_a_kind_that_may_have_several() -> None:
    assert kind_for("motorway", "over_speed") is KINDS["over_speed"]
    for code, kind in (("offline_too", "offline"), ("offline", "over_speed")):
        with pytest.raises(RuleStandsAlone):
            kind_for(code, kind)
    for code, kind_name in (("motorway", None), ("motorway", "speeding")):
        with pytest.raises(RuleKindUnknown):
            kind_for(code, kind_name)


def test_every_kind_takes_what_it_is_shipped_with() -> None:
    for kind in KINDS.values():
        assert checked_parameters(kind, {}) == kind.parameters
        assert checked_parameters(kind, kind.parameters.model_dump(mode="json")) == kind.parameters
