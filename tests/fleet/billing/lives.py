"""Lives of leases at random, day by day, and what a plain calendar says they cost.

The calendar knows nothing of periods that are cut, stretches or pieces: it asks every day of every
line by itself whether it counts, by what the book says, and what share of its month it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Final

from hypothesis import strategies as st

from fleet.leasing.book import Book, apply
from fleet.leasing.events import (
    Amended,
    Cancelled,
    Event,
    Extended,
    HandedOut,
    LineDropped,
    Resumed,
    Signed,
    Suspended,
    Swapped,
    TakenBack,
    Terminated,
)
from fleet.leasing.rent_periods import Rhythm, rhythm_of
from fleet.leasing.terms import Line, Proration, Term, Terms
from fleet.local_days import local_day
from kit.errors import DomainError

ZONE: Final = "Asia/Shanghai"
BEGIN: Final = date(2027, 12, 20)
"""Before a leap February."""
ONE_DAY: Final = timedelta(days=1)


@dataclass
class Life:
    """The events of a lease, and the book after each day."""

    events: list[Event] = field(default_factory=list)
    books: dict[date, Book] = field(default_factory=dict)
    last_on: date = BEGIN

    @property
    def book(self) -> Book:
        return self.books[self.last_on]

    def book_on(self, on: date) -> Book | None:
        """As it was known at the end of a day."""
        days = [day for day in self.books if day <= on]
        return self.books[max(days)] if days else None


ACTUAL: Final[tuple[Proration, ...]] = ("actual_days",)


@st.composite
def lives(draw: st.DrawFn, prorations: tuple[Proration, ...] = ACTUAL) -> Life:
    """A lease from its signing on: what may follow follows, what may not is left out."""
    life, now = Life(), datetime(2027, 12, 20, 2, tzinfo=UTC)
    numbers = list(range(1, draw(st.integers(1, 3)) + 1))
    agreed = draw(_agreed(numbers, prorations))
    book = apply(None, Signed(happened_at=now, terms=agreed), zone=ZONE)
    life.events.append(Signed(happened_at=now, terms=agreed))
    life.books[local_day(now, ZONE)] = book
    for no in numbers:
        if draw(st.integers(0, 9)):
            now += timedelta(hours=draw(st.sampled_from([1, 5, 200, 700])))
            _tell(life, HandedOut(happened_at=now, line_no=no, vehicle_id=100 + no))
    for _ in range(draw(st.integers(0, 9))):
        now += timedelta(hours=draw(st.integers(1, 24 * 25)))
        _tell(life, draw(_event(life, now, numbers, prorations)))
    if draw(st.booleans()):
        for no in sorted(life.book.lines_out):
            now += timedelta(hours=draw(st.integers(1, 100)))
            _tell(life, TakenBack(happened_at=now, line_no=no))
    life.last_on = max(life.books)
    return life


def gone_on(life: Life) -> Life:
    """The same, with an end to all that rests until further notice."""
    for scope in [s.line_no for s in life.book.suspensions if s.until_on is None]:
        now = life.book.last_event_at + timedelta(hours=1)
        _tell(life, Resumed(happened_at=now, on=local_day(now, ZONE), line_no=scope))
    life.last_on = max(life.books)
    return life


def _tell(life: Life, event: Event) -> None:
    life.last_on = max(life.books)
    try:
        book = apply(life.book, event, zone=ZONE)
    except DomainError:
        return
    life.events.append(event)
    life.last_on = max(life.last_on, local_day(event.happened_at, ZONE))
    life.books[life.last_on] = book


@st.composite
def _agreed(
    draw: st.DrawFn,
    numbers: list[int],
    prorations: tuple[Proration, ...],
    like: Terms | None = None,
) -> Terms:
    kind = like.kind if like else draw(st.sampled_from(["long", "short"]))
    per = draw(st.sampled_from(["day", "month"])) if kind == "short" else "month"
    billing = (
        like.billing
        if like
        else draw(st.sampled_from(["anchor_month", "anchor_month", "calendar_month", "once"]))
    )
    count = draw(st.sampled_from([2, 3, 5, 12] if billing == "once" else [None, 2, 3, 5, 12]))
    unit = "month" if count is None else draw(st.sampled_from(["month", "month", "day"]))
    return Terms(
        kind=kind,
        starts_on=like.starts_on if like else BEGIN + timedelta(days=draw(st.integers(-3, 45))),
        term=Term(
            count=count if count is None or unit == "month" else count * 19,
            unit=unit,
            end=like.term.end
            if like
            else draw(st.sampled_from(["day_before", "corresponding_day"])),
        ),
        rent_begins=draw(st.sampled_from(["start_day", "hand_over"])),
        billing=billing,
        proration=draw(st.sampled_from(prorations)),
        pays_ahead_days=like.pays_ahead_days if like else draw(st.sampled_from([0, 0, 5, 30])),
        lines=tuple(Line(no=no, rent_fen=draw(st.integers(0, 500_000)), per=per) for no in numbers),
    )


def _event(
    life: Life, now: datetime, numbers: list[int], prorations: tuple[Proration, ...]
) -> st.SearchStrategy[Event]:
    today, book = local_day(now, ZONE), life.book
    no = st.sampled_from(numbers)
    scope = st.none() | no
    back = st.sampled_from([0, 0, 3, 9]).map(lambda days: today - timedelta(days=days))
    ahead = st.sampled_from([0, 1, 13, 40]).map(lambda days: today + timedelta(days=days))
    more = [*numbers, max(numbers) + 1]
    return st.one_of(
        st.builds(Swapped, happened_at=st.just(now), line_no=no, vehicle_id=st.integers(200, 205),
                  reason=st.just("x")),
        st.builds(TakenBack, happened_at=st.just(now), line_no=no),
        st.builds(HandedOut, happened_at=st.just(now), line_no=st.sampled_from(more),
                  vehicle_id=st.integers(300, 305)),
        st.builds(Suspended, happened_at=st.just(now), from_on=back, line_no=scope,
                  credited=st.sampled_from([True, True, False]), reason=st.just("x")),
        st.builds(Resumed, happened_at=st.just(now), on=back, line_no=scope),
        st.builds(Resumed, happened_at=st.just(now), on=back, line_no=scope),
        st.builds(Amended, happened_at=st.just(now), effective_on=ahead, reason=st.just("x"),
                  terms=st.sampled_from([more, numbers]).flatmap(
                      lambda some: _agreed(some, prorations, book.terms))),
        st.builds(Extended, happened_at=st.just(now),
                  ends_on=ahead.map(lambda on: (book.ends_on or on) + (on - today))),
        st.builds(LineDropped, happened_at=st.just(now), line_no=st.sampled_from(more),
                  reason=st.just("x")),
        st.builds(Terminated, happened_at=st.just(now), by=st.just("both"), clause=st.none(),
                  reason=st.just("x")),
        st.builds(Cancelled, happened_at=st.just(now), reason=st.just("x")),
    )  # fmt: skip


def calendar_rents(book: Book, until_on: date) -> dict[tuple[int, int], Fraction]:
    """What each line costs in the months of rent that begin before a day, by ACTUAL_DAYS.

    Asked day by day, by line and month of rent; of what is paid once, all together as month 0.
    """
    rhythm = rhythm_of(book.terms)
    found: dict[tuple[int, int], Fraction] = {}
    lines = sorted({line.no for version in book.versions for line in version.terms.lines})
    for no in lines:
        for place, (month_from, month_until) in enumerate(_months(rhythm, until_on), 1):
            if rhythm.billing == "calendar_month":
                of_days = (
                    month_until - month_until.replace(day=1)
                    or month_until - (month_until - ONE_DAY).replace(day=1)
                ).days
            else:
                of_days = sum(_weight(rhythm, day) for day in _days(month_from, month_until))
            cost = Fraction(0)
            for day in _days(month_from, month_until):
                line = _let_on(book, no, day)
                if line is not None:
                    of = of_days if line.per == "month" else 1
                    cost += Fraction(line.rent_fen * _weight(rhythm, day), of)
            key = (no, 0 if rhythm.billing == "once" else place)
            found[key] = found.get(key, Fraction(0)) + cost
    return found


def _months(rhythm: Rhythm, until_on: date) -> Iterator[tuple[date, date]]:
    place = 0
    while rhythm.month(place)[0] < until_on:
        yield rhythm.month(place)
        place += 1


def _days(from_on: date, until_on: date) -> Iterator[date]:
    while from_on < until_on:
        yield from_on
        from_on += ONE_DAY


def _weight(rhythm: Rhythm, day: date) -> int:
    return 0 if rhythm.end == "corresponding_day" and day == rhythm.anchor_on else 1


def _let_on(book: Book, no: int, day: date) -> Line | None:
    """The line as it is paid for on a day; None: nothing is owed for it."""
    if book.state == "cancelled" or no in book.dropped_lines or day < book.starts_on:
        return None
    over = [] if book.ends_on is None else [book.ends_on]
    if book.ended_at is not None:
        over.append(local_day(book.ended_at, ZONE))
    if any(day > last for last in over):
        return None
    segments = book.of_line(no)
    back_at = segments[-1].until_at if segments else None
    if back_at is not None and day > local_day(back_at, ZONE):
        return None
    agreed = book.version_on(day).terms
    begun = bool(segments) and local_day(segments[0].from_at, ZONE) <= day
    if agreed.rent_begins == "hand_over" and not begun:
        return None
    rests = [s for s in book.suspensions if s.credited and s.line_no in (None, no)]
    if any(s.from_on <= day and (s.until_on is None or day < s.until_on) for s in rests):
        return None
    return agreed.line(no)
