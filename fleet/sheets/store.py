"""Runs the SQL of imports: one function a query."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.sheets.imports import Claim, Import, RowFound, StoredRow
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def insert_import(conn: Connection[Any], row: dict[str, Any]) -> tuple[UUID, int]:
    """The key of the new import, and its tenant."""
    inserted = conn.execute(_queries.insert_import, row).fetchone()
    assert inserted is not None
    return inserted[0], inserted[1]


def next_import(conn: Connection[Any], *, now: datetime, until: datetime) -> Claim | None:
    """Take up the oldest import that waits, of whatever tenant; None when there is none."""
    with conn.cursor(row_factory=class_row(Claim)) as cursor:
        return cursor.execute(_queries.next_import, {"now": now, "until": until}).fetchone()


def count_waiting(conn: Connection[Any]) -> int:
    """How many imports in sight are not finished."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return int(cursor.execute(_queries.count_waiting).fetchone() or 0)


def find_import(conn: Connection[Any], key: UUID) -> Import | None:
    """The import with this key and who sent it, for whoever carries it out as them."""
    with conn.cursor(row_factory=class_row(Import)) as cursor:
        return cursor.execute(_queries.find_import, {"key": key}).fetchone()


def find_import_shown(conn: Connection[Any], key: UUID) -> Import | None:
    """The import with this key; who sent it, if they are in sight."""
    query = sql.SQL(_queries.list_imports) + sql.SQL(" WHERE i.key = %(key)s")
    with conn.cursor(row_factory=class_row(Import)) as cursor:
        return cursor.execute(query, {"key": key}).fetchone()


