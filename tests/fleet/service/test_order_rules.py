"""What of work orders is decided without a database: states, numbers, amounts, steps, down-time."""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise, product
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.work_orders.amounts import amount_fen, check_quantity, totals_fen
from fleet.work_orders.completeness import check_result, missing_steps
from fleet.work_orders.downtime import Span, downtime_of, merge_spans
from fleet.work_orders.errors import FaultNotDescribed, QuantityMalformed, StepUnknown
from fleet.work_orders.model import Check, Line, LineKind, StepAsked
from fleet.work_orders.states import STATES, may_follow
from kit.numbers import ALPHABET, make_number

NOW: Final = datetime(2026, 11, 22, tzinfo=UTC)
STEPS: Final = [StepAsked(1, "绝缘电阻", False), StepAsked(2, "试车", True)]

STEPS_OF_STATES: Final = {
    ("open", "in_progress"),
    ("open", "cancelled"),
    ("in_progress", "waiting"),
    ("in_progress", "done"),
    ("in_progress", "cancelled"),
    ("waiting", "in_progress"),
    ("waiting", "cancelled"),
    ("done", "in_progress"),
    ("done", "closed"),
}


@pytest.mark.parametrize(("state", "following"), list(product(STATES, STATES)))
def test_an_order_goes_these_steps_and_no_other(state: Any, following: Any) -> None:
    assert may_follow(state, following) == ((state, following) in STEPS_OF_STATES)


def test_a_number_says_the_month_and_nothing_that_is_misread() -> None:
    numbers = {make_number("W", date(2026, 11, 30), Random(seed)) for seed in range(500)}
    assert {number[:6] for number in numbers} == {"W2611-"}
    assert {len(number) for number in numbers} == {12}
    assert set("".join(number[6:] for number in numbers)) <= set(ALPHABET)
    assert not set("IO01") & set(ALPHABET)
    assert len(numbers) == 500


# Lines


@pytest.mark.parametrize(
    ("quantity", "unit_price_fen", "amount"),
    [
        pytest.param("1", 24_000, 24_000, id="one piece"),
        pytest.param("2", 24_000, 48_000, id="two pieces"),
        pytest.param("1.5", 333, 500, id="499.5 goes up"),
        pytest.param("0.5", 1, 1, id="half a fen goes up"),
        pytest.param("0.001", 499, 0, id="less than half a fen goes down"),
        pytest.param("3", 0, 0, id="under warranty"),
    ],
)
def test_a_line_is_rounded_once(quantity: str, unit_price_fen: int, amount: int) -> None:
    assert amount_fen(Decimal(quantity), unit_price_fen) == amount


@pytest.mark.parametrize("quantity", ["0", "-1", "0.0001", "1E-7", "10000000", "1.2345"])
def test_what_is_no_quantity_is_refused(quantity: str) -> None:
    with pytest.raises(QuantityMalformed):
        check_quantity(Decimal(quantity))


@pytest.mark.parametrize("quantity", ["0.001", "1", "100", "1.5000", "9999999.999"])
def test_what_is_a_quantity_passes(quantity: str) -> None:
    check_quantity(Decimal(quantity))


def line(kind: LineKind, amount: int, *, struck: bool) -> Line:
    struck_at = NOW if struck else None
    return Line(1, kind, "件", None, Decimal(1), "个", amount, amount, None, NOW, struck_at)


LINES: Final = st.lists(
    st.builds(
        line,
        st.sampled_from(("part", "labour", "other")),
        st.integers(0, 10**12),
        struck=st.booleans(),
    )
)


@given(LINES)
def test_the_total_is_the_sum_of_the_lines_that_stand(lines: list[Line]) -> None:
    totals = totals_fen(lines)
    assert set(totals) == {"part", "labour", "other"}
    assert sum(totals.values()) == sum(one.amount_fen for one in lines if one.struck_at is None)


@given(
    st.decimals("0.001", "9999999.999", places=3),
    st.integers(0, 10**9),
)
def test_an_amount_is_within_half_a_fen_of_the_product(quantity: Decimal, price: int) -> None:
    amount, product_fen = amount_fen(quantity, price), quantity * price
    assert abs(Decimal(amount) - product_fen) <= Decimal("0.5")
    assert amount == int(product_fen.to_integral_value(ROUND_HALF_UP))


# Steps


def checked(step_no: int) -> Check:
    return Check(step_no, "ok", None, None, NOW)


@pytest.mark.parametrize(
    ("done", "missing"),
    [([], [1, 2]), ([2], [1]), ([1, 2], []), ([2, 1, 1], [])],
)
def test_a_checklist_is_complete_when_every_step_is_done(
    done: list[int], missing: list[int]
) -> None:
    left = missing_steps(STEPS, [checked(no) for no in done])
    assert [step.no for step in left] == missing


def test_a_fault_is_described_and_a_step_is_one_of_the_checklist() -> None:
    check_result(STEPS, 1, "fault", "低于 1 MΩ")
    check_result(STEPS, 2, "not_applicable", None)
    with pytest.raises(FaultNotDescribed):
        check_result(STEPS, 1, "fault", None)
    with pytest.raises(StepUnknown):
        check_result(STEPS, 3, "ok", None)


# Down-time


def hour(count: float) -> datetime:
    """So many hours after midnight in Shanghai."""
    return datetime(2026, 11, 20, 16, tzinfo=UTC) + timedelta(hours=count)


@pytest.mark.parametrize(
    ("spans", "hours", "days"),
    [
        pytest.param([], "0.0", 0, id="never"),
        pytest.param([(0, 24)], "24.0", 1, id="a day to 24:00 is one day"),
        pytest.param([(23, 25)], "2.0", 2, id="over midnight is two days"),
        pytest.param([(1, 2), (3, 4)], "2.0", 1, id="twice on a day is one day"),
        pytest.param([(1, 5), (3, 8)], "7.0", 1, id="what overlaps counts once"),
        pytest.param([(1, 30), (40, 50)], "39.0", 3, id="two spans that share a day"),
        pytest.param([(5, 5)], "0.0", 0, id="an empty span is none"),
        pytest.param([(0, 0.05)], "0.1", 1, id="three minutes are a tenth of an hour"),
    ],
)
def test_down_time_in_hours_and_days(
    spans: list[tuple[float, float]], hours: str, days: int
) -> None:
    told = downtime_of([(hour(a), hour(b)) for a, b in spans], zone="Asia/Shanghai")
    assert (told.hours, told.days) == (Decimal(hours), days)


SPANS: Final = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 100)).map(
        lambda one: (hour(one[0]), hour(one[0] + one[1]))
    ),
    max_size=12,
)


@given(SPANS)
def test_merged_spans_are_the_same_time_without_overlap(spans: list[Span]) -> None:
    merged = merge_spans(spans)
    for before, after in pairwise(merged):
        assert before[1] < after[0]
    covered = {
        at
        for begin, end in spans
        for at in range(int((end - begin).total_seconds() // 3600))
        for at in [begin + timedelta(hours=at)]
    }
    again = {
        begin + timedelta(hours=at)
        for begin, end in merged
        for at in range(int((end - begin).total_seconds() // 3600))
    }
    assert again == covered


@given(SPANS)
def test_days_touched_are_counted_once(spans: list[Span]) -> None:
    told = downtime_of(spans, zone="Asia/Shanghai")
    hours_down = [
        begin + timedelta(hours=each)
        for begin, end in spans
        for each in range(int((end - begin).total_seconds() // 3600))
    ]
    assert told.days == len({(at + timedelta(hours=8)).date() for at in hours_down})
