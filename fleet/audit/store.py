"""Runs the SQL of the audit trail: one function a query."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row, scalar_row

from fleet.audit.model import AuditEntry, ChainEntry, ChainHead, ProvedEntry
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
_CHAIN_PAGE = 1_000


def has_entry_since(
    conn: Connection[Any], *, organisation_id: int, actor_name: str, action: str, since: datetime
) -> bool:
    """Whether this actor did this at or after `since`."""
    row = {
        "organisation_id": organisation_id,
        "actor_name": actor_name,
        "action": action,
        "since": since,
    }
    with conn.cursor(row_factory=scalar_row) as cursor:
        return bool(cursor.execute(_queries.has_entry_since, row).fetchone())


def list_entries(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, str, int] | None,
    limit: int,
) -> list[AuditEntry]:
    """Entries newest first. `filters` are of FILTERS; `after` is (at, organisation, no)."""
    wanted = [FILTERS[name] for name in filters]
    if after is not None:
        wanted.append(_AFTER)
    query: sql.Composable = sql.SQL(_queries.list_entries)
    if wanted:
        query += sql.SQL(" WHERE ") + sql.SQL(" AND ").join(wanted)
    query += _NEWEST_FIRST
    place = dict(zip(("after_at", "after_code", "after_no"), after or (), strict=False))
    with conn.cursor(row_factory=class_row(AuditEntry)) as cursor:
        return cursor.execute(query, {**filters, **place, "limit": limit}).fetchall()


def iter_entries_about(
    conn: Connection[Any], objects: Sequence[tuple[str, str]]
) -> Iterator[ProvedEntry]:
    """Entries about these objects, (kind, key), in the order of time, without holding them all."""
    row = {"kinds": [kind for kind, _ in objects], "keys": [key for _, key in objects]}
    with conn.cursor(name="audit_entries_about", row_factory=dict_row) as cursor:
        cursor.itersize = _CHAIN_PAGE
        for found in cursor.execute(_queries.list_entries_about, row):
            proof = {name: found.pop(name) for name in ("fields", "previous_digest", "digest")}
            yield ProvedEntry(AuditEntry(**found), **proof)


def iter_chain(conn: Connection[Any]) -> Iterator[ChainEntry]:
    """Every entry, chain by chain, without holding them all."""
    with conn.cursor(name="audit_chain", row_factory=class_row(ChainEntry)) as cursor:
        cursor.itersize = _CHAIN_PAGE
        yield from cursor.execute(_queries.list_chain)


def list_heads(conn: Connection[Any]) -> list[ChainHead]:
    """The end of each chain, as the database knows it."""
    with conn.cursor(row_factory=class_row(ChainHead)) as cursor:
        return cursor.execute(_queries.list_heads).fetchall()


FILTERS = {
    "actor": sql.SQL("e.actor_name = %(actor)s"),
    "action": sql.SQL("e.action = %(action)s"),
    "object_kind": sql.SQL("e.object_kind = %(object_kind)s"),
    "object_key": sql.SQL("e.object_key = %(object_key)s"),
    "organisation": sql.SQL("o.code = %(organisation)s"),
    "from_at": sql.SQL("e.at >= %(from_at)s"),
    "until_at": sql.SQL("e.at < %(until_at)s"),
}
_AFTER = sql.SQL("(e.at, o.code, e.no) < (%(after_at)s, %(after_code)s, %(after_no)s)")
_NEWEST_FIRST = sql.SQL(" ORDER BY e.at DESC, o.code DESC, e.no DESC LIMIT %(limit)s")
