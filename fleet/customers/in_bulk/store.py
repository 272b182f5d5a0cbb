"""Runs the SQL of customers as rows of sheets: one function a query, many rows each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.customers.errors import CustomerExists, CustomerReferenceTaken
from fleet.customers.in_bulk.rows import Called
from fleet.customers.model import StoredAccount, StoredCustomer
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
_TAKEN: Final = {
    "customers_id_digest_idx": CustomerExists("a customer has one of these ID numbers already"),
    "customers_reference_idx": CustomerReferenceTaken("another customer has one of the references"),
}


def list_called(
    conn: Connection[Any], texts: Sequence[str], *, numbers: Mapping[str, bytes]
) -> list[Called]:
    """Customers that bear one of these texts; `numbers` are digests of texts as ID numbers."""
    row = {
        "texts": list(texts),
        "numbers": list(numbers),
        "digests": list(numbers.values()),
    }
    with conn.cursor(row_factory=class_row(Called)) as cursor:
        return cursor.execute(_queries.list_called, row).fetchall()


def list_known_cards(conn: Connection[Any], customer_nos: Sequence[str]) -> list[StoredCustomer]:
    """Cards in sight by their numbers; whether one is blacklisted is not told."""
    with conn.cursor(row_factory=class_row(StoredCustomer)) as cursor:
        row = {"customer_nos": list(customer_nos)}
        return cursor.execute(_queries.list_known_cards, row).fetchall()


def list_last_accounts(conn: Connection[Any], ids: Sequence[int]) -> list[StoredAccount]:
    """Of each customer the account that was added last."""
    with conn.cursor(row_factory=class_row(StoredAccount)) as cursor:
        return cursor.execute(_queries.list_last_accounts, {"ids": list(ids)}).fetchall()


def list_taken_numbers(conn: Connection[Any], numbers: Sequence[str]) -> set[str]:
    """Those of the numbers that customers in sight have."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"numbers": list(numbers)}
        return set(cursor.execute(_queries.list_taken_numbers, row).fetchall())


def list_customer_nos(conn: Connection[Any], organisation_code: str) -> list[str]:
    """Numbers of an organisation's customers."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"organisation_code": organisation_code}
        return cursor.execute(_queries.list_customer_nos, row).fetchall()


def write_cards(
    conn: Connection[Any], rows: Sequence[Mapping[str, Any]], *, by: str, now: datetime
) -> int:
    """Add and change cards; how many there are that were written."""
    row = {"rows": Jsonb([dict(each) for each in rows]), "by": by, "now": now}
    with naming(_TAKEN):
        added = conn.execute(_queries.insert_cards, row).rowcount
        return added + conn.execute(_queries.update_cards, row).rowcount


def write_accounts(
    conn: Connection[Any], rows: Sequence[Mapping[str, Any]], *, by: str, now: datetime
) -> None:
    """Put accounts in the place of others."""
    row = {"rows": Jsonb([dict(each) for each in rows]), "by": by, "now": now}
    conn.execute(_queries.close_accounts, row)
    conn.execute(_queries.insert_accounts, row)
