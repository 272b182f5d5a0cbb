"""Runs the SQL of places: one function a query.

Which places are asked for and where a page begins is put together here; such a question is planned
anew each time (`prepare=False`).
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from alerts.geofences.model import Geofence, Shape
from alerts.geofences.outline import columns_of, shape_of
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
_FILTERS: Mapping[str, sql.SQL] = {
    "organisation_id": sql.SQL(
        "g.organisation_id IN (SELECT descendant_id FROM organisation_closure"
        " WHERE ancestor_id = %(organisation_id)s)"
    ),
    "own_id": sql.SQL("g.organisation_id = %(own_id)s"),
    "code": sql.SQL("g.code = %(code)s"),
    "retired": sql.SQL("(g.retired_at IS NOT NULL) = %(retired)s"),
    "search": sql.SQL("strpos(lower(g.code || ' ' || g.name), lower(%(search)s)) > 0"),
    "after_code": sql.SQL("(g.code, g.id) > (%(after_code)s, %(after_id)s)"),
}


def list_geofences(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[str, int] | None = None,
    limit: int,
) -> list[Geofence]:
    """Places by code; `filters` of `organisation_id`, `own_id`, `code`, `retired`, `search`."""
    given = dict(filters)
    if after is not None:
        given |= {"after_code": after[0], "after_id": after[1]}
    clauses = [clause for name, clause in _FILTERS.items() if name in given]
    query = sql.Composed(
        [
            sql.SQL(_queries.list_geofences),
            sql.SQL(" WHERE true"),
            *(sql.SQL(" AND ") + clause for clause in clauses),
            sql.SQL(" ORDER BY g.code, g.id LIMIT %(limit)s"),
        ]
    )
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query, given | {"limit": limit}, prepare=False).fetchall()
    return [_geofence(row) for row in rows]


def insert_geofence(conn: Connection[Any], row: Mapping[str, Any], shape: Shape) -> bool:
    """Add a place; False if the organisation has used its code before."""
    given = dict(row) | _drawn(shape)
    return conn.execute(_queries.insert_geofence, given).rowcount == 1


def update_geofence(
    conn: Connection[Any], geofence_id: int, version: int, *, name: str, shape: Shape
) -> bool:
    """Draw a place anew; False if somebody changed it since `version`."""
    given = {"id": geofence_id, "version": version, "name": name} | _drawn(shape)
    return conn.execute(_queries.update_geofence, given).rowcount == 1


def mark_retired(conn: Connection[Any], geofence_id: int, version: int, now: datetime) -> bool:
    """Take a place back; False if somebody changed it since `version`."""
    given = {"id": geofence_id, "version": version, "now": now}
    return conn.execute(_queries.mark_retired, given).rowcount == 1


def _drawn(shape: Shape) -> dict[str, Any]:
    columns = columns_of(shape)
    points = columns["points"]
    return columns | {"points": None if points is None else Jsonb(points)}


def _geofence(row: dict[str, Any]) -> Geofence:
    outline = [row.pop(name) for name in ("shape", "lat", "lon", "radius_m", "points")]
    return Geofence(**row, shape=shape_of(*outline))
