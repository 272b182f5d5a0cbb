"""The book of one lease: what follows from its events.

`apply` is the only way a book changes, and the only place that decides whether an event may follow.
Pure: the same events give the same book, on any machine, on any day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, get_args

from fleet.leasing.events import Event
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
class Book:
    """A lease after so many events. Days are of `zone`."""

    zone: str
    state: State
    last_event_no: int
    last_event_at: datetime
    versions: tuple[Version, ...]
    segments: tuple[Segment, ...]
    suspensions: tuple[Suspension, ...]
    dropped_lines: frozenset[int]
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


def apply(book: Book | None, event: Event, *, zone: str) -> Book:
    """The book after the event; None before it is signed.

    Raises:
        LeaseNotSigned, LeaseOver, … (`errors.py`): it may not follow.
    """
    raise NotImplementedError


def replay(events: Iterable[Event], *, zone: str) -> Book | None:
    """The book of these events, in their order."""
    book = None
    for event in events:
        book = apply(book, event, zone=zone)
    return book
