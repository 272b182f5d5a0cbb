"""Runs the SQL of the stages of vehicles."""

from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from fleet.registry.model import Stage, Vehicle
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def find_running_stage(conn: Connection[Any], vehicle_id: int) -> Stage | None:
    """The stage the vehicle is at."""
    with conn.cursor(row_factory=class_row(Stage)) as cursor:
        return cursor.execute(_queries.find_running_stage, {"vehicle_id": vehicle_id}).fetchone()


def list_stages(conn: Connection[Any], vehicle_id: int) -> list[Stage]:
    """The stages the vehicle went through, oldest first."""
    with conn.cursor(row_factory=class_row(Stage)) as cursor:
        return cursor.execute(_queries.list_stages, {"vehicle_id": vehicle_id}).fetchall()


def lock_stage(conn: Connection[Any], vehicle_id: int) -> None:
    """Wait for others who change the vehicle's stage."""
    conn.execute(_queries.lock_stage, {"vehicle_id": vehicle_id})


def mark_stage_ended(conn: Connection[Any], vehicle_id: int, *, until_at: datetime) -> None:
    """End the stage the vehicle is at."""
    conn.execute(_queries.mark_stage_ended, {"vehicle_id": vehicle_id, "until_at": until_at})


def insert_stage(
    conn: Connection[Any],
    vehicle: Vehicle,
    *,
    stage: str,
    from_at: datetime,
    reason: str | None,
    changed_by: str,
) -> None:
    """The vehicle is at this stage from `from_at` on."""
    row = {
        "tenant_id": vehicle.tenant_id,
        "organisation_id": vehicle.holder_id,
        "vehicle_id": vehicle.id,
        "stage": stage,
        "from_at": from_at,
        "reason": reason,
        "changed_by": changed_by,
    }
    conn.execute(_queries.insert_stage, row)
