"""Runs the SQL of the live feed."""

from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import args_row

from fleet.live.model import Change, LiveState
from fleet.live.snapshots import Position, Window, parse_position
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def get_position(conn: Connection[Any]) -> Position:
    """The moment the transaction sees."""
    found = conn.execute(_queries.find_position).fetchone()
    assert found is not None
    snapshot, lineage = found
    return parse_position(f"{lineage}:{snapshot}")


def list_changed(
    conn: Connection[Any], window: Window, organisation_ids: Collection[int]
) -> list[Change]:
    """The states in the window that any of the organisations may see."""
    row = {**asdict(window), "organisation_ids": list(organisation_ids)}
    with conn.cursor(row_factory=args_row(_change)) as cursor:
        return cursor.execute(_queries.list_changed, row).fetchall()


def _change(changed_in: int, seen_by: list[int], *state: Any) -> Change:
    return Change(changed_in, seen_by, LiveState(*state))
