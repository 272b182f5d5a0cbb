"""Runs the SQL of statements, which reads what other slices wrote: one function a query."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row, scalar_row

from fleet.statements.model import DepositMovement, Movement, StatementCustomer
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
Row = dict[str, Any]


def find_customer(conn: Connection[Any], customer_no: str) -> StatementCustomer | None:
    """Whose statement this number asks for, if it is in sight."""
    with conn.cursor(row_factory=class_row(StatementCustomer)) as cursor:
        return cursor.execute(_queries.find_customer, {"customer_no": customer_no}).fetchone()


def list_movements(conn: Connection[Any], ids: Sequence[int], until_on: date) -> list[Movement]:
    """All that moved what they owe, before that day, in order."""
    with conn.cursor(row_factory=class_row(Movement)) as cursor:
        return cursor.execute(_queries.list_movements, _asked(ids, until_on)).fetchall()


def list_open_bills(conn: Connection[Any], ids: Sequence[int], until_on: date) -> list[Row]:
    """What was open of their bills when that day began, the first due first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.list_open_bills, _asked(ids, until_on)).fetchall()


def get_credit(conn: Connection[Any], ids: Sequence[int], until_on: date) -> int:
    """What they had to their credit when that day began, in fen."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        found = cursor.execute(_queries.get_credit, _asked(ids, until_on)).fetchone()
    return int(found or 0)


def list_deposit_movements(
    conn: Connection[Any], ids: Sequence[int], until_on: date
) -> list[DepositMovement]:
    """All that moved the deposits held of them, before that day, in order."""
    with conn.cursor(row_factory=class_row(DepositMovement)) as cursor:
        return cursor.execute(_queries.list_deposit_movements, _asked(ids, until_on)).fetchall()


def _asked(ids: Sequence[int], until_on: date) -> Row:
    return {"ids": list(ids), "until_on": until_on}
