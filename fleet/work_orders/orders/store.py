"""Runs the SQL of one work order, and says what its constraints stand for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import scalar_row

from fleet.work_orders.errors import ReferenceTaken
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def lock_work_order(conn: Connection[Any], number: str) -> None:
    """Keep others from changing the order until the commit."""
    conn.execute(_queries.lock_work_order, {"number": number})


def insert_work_order(conn: Connection[Any], row: Mapping[str, Any]) -> int | None:
    """The id of the new order; None if its number is taken."""
    taken = ReferenceTaken(f"{row['reference']} is another order", reference=row["reference"])
    with (
        naming({"work_orders_reference_key": taken}),
        conn.cursor(row_factory=scalar_row) as cursor,
    ):
        order_id: int | None = cursor.execute(_queries.insert_work_order, row).fetchone()
    return order_id


def update_work_order(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write what an order is to be."""
    conn.execute(_queries.update_work_order, row)


def mark_state(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write the state of an order, and whether the vehicle is off the road."""
    conn.execute(_queries.mark_state, row)


def insert_event(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write how an order went on."""
    conn.execute(_queries.insert_event, row)
