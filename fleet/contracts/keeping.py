"""Decides how long a contract is kept, and when its bytes are read again."""

from datetime import date, datetime, timedelta
from typing import Final

from fleet.local_days import local_day
from fleet.months import add_months

AFTER_UNSURE: Final = timedelta(days=1)
"""A contract that was found changed, or could not be read, is looked at again every day."""


def retain_until(
    *, ends_on: date | None, ended_at: datetime | None, zone: str, years: int
) -> date | None:
    """The last day a contract is kept; None while nobody knows when its lease ends.

    What ended otherwise than agreed counts from the day it did.

    >>> retain_until(ends_on=date(2027, 3, 17), ended_at=None, zone="Asia/Shanghai", years=5)
    datetime.date(2032, 3, 17)
    >>> retain_until(ends_on=None, ended_at=None, zone="Asia/Shanghai", years=5) is None
    True
    """
    end = ends_on if ended_at is None else local_day(ended_at, zone)
    return None if end is None else add_months(end, 12 * years)
