"""Runs the SQL of papers: one function a query."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import scalar_row

from fleet.money_papers.model import Subject, SubjectKind
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def find_kept(conn: Connection[Any], subject: Subject) -> bytes | None:
    """The digest of the paper of it, where one was made."""
    row = {"tenant_id": subject.tenant_id, "kind": subject.kind, "number": subject.number}
    with conn.cursor(row_factory=scalar_row) as cursor:
        found: bytes | None = cursor.execute(_queries.find_kept, row).fetchone()
    return found


def get_tenant_of_settlement(conn: Connection[Any], key: UUID) -> int:
    """Whose tenant a settlement in sight is of."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        found: int | None = cursor.execute(
            _queries.get_tenant_of_settlement, {"key": key}
        ).fetchone()
    assert found is not None
    return found


def list_numbers_of_lease(conn: Connection[Any], lease_id: int) -> list[tuple[SubjectKind, str]]:
    """What there are papers of, of a lease: bills, credit notes, notices."""
    return conn.execute(_queries.list_numbers_of_lease, {"lease_id": lease_id}).fetchall()


def insert_paper(conn: Connection[Any], row: Mapping[str, Any]) -> bool:
    """Write down where a paper lies; False where somebody was first."""
    return conn.execute(_queries.insert_paper, row).rowcount == 1
