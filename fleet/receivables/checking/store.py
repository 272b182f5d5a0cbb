"""Runs the SQL that derives balances anew: of what, what is kept, and what follows."""

from pathlib import Path
from typing import Any, Final, LiteralString

from psycopg import Connection

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
Off = tuple[str, int, int]

CHECKS: Final[tuple[tuple[str, LiteralString], ...]] = (
    ("bill_balances", _queries.find_balances_off),
    ("bills_settled", _queries.find_settled_off),
    ("credits", _queries.find_credits_off),
    ("deposits", _queries.find_deposits_off),
    ("ledger_owed", _queries.find_owed_off),
    ("ledger_owing", _queries.find_owing_off),
    ("ledger_totals", _queries.find_totals_off),
    ("bill_lines", _queries.find_bills_off),
    ("bill_numbers", _queries.find_numbers_off),
)
"""What is looked at, by name."""


def list_off(conn: Connection[Any], query: LiteralString, *, limit: int) -> list[Off]:
    """Of what, what is kept, and what follows, in fen (of numbers: how many; of days: 20261122)."""
    return conn.execute(query, {"limit": limit}).fetchall()
