"""Decides what ending early costs by the clause, and what the lessor is likely to lose by it.

The loss is measured by the days until the vehicle is let again; a court may cut a price that is far
above it (民法典 §585). Leaves out notice, deposits and what is owed otherwise (`early_end.py`).
"""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from fleet.lease_figures import EarlyEnd
from fleet.leasing.proration import daily_rent, exact_rent
from fleet.leasing.rent_periods import RentPeriod, rhythm_of
from fleet.leasing.term_dates import ONE_DAY, last_day
from fleet.leasing.terms import EarlyEndPrice, Line, Terms
from kit.money import round_fen

DAYS_A_MONTH = 30
"""As a month of a rent by the day counts."""


def rent_left_fen(terms: Terms, lines: Iterable[Line], from_on: date) -> int | None:
    """The rent of these lines from that day to the last day; None: open-ended.

    3,000 a month to 2027-03-17: from 2026-12-03 there are 15 of 30 days and three months left.

    >>> from fleet.leasing.terms import Term
    >>> line, start = Line(no=1, rent_fen=300_000), date(2026, 3, 18)
    >>> terms = Terms(kind="long", starts_on=start, term=Term(count=12), lines=(line,))
    >>> rent_left_fen(terms, terms.lines, date(2026, 12, 3))
    1050000
    """
    ends_on = last_day(terms.starts_on, terms.term)
    if ends_on is None:
        return None
    if from_on > ends_on:
        return 0
    until_on = ends_on + ONE_DAY
    left = RentPeriod(1, from_on, until_on, rhythm_of(terms).parts(from_on, until_on))
    rents = (exact_rent(line.rent_fen, line.per, left, terms.proration) for line in lines)
    return sum(round_fen(rent) for rent in rents)


def price_of(agreed: EarlyEndPrice, lines: Iterable[Line], left_fen: int) -> int:
    """What the clause says, of so much rent that is left.

    >>> half = EarlyEndPrice(kind="share_of_remaining_rent", pct=50)
    >>> price_of(half, [], 1_050_000)
    525000
    >>> two = EarlyEndPrice(kind="months_of_rent", months=2)
    >>> price_of(two, [Line(no=1, rent_fen=300_000)], 1_050_000)
    600000
    """
    if agreed.pct is not None:
        return round_fen(Fraction(left_fen * agreed.pct, 100))
    if agreed.months is not None:
        a_month = sum(daily_rent(line) * DAYS_A_MONTH for line in lines)
        return round_fen(Fraction(a_month * agreed.months))
    return 0


def expected_loss_fen(lines: Iterable[Line], days_left: int, figures: EarlyEnd) -> int:
    """The rent of the days until the vehicles are let again, not more than were left anyway.

    >>> figures = EarlyEnd(reletting_days=30, court_cut_above_pct=130)
    >>> line = Line(no=1, rent_fen=300_000)
    >>> expected_loss_fen([line], 105, figures), expected_loss_fen([line], 10, figures)
    (300000, 100000)
    """
    days = min(figures.reletting_days, max(0, days_left))
    return round_fen(Fraction(sum(daily_rent(line) for line in lines) * days))


def is_cut(claim_fen: int, loss_fen: int, figures: EarlyEnd) -> bool:
    """Whether a court may cut it: "more than 30 % above the loss" (合同编通则解释 §65).

    >>> figures = EarlyEnd(reletting_days=30, court_cut_above_pct=130)
    >>> is_cut(390_000, 300_000, figures), is_cut(390_001, 300_000, figures)
    (False, True)
    """
    return claim_fen * 100 > loss_fen * figures.court_cut_above_pct
