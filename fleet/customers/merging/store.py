"""Runs the SQL of finding and merging duplicates: one function a query."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row

from fleet.customers.model import Duplicates
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
MOST_NAMED: Final = 20
"""How many of a group are named."""


def list_duplicates(
    conn: Connection[Any], *, after: tuple[str, str] | None, limit: int
) -> list[Duplicates]:
    """Groups by likeness and by their oldest number; `after` is both of the page's last one."""
    likeness, number = after or (None, None)
    row = {
        "after_likeness": likeness,
        "after_no": number,
        "most": MOST_NAMED,
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(Duplicates)) as cursor:
        return cursor.execute(_queries.list_duplicates, row).fetchall()


def mark_merged(conn: Connection[Any], *, customer_id: int, into_id: int, now: datetime) -> None:
    """Write into whom a customer went, and all that had gone into it before."""
    conn.execute(_queries.mark_merged, {"id": customer_id, "into_id": into_id, "now": now})
