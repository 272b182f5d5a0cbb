"""The book of one lease: what follows from its events.

`apply` is the only way a book changes, and the only place that decides whether an event may follow.
Pure: the same events give the same book, on any machine, on any day. What each kind of event does
stands in `steps/`, the shapes in `shapes.py`.
"""

from collections.abc import Iterable

from fleet.leasing.errors import LeaseNotSigned, LeaseSignedAlready
from fleet.leasing.events import (
    Amended,
    BoughtOut,
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
from fleet.leasing.shapes import (
    OVER,
    RUNNING,
    STATES,
    Book,
    Booking,
    Choice,
    Segment,
    State,
    Suspension,
    Version,
)
from fleet.leasing.steps.agreed import amend, extend, sign
from fleet.leasing.steps.ends import buy_out, cancel, terminate
from fleet.leasing.steps.lines import drop_line, hand_out, swap, take_back
from fleet.leasing.steps.rests import resume, suspend


def apply(book: Book | None, event: Event, *, zone: str) -> Book:
    """The book after the event; None before it is signed.

    Raises:
        LeaseNotSigned, LeaseOver, … (`errors.py`): it may not follow.
    """
    if book is not None:
        return _followed(book, event)
    if not isinstance(event, Signed):
        raise LeaseNotSigned("the lease is a draft")
    return sign(event, zone=zone)


def _followed(book: Book, event: Event) -> Book:  # noqa: PLR0911 — one line a kind of event
    match event:
        case HandedOut():
            return hand_out(book, event)
        case Swapped():
            return swap(book, event)
        case TakenBack():
            return take_back(book, event)
        case LineDropped():
            return drop_line(book, event)
        case Amended():
            return amend(book, event)
        case Extended():
            return extend(book, event)
        case Suspended():
            return suspend(book, event)
        case Resumed():
            return resume(book, event)
        case Terminated():
            return terminate(book, event)
        case BoughtOut():
            return buy_out(book, event)
        case Cancelled():
            return cancel(book, event)
        case Signed():
            raise LeaseSignedAlready(f"it was signed at {book.signed_at.isoformat()}")


def replay(events: Iterable[Event], *, zone: str) -> Book | None:
    """The book of these events, in their order."""
    book = None
    for event in events:
        book = apply(book, event, zone=zone)
    return book


__all__ = [
    "OVER",
    "RUNNING",
    "STATES",
    "Book",
    "Booking",
    "Choice",
    "Segment",
    "State",
    "Suspension",
    "Version",
    "apply",
    "replay",
]
