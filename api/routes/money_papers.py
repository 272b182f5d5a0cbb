"""Papers of money over HTTP: bills, credit notes, notices and settlements as PDF."""

import io
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path

from api.answers import disposition
from api.deps import Call
from api.operation import Filed, Operations
from fleet.money_papers import service as papers

operations = Operations("money-papers")

MEDIA_TYPE: Final = "application/pdf"
READ_ANSWER: Final[dict[str, Any]] = {
    "description": "PDF/A-2b: the same bytes at every reading.",
    "content": {MEDIA_TYPE: {}},
}
BillNo = Annotated[
    str, Path(max_length=64, description="Number of an issued bill.", examples=["B2026-3-000017"])
]
CreditNo = Annotated[
    str, Path(max_length=64, description="Number of a credit note.", examples=["N2026-3-000002"])
]
NoticeNo = Annotated[
    str, Path(max_length=64, description="Number of a notice.", examples=["D2026-7K3M9Q"])
]
SettlementKey = Annotated[UUID, Path(description="Key of a settlement of shares.")]


@operations.get("/bills/{bill}/pdf", responses={200: READ_ANSWER})
def get_bill_pdf(call: Call, bill: BillNo) -> Filed:
    """The bill 账单 as it was issued. A draft has no paper."""
    return filed(
        papers.bill_paper(call.conn, call.actor, files=call.state.files, bill_no=bill, now=call.now)
    )


@operations.get("/credit-notes/{credit_no}/pdf", responses={200: READ_ANSWER})
def get_credit_note_pdf(call: Call, credit_no: CreditNo) -> Filed:
    """The credit note 冲减单 as it was issued: what it takes off, below zero."""
    return filed(
        papers.credit_note_paper(
            call.conn, call.actor, files=call.state.files, credit_no=credit_no, now=call.now
        )
    )


@operations.get("/dunning-notices/{notice_no}/pdf", responses={200: READ_ANSWER})
def get_dunning_notice_pdf(call: Call, notice_no: NoticeNo) -> Filed:
    """The reminder or demand 催收函 with the words it was made with."""
    return filed(
        papers.notice_paper(
            call.conn, call.actor, files=call.state.files, notice_no=notice_no, now=call.now
        )
    )


@operations.get("/share-settlements/{key}/pdf", responses={200: READ_ANSWER})
def get_share_settlement_pdf(call: Call, key: SettlementKey) -> Filed:
    """The settlement of shares 分成结算单, the same paper for owner and operator."""
    return filed(
        papers.settlement_paper(
            call.conn, call.actor, files=call.state.files, key=key, now=call.now
        )
    )


def filed(paper: papers.Paper) -> Filed:
    """A paper as an answer, shown where the reader can."""
    headers = {"Content-Disposition": disposition(paper.name, inline=True)}
    return Filed(io.BytesIO(paper.content), MEDIA_TYPE, headers)
