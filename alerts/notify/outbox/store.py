"""Runs the SQL of the outbox: one function a query."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from alerts.notify.outbox.timing import Digest
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription that the telling at this place reaches."""

    place: int
    tenant_id: int
    organisation_id: int
    channel_id: int
    subscription_id: int
    zone: str
    quiet_from: time | None
    quiet_until: time | None
    digest: Digest
    digest_at: time
    critical_anyway: bool


@dataclass(frozen=True, slots=True)
class Named:
    """The own channel of somebody whom the telling at this place names."""

    place: int
    tenant_id: int
    organisation_id: int
    channel_id: int


@dataclass(frozen=True, slots=True)
class Left:
    """A telling that waits to be spread to channels."""

    id: int
    tenant_id: int
    organisation_id: int
    alert_id: int
    alert_no: str
    kind: str
    rule_code: str
    severity: str
    purpose: str
    dedup_key: str


def sees_all(conn: Connection[Any]) -> bool:
    """Whether this session sees every subscription."""
    row = conn.execute(_queries.sees_all).fetchone()
    return row is not None and bool(row[0])


def list_hearing(conn: Connection[Any]) -> list[int]:
    """The organisations that a live subscription reaches."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.list_hearing).fetchall()


def list_subscribed(
    conn: Connection[Any], tolds: Sequence[Mapping[str, Any]], roles: Mapping[str, list[str]]
) -> list[Subscribed]:
    """Which subscriptions in sight each telling reaches; `roles` by kind: who may see it."""
    with conn.cursor(row_factory=class_row(Subscribed)) as cursor:
        return cursor.execute(_queries.list_subscribed, _given(tolds, roles)).fetchall()


def list_named(
    conn: Connection[Any], tolds: Sequence[Mapping[str, Any]], roles: Mapping[str, list[str]]
) -> list[Named]:
    """The own channels of the people whom tellings name; `roles` by kind: who may see it."""
    with conn.cursor(row_factory=class_row(Named)) as cursor:
        return cursor.execute(_queries.list_named, _given(tolds, roles)).fetchall()


def _given(tolds: Sequence[Mapping[str, Any]], roles: Mapping[str, list[str]]) -> dict[str, Jsonb]:
    kinds = [{"kind": kind, "roles": allowed} for kind, allowed in roles.items()]
    return {"tolds": Jsonb(list(tolds)), "kinds": Jsonb(kinds)}


def insert_items(conn: Connection[Any], rows: Iterable[Mapping[str, Any]], *, now: datetime) -> int:
    """Write down what is to be told; how much of it is new."""
    given = {"rows": Jsonb([dict(each) for each in rows]), "now": now}
    return conn.execute(_queries.insert_items, given).rowcount


def take_left(conn: Connection[Any], *, most: int) -> list[Left]:
    """What waits to be spread, locked."""
    with conn.cursor(row_factory=class_row(Left)) as cursor:
        return cursor.execute(_queries.take_left, {"most": most}).fetchall()


def mark_spread(conn: Connection[Any], ids: Sequence[int]) -> None:
    """It stands in the outbox by channel now."""
    conn.execute(_queries.mark_spread, {"ids": list(ids)})
