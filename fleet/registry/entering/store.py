"""Runs the SQL of vehicles that join."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import scalar_row

from fleet.registry import known_constraints
from fleet.registry.model import VehicleEntry
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def insert_vehicle(
    conn: Connection[Any],
    *,
    tenant_id: int,
    vin: str,
    plate: str | None,
    model: str | None,
    model_id: int | None,
    owner_id: int,
) -> int:
    """The id of the new vehicle."""
    row = {
        "tenant_id": tenant_id,
        "vin": vin,
        "plate": plate,
        "model": model,
        "model_id": model_id,
        "owner_id": owner_id,
    }
    with (
        naming(known_constraints.of_vehicle(vin=vin, plate=plate)),
        conn.cursor(row_factory=scalar_row) as cursor,
    ):
        row_id: int | None = cursor.execute(_queries.insert_vehicle, row).fetchone()
    assert row_id is not None
    return row_id


def list_known_vins(conn: Connection[Any], vins: Sequence[str]) -> list[str]:
    """Those of the VINs that have a vehicle."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.list_known_vins, {"vins": list(vins)}).fetchall()


def insert_vehicles(
    conn: Connection[Any],
    entries: Sequence[VehicleEntry],
    *,
    from_at: datetime,
    changed_by: str,
) -> None:
    """Insert vehicles, operators and first stages of all entries: one statement a table."""
    columns: dict[str, Any] = {
        "vins": [entry.vin for entry in entries],
        "plates": [entry.plate for entry in entries],
        "models": [entry.model for entry in entries],
        "model_codes": [entry.model_code for entry in entries],
        "owner_codes": [entry.owner_code for entry in entries],
        "operator_codes": [entry.operator_code for entry in entries],
        "stages": [entry.stage for entry in entries],
        "from_at": from_at,
        "changed_by": changed_by,
    }
    with naming(known_constraints.of_many()):
        conn.execute(_queries.insert_vehicles, columns)
        conn.execute(_queries.insert_operator_periods, columns)
        conn.execute(_queries.insert_first_stages, columns)
