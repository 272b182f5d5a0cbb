"""Dunning over HTTP: reminders, demands and notices, and how each arrived."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.documents import DocumentOut
from api.models.dunning import (
    BillNoPath,
    DeliveryIn,
    DunningRun,
    DunningRunOut,
    NoticeDetailOut,
    NoticeIn,
    NoticeNoPath,
    NoticeOut,
    Withdrawal,
)
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from api.uploads import FileBody, FileName
from fleet.documents.model import DocumentKind
from fleet.dunning import service as dunning
from fleet.dunning.model import NoticeKind, NoticeState
from fleet.orgs import service as orgs

operations = Operations("dunning")

EXPORT: Final = Export(
    Words("催收通知", "dunning-notices"),
    {
        "notice_no": Words("通知编号", "Notice"),
        "customer_no": Words("客户编号", "Customer no"),
        "customer_name": Words("客户", "Customer"),
        "lease_no": Words("合同号", "Lease"),
        "bill_no": Words("账单编号", "Bill"),
        "bill_due_on": Words("账单到期日", "Bill due on"),
        "stage": Words("催收阶段", "Stage"),
        "stage_on": Words("阶段起始日", "Stage began on"),
        "title": Words("标题", "Title"),
        "made_at": Words("生成时间", "Made at"),
        "made_by": Words("生成人", "Made by"),
        "open_fen": Words("催收欠款", "Demanded"),
        "late_fee_fen": Words("催收违约金", "Late fee demanded"),
        "open_now_fen": Words("账单当前未付", "Open now"),
        "clause": Words("合同条款", "Clause"),
        "rule": Words("法律依据", "Rule"),
        "state_note": Words("状态说明", "Note"),
        "arrived_at": Words("送达时间", "Arrived at"),
        "deadline_on": Words("期限届满日", "Deadline"),
        "limitation_on": Words("诉讼时效届满日", "Limitation until"),
    },
    {
        "kind": {
            "reminder": Words("提醒", "reminder"),
            "call": Words("电话催收", "call"),
            "demand": Words("催告函", "demand"),
            "lock_notice": Words("锁车通知", "lock notice"),
            "rescission_notice": Words("解除合同通知", "rescission notice"),
            "recovery": Words("收回车辆通知", "recovery"),
            "suit": Words("起诉前告知", "before suit"),
        },
        "state": {
            "made": Words("已生成", "made"),
            "sent": Words("已发出", "sent"),
            "arrived": Words("已送达", "arrived"),
            "withdrawn": Words("已撤回", "withdrawn"),
        },
    },
)
"""As a table."""

InState = Annotated[NoticeState | None, Query(description="In this state.")]
OfKind = Annotated[NoticeKind | None, Query(description="Of this kind.")]
OfStage = Annotated[str | None, Query(max_length=41, description="Of this stage of the ladder.")]
OfBill = Annotated[str | None, Query(max_length=40, description="Number of a bill.")]
OfLease = Annotated[str | None, Query(max_length=40, description="Number of a lease.")]
OfCustomer = Annotated[str | None, Query(max_length=40, description="Number of a customer.")]
Settled = Annotated[bool | None, Query(description="Its bill is settled, or not.")]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of the number of notice, bill or lease, or of the customer's name or"
        " number.",
    ),
]


@operations.get("/dunning-notices", exported=EXPORT)
def list_dunning_notices(
    call: Call,
    state: InState = None,
    kind: OfKind = None,
    stage: OfStage = None,
    bill: OfBill = None,
    lease: OfLease = None,
    customer: OfCustomer = None,
    settled: Settled = None,
    organisation: OfOrganisation = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[NoticeOut]:
    """Reminders, demands and notices, the last made first."""
    given = {
        "state": state,
        "kind": kind,
        "stage": stage,
        "bill": bill,
        "lease": lease,
        "customer": customer,
        "settled": settled,
        "organisation": organisation,
        "search": q,
    }
    place = place_of(after, datetime, int)
    rows = dunning.list_notices(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[NoticeOut](
        items=[NoticeOut.of(row) for row in page],
        next=last and cursor_of(last.notice.made_at, last.notice.id),
    )


@operations.get("/dunning-notices/{notice_no}", tells=["ETag"])
def get_dunning_notice(call: Call, notice_no: NoticeNoPath) -> Answer[NoticeDetailOut]:
    """One notice, with its text as it was made and each delivery."""
    return _answer(dunning.get_notice(call.conn, call.actor, notice_no=notice_no))


@operations.post(
    "/dunning-notices/{notice_no}/deliveries",
    status=201,
    idempotent="dunning.record",
    tells=["ETag"],
)
def record_dunning_delivery(
    call: Call, notice_no: NoticeNoPath, body: DeliveryIn
) -> Answer[NoticeDetailOut]:
    """Write down how a notice was sent, and whether it arrived.

    From its arrival on the time runs that it sets, and the limitation period begins anew. That a
    demand arrived, or what follows one, has to be proved.
    """
    after = dunning.record_delivery(
        call.conn,
        call.actor,
        notice_no=notice_no,
        channel=body.channel,
        result=body.result,
        sent_at=body.sent_at,
        arrived_at=body.arrived_at,
        proof=body.proof,
        document_key=body.document,
        note=body.note,
        now=call.now,
    )
    return _answer(after)


@operations.post(
    "/dunning-notices/{notice_no}/documents",
    status=201,
    idempotent="dunning.record",
    tells=["Location"],
)
def add_dunning_document(
    call: Call,
    notice_no: NoticeNoPath,
    body: FileBody,
    name: FileName,
    kind: Annotated[DocumentKind, Query(description="What it is [a photo].")] = "photo",
) -> Answer[DocumentOut]:
    """Add a file that proves how a notice arrived; a delivery names it by its key."""
    added = dunning.add_proof(
        call.conn,
        call.actor,
        files=call.state.files,
        notice_no=notice_no,
        kind=kind,
        name=name,
        content=body,
        now=call.now,
    )
    return Answer(DocumentOut.of(added), {"Location": f"/api/v1/documents/{added.key}"})


@operations.post("/dunning-notices/{notice_no}/withdraw", tells=["ETag"])
def withdraw_dunning_notice(
    call: Call, notice_no: NoticeNoPath, body: Withdrawal, if_match: IfMatch = None
) -> Answer[NoticeDetailOut]:
    """Withdraw a notice that has not arrived; it is not made again but by hand.

    If-Match: the ETag of the notice.
    """
    after = dunning.withdraw_notice(
        call.conn,
        call.actor,
        notice_no=notice_no,
        version=version_of(if_match),
        note=body.note,
        now=call.now,
    )
    return _answer(after)


@operations.post(
    "/bills/{bill_no}/notices",
    status=201,
    idempotent="dunning.record",
    tells=["Location", "ETag"],
)
def make_dunning_notice(call: Call, bill_no: BillNoPath, body: NoticeIn) -> Answer[NoticeDetailOut]:
    """Make a notice of a bill by hand, before its day or again after it was withdrawn.

    What its stage stands on is asked for all the same: a clause, an earlier notice and its time.
    """
    notice_no = dunning.make_by_hand(
        call.conn, call.actor, bill_no=bill_no, stage=body.stage, now=call.now
    )
    detail = dunning.get_notice(call.conn, call.actor, notice_no=notice_no)
    headers = {"Location": f"/api/v1/dunning-notices/{notice_no}"}
    made = NoticeDetailOut.of_detail(detail)
    return Answer(made, headers, detail.listed.notice.version)


@operations.post("/dunning-runs")
def run_dunning(call: Call, body: DunningRun) -> DunningRunOut:
    """Make now what is due of the ladder, as the job does every hour; safe to repeat."""
    code = body.organisation or call.actor.organisation_code or ""
    organisation = orgs.get_organisation(call.conn, call.actor, code=code)
    ids = dunning.organisations_of(call.conn, call.actor, organisation_id=organisation.id)
    return DunningRunOut.of(
        [
            dunning.make_due(call.conn, call.actor, organisation_id=each, now=call.now)
            for each in ids
        ]
    )


def _answer(detail: dunning.NoticeDetail) -> Answer[NoticeDetailOut]:
    made = NoticeDetailOut.of_detail(detail)
    return Answer(made, version=detail.listed.notice.version)
