"""Months of inspections: the printed one wins, the next is counted from registration."""

import pytest

from fleet.compliance.inspections import (
    is_predicted,
    last_failure,
    last_pass,
    missed_cycles,
    next_valid_to,
    overdue_from_on,
    predict,
    scrap_risk_from_on,
    window_from_on,
)
from fleet.figures import Interval
from tests.fleet.compliance.figures_of_law import day, failed, intervals, passed

GOODS = intervals("goods")
REGISTERED = day("2019-05-10")


def printed_after(inspected: str, valid_to: str | None, registered: str = "2019-05-10") -> str:
    return str(
        next_valid_to(
            day(registered),
            GOODS,
            inspected_on=day(inspected),
            valid_to_on=None if valid_to is None else day(valid_to),
            window_months=3,
        )
    )


@pytest.mark.parametrize(
    ("inspected", "valid_to", "expected"),
    [
        pytest.param("2026-03-01", "2026-05-31", "2027-05-31", id="first_day_of_the_window"),
        pytest.param("2026-05-31", "2026-05-31", "2027-05-31", id="last_day_of_the_window"),
        pytest.param("2026-02-28", "2026-05-31", "2026-05-31", id="before_the_window"),
        pytest.param("2026-04-10", "2027-05-31", "2027-05-31", id="twice_in_one_window"),
        pytest.param("2026-06-01", "2026-05-31", "2027-05-31", id="late_by_a_day"),
        pytest.param("2026-11-21", "2026-05-31", "2027-05-31", id="late_by_half_a_year"),
        pytest.param("2027-05-31", "2026-05-31", "2028-05-31", id="late_by_a_cycle"),
        pytest.param("2028-07-01", "2026-05-31", "2029-05-31", id="late_by_two_cycles"),
        pytest.param("2023-07-10", "2023-08-31", "2024-05-31", id="printed_off_the_anchor"),
        pytest.param("2026-04-20", None, "2027-05-31", id="nothing_printed_in_the_window"),
        pytest.param("2026-01-20", None, "2026-05-31", id="nothing_printed_before_the_window"),
        pytest.param("2019-05-10", None, "2020-05-31", id="new_vehicle"),
        pytest.param("2029-05-01", "2029-05-31", "2029-11-30", id="ten_years_old_then_half_yearly"),
        pytest.param("2028-05-01", "2028-05-31", "2029-05-31", id="nine_years_old_still_yearly"),
    ],
)
def test_what_will_be_printed(inspected: str, valid_to: str | None, expected: str) -> None:
    assert printed_after(inspected, valid_to) == expected


def test_early_inspections_year_after_year_keep_the_month() -> None:
    valid_to = "2020-05-31"
    months = []
    for year in range(2020, 2029):
        valid_to = printed_after(f"{year}-03-01", valid_to)
        months.append(valid_to)
    assert months == [f"{year}-05-31" for year in range(2021, 2030)]


@pytest.mark.parametrize(
    ("registered", "expected"),
    [
        pytest.param(
            "2024-02-29",
            ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
            id="registered_on_the_29th_of_february",
        ),
        pytest.param(
            "2023-02-28",
            ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28"],
            id="end_of_february",
        ),
        pytest.param(
            "2025-12-31",
            ["2026-12-31", "2027-12-31", "2028-12-31", "2029-12-31"],
            id="last_day_of_the_year",
        ),
        pytest.param(
            "2025-11-01",
            ["2026-11-30", "2027-11-30", "2028-11-30", "2029-11-30"],
            id="first_of_a_short_month",
        ),
    ],
)
def test_months_end_where_they_end(registered: str, expected: list[str]) -> None:
    assert [str(each.due_on) for each in predict(day(registered), GOODS, count=4)] == expected


def test_half_years_from_the_31st_of_august_end_in_february() -> None:
    months = predict(day("2010-08-31"), GOODS, after_on=day("2020-08-31"), count=4)
    assert [str(each.due_on) for each in months] == [
        "2021-02-28",
        "2021-08-31",
        "2022-02-28",
        "2022-08-31",
    ]


def test_at_ten_years_to_the_day_the_half_years_begin() -> None:
    months = predict(REGISTERED, GOODS, after_on=day("2028-05-31"), count=3)
    assert [str(each.due_on) for each in months] == ["2029-05-31", "2029-11-30", "2030-05-31"]


