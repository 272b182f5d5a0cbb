"""Runs the SQL of escalations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from alerts.model import Severity
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


@dataclass(frozen=True, slots=True)
class Reaching:
    """The escalation that reaches an organisation, and which one set it."""

    organisation_id: int
    organisation_code: str
    steps: list[dict[str, Any]]
    version: int


@dataclass(frozen=True, slots=True)
class Due:
    """An alert nobody acknowledged in time; locked."""

    id: int
    tenant_id: int
    organisation_id: int
    alert_no: str
    kind: str
    rule_code: str
    severity: Severity
    escalation: int
    escalate_at: datetime
    reopened: int
    steps: list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Resting:
    """An alert that nobody escalated for a while, with a step to come."""

    id: int
    severity: Severity
    escalation: int
    steps: list[dict[str, Any]] | None


def find_reaching(conn: Connection[Any], organisation_id: int) -> Reaching | None:
    """The escalation that reaches an organisation in sight."""
    with conn.cursor(row_factory=class_row(Reaching)) as cursor:
        row = {"organisation_id": organisation_id}
        return cursor.execute(_queries.find_reaching, row).fetchone()


def find_own(
    conn: Connection[Any], organisation_id: int
) -> tuple[list[dict[str, Any]], int, bool] | None:
    """Steps and version of what an organisation set itself, and if it gave them up; locked."""
    return conn.execute(_queries.find_own, {"organisation_id": organisation_id}).fetchone()


def insert_escalation(conn: Connection[Any], row: Mapping[str, Any]) -> bool:
    """The first one of an organisation; False if it has one meanwhile."""
    return conn.execute(_queries.insert_escalation, row).rowcount == 1


def update_escalation(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Another one in its place, or none of its own."""
    conn.execute(_queries.update_escalation, row)


def is_person(conn: Connection[Any], login: str) -> bool:
    """Whether somebody in sight has the log-in."""
    found = conn.execute(_queries.find_person, {"login": login}).fetchone()
    return found is not None and bool(found[0])


def list_in_sight(conn: Connection[Any], logins: Sequence[str]) -> frozenset[str]:
    """Those of these log-ins whose people are in sight."""
    if not logins:
        return frozenset()
    found = conn.execute(_queries.list_in_sight, {"logins": list(logins)}).fetchall()
    return frozenset(login for (login,) in found)


def list_due(conn: Connection[Any], *, now: datetime) -> list[Due]:
    """Alerts whose next step is due, locked."""
    with conn.cursor(row_factory=class_row(Due)) as cursor:
        return cursor.execute(_queries.list_due, {"now": now}).fetchall()


def list_resting(conn: Connection[Any], ids: Sequence[int]) -> list[Resting]:
    """Of these alerts those with a step to come."""
    with conn.cursor(row_factory=class_row(Resting)) as cursor:
        return cursor.execute(_queries.list_resting, {"ids": list(ids)}).fetchall()


def mark_moved_on(conn: Connection[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """When the next step is due."""
    conn.execute(_queries.mark_moved_on, {"rows": Jsonb(list(rows), dumps=msgspec.json.encode)})


def list_people(
    conn: Connection[Any], wanted: Sequence[Mapping[str, Any]]
) -> list[tuple[int, str, list[str]]]:
    """Place in what is wanted, log-in and roles of everybody meant."""
    row = {"rows": Jsonb([dict(each) for each in wanted])}
    return conn.execute(_queries.list_people, row).fetchall()


def mark_escalated(conn: Connection[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Steps done, and when the next is due."""
    conn.execute(_queries.mark_escalated, {"rows": Jsonb(list(rows), dumps=msgspec.json.encode)})
