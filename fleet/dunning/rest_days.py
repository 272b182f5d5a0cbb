"""Decides on which day a time ends whose last day is one of rest.

民法典 §203: where the last day of a time is a legal day of rest, the day after that rest is the
last. Saturdays, Sundays and legal holidays are; the days that are worked instead are none. Leaves
out which holidays a year has: they are published anew every year, a figure with its day.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from fleet.money_figures import RestDays

SATURDAY: Final = 5
ONE_DAY: Final = timedelta(days=1)


def is_rest_day(on: date, known: RestDays) -> bool:
    """Whether nobody has to act on that day.

    >>> known = RestDays(off=(date(2026, 10, 1),), worked=(date(2026, 10, 10),))
    >>> [is_rest_day(date(2026, 10, day), known) for day in (1, 8, 10, 11)]
    [True, False, False, True]
    """
    if on in known.worked:
        return False
    return on in known.off or on.weekday() >= SATURDAY


def last_day_of(day: date, known_on: Callable[[date], RestDays]) -> date:
    """The last day of a time that would end on `day`: that one, or the first after a rest.

    `known_on`: the holidays as they are in force on a day.

    >>> week = tuple(date(2026, 10, day) for day in range(1, 8))
    >>> known = RestDays(off=week, worked=(date(2026, 10, 10),))
    >>> str(last_day_of(date(2026, 10, 1), lambda _on: known))
    '2026-10-08'
    >>> str(last_day_of(date(2026, 10, 10), lambda _on: known))
    '2026-10-10'
    """
    while is_rest_day(day, known_on(day)):
        day += ONE_DAY
    return day
