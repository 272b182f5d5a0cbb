"""Runs the SQL of what happened to alerts."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from alerts.inbox.history.model import Happened
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
AT_ONCE: Final = 20_000
"""Rows written by one statement."""


def insert_events(conn: Connection[Any], rows: Sequence[Happened], *, at: datetime) -> None:
    """Write down what happened, in the order given."""
    for begin in range(0, len(rows), AT_ONCE):
        chunk = [asdict(each) for each in rows[begin : begin + AT_ONCE]]
        given = Jsonb(chunk, dumps=msgspec.json.encode)
        conn.execute(_queries.insert_events, {"rows": given, "at": at})
