"""Runs the SQL of sending: one function a query."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from alerts.notify.model import ChannelKind, MessagePurpose, Result
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this sender holds, with its attempt begun. Targets are sealed."""

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    kind: ChannelKind
    purpose: MessagePurpose
    subject: str
    body: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime
    channel_id: int | None
    recipient_sealed: bytes | None
    channel_key: UUID | None
    target_sealed: bytes | None
    notice_no: str | None


@dataclass(frozen=True, slots=True)
class Heard:
    """When one of those whom a message tells of something wants to hear it."""

    zone: str
    quiet_from: time | None
    quiet_until: time | None
    critical_anyway: bool
    critical: bool
    """Whether what is told is."""


def give_up(conn: Connection[Any], *, now: datetime, most: int) -> int:
    """Give up what is of no use any more, or was begun so many times without an end; how many."""
    return conn.execute(_queries.give_up, {"now": now, "most": most}).rowcount


def claim(
    conn: Connection[Any],
    *,
    holder: str,
    now: datetime,
    until: datetime,
    most: int,
    hours: tuple[time, time],
) -> list[Claimed]:
    """Messages that this sender holds until then; customers' only within these hours."""
    row = {"holder": holder, "now": now, "until": until, "most": most}
    row |= {"from_time": hours[0], "until_time": hours[1]}
    with conn.cursor(row_factory=class_row(Claimed)) as cursor:
        return cursor.execute(_queries.claim, row).fetchall()


def end_attempt(
    conn: Connection[Any], message_id: int, no: int, result: Result, detail: str, *, now: datetime
) -> None:
    """Write down how an attempt ended."""
    row = {"id": message_id, "no": no, "result": result, "detail": detail or None, "now": now}
    conn.execute(_queries.end_attempt, row)


def mark_sent(conn: Connection[Any], message_id: int, *, now: datetime) -> bool:
    """Whether it was not noted as sent before."""
    row = {"id": message_id, "now": now}
    return conn.execute(_queries.mark_sent, row).fetchone() is not None


def mark_failed(
    conn: Connection[Any], message_id: int, no: int, detail: str, *, again_at: datetime | None
) -> bool:
    """Whether this attempt was the message's last word; again at that time, or never."""
    row = {"id": message_id, "no": no, "detail": detail or None, "again_at": again_at}
    return conn.execute(_queries.mark_failed, row).fetchone() is not None


def list_retries(conn: Connection[Any], *, now: datetime, most: int) -> list[tuple[int, datetime]]:
    """Messages to channels that were tried and are due again, locked, and since when they are."""
    return conn.execute(_queries.list_retries, {"now": now, "most": most}).fetchall()


def put_off(conn: Connection[Any], message_id: int, *, until: datetime) -> None:
    """Try a message again then, and not before."""
    conn.execute(_queries.put_off, {"id": message_id, "until": until})


def list_hours(conn: Connection[Any], message_id: int) -> list[Heard]:
    """The hours of all whom a message tells of something; none: it tells of nothing."""
    with conn.cursor(row_factory=class_row(Heard)) as cursor:
        return cursor.execute(_queries.list_hours, {"id": message_id}).fetchall()


def mark_channel(conn: Connection[Any], channel_id: int, *, works: bool, now: datetime) -> None:
    """Note whether a channel works."""
    conn.execute(_queries.mark_channel, {"id": channel_id, "works": works, "now": now})


def count_waiting(conn: Connection[Any]) -> int:
    """Messages that are not sent and not given up."""
    row = conn.execute(_queries.count_waiting).fetchone()
    return 0 if row is None else int(row[0])
