"""Runs the SQL of what is written into work orders."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def insert_line(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Add a line to an order."""
    conn.execute(_queries.insert_line, row)


def strike_line(conn: Connection[Any], order_id: int, line_id: int, *, now: datetime) -> bool:
    """Strike a line out; False if the order has no such line that stands."""
    row = {"work_order_id": order_id, "line_id": line_id, "now": now}
    return conn.execute(_queries.strike_line, row).rowcount == 1


def insert_check(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write a step down."""
    conn.execute(_queries.insert_check, row)
