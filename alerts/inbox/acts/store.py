"""Runs the SQL of acts on alerts."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from alerts.inbox.acts.model import Held
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def lock_alerts(
    conn: Connection[Any], alert_nos: Sequence[str], kinds: Iterable[str]
) -> list[Held]:
    """The alerts in sight with these numbers, of these kinds, locked."""
    row = {"alert_nos": list(alert_nos), "kinds": sorted(kinds)}
    with conn.cursor(row_factory=class_row(Held)) as cursor:
        return cursor.execute(_queries.lock_alerts, row).fetchall()


def update_alerts(conn: Connection[Any], changed: Sequence[Held]) -> None:
    """Write what people made of alerts."""
    rows = Jsonb([asdict(each) for each in changed], dumps=msgspec.json.encode)
    conn.execute(_queries.update_alerts, {"rows": rows})
