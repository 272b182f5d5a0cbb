"""Runs the SQL of the checks: one function a query."""

from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import scalar_row

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def find_unbalanced(conn: Connection[Any], *, limit: int) -> list[tuple[str, int, int]]:
    """Entries that do not balance: which, by how many fen, how many postings."""
    return conn.execute(_queries.find_unbalanced, {"limit": limit}).fetchall()


def find_changed_closings(conn: Connection[Any], *, limit: int) -> list[str]:
    """Closed months, the organisation's code before each, that come to something else now."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.find_changed_closings, {"limit": limit}).fetchall()


def find_open_closings(conn: Connection[Any], *, limit: int) -> list[str]:
    """Closed months, the organisation's code before each, whose book is open then."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.find_open_closings, {"limit": limit}).fetchall()
