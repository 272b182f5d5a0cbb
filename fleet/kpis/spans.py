"""Decides which days a figure is of: a month, or from a day until another, never beyond today."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from fleet.kpis.errors import KpiDayAhead, KpiSpanEmpty, KpiSpanTooLong, KpiSpanUnclear
from fleet.months import add_months

MOST_DAYS: Final = 3_660


@dataclass(frozen=True, slots=True)
class Span:
    """Days [from_on, until_on)."""

    from_on: date
    until_on: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.until_on - self.from_on).days


def span_of(
    *, month_on: date | None, from_on: date | None, until_on: date | None, today: date
) -> Span:
    """The days asked for: a month, a span, or the present month; what lies ahead is left out.

    >>> span_of(month_on=None, from_on=None, until_on=None, today=date(2026, 11, 21))
    Span(from_on=datetime.date(2026, 11, 1), until_on=datetime.date(2026, 11, 22))
    >>> span_of(month_on=date(2026, 2, 1), from_on=None, until_on=None, today=date(2026, 11, 21))
    Span(from_on=datetime.date(2026, 2, 1), until_on=datetime.date(2026, 3, 1))

    Raises:
        KpiSpanUnclear: a month and a span are given, or only one end of a span.
        KpiSpanEmpty: it ends before it begins.
        KpiSpanTooLong: it is longer than ten years.
        KpiDayAhead: all of it lies ahead.
    """
    if (from_on is None) != (until_on is None) or (month_on is not None and from_on is not None):
        raise KpiSpanUnclear("give a month, or both from_on and until_on")
    if from_on is None or until_on is None:
        from_on = (month_on or today).replace(day=1)
        until_on = add_months(from_on, 1)
    if from_on >= until_on:
        raise KpiSpanEmpty(f"[{from_on}, {until_on}) has no days")
    if (until_on - from_on).days > MOST_DAYS:
        raise KpiSpanTooLong(f"at most {MOST_DAYS} days", most_days=MOST_DAYS)
    if from_on > today:
        raise KpiDayAhead(f"{from_on} lies ahead", on=from_on.isoformat())
    return Span(from_on, min(until_on, today + timedelta(days=1)))


def day_of(on: date | None, *, today: date) -> date:
    """The day asked for, or today.

    Raises:
        KpiDayAhead: it lies ahead.
    """
    if on is not None and on > today:
        raise KpiDayAhead(f"{on} lies ahead", on=on.isoformat())
    return on or today
