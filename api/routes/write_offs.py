"""Write-offs over HTTP: one asks, another approves."""

from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.money_back import WriteOffDecisionIn, WriteOffIn, WriteOffOut, WriteOffUndoIn
from api.models.payments import WriteOffKey
from api.operation import Answer, Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, dated_key_of, split_page
from api.routes.payments import OfCustomer, OfOrganisation
from fleet.payments import service as payments
from fleet.payments.service import WriteOffState

operations = Operations("payments")

EXPORT: Final = Export(
    Words("坏账核销", "write-offs"),
    {
        "key": Words("核销编号", "Key"),
        "customer_no": Words("客户编号", "Customer no"),
        "customer_name": Words("客户", "Customer"),
        "bill_no": Words("账单号", "Bill"),
        "amount_fen": Words("申请金额", "Asked for"),
        "standing_fen": Words("已核销", "Written off"),
        "requested_by": Words("申请人", "Asked by"),
        "requested_at": Words("申请时间", "Asked at"),
        "decided_by": Words("审批人", "Decided by"),
        "decided_at": Words("审批时间", "Decided at"),
        "decision_note": Words("审批说明", "Note"),
    },
    {
        "state": {
            "requested": Words("待审批", "requested"),
            "approved": Words("已批准", "approved"),
            "refused": Words("已驳回", "refused"),
        }
    },
)

InState = Annotated[WriteOffState | None, Query(description="In this state.")]
OfBill = Annotated[str | None, Query(max_length=40, description="Number of a bill.")]


@operations.get("/write-offs", exported=EXPORT)
def list_write_offs(
    call: Call,
    state: InState = None,
    customer: OfCustomer = None,
    bill: OfBill = None,
    organisation: OfOrganisation = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[WriteOffOut]:
    """What somebody asks to give up, and what was decided; the last first."""
    given = {"state": state, "customer": customer, "bill": bill, "organisation": organisation}
    rows = payments.list_write_offs(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=dated_key_of(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[WriteOffOut](
        items=[WriteOffOut.of(row) for row in page],
        next=last and cursor_of(last.requested_at, str(last.key)),
    )


@operations.post("/write-offs", status=201, idempotent="write_off.request")
def request_write_off(call: Call, body: WriteOffIn) -> Answer[WriteOffOut]:
    """Ask to give up so much of a bill, never more than is open."""
    asked = payments.request_write_off(
        call.conn,
        call.actor,
        bill_no=body.bill_no,
        amount_fen=body.amount_fen,
        reason=body.reason,
        now=call.now,
    )
    return Answer(WriteOffOut.of(asked))


@operations.post("/write-offs/{key}/decide")
def decide_write_off(call: Call, key: WriteOffKey, body: WriteOffDecisionIn) -> WriteOffOut:
    """Approve or refuse a write-off that another asked for; approved, it settles the bill."""
    decided = payments.decide_write_off(
        call.conn, call.actor, key=key, approve=body.approve, note=body.note, now=call.now
    )
    return WriteOffOut.of(decided)


@operations.post("/write-offs/{key}/undo")
def undo_write_off(call: Call, key: WriteOffKey, body: WriteOffUndoIn) -> WriteOffOut:
    """What was given up is owed again, as when the customer pays after all. A payment alone undoes
    no write-off.
    """
    undone = payments.undo_write_off(
        call.conn, call.actor, key=key, reason=body.reason, now=call.now
    )
    return WriteOffOut.of(undone)
