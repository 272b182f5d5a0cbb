"""Decides what a vehicle is worth in the books on a day.

As is usual in China: depreciation is charged at the end of each month, for the first time in the
month after the purchase (企业会计准则第 4 号应用指南: 当月增加的固定资产，当月不计提折旧，
从下月起计提). Straight line 年限平均法 takes the same each month. Double declining 双倍年限平均法
takes twice that rate of what is left at the start of each year, the residual value not considered,
and spreads what is left over the last two years evenly.

Leaves out impairment, and the tax authority's own minimum lives.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, get_args

from fleet.months import month_end

Method = Literal["straight_line", "double_declining", "none"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)
STRAIGHT_AT_LAST: Final = 24
"""Months at the end of a life over which double declining is even."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How something is written off: its price in fen, its life, and the part that is left of it."""

    price_fen: int
    method: Method
    useful_life_months: int
    residual_pct: Decimal


def months_charged(purchased_on: date, on: date) -> int:
    """For how many months depreciation has been charged at the end of a day.

    >>> months_charged(date(2025, 3, 15), date(2025, 4, 29))
    0
    >>> months_charged(date(2025, 3, 15), date(2025, 4, 30))
    1
    """
    begun = (on.year - purchased_on.year) * 12 + on.month - purchased_on.month
    return max(0, begun if on == month_end(on) else begun - 1)


def book_value_fen(writing: Writing, purchased_on: date, on: date) -> int:
    """What is left of the price in the books at the end of a day, in fen, rounded half up.

    100,000.00 yuan over five years with 5 % left: 1,583.33 a month; or two fifths of what is left
    in each of three years, and half of the rest above 5,000.00 in each of two.

    >>> straight = Writing(100_000_00, "straight_line", 60, Decimal(5))
    >>> book_value_fen(straight, date(2024, 12, 10), date(2025, 12, 31))
    8100000
    >>> double = Writing(100_000_00, "double_declining", 60, Decimal(5))
    >>> bought = date(2024, 12, 10)
    >>> [book_value_fen(double, bought, date(year, 12, 31)) for year in range(2025, 2030)]
    [6000000, 3600000, 2160000, 1330000, 500000]
    """
    months = min(months_charged(purchased_on, on), writing.useful_life_months)
    price = Fraction(writing.price_fen)
    residual = price * Fraction(writing.residual_pct) / 100
    if writing.method == "none":
        return writing.price_fen
    if writing.method == "straight_line":
        left = _straight(price, residual, months, writing.useful_life_months)
    else:
        left = _double_declining(price, residual, months, writing.useful_life_months)
    return int(left + Fraction(1, 2))


def _straight(book: Fraction, residual: Fraction, months: int, over: int) -> Fraction:
    return book - (book - residual) * Fraction(months, over)


def _double_declining(price: Fraction, residual: Fraction, months: int, life: int) -> Fraction:
    """Whole years at twice the rate, and never below the residual value; then evenly."""
    declining = max(0, life - STRAIGHT_AT_LAST)
    book = price
    for start in range(0, min(months, declining), 12):
        charged = min(12, declining - start, months - start)
        book = max(residual, book - book * Fraction(24, life) * Fraction(charged, 12))
    if months > declining:
        book = _straight(book, residual, months - declining, life - declining)
    return book
