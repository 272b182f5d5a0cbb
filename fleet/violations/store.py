"""Runs the SQL of violations: one function a query.

Which violations are asked for and where a page begins is put together here; such a question is
planned anew each time (`prepare=False`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from fleet.violations.handling import UNSETTLED
from fleet.violations.model import NewViolation, Placed, VehicleCount, ViolationRow
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def place_violations(conn: Connection[Any], entries: Sequence[NewViolation]) -> list[Placed]:
    """Whose each of them is, in their order; VINs are as they are stored."""
    row = {"vins": [each.vin for each in entries], "ats": [each.occurred_at for each in entries]}
    with conn.cursor(row_factory=class_row(Placed)) as cursor:
        return cursor.execute(_queries.place_violations, row).fetchall()


def insert_violations(
    conn: Connection[Any], rows: Sequence[Mapping[str, Any]], *, by: str, now: datetime
) -> set[str]:
    """The numbers of those that are new; one that is taken is left as it is."""
    row = {"rows": Jsonb([dict(each) for each in rows]), "by": by, "now": now}
    return {number for (number,) in conn.execute(_queries.insert_violations, row)}


def update_violation(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write what a notice tells now."""
    conn.execute(_queries.update_violation, row)


def lock_violation(conn: Connection[Any], violation_no: str) -> None:
    """Keep others from taking the violation on until the commit."""
    conn.execute(_queries.lock_violation, {"violation_no": violation_no})


def mark_state(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write how a violation went on."""
    conn.execute(_queries.mark_state, row)


def rematch(conn: Connection[Any], vehicle_ids: Sequence[int] | None) -> list[dict[str, Any]]:
    """Match unsettled violations to leases anew; those that changed, with both leases."""
    row = {
        "vehicle_ids": None if vehicle_ids is None else list(vehicle_ids),
        "unsettled": list(UNSETTLED),
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.rematch, row).fetchall()


def list_violations(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int,
) -> list[ViolationRow]:
    """Violations in sight, the latest first. `filters` are of FILTERS; `after` is when the last one
    of the page before happened, and its id.
    """
    conditions = [FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_AFTER)
    query = sql.Composed([sql.SQL(_queries.list_violations), where(conditions), _LATEST_FIRST])
    place = dict(zip(("after_at", "after_id"), after or (), strict=False))
    row = {**filters, **place, "unsettled": list(UNSETTLED), "limit": limit}
    with conn.cursor(row_factory=class_row(ViolationRow)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def find_violation(conn: Connection[Any], violation_no: str) -> ViolationRow | None:
    """The violation in sight with this number."""
    return next(iter(list_violations(conn, {"violation_no": violation_no}, limit=1)), None)


def find_tenant(conn: Connection[Any], organisation_id: int | None) -> int:
    """The tenant of an organisation; 0, which is nobody's, for the system."""
    row = conn.execute(_queries.find_tenant, {"organisation_id": organisation_id}).fetchone()
    return 0 if row is None else int(row[0])


def count_by_vehicle(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    overdue_if_before: date,
    at_least: int,
    after: tuple[int, str] | None,
    limit: int,
) -> list[VehicleCount]:
    """Unsettled violations by vehicle, the most first; `after` is a count and a VIN.

    `filters`: vin, organisation (or below it).
    """
    row = {
        "vin": filters.get("vin"),
        "organisation": filters.get("organisation"),
        **dict(zip(("after_count", "after_vin"), after or (), strict=False)),
        "overdue_if_before": overdue_if_before,
        "unsettled": list(UNSETTLED),
        "at_least": at_least,
        "limit": limit,
    }
    page = [] if after is None else [_AFTER_VEHICLE]
    query = sql.Composed([sql.SQL(_queries.count_by_vehicle), *page, _MOST_FIRST])
    with conn.cursor(row_factory=class_row(VehicleCount)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "violation_no": sql.SQL("x.violation_no = %(violation_no)s"),
    "violation_nos": sql.SQL("x.violation_no = ANY (%(violation_nos)s)"),
    "state": sql.SQL("x.state = %(state)s"),
    "settled": sql.SQL("(x.state = ANY (%(unsettled)s)) <> %(settled)s"),
    "vin": sql.SQL("v.vin = %(vin)s"),
    "lease_no": sql.SQL("l.lease_no = %(lease_no)s"),
    "leased": sql.SQL("(x.lease_id IS NOT NULL) = %(leased)s"),
    "customer_no": sql.SQL("c.customer_no = %(customer_no)s"),
    "organisation": sql.SQL(
        "x.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations a ON a.id = b.ancestor_id WHERE a.code = %(organisation)s)"
    ),
    "overdue_if_before": sql.SQL(
        "(d.known_on < %(overdue_if_before)s AND x.state = ANY (%(unsettled)s))"
    ),
    "transferable_if_before": sql.SQL(
        "(e.lease_ended_on < %(transferable_if_before)s AND x.state = ANY (%(unsettled)s))"
    ),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), x.violation_no, x.place,"
        " x.description, v.vin, CASE WHEN h.is_held THEN v.plate END))) > 0"
    ),
}
_AFTER: Final = sql.SQL("(x.occurred_at, x.id) < (%(after_at)s, %(after_id)s)")
_LATEST_FIRST: Final = sql.SQL(" ORDER BY x.occurred_at DESC, x.id DESC LIMIT %(limit)s")
_AFTER_VEHICLE: Final = sql.SQL(
    " AND (count(*) < %(after_count)s OR count(*) = %(after_count)s AND v.vin > %(after_vin)s)"
)
_MOST_FIRST: Final = sql.SQL(" ORDER BY count(*) DESC, v.vin LIMIT %(limit)s")
