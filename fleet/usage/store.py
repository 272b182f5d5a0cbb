"""Runs the SQL that reads telemetry, latest state and refusals. Ingest alone writes them."""

from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from fleet.usage.model import (
    CHARGING_STATES,
    MOVING_ABOVE_KMH,
    LatestState,
    RefusalCount,
    StorageSummary,
    TrackPoint,
    VehicleCounts,
)
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_track(
    conn: Connection[Any],
    vehicle_id: int,
    *,
    from_at: datetime,
    until_at: datetime,
    max_points: int,
) -> list[TrackPoint]:
    """The first samples of the vehicle in [from_at, until_at)."""
    row = {
        "vehicle_id": vehicle_id,
        "from_at": from_at,
        "until_at": until_at,
        "max_points": max_points,
    }
    with conn.cursor(row_factory=class_row(TrackPoint)) as cursor:
        return cursor.execute(_queries.list_track, row).fetchall()


def find_latest_state(conn: Connection[Any], vehicle_id: int) -> LatestState | None:
    """The latest known state; None if the vehicle was never heard."""
    with conn.cursor(row_factory=class_row(LatestState)) as cursor:
        return cursor.execute(_queries.find_latest_state, {"vehicle_id": vehicle_id}).fetchone()


def count_vehicles(conn: Connection[Any], *, heard_since: datetime) -> VehicleCounts:
    """How many vehicles do what; those not heard since then are not online."""
    row = {
        "heard_since": heard_since,
        "moving_above_kmh": MOVING_ABOVE_KMH,
        "charging_states": list(CHARGING_STATES),
    }
    with conn.cursor(row_factory=class_row(VehicleCounts)) as cursor:
        counts = cursor.execute(_queries.count_vehicles, row).fetchone()
    assert counts is not None
    return counts


def count_refusals(conn: Connection[Any], *, since: datetime) -> list[RefusalCount]:
    """Refusals by reason, last seen at or after `since`."""
    with conn.cursor(row_factory=class_row(RefusalCount)) as cursor:
        return cursor.execute(_queries.count_refusals, {"since": since}).fetchall()


def summarise_storage(conn: Connection[Any]) -> StorageSummary:
    """How much telemetry there is, in whichever storage is in use, without counting rows."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        timescaledb: bool | None = cursor.execute(_queries.find_storage_kind).fetchone()
    query = _queries.summarise_hypertable if timescaledb else _queries.summarise_partitions
    with conn.cursor(row_factory=class_row(StorageSummary)) as cursor:
        summary = cursor.execute(query).fetchone()
    assert summary is not None
    return summary
