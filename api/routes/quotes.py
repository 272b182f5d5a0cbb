"""Quotes over HTTP: offered, changed, accepted into a lease, declined, withdrawn."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.quotes import (
    Accept,
    AcceptedOut,
    QuoteChange,
    QuoteDetailOut,
    QuoteEnd,
    QuoteIn,
    QuoteNoPath,
    QuoteOut,
)
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from api.routes.leases import KINDS, LABELS
from fleet.leasing.terms import LeaseKind
from fleet.quotes import service
from fleet.quotes.model import State

operations = Operations("quotes")

EXPORT: Final = Export(
    Words("报价", "quotes"),
    LABELS
    | {
        "quote_no": Words("报价号", "Number"),
        "prospect": Words("意向客户", "Prospect"),
        "prospect_phone": Words("联系电话", "Phone"),
        "valid_until_on": Words("有效期至", "Valid until"),
        "expired": Words("已过期", "Expired"),
        "state_note": Words("说明", "Note"),
    },
    {
        "kind": KINDS,
        "state": {
            "open": Words("有效", "open"),
            "accepted": Words("已接受", "accepted"),
            "declined": Words("已拒绝", "declined"),
            "withdrawn": Words("已撤回", "withdrawn"),
        },
    },
)

InState = Annotated[State | None, Query(description="In this state.")]
Expired = Annotated[
    bool | None, Query(description="Open ones whose last day is over, or all others.")
]
OfCustomer = Annotated[str | None, Query(max_length=40, description="Number of a customer.")]
OfKind = Annotated[LeaseKind | None, Query(description="Of this kind.")]
WrittenBy = Annotated[str | None, Query(max_length=64, description="Log-in of who wrote it.")]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of its number, the prospect, or the customer's number or name.",
    ),
]


@operations.get("/quotes", exported=EXPORT)
def list_quotes(
    call: Call,
    state: InState = None,
    expired: Expired = None,
    customer: OfCustomer = None,
    kind: OfKind = None,
    created_by: WrittenBy = None,
    organisation: OfOrganisation = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[QuoteOut]:
    """Quotes of your organisations, the latest first."""
    given = {
        "state": state,
        "expired": expired,
        "customer_no": customer,
        "kind": kind,
        "created_by": created_by,
        "organisation": organisation,
        "search": q,
    }
    place = place_of(after, datetime, str)
    if place is not None and None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = service.list_quotes(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(rows, limit)
    return Page[QuoteOut](
        items=[QuoteOut.of(each) for each in page],
        next=last and cursor_of(last.row.created_at, last.row.quote_no),
    )


@operations.post("/quotes", status=201, idempotent="lease.draft", tells=["Location", "ETag"])
def create_quote(call: Call, body: QuoteIn) -> Answer[QuoteDetailOut]:
    """Offer terms to a customer, or to somebody who is none yet."""
    made = service.create_quote(
        call.conn,
        call.actor,
        wanted=body.wanted(),
        organisation_code=body.organisation,
        now=call.now,
    )
    headers = {"Location": f"/api/v1/quotes/{made.quote.row.quote_no}"}
    return Answer(QuoteDetailOut.of_detail(made), headers, made.quote.row.version)


@operations.get("/quotes/{quote_no}", tells=["ETag"])
def get_quote(call: Call, quote_no: QuoteNoPath) -> Answer[QuoteDetailOut]:
    """One quote with its terms, each line beside the list."""
    return _answer(service.get_quote(call.conn, call.actor, quote_no=quote_no, now=call.now))


@operations.put("/quotes/{quote_no}", tells=["ETag"])
def change_quote(
    call: Call, quote_no: QuoteNoPath, body: QuoteChange, if_match: IfMatch = None
) -> Answer[QuoteDetailOut]:
    """Write what an open quote is to be, whole. If-Match: the ETag of the quote."""
    changed = service.change_quote(
        call.conn,
        call.actor,
        quote_no=quote_no,
        version=version_of(if_match),
        wanted=body.wanted(),
        now=call.now,
    )
    return _answer(changed)


@operations.post("/quotes/{quote_no}/accept")
def accept_quote(call: Call, quote_no: QuoteNoPath, body: Accept) -> AcceptedOut:
    """It was accepted: it becomes the draft of a lease, in the terms quoted."""
    quote, lease = service.accept_quote(
        call.conn,
        call.actor,
        quote_no=quote_no,
        customer_no=body.customer_no,
        reference=body.reference,
        now=call.now,
    )
    return AcceptedOut(lease_no=lease.lease.lease_no, quote=QuoteDetailOut.of_detail(quote))


@operations.post("/quotes/{quote_no}/decline", tells=["ETag"])
def decline_quote(call: Call, quote_no: QuoteNoPath, body: QuoteEnd) -> Answer[QuoteDetailOut]:
    """Whom it was offered to does not want it."""
    declined = service.decline_quote(
        call.conn, call.actor, quote_no=quote_no, note=body.note, now=call.now
    )
    return _answer(declined)


@operations.post("/quotes/{quote_no}/withdraw", tells=["ETag"])
def withdraw_quote(call: Call, quote_no: QuoteNoPath, body: QuoteEnd) -> Answer[QuoteDetailOut]:
    """It is not offered any more."""
    withdrawn = service.withdraw_quote(
        call.conn, call.actor, quote_no=quote_no, note=body.note, now=call.now
    )
    return _answer(withdrawn)


def _answer(detail: service.QuoteDetail) -> Answer[QuoteDetailOut]:
    return Answer(QuoteDetailOut.of_detail(detail), version=detail.quote.row.version)
