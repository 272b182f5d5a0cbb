"""Months of inspections over thirty years, whatever the day of registration."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from fleet.compliance.cycles import Step, ages, steps_of_intervals
from fleet.compliance.inspections import (
    DueMonth,
    missed_cycles,
    next_valid_to,
    predict,
    scrap_risk_from_on,
    window_from_on,
)
from fleet.figures import Intervals
from fleet.months import month_end
from tests.fleet.compliance.figures_of_law import day, intervals

CLASSES = ("goods", "commercial_passenger", "passenger", "passenger_strict")
YEARS = 30
REGISTERED = st.dates(date(1996, 1, 1), date(2060, 12, 31))
OF_CLASS = st.sampled_from(CLASSES)
LEAP_DAY = date(2024, 2, 29)


def months_between(first: date, second: date) -> int:
    return (second.year - first.year) * 12 + second.month - first.month


def ages_of(steps: Intervals) -> list[int]:
    """By looking at each month of thirty years, rather than by counting on."""
    found, begin = [], 0
    for step in steps:
        end = YEARS * 12 if step.until_years is None else step.until_years * 12
        found += [
            age for age in range(begin + 1, end + 1) if (age - begin) % step.every_months == 0
        ]
        begin = end
    return found


def in_thirty_years(registered_on: date, of: str) -> list[DueMonth]:
    return predict(registered_on, intervals(of), count=len(ages_of(intervals(of))))


@given(REGISTERED, OF_CLASS)
@example(LEAP_DAY, "goods")
def test_no_cycle_is_skipped_and_none_comes_twice(registered_on: date, of: str) -> None:
    found = [months_between(registered_on, m.due_on) for m in in_thirty_years(registered_on, of)]
    assert found == ages_of(intervals(of))


@given(REGISTERED, OF_CLASS)
@example(LEAP_DAY, "goods")
def test_due_days_are_month_ends_and_never_go_backwards(registered_on: date, of: str) -> None:
    days = [month.due_on for month in in_thirty_years(registered_on, of)]
    assert days == [month_end(each) for each in days]
    assert all(before < after for before, after in pairwise([registered_on, *days]))


@given(REGISTERED, OF_CLASS, st.integers(0, YEARS * 366))
def test_what_comes_after_a_day_is_the_rest(registered_on: date, of: str, days: int) -> None:
    after_on = registered_on + timedelta(days=days)
    rest = [m for m in in_thirty_years(registered_on, of) if m.due_on > after_on]
    assert predict(registered_on, intervals(of), after_on=after_on, count=len(rest)) == rest


@given(REGISTERED, OF_CLASS, st.data())
@example(LEAP_DAY, "goods", None)
def test_who_comes_in_time_each_cycle_is_printed_each_month(
    registered_on: date, of: str, choose: st.DataObject | None
) -> None:
    """However early within the window, the next month is counted from registration."""
    expected = [month.due_on for month in in_thirty_years(registered_on, of)]
    printed = expected[:1]
    while len(printed) < len(expected):
        valid_to_on = printed[-1]
        window = (valid_to_on - window_from_on(valid_to_on, 3)).days
        early = 0 if choose is None else choose.draw(st.integers(0, window))
        printed.append(
            next_valid_to(
                registered_on,
                intervals(of),
                inspected_on=valid_to_on - timedelta(days=early),
                valid_to_on=valid_to_on,
                window_months=3,
            )
        )
    assert printed == expected


@given(REGISTERED, OF_CLASS, st.lists(st.integers(1, 900), max_size=20))
def test_whenever_one_comes_the_printed_month_never_goes_backwards(
    registered_on: date, of: str, pauses: list[int]
) -> None:
    months = {month.due_on for month in predict(registered_on, intervals(of), count=150)}
    valid_to_on, inspected_on = min(months), registered_on
    for pause in pauses:
        inspected_on += timedelta(days=pause)
        former, valid_to_on = (
            valid_to_on,
            next_valid_to(
                registered_on,
                intervals(of),
                inspected_on=inspected_on,
                valid_to_on=valid_to_on,
                window_months=3,
            ),
        )
        assert valid_to_on >= former
        assert valid_to_on > inspected_on
        assert valid_to_on in months


@given(st.dates(date(1996, 1, 1), date(2090, 12, 31)), st.integers(1, 12))
@example(LEAP_DAY, 3)
def test_a_window_lies_before_its_day(within: date, months: int) -> None:
    valid_to_on = month_end(within)
    from_on = window_from_on(valid_to_on, months)
    assert from_on < valid_to_on
    assert from_on.day == 1
    assert months_between(from_on, valid_to_on) == months - 1


@given(REGISTERED, OF_CLASS, st.integers(0, 20), st.integers(1, 6))
def test_a_vehicle_is_at_risk_on_the_day_the_last_cycle_is_missed(
    registered_on: date, of: str, passes: int, cycles: int
) -> None:
    steps = intervals(of)
    valid_to_on = predict(registered_on, steps, count=passes + 1)[-1].due_on
    from_on = scrap_risk_from_on(valid_to_on, registered_on, steps, cycles=cycles)
    eve = from_on - timedelta(days=1)
    assert missed_cycles(valid_to_on, registered_on, steps, on=from_on) == cycles
    assert missed_cycles(valid_to_on, registered_on, steps, on=eve) == cycles - 1


@given(OF_CLASS, st.integers(0, 400), st.integers(0, 400))
def test_missed_cycles_only_grow(of: str, first: int, second: int) -> None:
    start, steps = day("2023-05-31"), intervals(of)
    early, late = sorted(start + timedelta(days=10 * each) for each in (first, second))
    counts = [missed_cycles(start, day("2019-05-10"), steps, on=on) for on in (early, late)]
    assert counts == sorted(counts)


def test_a_step_that_does_not_fit_is_cut_at_its_end() -> None:
    found = ages([Step(60, 24), Step(None, 12)])
    assert [next(found) for _ in range(5)] == [24, 48, 60, 72, 84]


def test_ages_stop_at_each_change_of_steps() -> None:
    found = ages(steps_of_intervals(intervals("goods")))
    assert [next(found) for _ in range(13)] == [*range(12, 121, 12), 126, 132, 138]
