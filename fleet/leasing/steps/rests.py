"""The lease, or a line of it, rests and goes on: suspensions, by whole days.

Written down on their day or up to a month after it, never ahead: so the state says how it is. Of
one scope (the whole, or a line) no two overlap; a line may rest while the whole does. What goes on
the day it rested from has not rested at all.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from fleet.leasing.errors import (
    LeaseNotSuspended,
    LeaseSuspended,
    LineEmpty,
    ResumedBeforeSuspended,
    SuspendedAhead,
    SuspendedBeforeStart,
    SuspendedTooLate,
    SuspensionOverlaps,
)
from fleet.leasing.events import Resumed, Suspended
from fleet.leasing.shapes import Book, Suspension
from fleet.leasing.steps.standing import check_forward, check_line, check_running, day_of, stepped
from fleet.local_days import local_day

LATE_BY_AT_MOST: Final = timedelta(days=31)


def suspend(book: Book, event: Suspended) -> Book:
    """It rests from a day on, until it is resumed."""
    check_running(book)
    _check_day(day_of(book, event.happened_at), event.from_on)
    check_forward(book, event.happened_at)
    _check_begun(book, event)
    last = _last_of(book, event.line_no)
    if last is not None and last.until_on is None:
        raise LeaseSuspended(f"it rests since {last.from_on}", from_on=last.from_on)
    if last is not None and last.until_on is not None and event.from_on < last.until_on:
        raise SuspensionOverlaps(f"it rested until {last.until_on}", until_on=last.until_on)
    suspension = Suspension(
        no=len(book.suspensions) + 1,
        line_no=event.line_no,
        from_on=event.from_on,
        until_on=None,
        credited=event.credited,
        reason=event.reason,
        event_no=book.last_event_no + 1,
    )
    return replace(
        stepped(book, event.happened_at),
        suspensions=(*book.suspensions, suspension),
        state="suspended" if event.line_no is None else book.state,
    )


def resume(book: Book, event: Resumed) -> Book:
    """It goes on; the day is the first that is not suspended any more."""
    check_running(book)
    last = _last_of(book, event.line_no)
    if last is None or last.until_on is not None:
        raise LeaseNotSuspended("nothing rests that could go on", line_no=event.line_no)
    _check_day(day_of(book, event.happened_at), event.on)
    check_forward(book, event.happened_at)
    if event.on < last.from_on:
        raise ResumedBeforeSuspended(f"it rests since {last.from_on}", from_on=last.from_on)
    suspensions = tuple(
        replace(each, until_on=event.on) if each is last else each for each in book.suspensions
    )
    return replace(
        stepped(book, event.happened_at),
        suspensions=suspensions,
        state="active" if event.line_no is None else book.state,
    )


def _check_day(today: date, on: date) -> None:
    if on > today:
        raise SuspendedAhead(f"{on} lies ahead of {today}", today_on=today)
    if on < today - LATE_BY_AT_MOST:
        raise SuspendedTooLate(f"{on} is more than a month ago", today_on=today)


def _check_begun(book: Book, event: Suspended) -> None:
    """It rests from the day its first vehicle was handed over, or later."""
    segments = book.segments if event.line_no is None else book.of_line(event.line_no)
    if event.line_no is not None and book.current(event.line_no) is None:
        if not segments:
            check_line(book, event.line_no)
        raise LineEmpty(f"no vehicle is out in line {event.line_no}", line_no=event.line_no)
    began_on = local_day(min(segment.from_at for segment in segments), book.zone)
    if event.from_on < began_on:
        raise SuspendedBeforeStart(f"it began on {began_on}", began_on=began_on)


def _last_of(book: Book, line_no: int | None) -> Suspension | None:
    return next((s for s in reversed(book.suspensions) if s.line_no == line_no), None)
