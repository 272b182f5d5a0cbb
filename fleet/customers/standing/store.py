"""Runs the SQL of the blacklist: one function a query, and the facts its constraints stand for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from fleet.customers.errors import BlacklistedAlready, BlacklistOwnProposal
from fleet.customers.model import Blacklisting
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_blacklistings(conn: Connection[Any], customer_id: int) -> list[Blacklisting]:
    """Proposals of the customer and of all merged into it, the last first."""
    with conn.cursor(row_factory=class_row(Blacklisting)) as cursor:
        return cursor.execute(_queries.list_blacklistings, {"customer_id": customer_id}).fetchall()


def list_proposals(conn: Connection[Any], customer_id: int) -> list[tuple[int, str]]:
    """Id and who proposed, of what is not decided."""
    return conn.execute(_queries.list_proposals, {"customer_id": customer_id}).fetchall()


def has_id_number(conn: Connection[Any], customer_id: int) -> bool:
    """Whether the customer, or any merged with it, has an ID number."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"customer_id": customer_id}
        return bool(cursor.execute(_queries.has_id_number, row).fetchone())


def like_blacklisted(conn: Connection[Any], customer_id: int) -> bool:
    """Whether it has phone or tax number of another of its organisation on the blacklist."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"customer_id": customer_id}
        return bool(cursor.execute(_queries.like_blacklisted, row).fetchone())


def insert_blacklisting(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Add a proposal."""
    already = BlacklistedAlready("the customer is proposed for the blacklist or stands on it")
    with naming({"customer_blacklistings_one_idx": already}):
        conn.execute(_queries.insert_blacklisting, row)


def mark_decided(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write what became of a proposal."""
    own = BlacklistOwnProposal("another person decides than who proposed")
    with naming({"customer_blacklistings_four_eyes": own}):
        conn.execute(_queries.mark_decided, row)


def mark_lifted(conn: Connection[Any], ids: Sequence[int], row: Mapping[str, Any]) -> None:
    """Write that what is in force of these is in force no more."""
    conn.execute(_queries.mark_lifted, {**row, "ids": list(ids)})
