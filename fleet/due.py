"""Tells how an obligation stands on a day: the same words for papers, maintenance and care."""

from datetime import date, timedelta
from typing import Final, Literal

DueStatus = Literal["missing", "overdue", "due", "ahead"]
DUE_WITHIN: Final = timedelta(days=30)
"""Where an obligation names no window, it is due this long before its day."""


def due_status(due_on: date | None, window_from_on: date | None, *, on: date) -> DueStatus:
    """`missing`: no record says when; `overdue`: its last day is over; `due`: it may be done now.

    >>> due_status(date(2026, 5, 31), date(2026, 3, 1), on=date(2026, 3, 1))
    'due'
    >>> due_status(date(2026, 5, 31), None, on=date(2026, 6, 1))
    'overdue'
    """
    if due_on is None:
        return "missing"
    if on > due_on:
        return "overdue"
    return "due" if on >= (window_from_on or due_on - DUE_WITHIN) else "ahead"


def days_overdue(due_on: date, *, on: date) -> int:
    """Days since the last day all was well; 0 or less while it is.

    >>> days_overdue(date(2026, 5, 31), on=date(2026, 11, 21))
    174
    """
    return (on - due_on).days
