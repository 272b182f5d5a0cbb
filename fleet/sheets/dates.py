"""Decides which day, month or instant stands in a cell, in the ways people write them.

Year first, always: `1/5/2026` is January or May, and is a problem, not a guess. A number is a day
as Excel counts them (1 January 1900 is 1; `rows.py` moves those of 1904), or 20260501.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from math import isfinite
from typing import Any, Final, Literal, NoReturn
from zoneinfo import ZoneInfo

from fleet.local_days import DEFAULT_ZONE
from fleet.sheets.cell_texts import as_text, expected
from fleet.sheets.errors import CellProblem

FIRST_YEAR: Final = 1950
LAST_YEAR: Final = 2199
LONGEST_DATE: Final = 60
DAY_0: Final = date(1899, 12, 30)
"""Of Excel's days since March 1900."""
DAYS_BETWEEN_EPOCHS: Final = 1462
"""From Excel's day 0 to that of a workbook with dates since 1904."""
_DAY: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_EIGHT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*(?:月份?)?[底止]?")
_SIX: Final = re.compile(r"(\d{4})(\d{2})")
_CLOCK: Final = re.compile(
    r"(\d{1,2})(?::(\d{2})(?::(\d{2})(?:\.\d+)?)?|\s*[时点](?:\s*(\d{1,2})\s*分)?)"
    r"\s*(Z|[+-]\d{2}:\d{2})?"
)
_VALID_UNTIL: Final = re.compile(r"^(检验)?有效期[至到]?\s*:?\s*")
_OFFICE: Final = re.compile(r"\s*[\u4e00-\u9fff][A-Z]\S*$")
"""The licence prints the issuing office behind the month: 检验有效期至2026年05月粤B."""
_YEAR_LAST: Final = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{1,2})")


