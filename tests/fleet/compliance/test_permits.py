"""Who needs a transport permit, which one counts, and when it is looked at."""

import pytest

from fleet.compliance.classes import classify
from fleet.compliance.permits import (
    is_held_by,
    need_of,
    next_technical_on,
    permit_on,
    review_due_on,
    technical_due_on,
)
from tests.fleet.compliance.figures_of_law import at, day, permit, rules

RULES = rules().permit
NOW = at("2026-11-21 12:00")


@pytest.mark.parametrize(
    ("vehicle_type", "use_nature", "gvw_kg", "expected"),
    [
        pytest.param("轻型厢式货车", "货运", 4499, "not_required", id="light"),
        pytest.param("轻型厢式货车", "货运", 4500, "not_required", id="4500_is_not_above"),
        pytest.param("中型厢式货车", "货运", 4501, "required", id="just_above"),
        pytest.param("重型厢式货车", "非营运", 18000, "required", id="use_does_not_matter"),
        pytest.param("轻型厢式货车", "货运", None, "unknown", id="weight_not_known"),
        pytest.param("轻型厢式货车", "危化品运输", 3000, "required", id="hazmat_of_any_weight"),
        pytest.param("大型普通客车", "租赁", 18000, "not_required", id="passengers"),
        pytest.param("重型专项作业车", "非营运", 18000, "unknown", id="type_not_known"),
        pytest.param("轻型专项作业车", "非营运", 3000, "not_required", id="light_of_any_type"),
    ],
)
def test_need(vehicle_type: str, use_nature: str, gvw_kg: int | None, expected: str) -> None:
    assert need_of(classify(vehicle_type, use_nature), gvw_kg, RULES) == expected


def test_the_limit_is_a_figure() -> None:
    stricter = RULES.model_copy(update={"above_gvw_kg": 3500})
    assert need_of(classify("轻型厢式货车", "货运"), 4495, stricter) == "required"


def test_the_last_issued_counts() -> None:
    known = [permit("2", issued="2026-01-05"), permit("1", issued="2024-01-05")]
    found = permit_on(known, on=day("2026-11-21"), now=NOW)
    assert found == known[0]


def test_a_withdrawn_permit_does_not_count() -> None:
    known = [
        permit("2", issued="2026-01-05", withdrawn_at=at("2026-03-01 09:00")),
        permit("1", issued="2024-01-05"),
    ]
    assert permit_on(known, on=day("2026-11-21"), now=NOW) == known[1]


def test_a_permit_that_is_not_issued_yet_does_not_count() -> None:
    assert permit_on([permit(issued="2026-11-22")], on=day("2026-11-21"), now=NOW) is None


@pytest.mark.parametrize(
    ("issued", "reviewed_to", "expected"),
    [
        ("2024-06-15", None, "2025-06-15"),
        ("2024-02-29", None, "2025-02-28"),
        ("2024-06-15", "2027-06-30", "2027-06-30"),
    ],
    ids=["a_year_after_issue", "leap_day", "as_written_on_it"],
)
def test_review(issued: str, reviewed_to: str | None, expected: str) -> None:
    paper = permit(issued=issued, reviewed_to=reviewed_to)
    assert review_due_on(paper, RULES) == day(expected)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param("2024-06-15", "2025-05-10", id="yearly"),
        pytest.param("2029-05-09", "2029-05-10", id="the_day_before_120_months"),
        pytest.param("2029-05-10", "2029-11-10", id="at_120_months_then_half_yearly"),
        pytest.param("2029-11-10", "2030-05-10", id="half_yearly"),
    ],
)
def test_technical_inspections_count_from_registration(after: str, expected: str) -> None:
    found = next_technical_on(day("2019-05-10"), RULES, after_on=day(after))
    assert found == day(expected)


@pytest.mark.parametrize(
    ("registered", "technical_to", "expected"),
    [
        pytest.param("2019-05-10", "2026-12-31", "2026-12-31", id="as_written_down"),
        pytest.param("2019-05-10", None, "2025-05-10", id="the_first_after_issue"),
        pytest.param(None, None, "2025-06-15", id="age_not_known"),
    ],
)
def test_technical_due(registered: str | None, technical_to: str | None, expected: str) -> None:
    paper = permit(issued="2024-06-15", technical_to=technical_to)
    registered_on = None if registered is None else day(registered)
    assert technical_due_on(paper, registered_on, RULES) == day(expected)


def test_a_holder_is_known_by_the_whole_name() -> None:
    paper = permit(holder="粤通物流有限公司")
    assert is_held_by(paper, ["粤通物流有限公司"]) is True
    assert is_held_by(paper, ["粤通物流"]) is False
