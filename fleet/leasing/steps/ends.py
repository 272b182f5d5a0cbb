"""How a lease ends otherwise than by the return of its last vehicle."""

from dataclasses import replace

from fleet.leasing.errors import (
    HandOverNotAfterLast,
    LeaseBegun,
    LinesNotFilled,
    NotLeaseToOwn,
)
from fleet.leasing.events import BoughtOut, Cancelled, Terminated
from fleet.leasing.shapes import Book
from fleet.leasing.steps.standing import check_forward, check_not_over, check_running, stepped


def terminate(book: Book, event: Terminated) -> Book:
    """Ended before its time; what is out stays with the lessee until it is taken back."""
    check_running(book)
    check_forward(book, event.happened_at)
    return replace(
        stepped(book, event.happened_at),
        state="terminated",
        ended_at=event.happened_at,
        chosen=(),
    )


def buy_out(book: Book, event: BoughtOut) -> Book:
    """The lessee owns all that is out; the segments end at that instant."""
    check_running(book)
    if book.terms.kind != "lease_to_own":
        raise NotLeaseToOwn(f"the lease is {book.terms.kind}", kind=book.terms.kind)
    check_forward(book, event.happened_at)
    if book.lines_to_fill or not book.lines_out:
        raise LinesNotFilled(
            "lines are still to be filled, or nothing is out", lines=sorted(book.lines_to_fill)
        )
    latest = max(s.from_at for s in book.segments if s.until_at is None)
    if event.happened_at <= latest:
        raise HandOverNotAfterLast(
            f"a vehicle came into its line at {latest.isoformat()}", from_at=latest
        )
    no, at = book.last_event_no + 1, event.happened_at
    segments = tuple(
        replace(s, until_at=at, until_event_no=no) if s.until_at is None else s
        for s in book.segments
    )
    return replace(stepped(book, at), state="bought_out", ended_at=at, segments=segments)


def cancel(book: Book, event: Cancelled) -> Book:
    """Signed, and never begun."""
    check_not_over(book)
    if book.segments:
        raise LeaseBegun("a vehicle was handed over: terminate the lease")
    check_forward(book, event.happened_at)
    return replace(stepped(book, event.happened_at), state="cancelled", chosen=())
