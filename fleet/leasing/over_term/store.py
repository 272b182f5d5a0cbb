"""Runs the SQL of vehicles that are to come back; filters and place are put together here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from psycopg import Connection, sql
from psycopg.rows import class_row

from fleet.leasing.over_term.model import End, Place, Use, VehicleOut
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_out(
    conn: Connection[Any],
    end: End,
    filters: Mapping[str, Any],
    *,
    within_days: int,
    after: Place | None,
    limit: int,
    now: datetime,
) -> list[VehicleOut]:
    """Vehicles out whose last day is over, or lies at most `within_days` ahead; the first to end
    first. `filters` are of FILTERS.
    """
    parts = [sql.SQL(_queries.list_out), _ENDS[end], *(FILTERS[name] for name in filters)]
    row = {**filters, "within_days": within_days, "limit": limit, "now": now}
    if after is not None:
        parts.append(_AFTER)
        row |= {"after_on": after.last_on, "after_no": after.lease_no, "after_line": after.line_no}
    query = sql.Composed([*parts, _FIRST_TO_END_FIRST])
    with conn.cursor(row_factory=class_row(VehicleOut)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def list_use(
    conn: Connection[Any],
    asked: Sequence[tuple[int, datetime]],
    *,
    heard_since: datetime,
    moving_above_kmh: float,
) -> list[Use]:
    """What each vehicle told since its instant, in the order given."""
    row = {
        "ids": [vehicle_id for vehicle_id, _since in asked],
        "since": [since for _vehicle_id, since in asked],
        "heard_since": heard_since,
        "moving_above_kmh": moving_above_kmh,
    }
    with conn.cursor(row_factory=class_row(Use)) as cursor:
        return cursor.execute(_queries.list_use, row).fetchall()


def find_tenant(conn: Connection[Any], organisation_id: int | None) -> int:
    """The tenant of an organisation; 0, which is nobody's, for the system."""
    row = conn.execute(_queries.find_tenant, {"organisation_id": organisation_id}).fetchone()
    return 0 if row is None else int(row[0])


_ENDS: Final = {
    "over": sql.SQL(" AND d.last_on < d.today"),
    "ahead": sql.SQL(
        " AND d.last_on >= d.today AND d.last_on - d.today <= %(within_days)s"
        " AND l.state IN ('active', 'suspended')"
    ),
}
FILTERS: Final = {
    "organisation": sql.SQL(
        " AND l.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
    "customer": sql.SQL(" AND c.customer_no = %(customer)s"),
    "vin": sql.SQL(" AND v.vin = %(vin)s"),
    "kind": sql.SQL(" AND l.kind = %(kind)s"),
}
_AFTER: Final = sql.SQL(
    " AND (d.last_on, l.lease_no, s.line_no) > (%(after_on)s, %(after_no)s, %(after_line)s)"
)
_FIRST_TO_END_FIRST: Final = sql.SQL(" ORDER BY d.last_on, l.lease_no, s.line_no LIMIT %(limit)s")
