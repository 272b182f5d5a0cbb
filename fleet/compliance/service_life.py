"""Decides when a vehicle's years of service are over (机动车强制报废标准规定 §5).

Leaves out scrapping for missed inspections (`inspections.py`), and classes we hold no figure for.
"""

from datetime import date

from fleet.compliance.classes import LifeClass
from fleet.figures import ServiceLife
from fleet.months import add_months


def years_of(life: LifeClass, figures: ServiceLife) -> int | None:
    """The years of a class; None: the law sets none, or we hold no figure."""
    if life in ("none", "unknown"):
        return None
    years: int = getattr(figures, life)
    return years


def life_ends_on(registered_on: date, life: LifeClass, figures: ServiceLife) -> date | None:
    """The last day of its service life; None where there is none.

    >>> figures = ServiceLife(micro_goods=12, goods=15, hazmat_goods=10, leased_passenger=15)
    >>> life_ends_on(date(2015, 3, 1), "micro_goods", figures)
    datetime.date(2027, 3, 1)
    >>> life_ends_on(date(2016, 2, 29), "goods", figures)
    datetime.date(2031, 2, 28)
    """
    years = years_of(life, figures)
    return None if years is None else add_months(registered_on, years * 12)
