"""Decides which vehicle is promised to a line, and for how long.

Promises are plans: they end with the term. Who keeps a vehicle longer holds it (the segments), and
is promised nothing; so a late return is never in the way of what was promised to somebody else,
until that one shall be handed it.
"""

from datetime import date, datetime, timedelta

from fleet.leasing.shapes import RUNNING, Book, Booking
from fleet.local_days import begin_of


def bookings(book: Book) -> tuple[Booking, ...]:
    """What is promised, at most one vehicle a line, by line.

    Of a running lease, the vehicle that is out: from when it came into the line to the end of the
    last day. Of a lease that is signed or running, a line still to be filled with its chosen
    vehicle: from the day it is wanted. None where that time has no length: the term is over. None
    of a lease that is over.
    """
    found = []
    end = None if book.ends_on is None else begin_of(book.ends_on + timedelta(days=1), book.zone)
    if book.state in RUNNING:
        for segment in book.segments:
            if segment.until_at is None and _has_length(segment.from_at, end):
                found.append(Booking(segment.line_no, segment.vehicle_id, segment.from_at, end))
    if book.state in RUNNING or book.state == "signed":
        for choice in book.chosen:
            from_at = begin_of(wanted_on(book, choice.line_no), book.zone)
            if _has_length(from_at, end):
                found.append(Booking(choice.line_no, choice.vehicle_id, from_at, end))
    return tuple(sorted(found, key=lambda booking: booking.line_no))


def wanted_on(book: Book, line_no: int) -> date:
    """The day from which a line shall be filled: the start, or when it was added."""
    agreed_on = [v.effective_on for v in book.versions if v.terms.line(line_no) is not None]
    return max(book.starts_on, min(agreed_on))


def _has_length(from_at: datetime, end: datetime | None) -> bool:
    return end is None or from_at < end
