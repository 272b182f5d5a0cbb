"""Runs the SQL of the registry: one function a query, and the facts its constraints stand for."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from fleet.registry.errors import (
    OperatorInOtherTenant,
    OperatorPeriodsOverlap,
    PlateTaken,
    VehicleExists,
    VehicleModelEmpty,
)
from fleet.registry.model import OperatorPeriod, Vehicle, VehicleEntry
from kit.constraints import naming
from kit.errors import DomainError
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def insert_vehicle(
    conn: Connection[Any],
    *,
    tenant_id: int,
    vin: str,
    plate: str | None,
    model: str | None,
    owner_id: int,
) -> int:
    """The id of the new vehicle."""
    row = {
        "tenant_id": tenant_id,
        "vin": vin,
        "plate": plate,
        "model": model,
        "owner_id": owner_id,
    }
    with naming(_vehicle_facts(vin=vin, plate=plate)):
        return _insert(conn, _queries.insert_vehicle, row)


def update_vehicle(
    conn: Connection[Any], vehicle: Vehicle, *, version: int, plate: str | None, model: str | None
) -> bool:
    """Write plate and model; False if the version is not that any more."""
    row = {"id": vehicle.id, "version": version, "plate": plate, "model": model}
    with naming(_vehicle_facts(vin=vehicle.vin, plate=plate)):
        return conn.execute(_queries.update_vehicle, row).rowcount == 1


def find_vehicle(conn: Connection[Any], vin: str) -> Vehicle | None:
    """The vehicle with this VIN, if there is one."""
    with conn.cursor(row_factory=class_row(Vehicle)) as cursor:
        return cursor.execute(_queries.find_vehicle, {"vin": vin}).fetchone()


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
    with naming(_operator_facts(vin=vehicle.vin)):
        return _insert(conn, _queries.insert_operator_period, row)


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


def list_known_vins(conn: Connection[Any], vins: Sequence[str]) -> list[str]:
    """Those of the VINs that have a vehicle."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.list_known_vins, {"vins": list(vins)}).fetchall()


def insert_vehicles(
    conn: Connection[Any], entries: Sequence[VehicleEntry], *, from_at: datetime
) -> None:
    """Insert vehicles and operators of all entries: one statement a table."""
    columns: dict[str, Any] = {
        "vins": [entry.vin for entry in entries],
        "plates": [entry.plate for entry in entries],
        "models": [entry.model for entry in entries],
        "owner_codes": [entry.owner_code for entry in entries],
        "operator_codes": [entry.operator_code for entry in entries],
        "from_at": from_at,
    }
    facts: dict[str, DomainError] = {
        "vehicles_vin_key": VehicleExists("a VIN stands twice"),
        "vehicles_plate_key": PlateTaken("a plate is borne by two vehicles"),
        "vehicles_model_check": VehicleModelEmpty("a model has no name"),
        "vehicle_operators_organisation_in_tenant": OperatorInOtherTenant(
            "an operator stands in another tree than the owner"
        ),
    }
    with naming(facts):
        conn.execute(_queries.insert_vehicles, columns)
        conn.execute(_queries.insert_operator_periods, columns)


def _insert(conn: Connection[Any], query: LiteralString, row: dict[str, Any]) -> int:
    with conn.cursor(row_factory=scalar_row) as cursor:
        row_id: int | None = cursor.execute(query, row).fetchone()
    assert row_id is not None
    return row_id


def _vehicle_facts(*, vin: str, plate: str | None) -> dict[str, DomainError]:
    return {
        "vehicles_vin_key": VehicleExists(f"vehicle {vin} exists already", vin=vin),
        "vehicles_plate_key": PlateTaken(f"another vehicle bears plate {plate}", plate=plate),
        "vehicles_model_check": VehicleModelEmpty(f"the model of {vin} has no name", vin=vin),
    }


def _operator_facts(*, vin: str) -> dict[str, DomainError]:
    return {
        "vehicle_operators_one_at_a_time": OperatorPeriodsOverlap(
            f"vehicle {vin} is operated by another organisation during that time", vin=vin
        ),
        "vehicle_operators_organisation_in_tenant": OperatorInOtherTenant(
            f"vehicle {vin} stays in the tree of its owner", vin=vin
        ),
    }
