"""What a bill that is paid late costs, day by day."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.receivables.late_fee import NOTHING, FeeRule, LateFeeDue, Settled, fee, rate_from_year
from kit.money import round_fen
from tests.fleet.leasing.written import day

DUE = day("05-01")
AGREED = FeeRule(Decimal("0.0005"), grace_days=3)


def late(*settled: tuple[str, int], on: str = "07-01", **more: object) -> LateFeeDue:
    """Of 3,000 yuan due on 2026-05-01 and issued before, as it stands on 2026-07-01."""
    facts = {"rule": AGREED, "principal_fen": 300_000, "issued_on": day("04-24"), **more}
    rule = facts.pop("rule")
    history = [(day(when), fen) for when, fen in settled]
    return fee(rule, due_on=DUE, settled=history, on=day(on), **facts)  # type: ignore[arg-type]


def told(found: LateFeeDue) -> list[tuple[str, str, int, int, int]]:
    """First and last day, days, what was open, what it costs."""
    last = [piece.until_on - timedelta(days=1) for piece in found.pieces]
    return [
        (f"{p.from_on:%m-%d}", f"{to:%m-%d}", p.days, p.open_fen, p.amount_fen)
        for p, to in zip(found.pieces, last, strict=True)
    ]


@pytest.mark.parametrize(
    ("rate", "expected_fen"),
    [
        pytest.param(Decimal("0.0005"), 4_500, id="agreed"),
        pytest.param(rate_from_year(Decimal("12")), 2_959, id="four_times_lpr"),
        pytest.param(rate_from_year(Decimal("4.5")), 1_110, id="lpr_and_a_half"),
    ],
)
def test_case_11_3000_for_30_days(rate: Decimal | Fraction, expected_fen: int) -> None:
    found = late(("05-31", 300_000), rule=FeeRule(rate, grace_days=3))
    assert (found.days, found.amount_fen) == (30, expected_fen)


@pytest.mark.parametrize(
    ("settled", "expected"),
    [
        pytest.param([("05-01", 300_000)], [], id="on the due day"),
        pytest.param([("05-04", 300_000)], [], id="on the last day of the grace"),
        pytest.param(
            [("05-05", 300_000)],
            [("05-02", "05-05", 4, 300_000, 600)],
            id="a day after the grace: from the day after it was due",
        ),
        pytest.param(
            [("05-03", 100_000), ("05-04", 200_000)], [], id="in pieces, all within the grace"
        ),
        pytest.param(
            [("05-03", 100_000), ("05-10", 200_000)],
            [("05-02", "05-03", 2, 300_000, 300), ("05-04", "05-10", 7, 200_000, 700)],
            id="in pieces, one after the grace",
        ),
        pytest.param(
            [("05-10", 100_000), ("05-10", 100_000), ("05-20", 100_000)],
            [("05-02", "05-10", 9, 300_000, 1_350), ("05-11", "05-20", 10, 100_000, 500)],
            id="twice on a day",
        ),
        pytest.param(
            [("04-20", 300_000)], [], id="paid before it was issued, by credit that was left"
        ),
        pytest.param(
            [("04-30", 300_000), ("05-20", -300_000), ("05-25", 300_000)],
            [("05-20", "05-25", 6, 300_000, 900)],
            id="bounced: open again from that day",
        ),
        pytest.param(
            [("05-10", 300_000), ("05-12", -300_000), ("05-20", 300_000)],
            [("05-02", "05-10", 9, 300_000, 1_350), ("05-12", "05-20", 9, 300_000, 1_350)],
            id="late, bounced, paid again",
        ),
        pytest.param(
            [("05-10", 300_000), ("05-10", -300_000), ("05-12", 300_000)],
            [("05-02", "05-12", 11, 300_000, 1_650)],
            id="bounced on the same day: never paid",
        ),
        pytest.param([], [("05-02", "07-01", 61, 300_000, 9_150)], id="never paid: to that day"),
    ],
)
def test_days_and_what_is_open_on_them(
    settled: list[tuple[str, int]], expected: list[tuple[object, ...]]
) -> None:
    found = late(*settled)
    assert told(found) == expected
    assert found.amount_fen == sum(piece.amount_fen for piece in found.pieces)
    assert found.days == sum(piece.days for piece in found.pieces)


@pytest.mark.parametrize(
    ("on", "expected_fen"),
    [("04-30", 0), ("05-01", 0), ("05-04", 0), ("05-05", 600), ("05-06", 750)],
    ids=["before it is due", "due", "grace runs", "grace is over", "a day more"],
)
def test_it_accrues_by_the_day_once_the_grace_is_over(on: str, expected_fen: int) -> None:
    assert late(on=on).amount_fen == expected_fen


def test_a_bill_that_was_issued_late_is_late_from_its_issue_on() -> None:
    found = late(("05-25", 300_000), issued_on=day("05-15"))
    assert told(found) == [("05-16", "05-25", 10, 300_000, 1_500)]
    assert late(("05-18", 300_000), issued_on=day("05-15")) == NOTHING


@pytest.mark.parametrize(
    ("cap_pct", "expected_fen", "capped"),
    [(None, 9_150, False), (3, 9_000, True), (4, 9_150, False), (100, 9_150, False)],
)
def test_the_cap_is_of_the_overdue_amount(
    cap_pct: int | None, expected_fen: int, capped: bool
) -> None:
    found = late(rule=FeeRule(Decimal("0.0005"), 3, cap_pct))
    assert (found.amount_fen, found.capped) == (expected_fen, capped)


def test_nothing_is_late_where_there_is_no_rate_or_nothing_to_pay() -> None:
    assert late(rule=FeeRule(Decimal(0))).amount_fen == 0
    assert late(principal_fen=0) == NOTHING


def test_a_basis_tells_the_days_as_people_count_them() -> None:
    [piece] = late(("05-05", 300_000)).pieces
    assert piece.told() == {
        "from_on": "2026-05-02",
        "to_on": "2026-05-05",
        "days": 4,
        "open_fen": 300_000,
        "amount_fen": 600,
    }


DAYS = st.integers(-10, 60).map(lambda count: DUE + timedelta(days=count))
HISTORIES = st.lists(st.tuples(DAYS, st.integers(1, 100_000), st.booleans()), max_size=8)


@given(
    history=HISTORIES, grace=st.integers(0, 20), on=DAYS, issued=DAYS, cap=st.none() | st.just(2)
)
def test_it_is_what_a_calendar_says_day_by_day(
    history: list[tuple[date, int, bool]], grace: int, on: date, issued: date, cap: int | None
) -> None:
    """Every day asked by itself: what was open, the payments of that day not counted."""
    settled: list[Settled] = []
    for paid_on, fen, bounces in history:
        settled.append((paid_on, fen))
        if bounces:
            settled.append((paid_on + timedelta(days=7), -fen))
    since, opened, after_grace = max(DUE, issued), [], False
    each = since + timedelta(days=1)
    while each <= on:
        today = sum(fen for when, fen in settled if when == each)
        paid = sum(fen for when, fen in settled if when < each) + min(0, today)
        open_fen = max(0, 1_000_000 - paid)
        opened.append(open_fen)
        after_grace |= open_fen > 0 and each > since + timedelta(days=grace)
        each += timedelta(days=1)
    expected = round_fen(Fraction(sum(opened) * 5, 10_000)) if after_grace else 0
    if cap is not None and opened:
        expected = min(expected, round_fen(Fraction(max(opened) * cap, 100)))
    rule = FeeRule(Decimal("0.0005"), grace, cap)
    found = fee(rule, principal_fen=1_000_000, due_on=DUE, issued_on=issued, settled=settled, on=on)
    assert found.amount_fen == expected
    assert sum(piece.amount_fen for piece in found.pieces) == expected
    assert found.days == (sum(1 for fen in opened if fen) if after_grace else 0)
