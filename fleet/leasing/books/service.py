"""Keeps the book of a lease: writes what happens, and in the same transaction what follows from it.

Every event goes through `happen`: it is applied by `book.apply`, written down, and the tables that
say what follows are brought up to it where they differ. `check_books` derives them anew. Leaves out
who may do what: `drafts`, `acts`, and for hand-overs `fleet/hand_overs`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.types.json import Jsonb

from fleet.leasing import store as leases
from fleet.leasing.book import apply, replay
from fleet.leasing.bookings import bookings
from fleet.leasing.books import store
from fleet.leasing.errors import LeaseNotSigned
from fleet.leasing.events import EVENT, Event
from fleet.leasing.model import Drift, Lease, LeaseEvent
from fleet.leasing.refusals import LeaseNotFound, VehicleHeld, VehiclePromised
from fleet.leasing.shapes import Book, Booking, Segment, Suspension
from kit.errors import DomainError
from schemas.access import Actor

CHECKED_AT_ONCE: Final = 200


def get_lease(conn: Connection[Any], lease_no: str) -> Lease:
    """The lease with this number. Whoever calls decides who may ask.

    Raises:
        LeaseNotFound: there is none in sight.
    """
    found = leases.find_lease(conn, lease_no)
    if found is None:
        raise LeaseNotFound(f"no lease has the number {lease_no!r}", lease_no=lease_no[:40])
    return found


def own_lease(conn: Connection[Any], lease_no: str) -> Lease:
    """The lease, locked until the commit. Whoever calls decides who may change it.

    Raises:
        LeaseNotFound: there is none in sight.
    """
    leases.lock_lease(conn, lease_no)
    return get_lease(conn, lease_no)


def find_book(
    conn: Connection[Any], lease: Lease, *, known_at: datetime | None = None
) -> Book | None:
    """The book of a lease, of what was known at an instant if one is said; None: not signed."""
    events = store.list_events(conn, lease.id, known_at=known_at)
    return replay((each.event for each in events), zone=lease.zone)


def find_books(
    conn: Connection[Any], lease_ids: Sequence[int]
) -> dict[int, Book | DomainError | ValueError]:
    """The books of many leases by their ids, those that are signed; by one query.

    Of a lease whose events make no book, which is a fault of the program, there is what is wrong.
    """
    events: dict[int, tuple[str, list[dict[str, Any]]]] = {}
    for lease_id, zone, content in store.list_events_of(conn, lease_ids):
        events.setdefault(lease_id, (zone, []))[1].append(content)
    books: dict[int, Book | DomainError | ValueError] = {}
    for lease_id, (zone, contents) in events.items():
        try:
            book = replay((EVENT.validate_python(each) for each in contents), zone=zone)
        except (DomainError, ValueError) as fault:
            books[lease_id] = fault
        else:
            assert book is not None
            books[lease_id] = book
    return books


def list_events(
    conn: Connection[Any], lease: Lease, *, after: int = 0, limit: int | None = None
) -> list[LeaseEvent]:
    """What happened to a lease, in its order, after the event of that number."""
    return store.list_events(conn, lease.id, after=after, limit=limit)


def lock_lease(conn: Connection[Any], lease_no: str) -> tuple[Lease, Book]:
    """A lease that is signed, locked until the commit, and its book.

    Whoever calls decides who may change it.

    Raises:
        LeaseNotFound: there is none in sight.
        LeaseNotSigned: it is a draft.
    """
    lease = own_lease(conn, lease_no)
    book = find_book(conn, lease)
    if book is None:
        raise LeaseNotSigned(f"{lease_no} is not signed", lease_no=lease_no, state=lease.state)
    return lease, book


def lock_vehicles(conn: Connection[Any], vehicle_ids: Sequence[int]) -> None:
    """Until the commit nobody else promises these, hands them out, or moves them on by hand.

    Whoever decides by who has a vehicle, or by where it is, asks for that after this; and before
    the first word in the trail, for which all of a tenant wait.
    """
    store.lock_vehicles(conn, vehicle_ids)


def happen(
    conn: Connection[Any],
    actor: Actor,
    lease: Lease,
    book: Book | None,
    event: Event,
    *,
    now: datetime,
) -> tuple[Book, int]:
    """The book after the event, and the event's number. The lease is locked by whoever calls.

    Raises:
        Refused (`errors.py`): the event may not follow.
        VehiclePromised: another lease has a promise of one of its vehicles.
        VehicleHeld: a lessee has the vehicle at that time.
    """
    after = apply(book, event, zone=lease.zone)
    written = LeaseEvent(after.last_event_no, event, actor.name, now)
    store.insert_event(conn, _about(lease), written)
    _project(conn, lease, book, after)
    return after, written.no


def _about(lease: Lease) -> dict[str, Any]:
    return {
        "lease_id": lease.id,
        "tenant_id": lease.tenant_id,
        "organisation_id": lease.organisation_id,
    }


def _project(conn: Connection[Any], lease: Lease, before: Book | None, after: Book) -> None:
    """Bring the tables up to the book, where they differ from the one before."""
    about = _about(lease)
    changed = _changed_bookings(conn, lease, after)
    had = set(before.segments) if before else set()
    fresh = [segment for segment in after.segments if segment not in had]
    begun = [s for s in fresh if before is None or _key(s) not in {_key(h) for h in had}]
    touched = [each["vehicle_id"] for each in changed if each["from_at"]]
    store.lock_vehicles(conn, [*touched, *(segment.vehicle_id for segment in begun)])
    for version in after.versions[len(before.versions) if before else 0 :]:
        store.insert_version(conn, about, version)
    for segment in fresh:
        if segment not in begun:
            store.close_segment(conn, about, segment)
    for segment in begun:
        _begin(conn, about, segment)
    for suspension in after.suspensions:
        if before is None or suspension not in before.suspensions:
            store.write_suspension(conn, about, suspension)
    if changed:
        _promise(conn, about, changed)
    store.update_lease(conn, {"id": lease.id, **_row_of(after)})


def _key(segment: Segment) -> tuple[int, datetime]:
    return segment.line_no, segment.from_at


def _begin(conn: Connection[Any], about: Mapping[str, Any], segment: Segment) -> None:
    """A vehicle comes into a line, unless a lessee has it."""
    if found := store.find_holder(conn, segment.vehicle_id, segment.from_at):
        raise VehicleHeld(
            f"{found['vin']} is with a lessee by {found['lease_no']}", **_plain(found)
        )
    vin = store.list_vins(conn, [segment.vehicle_id]).get(segment.vehicle_id)
    store.insert_segment(conn, about, segment, vin=vin)


def _promise(
    conn: Connection[Any], about: Mapping[str, Any], changed: list[dict[str, Any]]
) -> None:
    """Write the promises that are others now, unless another lease has one of the vehicles."""
    if found := store.find_promise(conn, about["lease_id"], changed):
        raise VehiclePromised(f"{found['vin']} is promised to {found['lease_no']}", **_plain(found))
    store.write_bookings(conn, about, changed)


def _plain(found: Mapping[str, Any]) -> dict[str, Any]:
    """A promise, as a problem tells it."""
    return {
        "vin": found["vin"],
        "lease_no": found["lease_no"],
        "from_at": found["from_at"].isoformat(),
        "until_at": found["until_at"] and found["until_at"].isoformat(),
    }


def _changed_bookings(conn: Connection[Any], lease: Lease, after: Book) -> list[dict[str, Any]]:
    """What is promised now and was not, or otherwise; without from_at: not any more."""
    had = store.list_bookings(conn, lease.id)
    wanted = {each.line_no: each for each in bookings(after)}
    changed = [_json(each) for no, each in wanted.items() if had.get(no) != each]
    changed += [
        {"line_no": no, "vehicle_id": each.vehicle_id, "from_at": None, "until_at": None}
        for no, each in had.items()
        if each is not None and no not in wanted
    ]
    return changed


def _json(booking: Booking) -> dict[str, Any]:
    return {
        "line_no": booking.line_no,
        "vehicle_id": booking.vehicle_id,
        "from_at": booking.from_at.isoformat(),
        "until_at": booking.until_at and booking.until_at.isoformat(),
    }


def _row_of(book: Book) -> dict[str, Any]:
    """What the row of a lease says, by its book."""
    return {
        "kind": book.terms.kind,
        "state": book.state,
        "terms": Jsonb(book.terms.model_dump(mode="json")),
        "starts_on": book.starts_on,
        "ends_on": book.ends_on,
        "signed_at": book.signed_at,
        "started_at": book.started_at,
        "ended_at": book.ended_at,
        "last_event_no": book.last_event_no,
    }


def check_books(conn: Connection[Any]) -> list[Drift]:
    """Leases whose tables do not say what follows from their events: none, unless there is a fault.

    Reads all leases in sight, some at a time.
    """
    return [drift for kept in _all_kept(conn) for drift in _drift_of(conn, kept)]


def _all_kept(conn: Connection[Any]) -> Iterator[dict[str, Any]]:
    after_id = 0
    while page := store.list_kept(conn, after_id=after_id, limit=CHECKED_AT_ONCE):
        yield from page
        after_id = page[-1]["id"]


def _drift_of(conn: Connection[Any], kept: Mapping[str, Any]) -> Iterator[Drift]:
    lease_no, lease_id = kept["lease_no"], kept["id"]
    try:
        events = store.list_events(conn, lease_id)
        book = replay((each.event for each in events), zone=kept["zone"])
    except (DomainError, ValueError) as fault:
        yield Drift(lease_no, "events", "a book", f"{type(fault).__name__}: {fault}")
        return
    numbers = [each.no for each in events]
    if numbers != list(range(1, len(events) + 1)):
        yield Drift(lease_no, "events", list(range(1, len(events) + 1)), numbers)
    if book is None:
        if kept["state"] != "cancelled" or kept["last_event_no"]:
            yield Drift(lease_no, "state", "cancelled", kept["state"])
        return
    for what, expected, found in _compared(conn, book, kept):
        if expected != found:
            yield Drift(lease_no, what, expected, found)


def _compared(
    conn: Connection[Any], book: Book, kept: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    """What is compared, what follows from the events, what the tables say."""
    lease_id = kept["id"]
    row = {**_row_of(book), "terms": book.terms.model_dump(mode="json")}
    for name, expected in row.items():
        yield name, expected, kept[name]
    yield "versions", list(book.versions), store.list_versions(conn, lease_id)
    by_line = sorted(book.segments, key=_key)
    yield "segments", by_line, store.list_segments(conn, lease_id)
    rests = [_rest(each) for each in book.suspensions]
    yield "suspensions", rests, [_rest(each) for each in store.list_suspensions(conn, lease_id)]
    wanted = {each.line_no: each for each in bookings(book)}
    had = store.list_bookings(conn, lease_id)
    yield "bookings", wanted, {no: each for no, each in had.items() if each is not None}


def _rest(suspension: Suspension) -> Suspension | tuple[int, int | None, int]:
    """A suspension to compare; of one without a day, the table keeps no days."""
    if suspension.from_on is None or suspension.from_on == suspension.until_on:
        return suspension.no, suspension.line_no, suspension.event_no
    return suspension
