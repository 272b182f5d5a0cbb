"""Runs the SQL of customers' drivers: one function a query."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from fleet.customers.errors import DriverExists
from fleet.customers.model import StoredDriver
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
_NOBODY: Final = UUID(int=0)
_TWICE: Final = "customer_drivers_once_idx"


def list_drivers(conn: Connection[Any], customer_id: int) -> list[StoredDriver]:
    """Drivers of the customer and of all merged into it, each licence once, by name."""
    with conn.cursor(row_factory=class_row(StoredDriver)) as cursor:
        return cursor.execute(_queries.list_drivers, {"customer_id": customer_id}).fetchall()


def find_driver(
    conn: Connection[Any], *, customer_id: int, key: UUID, removed: bool = False
) -> StoredDriver | None:
    """A driver of the customer or of one merged into it; one that was removed only if asked."""
    row = {"customer_id": customer_id, "key": key, "removed": removed}
    with conn.cursor(row_factory=class_row(StoredDriver)) as cursor:
        return cursor.execute(_queries.find_driver, row).fetchone()


def find_licence(
    conn: Connection[Any], *, customer_id: int, licence_digest: bytes, except_key: UUID = _NOBODY
) -> UUID | None:
    """The key of another driver of the customer who has this licence."""
    row = {
        "customer_id": customer_id,
        "licence_digest": licence_digest,
        "except_key": except_key,
    }
    with conn.cursor(row_factory=scalar_row) as cursor:
        key: UUID | None = cursor.execute(_queries.find_licence, row).fetchone()
    return key


def insert_driver(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Add a driver."""
    with naming({_TWICE: DriverExists("the customer has a driver with this licence")}):
        conn.execute(_queries.insert_driver, row)


def update_driver(conn: Connection[Any], row: Mapping[str, Any]) -> bool:
    """Write what a driver is to be; False if the version is not that any more."""
    with naming({_TWICE: DriverExists("the customer has a driver with this licence")}):
        return conn.execute(_queries.update_driver, row).rowcount == 1


def mark_removed(conn: Connection[Any], *, customer_id: int, key: UUID, now: datetime) -> None:
    """Write that somebody drives for the customer no more."""
    conn.execute(_queries.mark_removed, {"customer_id": customer_id, "key": key, "now": now})
