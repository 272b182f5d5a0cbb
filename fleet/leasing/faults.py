"""What must hold of every book. A book that was made by `apply` has no fault; this is the proof.

Each check returns sentences to read, none where all is well.
"""

from collections.abc import Callable
from itertools import combinations, pairwise
from typing import Final

from fleet.leasing.shapes import OVER, RUNNING, Book, Segment, Suspension, Version
from fleet.leasing.term_dates import last_day


def faults_of(book: Book) -> list[str]:
    """All that does not hold of a book, one sentence each."""
    return [sentence for check in CHECKS for sentence in check(book)]


def _versions(book: Book) -> list[str]:
    versions, faults = book.versions, []
    if [version.no for version in versions] != list(range(1, len(versions) + 1)):
        faults.append("versions: their numbers have a gap")
    for earlier, later in pairwise(versions):
        if later.event_no <= earlier.event_no:
            faults.append(f"version {later.no}: its event is not after that of the one before")
        if later.effective_on < earlier.effective_on and not _moves_start(earlier, later):
            faults.append(f"version {later.no}: in force before the one before it")
        if (later.terms.kind, later.terms.billing) != (earlier.terms.kind, earlier.terms.billing):
            faults.append(f"version {later.no}: another kind or way of billing")
    for version in versions:
        ends_on = last_day(version.terms.starts_on, version.terms.term)
        if ends_on is not None and ends_on < max(version.terms.starts_on, version.effective_on):
            faults.append(f"version {version.no}: ends before it begins")
    return faults


def _moves_start(earlier: Version, later: Version) -> bool:
    return later.terms.starts_on != earlier.terms.starts_on == earlier.effective_on


def _dates(book: Book) -> list[str]:
    faults = []
    if book.starts_on != book.terms.starts_on:
        faults.append("starts_on is not that of the latest version")
    if book.ends_on != last_day(book.starts_on, book.terms.term):
        faults.append("ends_on is not that of the latest version")
    instants = [book.signed_at, *(s.from_at for s in book.segments)]
    instants += [s.until_at for s in book.segments if s.until_at is not None]
    if book.last_event_at < max(instants):
        faults.append("last_event_at lies before something that happened")
    numbers = [v.event_no for v in book.versions] + [s.event_no for s in book.suspensions]
    numbers += [s.until_event_no or s.from_event_no for s in book.segments]
    if book.last_event_no < max(numbers):
        faults.append("last_event_no is below that of something that happened")
    return faults


def _segments(book: Book) -> list[str]:
    agreed = {line.no for version in book.versions for line in version.terms.lines}
    faults = []
    for segment in book.segments:
        if segment.until_at is not None and segment.until_at <= segment.from_at:
            faults.append(f"line {segment.line_no}: a vehicle left before it came")
        if (segment.until_at is None) != (segment.until_event_no is None):
            faults.append(f"line {segment.line_no}: a vehicle left without an event")
        if segment.from_at < book.signed_at:
            faults.append(f"line {segment.line_no}: handed over before the lease was signed")
    for line_no in sorted(book.lines_filled):
        if line_no not in agreed:
            faults.append(f"line {line_no}: filled and never agreed")
        if line_no in book.dropped_lines:
            faults.append(f"line {line_no}: filled and dropped")
        faults += [s for one, two in pairwise(book.of_line(line_no)) for s in _between(one, two)]
    return faults + _vehicles_twice(book)


def _between(one: Segment, two: Segment) -> list[str]:
    """Of two segments of a line, one after the other."""
    faults = []
    if one.until_at is None or one.until_at > two.from_at:
        faults.append(f"line {one.line_no}: two vehicles at once")
    elif one.until_at < two.from_at:
        faults.append(f"line {one.line_no}: a hole between two vehicles")
    elif one.until_event_no != two.from_event_no:
        faults.append(f"line {one.line_no}: a swap in two events")
    if one.vehicle_id == two.vehicle_id:
        faults.append(f"line {one.line_no}: a vehicle swapped for itself")
    return faults


def _vehicles_twice(book: Book) -> list[str]:
    faults = []
    for one, two in combinations(book.segments, 2):
        apart = (one.until_at is not None and one.until_at <= two.from_at) or (
            two.until_at is not None and two.until_at <= one.from_at
        )
        if one.vehicle_id == two.vehicle_id and one.line_no != two.line_no and not apart:
            faults.append(f"lines {one.line_no} and {two.line_no}: one vehicle in both at once")
    return faults


def _suspensions(book: Book) -> list[str]:
    faults = []
    if [s.no for s in book.suspensions] != list(range(1, len(book.suspensions) + 1)):
        faults.append("suspensions: their numbers have a gap")
    scopes: dict[int | None, list[Suspension]] = {}
    for suspension in book.suspensions:
        scopes.setdefault(suspension.line_no, []).append(suspension)
        if suspension.until_on is not None and suspension.until_on < suspension.from_on:
            faults.append(f"suspension {suspension.no}: ends before it begins")
    for of_scope in scopes.values():
        for one, two in pairwise(of_scope):
            if one.until_on is None or one.until_on > two.from_on:
                faults.append(f"suspensions {one.no} and {two.no}: the same rests twice")
    return faults


def _state(book: Book) -> list[str]:
    faults = []
    rests = any(s.line_no is None and s.until_on is None for s in book.suspensions)
    firsts = [segment.from_at for segment in book.segments]
    if (book.state in {"signed", "cancelled"}) != (not book.segments):
        faults.append(f"{book.state}: and {len(book.segments)} vehicles were handed over")
    if book.started_at != min(firsts, default=None):
        faults.append("started_at is not the first hand-over")
    if (book.ended_at is not None) != (book.state in OVER - {"cancelled"}):
        faults.append(f"{book.state}: ended_at is {book.ended_at}")
    if book.state in RUNNING and (book.state == "suspended") != rests:
        faults.append(f"{book.state}: and the whole {'rests' if rests else 'does not rest'}")
    if book.state in RUNNING and not (book.lines_out or book.lines_to_fill):
        faults.append(f"{book.state}: and nothing is out, nor to be filled")
    if book.state in {"ended", "bought_out"}:
        faults += [f"{book.state}: and line {no} is out" for no in sorted(book.lines_out)]
        wanted = {line.no for line in book.terms.lines}
        left = wanted - book.lines_filled - book.dropped_lines
        faults += [f"{book.state}: and line {no} was never filled" for no in sorted(left)]
    if book.state == "bought_out" and book.terms.kind != "lease_to_own":
        faults.append("bought out: and no lease-to-own")
    return faults


def _choices(book: Book) -> list[str]:
    vehicles = [choice.vehicle_id for choice in book.chosen]
    faults = []
    if not {choice.line_no for choice in book.chosen} <= book.lines_to_fill:
        faults.append("chosen: for a line that is not to be filled")
    if len(set(vehicles)) != len(vehicles):
        faults.append("chosen: one vehicle for two lines")
    if set(vehicles) & {s.vehicle_id for s in book.segments if s.until_at is None}:
        faults.append("chosen: a vehicle that is out already")
    return faults


CHECKS: Final[tuple[Callable[[Book], list[str]], ...]] = (
    _versions,
    _dates,
    _segments,
    _suspensions,
    _state,
    _choices,
)
