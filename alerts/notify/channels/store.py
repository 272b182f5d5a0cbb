"""Runs the SQL of channels: one function a query."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row

from alerts.notify.model import Channel
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))

FILTERS: Final[Mapping[str, sql.SQL]] = {
    "key": sql.SQL("c.key = %(key)s"),
    "organisation_id": sql.SQL(
        "c.organisation_id IN (SELECT x.descendant_id FROM organisation_closure x"
        " WHERE x.ancestor_id = %(organisation_id)s)"
    ),
    "kind": sql.SQL("c.kind = %(kind)s"),
    "owner": sql.SQL("c.owner = %(owner)s"),
    "failing": sql.SQL("(c.failing_since IS NOT NULL) = %(failing)s"),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), c.name, c.owner))) > 0"
    ),
}
_AFTER: Final = sql.SQL("c.id < %(after)s")
_NEWEST_FIRST: Final = sql.SQL(" ORDER BY c.id DESC LIMIT %(limit)s")


def list_channels(
    conn: Connection[Any], filters: Mapping[str, Any], *, after: int | None, limit: int
) -> list[Channel]:
    """Live channels in sight, the newest first."""
    conditions = [FILTERS[name] for name in filters] + ([] if after is None else [_AFTER])
    asked = [sql.SQL(" AND ") + condition for condition in conditions]
    query = sql.Composed([sql.SQL(_queries.list_channels), *asked, _NEWEST_FIRST])
    with conn.cursor(row_factory=class_row(Channel)) as cursor:
        row = {**filters, "after": after, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


def find_channel(conn: Connection[Any], key: UUID) -> Channel | None:
    """The live channel in sight with this key."""
    return next(iter(list_channels(conn, {"key": key}, after=None, limit=1)), None)


def insert_channel(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write a new channel down."""
    conn.execute(_queries.insert_channel, row)


def update_channel(conn: Connection[Any], row: Mapping[str, Any]) -> bool:
    """Whether it was at that version."""
    return conn.execute(_queries.update_channel, row).fetchone() is not None


def retire_channel(conn: Connection[Any], channel_id: int, version: int, *, now: datetime) -> bool:
    """Retire it with its subscriptions; whether it was at that version."""
    row = {"id": channel_id, "version": version, "now": now}
    if conn.execute(_queries.retire_channel, row).fetchone() is None:
        return False
    conn.execute(_queries.retire_subscriptions, row)
    return True


def find_user_organisation(conn: Connection[Any], login: str) -> int | None:
    """The organisation a person is of; None: there is no such person in sight."""
    row = conn.execute(_queries.find_user_organisation, {"login": login}).fetchone()
    return None if row is None else int(row[0])
