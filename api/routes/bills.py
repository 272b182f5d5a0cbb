"""Bills over HTTP: what is drafted and issued, and what is done with it."""

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.bills import (
    BillDetailOut,
    BillOut,
    BillPath,
    DeliveryIn,
    DeliveryOut,
    OpeningIn,
)
from api.models.credit_notes import CreditIn, CreditNoteOut
from api.models.text import Day
from api.operation import Answer, Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.billing import service as billing
from fleet.billing.service import BillKind, BillState

operations = Operations("bills")

KINDS: Final = {
    "rent": Words("租金", "rent"),
    "deposit": Words("押金", "deposit"),
    "charges": Words("费用", "charges"),
    "late_fee": Words("滞纳金", "late fee"),
    "purchase": Words("购车款", "purchase"),
    "package": Words("服务包", "package"),
    "reclaim": Words("追回", "reclaim"),
    "opening": Words("期初", "opening"),
}
LABELS: Final = {
    "key": Words("账单编号", "Key"),
    "bill_no": Words("账单号", "Bill"),
    "customer_no": Words("客户编号", "Customer no"),
    "customer_name": Words("客户", "Customer"),
    "lease_no": Words("合同号", "Lease"),
    "from_on": Words("计费起日", "From"),
    "until_on": Words("计费止日（不含）", "Until (not included)"),
    "due_on": Words("应付日", "Due on"),
    "issue_on": Words("可开具日", "To be issued on"),
    "issued_on": Words("开具日", "Issued on"),
    "issued_at": Words("开具时间", "Issued at"),
    "issued_by": Words("开具人", "Issued by"),
    "total_fen": Words("含税金额", "Total"),
    "vat_fen": Words("其中税额", "VAT"),
    "credited_fen": Words("已冲减", "Credited"),
    "open_fen": Words("未收", "Open"),
    "settled_on": Words("结清日", "Settled on"),
    "drafted_at": Words("起草时间", "Drafted at"),
}
EXPORT: Final = Export(
    Words("账单", "bills"),
    LABELS,
    {
        "kind": KINDS,
        "state": {
            "draft": Words("草稿", "draft"),
            "issued": Words("已开具", "issued"),
            "discarded": Words("已作废", "discarded"),
        },
    },
)
DELIVERIES: Final = Export(
    Words("账单送达", "bill-deliveries"),
    {
        "channel": Words("送达方式", "Channel"),
        "delivered_at": Words("送达时间", "Delivered at"),
        "proof": Words("凭据", "Proof"),
    },
    {
        "channel": {
            "wechat": Words("微信", "WeChat"),
            "sms": Words("短信", "SMS"),
            "email": Words("电子邮件", "e-mail"),
            "post": Words("邮寄", "post"),
            "by_hand": Words("当面", "by hand"),
            "portal": Words("客户门户", "portal"),
        }
    },
)

InState = Annotated[BillState | None, Query(description="In this state.")]
OfKind = Annotated[BillKind | None, Query(description="Of this kind.")]
OfCustomer = Annotated[str | None, Query(max_length=40, description="Number of a customer.")]
OfLease = Annotated[str | None, Query(max_length=40, description="Number of a lease.")]
DueFrom = Annotated[Day | None, Query(description="Due on this day or later.")]
DueUntil = Annotated[Day | None, Query(description="Due before this day.")]
Overdue = Annotated[bool | None, Query(description="Still open, and the due day is over.")]
Open = Annotated[bool | None, Query(description="Something is still to be paid, or nothing is.")]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of its number, the lease's, or the customer's number or name.",
    ),
]


