"""Runs the SQL of costs: one function a query."""

from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from fleet.costs.model import Cost
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def set_cost(conn: Connection[Any], row: dict[str, Any]) -> None:
    """Write a cost, in place of the same record's former one."""
    conn.execute(_queries.set_cost, row)


def list_costs(
    conn: Connection[Any], vehicle_id: int, *, from_on: date, until_on: date, limit: int
) -> list[Cost]:
    """What was spent on the vehicle in [from_on, until_on), the latest first."""
    row = {"vehicle_id": vehicle_id, "from_on": from_on, "until_on": until_on, "limit": limit}
    with conn.cursor(row_factory=class_row(Cost)) as cursor:
        return cursor.execute(_queries.list_costs, row).fetchall()


def sum_costs(
    conn: Connection[Any], vehicle_id: int, *, from_on: date, until_on: date
) -> dict[str, int]:
    """Fen by kind in [from_on, until_on)."""
    row = {"vehicle_id": vehicle_id, "from_on": from_on, "until_on": until_on}
    return dict(conn.execute(_queries.sum_costs, row).fetchall())
