"""What is agreed, and agreed anew: signed, amended, extended. The past never changes.

A version is in force from its day until the next version's. Lines whose vehicle is out, or that are
still to be filled, stay; what came back or was dropped may be left out, and its number is gone.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from fleet.leasing.errors import (
    AmendedAfterEnd,
    AmendedBeforeLatest,
    AmendedInPast,
    AnchorFixed,
    EndInPast,
    EndNeeded,
    EndNotLater,
    KindFixed,
    LineNumberUsed,
    LineStillOut,
    LineStillToFill,
    OpenEndedAlready,
    TermTooLong,
    VehicleInLease,
)
from fleet.leasing.events import Amended, Extended, Signed
from fleet.leasing.shapes import Book, Choice, Version
from fleet.leasing.steps.standing import check_forward, check_not_over, day_of, stepped
from fleet.leasing.term_dates import last_day, longest_end, term_until
from fleet.leasing.terms import Terms


def sign(event: Signed, *, zone: str) -> Book:
    """The book begins: one version of the terms, from the start day on."""
    terms = event.terms
    return Book(
        zone=zone,
        state="signed",
        last_event_no=1,
        last_event_at=event.happened_at,
        versions=(Version(1, 1, terms.starts_on, terms),),
        segments=(),
        suspensions=(),
        dropped_lines=frozenset(),
        chosen=_chosen(terms, event.vehicles),
        starts_on=terms.starts_on,
        ends_on=last_day(terms.starts_on, terms.term),
        signed_at=event.happened_at,
    )


def amend(book: Book, event: Amended) -> Book:
    """Other terms from a day on, which is neither past nor before the latest version's."""
    check_not_over(book)
    check_forward(book, event.happened_at)
    _check_effective(book, event)
    _check_same_lease(book.terms, event.terms)
    _check_lines(book, event.terms)
    ends_on = last_day(book.starts_on, event.terms.term)
    if ends_on is not None and event.effective_on > ends_on:
        raise AmendedAfterEnd(f"the last day is {ends_on}", ends_on=ends_on)
    amended = _with_version(book, event.effective_on, event.terms)
    vehicles = {**_kept(book, event.terms), **event.vehicles}
    to_fill = amended.lines_to_fill
    wanted = {no: vehicle for no, vehicle in vehicles.items() if no in to_fill}
    chosen = _chosen(event.terms, wanted)
    out = {s.vehicle_id: s.line_no for s in book.segments if s.until_at is None}
    for choice in chosen:
        if choice.vehicle_id in out:
            other = out[choice.vehicle_id]
            raise VehicleInLease(f"the vehicle is in line {other}", other_line_no=other)
    return replace(stepped(amended, event.happened_at), chosen=chosen)


def extend(book: Book, event: Extended) -> Book:
    """A later end, or none any more; start and anchor stay.

    In force from the day of the event, or from a later amendment's.
    """
    check_not_over(book)
    check_forward(book, event.happened_at)
    terms, present = book.terms, book.ends_on
    if present is None:
        raise OpenEndedAlready("the lease is open-ended")
    if event.ends_on is None and (terms.kind == "lease_to_own" or terms.billing == "once"):
        raise EndNeeded("a lease-to-own, and one that is paid once, has an end")
    effective_on = max(day_of(book, event.happened_at), book.versions[-1].effective_on)
    if event.ends_on is not None:
        _check_end(book, event.ends_on, present, effective_on)
    term = term_until(book.starts_on, event.ends_on, terms.term)
    longer = terms.model_copy(update={"term": term})
    return stepped(_with_version(book, effective_on, longer), event.happened_at)


def _check_end(book: Book, ends_on: date, present: date, effective_on: date) -> None:
    if ends_on <= present:
        raise EndNotLater(f"the lease runs to {present}", present_ends_on=present)
    if ends_on < effective_on:
        raise EndInPast(f"{ends_on} is over on {effective_on}", effective_on=effective_on)
    at_most_on = longest_end(book.starts_on, book.terms.term.end)
    if ends_on > at_most_on:
        raise TermTooLong(f"twenty years are over on {at_most_on}", at_most_on=at_most_on)


def _check_effective(book: Book, event: Amended) -> None:
    today, latest = day_of(book, event.happened_at), book.versions[-1].effective_on
    if event.effective_on < today:
        raise AmendedInPast(f"{event.effective_on} is past on {today}", today_on=today)
    if event.effective_on < latest:
        raise AmendedBeforeLatest(f"terms were agreed from {latest} on", latest_on=latest)


def _check_same_lease(old: Terms, new: Terms) -> None:
    if new.kind != old.kind:
        raise KindFixed(f"the lease is {old.kind}", kind=old.kind)
    if (new.starts_on, new.billing) != (old.starts_on, old.billing):
        raise AnchorFixed(
            f"the lease starts on {old.starts_on} and is billed by {old.billing}",
            starts_on=old.starts_on,
            billing=old.billing,
        )


def _check_lines(book: Book, new: Terms) -> None:
    numbers = {line.no for line in new.lines}
    for no in sorted(book.lines_out - numbers):
        raise LineStillOut(f"the vehicle of line {no} is out", line_no=no)
    for no in sorted(book.lines_to_fill - numbers):
        raise LineStillToFill(f"line {no} is still to be filled", line_no=no)
    used = {line.no for version in book.versions for line in version.terms.lines}
    present = {line.no: line for line in book.terms.lines}
    for line in new.lines:
        gone = line.no in used and line.no not in present
        begun = line.no in book.lines_filled | book.dropped_lines
        if gone or (begun and present[line.no].vin != line.vin):
            raise LineNumberUsed(f"line {line.no} was another one", line_no=line.no)


def _kept(book: Book, new: Terms) -> Mapping[int, int]:
    """What was chosen, of lines that name the same vehicle still."""
    kept = {}
    for choice in book.chosen:
        old, line = book.terms.line(choice.line_no), new.line(choice.line_no)
        if old is not None and line is not None and old.vin == line.vin:
            kept[choice.line_no] = choice.vehicle_id
    return kept


def _chosen(terms: Terms, vehicles: Mapping[int, int]) -> tuple[Choice, ...]:
    """The chosen vehicles of lines that name one.

    Raises:
        VehicleInLease: one vehicle for two lines.
    """
    chosen = tuple(
        Choice(line.no, vehicles[line.no])
        for line in sorted(terms.lines, key=lambda line: line.no)
        if line.vin is not None and line.no in vehicles
    )
    seen: dict[int, int] = {}
    for choice in chosen:
        if choice.vehicle_id in seen:
            other = seen[choice.vehicle_id]
            raise VehicleInLease(f"the vehicle is chosen for line {other}", other_line_no=other)
        seen[choice.vehicle_id] = choice.line_no
    return chosen


def _with_version(book: Book, effective_on: date, terms: Terms) -> Book:
    version = Version(book.versions[-1].no + 1, book.last_event_no + 1, effective_on, terms)
    return replace(
        book,
        versions=(*book.versions, version),
        ends_on=last_day(book.starts_on, terms.term),
    )
