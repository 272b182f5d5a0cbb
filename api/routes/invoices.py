"""Invoice requests over HTTP: asked for, withdrawn, reversed; numbers by hand and by file."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.invoices import (
    InvoiceNumberIn,
    InvoiceRequestIn,
    InvoiceRequestOut,
    NumbersOut,
    RequestNoPath,
    Reversal,
    Withdrawal,
)
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from api.uploads import FileBody
from fleet.invoices import service as invoices
from fleet.invoices.service import InvoiceKind, InvoiceState

operations = Operations("invoices")

EXPORT: Final = Export(
    Words("开票申请", "invoice requests"),
    {
        "request_no": Words("开票申请号", "Request"),
        "customer_no": Words("客户编号", "Customer no"),
        "kind": Words("发票类型", "Kind"),
        "red": Words("红字", "Red letter"),
        "reverses_no": Words("冲红的申请号", "Reverses"),
        "title": Words("发票抬头", "Title"),
        "tax_no": Words("税号", "Tax number"),
        "address": Words("地址", "Address"),
        "bill_nos": Words("账单号", "Bills"),
        "total_fen": Words("价税合计", "Total"),
        "vat_fen": Words("税额", "VAT"),
        "invoice_no": Words("发票号码", "Invoice number"),
        "invoiced_on": Words("开票日期", "Invoiced on"),
        "note": Words("说明", "Note"),
        "lines": Words("明细", "Lines"),
        "requested_by": Words("申请人", "Requested by"),
        "requested_at": Words("申请时间", "Requested at"),
    },
    {
        "kind": {
            "special": Words("增值税专用发票", "special"),
            "ordinary": Words("普通发票", "ordinary"),
        },
        "state": {
            "requested": Words("待开票", "requested"),
            "issued": Words("已开票", "issued"),
            "withdrawn": Words("已撤回", "withdrawn"),
        },
    },
)

InState = Annotated[InvoiceState | None, Query(description="In this state.")]
OfKind = Annotated[InvoiceKind | None, Query(description="Of this kind.")]
IsRed = Annotated[bool | None, Query(description="Red-letter invoices, or the others.")]
OfCustomer = Annotated[str | None, Query(max_length=40, description="Number of a customer.")]
OfBill = Annotated[str | None, Query(max_length=40, description="Number of a bill.")]
OfNumber = Annotated[str | None, Query(max_length=40, description="Number of an invoice.")]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of the number of request or invoice, title, tax or customer number.",
    ),
]


@operations.get("/invoice-requests", exported=EXPORT)
def list_invoice_requests(
    call: Call,
    state: InState = None,
    kind: OfKind = None,
    red: IsRed = None,
    customer: OfCustomer = None,
    bill: OfBill = None,
    invoice_no: OfNumber = None,
    organisation: OfOrganisation = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[InvoiceRequestOut]:
    """What invoices were asked for, the last first, with their lines and numbers."""
    given = {
        "state": state,
        "kind": kind,
        "red": red,
        "customer": customer,
        "bill": bill,
        "invoice_no": invoice_no,
        "organisation": organisation,
        "search": q,
    }
    place = place_of(after, datetime, str)
    if place is not None and None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = invoices.list_invoice_requests(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[InvoiceRequestOut](
        items=[InvoiceRequestOut.of(row) for row in page],
        next=last and cursor_of(last.requested_at, last.request_no),
    )


@operations.post(
    "/invoice-requests", status=201, idempotent="invoice.request", tells=["Location", "ETag"]
)
def request_invoice(call: Call, body: InvoiceRequestIn) -> Answer[InvoiceRequestOut]:
    """Ask for an invoice of issued bills: all that is billed, not credited, not asked for yet.

    Title and tax number are those of the customer's card. What is not subject to VAT stays away.
    """
    made = invoices.request_invoice(
        call.conn, call.actor, bill_nos=body.bill_nos, kind=body.kind, now=call.now
    )
    return _created(made)


@operations.post("/invoice-requests/numbers", idempotent="invoice.request")
def record_invoice_numbers(call: Call, body: FileBody) -> NumbersOut:
    """Enter the numbers of many invoices by a file (.xlsx, .csv), all of them or none.

    Columns 开票申请号, 发票号码 (as text), 开票日期. Every fault is told in `facts.faults`, by row.
    """
    taken = invoices.record_numbers(call.conn, call.actor, content=body, now=call.now)
    return NumbersOut(numbers=taken.numbers)


@operations.get("/invoice-requests/{request_no}", tells=["ETag"])
def get_invoice_request(call: Call, request_no: RequestNoPath) -> Answer[InvoiceRequestOut]:
    """One request, with its lines."""
    return _answer(invoices.get_invoice_request(call.conn, call.actor, request_no=request_no))


@operations.post("/invoice-requests/{request_no}/number", tells=["ETag"])
def record_invoice_number(
    call: Call, request_no: RequestNoPath, body: InvoiceNumberIn, if_match: IfMatch = None
) -> Answer[InvoiceRequestOut]:
    """Enter the number that came back from the tax system, once. VAT is due that day at the latest.

    If-Match: the ETag of the request.
    """
    issued = invoices.record_number(
        call.conn,
        call.actor,
        request_no=request_no,
        version=version_of(if_match),
        invoice_no=body.invoice_no,
        invoiced_on=body.invoiced_on,
        now=call.now,
    )
    return _answer(issued)


@operations.post("/invoice-requests/{request_no}/withdraw", tells=["ETag"])
def withdraw_invoice_request(
    call: Call, request_no: RequestNoPath, body: Withdrawal, if_match: IfMatch = None
) -> Answer[InvoiceRequestOut]:
    """Take back a request that has no number; what stands on it may be asked for anew.

    If-Match: the ETag of the request.
    """
    withdrawn = invoices.withdraw(
        call.conn,
        call.actor,
        request_no=request_no,
        version=version_of(if_match),
        note=body.note,
        now=call.now,
    )
    return _answer(withdrawn)


@operations.post(
    "/invoice-requests/{request_no}/reverse",
    status=201,
    idempotent="invoice.request",
    tells=["Location", "ETag"],
)
def reverse_invoice(
    call: Call, request_no: RequestNoPath, body: Reversal, if_match: IfMatch = None
) -> Answer[InvoiceRequestOut]:
    """Ask for the red-letter invoice of an invoice: of all that is left, or of what was credited.

    If-Match: the ETag of the request of the invoice.
    """
    made = invoices.reverse(
        call.conn,
        call.actor,
        request_no=request_no,
        version=version_of(if_match),
        credited_only=body.credited_only,
        note=body.note,
        now=call.now,
    )
    return _created(made)


def _created(request: invoices.InvoiceRequest) -> Answer[InvoiceRequestOut]:
    headers = {"Location": f"/api/v1/invoice-requests/{request.request_no}"}
    return Answer(InvoiceRequestOut.of(request), headers, request.version)


def _answer(request: invoices.InvoiceRequest) -> Answer[InvoiceRequestOut]:
    return Answer(InvoiceRequestOut.of(request), version=request.version)
