"""Whether a book stands so that an event may follow: it runs, is not over, goes forward in time.

Of the lease as a whole, events follow one another: none takes effect before the latest one written
down. What happens in a line (handed out, swapped, taken back) may be written down late, after what
happened in other lines or to the terms; it follows what happened in its own line.
"""

from dataclasses import replace
from datetime import date, datetime

from fleet.leasing.errors import (
    EventBeforeLast,
    LeaseLineUnknown,
    LeaseNotActive,
    LeaseOver,
)
from fleet.leasing.shapes import OVER, RUNNING, Book
from fleet.local_days import local_day


def check_not_over(book: Book) -> None:
    """Refuse what would happen to a lease that is over.

    Raises:
        LeaseOver: it is ended, terminated, bought out or cancelled.
    """
    if book.state in OVER:
        raise LeaseOver(f"the lease is {book.state}", state=book.state)


def check_running(book: Book) -> None:
    """Refuse what needs a lease under which vehicles are out, or may be.

    Raises:
        LeaseOver: see `check_not_over`.
        LeaseNotActive: nothing was handed over yet.
    """
    check_not_over(book)
    if book.state not in RUNNING:
        raise LeaseNotActive("no vehicle of the lease was handed over yet", state=book.state)


def check_forward(book: Book, at: datetime) -> None:
    """Refuse an instant before the latest that is written down.

    Raises:
        EventBeforeLast: the book goes forward.
    """
    if at < book.last_event_at:
        raise EventBeforeLast(
            f"{at.isoformat()} lies before {book.last_event_at.isoformat()}",
            last_event_at=book.last_event_at,
        )


def check_line(book: Book, line_no: int) -> None:
    """Refuse a line the terms do not have.

    Raises:
        LeaseLineUnknown: neither the latest terms nor a vehicle that is out know it.
    """
    if book.terms.line(line_no) is None:
        raise LeaseLineUnknown(f"the lease has no line {line_no}", line_no=line_no)


def stepped(book: Book, at: datetime) -> Book:
    """The book with one more event, that took effect then."""
    return replace(
        book, last_event_no=book.last_event_no + 1, last_event_at=max(book.last_event_at, at)
    )


def day_of(book: Book, at: datetime) -> date:
    """The day of the lease's organisation."""
    return local_day(at, book.zone)
