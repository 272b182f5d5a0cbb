"""Runs the SQL of reminders: one function a query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


@dataclass(frozen=True, slots=True)
class Unsent:
    """A notice that was made and not sent."""

    id: int
    tenant_id: int
    organisation_id: int
    zone: str


def list_unsent(
    conn: Connection[Any],
    kinds: Sequence[str],
    *,
    since: datetime,
    email: bool,
    sms: bool,
    most: int,
) -> list[Unsent]:
    """Notices made since then whose customer can be reached in one of these ways."""
    row = {"kinds": list(kinds), "since": since, "email": email, "sms": sms, "most": most}
    with conn.cursor(row_factory=class_row(Unsent)) as cursor:
        return cursor.execute(_queries.list_unsent, row).fetchall()


def insert_items(conn: Connection[Any], rows: Sequence[Mapping[str, Any]], *, now: datetime) -> int:
    """Write down what is to be sent; how much of it is new."""
    given = {"rows": Jsonb([dict(each) for each in rows]), "now": now}
    return conn.execute(_queries.insert_items, given).rowcount
