"""Runs the SQL of consents, and of what is kept of a person and erased: one function a query."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, dict_row, scalar_row

from fleet.customers.privacy.model import Consent, ConsentKind, Party
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
ERASED: Final = "已删除"
"""Stands where a text may not be empty."""


def find_party(conn: Connection[Any], customer_no: str) -> Party | None:
    """Who this number stands for, if it is in sight."""
    with conn.cursor(row_factory=class_row(Party)) as cursor:
        return cursor.execute(_queries.find_party, {"customer_no": customer_no}).fetchone()


def lock_customers(conn: Connection[Any], ids: Sequence[int]) -> None:
    """Keep others from changing them until the commit."""
    conn.execute(_queries.lock_customers, {"ids": list(ids)})


def insert_consent(conn: Connection[Any], row: Mapping[str, Any]) -> UUID:
    """The key of the new consent."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        key: UUID | None = cursor.execute(_queries.insert_consent, row).fetchone()
    assert key is not None
    return key


def list_consents(conn: Connection[Any], ids: Sequence[int]) -> list[Consent]:
    """What these customers agreed to, the latest first."""
    with conn.cursor(row_factory=class_row(Consent)) as cursor:
        return cursor.execute(_queries.list_consents, {"ids": list(ids)}).fetchall()


def find_consent_in_force(
    conn: Connection[Any], *, customer_id: int, kind: ConsentKind, at: datetime
) -> Consent | None:
    """The latest that counts at that instant."""
    row = {"customer_id": customer_id, "kind": kind, "at": at}
    with conn.cursor(row_factory=class_row(Consent)) as cursor:
        return cursor.execute(_queries.find_consent_in_force, row).fetchone()


def mark_consent_withdrawn(
    conn: Connection[Any], key: UUID, *, withdrawn_at: datetime, note: str | None
) -> bool:
    """Withdraw it; False where it was before."""
    row = {"key": key, "withdrawn_at": withdrawn_at, "note": note}
    return conn.execute(_queries.mark_consent_withdrawn, row).rowcount == 1


def list_accounts(conn: Connection[Any], ids: Sequence[int]) -> list[dict[str, Any]]:
    """Their bank accounts, removed ones too."""
    return _rows(conn, _queries.list_accounts, ids)


def list_drivers(conn: Connection[Any], ids: Sequence[int]) -> list[dict[str, Any]]:
    """Their drivers, removed ones too."""
    return _rows(conn, _queries.list_drivers, ids)


def list_blacklistings(conn: Connection[Any], ids: Sequence[int]) -> list[dict[str, Any]]:
    """When and why they were proposed for the blacklist."""
    return _rows(conn, _queries.list_blacklistings, ids)


def erase(conn: Connection[Any], ids: Sequence[int], *, now: datetime) -> None:
    """Empty all that leads to the person."""
    row = {"ids": list(ids), "erased": ERASED, "now": now}
    for query in (
        _queries.erase_cards,
        _queries.erase_accounts,
        _queries.erase_drivers,
        _queries.erase_consents,
        _queries.erase_blacklistings,
    ):
        conn.execute(query, row)


def _rows(conn: Connection[Any], query: Any, ids: Sequence[int]) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, {"ids": list(ids)}).fetchall()
