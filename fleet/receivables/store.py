"""Runs the SQL of what is owed: one function a query.

Which bills, credits and allocations are asked for is put together here; such a question is planned
anew each time (`prepare=False`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from fleet.lease_book import LateFee
from fleet.receivables.days import Moved
from fleet.receivables.model import Allocation, Credit, DepositMove, LateBill, OpenBill, WriteOffKey
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))
Rows = Sequence[Mapping[str, Any]]


def lock_customers(conn: Connection[Any], customer_ids: Sequence[int]) -> None:
    """Have others wait who move the money of these customers, or of those merged with them."""
    conn.execute(_queries.lock_customers, {"ids": list(customer_ids)})


def list_families(conn: Connection[Any], customer_ids: Sequence[int]) -> dict[int, int]:
    """The customers and all that are merged with them, each with the one that counts."""
    return dict(conn.execute(_queries.list_families, {"ids": list(customer_ids)}).fetchall())


def insert_balances(conn: Connection[Any], rows: Rows) -> None:
    """Write what is open of new bills."""
    conn.execute(_queries.insert_balances, {"rows": _json(rows)})


def list_open(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    on: date | None = None,
    settled: bool = False,
) -> list[OpenBill]:
    """Issued bills of which something is open now, or was at the end of a day; by due day.

    `settled`: those of which nothing is open now, too.
    """
    conditions = [BILL_FILTERS[name] for name in filters]
    if not settled:
        conditions.append(_OPEN_NOW if on is None else _OPEN_ON)
    query = sql.SQL(_queries.list_open if on is None else _queries.list_open_on)
    asked = sql.Composed([query, sql.SQL(" WHERE "), sql.SQL(" AND ").join(conditions), _BY_DUE])
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(asked, {**filters, "on": on}, prepare=False).fetchall()
    return [
        OpenBill(**{**row, "late_fee": row["late_fee"] and late_fee_from(row["late_fee"])})
        for row in rows
    ]


def list_credits(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int | None = None,
    oldest_first: bool = False,
) -> list[Credit]:
    """Credit in sight, the last recorded first or the oldest."""
    conditions = [CREDIT_FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_CREDIT_AFTER)
    order = _OLDEST_CREDIT if oldest_first else _LAST_CREDIT
    query = sql.Composed([sql.SQL(_queries.list_credits), where(conditions), order])
    place = dict(zip(("after_at", "after_id"), after or (), strict=False))
    with conn.cursor(row_factory=class_row(Credit)) as cursor:
        row = {**filters, **place, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


def insert_credit(conn: Connection[Any], row: Mapping[str, Any]) -> int:
    """Add credit; its id."""
    found = conn.execute(_queries.insert_credit, row).fetchone()
    assert found is not None
    return int(found[0])


def take_credits(conn: Connection[Any], taken: Mapping[int, int]) -> None:
    """So many fen less are left of these credits; below zero: more."""
    rows = [{"id": key, "amount_fen": fen} for key, fen in taken.items() if fen]
    if rows:
        conn.execute(_queries.take_credits, {"rows": _json(rows)})


def insert_allocations(
    conn: Connection[Any], rows: Rows, *, by: str, now: datetime
) -> list[Allocation]:
    """Add allocations; as they stand, in their order."""
    numbered = [{**row, "no": no} for no, row in enumerate(rows)]
    given = {"rows": _json(numbered), "by": by, "now": now}
    ids = [key for (key,) in conn.execute(_queries.insert_allocations, given)]
    return list_allocations(conn, {"ids": ids})


def move_balances(conn: Connection[Any], rows: Rows) -> None:
    """So much less is open of bills, by class; below zero: more."""
    conn.execute(_queries.move_balances, {"rows": _json(rows)})


def list_moved_after(
    conn: Connection[Any], bill_ids: Sequence[int], on: date
) -> dict[tuple[int, str], list[Moved]]:
    """What settled bills on each day after one, by bill and class; below zero: undone."""
    found: dict[tuple[int, str], list[Moved]] = {}
    row = {"bill_ids": list(bill_ids), "on": on}
    for bill_id, class_, day, fen in conn.execute(_queries.list_moved_after, row):
        found.setdefault((bill_id, class_), []).append((day, fen))
    return found


def list_allocations(conn: Connection[Any], filters: Mapping[str, Any]) -> list[Allocation]:
    """Allocations of ALLOCATION_FILTERS, in the order they were made."""
    conditions = sql.SQL(" AND ").join([ALLOCATION_FILTERS[name] for name in filters])
    query = sql.Composed(
        [sql.SQL(_queries.list_allocations), sql.SQL(" WHERE "), conditions, _BY_ID]
    )
    with conn.cursor(row_factory=class_row(Allocation)) as cursor:
        return cursor.execute(query, filters, prepare=False).fetchall()


def find_deposit_move(conn: Connection[Any], key: int) -> DepositMove | None:
    """The movement of a deposit with this id."""
    with conn.cursor(row_factory=class_row(DepositMove)) as cursor:
        return cursor.execute(_queries.find_deposit_move, {"id": key}).fetchone()


def find_write_off(conn: Connection[Any], key: int) -> WriteOffKey | None:
    """The write-off with this id."""
    with conn.cursor(row_factory=class_row(WriteOffKey)) as cursor:
        return cursor.execute(_queries.find_write_off, {"id": key}).fetchone()


def find_held(conn: Connection[Any], lease_id: int) -> int:
    """What is held of the deposit of a lease; 0 if there never was one."""
    found = conn.execute(_queries.find_held, {"lease_id": lease_id}).fetchone()
    return int(found[0]) if found else 0


def move_held(conn: Connection[Any], moved: Mapping[int, int]) -> None:
    """So many fen more are held of the deposits of these leases; below zero: less."""
    if moved:
        conn.execute(_queries.insert_held, {"lease_ids": list(moved)})
        rows = [{"lease_id": key, "amount_fen": fen} for key, fen in moved.items()]
        conn.execute(_queries.move_held, {"rows": _json(rows)})


def list_tax_points(conn: Connection[Any], days: Mapping[int, date]) -> list[dict[str, Any]]:
    """VAT of these bills that falls due later than on their days."""
    rows = [{"bill_id": key, "earlier_on": day} for key, day in days.items()]
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.list_tax_points, {"rows": _json(rows)}).fetchall()


def mark_vat_due(conn: Connection[Any], days: Mapping[int, date]) -> None:
    """Write from which day on the VAT of these bills is due."""
    rows = [{"bill_id": key, "earlier_on": day} for key, day in days.items()]
    conn.execute(_queries.mark_vat_due, {"rows": _json(rows)})


def list_late_bills(conn: Connection[Any], bill_ids: Sequence[int]) -> list[LateBill]:
    """Those of the bills that have a late fee agreed."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_queries.list_late_bills, {"bill_ids": list(bill_ids)}).fetchall()
    return [LateBill(**{**row, "late_fee": late_fee_from(row["late_fee"])}) for row in rows]


