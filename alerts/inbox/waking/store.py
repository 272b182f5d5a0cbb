"""Runs the SQL of waking."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from alerts.inbox.model import State
from alerts.model import Severity
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


@dataclass(frozen=True, slots=True)
class Sleeper:
    """An alert that was put off until now."""

    id: int
    tenant_id: int
    organisation_id: int
    alert_no: str
    kind: str
    rule_code: str
    severity: Severity
    state: State
    inhibited_by_id: int | None
    version: int


def list_snoozed_out(conn: Connection[Any], *, now: datetime) -> list[Sleeper]:
    """Alerts that were put off until now or before, locked."""
    with conn.cursor(row_factory=class_row(Sleeper)) as cursor:
        return cursor.execute(_queries.list_snoozed_out, {"now": now}).fetchall()


def mark_woken(conn: Connection[Any], ids: Iterable[int]) -> None:
    """These are put off no longer."""
    conn.execute(_queries.mark_woken, {"ids": list(ids)})
