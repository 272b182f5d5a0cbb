"""Runs the SQL of the parameters: one function a query."""

from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import scalar_row

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def find_figures(
    conn: Connection[Any], name: str, *, tenant_id: int, on: date
) -> dict[str, Any] | None:
    """What the parameter holds on that day, if there is one of this name."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"name": name, "tenant_id": tenant_id, "on": on}
        found: dict[str, Any] | None = cursor.execute(_queries.find_figures, row).fetchone()
    return found
