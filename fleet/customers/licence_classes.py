"""Decides which classes of driving licence there are, and what a licence without an end is.

准驾车型: 机动车驾驶证申领和使用规定, annex 1. Leaves out what each may drive: a hand-over asks.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from fleet.customers.errors import LicenceClassUnknown, LicenceOverBeforeIssued

CLASSES: Final = (
    *("A1", "A2", "A3", "B1", "B2", "C1", "C2", "C3", "C4", "C5", "C6"),
    *("D", "E", "F", "M", "N", "P"),
)
MOST_CLASSES: Final = 8
LONG_TERM: Final = date(9999, 12, 31)
"""The last day of a licence without an end, 长期."""


def parse_classes(classes: Iterable[str]) -> list[str]:
    """The classes in the order of the table, each once.

    >>> parse_classes(["c1", "B2", "C1"])
    ['B2', 'C1']

    Raises:
        LicenceClassUnknown: there is none, more than eight, or one that does not exist.
    """
    wanted = {each.strip().upper() for each in classes}
    if not 1 <= len(wanted) <= MOST_CLASSES or not wanted <= set(CLASSES):
        raise LicenceClassUnknown(
            f"one to {MOST_CLASSES} classes of {', '.join(CLASSES)}", classes=list(CLASSES)
        )
    return [each for each in CLASSES if each in wanted]


def check_days(first_issued_on: date | None, valid_to_on: date | None) -> date:
    """The last day of a licence, LONG_TERM for None.

    >>> check_days(date(2020, 5, 1), None)
    datetime.date(9999, 12, 31)

    Raises:
        LicenceOverBeforeIssued: it ended before it was issued.
    """
    last = LONG_TERM if valid_to_on is None else valid_to_on
    if first_issued_on is not None and last < first_issued_on:
        raise LicenceOverBeforeIssued("a licence ends after the day it was first issued")
    return last


def days_left(valid_to_on: date, on: date) -> int | None:
    """How many days a licence is valid after `on`, below 0 once it is over; None: without an end.

    >>> days_left(date(2026, 11, 30), date(2026, 11, 22)), days_left(LONG_TERM, date(2026, 11, 22))
    (8, None)
    """
    return None if valid_to_on == LONG_TERM else (valid_to_on - on).days