def list_principal_history(
    conn: Connection[Any], bill_ids: Sequence[int]
) -> list[tuple[int, date, int]]:
    """Bill, day, and how much of its principal was settled then; below zero: undone."""
    return conn.execute(_queries.list_principal_history, {"bill_ids": list(bill_ids)}).fetchall()


def _json(rows: Rows) -> Jsonb:
    plain = [
        {name: each.isoformat() if isinstance(each, date) else each for name, each in row.items()}
        for row in rows
    ]
    return Jsonb(plain)


def late_fee_from(content: Mapping[str, Any]) -> LateFee:
    """As it was frozen on the bill, which also names the clause."""
    known = {name: content[name] for name in LateFee.model_fields if name in content}
    return LateFee.model_validate(known)


BILL_FILTERS: Final[Mapping[str, sql.SQL]] = {
    "customer_ids": sql.SQL("b.customer_id = ANY (%(customer_ids)s)"),
    "lease_id": sql.SQL("b.lease_id = %(lease_id)s"),
    "bill_ids": sql.SQL("b.bill_id = ANY (%(bill_ids)s)"),
    "organisation_id": sql.SQL(
        "b.organisation_id IN (SELECT x.descendant_id FROM organisation_closure x"
        " WHERE x.ancestor_id = %(organisation_id)s)"
    ),
}
CREDIT_FILTERS: Final[Mapping[str, sql.SQL]] = {
    "id": sql.SQL("c.id = %(id)s"),
    "payment_id": sql.SQL("c.payment_id = %(payment_id)s"),
    "customer_ids": sql.SQL("c.customer_id = ANY (%(customer_ids)s)"),
    "left": sql.SQL("(c.left_fen > 0) = %(left)s"),
    "customer": sql.SQL(
        "k.id IN (SELECT f.id FROM customers h JOIN customers f ON f.id = h.id"
        " OR f.merged_into_id = h.id WHERE h.customer_no = %(customer)s)"
    ),
    "source_kind": sql.SQL("c.source_kind = %(source_kind)s"),
    "organisation": sql.SQL(
        "c.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
}
ALLOCATION_FILTERS: Final[Mapping[str, sql.SQL]] = {
    "ids": sql.SQL("a.id = ANY (%(ids)s)"),
    "bill_id": sql.SQL("a.bill_id = %(bill_id)s"),
    "credit_id": sql.SQL("a.credit_id = %(credit_id)s"),
    "deposit_movement_id": sql.SQL("a.deposit_movement_id = %(deposit_movement_id)s"),
    "write_off_id": sql.SQL("a.write_off_id = %(write_off_id)s"),
    "standing": sql.SQL(
        "%(standing)s = (a.amount_fen > 0 AND NOT EXISTS"
        " (SELECT FROM allocations u WHERE u.undoes_id = a.id))"
    ),
}
_OPEN_NOW = sql.SQL("b.settled_on IS NULL")
_OPEN_ON = sql.SQL(
    "i.issued_on <= %(on)s AND i.principal_fen + i.interest_fen + i.cost_fen"
    " <> s.principal_fen + s.interest_fen + s.cost_fen"
)
_BY_DUE = sql.SQL(" ORDER BY b.due_on, b.bill_id")
_BY_ID = sql.SQL(" ORDER BY a.id")
_CREDIT_AFTER = sql.SQL("(c.recorded_at, c.id) < (%(after_at)s, %(after_id)s)")
_LAST_CREDIT = sql.SQL(" ORDER BY c.recorded_at DESC, c.id DESC LIMIT %(limit)s")
_OLDEST_CREDIT = sql.SQL(" ORDER BY c.since_on, c.id LIMIT %(limit)s")
