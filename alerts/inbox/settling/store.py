"""Runs the SQL of settling."""

from pathlib import Path
from typing import Any

from psycopg import Connection

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def find_work_order(conn: Connection[Any], number: str) -> int | None:
    """Id of the work order in sight with this number."""
    found = conn.execute(_queries.find_work_order, {"number": number}).fetchone()
    return None if found is None else int(found[0])
