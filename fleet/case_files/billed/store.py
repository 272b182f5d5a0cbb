"""Runs the SQL of a lease's money, which reads what other slices wrote: rows as they are kept."""

from pathlib import Path
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import dict_row

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
Row = dict[str, Any]
OF_LEASE: Final = {
    "bills": _queries.list_bills,
    "bill_lines": _queries.list_bill_lines,
    "credit_notes": _queries.list_credit_notes,
    "payments": _queries.list_payments,
    "allocations": _queries.list_allocations,
    "deposit_movements": _queries.list_deposit_movements,
    "notices": _queries.list_notices,
}
"""What there is of the money of a lease."""


def list_of_lease(conn: Connection[Any], what: str, lease_id: int) -> list[Row]:
    """One of OF_LEASE."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(OF_LEASE[what], {"lease_id": lease_id}).fetchall()
