"""Runs the SQL of a vehicle as a whole."""

from pathlib import Path
from typing import Any

from psycopg import Connection

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def count_documents(conn: Connection[Any], vehicle_id: int) -> dict[str, int]:
    """Files of a vehicle by kind, without those withdrawn."""
    row = {"vehicle_id": vehicle_id}
    return dict(conn.execute(_queries.count_documents, row).fetchall())
