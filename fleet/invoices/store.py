"""Runs the SQL of invoice requests: one function a query.

Which requests are asked for and where a page begins is put together here; such a question is
planned anew each time (`prepare=False`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.invoices.errors import InvoiceNoTaken
from fleet.invoices.model import (
    BilledLine,
    BilledTo,
    InvoiceRequest,
    NewLine,
    NumberRow,
    RequestedLine,
)
from kit.constraints import naming
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))


class Dates(NamedTuple):
    """Of a request: the first day its invoice may have, and the ids of its bills."""

    request_id: int
    not_before_on: date
    bill_ids: list[int]


def list_billed_to(conn: Connection[Any], bill_nos: Sequence[str]) -> list[BilledTo]:
    """Those of the bills that are issued, by number."""
    with conn.cursor(row_factory=class_row(BilledTo)) as cursor:
        return cursor.execute(_queries.list_billed_to, {"bill_nos": list(bill_nos)}).fetchall()


def list_billed_lines(conn: Connection[Any], bill_ids: Sequence[int]) -> list[BilledLine]:
    """Their lines that are subject to VAT, by bill and number."""
    with conn.cursor(row_factory=class_row(BilledLine)) as cursor:
        return cursor.execute(_queries.list_billed_lines, {"bill_ids": list(bill_ids)}).fetchall()


def insert_request(conn: Connection[Any], row: Mapping[str, Any]) -> int | None:
    """The id of a new request; None if its number is taken."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        values = {**row, "buyer": Jsonb(row["buyer"])}
        made: int | None = cursor.execute(_queries.insert_request, values).fetchone()
    return made


def insert_lines(conn: Connection[Any], request_id: int, lines: Sequence[NewLine]) -> None:
    """Add the lines of a request."""
    rows = [
        {
            "no": no,
            "bill_id": line.bill_id,
            "bill_line_no": line.bill_line_no,
            "item": line.item,
            "amount_fen": line.amount_fen,
            "net_fen": line.net_fen,
            "vat_fen": line.vat_fen,
            "vat_pct": str(line.vat_pct),
        }
        for no, line in enumerate(lines, start=1)
    ]
    conn.execute(_queries.insert_lines, {"request_id": request_id, "lines": Jsonb(rows)})


def list_requests(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> list[InvoiceRequest]:
    """Requests without their lines, the last asked for first; after (instant, number)."""
    place = {} if after is None else {"after_at": after[0], "after_no": after[1]}
    conditions = [FILTERS[name] for name in filters] + ([_AFTER] if after else [])
    query = sql.Composed([sql.SQL(_queries.list_requests), where(conditions), _LAST_ASKED_FIRST])
    with conn.cursor(row_factory=class_row(InvoiceRequest)) as cursor:
        row = {**filters, **place, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


def list_lines(conn: Connection[Any], request_ids: Sequence[int]) -> list[RequestedLine]:
    """The lines of requests, by request and number."""
    with conn.cursor(row_factory=class_row(RequestedLine)) as cursor:
        return cursor.execute(_queries.list_lines, {"request_ids": list(request_ids)}).fetchall()


def list_taken_back(
    conn: Connection[Any], request_id: int
) -> dict[tuple[int, int], tuple[int, int]]:
    """What red ones take back of a request, amount and VAT below zero, by bill and line."""
    found = conn.execute(_queries.list_taken_back, {"request_id": request_id}).fetchall()
    return {(bill_id, no): (fen, vat_fen) for bill_id, no, fen, vat_fen in found}


def list_dates(conn: Connection[Any], request_ids: Sequence[int]) -> dict[int, Dates]:
    """The first day each invoice may have, and its bills, by request."""
    with conn.cursor(row_factory=class_row(Dates)) as cursor:
        found = cursor.execute(_queries.list_dates, {"request_ids": list(request_ids)}).fetchall()
    return {each.request_id: each for each in found}


def list_taken_numbers(
    conn: Connection[Any], tenant_ids: Sequence[int], invoice_nos: Sequence[str]
) -> set[str]:
    """Those of the numbers that are taken."""
    row = {"tenant_ids": list(tenant_ids), "invoice_nos": list(invoice_nos)}
    with conn.cursor(row_factory=scalar_row) as cursor:
        return set(cursor.execute(_queries.list_taken_numbers, row).fetchall())


def mark_issued(conn: Connection[Any], numbers: Mapping[int, NumberRow]) -> None:
    """Write the numbers of invoices, by the ids of their requests."""
    row = {
        "ids": list(numbers),
        "invoice_nos": [each.invoice_no for each in numbers.values()],
        "invoiced_on": [each.invoiced_on for each in numbers.values()],
    }
    taken = InvoiceNoTaken("another request has this number")
    with naming({"invoice_requests_invoice_no_key": taken}):
        conn.execute(_queries.mark_issued, row)


def mark_withdrawn(conn: Connection[Any], request_id: int, note: str) -> None:
    """Write that a request is withdrawn, and why."""
    conn.execute(_queries.mark_withdrawn, {"id": request_id, "state_note": note})


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "request_no": sql.SQL("q.request_no = %(request_no)s"),
    "request_nos": sql.SQL("q.request_no = ANY (%(request_nos)s)"),
    "state": sql.SQL("q.state = %(state)s"),
    "kind": sql.SQL("q.kind = %(kind)s"),
    "red": sql.SQL("q.red = %(red)s"),
    "invoice_no": sql.SQL("q.invoice_no = %(invoice_no)s"),
    "customer": sql.SQL(
        "q.customer_id IN (SELECT m.id FROM customers own JOIN customers m"
        " ON own.id IN (m.id, m.merged_into_id) WHERE own.customer_no = %(customer)s)"
    ),
    "bill": sql.SQL(
        "q.id IN (SELECT i.request_id FROM invoice_request_lines i JOIN bills b ON b.id = i.bill_id"
        " WHERE b.bill_no = %(bill)s)"
    ),
    "organisation": sql.SQL(
        "q.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), q.request_no, q.invoice_no,"
        " q.title, q.tax_no, k.customer_no))) > 0"
    ),
}
_AFTER = sql.SQL("(q.requested_at, q.request_no) < (%(after_at)s, %(after_no)s)")
_LAST_ASKED_FIRST = sql.SQL(" ORDER BY q.requested_at DESC, q.request_no DESC LIMIT %(limit)s")
