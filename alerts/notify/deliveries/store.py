"""Runs the SQL of deliveries: one function a query."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from psycopg import Connection, sql
from psycopg.rows import class_row

from alerts.notify.model import Attempt, Message
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))

FILTERS: Final[Mapping[str, sql.SQL]] = {
    "key": sql.SQL("m.key = %(key)s"),
    "organisation_id": sql.SQL(
        "m.organisation_id IN (SELECT x.descendant_id FROM organisation_closure x"
        " WHERE x.ancestor_id = %(organisation_id)s)"
    ),
    "state": sql.SQL("m.state = %(state)s"),
    "purpose": sql.SQL("m.purpose = %(purpose)s"),
    "kind": sql.SQL("m.kind = %(kind)s"),
    "channel": sql.SQL("c.key = %(channel)s"),
    "owner": sql.SQL("c.owner = %(owner)s"),
    "alert": sql.SQL(
        "m.id IN (SELECT i.message_id FROM notification_items i JOIN alerts a ON a.id = i.alert_id"
        " WHERE a.alert_no = %(alert)s)"
    ),
    "from_at": sql.SQL("m.created_at >= %(from_at)s"),
    "until_at": sql.SQL("m.created_at < %(until_at)s"),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), m.subject, c.name))) > 0"
    ),
}
_AFTER: Final = sql.SQL("(m.created_at, m.id) < (%(after_at)s, %(after_id)s)")
_NEWEST_FIRST: Final = sql.SQL(" ORDER BY m.created_at DESC, m.id DESC LIMIT %(limit)s")


def list_messages(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    kinds: Sequence[str],
    reminders: bool,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[Message]:
    """Messages in sight that tell only of these kinds, the newest first."""
    conditions = [FILTERS[name] for name in filters] + ([] if after is None else [_AFTER])
    asked = [sql.SQL(" AND ") + condition for condition in conditions]
    query = sql.Composed([sql.SQL(_queries.list_messages), *asked, _NEWEST_FIRST])
    place = dict(zip(("after_at", "after_id"), after or (), strict=False))
    row = {**filters, **place, "kinds": list(kinds), "reminders": reminders, "limit": limit}
    with conn.cursor(row_factory=class_row(Message)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def list_attempts(conn: Connection[Any], messages: Sequence[int]) -> dict[int, list[Attempt]]:
    """By message: the attempts to send it."""
    found: dict[int, list[Attempt]] = {}
    for message_id, *attempt in conn.execute(_queries.list_attempts, {"messages": list(messages)}):
        found.setdefault(message_id, []).append(Attempt(*attempt))
    return found


def list_alert_nos(conn: Connection[Any], messages: Sequence[int]) -> dict[int, list[str]]:
    """By message: the alerts it tells of."""
    found: dict[int, list[str]] = {}
    for message_id, number in conn.execute(_queries.list_alert_nos, {"messages": list(messages)}):
        found.setdefault(message_id, []).append(number)
    return found


def mark_waiting(conn: Connection[Any], message_id: int, *, now: datetime) -> bool:
    """Whether it had been given up, and waits again."""
    row = {"id": message_id, "now": now}
    return conn.execute(_queries.mark_waiting, row).fetchone() is not None


def count_this_hour(conn: Connection[Any], channel_id: int, *, since: datetime) -> int:
    """How many messages a channel was given since then."""
    row = conn.execute(
        _queries.count_this_hour, {"channel_id": channel_id, "since": since}
    ).fetchone()
    return 0 if row is None else int(row[0])


def insert_test(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write a test message down."""
    conn.execute(_queries.insert_test, row)


def find_zone(conn: Connection[Any], organisation_id: int) -> str:
    """The clock of an organisation in sight."""
    row = conn.execute(_queries.find_zone, {"organisation_id": organisation_id}).fetchone()
    assert row is not None
    return str(row[0])