def test_commercial_passenger_is_half_yearly_after_five_years() -> None:
    months = predict(REGISTERED, intervals("commercial_passenger"), count=7)
    assert [str(each.due_on) for each in months][3:] == [
        "2023-05-31",
        "2024-05-31",
        "2024-11-30",
        "2025-05-31",
    ]


def test_minivans_are_half_yearly_after_fifteen_years() -> None:
    months = predict(REGISTERED, intervals("passenger_strict"), after_on=day("2033-05-31"), count=3)
    assert [str(each.due_on) for each in months] == ["2034-05-31", "2034-11-30", "2035-05-31"]


def test_goods_are_always_on_the_line() -> None:
    assert {each.form for each in predict(REGISTERED, GOODS, count=40)} == {"line"}


def test_passengers_go_on_the_line_at_six_and_ten_years_then_yearly() -> None:
    months = predict(day("2022-06-15"), intervals("passenger"), count=8)
    assert [each.form for each in months] == [
        "sticker", "sticker", "line", "sticker", "line", "line", "line", "line",
    ]  # fmt: skip


def test_the_year_a_step_ends_belongs_to_it() -> None:
    steps = (
        Interval(until_years=4, every_months=24, line_at_years=(2,)),
        Interval(every_months=12),
    )
    months = predict(REGISTERED, steps, count=3)
    assert [each.form for each in months] == ["line", "sticker", "line"]


@pytest.mark.parametrize(
    ("valid_to", "expected"),
    [
        ("2027-05-31", "2027-03-01"),
        ("2027-01-31", "2026-11-01"),
        ("2028-02-29", "2027-12-01"),
        ("2027-04-30", "2027-02-01"),
    ],
    ids=["may", "over_the_new_year", "leap_february", "april"],
)
def test_the_window_begins_two_months_before(valid_to: str, expected: str) -> None:
    assert window_from_on(day(valid_to), 3) == day(expected)


def test_a_window_of_one_month_is_that_of_expiry() -> None:
    assert window_from_on(day("2027-05-31"), 1) == day("2027-05-01")


def test_overdue_begins_the_day_after_the_month() -> None:
    assert overdue_from_on(day("2026-12-31")) == day("2027-01-01")


@pytest.mark.parametrize(
    ("valid_to", "expected"),
    [("2026-05-31", True), ("2026-06-30", False), ("2019-05-31", False), ("2029-11-30", True)],
    ids=["anchor", "another_month", "the_month_of_registration", "half_year"],
)
def test_whether_the_printed_month_was_predicted(valid_to: str, expected: bool) -> None:
    assert is_predicted(day(valid_to), REGISTERED, GOODS) is expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [("2023-05-31", 0), ("2024-05-31", 0), ("2024-06-01", 1), ("2026-06-01", 3)],
    ids=["valid", "first_cycle", "one_missed", "three_missed"],
)
def test_cycles_missed(on: str, expected: int) -> None:
    assert missed_cycles(day("2023-05-31"), REGISTERED, GOODS, on=day(on)) == expected


def test_an_old_vehicle_is_at_risk_after_eighteen_months() -> None:
    found = scrap_risk_from_on(day("2029-05-31"), REGISTERED, GOODS, cycles=3)
    assert found == day("2030-12-01")


def test_the_last_pass_tells() -> None:
    known = [passed("2026-05-20", "2027-05-31"), passed("2025-05-20", "2026-05-31")]
    assert last_pass(known, on=day("2026-11-21")) == known[0]


def test_what_was_read_off_the_licence_wins_over_an_inspection_of_that_day() -> None:
    inspected = passed("2026-05-20", "2027-05-31")
    read = passed("2026-05-20", "2026-11-30", "printed")
    assert last_pass([inspected, read], on=day("2026-11-21")) == read


def test_a_failed_inspection_takes_nothing_away() -> None:
    known = [passed("2025-05-20", "2026-05-31"), failed("2026-05-02")]
    assert last_pass(known, on=day("2026-05-10")) == known[0]
    assert last_failure(known, on=day("2026-05-10")) == known[1]


def test_a_failure_is_forgotten_once_passed() -> None:
    known = [failed("2026-05-02"), passed("2026-05-09", "2027-05-31")]
    assert last_failure(known, on=day("2026-05-10")) is None


def test_what_lies_ahead_does_not_count_yet() -> None:
    assert last_pass([passed("2026-05-20", "2027-05-31")], on=day("2026-05-19")) is None
