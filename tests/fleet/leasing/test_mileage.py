"""Kilometres a rent includes, carried over or not, and what the others cost."""

import pytest

from fleet.leasing.mileage import included_km, settle, settle_at_once
from fleet.leasing.rent_periods import MonthPart, RentPeriod
from fleet.leasing.terms import Mileage, TermUnit
from tests.fleet.leasing.written import day

WHOLE, HALF = (MonthPart(30, 30),), (MonthPart(15, 30),)
CARRIED = Mileage(included_km=5_000, extra_fen_per_km=100)
NOT_CARRIED = Mileage(included_km=5_000, extra_fen_per_km=100, carry_over=False)


def period(no: int, *months: MonthPart) -> RentPeriod:
    return RentPeriod(no, day("04-01"), day("05-01"), months)


DRIVEN = [
    (period(1, *WHOLE), 4_200),
    (period(2, *WHOLE), 5_500),
    (period(3, *WHOLE), 6_000),
    (period(4, *HALF), 2_600),
]


@pytest.mark.parametrize(
    ("mileage", "extra_km", "carried_km", "extra_fen"),
    [
        pytest.param(CARRIED, [0, 0, 700, 100], [800, 300, 0, 0], 80_000, id="carried"),
        pytest.param(NOT_CARRIED, [0, 500, 1_000, 100], [0, 0, 0, 0], 160_000, id="not_carried"),
    ],
)
def test_period_by_period(
    mileage: Mileage, extra_km: list[int], carried_km: list[int], extra_fen: int
) -> None:
    settled = settle(mileage, "month", DRIVEN)
    assert [each.period_no for each in settled] == [1, 2, 3, 4]
    assert [each.included_km for each in settled] == [5_000, 5_000, 5_000, 2_500]
    assert [each.extra_km for each in settled] == extra_km
    assert [each.carried_km for each in settled] == carried_km
    assert [each.brought_km for each in settled] == [0, *carried_km[:-1]]
    assert sum(each.extra_fen for each in settled) == extra_fen


def test_what_is_left_later_does_not_pay_back_what_was_charged() -> None:
    first, second = settle(CARRIED, "month", [(period(1, *WHOLE), 6_000), (period(2, *WHOLE), 0)])
    assert (first.extra_fen, second.carried_km) == (100_000, 5_000)


@pytest.mark.parametrize("mileage", [CARRIED, NOT_CARRIED], ids=["carried", "not_carried"])
def test_at_once_all_periods_are_one_sum(mileage: Mileage) -> None:
    periods = [each for each, _ in DRIVEN]
    settled = settle_at_once(mileage, "month", periods, 18_300)
    assert (settled.included_km, settled.extra_km, settled.extra_fen) == (17_500, 800, 80_000)
    spared = settle_at_once(mileage, "month", periods, 17_000)
    assert (spared.extra_fen, spared.carried_km) == (0, 500 if mileage.carry_over else 0)


def test_no_period_includes_nothing() -> None:
    assert settle_at_once(CARRIED, "month", [], 10).extra_fen == 1_000


@pytest.mark.parametrize(
    ("per", "months", "expected"),
    [
        ("month", (MonthPart(14, 31),), 2_258),
        ("month", (MonthPart(31, 31), MonthPart(14, 30)), 7_333),
        ("month", (MonthPart(0, 31),), 0),
        ("day", (MonthPart(14, 31),), 70_000),
    ],
    ids=["a_part", "a_month_and_a_part", "no_day", "by_the_day"],
)
def test_what_is_included(per: TermUnit, months: tuple[MonthPart, ...], expected: int) -> None:
    assert included_km(CARRIED, per, months) == expected
