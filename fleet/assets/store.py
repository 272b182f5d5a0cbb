"""Runs the SQL of a vehicle as a whole."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def count_documents(conn: Connection[Any], vehicle_id: int) -> dict[str, int]:
    """Files of a vehicle by kind, without those withdrawn."""
    row = {"vehicle_id": vehicle_id}
    return dict(conn.execute(_queries.count_documents, row).fetchall())


class Promises(NamedTuple):
    """Whether a lease in sight has it, or is promised it, and whether any lease does either."""

    vin: str
    held: bool
    promised: bool
    any_lease: bool


def list_promises(
    conn: Connection[Any], vins: Sequence[str], *, now: datetime
) -> dict[str, Promises]:
    """What leases have to do with these vehicles now and later, of those in sight."""
    row = {"vins": list(vins), "now": now}
    with conn.cursor(row_factory=class_row(Promises)) as cursor:
        return {each.vin: each for each in cursor.execute(_queries.list_promises, row)}
