"""The last day of a term: by the law, and as is agreed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fleet.leasing.term_dates import (
    ONE_DAY,
    days_left,
    days_over,
    last_day,
    longest_end,
    renewal_start,
    term_until,
)
from fleet.leasing.terms import EndConvention, Term, TermUnit
from tests.fleet.leasing.written import day, terms

STARTS = st.dates(date(1999, 1, 1), date(2060, 12, 31))
ENDS = st.sampled_from(["day_before", "corresponding_day"])


@pytest.mark.parametrize(
    ("start", "count", "unit", "end", "expected"),
    [
        pytest.param("03-18", 12, "month", "corresponding_day", "2027-03-18", id="by_the_law"),
        pytest.param("03-18", 12, "month", "day_before", "2027-03-17", id="the_day_before"),
        pytest.param("01-31", 1, "month", "corresponding_day", "2026-02-28", id="month_end"),
        pytest.param("01-31", 1, "month", "day_before", "2026-02-27", id="before_a_month_end"),
        pytest.param("2024-01-31", 1, "month", "corresponding_day", "2024-02-29", id="leap"),
        pytest.param("2024-02-29", 12, "month", "day_before", "2025-02-27", id="from_a_leap_day"),
        pytest.param("03-18", 7, "day", "day_before", "2026-03-24", id="seven_days"),
        pytest.param("03-18", 7, "day", "corresponding_day", "2026-03-25", id="first_not_counted"),
        pytest.param("03-18", 1, "day", "day_before", "2026-03-18", id="one_day"),
    ],
)
def test_the_last_day(
    start: str, count: int, unit: TermUnit, end: EndConvention, expected: str
) -> None:
    assert str(last_day(day(start), Term(count=count, unit=unit, end=end))) == expected


def test_open_ended_has_none() -> None:
    assert last_day(day("03-18"), Term(count=None)) is None


@given(STARTS, st.integers(1, 239), ENDS)
def test_a_term_is_found_again_from_its_last_day(
    start: date, months: int, end: EndConvention
) -> None:
    present = Term(count=1, end=end)
    ends_on = last_day(start, Term(count=months, end=end))
    assert last_day(start, term_until(start, ends_on, present)) == ends_on


@given(STARTS, st.integers(1, 7_000), ENDS)
def test_any_last_day_can_be_said(start: date, days: int, end: EndConvention) -> None:
    ends_on = start + days * ONE_DAY
    assert last_day(start, term_until(start, ends_on, Term(count=1, end=end))) == ends_on


def test_twenty_years_are_the_most() -> None:
    assert str(longest_end(day("03-18"))) == "2046-03-17"
    assert str(longest_end(day("03-18"), "corresponding_day")) == "2046-03-18"
    with pytest.raises(ValidationError, match="§705"):
        Term(count=241)
    with pytest.raises(ValidationError, match="7305"):
        Term(count=7_306, unit="day")


def test_what_is_paid_once_has_an_end() -> None:
    with pytest.raises(ValidationError, match="paid once has an end"):
        terms(billing="once", months=None)


@pytest.mark.parametrize(
    ("on", "left", "over"),
    [
        ("2027-03-10", 7, 0),
        ("2027-03-17", 0, 0),
        ("2027-03-18", 0, 1),
        ("2027-04-17", 0, 31),
    ],
    ids=["before", "on_the_last_day", "the_day_after", "a_month_after"],
)
def test_around_the_last_day(on: str, left: int, over: int) -> None:
    ends_on = day("2027-03-17")
    assert (days_left(ends_on, day(on)), days_over(ends_on, day(on))) == (left, over)
    assert (days_left(None, day(on)), days_over(None, day(on))) == (None, 0)
    assert str(renewal_start(ends_on)) == "2027-03-18"
