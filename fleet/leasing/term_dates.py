"""Decides the last day of a term, and the days around it.

Leaves out that a period which ends on a statutory holiday runs on to the next day (Civil Code
§203): leases end on the day they say. Periods of rent: `rent_periods.py`.
"""

from datetime import date, timedelta
from typing import Final

from fleet.leasing.terms import LONGEST_TERM_MONTHS, EndConvention, Term
from fleet.months import add_months

ONE_DAY: Final = timedelta(days=1)


def last_day(starts_on: date, term: Term) -> date | None:
    """The last day of a term that starts on that day; None: open-ended.

    "The first day is not counted" (Civil Code §201), "the corresponding day of the month of expiry
    is the last, and where there is none the month's last" (§202): so says the law where nothing
    else is agreed. Agreed (§204) and common is the day before.

    >>> start = date(2026, 3, 18)
    >>> str(last_day(start, Term(count=12, end="corresponding_day")))
    '2027-03-18'
    >>> str(last_day(start, Term(count=12, end="day_before")))
    '2027-03-17'
    >>> str(last_day(date(2026, 1, 31), Term(count=1, end="corresponding_day")))
    '2026-02-28'
    >>> str(last_day(start, Term(count=7, unit="day"))), last_day(start, Term())
    ('2026-03-24', None)
    """
    if term.count is None:
        return None
    if term.unit == "month":
        corresponding = add_months(starts_on, term.count)
    else:
        corresponding = starts_on + timedelta(days=term.count)
    return corresponding if term.end == "corresponding_day" else corresponding - ONE_DAY


def longest_end(starts_on: date, end: EndConvention = "day_before") -> date:
    """The last day of twenty years, the longest a lease may be agreed for (Civil Code §705).

    >>> str(longest_end(date(2026, 3, 18)))
    '2046-03-17'
    """
    return last_day(starts_on, Term(count=LONGEST_TERM_MONTHS, end=end)) or date.max


def term_until(starts_on: date, ends_on: date | None, present: Term) -> Term:
    """The term from that start to that last day: in whole months where it can be said so.

    >>> start = date(2026, 3, 18)
    >>> str(term_until(start, date(2028, 3, 17), Term(count=12)))
    "count=24 unit='month' end='day_before'"
    >>> str(term_until(start, date(2028, 3, 31), Term(count=12)))
    "count=745 unit='day' end='day_before'"

    Raises:
        ValueError: the last day lies before the start, or beyond twenty years.
    """
    if ends_on is None:
        return Term(count=None, end=present.end)
    months = (ends_on.year - starts_on.year) * 12 + ends_on.month - starts_on.month
    for count in (months, months + 1):
        if 1 <= count <= LONGEST_TERM_MONTHS:
            term = Term(count=count, end=present.end)
            if last_day(starts_on, term) == ends_on:
                return term
    days = (ends_on - starts_on).days + (1 if present.end == "day_before" else 0)
    return Term(count=days, unit="day", end=present.end)


def renewal_start(ends_on: date) -> date:
    """The first day of the lease that follows one to that last day.

    >>> str(renewal_start(date(2027, 3, 17)))
    '2027-03-18'
    """
    return ends_on + ONE_DAY


def days_over(ends_on: date | None, on: date) -> int:
    """How many days are gone since the last day; 0 while it is not over, or has no end.

    Who goes on using it without objection has it open-ended, Civil Code §734.

    >>> days_over(date(2027, 3, 17), date(2027, 3, 20)), days_over(None, date(2027, 3, 20))
    (3, 0)
    """
    return 0 if ends_on is None else max(0, (on - ends_on).days)


def days_left(ends_on: date | None, on: date) -> int | None:
    """How many days are left, this one not counted; 0 on the last day and after; None: no end.

    >>> ends_on = date(2027, 3, 17)
    >>> days_left(ends_on, date(2027, 3, 10)), days_left(ends_on, date(2028, 1, 1))
    (7, 0)
    """
    return None if ends_on is None else max(0, (ends_on - on).days)
