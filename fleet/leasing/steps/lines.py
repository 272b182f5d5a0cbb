"""Vehicles in lines: handed out, swapped, taken back, and lines that are never filled.

A line has one vehicle after another, from its first hand-over to the return: where one segment ends
the next begins, at the same instant. That is so by construction: a swap does both at once, and a
line is filled by a hand-over once only.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from fleet.leasing.errors import (
    HandOverBeforeSigning,
    HandOverNotAfterLast,
    LastLine,
    LeaseSuspended,
    LeaseTermOver,
    LineDroppedAlready,
    LineEmpty,
    LineFilled,
    LineNotInForce,
    SameVehicle,
    StartBeforeAmendment,
    StartFixed,
    StartNotNearHandOver,
    VehicleInLease,
)
from fleet.leasing.events import HandedOut, LineDropped, Swapped, TakenBack
from fleet.leasing.shapes import Book, Choice, Segment, Version
from fleet.leasing.steps.standing import (
    check_forward,
    check_line,
    check_not_over,
    check_running,
    day_of,
    stepped,
)
from fleet.leasing.term_dates import last_day

START_WITHIN: Final = timedelta(days=31)
"""How long after the first hand-over a lease may start."""


def hand_out(book: Book, event: HandedOut) -> Book:
    """A vehicle fills a line; the first of a lease makes it active, and may move its start."""
    _check_fillable(book, event.line_no)
    if event.happened_at < book.signed_at:
        raise HandOverBeforeSigning(
            f"the lease was signed at {book.signed_at.isoformat()}", signed_at=book.signed_at
        )
    _check_free(book, event.vehicle_id, event.happened_at)
    moved = book if event.starts_on is None else _start_moved(book, event, event.starts_on)
    on = day_of(book, event.happened_at)
    _check_line_in_force(moved, event.line_no, on)
    if moved.ends_on is not None and on > moved.ends_on:
        raise LeaseTermOver(f"its last day was {moved.ends_on}", ends_on=moved.ends_on)
    begun = moved.started_at or event.happened_at
    return replace(
        stepped(moved, event.happened_at),
        state="active",
        started_at=min(begun, event.happened_at),
        segments=(*moved.segments, _begun(moved, event.line_no, event.vehicle_id, event)),
        chosen=_still_chosen(moved, event.line_no, event.vehicle_id),
    )


def swap(book: Book, event: Swapped) -> Book:
    """换车: the segment of the line ends, the next begins at the same instant."""
    check_running(book)
    present = _out(book, event.line_no)
    if present.vehicle_id == event.vehicle_id:
        raise SameVehicle("the vehicle is in the line already", line_no=event.line_no)
    _check_after(present, event.happened_at)
    _check_free(book, event.vehicle_id, event.happened_at)
    closed = _closed(book, present, event.happened_at)
    begun = _begun(book, event.line_no, event.vehicle_id, event)
    return replace(
        stepped(book, event.happened_at),
        segments=(*closed, begun),
        chosen=_still_chosen(book, event.line_no, event.vehicle_id),
    )


def take_back(book: Book, event: TakenBack) -> Book:
    """The segment ends. Where nothing is out and nothing is to be filled, the lease has ended.

    A suspension of the line stays as it was told: where nothing is let, nothing rests.
    """
    if book.state != "terminated":
        check_running(book)
    present = _out(book, event.line_no)
    _check_after(present, event.happened_at)
    segments = _closed(book, present, event.happened_at)
    closed = replace(stepped(book, event.happened_at), segments=segments)
    # returns may be written down in another order than they happened in
    return _ended_if_empty(closed, max(s.until_at or s.from_at for s in segments))


def drop_line(book: Book, event: LineDropped) -> Book:
    """The line is not to be filled any more; it stands in the terms, and costs nothing."""
    check_not_over(book)
    _check_unfilled(book, event.line_no)
    check_forward(book, event.happened_at)
    if not book.segments and book.lines_to_fill == {event.line_no}:
        raise LastLine("the lease has no other line: cancel it", line_no=event.line_no)
    dropped = replace(
        stepped(book, event.happened_at),
        dropped_lines=book.dropped_lines | {event.line_no},
        chosen=_still_chosen(book, event.line_no, None),
    )
    return _ended_if_empty(dropped, event.happened_at)


def _ended_if_empty(book: Book, at: datetime) -> Book:
    if book.state == "terminated" or book.lines_out or book.lines_to_fill or not book.segments:
        return book
    return replace(book, state="ended", ended_at=at, chosen=())


def _still_chosen(book: Book, line_no: int, vehicle_id: int | None) -> tuple[Choice, ...]:
    """Without the line that needs no choice any more; a vehicle put elsewhere is chosen no more."""
    return tuple(c for c in book.chosen if c.line_no != line_no and c.vehicle_id != vehicle_id)


def _check_unfilled(book: Book, line_no: int) -> None:
    check_line(book, line_no)
    if line_no in book.dropped_lines:
        raise LineDroppedAlready(f"line {line_no} was dropped", line_no=line_no)
    if line_no in book.lines_filled:
        raise LineFilled(f"line {line_no} had its hand-over", line_no=line_no)


def _check_fillable(book: Book, line_no: int) -> None:
    check_not_over(book)
    if book.state == "suspended":
        raise LeaseSuspended("the lease rests: resume it first")
    _check_unfilled(book, line_no)


def _check_line_in_force(book: Book, line_no: int, on: date) -> None:
    if book.version_on(on).terms.line(line_no) is not None:
        return
    from_on = next(v for v in book.versions if v.terms.line(line_no) is not None).effective_on
    raise LineNotInForce(
        f"line {line_no} is agreed from {from_on} on", line_no=line_no, effective_on=from_on
    )


def _check_free(book: Book, vehicle_id: int, at: datetime) -> None:
    for segment in book.segments:
        if segment.vehicle_id == vehicle_id and (segment.until_at is None or segment.until_at > at):
            raise VehicleInLease(
                f"the vehicle is in line {segment.line_no} then", other_line_no=segment.line_no
            )


def _out(book: Book, line_no: int) -> Segment:
    present = book.current(line_no)
    if present is None:
        if line_no not in book.lines_filled:
            check_line(book, line_no)
        raise LineEmpty(f"no vehicle is out in line {line_no}", line_no=line_no)
    return present


def _check_after(present: Segment, at: datetime) -> None:
    if at <= present.from_at:
        raise HandOverNotAfterLast(
            f"the vehicle came into the line at {present.from_at.isoformat()}",
            from_at=present.from_at,
        )


def _begun(book: Book, line_no: int, vehicle_id: int, event: HandedOut | Swapped) -> Segment:
    return Segment(line_no, vehicle_id, event.happened_at, None, book.last_event_no + 1)


def _closed(book: Book, present: Segment, at: datetime) -> tuple[Segment, ...]:
    return tuple(
        replace(s, until_at=at, until_event_no=book.last_event_no + 1) if s is present else s
        for s in book.segments
    )


def _start_moved(book: Book, event: HandedOut, starts_on: date) -> Book:
    """The latest terms from another start; a further version, in force from that start on.

    It comes in place of all there were: none of them was lived under yet.
    """
    if starts_on == book.starts_on:
        return book
    on = day_of(book, event.happened_at)
    if book.segments:
        raise StartFixed(f"the lease started on {book.starts_on}", starts_on=book.starts_on)
    if not on <= starts_on <= on + START_WITHIN:
        raise StartNotNearHandOver(
            f"handed over on {on}, the lease cannot start on {starts_on}", handed_over_on=on
        )
    latest = book.versions[-1]
    if latest.effective_on > max(starts_on, book.starts_on):
        raise StartBeforeAmendment(
            f"the terms were amended from {latest.effective_on} on",
            effective_on=latest.effective_on,
        )
    terms = latest.terms.model_copy(update={"starts_on": starts_on})
    version = Version(latest.no + 1, book.last_event_no + 1, starts_on, terms)
    return replace(
        book,
        versions=(*book.versions, version),
        starts_on=starts_on,
        ends_on=last_day(starts_on, terms.term),
    )
