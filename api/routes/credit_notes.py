"""Credit notes over HTTP."""

from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.credit_notes import CreditNoPath, CreditNoteDetailOut, CreditNoteOut
from api.models.text import Day
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, dated_key_of, split_page
from api.routes.bills import LABELS, OfCustomer, OfLease, OfOrganisation
from fleet.billing import service as billing

operations = Operations("bills")

EXPORT: Final = Export(
    Words("红字账单", "credit-notes"),
    LABELS
    | {
        "key": Words("红字账单编号", "Key"),
        "credit_no": Words("红字账单号", "Credit note"),
        "total_fen": Words("冲减金额（含税）", "Taken off"),
    },
)

OfBill = Annotated[str | None, Query(max_length=40, description="Number of a bill.")]
IssuedFrom = Annotated[Day | None, Query(description="Issued on this day or later.")]
IssuedUntil = Annotated[Day | None, Query(description="Issued before this day.")]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of its number, the bill's, the lease's, or the customer's or its name.",
    ),
]


@operations.get("/credit-notes", exported=EXPORT)
def list_credit_notes(
    call: Call,
    bill: OfBill = None,
    customer: OfCustomer = None,
    lease: OfLease = None,
    issued_from: IssuedFrom = None,
    issued_until: IssuedUntil = None,
    organisation: OfOrganisation = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[CreditNoteOut]:
    """What was taken off bills, the last issued first."""
    given = {
        "bill": bill,
        "customer": customer,
        "lease": lease,
        "issued_from_on": issued_from,
        "issued_until_on": issued_until,
        "organisation": organisation,
        "search": q,
    }
    rows = billing.list_credit_notes(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=dated_key_of(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[CreditNoteOut](
        items=[CreditNoteOut.of(row) for row in page],
        next=last and cursor_of(last.issued_at, str(last.key)),
    )


@operations.get("/credit-notes/{credit_no}")
def get_credit_note(call: Call, credit_no: CreditNoPath) -> CreditNoteDetailOut:
    """One credit note with its lines."""
    found = billing.get_credit_note(call.conn, call.actor, credit_no=credit_no)
    return CreditNoteDetailOut.of_detail(found)
