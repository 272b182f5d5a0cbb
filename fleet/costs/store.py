"""Runs the SQL of costs: one function a query."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from fleet.costs.model import Cost, CostEntry
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def set_cost(conn: Connection[Any], row: dict[str, Any]) -> None:
    """Write a cost, in place of the same record's former one."""
    conn.execute(_queries.set_cost, row)


def set_costs(
    conn: Connection[Any],
    entries: Sequence[CostEntry],
    *,
    recorded_by: str,
    recorded_at: datetime,
) -> None:
    """Write many costs, each in place of the same record's former one."""
    rows = [{**asdict(entry), "incurred_on": entry.incurred_on.isoformat()} for entry in entries]
    about = {"recorded_by": recorded_by, "recorded_at": recorded_at}
    conn.execute(_queries.set_costs, {"rows": Jsonb(rows), **about})


def list_known_costs(
    conn: Connection[Any], subject_kind: str, subject_keys: Sequence[str]
) -> dict[str, int]:
    """Fen by the keys of the records."""
    row = {"subject_kind": subject_kind, "subject_keys": list(subject_keys)}
    return dict(conn.execute(_queries.list_known_costs, row).fetchall())


def list_costs(
    conn: Connection[Any],
    vehicle_id: int,
    *,
    from_on: date,
    until_on: date,
    after: tuple[date, int] | None,
    limit: int,
) -> list[Cost]:
    """What was spent on the vehicle in [from_on, until_on), the latest first; after (day, id)."""
    after_on, after_id = after or (None, None)
    row = {"vehicle_id": vehicle_id, "from_on": from_on, "until_on": until_on, "limit": limit}
    row |= {"after_on": after_on, "after_id": after_id}
    with conn.cursor(row_factory=class_row(Cost)) as cursor:
        return cursor.execute(_queries.list_costs, row).fetchall()


def sum_costs(
    conn: Connection[Any], vehicle_id: int, *, from_on: date, until_on: date
) -> dict[str, int]:
    """Fen by kind in [from_on, until_on)."""
    row = {"vehicle_id": vehicle_id, "from_on": from_on, "until_on": until_on}
    return dict(conn.execute(_queries.sum_costs, row).fetchall())
