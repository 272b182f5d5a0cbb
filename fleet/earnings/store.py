"""Runs the SQL of earnings. Each question is planned anew: what is asked for decides the plan."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, LiteralString, get_args

from psycopg import Connection
from psycopg.rows import class_row

from fleet.earnings.model import BY_DAY, EARNING, Earned, Group
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))

CHECKS: Final[tuple[tuple[str, LiteralString], ...]] = (
    ("earned_lines", _queries.find_earned_off),
    ("earned_parts", _queries.find_earned_parts_off),
)
"""What is looked at, by name."""


def list_earned(
    conn: Connection[Any],
    by: Sequence[Group],
    *,
    scope: Sequence[int],
    from_on: date,
    until_on: date,
    known_at: datetime,
    vehicle_ids: Sequence[int] | None,
) -> list[Earned]:
    """What was earned in [from_on, until_on), by group."""
    row = _row(scope, from_on, until_on, known_at)
    row |= {f"by_{group}": group in by for group in get_args(Group)}
    row["vehicle_ids"] = None if vehicle_ids is None else list(vehicle_ids)
    with conn.cursor(row_factory=class_row(Earned)) as cursor:
        return cursor.execute(_queries.earned, row, prepare=False).fetchall()


def list_received(
    conn: Connection[Any],
    *,
    scope: Sequence[int],
    from_on: date,
    until_on: date,
    known_at: datetime,
) -> dict[int, int]:
    """Fen received net of VAT in [from_on, until_on), by vehicle."""
    row = _row(scope, from_on, until_on, known_at) | {"kinds": list(EARNING)}
    return dict(conn.execute(_queries.received, row, prepare=False).fetchall())


def list_off(
    conn: Connection[Any], query: LiteralString, *, limit: int
) -> list[tuple[str, int, int]]:
    """Of what, what is kept, and what follows, in fen (of parts: how many are off, of how many)."""
    row = {"earning": list(EARNING), "by_day": list(BY_DAY), "limit": limit}
    return conn.execute(query, row, prepare=False).fetchall()


def _row(scope: Sequence[int], from_on: date, until_on: date, known_at: datetime) -> dict[str, Any]:
    return {
        "scope": list(scope),
        "from_on": from_on,
        "until_on": until_on,
        "known_at": known_at,
    }
