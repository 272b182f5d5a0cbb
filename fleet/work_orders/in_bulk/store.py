"""Runs the SQL of sheets of work orders: one statement a table."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.work_orders.errors import ReferenceTaken
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_known_orders(
    conn: Connection[Any], references: Sequence[str], *, zone: str
) -> list[dict[str, Any]]:
    """Orders of one's own by their numbers elsewhere, as a sheet tells them."""
    row = {"references": list(references), "zone": zone}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.list_known_orders, row).fetchall()


def list_taken_numbers(conn: Connection[Any], numbers: Sequence[str]) -> set[str]:
    """Those of the numbers that orders in sight have."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"numbers": list(numbers)}
        return set(cursor.execute(_queries.list_taken_numbers, row).fetchall())


def write_sheet_orders(
    conn: Connection[Any], rows: Sequence[Mapping[str, Any]], *, by: str, zone: str, now: datetime
) -> None:
    """Orders as a sheet tells them, one statement a table; new ones are those with a number."""
    row = {"rows": Jsonb([dict(each) for each in rows]), "by": by, "zone": zone, "now": now}
    taken = ReferenceTaken("an order has one of these references already")
    with naming({"work_orders_reference_key": taken}):
        conn.execute(_queries.insert_sheet_orders, row)
    conn.execute(_queries.insert_sheet_events, row)
    conn.execute(_queries.update_sheet_orders, row)
    conn.execute(_queries.strike_sheet_lines, row)
    conn.execute(_queries.insert_sheet_lines, row)


def list_closed_costs(
    conn: Connection[Any], references: Sequence[str], *, zone: str
) -> list[dict[str, Any]]:
    """What the closed orders of a sheet cost."""
    row = {"references": list(references), "zone": zone}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.list_closed_costs, row).fetchall()
