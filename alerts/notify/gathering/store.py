"""Runs the SQL of gathering: one function a query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from alerts.model import Severity
from alerts.notify.gathering.silences import Standing
from alerts.notify.templates.facts import Language
from alerts.notify.templates.texts import Line
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A channel something waits for. `room`: messages it may still be sent this hour."""

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    kind: str
    target_hint: str
    live: bool
    room: int


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to tell one channel, as its alert stands now."""

    id: int
    channel_id: int
    purpose: str
    digest: str
    language: Language
    unsubscribed: bool
    forbidden: bool
    organisation_id: int
    alert_no: str
    kind: str
    rule_code: str
    rule_name: str | None
    severity: Severity
    state: str
    historical: bool
    inhibited: bool
    snoozed_until: datetime | None
    subject_kind: str
    subject_key: str
    vin: str | None
    plate: str | None
    lease_no: str | None
    customer_no: str | None
    customer_name: str | None
    organisation_code: str
    organisation_name: str
    zone: str
    raised_at: datetime
    due_on: date | None
    facts: dict[str, Any]

    @property
    def standing(self) -> Standing:
        """What decides whether it is told."""
        return Standing(
            self.rule_code, self.kind, self.severity, self.vin, self.state, self.historical,
            self.inhibited, self.snoozed_until,
        )  # fmt: skip

    @property
    def line(self) -> Line:
        """What is told of it."""
        return Line(
            self.alert_no, self.kind, self.rule_code, self.rule_name, self.severity, self.purpose,
            self.state, self.subject_kind, self.subject_key, self.vin, self.plate, self.lease_no,
            self.customer_no, self.customer_name, self.organisation_code, self.organisation_name,
            self.zone, self.raised_at, self.due_on, self.facts,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reminder:
    """A notice for a customer whose hour has come."""

    id: int
    tenant_id: int
    organisation_id: int
    notice_no: str
    kind: str
    state: str
    content: dict[str, Any]
    settled: bool
    erased: bool
    phone: str | None
    email: str | None


def take_channels(
    conn: Connection[Any], *, long_enough: datetime, hour_ago: datetime, most: int
) -> list[Waiting]:
    """Channels that something has waited for since `long_enough`, and may be told; locked."""
    row = {"long_enough": long_enough, "hour_ago": hour_ago, "most": most}
    with conn.cursor(row_factory=class_row(Waiting)) as cursor:
        return cursor.execute(_queries.take_channels, row).fetchall()


def list_items(
    conn: Connection[Any],
    channels: Sequence[int],
    roles: Mapping[str, Sequence[str]],
    *,
    now: datetime,
    most: int,
) -> list[Item]:
    """What has come for these channels; so many of each at most. `roles`: who may see a kind."""
    kinds = [{"kind": kind, "roles": list(allowed)} for kind, allowed in roles.items()]
    with conn.cursor(row_factory=class_row(Item)) as cursor:
        row = {"channels": list(channels), "kinds": Jsonb(kinds), "now": now, "most": most}
        return cursor.execute(_queries.list_items, row).fetchall()


def list_silences(
    conn: Connection[Any], organisations: Sequence[int], *, now: datetime
) -> dict[int, list[dict[str, Any]]]:
    """By organisation: what is silenced now."""
    row = {"organisations": list(organisations), "now": now}
    found: dict[int, list[dict[str, Any]]] = {}
    for organisation_id, matching in conn.execute(_queries.list_silences, row):
        found.setdefault(organisation_id, []).append(matching)
    return found


def list_reminders(conn: Connection[Any], *, now: datetime, most: int) -> list[Reminder]:
    """Notices for customers whose hour has come, locked."""
    with conn.cursor(row_factory=class_row(Reminder)) as cursor:
        row = {"now": now, "most": most}
        return cursor.execute(_queries.list_reminders, row).fetchall()


def insert_messages(
    conn: Connection[Any], rows: Sequence[Mapping[str, Any]], *, now: datetime
) -> None:
    """Write messages down."""
    given = {"rows": Jsonb([dict(each) for each in rows]), "now": now}
    conn.execute(_queries.insert_messages, given)


def mark_gathered(conn: Connection[Any], keys: Mapping[int, UUID]) -> None:
    """By item: the key of the message it went into."""
    rows = [{"id": item, "key": str(key)} for item, key in keys.items()]
    conn.execute(_queries.mark_gathered, {"rows": Jsonb(rows)})


def mark_dropped(conn: Connection[Any], reasons: Mapping[int, str]) -> None:
    """By item: why it is not told after all."""
    rows = [{"id": item, "reason": reason} for item, reason in reasons.items()]
    conn.execute(_queries.mark_dropped, {"rows": Jsonb(rows)})
