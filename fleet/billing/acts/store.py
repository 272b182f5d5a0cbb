"""Runs the SQL of what people do with bills: one function a query."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from fleet.billing.acts.model import Delivery
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def insert_delivery(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write how a bill reached the customer."""
    conn.execute(_queries.insert_delivery, row)


def list_deliveries(conn: Connection[Any], bill_id: int) -> list[Delivery]:
    """How a bill reached the customer, in the order of time."""
    with conn.cursor(row_factory=class_row(Delivery)) as cursor:
        return cursor.execute(_queries.list_deliveries, {"bill_id": bill_id}).fetchall()


def look_again(conn: Connection[Any], lease_id: int, *, on: date) -> None:
    """Have a lease looked at from a day on."""
    conn.execute(_queries.look_again, {"lease_id": lease_id, "on": on})


def find_organisation(conn: Connection[Any], organisation_id: int) -> tuple[int, str, str]:
    """Tenant, code and zone of an organisation in sight."""
    row = conn.execute(_queries.find_organisation, {"organisation_id": organisation_id}).fetchone()
    assert row is not None
    return int(row[0]), str(row[1]), str(row[2])


def find_customer(conn: Connection[Any], customer_no: str) -> tuple[int, int] | None:
    """Id and organisation of the customer with this number, or of the one it was merged into."""
    row = conn.execute(_queries.find_customer, {"customer_no": customer_no}).fetchone()
    return None if row is None else (int(row[0]), int(row[1]))
