"""Runs the SQL of retention, as the owner of the tables: one function a query."""

from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def delete_messages(conn: Connection[Any], *, before: datetime, most: int) -> int:
    """Messages written before, with their attempts and items; how many."""
    return conn.execute(_queries.delete_messages, {"before": before, "most": most}).rowcount


def delete_dropped(conn: Connection[Any], *, before: datetime, most: int) -> int:
    """Items that were dropped, from before; how many."""
    return conn.execute(_queries.delete_dropped, {"before": before, "most": most}).rowcount


def delete_alerts(conn: Connection[Any], *, before: datetime, most: int) -> int:
    """Alerts resolved before, with their fires and events; how many."""
    return conn.execute(_queries.delete_alerts, {"before": before, "most": most}).rowcount
