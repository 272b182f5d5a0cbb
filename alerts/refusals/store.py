"""Runs the SQL of refusals: one function a query."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from alerts.refusals.model import Refusal, RefusalRow, Source, without_nul
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def insert_refusals(conn: Connection[Any], refusals: Sequence[Refusal], *, now: datetime) -> None:
    """Keep them; of the same twice the last."""
    rows = {each.key: without_nul(asdict(each)) for each in refusals}
    conn.execute(_queries.insert_refusals, {"rows": Jsonb(list(rows.values())), "now": now})


def mark_settled(conn: Connection[Any], keys: Collection[str], *, now: datetime) -> int:
    """What is known by these stands open no longer; how many did."""
    given = {"keys": without_nul(list(keys)), "now": now}
    return conn.execute(_queries.mark_settled, given).rowcount


def settle_rules(
    conn: Connection[Any], source: Source, broken: Collection[str], *, now: datetime
) -> int:
    """All rules of a source but these can be judged; how many could not before."""
    given = {"source": source, "broken": list(broken), "now": now}
    return conn.execute(_queries.settle_rules, given).rowcount


def list_open(conn: Connection[Any], *, limit: int) -> list[RefusalRow]:
    """What is not settled, the last refused first."""
    with conn.cursor(row_factory=class_row(RefusalRow)) as cursor:
        return cursor.execute(_queries.list_open, {"limit": limit}).fetchall()


def count_open(conn: Connection[Any]) -> int:
    """How much is not settled."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return int(cursor.execute(_queries.count_open).fetchone() or 0)


def take_findings(conn: Connection[Any], *, since: datetime, most: int) -> list[RefusalRow]:
    """Findings of telemetry refused since, locked; those that waited longest first."""
    with conn.cursor(row_factory=class_row(RefusalRow)) as cursor:
        return cursor.execute(_queries.take_findings, {"since": since, "most": most}).fetchall()


def delete_old(conn: Connection[Any], *, before: datetime, most: int) -> int:
    """Delete the oldest of before; how many."""
    return conn.execute(_queries.delete_old, {"before": before, "most": most}).rowcount
