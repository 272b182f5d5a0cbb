"""What a book says of one day: terms in force, vehicles in the lines, whether it rests, its state.

The book is told with what is known now. How a day was known at an earlier instant says the book of
the events that were written down by then.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fleet.leasing.shapes import Book, Segment, State, Suspension, Version
from fleet.leasing.terms import Line
from fleet.local_days import begin_of, last_day_before


@dataclass(frozen=True, slots=True)
class AsOf:
    """A lease on a day.

    `state` is that at the end of the day. `segments` are those that touch it: two of a line that
    was swapped then. `suspended_lines` rest by themselves; where `suspended`, all do.
    """

    on: date
    state: State
    version: Version
    segments: tuple[Segment, ...]
    suspended: bool
    suspended_lines: frozenset[int]

    def vehicles(self, line_no: int) -> tuple[int, ...]:
        """The vehicles of a line on that day, in their order."""
        return tuple(s.vehicle_id for s in self.segments if s.line_no == line_no)


def as_of(book: Book, on: date) -> AsOf:
    """The lease as it stood on a day."""
    begin, end = begin_of(on, book.zone), begin_of(on + timedelta(days=1), book.zone)
    touching = [
        s for s in book.segments if s.from_at < end and (s.until_at is None or s.until_at > begin)
    ]
    resting = [s for s in book.suspensions if _covers(s, on)]
    return AsOf(
        on=on,
        state=state_at(book, end),
        version=book.version_on(on),
        segments=tuple(sorted(touching, key=lambda s: (s.line_no, s.from_at))),
        suspended=any(s.line_no is None for s in resting),
        suspended_lines=frozenset(s.line_no for s in resting if s.line_no is not None),
    )


def state_at(book: Book, at: datetime) -> State:
    """The state just before an instant."""
    if book.signed_at >= at:
        return "draft"
    if book.state == "cancelled" and book.last_event_at < at:
        return "cancelled"
    if book.started_at is None or book.started_at >= at:
        return "signed"
    if book.ended_at is not None and book.ended_at < at:
        return book.state
    on = last_day_before(at, book.zone)
    whole = [s for s in book.suspensions if s.line_no is None]
    return "suspended" if any(_covers(s, on) for s in whole) else "active"


def line_on(book: Book, line_no: int, on: date) -> Line | None:
    """What was agreed on a line for a day; for one that was left out since, what was agreed last.

    None: it was never agreed by then.
    """
    present = book.version_on(on)
    line = present.terms.line(line_no)
    if line is not None:
        return line
    earlier = [v.terms.line(line_no) for v in book.versions if v.no < present.no]
    return next((each for each in reversed(earlier) if each is not None), None)


def _covers(suspension: Suspension, on: date) -> bool:
    until_on = suspension.until_on
    return suspension.from_on <= on and (until_on is None or on < until_on)
