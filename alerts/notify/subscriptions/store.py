"""Runs the SQL of subscriptions: one function a query."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row

from alerts.notify.model import Subscription
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))

FILTERS: Final[Mapping[str, sql.SQL]] = {
    "key": sql.SQL("s.key = %(key)s"),
    "organisation_id": sql.SQL(
        "s.organisation_id IN (SELECT x.descendant_id FROM organisation_closure x"
        " WHERE x.ancestor_id = %(organisation_id)s)"
    ),
    "channel": sql.SQL("c.key = %(channel)s"),
    "owner": sql.SQL("c.owner = %(owner)s"),
}
_AFTER: Final = sql.SQL("s.id < %(after)s")
_NEWEST_FIRST: Final = sql.SQL(" ORDER BY s.id DESC LIMIT %(limit)s")


def list_subscriptions(
    conn: Connection[Any], filters: Mapping[str, Any], *, after: int | None, limit: int
) -> list[Subscription]:
    """Live subscriptions in sight, the newest first."""
    conditions = [FILTERS[name] for name in filters] + ([] if after is None else [_AFTER])
    asked = [sql.SQL(" AND ") + condition for condition in conditions]
    query = sql.Composed([sql.SQL(_queries.list_subscriptions), *asked, _NEWEST_FIRST])
    with conn.cursor(row_factory=class_row(Subscription)) as cursor:
        row = {**filters, "after": after, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


def find_subscription(conn: Connection[Any], key: UUID) -> Subscription | None:
    """The live subscription in sight with this key."""
    return next(iter(list_subscriptions(conn, {"key": key}, after=None, limit=1)), None)


def insert_subscription(conn: Connection[Any], row: Mapping[str, Any]) -> UUID:
    """Write a new subscription down; its key."""
    found = conn.execute(_queries.insert_subscription, row).fetchone()
    assert found is not None
    return UUID(str(found[0]))


def update_subscription(conn: Connection[Any], row: Mapping[str, Any]) -> bool:
    """Whether it was at that version."""
    return conn.execute(_queries.update_subscription, row).fetchone() is not None


def retire_subscription(
    conn: Connection[Any], subscription_id: int, version: int, *, now: datetime
) -> bool:
    """Whether it was at that version."""
    row = {"id": subscription_id, "version": version, "now": now}
    return conn.execute(_queries.retire_subscription, row).fetchone() is not None
