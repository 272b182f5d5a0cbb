"""Runs the SQL of a sweep: one function a step. Its tables are temporary.

They begin empty, and statements are planned for what they hold (`prepare=False`). What is to be
told outlives the transaction, until the next sweep of the session.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row, dict_row, scalar_row, tuple_row
from psycopg.types.json import Jsonb

from alerts.model import Finding, Links, Subject
from alerts.obligations.model import Asked, Case, Decided, Due, NoLonger
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))

_LINKS: Final = (
    "vehicle_id", "lease_id", "bill_id", "customer_id", "contract_id", "work_order_id",
)  # fmt: skip


def ask(
    conn: Connection[Any],
    asked: Sequence[Asked],
    kinds: Collection[str],
    *,
    ahead_days: int = 0,
    now: datetime,
) -> None:
    """Begin a sweep by these rules, looking so many days further ahead than reminders do."""
    conn.execute(_queries.make_fit)
    conn.execute(_queries.make_sweep_asked)
    conn.execute(_queries.make_sweep_scopes)
    conn.execute(_queries.make_sweep_items)
    conn.execute(_queries.make_sweep_told)
    conn.execute(_queries.empty_sweep)
    rules = Jsonb([asdict(each) for each in asked])
    row = {"rules": rules, "kinds": list(kinds), "ahead_days": ahead_days, "now": now}
    conn.execute(_queries.ask, row, prepare=False)
    conn.execute(_queries.analyze_sweep_asked)
    if scoped := [asdict(each) for each in asked if each.scoped]:
        conn.execute(_queries.ask_scopes, {"rules": Jsonb(scoped)}, prepare=False)
        conn.execute(_queries.analyze_sweep_scopes)


def pick_due(conn: Connection[Any]) -> list[Case]:
    """Find which of it is to be told; the cases it falls into."""
    conn.execute(_queries.pick_due, prepare=False)
    conn.execute(_queries.analyze_sweep_told)
    with conn.cursor(row_factory=class_row(Case)) as cursor:
        return cursor.execute(_queries.list_cases, prepare=False).fetchall()


def assemble(
    conn: Connection[Any], decided: Sequence[Decided], *, after: int, now: datetime
) -> None:
    """Put down all that is to be told under the numbers after that one, for parts to be taken.

    What had those numbers goes.

    Raises:
        psycopg.DataError: it is due on a day that nobody could read again.
    """
    conn.execute(_queries.make_alert_findings)
    if after:
        conn.execute(_queries.delete_findings, {"after": after}, prepare=False)
    else:
        conn.execute(_queries.empty_alert_findings)
    if decided:
        given = Jsonb([asdict(each) for each in decided])
        row = {"decided": given, "after": after, "now": now}
        conn.execute(_queries.assemble, row, prepare=False)
        conn.execute(_queries.read_days, {"after": after}, prepare=False).fetchone()


def count_told(conn: Connection[Any]) -> list[tuple[str, str, int]]:
    """Kind, "raised", "again" or "reminded", and how many."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(_queries.count_told, prepare=False).fetchall()


def list_findings(conn: Connection[Any], *, first: int, last: int | None = None) -> list[Finding]:
    """What is to be told from that number on, up to the last or to that one."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = {"first": first, "last": last}
        return [_finding(each) for each in cursor.execute(_queries.list_findings, row)]


def _finding(row: dict[str, Any]) -> Finding:
    subject = Subject(row.pop("subject_kind"), row.pop("subject_id"), row.pop("subject_key"))
    links = Links(**{name: row.pop(name) for name in _LINKS})
    keys = tuple(row.pop("fire_keys"))
    return Finding(subject=subject, links=links, fire_keys=keys, **row)


def find_gone(conn: Connection[Any], kinds: Collection[str]) -> list[NoLonger]:
    """Alerts of these kinds of which nothing was gathered."""
    with conn.cursor(row_factory=class_row(NoLonger)) as cursor:
        return cursor.execute(_queries.find_gone, {"kinds": list(kinds)}, prepare=False).fetchall()


def list_items(conn: Connection[Any], *, limit: int) -> list[Due]:
    """All that was gathered, the first due first."""
    with conn.cursor(row_factory=class_row(Due)) as cursor:
        return cursor.execute(_queries.list_items, {"limit": limit}, prepare=False).fetchall()


def list_below(conn: Connection[Any], organisation_id: int) -> list[int]:
    """The organisation and those below it, as far as they are in sight."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.list_below, {"organisation_id": organisation_id}).fetchall()