def parse_date(value: Any) -> date:
    """The day: a date cell, a number, `2026-05-01`, `2026/5/1`, `2026.5.1`, `2026年5月1日`,
    `20260501`; a time behind it is left out.

    >>> parse_date("２０２６．５．１"), parse_date(46143), parse_date("20260501")
    (datetime.date(2026, 5, 1), datetime.date(2026, 5, 1), datetime.date(2026, 5, 1))
    """
    if isinstance(value, datetime):
        return _within(value.date(), value)
    if isinstance(value, date):
        return _within(value, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _day_of_number(value)
    day, rest = _split(value)
    if rest:
        _clock(rest, value)
    return day


def _not_a_date(value: Any) -> NoReturn:
    expected(value, "not_a_date", "a date such as 2026-05-01", "日期，例如 2026-05-01")


def _within(day: date, value: Any) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        expected(
            value,
            "date_out_of_range",
            f"a date of the years {FIRST_YEAR} to {LAST_YEAR}",
            f"{FIRST_YEAR} 至 {LAST_YEAR} 年的日期",
        )
    return day


def _built(year: str, month: str, day: str, value: Any) -> date:
    try:
        built = date(int(year), int(month), int(day))
    except ValueError:
        _not_a_date(value)
    return _within(built, value)


def _day_of_number(value: float) -> date:
    """20260501, or a day as Excel counts it."""
    if not isfinite(value):
        _not_a_date(value)
    whole = int(value)
    if whole == value and (eight := _EIGHT.fullmatch(str(whole))):
        return _built(eight[1], eight[2], eight[3], value)
    try:
        day = DAY_0 + timedelta(days=whole)
    except OverflowError:
        _not_a_date(value)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        _not_a_date(value)
    return day


def _split(value: Any) -> tuple[date, str]:
    """The day a text begins with, and what stands behind it."""
    if not isinstance(value, str):
        _not_a_date(value)
    text = as_text(value)
    if len(text) > LONGEST_DATE:
        _not_a_date(value)
    text = re.sub("[‐‑‒–—―−]", "-", text).removesuffix("起").removesuffix("止")
    if found := _DAY.match(text) or _EIGHT.match(text):
        rest = text[found.end() :]
        if not rest[:1].isdigit() or not text[found.end() - 1].isdigit():
            return _built(found[1], found[2], found[3], value), rest.removeprefix("T").strip()
    if text.isascii() and text.isdigit() and len(text) == 5:
        return _day_of_number(int(text)), ""
    if _YEAR_LAST.fullmatch(text):
        expected(
            value,
            "date_ambiguous",
            "the year first, such as 2026-05-01: day and month may be mixed up",
            "年份在前的日期，例如 2026-05-01（日、月次序不明确）",
        )
    _not_a_date(value)


def parse_month(value: Any) -> date:
    """The month, as its first day: `2026年5月`, `2026.5`, `2026-05`, `检验有效期至2026年5月`,
    202605, or any date in it. The number 2026.1 is a problem: Excel shows October so as well.

    >>> parse_month("检验有效期至2026年05月粤B"), parse_month(2026.5)
    (datetime.date(2026, 5, 1), datetime.date(2026, 5, 1))
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _month_of_number(value)
    if not isinstance(value, str):
        return parse_date(value).replace(day=1)
    text = as_text(value)
    if len(text) > LONGEST_DATE:
        _not_a_month(value)
    text = _OFFICE.sub("", _VALID_UNTIL.sub("", text))
    if found := _MONTH.fullmatch(text) or _SIX.fullmatch(text):
        return _built(found[1], found[2], "1", value)
    try:
        return parse_date(text).replace(day=1)
    except CellProblem:
        _not_a_month(value)


def _not_a_month(value: Any) -> NoReturn:
    expected(value, "not_a_month", "a month such as 2026-05", "月份，例如 2026-05")


def _month_of_number(value: float) -> date:
    if not isfinite(value):
        _not_a_month(value)
    if float(value).is_integer():
        if found := _SIX.fullmatch(str(int(value))):
            return _built(found[1], found[2], "1", value)
        return parse_date(value).replace(day=1)
    year, _, decimals = str(Decimal(f"{value:.10g}")).partition(".")
    if not (len(year) == 4 and len(decimals) <= 2):
        return parse_date(value).replace(day=1)
    if decimals == "1":
        expected(
            value,
            "month_ambiguous",
            f"{year}-01 or {year}-10, as text: a number loses the last 0",
            f"文本形式的 {year}-01 或 {year}-10（数字格式会丢失末尾的 0）",
        )
    return _built(year, decimals, "1", value)


def parse_instant(
    zone: str = DEFAULT_ZONE, day: Literal["start", "end"] = "start"
) -> Callable[[Any], datetime]:
    """A parser of instants, which people write in the zone; a day alone is its start, or its end
    (the start of the next). `2026-06-30 24:00` and `2026年6月30日24时` are understood.

    >>> parse_instant(day="end")("2026-06-30")
    datetime.datetime(2026, 6, 30, 16, 0, tzinfo=datetime.timezone.utc)
    """

    def parse(value: Any) -> datetime:
        if isinstance(value, datetime):
            _within(value.date(), value)
            return value.replace(tzinfo=value.tzinfo or ZoneInfo(zone)).astimezone(UTC)
        if isinstance(value, float) and isfinite(value) and not value.is_integer():
            return _at(_day_of_number(value), _fraction(value), ZoneInfo(zone))
        if not isinstance(value, str):
            return whole(parse_date(value))
        begun, rest = _split(value)
        if not rest:
            return whole(begun)
        clock, own_zone = _clock(rest, value)
        return _at(begun, clock, own_zone or ZoneInfo(zone))

    def whole(begun: date) -> datetime:
        return _at(begun, timedelta(days=1 if day == "end" else 0), ZoneInfo(zone))

    return parse


def _fraction(serial: float) -> timedelta:
    """The part of the day behind the point, to the second."""
    return timedelta(seconds=round(serial % 1 * 86_400))


def _at(day: date, since_midnight: timedelta, zone: ZoneInfo | timezone) -> datetime:
    wall = datetime.combine(day, time()) + since_midnight
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _clock(text: str, value: Any) -> tuple[timedelta, timezone | None]:
    """A time of day up to 24:00, and the offset written behind it."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        _not_a_date(value)
    hours, minutes, seconds = int(found[1]), int(found[2] or found[4] or 0), int(found[3] or 0)
    clock = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if minutes > 59 or seconds > 59 or clock > timedelta(days=1):
        _not_a_date(value)
    if found[5] is None:
        return clock, None
    if found[5] == "Z":
        return clock, UTC
    sign = -1 if found[5][0] == "-" else 1
    return clock, timezone(
        sign * timedelta(hours=int(found[5][1:3]) % 24, minutes=int(found[5][4:6]))
    )
