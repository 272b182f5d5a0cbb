"""Runs the SQL of the events of leases and of what follows from them: one function a query.

Constraints decide that a vehicle is promised once and held once, whatever two people do at the same
moment; what is in sight of the other lease is looked up before, so that it can be told.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from fleet.leasing.events import EVENT
from fleet.leasing.model import LeaseEvent
from fleet.leasing.refusals import VehicleHeld, VehiclePromised
from fleet.leasing.shapes import Booking, Segment, Suspension, Version
from fleet.leasing.terms import Terms
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_events(
    conn: Connection[Any],
    lease_id: int,
    *,
    known_at: datetime | None = None,
    after: int = 0,
    limit: int | None = None,
) -> list[LeaseEvent]:
    """What happened to a lease, in its order; of what was known at an instant, if one is said."""
    row = {"lease_id": lease_id, "known_at": known_at, "after": after, "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_queries.list_events, row).fetchall()
    return [
        LeaseEvent(
            each["no"],
            EVENT.validate_python(each["content"]),
            each["recorded_by"],
            each["recorded_at"],
        )
        for each in rows
    ]


def list_events_of(
    conn: Connection[Any], lease_ids: Sequence[int]
) -> list[tuple[int, str, dict[str, Any]]]:
    """Lease, zone and content of every event of these leases, lease by lease in their order."""
    return conn.execute(_queries.list_events_of, {"lease_ids": list(lease_ids)}).fetchall()


def insert_event(conn: Connection[Any], about: Mapping[str, Any], written: LeaseEvent) -> None:
    """Something happened to a lease. `about`: lease_id, tenant_id, organisation_id."""
    row = {
        **about,
        "no": written.no,
        "kind": written.event.kind,
        "happened_at": written.event.happened_at,
        "content": Jsonb(written.event.model_dump(mode="json")),
        "recorded_by": written.recorded_by,
        "recorded_at": written.recorded_at,
    }
    conn.execute(_queries.insert_event, row)


def insert_version(conn: Connection[Any], about: Mapping[str, Any], version: Version) -> None:
    """Terms in force from a day on."""
    row = {
        **about,
        "no": version.no,
        "event_no": version.event_no,
        "effective_on": version.effective_on,
        "terms": Jsonb(version.terms.model_dump(mode="json")),
    }
    conn.execute(_queries.insert_version, row)


def close_segment(conn: Connection[Any], about: Mapping[str, Any], segment: Segment) -> None:
    """The vehicle that is in the line now is not any more, from `segment.until_at` on."""
    row = {
        **about,
        "line_no": segment.line_no,
        "until_at": segment.until_at,
        "until_event_no": segment.until_event_no,
    }
    conn.execute(_queries.close_segment, row)


def insert_segment(
    conn: Connection[Any], about: Mapping[str, Any], segment: Segment, *, vin: str | None
) -> None:
    """A vehicle is in a line.

    Raises:
        VehicleHeld: a lessee has it at that time.
    """
    held = VehicleHeld(f"{vin or 'the vehicle'} is with a lessee at that time", vin=vin)
    row = {
        **about,
        "line_no": segment.line_no,
        "vehicle_id": segment.vehicle_id,
        "from_at": segment.from_at,
        "until_at": segment.until_at,
        "from_event_no": segment.from_event_no,
        "until_event_no": segment.until_event_no,
    }
    with naming({"lease_segments_vehicle_held_once": held}):
        conn.execute(_queries.insert_segment, row)


def write_suspension(
    conn: Connection[Any], about: Mapping[str, Any], suspension: Suspension
) -> None:
    """The lease, or a line of it, rests; or goes on."""
    row = {
        **about,
        "no": suspension.no,
        "line_no": suspension.line_no,
        "from_on": suspension.from_on,
        "until_on": suspension.until_on,
        "credited": suspension.credited,
        "reason": suspension.reason,
        "event_no": suspension.event_no,
    }
    conn.execute(_queries.upsert_suspension, row)


def write_bookings(
    conn: Connection[Any], about: Mapping[str, Any], bookings: Sequence[Mapping[str, Any]]
) -> None:
    """Vehicles promised to lines: line_no, vehicle_id, from_at, until_at, as JSON holds them.

    Raises:
        VehiclePromised: another lease or line has one of them then.
    """
    promised = VehiclePromised("a vehicle of the lease is promised to another at that time")
    with naming({"lease_bookings_vehicle_promised_once": promised}):
        conn.execute(_queries.upsert_bookings, {**about, "bookings": Jsonb(list(bookings))})


def update_lease(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """A lease as its book says it is."""
    conn.execute(_queries.update_lease, row)


def lock_vehicles(conn: Connection[Any], vehicle_ids: Sequence[int]) -> None:
    """Until the commit nobody else promises or hands out these."""
    conn.execute(_queries.lock_vehicles, {"vehicle_ids": sorted(set(vehicle_ids))})


def find_promise(
    conn: Connection[Any], lease_id: int, bookings: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """A promise in sight that one of these would cross: vin, lease_no, from_at, until_at."""
    row = {"lease_id": lease_id, "bookings": Jsonb(list(bookings))}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.find_promise, row).fetchone()


def find_holder(conn: Connection[Any], vehicle_id: int, from_at: datetime) -> dict[str, Any] | None:
    """A lease in sight that has the vehicle then or later: vin, lease_no, from_at, until_at."""
    row = {"vehicle_id": vehicle_id, "from_at": from_at}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.find_holder, row).fetchone()


def list_vins(conn: Connection[Any], vehicle_ids: Sequence[int]) -> dict[int, str]:
    """VINs of vehicles in sight, by id."""
    row = {"vehicle_ids": list(vehicle_ids)}
    return dict(conn.execute(_queries.list_vins, row).fetchall())


def list_versions(conn: Connection[Any], lease_id: int) -> list[Version]:
    """The versions of a lease as they are kept."""
    rows = conn.execute(_queries.list_versions, {"lease_id": lease_id}).fetchall()
    return [Version(no, event, on, Terms.model_validate(terms)) for no, event, on, terms in rows]


def list_segments(conn: Connection[Any], lease_id: int) -> list[Segment]:
    """The segments of a lease as they are kept, by line and time."""
    with conn.cursor(row_factory=class_row(Segment)) as cursor:
        return cursor.execute(_queries.list_segments, {"lease_id": lease_id}).fetchall()


def list_suspensions(conn: Connection[Any], lease_id: int) -> list[Suspension]:
    """The suspensions of a lease as they are kept."""
    with conn.cursor(row_factory=class_row(Suspension)) as cursor:
        return cursor.execute(_queries.list_suspensions, {"lease_id": lease_id}).fetchall()


def list_bookings(conn: Connection[Any], lease_id: int) -> dict[int, Booking | None]:
    """The promises of a lease as they are kept, by line; None: no promise any more."""
    rows = conn.execute(_queries.list_bookings, {"lease_id": lease_id}).fetchall()
    return {
        line_no: None if from_at is None else Booking(line_no, vehicle_id, from_at, until_at)
        for line_no, vehicle_id, from_at, until_at in rows
    }


def list_kept(conn: Connection[Any], *, after_id: int, limit: int) -> list[dict[str, Any]]:
    """Leases that are signed, or have events, with what their rows say; the next after an id."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = {"after_id": after_id, "limit": limit}
        return cursor.execute(_queries.list_kept, row).fetchall()
