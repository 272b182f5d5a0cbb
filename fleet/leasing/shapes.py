"""The shapes of the book of one lease: versions, segments, suspensions, and the whole.

Leaves out how a book changes (`book.py`) and what must hold of it (`faults.py`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, get_args

from fleet.leasing.terms import Terms

State = Literal[
    "draft", "signed", "active", "suspended", "ended", "terminated", "bought_out", "cancelled"
]
STATES: Final[tuple[State, ...]] = get_args(State)
RUNNING: Final = frozenset({"active", "suspended"})
OVER: Final = frozenset({"ended", "terminated", "bought_out", "cancelled"})


@dataclass(frozen=True, slots=True)
class Version:
    """Terms in force from a day until the next version's."""

    no: int
    event_no: int
    effective_on: date
    terms: Terms


@dataclass(frozen=True, slots=True)
class Segment:
    """A vehicle in a line, [from_at, until_at); None: it is out."""

    line_no: int
    vehicle_id: int
    from_at: datetime
    until_at: datetime | None
    from_event_no: int
    until_event_no: int | None = None


@dataclass(frozen=True, slots=True)
class Suspension:
    """[from_on, until_on), of a line or (None) of all; until_on None: until further notice."""

    no: int
    line_no: int | None
    from_on: date
    until_on: date | None
    credited: bool
    reason: str
    event_no: int


@dataclass(frozen=True, slots=True)
class Booking:
    """A vehicle promised to a line, [from_at, until_at); None: without an end."""

    line_no: int
    vehicle_id: int
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class Choice:
    """The vehicle a line shall begin with."""

    line_no: int
    vehicle_id: int


@dataclass(frozen=True, slots=True)
class Book:
    """A lease after so many events. Days are of `zone`.

    `last_event_at` is the latest instant any event took effect.
    """

    zone: str
    state: State
    last_event_no: int
    last_event_at: datetime
    versions: tuple[Version, ...]
    segments: tuple[Segment, ...]
    suspensions: tuple[Suspension, ...]
    dropped_lines: frozenset[int]
    chosen: tuple[Choice, ...]
    """Of the lines still to be filled: which vehicle was chosen, where one was."""
    starts_on: date
    ends_on: date | None
    """The last day by the latest version; None: open-ended."""
    signed_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def terms(self) -> Terms:
        """Those of the latest version, in force or to come."""
        return self.versions[-1].terms

    def version_on(self, on: date) -> Version:
        """What is agreed for a day: the latest version whose day has come.

        Before the first of them has, the one that will be in force first.
        """
        come = [version for version in self.versions if version.effective_on <= on]
        if come:
            return come[-1]
        first_on = min(version.effective_on for version in self.versions)
        return [version for version in self.versions if version.effective_on == first_on][-1]

    def current(self, line_no: int) -> Segment | None:
        """The vehicle that is out in this line."""
        return next((s for s in self.segments if s.line_no == line_no and s.until_at is None), None)

    def of_line(self, line_no: int) -> tuple[Segment, ...]:
        """The vehicles of a line, one after the other."""
        return tuple(s for s in self.segments if s.line_no == line_no)

    @property
    def lines_out(self) -> frozenset[int]:
        """Lines whose vehicle is with the lessee."""
        return frozenset(s.line_no for s in self.segments if s.until_at is None)

    @property
    def lines_filled(self) -> frozenset[int]:
        """Lines that ever had a vehicle."""
        return frozenset(s.line_no for s in self.segments)

    @property
    def lines_to_fill(self) -> frozenset[int]:
        """Lines that shall have a vehicle and never had one."""
        if self.state in OVER:
            return frozenset()
        wanted = {line.no for line in self.terms.lines}
        return frozenset(wanted - self.lines_filled - self.dropped_lines)
