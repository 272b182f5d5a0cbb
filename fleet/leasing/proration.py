"""Decides what a period of rent costs, and what a part of a month costs.

No law says how a part of a month is counted; it is agreed: by actual days, by months of 30 days, or
not at all. Rounded once a period, half a fen up (`kit.money.round_fen`). Leaves out VAT, discounts
and what else stands on a bill.
"""

from fractions import Fraction

from fleet.leasing.rent_periods import MonthPart, RentPeriod
from fleet.leasing.terms import Line, Proration, TermUnit
from kit.money import round_fen


def rent_of(rent_fen: int, per: TermUnit, period: RentPeriod, proration: Proration) -> int:
    """The rent of a period, in fen; a rent by the day is for each day that counts.

    3,000 yuan a month from 2026-03-18, by calendar months: 14 days of March.

    >>> from datetime import date
    >>> march = RentPeriod(1, date(2026, 3, 18), date(2026, 4, 1), (MonthPart(14, 31),))
    >>> rent_of(300_000, "month", march, "actual_days")
    135484
    >>> rent_of(300_000, "month", march, "fixed_30"), rent_of(300_000, "month", march, "none")
    (140000, 300000)
    >>> rent_of(20_000, "day", march, "actual_days")
    280000
    """
    return round_fen(exact_rent(rent_fen, per, period, proration))


def exact_rent(rent_fen: int, per: TermUnit, period: RentPeriod, proration: Proration) -> Fraction:
    """The same before rounding, to be added up with others."""
    if per == "day":
        return Fraction(rent_fen * period.days)
    shares = (share_of(part, proration) for part in period.months)
    return sum((rent_fen * share for share in shares), Fraction(0))


def share_of(part: MonthPart, proration: Proration) -> Fraction:
    """What share of a month's rent a part of it costs; never more than the whole.

    >>> part = MonthPart(20, 29)
    >>> share_of(part, "actual_days"), share_of(part, "fixed_30"), share_of(part, "none")
    (Fraction(20, 29), Fraction(2, 3), Fraction(1, 1))
    """
    if part.whole:
        return Fraction(1)
    if part.days == 0:
        return Fraction(0)
    if proration == "actual_days":
        return Fraction(part.days, part.of_days)
    return min(Fraction(1), Fraction(part.days, 30)) if proration == "fixed_30" else Fraction(1)


def daily_rent(line: Line) -> Fraction:
    """What a day of a line costs, a month counted as 30 days: a measure, not a bill.

    >>> daily_rent(Line(no=1, rent_fen=300_000))
    Fraction(10000, 1)
    """
    return Fraction(line.rent_fen) if line.per == "day" else Fraction(line.rent_fen, 30)
