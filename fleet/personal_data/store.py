"""Runs the SQL of what is kept of a person beside the customer's card: one function a query."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from fleet.personal_data.model import Standing
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
OF_CUSTOMERS: Final = {
    "leases": _queries.list_leases,
    "hand_overs": _queries.list_hand_overs,
    "charges": _queries.list_charges,
    "violations": _queries.list_violations,
    "contracts": _queries.list_contracts,
    "quotes": _queries.list_quotes,
    "bills": _queries.list_bills,
    "payments": _queries.list_payments,
    "deposits": _queries.list_deposits,
    "notices": _queries.list_notices,
}
"""What is told of these customers, by what it is."""


def find_standing(conn: Connection[Any], ids: Sequence[int]) -> Standing:
    """What binds these customers still."""
    with conn.cursor(row_factory=class_row(Standing)) as cursor:
        found = cursor.execute(_queries.find_standing, {"ids": list(ids)}).fetchone()
    assert found is not None
    return found


def list_part(conn: Connection[Any], part: str, ids: Sequence[int]) -> list[dict[str, Any]]:
    """One of OF_CUSTOMERS."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(OF_CUSTOMERS[part], {"ids": list(ids)}).fetchall()


def list_files(
    conn: Connection[Any], customer_nos: Sequence[str], *, organisation_id: int
) -> list[dict[str, Any]]:
    """Their files that are not withdrawn."""
    row = {"nos": list(customer_nos), "organisation_id": organisation_id}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.list_files, row).fetchall()
