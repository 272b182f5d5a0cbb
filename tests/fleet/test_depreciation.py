"""What a vehicle is worth in the books, worked by hand."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.lives.depreciation import METHODS, Writing, book_value_fen, months_charged
from fleet.lives.service import PurchaseFacts

BOUGHT = date(2024, 12, 10)


@pytest.mark.parametrize(
    ("on", "months"),
    [
        pytest.param(date(2024, 12, 10), 0, id="the day itself"),
        pytest.param(date(2024, 12, 31), 0, id="the month of the purchase"),
        pytest.param(date(2025, 1, 30), 0, id="before the first month's end"),
        pytest.param(date(2025, 1, 31), 1, id="the first month's end"),
        pytest.param(date(2025, 2, 28), 2, id="end of February"),
        pytest.param(date(2024, 2, 29), 0, id="before it was bought"),
    ],
)
def test_it_is_charged_from_the_month_after(on: date, months: int) -> None:
    assert months_charged(BOUGHT, on) == months


@pytest.mark.parametrize(
    ("writing", "on", "left_fen"),
    [
        pytest.param(
            Writing(9_980_000, "straight_line", 60, Decimal(5)),
            date(2025, 1, 31),
            9_821_983,
            id="straight, one month: 99,800.00 less 1,580.17 (158,016.67 fen)",
        ),
        pytest.param(
            Writing(9_980_000, "straight_line", 60, Decimal(5)),
            date(2035, 1, 1),
            499_000,
            id="straight, after its life: what is left of it",
        ),
        pytest.param(
            Writing(10_000_000, "double_declining", 60, Decimal(5)),
            date(2025, 6, 30),
            8_000_000,
            id="double, half a year: half of two fifths",
        ),
        pytest.param(
            Writing(10_000_000, "double_declining", 60, Decimal(5)),
            date(2028, 6, 30),
            1_745_000,
            id="double, half of the fourth year: 21,600 less a quarter of 16,600",
        ),
        pytest.param(
            Writing(10_000_000, "double_declining", 24, Decimal(0)),
            date(2025, 12, 31),
            5_000_000,
            id="double, two years: even from the start",
        ),
        pytest.param(
            Writing(10_000_000, "double_declining", 60, Decimal(50)),
            date(2027, 12, 31),
            5_000_000,
            id="double, never below what is left of it",
        ),
        pytest.param(
            Writing(10_000_000, "none", 60, Decimal(5)), date(2035, 1, 1), 10_000_000, id="none"
        ),
        pytest.param(
            Writing(1, "straight_line", 2, Decimal(0)), date(2025, 1, 31), 1, id="half up"
        ),
    ],
)
def test_what_is_left_is_as_worked_by_hand(writing: Writing, on: date, left_fen: int) -> None:
    assert book_value_fen(writing, BOUGHT, on) == left_fen


writings = st.builds(
    Writing,
    st.integers(0, 10**9),
    st.sampled_from(METHODS),
    st.integers(1, 600),
    st.decimals(0, 100, places=2),
)


@given(writings, st.dates(BOUGHT, date(2090, 1, 1)), st.integers(0, 62))
def test_it_never_grows_and_never_falls_below_what_is_left(
    writing: Writing, on: date, later: int
) -> None:
    days = (BOUGHT, on, date.fromordinal(on.toordinal() + later))
    values = [book_value_fen(writing, BOUGHT, day) for day in days]
    assert values[0] == writing.price_fen
    assert values == sorted(values, reverse=True)
    assert values[2] >= int(Decimal(writing.price_fen) * writing.residual_pct / 100)


def test_what_is_not_written_off_keeps_its_price() -> None:
    assert PurchaseFacts(BOUGHT, 100).book_value_fen(date(2040, 1, 1)) == 100
