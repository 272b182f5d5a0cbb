"""Runs the SQL of deposits: one function a query. Optional filters are composed here."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row

from fleet.deposits.model import Deposit, Movement, Total
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))
_INNER: Final = ("bills", "movements", "merged_into_id")


class OpenViolation(NamedTuple):
    """A violation of a lease that is not settled."""

    violation_no: str
    fine_fen: int | None
    occurred_at: datetime


def list_deposits(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int,
) -> list[Deposit]:
    """Deposits in sight, of the last drafted lease first; `filters` are of FILTERS."""
    conditions = [FILTERS[name] for name in filters]
    place = dict(zip(("after_at", "after_id"), after or (), strict=False))
    if after is not None:
        conditions.append(sql.SQL("(d.created_at, d.lease_id) < (%(after_at)s, %(after_id)s)"))
    order = sql.SQL(" ORDER BY d.created_at DESC, d.lease_id DESC LIMIT %(limit)s")
    query = sql.Composed([sql.SQL(_queries.list_deposits), where(conditions), order])
    with conn.cursor(row_factory=dict_row) as cursor:
        row = {**filters, **place, "limit": limit}
        rows = cursor.execute(query, row, prepare=False).fetchall()
    return [
        Deposit(**{name: fact for name, fact in each.items() if name not in _INNER})
        for each in rows
    ]


def find_deposit(conn: Connection[Any], lease_no: str) -> Deposit | None:
    """The deposit of the lease in sight with this number, if it is signed."""
    return next(iter(list_deposits(conn, {"lease": lease_no}, limit=1)), None)


def total_deposits(conn: Connection[Any], *, organisation: str | None) -> Total:
    """What is held, of an organisation and those below it, or of all in sight."""
    with conn.cursor(row_factory=class_row(Total)) as cursor:
        found = cursor.execute(_queries.total_deposits, {"organisation": organisation}).fetchone()
    assert found is not None
    return found


def list_movements(conn: Connection[Any], lease_id: int) -> list[Movement]:
    """What became of the deposit of a lease, the first first."""
    with conn.cursor(row_factory=class_row(Movement)) as cursor:
        return cursor.execute(_queries.list_movements, {"lease_id": lease_id}).fetchall()


def insert_movement(conn: Connection[Any], row: Mapping[str, Any]) -> tuple[int, UUID]:
    """The id and the key of a new movement."""
    found = conn.execute(_queries.insert_movement, row).fetchone()
    assert found is not None
    return int(found[0]), found[1]


def list_open_violations(conn: Connection[Any], lease_id: int) -> list[OpenViolation]:
    """Violations of the lease that are not settled, the first first."""
    with conn.cursor(row_factory=class_row(OpenViolation)) as cursor:
        return cursor.execute(_queries.list_open_violations, {"lease_id": lease_id}).fetchall()


def find_least_held(conn: Connection[Any], deposit: Deposit, on: date) -> int:
    """The least that was held of a deposit at the end of a day, or of any day since, in fen."""
    row = {"customer_id": deposit.customer_id, "lease_id": deposit.lease_id, "on": on}
    found = conn.execute(_queries.find_least_held, row).fetchone()
    assert found is not None
    return int(found[0])


def list_settled_late(conn: Connection[Any], lease_id: int) -> dict[int, str]:
    """The bills of a lease that were settled after their grace: their numbers, by id."""
    return dict(conn.execute(_queries.list_settled_late, {"lease_id": lease_id}).fetchall())


def list_late_fees_billed(conn: Connection[Any], lease_id: int) -> dict[str, int]:
    """What stands of late fees on bills of a lease, in fen, by the number of the late bill."""
    return dict(conn.execute(_queries.list_late_fees_billed, {"lease_id": lease_id}).fetchall())


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "lease": sql.SQL("d.lease_no = %(lease)s"),
    "lease_id": sql.SQL("d.lease_id = %(lease_id)s"),
    "had": sql.SQL("(d.bills > 0 OR d.movements > 0 OR d.held_fen > 0) = %(had)s"),
    "held": sql.SQL("(d.held_fen > 0) = %(held)s"),
    "running": sql.SQL("(d.lease_state IN ('signed', 'active', 'suspended')) = %(running)s"),
    "customer": sql.SQL(
        "coalesce(d.merged_into_id, d.customer_id) IN (SELECT coalesce(k.merged_into_id, k.id)"
        " FROM customers k WHERE k.customer_no = %(customer)s)"
    ),
    "organisation": sql.SQL(
        "d.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), d.lease_no, d.customer_no,"
        " d.customer_name))) > 0"
    ),
}
