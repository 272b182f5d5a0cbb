"""Runs the SQL of odometers, purchases, places and the pool: one function a query."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row

from fleet.lives.errors import OdometerReadAlready
from fleet.lives.model import (
    Odometer,
    OdometerReading,
    PooledVehicle,
    Purchase,
    PurchaseFacts,
)
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
_PLACE_BEFORE = sql.SQL("(r.read_at, r.id) < (%(before_at)s, %(before_id)s)")
_SEARCHED = sql.SQL(
    "position(lower(%(search)s) IN lower(p.vin || ' ' || coalesce(p.plate, '') || ' '"
    " || coalesce(p.model, ''))) > 0"
)


def insert_odometer(
    conn: Connection[Any],
    *,
    tenant_id: int,
    organisation_id: int,
    vehicle_id: int,
    read_at: datetime,
    odometer_km: Decimal,
    running_hours: Decimal | None,
    source: str,
    note: str | None,
    recorded_by: str,
) -> int:
    """The id of the new reading."""
    row = {
        "tenant_id": tenant_id,
        "organisation_id": organisation_id,
        "vehicle_id": vehicle_id,
        "read_at": read_at,
        "odometer_km": odometer_km,
        "running_hours": running_hours,
        "source": source,
        "note": note,
        "recorded_by": recorded_by,
    }
    again = OdometerReadAlready("the odometer was written down for this instant", read_at=read_at)
    with (
        naming({"odometer_readings_once": again}),
        conn.cursor(row_factory=scalar_row) as cursor,
    ):
        reading_id: int | None = cursor.execute(_queries.insert_odometer, row).fetchone()
    assert reading_id is not None
    return reading_id


def list_odometer(
    conn: Connection[Any],
    vehicle_id: int,
    *,
    reading_id: int | None = None,
    before: tuple[datetime, int] | None = None,
    limit: int,
) -> list[OdometerReading]:
    """Readings, the newest first, those before `before`; or the one with this id."""
    wanted = [_PLACE_BEFORE] if before is not None else []
    if reading_id is not None:
        wanted.append(sql.SQL("r.id = %(reading_id)s"))
    query: sql.Composable = sql.SQL(_queries.list_odometer)
    if wanted:
        query += sql.SQL(" WHERE ") + sql.SQL(" AND ").join(wanted)
    query += sql.SQL(" ORDER BY r.read_at DESC, r.id DESC LIMIT %(limit)s")
    before_at, before_id = before or (None, None)
    row = {
        "vehicle_id": vehicle_id,
        "reading_id": reading_id,
        "before_at": before_at,
        "before_id": before_id,
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(OdometerReading)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def find_odometer(conn: Connection[Any], vehicle_id: int) -> Odometer | None:
    """The newest that is known of the odometer."""
    with conn.cursor(row_factory=class_row(Odometer)) as cursor:
        return cursor.execute(_queries.find_odometer, {"vehicle_id": vehicle_id}).fetchone()


def note_odometers(conn: Connection[Any], *, now: datetime, recorded_by: str) -> int:
    """Write down what vehicles report, once a day each; how many were."""
    row = {"now": now, "recorded_by": recorded_by}
    return conn.execute(_queries.note_odometers, row).rowcount


def find_purchase(conn: Connection[Any], vehicle_id: int) -> Purchase | None:
    """What the vehicle was bought for."""
    with conn.cursor(row_factory=class_row(Purchase)) as cursor:
        return cursor.execute(_queries.find_purchase, {"vehicle_id": vehicle_id}).fetchone()


def save_purchase(
    conn: Connection[Any], vehicle_id: int, *, version: int, facts: PurchaseFacts
) -> bool:
    """Write it down; False if the version is not that any more. Version 0 is none yet."""
    row = {**asdict(facts), "vehicle_id": vehicle_id, "version": version}
    query = _queries.update_purchase if version else _queries.insert_purchase
    return conn.execute(query, row).rowcount == 1


def stands_below_operator(conn: Connection[Any], vehicle_id: int, depot_id: int) -> bool:
    """Whether the organisation is the vehicle's operator, or stands below it."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"vehicle_id": vehicle_id, "depot_id": depot_id}
        return cursor.execute(_queries.stands_below_operator, row).fetchone() is True


def update_placing(
    conn: Connection[Any],
    vehicle_id: int,
    *,
    version: int,
    depot_id: int | None,
    tags: Sequence[str],
    pooled: bool,
) -> bool:
    """Write where the vehicle stands; False if the version is not that any more."""
    row = {
        "id": vehicle_id,
        "version": version,
        "depot_id": depot_id,
        "tags": list(tags),
        "pooled": pooled,
    }
    return conn.execute(_queries.update_placing, row).rowcount == 1


def list_pool(
    conn: Connection[Any],
    *,
    model_code: str | None,
    search: str | None,
    after: str | None,
    limit: int,
) -> list[PooledVehicle]:
    """What organisations above offer, by VIN; those after `after`."""
    wanted: list[sql.Composable] = []
    if model_code is not None:
        wanted.append(sql.SQL("m.code = %(model_code)s"))
    if search is not None:
        wanted.append(_SEARCHED)
    if after is not None:
        wanted.append(sql.SQL("p.vin > %(after)s"))
    query: sql.Composable = sql.SQL(_queries.list_pool)
    if wanted:
        query += sql.SQL(" WHERE ") + sql.SQL(" AND ").join(wanted)
    query += sql.SQL(" ORDER BY p.vin LIMIT %(limit)s")
    row = {"model_code": model_code, "search": search, "after": after, "limit": limit}
    with conn.cursor(row_factory=class_row(PooledVehicle)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()
