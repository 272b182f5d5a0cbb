"""Runs the SQL of bank statements: one function a query. Optional filters are composed here."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.payments.statements.errors import BankFormatExists
from fleet.payments.statements.formats import BankColumns
from fleet.payments.statements.model import BankFormat, BankStatement, UnclaimedRow
from kit.constraints import naming
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))


class KnownReceipt(NamedTuple):
    """A receipt that came in before, by the bank's number."""

    bank_reference: str
    received_on: date
    amount_fen: int


def list_formats(conn: Connection[Any]) -> list[BankFormat]:
    """Formats that organisations in sight have said, by code."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_queries.list_formats).fetchall()
    return [
        BankFormat(**{**row, "columns": BankColumns.model_validate(row["columns"])}) for row in rows
    ]


def insert_format(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Add a format."""
    taken = BankFormatExists("there is a format with this code", code=row["code"])
    with naming({"bank_formats_code_key": taken}):
        conn.execute(_queries.insert_format, {**row, "columns": Jsonb(row["columns"])})


def update_format(conn: Connection[Any], row: Mapping[str, Any]) -> bool:
    """Write other columns; False if the version is not that any more."""
    values = {**row, "columns": Jsonb(row["columns"])}
    return conn.execute(_queries.update_format, values).rowcount == 1


def lock_statements(conn: Connection[Any], tenant_id: int) -> None:
    """Have others of the tenant wait who bring in statements, until the commit."""
    conn.execute(_queries.lock_statements, {"tenant_id": tenant_id})


def list_known(
    conn: Connection[Any], references: Sequence[str], *, tenant_id: int, channel: str
) -> dict[str, KnownReceipt]:
    """What came in before under these numbers of the bank."""
    row = {"references": list(references), "tenant_id": tenant_id, "channel": channel}
    with conn.cursor(row_factory=class_row(KnownReceipt)) as cursor:
        found = cursor.execute(_queries.list_known, row).fetchall()
    return {each.bank_reference: each for each in found}


def list_taken_numbers(
    conn: Connection[Any], numbers: Sequence[str], *, tenant_id: int
) -> set[str]:
    """Which of these numbers of receipts are taken."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"numbers": list(numbers), "tenant_id": tenant_id}
        return set(cursor.execute(_queries.list_taken_numbers, row).fetchall())


def insert_receipts(
    conn: Connection[Any], rows: Sequence[Mapping[str, Any]], about: Mapping[str, Any]
) -> set[str]:
    """Add receipts of a statement; the numbers of those that had not come in meanwhile."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        values = {**about, "rows": Jsonb(list(rows))}
        return set(cursor.execute(_queries.insert_receipts, values).fetchall())


def insert_statement(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write what was brought in of a file."""
    written = {name: Jsonb(row[name]) for name in ("counts", "refusals")}
    conn.execute(_queries.insert_statement, {**row, **written})


def list_statements(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int,
) -> list[BankStatement]:
    """Statements in sight, the last first; `filters` are of STATEMENT_FILTERS."""
    conditions = [STATEMENT_FILTERS[name] for name in filters]
    place = dict(zip(("after_at", "after_id"), after or (), strict=False))
    if after is not None:
        conditions.append(sql.SQL("(s.imported_at, s.id) < (%(after_at)s, %(after_id)s)"))
    order = sql.SQL(" ORDER BY s.imported_at DESC, s.id DESC LIMIT %(limit)s")
    query = sql.Composed([sql.SQL(_queries.list_statements), where(conditions), order])
    with conn.cursor(row_factory=class_row(BankStatement)) as cursor:
        row = {**filters, **place, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


def find_statement(conn: Connection[Any], key: UUID) -> BankStatement | None:
    """The statement in sight with this key."""
    return next(iter(list_statements(conn, {"key": key}, limit=1)), None)


def list_unclaimed(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[date, int] | None = None,
    limit: int,
) -> list[UnclaimedRow]:
    """Receipts that are nobody's, the oldest first; `filters` are of UNCLAIMED_FILTERS."""
    conditions = [UNCLAIMED_FILTERS[name] for name in filters]
    place = dict(zip(("after_on", "after_id"), after or (), strict=False))
    if after is not None:
        conditions.append(sql.SQL("(p.received_on, p.id) > (%(after_on)s, %(after_id)s)"))
    asked = [sql.SQL(" AND ") + each for each in conditions]
    order = sql.SQL(" ORDER BY p.received_on, p.id LIMIT %(limit)s")
    query = sql.Composed([sql.SQL(_queries.list_unclaimed), *asked, order])
    with conn.cursor(row_factory=class_row(UnclaimedRow)) as cursor:
        row = {**filters, **place, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


def list_ids_of_customers(conn: Connection[Any], numbers: Sequence[str]) -> dict[str, int]:
    """The ids of customers with these numbers; of merged ones that they went into."""
    found = conn.execute(_queries.list_ids_of_customers, {"numbers": list(numbers)})
    return {number: int(customer_id) for number, customer_id in found}


STATEMENT_FILTERS: Final[Mapping[str, sql.SQL]] = {
    "key": sql.SQL("s.key = %(key)s"),
    "organisation": sql.SQL(
        "s.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
}
UNCLAIMED_FILTERS: Final[Mapping[str, sql.SQL]] = {
    "channel": sql.SQL("p.channel = %(channel)s"),
    "received_from": sql.SQL("p.received_on >= %(received_from)s"),
    "received_until": sql.SQL("p.received_on <= %(received_until)s"),
    "statement": sql.SQL("p.statement_key = %(statement)s::text"),
    "organisation": sql.SQL(
        "p.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), p.payment_no, p.payer_name,"
        " p.remark, p.bank_reference))) > 0"
    ),
}
