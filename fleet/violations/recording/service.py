"""Writes violations down, each matched to whoever held the vehicle at its minute.

A minute belongs to the lease from the hand-over on, and not any more at the return: of a swap at
12:00 the one of 12:00 is of the vehicle that went out. Between leases it is nobody's but the
organisation's that operated the vehicle then, which alone writes it down and sees it.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.local_days import local_day
from fleet.periods import check_past
from fleet.registry import service as registry
from fleet.violations import store
from fleet.violations.errors import (
    NoticedBeforeViolation,
    ViolationExists,
    ViolationOfAnotherOperator,
    ViolationTwice,
)
from fleet.violations.handling import UNSETTLED
from fleet.violations.listing.service import figures_of, tell
from fleet.violations.model import NewViolation, Placed, Recording, Violation, ViolationRow
from schemas.access import Actor
from schemas.addresses import check_not_reserved

__all__ = ["record_violations", "rematch_violations"]

TOLD_AGAIN: Final = ("place", "code", "description", "fine_fen", "points", "noticed_on")
"""What a notice may tell more of than was known."""


def record_violations(
    conn: Connection[Any], actor: Actor, *, entries: Sequence[NewViolation], now: datetime
) -> Recording:
    """These violations, in their order, each matched to whoever held the vehicle at its minute.

    A number that is known already tells what it tells now, unless it is settled: a list of 12123
    may be given again and again. All are written down, or none.

    Raises:
        VehicleNotFound, VinMalformed: a vehicle is not in sight, or none.
        ViolationOfAnotherOperator: another organisation operated it at that minute.
        ViolationTwice: a number stands twice in the list.
        CodeReserved: a number is a word of the addresses.
        ViolationExists: the number is another vehicle's or minute's, or out of sight.
        InstantInFuture, NoticedBeforeViolation: it cannot have been so.
    """
    actor.require("violation.record")
    entries = [replace(each, vin=registry.parse_vin(each.vin).text) for each in entries]
    _check_once(entries)
    for entry in entries:
        check_past(entry.occurred_at, now)
    known = _rows_of(conn, entries)
    fresh = [entry for entry in entries if entry.violation_no not in known]
    _insert(conn, actor, fresh, now=now)
    changed = 0
    for entry in entries:
        if (was := known.get(entry.violation_no)) is not None:
            changed += _write_again(conn, actor, was, entry, now=now)
    figures, _today = figures_of(conn, actor, now)
    rows = _rows_of(conn, entries)
    told = [tell(actor, rows[entry.violation_no], figures, now) for entry in entries]
    return Recording(told, new=len(fresh), changed=changed)


def rematch_violations(
    conn: Connection[Any], actor: Actor, *, vins: Sequence[str] | None = None, now: datetime
) -> list[Violation]:
    """Unsettled violations whose lease is another than was written down, matched anew; of these
    vehicles, or of all in sight. For after a hand-over was written down late. One that was told to
    the lessee of another lease is open again: this one was not told.

    Raises:
        VehicleNotFound: a vehicle is not in sight.
    """
    actor.require("violation.record")
    vehicle_ids = None
    if vins is not None:
        vehicle_ids = [registry.get_vehicle(conn, actor, vin=vin).id for vin in vins]
    moved = store.rematch(conn, vehicle_ids)
    for each in sorted(moved, key=lambda row: str(row["violation_no"])):
        audit.record(
            conn,
            actor,
            "violation.record",
            object_kind="violation",
            object_key=each["violation_no"],
            now=now,
            before={"lease": each["was_lease_no"]},
            after={"lease": each["lease_no"]},
            organisation_id=each["tenant_id"],
        )
    figures, _today = figures_of(conn, actor, now)
    filters = {"violation_nos": [each["violation_no"] for each in moved]}
    rows = store.list_violations(conn, filters, limit=max(1, len(moved)))
    return [tell(actor, row, figures, now) for row in rows]


def _check_once(entries: Sequence[NewViolation]) -> None:
    seen: set[str] = set()
    for entry in entries:
        check_not_reserved(entry.violation_no, field="violation_no")
        if entry.violation_no in seen:
            raise ViolationTwice(
                f"{entry.violation_no} stands twice in the list", violation_no=entry.violation_no
            )
        seen.add(entry.violation_no)


def _rows_of(conn: Connection[Any], entries: Sequence[NewViolation]) -> dict[str, ViolationRow]:
    """Those of the numbers that are known in sight."""
    filters = {"violation_nos": [entry.violation_no for entry in entries]}
    rows = store.list_violations(conn, filters, limit=max(1, len(entries)))
    return {row.violation_no: row for row in rows}


def _insert(
    conn: Connection[Any], actor: Actor, entries: Sequence[NewViolation], *, now: datetime
) -> None:
    placed = store.place_violations(conn, entries)
    rows = [
        _row_of(conn, actor, entry, where) for entry, where in zip(entries, placed, strict=True)
    ]
    made = store.insert_violations(conn, rows, by=actor.name, now=now)
    for entry, where in zip(entries, placed, strict=True):
        if entry.violation_no not in made:
            raise ViolationExists(
                f"{entry.violation_no} is another violation", violation_no=entry.violation_no
            )
        _write_audit(conn, actor, entry, where.tenant_id, now=now)


def _row_of(
    conn: Connection[Any], actor: Actor, entry: NewViolation, where: Placed
) -> dict[str, Any]:
    """The row to write, once it is known whose it is."""
    if where.vehicle_id is None:
        registry.get_vehicle(conn, actor, vin=entry.vin)  # which tells that there is none
    if where.organisation_id is None or where.time_zone is None:
        raise ViolationOfAnotherOperator(
            f"another organisation operated {entry.vin} at that minute",
            vin=entry.vin,
            violation_no=entry.violation_no,
        )
    _check_noticed(entry, where.time_zone)
    row = asdict(entry) | asdict(where)
    row["occurred_at"] = entry.occurred_at.isoformat()
    row["noticed_on"] = entry.noticed_on and entry.noticed_on.isoformat()
    return row


def _check_noticed(entry: NewViolation, zone: str) -> None:
    if entry.noticed_on is not None and entry.noticed_on < local_day(entry.occurred_at, zone):
        raise NoticedBeforeViolation(
            f"{entry.violation_no} was noticed before it happened",
            violation_no=entry.violation_no,
        )


def _write_again(
    conn: Connection[Any], actor: Actor, was: ViolationRow, entry: NewViolation, *, now: datetime
) -> bool:
    """Whether the known violation tells more, or something else, now."""
    if (was.vin, was.occurred_at) != (entry.vin, entry.occurred_at):
        raise ViolationExists(
            f"{entry.violation_no} is another violation", violation_no=entry.violation_no
        )
    if was.state not in UNSETTLED:
        return False
    _check_noticed(entry, was.time_zone)
    before = {name: getattr(was, name) for name in TOLD_AGAIN}
    after = {
        name: kept if getattr(entry, name) is None else getattr(entry, name)
        for name, kept in before.items()
    }
    if after == before:
        return False
    store.update_violation(conn, {**after, "id": was.id})
    _write_audit(conn, actor, entry, was.tenant_id, now=now, again=True)
    return True


def _write_audit(
    conn: Connection[Any],
    actor: Actor,
    entry: NewViolation,
    tenant_id: int | None,
    *,
    now: datetime,
    again: bool = False,
) -> None:
    audit.record(
        conn,
        actor,
        "violation.record",
        object_kind="violation",
        object_key=entry.violation_no,
        now=now,
        after={
            "vin": entry.vin,
            "occurred_at": entry.occurred_at.isoformat(),
            "fine_fen": entry.fine_fen,
            "points": entry.points,
            "again": again,
        },
        organisation_id=tenant_id,
    )
