"""The worked cases of the domain's fact sheet, 1 to 6, by their numbers."""

from datetime import date

import pytest

from fleet.compliance.blocks import blocks_of
from fleet.compliance.classes import classify
from fleet.compliance.cover import gaps, state_of
from fleet.compliance.inspections import next_valid_to, predict
from fleet.compliance.model import Obligation, VehiclePapers
from fleet.compliance.papers import decide
from fleet.compliance.service_life import life_ends_on
from fleet.due import days_overdue
from fleet.figures import InspectionIntervals
from tests.fleet.compliance.figures_of_law import (
    TODAY,
    at,
    day,
    figures,
    intervals,
    noon,
    papers,
    passed,
    policy,
    rules,
)

REGISTERED = day("2019-05-10")


def due(of: VehiclePapers, kind: str, on: str) -> Obligation:
    [found] = [each for each in decide(of, rules(), now=noon(on)) if each.kind == kind]
    return found


def test_case_1_goods_passed_in_time_is_valid_to_the_same_month_next_year() -> None:
    printed = next_valid_to(
        REGISTERED,
        intervals("goods"),
        inspected_on=day("2026-05-20"),
        valid_to_on=day("2026-05-31"),
        window_months=3,
    )
    assert printed == day("2027-05-31")


def test_case_1_window_is_march_to_may() -> None:
    found = due(
        papers(inspections=(passed("2026-05-20", "2027-05-31"),)), "inspection", "2026-06-01"
    )
    assert (found.window_from_on, found.due_on) == (day("2027-03-01"), day("2027-05-31"))
    assert found.facts["printed_month"] == "2027-05"
    assert found.facts["predicted_next_month"] == "2028-05"


def test_case_2_not_renewed_is_overdue_since_june_and_blocks_hand_over() -> None:
    late = papers(inspections=(passed("2025-05-20", "2026-05-31"),))
    found = due(late, "inspection", "2026-11-21")
    assert found.due_on == day("2026-05-31")
    assert days_overdue(found.due_on, on=day("2026-11-21")) == 174

    blocks, warnings = blocks_of(decide(late, rules(), now=TODAY), late, rules(), now=TODAY)
    assert [(each.kind, each.since_on) for each in blocks] == [
        ("inspection_overdue", day("2026-06-01"))
    ]
    assert "2026-06-01 (174 days)" in blocks[0].message_en
    assert "2026年6月1日" in blocks[0].message_zh
    assert "174天" in blocks[0].message_zh
    assert warnings == []


@pytest.mark.parametrize(
    ("vehicle_type", "expected"),
    [
        pytest.param(
            "小型普通客车",
            [
                ("2024-06-30", "sticker"),
                ("2026-06-30", "sticker"),
                ("2028-06-30", "line"),
                ("2030-06-30", "sticker"),
                ("2032-06-30", "line"),
                ("2033-06-30", "line"),
            ],
            id="case_3_small_passenger",
        ),
        pytest.param(
            "微型面包车",
            [
                ("2024-06-30", "line"),
                ("2026-06-30", "line"),
                ("2028-06-30", "line"),
                ("2029-06-30", "line"),
                ("2030-06-30", "line"),
                ("2031-06-30", "line"),
            ],
            id="case_3_minivan",
        ),
    ],
)
def test_case_3_line_and_sticker(vehicle_type: str, expected: list[tuple[str, str]]) -> None:
    found = classify(vehicle_type, "非营运").inspection
    months = predict(day("2022-06-15"), intervals(found), count=6)
    assert [(str(each.due_on), each.form) for each in months] == expected


def test_case_4_three_missed_cycles_are_a_scrap_risk() -> None:
    never = papers(inspections=(passed("2022-05-06", "2023-05-31"),))
    found = due(never, "scrap_risk", "2026-05-31")
    assert found.due_on == day("2026-05-31")
    assert found.facts["from_on"] == "2026-06-01"
    assert found.facts["cycle_ends_on"] == ["2024-05-31", "2025-05-31", "2026-05-31"]


@pytest.mark.parametrize(
    ("on", "missed", "blocks"),
    [
        ("2026-05-31", 2, ["inspection_overdue"]),
        ("2026-06-01", 3, ["inspection_overdue", "scrap_risk"]),
    ],
    ids=["case_4_the_last_day", "case_4_the_day_after"],
)
def test_case_4_scrap_risk_blocks_from_its_day(on: str, missed: int, blocks: list[str]) -> None:
    cover = policy("JQ1", "2026-01-01 00:00", "2026-12-31 24:00")
    never = papers(inspections=(passed("2022-05-06", "2023-05-31"),), policies=(cover,))
    assert due(never, "scrap_risk", on).facts["missed_cycles"] == missed
    found, _ = blocks_of(decide(never, rules(), now=noon(on)), never, rules(), now=noon(on))
    assert [each.kind for each in found] == blocks


@pytest.mark.parametrize(
    ("vehicle_type", "use_nature", "ends_on"),
    [
        pytest.param("微型厢式货车", "货运", "2027-03-01", id="case_5_micro_goods"),
        pytest.param("轻型厢式货车", "货运", "2030-03-01", id="case_5_light_goods"),
        pytest.param("轻型厢式货车", "危化品运输", "2025-03-01", id="hazmat_goods"),
        pytest.param("小型普通客车", "租赁", "2030-03-01", id="leased_passenger"),
    ],
)
def test_case_5_service_life(vehicle_type: str, use_nature: str, ends_on: str) -> None:
    life = classify(vehicle_type, use_nature).life
    assert life_ends_on(day("2015-03-01"), life, rules().life) == day(ends_on)


FIRST = policy("JQ1", "2025-07-01 00:00", "2026-06-30 24:00")


def test_case_6_the_next_policy_begins_at_24_00_and_leaves_no_gap() -> None:
    policies = [FIRST, policy("JQ2", "2026-07-01 00:00", "2027-06-30 24:00")]
    assert gaps(policies, "compulsory") == []
    state = state_of(policies, "compulsory", at=at("2026-06-30 23:59"))
    assert (state.ends_at, state.gap) == (at("2027-06-30 24:00"), None)


@pytest.mark.parametrize(
    ("stage", "weight"),
    [("let", "critical"), ("in_stock", "warning")],
    ids=["case_6_let", "case_6_in_stock"],
)
def test_case_6_a_gap_of_48_hours_is_critical_if_leased(stage: str, weight: str) -> None:
    policies = (FIRST, policy("JQ2", "2026-07-03 00:00", "2027-07-02 24:00"))
    assert [gap.hours for gap in gaps(policies, "compulsory")] == [48.0]
    found = due(papers(policies=policies, stage=stage), "compulsory", "2026-06-01")
    assert found.due_on == date(2026, 6, 30)
    assert found.due_at == at("2026-06-30 24:00")
    assert (found.facts["gap_hours"], found.facts["gap_weight"]) == (48.0, weight)


def test_case_6_only_commercial_missing_warns_and_does_not_block() -> None:
    bare = papers(policies=(policy("JQ1", "2026-07-01 00:00", "2027-06-30 24:00"),))
    blocks, warnings = blocks_of(decide(bare, rules(), now=TODAY), bare, rules(), now=TODAY)
    assert blocks == []
    assert [each.kind for each in warnings] == ["commercial_missing"]
    assert due(bare, "commercial", "2026-11-21").due_on is None


def test_the_figures_read_are_those_of_the_law_in_force() -> None:
    former = figures(InspectionIntervals, on=day("2020-01-01"))
    assert former.passenger[0].line_at_years is None
    assert rules().intervals.passenger[0].line_at_years == (6, 10)
