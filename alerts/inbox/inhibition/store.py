"""Runs the SQL of inhibition."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from alerts.model import Severity
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


@dataclass(frozen=True, slots=True)
class Explained:
    """An alert and the one that explains it."""

    id: int
    tenant_id: int
    organisation_id: int
    inhibitor_id: int
    inhibitor_no: str


@dataclass(frozen=True, slots=True)
class Released:
    """An alert whose inhibitor is resolved; `inhibitor_id` explains it as well."""

    id: int
    tenant_id: int
    organisation_id: int
    alert_no: str
    kind: str
    rule_code: str
    severity: Severity
    snoozed_until: datetime | None
    version: int
    released_by: str
    inhibitor_id: int | None


def list_explained(
    conn: Connection[Any],
    pairs: Sequence[dict[str, str]],
    ids: Sequence[int],
    vehicle_ids: Sequence[int],
) -> list[Explained]:
    """Of these alerts, and those of the vehicles nobody was told of, what is explained, locked."""
    row = {"pairs": Jsonb(list(pairs)), "ids": list(ids), "vehicle_ids": list(vehicle_ids)}
    with conn.cursor(row_factory=class_row(Explained)) as cursor:
        return cursor.execute(_queries.list_explained, row).fetchall()


def list_released(
    conn: Connection[Any], pairs: Sequence[dict[str, str]], inhibitor_ids: Sequence[int] | None
) -> list[Released]:
    """What these no longer explain, or any that is resolved; locked."""
    row = {
        "pairs": Jsonb(list(pairs)),
        "inhibitor_ids": None if inhibitor_ids is None else list(inhibitor_ids),
    }
    with conn.cursor(row_factory=class_row(Released)) as cursor:
        return cursor.execute(_queries.list_released, row).fetchall()


def mark_inhibited(conn: Connection[Any], rows: Iterable[tuple[int, int | None]]) -> None:
    """What explains each of these alerts now."""
    given = [{"id": alert_id, "inhibitor_id": inhibitor} for alert_id, inhibitor in rows]
    conn.execute(_queries.mark_inhibited, {"rows": Jsonb(given)})
