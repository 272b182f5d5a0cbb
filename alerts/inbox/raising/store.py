"""Runs the SQL of raising: one function a query, sets in and sets out."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import Connection
from psycopg.rows import class_row, dict_row, scalar_row
from psycopg.types.json import Jsonb

from alerts.inbox.model import Told
from alerts.inbox.raising.folding import Key
from alerts.inbox.raising.matter import Matter
from alerts.model import Links, Subject
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
AT_ONCE: Final = 20_000
"""Rows read or written by one statement."""
_KEY: Final = ("organisation_id", "rule_code", "subject_kind", "subject_id")


@dataclass(frozen=True, slots=True)
class Organisation:
    """Whose days they are, and the escalation that reaches it."""

    id: int
    time_zone: str
    steps: list[dict[str, Any]] | None


def lock_source(conn: Connection[Any], source: str) -> None:
    """Apply what rules of this source find, one transaction at a time."""
    conn.execute(_queries.make_fit)
    conn.execute(_queries.lock_source, {"source": source})


def list_fires(
    conn: Connection[Any], wanted: Iterable[tuple[Key, str, str | None]]
) -> list[tuple[Key, str, int]]:
    """Of these fires those that are recorded, and the alerts they belong to.

    A reminder is given with its occurrence: it may have been noted with a later one.
    """
    rows = [
        {**_key_row(key), "fire_key": fire_key, "occurrence": occurrence}
        for key, fire_key, occurrence in wanted
    ]
    reminders = [row for row in rows if row["occurrence"] is not None]
    asked = [(_queries.list_fires, given) for given in _chunks(rows)]
    asked += [(_queries.list_missed, given) for given in _chunks(reminders)]
    found: dict[tuple[Key, str], int] = {}
    for query, given in asked:
        for *key, fire_key, alert_id in conn.execute(query, {"rows": given}):
            found.setdefault(((key[0], key[1], key[2], key[3]), fire_key), alert_id)
    return [(key, fire_key, alert_id) for (key, fire_key), alert_id in found.items()]


def lock_alerts(
    conn: Connection[Any],
    wanted: Iterable[tuple[Key, Sequence[str], datetime | None]],
    ids: Iterable[int],
) -> list[Matter]:
    """Lock the alerts of these rules and subjects that can matter, and these, in their order."""
    rows = [
        {**_key_row(key), "occurrences": list(occurrences), "since": since}
        for key, occurrences, since in wanted
    ]
    given = {"rows": _packed(rows), "ids": sorted(set(ids))}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_matter(row) for row in cursor.execute(_queries.lock_alerts, given)]


def _matter(row: dict[str, Any]) -> Matter:
    subject = Subject(row.pop("subject_kind"), row.pop("subject_id"), row.pop("subject_key"))
    links = Links(**{name: row.pop(name) for name in _LINKS})
    return Matter(subject=subject, links=links, **row)


def list_organisations(conn: Connection[Any], ids: Iterable[int]) -> dict[int, Organisation]:
    """By id: whose alerts they are."""
    with conn.cursor(row_factory=class_row(Organisation)) as cursor:
        found = cursor.execute(_queries.list_organisations, {"ids": sorted(set(ids))})
        return {each.id: each for each in found}


def insert_alerts(
    conn: Connection[Any], matters: Sequence[Matter], *, now: datetime
) -> dict[str, int]:
    """Write new alerts; ids by number of those that were written."""
    written: dict[str, int] = {}
    for given in _chunks([_row(each) for each in matters]):
        for alert_id, alert_no in conn.execute(_queries.insert_alerts, {"rows": given, "now": now}):
            written[alert_no] = alert_id
    return written


def list_known(conn: Connection[Any], matters: Sequence[Matter]) -> set[tuple[Key, str]]:
    """Of new alerts those whose occurrence has one already."""
    rows = [{**_key_row(key_of(each)), "occurrence": each.occurrence} for each in matters]
    found = conn.execute(_queries.list_known, {"rows": _packed(rows)})
    return {((a, b, c, d), occurrence) for a, b, c, d, occurrence in found}


def update_alerts(conn: Connection[Any], matters: Sequence[Matter]) -> None:
    """Write what became of alerts; their rows are locked."""
    for given in _chunks([_row(each) for each in matters]):
        conn.execute(_queries.update_alerts, {"rows": given})


def insert_fires(conn: Connection[Any], matters: Sequence[Matter], *, now: datetime) -> None:
    """Write down the new fires of these alerts."""
    rows = [
        {
            "tenant_id": each.tenant_id,
            **_key_row(key_of(each)),
            "alert_id": each.id,
            "fire_key": fire.fire_key,
            "stage": fire.stage,
            "severity": fire.severity,
            "fired_at": fire.fired_at,
            "caught_up": fire.caught_up,
            "missed_keys": fire.missed_keys,
        }
        for each in matters
        for fire in each.new_fires
    ]
    for given in _chunks(rows):
        conn.execute(_queries.insert_fires, {"rows": given, "now": now})


def list_organisations_found(conn: Connection[Any], *, first: int, last: int) -> list[int]:
    """Whose the findings with these numbers are."""
    conn.execute(_queries.make_alert_findings)
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"first": first, "last": last}
        return cursor.execute(_queries.list_organisations_found, row).fetchall()


def raise_found(
    conn: Connection[Any],
    codes: Sequence[str],
    escalations: Sequence[Mapping[str, Any]],
    *,
    first: int,
    last: int,
    hearing: Collection[int] | None,
    now: datetime,
) -> tuple[int, list[Told]]:
    """Make alerts of the findings with these numbers: how many, and what is to be told of them.

    Told is of these organisations, `None`: of all.

    Raises:
        psycopg.errors.UniqueViolation: a number is taken.
    """
    row = {
        "codes": list(codes),
        "escalations": _packed(escalations),
        "first": first,
        "last": last,
        "hearing": None if hearing is None else list(hearing),
        "now": now,
    }
    found = conn.execute(_queries.raise_found, row).fetchall()
    told = [
        Told(tenant_id, organisation_id, alert_id, number, kind, rule, grave, "raised", occasion)
        for _, tenant_id, organisation_id, alert_id, number, kind, rule, grave, occasion in found
        if alert_id is not None
    ]
    return found[0][0], told


def key_of(matter: Matter) -> Key:
    """The rule and subject an alert is of."""
    return (
        matter.organisation_id,
        matter.rule_code,
        matter.subject.kind,
        matter.subject.id,
    )


def _key_row(key: Key) -> dict[str, Any]:
    return dict(zip(_KEY, key, strict=True))


_SAME: Final = (
    "id", "tenant_id", "organisation_id", "alert_no", "rule_code", "kind", "rule_version",
    "occurrence", "severity", "state", "facts", "due_on", "stage", "fires", "raised_at",
    "last_raised_at", "historical", "acknowledged_at", "acknowledged_by", "snoozed_until",
    "inhibited_by_id", "escalation", "escalate_at", "cleared_at", "resolved_at", "resolved_by",
    "resolution", "reopened",
)  # fmt: skip
_LINKS: Final = (
    "vehicle_id", "lease_id", "bill_id", "customer_id", "contract_id", "work_order_id",
)  # fmt: skip


def _row(matter: Matter) -> Mapping[str, Any]:
    subject = matter.subject
    row: dict[str, Any] = {name: getattr(matter, name) for name in _SAME}
    row |= {name: getattr(matter.links, name) for name in _LINKS}
    row |= {"subject_kind": subject.kind, "subject_id": subject.id, "subject_key": subject.key}
    return row


def _chunks(rows: Sequence[Mapping[str, Any]]) -> Iterator[Jsonb]:
    for begin in range(0, len(rows), AT_ONCE):
        yield _packed(rows[begin : begin + AT_ONCE])


def _packed(rows: Sequence[Mapping[str, Any]]) -> Jsonb:
    """As JSON: instants as text, what is no number as null."""
    return Jsonb(rows, dumps=msgspec.json.encode)


def refresh_statistics(conn: Connection[Any]) -> None:
    """Let the planner know how many alerts there are."""
    conn.execute(_queries.refresh_statistics)
