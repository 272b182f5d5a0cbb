"""Decides how many kilometres a rent includes, and what the others cost.

限定里程: so many a month (or a day, where the rent is by the day); a part of a month includes its
share by actual days. Where agreed, what is not driven counts for later periods, never for earlier
ones that were settled. Leaves out who read the odometer, and when.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fleet.leasing.proration import share_of
from fleet.leasing.rent_periods import MonthPart, RentPeriod
from fleet.leasing.terms import Mileage, TermUnit
from kit.money import round_fen


@dataclass(frozen=True, slots=True)
class Settled:
    """Kilometres of a period: what was free, what was driven, what is charged, what is left."""

    period_no: int
    brought_km: int
    """Left of earlier periods."""
    included_km: int
    driven_km: int
    extra_km: int
    carried_km: int
    """Left for later ones."""
    extra_fen: int


def included_km(mileage: Mileage, per: TermUnit, months: Iterable[MonthPart]) -> int:
    """What is included in so many months or parts of them; half a kilometre counts as one.

    5,000 km a month: 14 days of a March include 2,258.

    >>> mileage = Mileage(included_km=5_000, extra_fen_per_km=100)
    >>> included_km(mileage, "month", [MonthPart(14, 31)])
    2258
    >>> included_km(Mileage(included_km=200, extra_fen_per_km=100), "day", [MonthPart(14, 31)])
    2800
    """
    parts = list(months)
    if per == "day":
        return mileage.included_km * sum(part.days for part in parts)
    shares = sum((share_of(part, "actual_days") for part in parts), Fraction(0))
    return round_fen(mileage.included_km * shares)


def settle(
    mileage: Mileage, per: TermUnit, driven: Sequence[tuple[RentPeriod, int]]
) -> list[Settled]:
    """Period by period, with what was driven in each.

    5,000 km a month, 1 yuan each further one, carried over. In the first month 4,200 are driven:
    800 are left. In the second 5,500: 300 are left. In the third 6,000: 700 yuan. Of the fourth
    only 15 of 30 days, 2,500 km, and 2,400 are driven.

    >>> from datetime import date
    >>> whole, half = (MonthPart(30, 30),), (MonthPart(15, 30),)
    >>> day = date(2026, 4, 1)
    >>> months = [(whole, 4_200), (whole, 5_500), (whole, 6_000), (half, 2_400)]
    >>> driven = [(RentPeriod(no, day, day, m), km) for no, (m, km) in enumerate(months, 1)]
    >>> mileage = Mileage(included_km=5_000, extra_fen_per_km=100)
    >>> for each in settle(mileage, "month", driven):
    ...     print(each.included_km, each.brought_km, each.extra_km, each.carried_km, each.extra_fen)
    5000 0 0 800 0
    5000 800 0 300 0
    5000 300 700 0 70000
    2500 0 0 100 0
    """
    settled, brought = [], 0
    for period, km in driven:
        included = included_km(mileage, per, period.months)
        free = included + brought
        extra = max(0, km - free)
        carried = max(0, free - km) if mileage.carry_over else 0
        settled.append(
            Settled(
                period_no=period.no,
                brought_km=brought,
                included_km=included,
                driven_km=km,
                extra_km=extra,
                carried_km=carried,
                extra_fen=extra * mileage.extra_fen_per_km,
            )
        )
        brought = carried
    return settled


def settle_at_once(
    mileage: Mileage, per: TermUnit, periods: Iterable[RentPeriod], driven_km: int
) -> Settled:
    """All periods together, where the odometer was read at the beginning and at the end only.

    Nobody can say then which month was driven how much: what is included counts as one sum, also
    where it is not carried over. That is to the lessee's advantage.

    >>> from datetime import date
    >>> day, mileage = date(2026, 4, 1), Mileage(included_km=5_000, extra_fen_per_km=100)
    >>> three = [RentPeriod(no, day, day, (MonthPart(30, 30),)) for no in (1, 2, 3)]
    >>> at_once = settle_at_once(mileage, "month", three, 15_700)
    >>> at_once.included_km, at_once.extra_km, at_once.extra_fen
    (15000, 700, 70000)
    """
    every = list(periods)
    included = sum(included_km(mileage, per, period.months) for period in every)
    extra = max(0, driven_km - included)
    return Settled(
        period_no=every[-1].no if every else 0,
        brought_km=0,
        included_km=included,
        driven_km=driven_km,
        extra_km=extra,
        carried_km=max(0, included - driven_km) if mileage.carry_over else 0,
        extra_fen=extra * mileage.extra_fen_per_km,
    )
