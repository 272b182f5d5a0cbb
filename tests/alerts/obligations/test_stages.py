"""On which days one is reminded: tables, and the same sums in the database."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import Connection

from alerts.obligations.stages import Ladder, next_reminder_on, steps_taken
from tests.alerts.obligations.world import day

RENT = Ladder((7, 3, 0, -1, -3, -7, -15, -30), every_days=30, critical_from_days=-7)
INSPECTION = Ladder((30, 14, 7, 3, 1, 0), every_days=7, critical_from_days=-1)
INSURANCE = Ladder((30, 14, 7, 3, 1, 0), every_days=1, critical_from_days=0)
EXPIRED = Ladder((-1, -3, -7), every_days=7, critical_from_days=-7)
ENDING = Ladder((60, 30, 14, 7, 3, 1, 0))

LADDERS = st.builds(
    Ladder,
    st.sets(st.integers(-365, 365), min_size=1, max_size=20).map(
        lambda days: tuple(sorted(days, reverse=True))
    ),
    st.integers(0, 365),
    st.none() | st.integers(-365, 365),
)
DAYS = st.integers(-800, 800)


@pytest.mark.parametrize(
    ("ladder", "then", "now", "told"),
    [
        pytest.param(RENT, None, 8, [], id="eight days before a rent is due nothing is said"),
        pytest.param(RENT, None, 7, [7], id="a week before it one is reminded"),
        pytest.param(RENT, 7, 7, [], id="the same day again says nothing"),
        pytest.param(RENT, 7, 4, [], id="between two reminders nothing is said"),
        pytest.param(RENT, 7, -8, [3, 0, -1, -3, -7], id="after a fortnight all missed are due"),
        pytest.param(RENT, -30, -60, [-60], id="a month after the last offset once more"),
        pytest.param(RENT, -30, -59, [], id="a day earlier not yet"),
        pytest.param(RENT, 3, 9, [], id="a clock put back says nothing"),
        pytest.param(INSPECTION, 0, -1, [-1], id="the day it becomes critical is told"),
        pytest.param(INSPECTION, -1, -7, [-7], id="and then every week"),
        pytest.param(INSURANCE, 0, -3, [-1, -2, -3], id="a lapsed insurance is told daily"),
        pytest.param(EXPIRED, None, 0, [], id="the last day of a lease is not after it"),
        pytest.param(EXPIRED, -7, -14, [-14], id="weekly from the last offset below zero"),
        pytest.param(ENDING, 0, -100, [], id="without a further reminder it is over"),
        pytest.param(ENDING, None, None, [], id="what has no day has no reminder"),
    ],
)
def test_reminders(ladder: Ladder, then: int | None, now: int | None, told: list[int]) -> None:
    assert ladder.crossed(then, now, most=99) == told


def test_of_many_missed_the_last_are_kept() -> None:
    assert INSURANCE.crossed(None, -100, most=3) == [-98, -99, -100]


@pytest.mark.parametrize(
    ("today", "then"),
    [
        ("11-01", "11-14"),
        ("11-14", "11-18"),
        ("11-21", "11-22"),
        ("12-21", "2027-01-20"),
        ("2026-10-01", "11-14"),
    ],
)
def test_the_next_reminder_of_a_rent_due_on_the_21st(today: str, then: str) -> None:
    assert next_reminder_on(day("11-21"), day(today), RENT) == day(then)


def test_after_the_last_reminder_there_is_none() -> None:
    assert next_reminder_on(day("11-21"), day("11-21"), ENDING) is None


def test_a_stage_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="stage 8"):
        ENDING.days_of(8)
    with pytest.raises(ValueError, match="stage 0"):
        RENT.days_of(0)


@pytest.mark.parametrize(
    ("km", "taken"), [(1_000.1, 0), (1_000, 1), (0.1, 2), (0, 3), (-50, 3), (None, 0)]
)
def test_steps_of_kilometres(km: float | None, taken: int) -> None:
    assert steps_taken((1_000, 500, 0), km) == taken


@given(LADDERS, DAYS)
def test_stages_grow_as_days_run_out(ladder: Ladder, days_left: int) -> None:
    stage = ladder.stage(days_left)
    assert stage <= ladder.stage(days_left - 1)
    if stage:
        assert ladder.days_of(stage) >= days_left
        assert ladder.stage(ladder.days_of(stage)) == stage
        assert ladder.stage(ladder.days_of(stage) + 1) == stage - 1


@given(LADDERS, st.lists(DAYS, min_size=1, max_size=6), st.integers(-800, 800))
def test_each_reminder_is_told_once_however_often_one_looks(
    ladder: Ladder, looks: list[int], first: int
) -> None:
    """At any steps forward the same reminders are told as at one."""
    days = sorted({first, *looks}, reverse=True)
    then, told = None, []
    for now in days:
        told += ladder.crossed(then, now, most=9_999)
        then = now
    assert told == ladder.crossed(None, days[-1], most=9_999)
    assert len(set(told)) == len(told)


@given(LADDERS, DAYS)
def test_the_next_reminder_is_the_next_that_is_told(ladder: Ladder, days_left: int) -> None:
    due_on, today = date(2026, 6, 1), date.fromordinal(date(2026, 6, 1).toordinal() - days_left)
    then = next_reminder_on(due_on, today, ladder)
    until = -2_000 if then is None else (due_on - then).days
    told = ladder.crossed(days_left, until, most=9_999)
    assert told == ([] if then is None else [until])


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
def test_the_database_counts_the_same(conn: Connection[Any]) -> None:
    @settings(max_examples=200, deadline=None)
    @given(LADDERS, st.lists(DAYS, min_size=1, max_size=50))
    def same(ladder: Ladder, days: list[int]) -> None:
        found = conn.execute(
            "SELECT alert_stage(d, %s, %s) FROM unnest(%s::integer[]) WITH ORDINALITY AS d (d, no)"
            " ORDER BY no",
            [list(ladder.offsets_days), ladder.every_days, days],
        ).fetchall()
        assert [stage for (stage,) in found] == [ladder.stage(each) for each in days]

    same()
