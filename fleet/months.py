"""Adds months to days the one way there is: from the anchor, clamped to the month."""

from calendar import monthrange
from datetime import date


def add_months(anchor: date, months: int) -> date:
    """The corresponding day that many months later (or earlier), or the last of a shorter month.

    Civil Code §202. Add from the original anchor each time: chaining loses the day.

    >>> add_months(date(2026, 1, 31), 1), add_months(date(2026, 1, 31), 2)
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    >>> add_months(date(2024, 2, 29), 12), add_months(date(2026, 3, 31), -1)
    (datetime.date(2025, 2, 28), datetime.date(2026, 2, 28))
    """
    count = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(count, 12)
    if anchor.day <= 28:  # no month lacks it; looking up how long it is takes longer than the rest
        return date(year, month + 1, anchor.day)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    """The last day of its month.

    >>> month_end(date(2024, 2, 1))
    datetime.date(2024, 2, 29)
    """
    return day.replace(day=monthrange(day.year, day.month)[1])
