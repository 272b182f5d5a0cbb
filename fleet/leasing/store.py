"""Runs the SQL of leases as they are asked for: one function a query.

Which leases are asked for and where a page begins is put together here; such a question is planned
anew each time (`prepare=False`). What follows from events is written by `books/store.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row, scalar_row

from fleet.leasing.model import Holding, Lease, LeaseOfVehicle
from fleet.leasing.shapes import RUNNING, State
from fleet.leasing.terms import Terms
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))


class OrganisationOfLease(NamedTuple):
    """An organisation in sight, as a lease needs it."""

    id: int
    tenant_id: int
    code: str
    zone: str


class LineVehicle(NamedTuple):
    """A vehicle that a line asks for; `held`: the actor's organisations have it now."""

    id: int
    vin: str
    model_id: int | None
    model_code: str | None
    holder_id: int
    held: bool


def list_leases(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> list[Lease]:
    """Leases in sight, the last drafted first. `filters` are of FILTERS; `after` is when the last
    one of the page before was drafted, and its number.
    """
    conditions = [FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_AFTER)
    query = sql.Composed([sql.SQL(_queries.list_leases), where(conditions), _LAST_DRAFTED_FIRST])
    place = dict(zip(("after_at", "after_no"), after or (), strict=False))
    row = {**filters, **place, "running": sorted(RUNNING), "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query, row, prepare=False).fetchall()
    return [Lease(**{**each, "terms": Terms.model_validate(each["terms"])}) for each in rows]


def find_lease(conn: Connection[Any], lease_no: str) -> Lease | None:
    """The lease in sight with this number."""
    return next(iter(list_leases(conn, {"lease_no": lease_no}, limit=1)), None)


def find_lease_by_id(conn: Connection[Any], lease_id: int) -> Lease | None:
    """The lease in sight with this id."""
    return next(iter(list_leases(conn, {"lease_id": lease_id}, limit=1)), None)


def lock_lease(conn: Connection[Any], lease_no: str) -> None:
    """Keep others from changing the lease until the commit."""
    conn.execute(_queries.lock_lease, {"lease_no": lease_no})


def count_leases(conn: Connection[Any], filters: Mapping[str, Any]) -> dict[State, int]:
    """How many leases in sight there are in each state; `filters` are of FILTERS."""
    asked: list[sql.Composable] = [sql.SQL(_queries.count_leases)]
    for name in filters:
        asked += [sql.SQL(" AND "), FILTERS[name]]
    row = {**filters, "running": sorted(RUNNING)}
    found = conn.execute(sql.Composed(asked), row, prepare=False).fetchall()
    return dict(found)


def list_renewed_by(conn: Connection[Any], lease_id: int) -> list[str]:
    """Numbers of the leases that renew this one."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.list_renewed_by, {"lease_id": lease_id}).fetchall()


def has_contract(conn: Connection[Any], lease_id: int) -> bool:
    """Whether a contract text is kept with a lease that is not void."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return bool(cursor.execute(_queries.has_contract, {"lease_id": lease_id}).fetchone())


def describe_vehicles(
    conn: Connection[Any], vehicle_ids: Sequence[int]
) -> dict[int, tuple[str, str | None]]:
    """VIN and plate of vehicles in sight, by id; the plate of those that are held now."""
    row = {"vehicle_ids": list(vehicle_ids)}
    found = conn.execute(_queries.describe_vehicles, row).fetchall()
    return {vehicle_id: (vin, plate) for vehicle_id, vin, plate in found}


def find_holding(conn: Connection[Any], vehicle_id: int, at: datetime) -> Holding | None:
    """Who held a vehicle at an instant."""
    with conn.cursor(row_factory=class_row(Holding)) as cursor:
        row = {"vehicle_id": vehicle_id, "at": at}
        return cursor.execute(_queries.find_holding, row).fetchone()


def find_current_holding(conn: Connection[Any], vehicle_id: int) -> Holding | None:
    """Who holds a vehicle now."""
    with conn.cursor(row_factory=class_row(Holding)) as cursor:
        return cursor.execute(_queries.find_current_holding, {"vehicle_id": vehicle_id}).fetchone()


def list_vehicle_leases(
    conn: Connection[Any],
    vehicle_id: int,
    *,
    before_at: datetime | None = None,
    now: datetime,
    limit: int,
) -> list[LeaseOfVehicle]:
    """The leases in sight a vehicle was in, the latest first; those begun before an instant."""
    row = {"vehicle_id": vehicle_id, "before_at": before_at, "now": now, "limit": limit}
    with conn.cursor(row_factory=class_row(LeaseOfVehicle)) as cursor:
        return cursor.execute(_queries.list_vehicle_leases, row).fetchall()


def is_held_or_promised(conn: Connection[Any], vehicle_id: int, now: datetime) -> bool:
    """Whether anybody has the vehicle, or is promised it, out of sight too."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"vehicle_id": vehicle_id, "now": now}
        return bool(cursor.execute(_queries.is_held_or_promised, row).fetchone())


def find_organisation(conn: Connection[Any], organisation_id: int) -> OrganisationOfLease | None:
    """An organisation in sight."""
    row = {"organisation_id": organisation_id}
    with conn.cursor(row_factory=class_row(OrganisationOfLease)) as cursor:
        return cursor.execute(_queries.find_organisation, row).fetchone()


def list_line_vehicles(conn: Connection[Any], vins: Sequence[str]) -> dict[str, LineVehicle]:
    """Vehicles in sight, by VIN."""
    with conn.cursor(row_factory=class_row(LineVehicle)) as cursor:
        rows = cursor.execute(_queries.list_line_vehicles, {"vins": list(vins)}).fetchall()
    return {row.vin: row for row in rows}


def list_line_models(
    conn: Connection[Any], codes: Sequence[str], *, tenant_id: int
) -> dict[str, int]:
    """Ids of a tenant's models, by code."""
    row = {"codes": list(codes), "tenant_id": tenant_id}
    found = conn.execute(_queries.list_line_models, row).fetchall()
    return {code: model_id for model_id, code in found}


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "lease_no": sql.SQL("l.lease_no = %(lease_no)s"),
    "lease_id": sql.SQL("l.id = %(lease_id)s"),
    "state": sql.SQL("l.state = %(state)s"),
    "kind": sql.SQL("l.kind = %(kind)s"),
    "customer_ids": sql.SQL("l.customer_id = ANY (%(customer_ids)s)"),
    "vin": sql.SQL(
        "(EXISTS (SELECT FROM lease_segments s JOIN vehicles v ON v.id = s.vehicle_id"
        " WHERE s.lease_id = l.id AND v.vin = %(vin)s)"
        " OR l.terms @> jsonb_build_object('lines', jsonb_build_array("
        "jsonb_build_object('vin', %(vin)s::text))))"
    ),
    "organisation": sql.SQL(
        "l.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
    "ends_before_on": sql.SQL("l.ends_on < %(ends_before_on)s"),
    "reference": sql.SQL("l.reference = %(reference)s"),
    "ending": sql.SQL(
        "(l.state = ANY (%(running)s) AND l.ends_on >= %(today)s"
        " AND l.ends_on <= %(ending_until_on)s) = %(ending)s"
    ),
    "today": sql.SQL("true"),
    "ending_until_on": sql.SQL("true"),
    "over_at": sql.SQL(
        "(EXISTS (SELECT FROM lease_segments s"
        " WHERE s.lease_id = l.id AND upper_inf(s.let_period))"
        " AND (l.state NOT IN ('active', 'suspended')"
        " OR coalesce(l.ends_on < (%(over_at)s AT TIME ZONE o.time_zone)::date, false)))"
        " = %(over_term)s"
    ),
    "over_term": sql.SQL("true"),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), l.lease_no, l.reference,"
        " c.customer_no, c.name))) > 0"
    ),
}
_AFTER = sql.SQL("(l.created_at, l.lease_no) < (%(after_at)s, %(after_no)s)")
_LAST_DRAFTED_FIRST = sql.SQL(" ORDER BY l.created_at DESC, l.lease_no DESC LIMIT %(limit)s")
