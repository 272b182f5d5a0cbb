"""Writes days and instants the way people read them, for sentences in both languages.

Leaves out the sentences themselves (`blocks.py`, `insurance_findings.py`).
"""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

MIDNIGHT: Final = time()


def day_zh(day: date) -> str:
    """The day, in Chinese.

    >>> day_zh(date(2026, 6, 1))
    '2026年6月1日'
    """
    return f"{day.year}年{day.month}月{day.day}日"


def month_zh(day: date) -> str:
    """The month of a day, in Chinese.

    >>> month_zh(date(2026, 5, 31))
    '2026年5月'
    """
    return f"{day.year}年{day.month}月"


def _end_of(instant: datetime, zone: str) -> tuple[date, str]:
    there = instant.astimezone(ZoneInfo(zone))
    if there.time() == MIDNIGHT:
        return there.date() - timedelta(days=1), "24:00"
    return there.date(), f"{there:%H:%M}"


def end_en(instant: datetime, zone: str) -> str:
    """The end of a time; midnight is 24:00 of the day before, as policies print it.

    >>> end_en(datetime(2026, 7, 1, tzinfo=ZoneInfo("Asia/Shanghai")), "Asia/Shanghai")
    '2026-06-30 24:00'
    """
    day, clock = _end_of(instant, zone)
    return f"{day} {clock}"


def end_zh(instant: datetime, zone: str) -> str:
    """As `end_en`, in Chinese.

    >>> end_zh(datetime(2026, 6, 30, 12, tzinfo=ZoneInfo("Asia/Shanghai")), "Asia/Shanghai")
    '2026年6月30日12:00'
    """
    day, clock = _end_of(instant, zone)
    return f"{day_zh(day)}{clock}"


def begin_en(instant: datetime, zone: str) -> str:
    """The begin of a time; midnight is 00:00 of its day.

    >>> begin_en(datetime(2026, 7, 3, tzinfo=ZoneInfo("Asia/Shanghai")), "Asia/Shanghai")
    '2026-07-03 00:00'
    """
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def begin_zh(instant: datetime, zone: str) -> str:
    """As `begin_en`, in Chinese.

    >>> begin_zh(datetime(2026, 7, 3, tzinfo=ZoneInfo("Asia/Shanghai")), "Asia/Shanghai")
    '2026年7月3日00:00'
    """
    there = instant.astimezone(ZoneInfo(zone))
    return f"{day_zh(there.date())}{there:%H:%M}"
