"""Runs the SQL of silences."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import dict_row

from alerts.inbox.silences.model import Silence, matching_of
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))
FILTERS: Final[Mapping[str, sql.SQL]] = {
    "key": sql.SQL("s.key = %(key)s"),
    "over": sql.SQL("(upper(s.silent_period) <= %(now)s) = %(over)s"),
    "organisation": sql.SQL(
        "s.organisation_id IN (SELECT c.descendant_id FROM organisation_closure c"
        " JOIN organisations a ON a.id = c.ancestor_id WHERE a.code = %(organisation)s)"
    ),
}
_AFTER: Final = sql.SQL("s.id < %(after)s")
_LAST_FIRST: Final = sql.SQL(" ORDER BY s.id DESC LIMIT %(limit)s")


def list_silences(
    conn: Connection[Any], filters: Mapping[str, Any], *, after: int | None = None, limit: int
) -> list[Silence]:
    """Silences in sight, the last made first. `over` needs `now` beside it."""
    conditions = [FILTERS[name] for name in filters if name != "now"]
    if after is not None:
        conditions.append(_AFTER)
    query = sql.Composed([sql.SQL(_queries.list_silences), where(conditions), _LAST_FIRST])
    row = {**filters, "after": after, "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(query, row, prepare=False).fetchall()
    return [Silence(**each | {"matching": matching_of(each["matching"])}) for each in found]


def list_codes_below(conn: Connection[Any], organisation_id: int, codes: Sequence[str]) -> set[str]:
    """Of these codes those of rules set by the organisation or below it."""
    row = {"organisation_id": organisation_id, "codes": list(codes)}
    return {code for (code,) in conn.execute(_queries.list_codes_below, row)}


def list_known_vins(conn: Connection[Any], vins: Sequence[str]) -> set[str]:
    """Of these VINs those of vehicles in sight."""
    return {vin for (vin,) in conn.execute(_queries.list_known_vins, {"vins": list(vins)})}


def insert_silence(conn: Connection[Any], row: Mapping[str, Any]) -> UUID:
    """Write a silence; its key."""
    found = conn.execute(_queries.insert_silence, row).fetchone()
    assert found is not None
    key: UUID = found[0]
    return key


def lock_silence(conn: Connection[Any], key: UUID) -> None:
    """Keep others from ending it until the commit."""
    conn.execute(_queries.lock_silence, {"key": key})


def mark_ended(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """It is over."""
    conn.execute(_queries.mark_ended, row)