@operations.get("/bills", exported=EXPORT)
def list_bills(
    call: Call,
    state: InState = None,
    kind: OfKind = None,
    customer: OfCustomer = None,
    lease: OfLease = None,
    due_from: DueFrom = None,
    due_until: DueUntil = None,
    overdue: Overdue = None,
    open: Open = None,
    organisation: OfOrganisation = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[BillOut]:
    """Bills, those due last first; drafts and discarded ones among them unless a state is said."""
    given = {
        "state": state,
        "kind": kind,
        "customer": customer,
        "lease": lease,
        "due_from_on": due_from,
        "due_until_on": due_until,
        "open": open,
        "organisation": organisation,
        "search": q,
    }
    rows = billing.list_bills(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        overdue=overdue,
        after=_place(after),
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(rows, limit)
    return Page[BillOut](
        items=[BillOut.of(row) for row in page],
        next=last and cursor_of(last.due_on.isoformat(), str(last.key)),
    )


@operations.get("/bills/{bill}")
def get_bill(call: Call, bill: BillPath) -> BillDetailOut:
    """One bill with its lines and how each amount comes about."""
    return _detail(call, bill)


@operations.post("/bills/{bill}/issue", idempotent="bill.issue")
def issue_bill(call: Call, bill: BillPath) -> BillDetailOut:
    """Issue a draft now, though its day may not have come: numbered, frozen, owed from now on."""
    issued = billing.issue_bill(call.conn, call.actor, bill=bill, now=call.now)
    assert issued.bill_no is not None
    return _told(call, issued.bill_no)


@operations.post("/bills/{bill}/discard", idempotent="bill.issue")
def discard_bill(call: Call, bill: BillPath) -> BillDetailOut:
    """Discard a draft. The next run makes it anew, if it still holds."""
    return _told(
        call, str(billing.discard_bill(call.conn, call.actor, bill=bill, now=call.now).key)
    )


@operations.post("/bills/{bill}/credit", status=201, idempotent="bill.credit", tells=["Location"])
def credit_bill(call: Call, bill: BillPath, body: CreditIn) -> Answer[CreditNoteOut]:
    """Take lines, or amounts of them, off an issued bill by a credit note. Asks for a step-up.

    Never more than is left of a line. What was paid of it already becomes the customer's credit.
    """
    note = billing.credit_bill(
        call.conn,
        call.actor,
        bill=bill,
        lines=None if body.lines is None else [line.wanted() for line in body.lines],
        reason=body.reason,
        now=call.now,
    )
    return Answer(CreditNoteOut.of(note), {"Location": f"/api/v1/credit-notes/{note.credit_no}"})


@operations.get("/bills/{bill}/deliveries", exported=DELIVERIES)
def list_bill_deliveries(call: Call, bill: BillPath) -> list[DeliveryOut]:
    """How a bill reached the customer, in the order of time."""
    found = billing.list_deliveries(call.conn, call.actor, bill=bill)
    return [DeliveryOut.of(each) for each in found]


@operations.post("/bills/{bill}/deliveries", status=201, idempotent="bill.issue")
def add_bill_delivery(call: Call, bill: BillPath, body: DeliveryIn) -> DeliveryOut:
    """Write down how an issued bill reached the customer. Nothing is sent from here."""
    made = billing.record_delivery(
        call.conn,
        call.actor,
        bill=bill,
        channel=body.channel,
        delivered_at=body.delivered_at,
        proof=body.proof,
        now=call.now,
    )
    return DeliveryOut.of(made)


@operations.post("/opening-balances", status=201, idempotent="bill.issue", tells=["Location"])
def bring_in_balance(call: Call, body: OpeningIn) -> Answer[BillDetailOut]:
    """What a customer owed before billing began here, as a bill that is issued today."""
    made = billing.bring_in(
        call.conn,
        call.actor,
        customer_no=body.customer_no,
        lease_no=body.lease_no,
        amount_fen=body.amount_fen,
        due_on=body.due_on,
        title=body.title,
        now=call.now,
    )
    assert made.bill_no is not None
    headers = {"Location": f"/api/v1/bills/{made.bill_no}"}
    return Answer(_told(call, made.bill_no), headers)


def _detail(call: Call, bill: str) -> BillDetailOut:
    return BillDetailOut.of_detail(billing.get_bill(call.conn, call.actor, bill=bill))


def _told(call: Call, bill: str) -> BillDetailOut:
    """The bill after something was done with it, also to who may not read others."""
    return BillDetailOut.of_detail(billing.tell_bill(call.conn, bill=bill))


def _place(after: str | None) -> tuple[date, UUID] | None:
    """The day and the key a cursor stands for.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    place = place_of(after, str, str)
    if place is None:
        return None
    try:
        return date.fromisoformat(place[0]), UUID(place[1])
    except (TypeError, ValueError, AttributeError):
        raise ApiError(422, "cursor_invalid", field="after") from None
