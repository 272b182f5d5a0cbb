"""Runs the SQL of approvals: one function a query."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from fleet.leasing.refusals import ApprovalPending
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_approvals(conn: Connection[Any], lease_id: int) -> list[dict[str, Any]]:
    """What was asked for a lease and what was decided, the first first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.list_approvals, {"lease_id": lease_id}).fetchall()


def find_open_approval(
    conn: Connection[Any], lease_id: int, terms_sha256: bytes
) -> tuple[int, str] | None:
    """Id and who asked, of what was asked for these terms and is not decided."""
    row = {"lease_id": lease_id, "terms_sha256": terms_sha256}
    return conn.execute(_queries.find_open_approval, row).fetchone()


def insert_approval(
    conn: Connection[Any], row: Mapping[str, Any], reasons: Sequence[Mapping[str, Any]]
) -> None:
    """Somebody asks for an approval of the terms as they stand.

    Raises:
        ApprovalPending: these terms were asked for already, and not refused.
    """
    pending = ApprovalPending("these terms were asked for already")
    with naming({"lease_approvals_once_idx": pending}):
        conn.execute(_queries.insert_approval, {**row, "reasons": Jsonb(list(reasons))})


def mark_decided(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Somebody else decided."""
    conn.execute(_queries.mark_decided, row)
