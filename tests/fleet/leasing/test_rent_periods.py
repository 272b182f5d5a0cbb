"""Periods of rent: they are of the term, all of it, and once."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.leasing.events import Event
from fleet.leasing.rent_periods import (
    MonthPart,
    RentPeriod,
    Rhythm,
    periods_of,
    rent_periods,
    rhythm_of,
)
from fleet.leasing.term_dates import last_day
from fleet.leasing.terms import Billing, EndConvention, Term
from tests.fleet.leasing.written import (
    amended,
    back,
    book_of,
    cancelled,
    day,
    extended,
    line,
    out,
    signed,
    terminated,
    terms,
)

ANCHORS = st.dates(date(1999, 1, 1), date(2070, 12, 31))
LENGTHS = st.integers(1, 1_500)
BILLINGS = st.sampled_from(["anchor_month", "calendar_month", "once"])
MONTHLY = st.sampled_from(["anchor_month", "calendar_month"])
ENDS = st.sampled_from(["day_before", "corresponding_day"])
FAR = date(2100, 1, 1)


def told(periods: Iterable[RentPeriod]) -> list[str]:
    return [f"{p.no}: {p.from_on:%y-%m-%d}…{p.last_on:%y-%m-%d} {p.days}" for p in periods]


@pytest.mark.parametrize(
    ("start", "billing", "end", "last", "expected"),
    [
        pytest.param(
            "03-18", "anchor_month", "day_before", "06-17",
            ["1: 26-03-18…26-04-17 31", "2: 26-04-18…26-05-17 30", "3: 26-05-18…26-06-17 31"],
            id="anchored",
        ),
        pytest.param(
            "03-18", "anchor_month", "day_before", "05-01",
            ["1: 26-03-18…26-04-17 31", "2: 26-04-18…26-05-01 14"],
            id="anchored_with_a_part",
        ),
        pytest.param(
            "03-18", "anchor_month", "corresponding_day", "05-18",
            ["1: 26-03-18…26-04-18 31", "2: 26-04-19…26-05-18 30"],
            id="the_first_day_is_not_counted",
        ),
        pytest.param(
            "01-31", "anchor_month", "corresponding_day", "03-31",
            ["1: 26-01-31…26-02-28 28", "2: 26-03-01…26-03-31 31"],
            id="nor_where_months_are_shorter",
        ),
        pytest.param(
            "03-18", "calendar_month", "day_before", "05-17",
            ["1: 26-03-18…26-03-31 14", "2: 26-04-01…26-04-30 30", "3: 26-05-01…26-05-17 17"],
            id="calendar",
        ),
        pytest.param(
            "03-18", "calendar_month", "corresponding_day", "05-18",
            ["1: 26-03-18…26-03-31 13", "2: 26-04-01…26-04-30 30", "3: 26-05-01…26-05-18 18"],
            id="calendar_the_first_day_not_counted",
        ),
        pytest.param(
            "03-18", "once", "day_before", "06-17", ["1: 26-03-18…26-06-17 92"], id="once",
        ),
    ],
)  # fmt: skip
def test_periods_of_a_term(
    start: str, billing: Billing, end: EndConvention, last: str, expected: list[str]
) -> None:
    rhythm = Rhythm(day(start), billing, end)
    assert told(rent_periods(rhythm, last_on=day(last), until_on=FAR)) == expected


@given(ANCHORS, LENGTHS, BILLINGS, ENDS)
def test_they_cover_the_term_without_gap_or_overlap(
    anchor: date, length: int, billing: Billing, end: EndConvention
) -> None:
    last_on = anchor + timedelta(days=length)
    periods = list(rent_periods(Rhythm(anchor, billing, end), last_on=last_on, until_on=date.max))
    assert periods[0].from_on == anchor
    assert periods[-1].last_on == last_on
    assert all(one.until_on == two.from_on for one, two in pairwise(periods))
    assert [period.no for period in periods] == list(range(1, len(periods) + 1))
    uncounted = 1 if end == "corresponding_day" else 0
    assert sum(period.days for period in periods) == length + 1 - uncounted
    assert all(0 <= part.days <= part.of_days for each in periods for part in each.months)


@given(ANCHORS, LENGTHS, MONTHLY, ENDS, st.integers(1, 1_500))
def test_a_longer_term_has_the_same_months(
    anchor: date, length: int, billing: Billing, end: EndConvention, more: int
) -> None:
    rhythm = Rhythm(anchor, billing, end)
    short = list(rent_periods(rhythm, last_on=anchor + timedelta(days=length), until_on=date.max))
    longer = list(
        rent_periods(rhythm, last_on=anchor + timedelta(days=length + more), until_on=date.max)
    )
    assert longer[: len(short) - 1] == short[:-1]
    assert longer[len(short) - 1].from_on == short[-1].from_on


@given(ANCHORS, st.integers(1, 60), ENDS)
def test_a_term_in_months_is_so_many_whole_months(
    anchor: date, count: int, end: EndConvention
) -> None:
    last_on = last_day(anchor, Term(count=count, end=end))
    periods = list(rent_periods(Rhythm(anchor, end=end), last_on=last_on, until_on=date.max))
    assert [part.whole for each in periods for part in each.months] == [True] * count
    assert len(periods) == count


@given(ANCHORS, MONTHLY, ENDS, st.integers(0, 3_000))
def test_they_begin_before_what_they_are_asked_until(
    anchor: date, billing: Billing, end: EndConvention, days: int
) -> None:
    until_on = anchor + timedelta(days=days)
    periods = list(rent_periods(Rhythm(anchor, billing, end), last_on=None, until_on=until_on))
    assert all(period.from_on < until_on for period in periods)
    assert (periods[-1].until_on if periods else anchor) >= until_on


def test_once_without_an_end_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="paid once has an end"):
        list(rent_periods(Rhythm(day("03-18"), "once"), last_on=None, until_on=FAR))


def test_once_is_made_of_months() -> None:
    rhythm = Rhythm(day("03-18"), "once")
    (period,) = rent_periods(rhythm, last_on=day("05-01"), until_on=FAR)
    assert period.months == (MonthPart(31, 31), MonthPart(14, 30))


def test_a_period_is_cut_to_what_lies_between() -> None:
    rhythm = Rhythm(day("03-18"), "calendar_month")
    _, april = rent_periods(rhythm, last_on=day("04-30"), until_on=FAR)
    part = rhythm.cut(april, day("04-11"), day("06-01"))
    assert part == RentPeriod(2, day("04-11"), day("05-01"), (MonthPart(20, 30),))
    assert rhythm.cut(april, day("05-01"), day("06-01")) is None


QUARTER = terms(months=3)
ONCE = terms(months=3, billing="once")
OF_BOOKS: list[tuple[str, list[Event], list[str]]] = [
    ("as_agreed", [signed(QUARTER)],
     ["1: 26-03-18…26-04-17 31", "2: 26-04-18…26-05-17 30", "3: 26-05-18…26-06-17 31"]),
    ("extended_by_days", [signed(QUARTER), out("03-18"), extended("06-01", "2026-06-20")],
     ["1: 26-03-18…26-04-17 31", "2: 26-04-18…26-05-17 30", "3: 26-05-18…26-06-17 31",
      "4: 26-06-18…26-06-20 3"]),
    ("the_start_moved", [signed(QUARTER), out("03-25", starts="03-25")],
     ["1: 26-03-25…26-04-24 31", "2: 26-04-25…26-05-24 30", "3: 26-05-25…26-06-24 31"]),
    ("ended_early", [signed(QUARTER), out("03-18"), back("05-01")],
     ["1: 26-03-18…26-04-17 31", "2: 26-04-18…26-05-01 14"]),
    ("ended_late", [signed(terms(months=1)), out("03-18"), back("04-20")],
     ["1: 26-03-18…26-04-17 31"]),
    ("terminated_late",
     [signed(terms(months=1)), out("03-18"), terminated("04-20"), back("04-25")],
     ["1: 26-03-18…26-04-17 31"]),
    ("terminated", [signed(QUARTER), out("03-18"), terminated("03-20"), back("04-20")],
     ["1: 26-03-18…26-03-20 3"]),
    ("back_before_its_start", [signed(QUARTER), out("03-11"), back("03-12")], []),
    ("cancelled", [signed(QUARTER), cancelled("03-11")], []),
    ("once", [signed(ONCE)], ["1: 26-03-18…26-06-17 92"]),
    ("once_and_again_for_the_extension",
     [signed(ONCE), out("03-18"), extended("06-01", "2026-07-17")],
     ["1: 26-03-18…26-06-17 92", "2: 26-06-18…26-07-17 30"]),
    ("once_and_shortened",
     [signed(ONCE), out("03-18"), amended("04-01", "04-01", terms(months=2, billing="once"))],
     ["1: 26-03-18…26-05-17 61"]),
    ("once_and_the_start_moved", [signed(ONCE), out("03-25", starts="03-25")],
     ["1: 26-03-25…26-06-24 92"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("history", "expected"), [pytest.param(*case[1:], id=case[0]) for case in OF_BOOKS]
)
def test_periods_of_a_lease(history: list[Event], expected: list[str]) -> None:
    assert told(periods_of(book_of(*history), until_on=FAR)) == expected


def test_an_open_ended_lease_has_as_many_as_one_asks_for() -> None:
    book = book_of(signed(terms(line(), months=None, billing="calendar_month")))
    assert told(periods_of(book, until_on=day("05-01"))) == [
        "1: 26-03-18…26-03-31 14",
        "2: 26-04-01…26-04-30 30",
    ]
    assert rhythm_of(book.terms) == Rhythm(day("03-18"), "calendar_month", "day_before")
