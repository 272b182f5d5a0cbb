"""What forbids a hand-over, and what only speaks against it."""

import re
from dataclasses import replace

import pytest

from fleet.compliance.blocks import blocks_of
from fleet.compliance.model import BatteryTest, Block, PaperWarning, Rules, VehiclePapers
from fleet.compliance.papers import decide
from tests.fleet.compliance.figures_of_law import (
    at,
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
HEAVY = licence("中型厢式货车", gvw_kg=7300)
REVIEWED = permit(reviewed_to="2027-06-14", technical_to="2027-05-10")
COMMERCIAL = policy("SY1", "2026-07-01 00:00", "2027-06-30 24:00", "commercial")
COMPULSORY = policy("JQ1", "2026-07-01 00:00", "2027-06-30 24:00")
IN_OLD_AGE = licence(registered_on="2011-05-10")


def judge(
    of: VehiclePapers, *, figures: Rules = RULES, on: str = "2026-11-21"
) -> tuple[list[Block], list[PaperWarning]]:
    return blocks_of(decide(of, figures, now=noon(on)), of, figures, now=noon(on))


def kinds(
    of: VehiclePapers, *, figures: Rules = RULES, on: str = "2026-11-21"
) -> tuple[list[str], list[str]]:
    blocks, warnings = judge(of, figures=figures, on=on)
    return [each.kind for each in blocks], [each.kind for each in warnings]


@pytest.mark.parametrize(
    ("of", "blocks", "warnings"),
    [
        pytest.param(papers(), [], [], id="all_in_order"),
        pytest.param(papers(inspections=()), ["inspection_missing"], [], id="no_inspection"),
        pytest.param(
            papers(inspections=(failed("2026-05-02"),)),
            ["inspection_missing"],
            ["inspection_failed"],
            id="only_a_failed_inspection",
        ),
        pytest.param(
            papers(inspections=(passed("2026-04-20", "2027-05-31"), failed("2026-11-02"))),
            [],
            ["inspection_failed"],
            id="failed_while_valid",
        ),
        pytest.param(
            papers(policies=(COMMERCIAL,)), ["compulsory_missing"], [], id="no_compulsory"
        ),
        pytest.param(
            papers(policies=(COMMERCIAL, replace(COMPULSORY, until_at=at("2026-11-20 24:00")))),
            ["compulsory_lapsed"],
            [],
            id="compulsory_lapsed_yesterday",
        ),
        pytest.param(
            papers(policies=(COMMERCIAL, replace(COMPULSORY, from_at=at("2026-11-22 00:00")))),
            ["compulsory_missing"],
            [],
            id="compulsory_begins_tomorrow",
        ),
        pytest.param(
            papers(policies=(COMPULSORY, replace(COMMERCIAL, until_at=at("2026-10-31 24:00")))),
            [],
            ["commercial_lapsed"],
            id="commercial_lapsed",
        ),
        pytest.param(papers(licence=HEAVY), ["permit_missing"], [], id="heavy_without_a_permit"),
        pytest.param(papers(licence=HEAVY, permits=(REVIEWED,)), [], [], id="heavy_with_a_permit"),
        pytest.param(
            papers(licence=HEAVY, permits=(replace(REVIEWED, valid_to_on=day("2026-11-20")),)),
            ["permit_expired"],
            [],
            id="permit_expired_yesterday",
        ),
        pytest.param(
            papers(licence=HEAVY, permits=(replace(REVIEWED, valid_to_on=day("2026-11-21")),)),
            [],
            [],
            id="permit_expires_today",
        ),
        pytest.param(
            papers(
                licence=licence(gvw_kg=None),
                permits=(replace(REVIEWED, valid_to_on=day("2026-11-20")),),
            ),
            [],
            ["permit_expired"],
            id="permit_expired_where_its_need_is_unknown",
        ),
        pytest.param(
            papers(licence=licence(gvw_kg=None)), [], ["permit_need_unknown"], id="weight_unknown"
        ),
        pytest.param(
            papers(
                licence=HEAVY, permits=(replace(REVIEWED, withdrawn_at=at("2026-10-01 09:00")),)
            ),
            ["permit_missing"],
            [],
            id="permit_withdrawn",
        ),
        pytest.param(
            papers(licence=HEAVY, permits=(permit(),)),
            [],
            ["permit_review_overdue", "permit_technical_overdue"],
            id="permit_not_reviewed",
        ),
        pytest.param(
            papers(
                licence=HEAVY,
                permits=(permit(reviewed_to="2026-11-21", technical_to="2026-11-21"),),
            ),
            [],
            [],
            id="permit_reviewed_to_today",
        ),
        pytest.param(
            papers(licence=HEAVY, permits=(replace(REVIEWED, holder="某某运输公司"),)),
            [],
            ["permit_held_by_another"],
            id="permit_of_another",
        ),
        pytest.param(
            papers(
                licence=HEAVY,
                permits=(replace(REVIEWED, holder="某某运输公司"),),
                holder_names=(),
            ),
            [],
            [],
            id="nobody_known_to_compare_with",
        ),
        pytest.param(
            papers(permits=(replace(REVIEWED, holder="某某运输公司"),)),
            [],
            [],
            id="permit_of_another_that_is_not_needed",
        ),
        pytest.param(papers(licence=IN_OLD_AGE), ["service_life_over"], [], id="service_life_over"),
        pytest.param(
            papers(licence=licence(registered_on="2011-11-21")), [], [], id="its_last_day_of_life"
        ),
        pytest.param(
            papers(inspections=(passed("2022-05-06", "2023-05-31"),)),
            ["inspection_overdue", "scrap_risk"],
            [],
            id="three_cycles_missed",
        ),
        pytest.param(papers(licence=None), [], ["licence_missing"], id="no_licence"),
        pytest.param(
            papers(licence=licence("轻型专项作业车")), [], ["class_unknown"], id="class_unknown"
        ),
        pytest.param(
            papers(licence=licence("小型轿车", "出租客运")),
            [],
            ["class_unknown"],
            id="only_its_service_life_unknown",
        ),
        pytest.param(
            papers(policies=(COMPULSORY, replace(COMMERCIAL, use_nature="非营业货车"))),
            [],
            ["commercial_use_mismatch"],
            id="insured_for_another_use",
        ),
        pytest.param(
            papers(policies=(replace(COMPULSORY, use_nature=None), COMMERCIAL)),
            [],
            ["compulsory_use_unrecorded"],
            id="use_not_written_down",
        ),
        pytest.param(
            papers(
                licence=licence("小型普通客车", "租赁", "2024-05-10"),
                policies=(replace(COMPULSORY, use_nature="租赁"), COMMERCIAL),
            ),
            [],
            [],
            id="use_of_a_passenger_vehicle",
        ),
        pytest.param(
            papers(battery_tests=(BatteryTest(day("2026-08-01"), "maintain"),)),
            [],
            ["battery_maintain"],
            id="battery_test_advises_maintenance",
        ),
        pytest.param(papers(stage="disposed"), ["inspection_missing"], [], id="disposed_of"),
    ],
)
def test_hand_over(of: VehiclePapers, blocks: list[str], warnings: list[str]) -> None:
    assert kinds(of) == (blocks, warnings)


def test_a_policy_in_force_begins_and_ends_at_instants() -> None:
    half = papers(policies=(COMMERCIAL, replace(COMPULSORY, until_at=at("2026-11-21 12:00"))))
    assert kinds(half) == (["compulsory_lapsed"], [])
    later = replace(COMPULSORY, policy_no="JQ2", from_at=at("2026-11-21 12:00"))
    assert kinds(replace(half, policies=(*half.policies, later))) == ([], [])


def test_an_inspection_blocks_only_if_the_figures_say_so() -> None:
    lenient = replace(RULES, overdue=RULES.overdue.model_copy(update={"blocks_hand_over": False}))
    late = papers(inspections=(passed("2025-05-20", "2026-05-31"),))
    assert kinds(late, figures=lenient) == ([], ["inspection_overdue"])
    assert kinds(papers(inspections=()), figures=lenient) == ([], ["inspection_missing"])


def test_valid_on_the_last_day_of_the_month() -> None:
    late = papers(inspections=(passed("2025-12-02", "2026-11-30"),))
    assert kinds(late, on="2026-11-30") == ([], [])
    assert kinds(late, on="2026-12-01") == (["inspection_overdue"], [])


def test_a_gap_ahead_warns_with_its_hours() -> None:
    first = policy("JQ1", "2025-12-01 00:00", "2026-11-30 24:00")
    second = policy("JQ2", "2026-12-03 00:00", "2027-12-02 24:00")
    _, warnings = judge(papers(policies=(first, second, COMMERCIAL), stage="let"))
    [gap] = warnings
    assert (gap.kind, gap.since_on) == ("compulsory_gap_ahead", day("2026-12-01"))
    assert "48 hours, from 2026-11-30 24:00 to 2026-12-03 00:00 (critical)" in gap.message_en
    assert "脱保48小时：2026年11月30日24:00至2026年12月3日00:00（严重）" in gap.message_zh


def test_a_lapse_names_the_policy_its_end_and_the_next() -> None:
    first = policy("JQ1", "2025-11-01 00:00", "2026-10-31 24:00")
    second = policy("JQ2", "2026-12-03 00:00", "2027-12-02 24:00")
    [lapse], _ = judge(papers(policies=(first, second, COMMERCIAL)))
    assert (lapse.paper, lapse.paper_no, lapse.since_on) == ("compulsory", "JQ1", day("2026-11-01"))
    assert lapse.message_en == (
        "Compulsory insurance has lapsed: policy JQ1 ended 2026-10-31 24:00."
        " The next policy begins 2026-12-03 00:00."
    )
    assert lapse.message_zh == (
        "交强险脱保：保单JQ1已于2026年10月31日24:00到期。下一保单自2026年12月3日00:00起生效。"
    )


def test_a_permit_of_another_names_the_law_and_the_holder() -> None:
    other = papers(licence=HEAVY, permits=(replace(REVIEWED, holder="某某运输公司"),))
    _, [warning] = judge(other)
    assert (warning.rule, warning.paper_no) == ("道路运输条例 §33, §66", "440300000001")
    assert "某某运输公司" in warning.message_en
    assert "某某运输公司" in warning.message_zh


def test_a_use_mismatch_names_both_uses() -> None:
    private = replace(COMMERCIAL, use_nature="非营业货车")
    _, [warning] = judge(papers(policies=(COMPULSORY, private)))
    assert "names 非营业货车, not 营业" in warning.message_en
    assert "使用性质为“非营业货车”" in warning.message_zh


@pytest.mark.parametrize(
    "of",
    [
        papers(licence=HEAVY, inspections=(), policies=()),
        papers(licence=None, inspections=(failed("2026-05-02"),), policies=()),
        papers(licence=IN_OLD_AGE, inspections=(passed("2020-05-06", "2021-05-31"),)),
        papers(licence=HEAVY, permits=(permit(valid_to="2026-01-01", holder="某某运输公司"),)),
        papers(battery_tests=(BatteryTest(day("2026-08-01"), "maintain"),)),
    ],
    ids=["nothing_on_record", "no_licence", "old", "permit", "battery"],
)
def test_every_sentence_is_whole_in_both_languages(of: VehiclePapers) -> None:
    blocks, warnings = judge(of)
    found: list[Block | PaperWarning] = [*blocks, *warnings]
    assert len(found) > 0
    for each in found:
        assert re.fullmatch(r"[A-Z].*\.", each.message_en), each
        assert re.fullmatch(r".*[\u4e00-\u9fff].*。", each.message_zh), each
        assert "None" not in each.message_en + each.message_zh
        assert each.rule, each
