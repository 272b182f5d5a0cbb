"""Writes down the numbers of invoices, one by hand or many of a file.

Decides that a number is one (`invoice_no.py`), stands on one request, and is dated neither ahead
nor before what it invoices; and that the VAT of the bills is due on that day if it was not before
(增值税法 §28). A file is taken whole or not at all, every fault told with its row.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from psycopg import Connection

from fleet.audit import service as audit
from fleet.invoices import store
from fleet.invoices.asking.service import get_request, lock_request, require_open
from fleet.invoices.errors import (
    InvoicedInFuture,
    InvoicedTooEarly,
    InvoiceNumbersRefused,
    InvoiceRequestDone,
    InvoiceRequestNotFound,
)
from fleet.invoices.invoice_no import check_year, parse_invoice_no
from fleet.invoices.model import InvoiceRequest, NumberRow
from fleet.invoices.number_rows import RowFault, read_numbers
from fleet.local_days import local_day
from fleet.receivables import service as receivables
from fleet.row_problems import RowProblem
from fleet.sheets import service as sheets
from kit.errors import DomainError
from schemas.access import Actor

MOST_NUMBERS: Final = 5_000
"""In one file."""
MOST_TOLD: Final = 200
"""Faults that are told at once."""
_ZH: Final[Mapping[str, str]] = {
    InvoiceRequestNotFound.code: "没有此开票申请",
    InvoiceRequestDone.code: "该申请已登记发票号码或已撤回",
    InvoicedInFuture.code: "开票日期不能晚于今天",
    InvoicedTooEarly.code: "开票日期早于账单开具日（或被冲红发票的开票日）",
}


class Recorded(NamedTuple):
    """How many numbers a file brought."""

    numbers: int


def record_number(
    conn: Connection[Any],
    actor: Actor,
    *,
    request_no: str,
    version: int,
    invoice_no: str,
    invoiced_on: date,
    now: datetime,
) -> InvoiceRequest:
    """The request was invoiced under this number; `invoiced_on` is the day printed on it.

    Raises:
        InvoiceRequestNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
        InvoiceRequestDone: it has its number, or was withdrawn.
        InvoiceNoMalformed, InvoiceNoOfAnotherYear: not its number.
        InvoiceNoTaken: another request has the number.
        InvoicedInFuture, InvoicedTooEarly: the day cannot be.
    """
    actor.require("invoice.request")
    number = parse_invoice_no(invoice_no)
    check_year(number, invoiced_on)
    was = lock_request(conn, request_no, version)
    require_open(was)
    dates = store.list_dates(conn, [was.id])
    _check_day(was, dates[was.id], invoiced_on, now=now)
    row = NumberRow(1, request_no, number.text, invoiced_on)
    _issue(conn, actor, [was], {was.id: row}, dates, now=now)
    return get_request(conn, request_no)


def record_numbers(
    conn: Connection[Any], actor: Actor, *, content: bytes, now: datetime
) -> Recorded:
    """The numbers in a file (.xlsx or .csv with a header), all of them or none.

    Raises:
        SheetRefused: the file may not be read.
        InvoiceNumbersRefused: rows are wrong; `faults` tells them, by row.
    """
    actor.require("invoice.request")
    table = sheets.read_plain_rows(content, most_rows=MOST_NUMBERS)
    found = read_numbers(table.rows, date_1904=table.date_1904)
    _refuse(found.faults)
    requests = _locked(conn, found.numbers)
    by_no = {request.request_no: request for request in requests}
    dates = store.list_dates(conn, [request.id for request in requests])
    taken = store.list_taken_numbers(
        conn,
        sorted({request.tenant_id for request in requests}),
        [row.invoice_no for row in found.numbers],
    )
    faults = []
    for row in found.numbers:
        problem = _problem(row, by_no.get(row.request_no), dates, taken, now=now)
        if problem is not None:
            faults.append(RowFault(row.row_no, problem))
    _refuse(faults)
    rows = {by_no[row.request_no].id: row for row in found.numbers}
    _issue(conn, actor, requests, rows, dates, now=now)
    return Recorded(len(rows))


def _locked(conn: Connection[Any], rows: Sequence[NumberRow]) -> list[InvoiceRequest]:
    """The requests the rows name, as they stand while nobody else touches their customers."""
    filters = {"request_nos": [row.request_no for row in rows]}
    seen = store.list_requests(conn, filters, limit=len(rows))
    receivables.lock_customers(conn, sorted({request.customer_id for request in seen}))
    return store.list_requests(conn, filters, limit=len(rows))


def _problem(
    row: NumberRow,
    request: InvoiceRequest | None,
    dates: Mapping[int, store.Dates],
    taken: set[str],
    *,
    now: datetime,
) -> RowProblem | None:
    try:
        if request is None:
            raise InvoiceRequestNotFound(f"there is no request {row.request_no[:40]}")
        require_open(request)
        _check_day(request, dates[request.id], row.invoiced_on, now=now)
    except DomainError as error:
        field = error.field or "request_no"
        return RowProblem(error.code, field, error.message, _ZH[error.code])
    if row.invoice_no in taken:
        told = (f"{row.invoice_no} stands on another request", "该发票号码已登记在其他申请上")
        return RowProblem("invoice_no_taken", "invoice_no", *told)
    return None


def _refuse(faults: Sequence[RowFault]) -> None:
    if faults:
        told = [
            {"row": row_no, **problem._asdict()} for row_no, problem in sorted(faults)[:MOST_TOLD]
        ]
        raise InvoiceNumbersRefused(
            f"{len(faults)} faults; nothing was taken", count=len(faults), faults=told
        )


def _check_day(
    request: InvoiceRequest, dates: store.Dates, invoiced_on: date, *, now: datetime
) -> None:
    if invoiced_on > local_day(now, request.zone):
        raise InvoicedInFuture(f"{invoiced_on} lies ahead", invoiced_on=invoiced_on)
    if invoiced_on < dates.not_before_on:
        raise InvoicedTooEarly(
            f"{request.request_no} is not dated before {dates.not_before_on}",
            not_before_on=dates.not_before_on,
        )


def _issue(
    conn: Connection[Any],
    actor: Actor,
    requests: Sequence[InvoiceRequest],
    rows: Mapping[int, NumberRow],
    dates: Mapping[int, store.Dates],
    *,
    now: datetime,
) -> None:
    """Write the numbers, the tax points, and what was done."""
    store.mark_issued(conn, rows)
    due: dict[int, date] = {}
    for request in requests:
        if not request.red:
            day = rows[request.id].invoiced_on
            for bill_id in dates[request.id].bill_ids:
                due[bill_id] = min(day, due.get(bill_id, day))
    for bill_id in sorted(due):
        receivables.vat_due_earlier(conn, actor, bill_id=bill_id, on=due[bill_id], now=now)
    for request in requests:
        number = rows[request.id]
        audit.record(
            conn,
            actor,
            "invoice.number",
            object_kind="invoice_request",
            object_key=request.request_no,
            now=now,
            after={
                "invoice_no": number.invoice_no,
                "invoiced_on": number.invoiced_on.isoformat(),
            },
            organisation_id=request.tenant_id,
        )
