"""Turns instants into days of a zone, and back. A day ends at 24:00, Civil Code §203."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DEFAULT_ZONE: Final = "Asia/Shanghai"


def local_day(instant: datetime, zone: str = DEFAULT_ZONE) -> date:
    """The day it is there.

    >>> local_day(datetime(2026, 6, 30, 16, 0, tzinfo=UTC))
    datetime.date(2026, 7, 1)
    """
    return instant.astimezone(ZoneInfo(zone)).date()


def begin_of(day: date, zone: str = DEFAULT_ZONE) -> datetime:
    """The instant the day begins, in UTC.

    >>> begin_of(date(2026, 7, 1))
    datetime.datetime(2026, 6, 30, 16, 0, tzinfo=datetime.timezone.utc)
    """
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def last_day_before(instant: datetime, zone: str = DEFAULT_ZONE) -> date:
    """The last day that is over, or half over, at an instant that ends something.

    >>> last_day_before(datetime(2026, 6, 30, 16, 0, tzinfo=UTC))  # 24:00 of the 30th
    datetime.date(2026, 6, 30)
    """
    return local_day(instant - timedelta(microseconds=1), zone)