def list_imports(
    conn: Connection[Any],
    *,
    kind: str | None,
    state: str | None,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[Import]:
    """Imports in sight, the latest first; those after the place `after`."""
    given = {"kind": kind, "state": state, "after": after}
    wanted = [_IMPORT_FILTERS[name] for name, value in given.items() if value is not None]
    query: sql.Composable = sql.SQL(_queries.list_imports)
    if wanted:
        query += sql.SQL(" WHERE ") + sql.SQL(" AND ").join(wanted)
    query += sql.SQL(" ORDER BY i.created_at DESC, i.id DESC LIMIT %(limit)s")
    at, after_id = after or (None, None)
    row = {"kind": kind, "state": state, "after_at": at, "after_id": after_id, "limit": limit}
    with conn.cursor(row_factory=class_row(Import)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def list_rows(
    conn: Connection[Any], import_id: int, *, outcome: str | None, after: int, limit: int
) -> list[StoredRow]:
    """Rows of an import after row `after`, as the sheet counts them."""
    query: sql.Composable = sql.SQL(_queries.list_rows)
    if outcome is not None:
        query += sql.SQL(" AND outcome = %(outcome)s")
    query += sql.SQL(" ORDER BY row_no LIMIT %(limit)s")
    row = {"import_id": import_id, "outcome": outcome, "after": after, "limit": limit}
    with conn.cursor(row_factory=class_row(StoredRow)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def find_document(conn: Connection[Any], import_key: UUID) -> UUID | None:
    """The key of an import's file."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"import_key": str(import_key)}
        return cursor.execute(_queries.find_document, row).fetchone()


def lock_applying(conn: Connection[Any], *, tenant_id: int, kind: str) -> None:
    """Wait until no other import of the kind is being applied in the tenant."""
    conn.execute(_queries.lock_applying, {"tenant_id": tenant_id, "kind": kind})


def settle_session(conn: Connection[Any]) -> None:
    """Set the connection up for long sets of rows."""
    conn.execute(_queries.settle_session)


def list_rows_for_copy(
    conn: Connection[Any], import_id: int
) -> list[tuple[int, str, list[dict[str, Any]] | None]]:
    """(row, outcome, problems) of every row."""
    return conn.execute(_queries.list_rows_for_copy, {"import_id": import_id}).fetchall()


def save_rows(
    conn: Connection[Any], import_id: int, tenant_id: int, rows: Sequence[RowFound]
) -> None:
    """Keep what was found in some rows, in place of what was found before."""
    told = [
        {
            "row_no": each.row_no,
            "outcome": each.outcome,
            "key": each.key_text,
            "changes": each.changes,
            "problems": _problems_of(each),
        }
        for each in rows
    ]
    # One document: thousands of arrays' elements would each be quoted in Python.
    packed = Jsonb(told, dumps=msgspec.json.encode)
    row = {"import_id": import_id, "tenant_id": tenant_id, "rows": packed}
    conn.execute(_queries.save_rows, row)


def list_imports_naming(
    conn: Connection[Any], *, tenant_id: int, kind: str, keys: Sequence[str]
) -> list[tuple[int, UUID]]:
    """(id, key) of imports in sight that have a row known by one of these."""
    row = {"tenant_id": tenant_id, "kind": kind, "keys": list(keys)}
    return conn.execute(_queries.list_imports_naming, row).fetchall()


def empty_rows(
    conn: Connection[Any], import_ids: Sequence[int], *, keys: Sequence[str] | None = None
) -> int:
    """Keep of rows only how they came out; of all, or of those known by one of the keys."""
    row = {"import_ids": list(import_ids), "keys": None if keys is None else list(keys)}
    return conn.execute(_queries.empty_rows, row).rowcount


def mark_applying(conn: Connection[Any], import_id: int, *, version: int, mode: str) -> bool:
    """Have it applied; False if it is not at that version, checked, any more."""
    row = {"id": import_id, "version": version, "mode": mode}
    return conn.execute(_queries.mark_applying, row).rowcount == 1


def mark_held(conn: Connection[Any], claim: Claim, *, until: datetime) -> bool:
    """The worker has it until then; False if it is not the worker's any more."""
    row = {"key": claim.key, "version": claim.version, "until": until}
    return conn.execute(_queries.mark_held, row).rowcount == 1


def mark_given_back(conn: Connection[Any], claim: Claim, *, attempts: int) -> None:
    """Let the next worker take it up; so many have tried."""
    row = {"key": claim.key, "version": claim.version, "attempts": attempts}
    conn.execute(_queries.mark_given_back, row)


def mark_progress(
    conn: Connection[Any], claim: Claim, *, rows_done: int, rows_total: int | None = None
) -> bool:
    """How far the worker is; False if the import is not the worker's any more."""
    row = {
        "key": claim.key,
        "version": claim.version,
        "rows_done": rows_done,
        "rows_total": rows_total,
    }
    return conn.execute(_queries.mark_progress, row).rowcount == 1


def mark_turned(
    conn: Connection[Any],
    claim: Claim,
    *,
    state: str,
    problem: dict[str, Any] | None = None,
    headers: dict[str, Any] | None = None,
    finished_at: datetime | None = None,
    **columns: Any,
) -> bool:
    """The worker's last word; False if the import is not the worker's any more.

    `columns`: sheet, rows_total, rows_done, rows_new, rows_changed, rows_same, rows_bad.
    """
    row = {
        **dict.fromkeys(_TOLD_AT_THE_END),
        **columns,
        "key": claim.key,
        "version": claim.version,
        "state": state,
        "problem": None if problem is None else Jsonb(problem),
        "headers": None if headers is None else Jsonb(headers),
        "finished_at": finished_at,
    }
    return conn.execute(_queries.mark_turned, row).rowcount == 1


def _problems_of(row: RowFound) -> list[dict[str, Any]] | None:
    """What is wrong with a row, and what is odd in it, as it is kept."""
    told = [
        {"field": each.field, "code": each.code, "en": each.en, "zh": each.zh, "warning": warning}
        for warning, problems in ((False, row.problems), (True, row.warnings))
        for each in problems
    ]
    return told or None


_IMPORT_FILTERS: Final = {
    "kind": sql.SQL("i.kind = %(kind)s"),
    "state": sql.SQL("i.state = %(state)s"),
    "after": sql.SQL("(i.created_at, i.id) < (%(after_at)s, %(after_id)s)"),
}
_TOLD_AT_THE_END: Final = (
    "sheet",
    "rows_total",
    "rows_done",
    "rows_new",
    "rows_changed",
    "rows_same",
    "rows_bad",
)
