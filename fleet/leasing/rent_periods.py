"""Decides which periods a rent is for: from the start day on, without gap or overlap.

Months are always counted from the original start, also after an extension: never from the period
before, which would lose the day. Leaves out what a period costs (`proration.py`), from when on it
is owed, and use after the last day: billing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count, pairwise

from fleet.leasing.shapes import Book
from fleet.leasing.term_dates import ONE_DAY, last_day
from fleet.leasing.terms import Billing, EndConvention, Terms
from fleet.local_days import local_day
from fleet.months import add_months


@dataclass(frozen=True, slots=True)
class MonthPart:
    """So many of the days of a month of rent; all of them: the whole month."""

    days: int
    of_days: int

    @property
    def whole(self) -> bool:
        """Nothing of the month is missing."""
        return self.days == self.of_days


@dataclass(frozen=True, slots=True)
class RentPeriod:
    """A period of rent, [from_on, until_on), numbered from 1; `months` say what it is made of."""

    no: int
    from_on: date
    until_on: date
    months: tuple[MonthPart, ...]

    @property
    def last_on(self) -> date:
        """Its last day."""
        return self.until_on - ONE_DAY

    @property
    def days(self) -> int:
        """The days that count."""
        return sum(part.days for part in self.months)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """计费周期: from where and how months of rent are counted.

    Where the term ends on the corresponding day, the first day is not counted (Civil Code §201):
    the first month runs one day longer, and twelve months are twelve rents.
    """

    anchor_on: date
    billing: Billing = "anchor_month"
    end: EndConvention = "day_before"

    def month(self, place: int) -> tuple[date, date]:
        """The month of rent at that place, counted from 0, as [from, until).

        >>> [str(day) for day in Rhythm(date(2026, 1, 31)).month(1)]
        ['2026-02-28', '2026-03-31']
        >>> [str(day) for day in Rhythm(date(2026, 3, 18), "calendar_month").month(0)]
        ['2026-03-18', '2026-04-01']
        >>> [str(day) for day in Rhythm(date(2026, 3, 18), end="corresponding_day").month(0)]
        ['2026-03-18', '2026-04-19']
        """
        if self.billing == "calendar_month":
            first = self.anchor_on.replace(day=1)
            return max(self.anchor_on, add_months(first, place)), add_months(first, place + 1)
        return self._corner(place), self._corner(place + 1)

    def parts(self, from_on: date, until_on: date) -> tuple[MonthPart, ...]:
        """The months of [from_on, until_on), whole ones and parts.

        >>> Rhythm(date(2026, 3, 18)).parts(date(2026, 3, 18), date(2026, 5, 1))
        (MonthPart(days=31, of_days=31), MonthPart(days=13, of_days=30))
        """
        found: list[MonthPart] = []
        for place in count(self._place(from_on)):
            month_from, month_until = self.month(place)
            if month_from >= until_on:
                return tuple(found)
            begin, end = max(from_on, month_from), min(until_on, month_until)
            if begin < end:
                whole = (month_until - ONE_DAY).day if self.billing == "calendar_month" else None
                of_days = whole or self._counted(month_from, month_until)
                found.append(MonthPart(self._counted(begin, end), of_days))
        raise AssertionError("months do not end")

    def cut(self, period: RentPeriod, from_on: date, until_on: date) -> RentPeriod | None:
        """What of a period lies in [from_on, until_on); None: nothing."""
        begin, end = max(from_on, period.from_on), min(until_on, period.until_on)
        if begin >= end:
            return None
        return RentPeriod(period.no, begin, end, self.parts(begin, end))

    def _corner(self, place: int) -> date:
        """Where the month before that place ends, and its own begins."""
        day = add_months(self.anchor_on, place)
        return day + ONE_DAY if place and self.end == "corresponding_day" else day

    def _counted(self, from_on: date, until_on: date) -> int:
        uncounted = self.end == "corresponding_day" and from_on <= self.anchor_on < until_on
        return (until_on - from_on).days - (1 if uncounted else 0)

    def _place(self, on: date) -> int:
        """Of a month that begins on the day or not long before it."""
        months = (on.year - self.anchor_on.year) * 12 + on.month - self.anchor_on.month
        return max(0, months - 1)


def rhythm_of(terms: Terms) -> Rhythm:
    """How the rent of these terms is counted."""
    return Rhythm(terms.starts_on, terms.billing, terms.term.end)


def rent_periods(rhythm: Rhythm, *, last_on: date | None, until_on: date) -> Iterator[RentPeriod]:
    """The periods up to the last day (None: open-ended) that begin before `until_on`.

    >>> start = date(2026, 1, 31)
    >>> for each in rent_periods(Rhythm(start), last_on=None, until_on=date(2026, 5, 1)):
    ...     print(each.no, each.from_on, each.last_on)
    1 2026-01-31 2026-02-27
    2 2026-02-28 2026-03-30
    3 2026-03-31 2026-04-29
    4 2026-04-30 2026-05-30
    >>> calendar = Rhythm(date(2026, 3, 18), "calendar_month")
    >>> last_on = date(2026, 5, 17)
    >>> for each in rent_periods(calendar, last_on=last_on, until_on=date.max):
    ...     print(each.no, each.from_on, each.last_on, each.days)
    1 2026-03-18 2026-03-31 14
    2 2026-04-01 2026-04-30 30
    3 2026-05-01 2026-05-17 17

    Raises:
        ValueError: paid once, and open-ended.
    """
    if rhythm.billing == "once":
        if last_on is None:
            raise ValueError("what is paid once has an end")
        yield from _between(rhythm, [rhythm.anchor_on, last_on + ONE_DAY], until_on)
        return
    for place in count():
        month_from, month_until = rhythm.month(place)
        if month_from >= until_on or (last_on is not None and month_from > last_on):
            return
        end = month_until if last_on is None else min(month_until, last_on + ONE_DAY)
        yield RentPeriod(place + 1, month_from, end, rhythm.parts(month_from, end))


def periods_of(book: Book, *, until_on: date) -> Iterator[RentPeriod]:
    """The periods of a lease as its book stands, those that begin before `until_on`.

    To the last day of the term; of a lease that was over before it, to that day, none if that was
    before its start. Days after the term are charged as such (`fleet/hand_overs`), and only so.
    What is paid once is paid again for what it was extended by.
    """
    if book.state == "cancelled":
        return
    rhythm, last_on = rhythm_of(book.terms), book.ends_on
    if book.ended_at is not None:
        ended_on = local_day(book.ended_at, book.zone)
        last_on = ended_on if last_on is None else min(last_on, ended_on)
        if last_on < book.starts_on:
            return
    if rhythm.billing != "once" or last_on is None:
        yield from rent_periods(rhythm, last_on=last_on, until_on=until_on)
        return
    ends = [end for end in _ends(book) if end < last_on]
    bounds = [rhythm.anchor_on, *(end + ONE_DAY for end in [*ends, last_on])]
    yield from _between(rhythm, bounds, until_on)


def _ends(book: Book) -> list[date]:
    """The last days that were agreed one after the other, rising; without what was taken back."""
    ends: list[date] = []
    for version in book.versions:
        end = last_day(version.terms.starts_on, version.terms.term)
        if version.terms.starts_on == book.starts_on and end is not None:
            ends = [*(each for each in ends if each < end), end]
    return ends


def _between(rhythm: Rhythm, bounds: list[date], until_on: date) -> Iterator[RentPeriod]:
    for no, (from_on, end) in enumerate(pairwise(bounds), 1):
        if from_on < until_on:
            yield RentPeriod(no, from_on, end, rhythm.parts(from_on, end))
