"""All that falls due of a vehicle."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fleet.compliance.model import BatteryTest, Obligation, Rules, VehiclePapers
from fleet.compliance.papers import decide
from tests.fleet.compliance.figures_of_law import (
    TODAY,
    at,
    battery_rules,
    day,
    failed,
    licence,
    noon,
    papers,
    passed,
    permit,
    policy,
    rules,
)

RULES = rules()


def due(of: VehiclePapers, *, figures: Rules = RULES, on: str = "2026-11-21") -> dict[str, Any]:
    return {each.kind: each for each in decide(of, figures, now=noon(on))}


def days(of: VehiclePapers, *, figures: Rules = RULES) -> dict[str, date | None]:
    return {kind: each.due_on for kind, each in due(of, figures=figures).items()}


HEAVY = licence("中型厢式货车", gvw_kg=7300)


def test_a_light_goods_vehicle_in_order() -> None:
    assert days(papers()) == {
        "inspection": day("2027-05-31"),
        "scrap_risk": day("2029-11-30"),
        "compulsory": day("2027-06-30"),
        "commercial": day("2027-06-30"),
        "service_life": day("2034-05-10"),
    }


def test_a_heavy_one_has_its_permit_looked_at() -> None:
    assert days(papers(licence=HEAVY, permits=(permit(),))) == {
        "inspection": day("2027-05-31"),
        "scrap_risk": day("2029-11-30"),
        "compulsory": day("2027-06-30"),
        "commercial": day("2027-06-30"),
        "permit": day("2028-06-14"),
        "permit_review": day("2025-06-15"),
        "permit_technical": day("2025-05-10"),
        "service_life": day("2034-05-10"),
    }


def test_nothing_on_record_is_due_without_a_day() -> None:
    bare = papers(licence=HEAVY, inspections=(), policies=())
    found = due(bare)
    assert days(bare) == {
        "inspection": None,
        "compulsory": None,
        "commercial": None,
        "permit": None,
        "service_life": day("2034-05-10"),
    }
    assert {found[kind].facts["reason"] for kind in ("inspection", "compulsory", "permit")} == {
        "no_record"
    }
    assert found["inspection"].facts["predicted_month"] == "2027-05"


def test_without_a_licence_only_the_papers_speak() -> None:
    assert days(papers(licence=None)) == {
        "inspection": day("2027-05-31"),
        "compulsory": day("2027-06-30"),
        "commercial": day("2027-06-30"),
    }


def test_disposed_of_owes_nothing() -> None:
    assert decide(papers(stage="disposed"), RULES, now=TODAY) == []


def test_ordered_without_papers_owes_nothing_yet() -> None:
    ordered = papers(stage="ordered", licence=None, inspections=(), policies=())
    assert decide(ordered, RULES, now=TODAY) == []
    assert decide(replace(ordered, licence=licence()), RULES, now=TODAY) != []


def test_the_printed_month_wins_over_the_predicted() -> None:
    late = papers(inspections=(passed("2026-08-03", "2027-08-31"),))
    found = due(late)["inspection"]
    assert (found.due_on, found.window_from_on) == (day("2027-08-31"), day("2027-06-01"))
    assert found.facts["as_predicted"] is False
    assert found.facts["predicted_next_month"] == "2028-05"


def test_an_unknown_class_keeps_its_printed_month() -> None:
    found = due(papers(licence=licence("轻型专项作业车", "非营运")))
    assert found["inspection"].due_on == day("2027-05-31")
    assert found["inspection"].facts["inspection_class"] == "unknown"
    assert "predicted_next_month" not in found["inspection"].facts
    assert {"scrap_risk", "service_life"} & set(found) == set()


def test_a_sticker_is_told_from_the_line() -> None:
    car = licence("小型普通客车", "非营运", "2022-06-15")
    sticker = papers(licence=car, inspections=(passed("2024-06-01", "2026-06-30", "sticker"),))
    line = papers(licence=car, inspections=(passed("2026-06-01", "2028-06-30", "sticker"),))
    assert due(sticker, on="2026-06-01")["inspection"].facts["form"] == "sticker"
    assert due(line, on="2026-06-01")["inspection"].facts["form"] == "line"


def test_off_the_predicted_months_the_line_is_asked_for() -> None:
    car = licence("小型普通客车", "非营运", "2022-06-15")
    late = papers(licence=car, inspections=(passed("2025-01-10", "2026-04-30", "sticker"),))
    facts = due(late, on="2026-02-01")["inspection"].facts
    assert (facts["as_predicted"], facts["form"]) == (False, "line")
    assert facts["predicted_next_month"] == "2026-06"


def test_a_failed_inspection_is_told_and_takes_nothing_away() -> None:
    tried = papers(inspections=(passed("2025-05-20", "2026-05-31"), failed("2026-05-02")))
    found = due(tried, on="2026-05-10")["inspection"]
    assert (found.due_on, found.facts["failed_on"]) == (day("2026-05-31"), "2026-05-02")


def test_what_an_overdue_inspection_costs() -> None:
    facts = due(papers())["inspection"].facts
    assert (facts["fine_from_fen"], facts["fine_to_fen"], facts["points"]) == (2000, 20000, 1)
    hazmat = due(papers(licence=licence(use_nature="危化品运输")))["inspection"].facts
    assert hazmat["points"] == 3


def test_renewal_windows_are_of_the_kind() -> None:
    found = due(papers())
    assert found["compulsory"].window_from_on == day("2027-05-31")
    assert found["commercial"].window_from_on == day("2027-04-01")


def test_a_policy_that_ends_in_the_middle_of_a_day() -> None:
    half = papers(policies=(policy("JQ1", "2025-12-01 14:30", "2026-12-01 14:30"),))
    found = due(half)["compulsory"]
    assert (found.due_on, found.due_at) == (day("2026-12-01"), at("2026-12-01 14:30"))


def test_the_day_a_policy_ends_is_of_the_zone() -> None:
    west = papers(
        zone="Asia/Urumqi", policies=(policy("JQ1", "2026-01-01 00:00", "2026-12-31 24:00"),)
    )
    assert due(west)["compulsory"].due_on == day("2026-12-31")


def test_policies_that_adjoin_are_due_at_their_common_end() -> None:
    renewed = papers(
        policies=(
            policy("JQ1", "2025-12-01 00:00", "2026-11-30 24:00"),
            policy("JQ2", "2026-12-01 00:00", "2027-11-30 24:00"),
        )
    )
    found = due(renewed)["compulsory"]
    assert (found.due_on, found.facts["policy_no"]) == (day("2027-11-30"), "JQ2")
    assert "gap_hours" not in found.facts


def test_lapsed_stays_due_on_its_last_day() -> None:
    lapsed = papers(policies=(policy("JQ1", "2025-07-01 00:00", "2026-06-30 24:00"),))
    assert due(lapsed)["compulsory"].due_on == day("2026-06-30")


def test_a_policy_in_the_future_only_has_not_begun() -> None:
    ahead = papers(policies=(policy("JQ1", "2026-12-01 00:00", "2027-11-30 24:00"),))
    found = due(ahead)["compulsory"]
    assert (found.due_on, found.due_at) == (None, None)
    assert (found.facts["reason"], found.facts["next_policy_no"]) == ("not_begun", "JQ1")
    assert found.facts["next_from_at"] == "2026-11-30T16:00:00+00:00"


def test_a_voided_policy_is_no_policy() -> None:
    void = papers(policies=(policy("JQ1", "2026-07-01 00:00", "2027-06-30 24:00", voided=True),))
    assert due(void)["compulsory"].due_on is None


@pytest.mark.parametrize(
    ("use_nature", "expected"), [("营业货车", True), ("非营业货车", False), (None, None)]
)
def test_the_use_a_goods_vehicle_is_insured_for(
    use_nature: str | None, expected: bool | None
) -> None:
    insured = policy("JQ1", "2026-07-01 00:00", "2027-06-30 24:00", use_nature=use_nature)
    assert due(papers(policies=(insured,)))["compulsory"].facts["use_as_expected"] is expected


def test_the_use_of_a_passenger_vehicle_is_not_compared() -> None:
    car = papers(licence=licence("小型普通客车", "租赁"))
    assert "use_as_expected" not in due(car)["compulsory"].facts


def test_a_permit_without_an_end_is_not_missing() -> None:
    found = days(papers(licence=HEAVY, permits=(permit(valid_to=None),)))
    assert "permit" not in found
    assert found["permit_review"] == day("2025-06-15")


def test_a_permit_that_is_not_needed_is_not_looked_after() -> None:
    assert "permit_review" not in days(papers(permits=(permit(),)))


def test_a_permit_is_looked_after_where_its_need_is_unknown() -> None:
    unknown = papers(licence=licence(gvw_kg=None), permits=(permit(),))
    assert days(unknown)["permit"] == day("2028-06-14")
    assert "permit" not in days(replace(unknown, permits=()))


def test_the_weight_of_the_model_counts_where_the_licence_is_silent() -> None:
    silent = papers(licence=licence(gvw_kg=None), model_gvw_kg=7300)
    assert due(silent)["permit"].facts["gvw_kg"] == 7300
    assert "permit" not in due(replace(silent, licence=licence(gvw_kg=4495)))


TEST = BatteryTest(day("2026-08-31"), "normal", charge_max_c=Decimal("66"))


@pytest.mark.parametrize(
    ("required", "every_months", "tests", "expected"),
    [
        pytest.param(False, None, (), "none", id="optional_and_never_done"),
        pytest.param(False, None, (TEST,), "none", id="optional_and_done_once"),
        pytest.param(False, 3, (), "none", id="optional_at_intervals_never_done"),
        pytest.param(False, 3, (TEST,), day("2026-11-30"), id="optional_at_intervals"),
        pytest.param(True, None, (), None, id="required_and_missing"),
        pytest.param(True, None, (TEST,), "none", id="required_once_and_done"),
        pytest.param(True, 12, (TEST,), day("2027-08-31"), id="required_yearly"),
    ],
)
def test_battery_tests(
    required: bool, every_months: int | None, tests: tuple[BatteryTest, ...], expected: object
) -> None:
    figures = battery_rules(required=required, every_months=every_months)
    found = days(papers(battery_tests=tests), figures=figures)
    assert found.get("battery_test", "none") == expected


def test_a_battery_test_tells_what_was_too_hot() -> None:
    figures = battery_rules(required=False, every_months=3)
    found = due(papers(battery_tests=(TEST,)), figures=figures)["battery_test"]
    assert found.facts["exceeded"] == ["charge_max_c"]


def test_the_facts_are_ready_for_json() -> None:
    full = papers(licence=HEAVY, permits=(permit(),), battery_tests=(TEST,))
    found = decide(full, battery_rules(required=True, every_months=3), now=TODAY)
    assert [json.loads(json.dumps(each.facts)) for each in found] == [each.facts for each in found]


def test_each_kind_comes_once() -> None:
    many = papers(
        licence=HEAVY,
        permits=(permit("1"), permit("2", issued="2026-01-05")),
        inspections=(passed("2025-05-20", "2026-05-31"), passed("2026-05-20", "2027-05-31")),
    )
    found = decide(many, RULES, now=TODAY)
    assert len({(each.kind, each.reference) for each in found}) == len(found)
    assert due(many)["permit"].facts["permit_no"] == "2"


def test_an_obligation_says_where_it_is_written() -> None:
    found: list[Obligation] = decide(papers(licence=HEAVY, permits=(permit(),)), RULES, now=TODAY)
    assert [each.kind for each in found if not each.facts.get("rule")] == []
