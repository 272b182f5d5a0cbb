"""Runs the SQL of places: one function a query.

A page of them is a question put together anew (`alerts/own_codes.py`), and planned so.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from alerts.geofences.model import Geofence, Shape
from alerts.geofences.outline import columns_of, corners_of, shape_of, with_corners
from alerts.own_codes import page_of
from kit.datum import Datum
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_geofences(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[str, int] | None = None,
    limit: int,
) -> list[Geofence]:
    """Places by code; `filters` of `organisation_id`, `own_id`, `code`, `retired`, `search`."""
    query, given = page_of(_queries.list_geofences, filters, after=after, limit=limit)
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query, given, prepare=False).fetchall()
    return [_geofence(row) for row in rows]


def insert_geofence(
    conn: Connection[Any], row: Mapping[str, Any], *, shape: Shape, datum: Datum, drawn: Shape
) -> bool:
    """Add a place; False if the organisation has used its code before."""
    given = dict(row) | _outline(shape, datum, drawn)
    return conn.execute(_queries.insert_geofence, given).rowcount == 1


def update_geofence(
    conn: Connection[Any],
    geofence_id: int,
    version: int,
    *,
    name: str,
    shape: Shape,
    datum: Datum,
    drawn: Shape,
) -> bool:
    """Draw a place anew; False if somebody changed it since `version`."""
    named = {"id": geofence_id, "version": version, "name": name}
    given = named | _outline(shape, datum, drawn)
    return conn.execute(_queries.update_geofence, given).rowcount == 1


def mark_retired(conn: Connection[Any], geofence_id: int, version: int, now: datetime) -> bool:
    """Take a place back; False if somebody changed it since `version`."""
    given = {"id": geofence_id, "version": version, "now": now}
    return conn.execute(_queries.mark_retired, given).rowcount == 1


def _outline(shape: Shape, datum: Datum, drawn: Shape) -> dict[str, Any]:
    columns = columns_of(shape)
    points = columns["points"]
    return columns | {
        "points": None if points is None else Jsonb(points),
        "datum": datum,
        "drawn_points": None if datum == "wgs84" else Jsonb(corners_of(drawn)),
    }


def _geofence(row: dict[str, Any]) -> Geofence:
    outline = [row.pop(name) for name in ("shape", "lat", "lon", "radius_m", "points")]
    shape, corners = shape_of(*outline), row.pop("drawn_points")
    drawn = shape if corners is None else with_corners(shape, corners)
    return Geofence(**row, shape=shape, drawn=drawn)
