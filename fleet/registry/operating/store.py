"""Runs the SQL of who operates a vehicle, and of transfers."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.registry import known_constraints
from fleet.registry.model import OperatorPeriod, Transfer, TransferRecord, Vehicle
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def insert_operator_period(
    conn: Connection[Any], *, vehicle: Vehicle, organisation_id: int, from_at: datetime
) -> int:
    """The id of the new, running period."""
    row = {
        "tenant_id": vehicle.tenant_id,
        "vehicle_id": vehicle.id,
        "organisation_id": organisation_id,
        "from_at": from_at,
    }
    with (
        naming(known_constraints.of_operator(vin=vehicle.vin)),
        conn.cursor(row_factory=scalar_row) as cursor,
    ):
        row_id: int | None = cursor.execute(_queries.insert_operator_period, row).fetchone()
    assert row_id is not None
    return row_id


def find_running_operator_period(conn: Connection[Any], vehicle_id: int) -> OperatorPeriod | None:
    """Who operates the vehicle now; locked until the commit."""
    with conn.cursor(row_factory=class_row(OperatorPeriod)) as cursor:
        return cursor.execute(
            _queries.find_running_operator_period, {"vehicle_id": vehicle_id}
        ).fetchone()


def mark_operator_period_ended(
    conn: Connection[Any], period_id: int, *, until_at: datetime
) -> None:
    """End a running period of an operator."""
    conn.execute(_queries.mark_operator_period_ended, {"id": period_id, "until_at": until_at})


def list_operator_periods(conn: Connection[Any], vehicle_id: int) -> list[OperatorPeriod]:
    """Everyone who operated the vehicle, oldest first."""
    with conn.cursor(row_factory=class_row(OperatorPeriod)) as cursor:
        return cursor.execute(_queries.list_operator_periods, {"vehicle_id": vehicle_id}).fetchall()


def clear_depot(conn: Connection[Any], vehicle_id: int) -> None:
    """Let the vehicle stand at no depot."""
    conn.execute(_queries.clear_depot, {"id": vehicle_id})


def insert_transfer(
    conn: Connection[Any],
    vehicle: Vehicle,
    *,
    organisation_id: int,
    transferred_at: datetime,
    record: TransferRecord,
    recorded_by: str,
) -> None:
    """Write down that the vehicle goes to the organisation, while its operator is still another."""
    row = {
        "tenant_id": vehicle.tenant_id,
        "vehicle_id": vehicle.id,
        "organisation_id": organisation_id,
        "holder_id": vehicle.holder_id,
        "transferred_at": transferred_at,
        "odometer_km": record.odometer_km,
        "soc_pct": record.soc_pct,
        "checks": Jsonb([asdict(check) for check in record.checks]),
        "remarks": record.remarks,
        "recorded_by": recorded_by,
    }
    conn.execute(_queries.insert_transfer, row)
    if record.odometer_km is not None:
        conn.execute(_queries.insert_transfer_odometer, row)


def list_transfers(conn: Connection[Any], vehicle_id: int) -> list[Transfer]:
    """The transfers of the vehicle in sight, oldest first."""
    with conn.cursor(row_factory=class_row(Transfer)) as cursor:
        return cursor.execute(_queries.list_transfers, {"vehicle_id": vehicle_id}).fetchall()
