"""Decides until when a bill can be sued for: three years, begun anew by each demand that arrives.

民法典 §188: three years from when the creditor knows, which is the day after it was due; §195: a
demand interrupts the period, and it runs anew. What arrives after it has run out begins nothing.
Leaves out other interruptions (part payment, acknowledgement, suit), which make it longer only.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from fleet.months import add_months

MONTHS: Final = 36


def limitation_on(due_on: date, demanded_on: Iterable[date]) -> date:
    """The last day of the limitation period of a bill.

    >>> due = date(2026, 5, 1)
    >>> str(limitation_on(due, [])), str(limitation_on(due, [date(2028, 2, 29)]))
    ('2029-05-01', '2031-02-28')
    >>> str(limitation_on(due, [date(2029, 6, 1)]))  # too late
    '2029-05-01'
    """
    last_on = add_months(due_on, MONTHS)
    for day in sorted(demanded_on):
        if day > last_on:
            break
        last_on = max(last_on, add_months(day, MONTHS))
    return last_on
