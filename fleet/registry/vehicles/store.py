"""Runs the SQL of single vehicles."""

from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from fleet.registry import known_constraints
from fleet.registry.model import Vehicle
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def update_vehicle(conn: Connection[Any], was: Vehicle, now_is: Vehicle) -> bool:
    """Write plate and model; False if the version before is not that any more."""
    row = {
        "id": was.id,
        "version": now_is.version - 1,
        "plate": now_is.plate,
        "model": now_is.model,
        "model_id": now_is.model_id,
    }
    with naming(known_constraints.of_vehicle(vin=was.vin, plate=now_is.plate)):
        return conn.execute(_queries.update_vehicle, row).rowcount == 1


def find_vehicle(conn: Connection[Any], vin: str) -> Vehicle | None:
    """The vehicle with this VIN, if there is one."""
    with conn.cursor(row_factory=class_row(Vehicle)) as cursor:
        return cursor.execute(_queries.find_vehicle, {"vin": vin}).fetchone()
