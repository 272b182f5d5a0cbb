"""What a period of rent costs, and what parts of a month come to together."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.leasing.proration import daily_rent, rent_of
from fleet.leasing.rent_periods import MonthPart, RentPeriod, Rhythm, rent_periods
from fleet.leasing.terms import Proration, TermUnit
from tests.fleet.leasing.written import day, line

ANCHORS = st.dates(date(1999, 1, 1), date(2070, 12, 31))
RENTS = st.integers(0, 10_000_000)


def of(*months: MonthPart) -> RentPeriod:
    return RentPeriod(1, day("03-18"), day("04-18"), months)


@pytest.mark.parametrize(
    ("months", "per", "proration", "expected_fen"),
    [
        pytest.param((MonthPart(28, 28),), "month", "fixed_30", 300_000, id="a_whole_february"),
        pytest.param((MonthPart(31, 31),), "month", "fixed_30", 300_000, id="a_whole_march"),
        pytest.param((MonthPart(30, 31),), "month", "fixed_30", 300_000, id="30_of_31_by_30"),
        pytest.param((MonthPart(27, 28),), "month", "fixed_30", 270_000, id="27_of_28_by_30"),
        pytest.param((MonthPart(1, 31),), "month", "none", 300_000, id="one_day_costs_the_month"),
        pytest.param((MonthPart(0, 31),), "month", "none", 0, id="no_day_costs_nothing"),
        pytest.param((MonthPart(0, 31),), "month", "actual_days", 0, id="no_day"),
        pytest.param((MonthPart(14, 31),), "day", "none", 4_200_000, id="by_the_day"),
        pytest.param(
            (MonthPart(31, 31), MonthPart(14, 30)), "month", "actual_days", 440_000, id="once"
        ),
        pytest.param(
            (MonthPart(1, 3), MonthPart(1, 6)), "month", "actual_days", 150_000, id="rounded_once"
        ),
    ],
)
def test_the_rent_of_a_period(
    months: tuple[MonthPart, ...], per: TermUnit, proration: Proration, expected_fen: int
) -> None:
    assert rent_of(300_000, per, of(*months), proration) == expected_fen


RHYTHMS = st.builds(
    Rhythm,
    ANCHORS,
    st.sampled_from(["anchor_month", "calendar_month"]),
    st.sampled_from(["day_before", "corresponding_day"]),
)


@given(RHYTHMS, RENTS, st.integers(2, 24), st.sets(st.integers(1, 27), max_size=5))
def test_the_parts_of_a_month_sum_to_its_rent_within_a_fen_each(
    rhythm: Rhythm, rent_fen: int, place: int, cuts: set[int]
) -> None:
    until_on = rhythm.anchor_on + timedelta(days=800)
    periods = list(rent_periods(rhythm, last_on=None, until_on=until_on))
    whole = periods[place]
    assert rent_of(rent_fen, "month", whole, "actual_days") == rent_fen
    corners = [whole.from_on + timedelta(days=days) for days in [0, *sorted(cuts)]]
    spans = zip(corners, [*corners[1:], whole.until_on], strict=True)
    parts = [rhythm.cut(whole, *span) for span in spans]
    rents = [rent_of(rent_fen, "month", part, "actual_days") for part in parts if part is not None]
    assert len(rents) == len(corners)
    assert abs(sum(rents) - rent_fen) <= len(rents)


@given(RENTS, st.integers(1, 31), st.sampled_from(["actual_days", "fixed_30", "none"]))
def test_a_part_never_costs_more_than_the_month(
    rent_fen: int, days: int, proration: Proration
) -> None:
    assert 0 <= rent_of(rent_fen, "month", of(MonthPart(days, 31)), proration) <= rent_fen


def test_the_measure_of_a_day() -> None:
    assert daily_rent(line(rent_fen=300_000)) == 10_000
    assert daily_rent(line(rent_fen=20_000, per="day")) == 20_000
