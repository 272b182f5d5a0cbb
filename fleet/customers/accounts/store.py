"""Runs the SQL of customers' bank accounts: one function a query."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from fleet.customers.errors import AccountExists
from fleet.customers.model import StoredAccount
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_accounts(conn: Connection[Any], customer_id: int) -> list[StoredAccount]:
    """Accounts of the customer and of all merged into it, each once, the oldest first."""
    with conn.cursor(row_factory=class_row(StoredAccount)) as cursor:
        return cursor.execute(_queries.list_accounts, {"customer_id": customer_id}).fetchall()


def has_account(conn: Connection[Any], *, customer_id: int, account_digest: bytes) -> bool:
    """Whether the customer, or one merged into it, has the account."""
    row = {"customer_id": customer_id, "account_digest": account_digest}
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.has_account, row).fetchone() is True


def insert_account(conn: Connection[Any], row: Mapping[str, Any]) -> int:
    """The id of the new account."""
    twice = AccountExists("the customer has this account already")
    with (
        naming({"customer_accounts_once_idx": twice}),
        conn.cursor(row_factory=scalar_row) as cursor,
    ):
        new_id = cursor.execute(_queries.insert_account, row).fetchone()
    assert isinstance(new_id, int)
    return new_id


def mark_removed(
    conn: Connection[Any], *, customer_id: int, account_id: int, now: datetime
) -> bool:
    """Write that an account is the customer's no more; False if it has no such account."""
    row = {"customer_id": customer_id, "account_id": account_id, "now": now}
    return conn.execute(_queries.mark_removed, row).rowcount > 0


def list_holders(conn: Connection[Any], digests: Sequence[bytes]) -> list[tuple[bytes, int]]:
    """Which customers have the accounts of these digests."""
    found = conn.execute(_queries.list_holders, {"account_digests": list(digests)})
    return [(bytes(digest), int(customer_id)) for digest, customer_id in found]
