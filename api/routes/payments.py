"""Payments over HTTP: money comes in, is claimed, and is taken back where it never came."""

from typing import Annotated, Any, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.payments import (
    ClaimIn,
    PaymentDetailOut,
    PaymentIn,
    PaymentNoPath,
    PaymentOut,
    ReversalIn,
    UnclaimIn,
)
from api.models.text import Day
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, dated_key_of, split_page
from fleet.payments import service as payments
from fleet.payments.service import Channel, PaymentDetail, PaymentSource, PaymentState, Received

operations = Operations("payments")

CHANNELS: Final = {
    "bank": Words("银行转账", "bank"),
    "wechat": Words("微信", "WeChat"),
    "alipay": Words("支付宝", "Alipay"),
    "cash": Words("现金", "cash"),
    "other": Words("其他", "other"),
}
EXPORT: Final = Export(
    Words("收款", "payments"),
    {
        "payment_no": Words("收款编号", "Payment"),
        "channel": Words("收款方式", "Channel"),
        "bank_reference": Words("银行流水号", "Bank reference"),
        "received_on": Words("到账日", "Received on"),
        "amount_fen": Words("金额", "Amount"),
        "settled_fen": Words("已冲账单", "Settled"),
        "left_fen": Words("余额", "Left"),
        "customer_no": Words("客户编号", "Customer no"),
        "customer_name": Words("客户", "Customer"),
        "payer_name": Words("付款人", "Payer"),
        "payer_account": Words("付款账号", "Account"),
        "remark": Words("附言", "Remark"),
        "source": Words("来源", "Source"),
        "statement": Words("对账单编号", "Statement"),
        "claimed_by": Words("认领人", "Claimed by"),
        "claimed_at": Words("认领时间", "Claimed at"),
        "reversed_on": Words("冲回日", "Reversed on"),
        "reversal_reason": Words("冲回原因", "Why reversed"),
        "reversed_by": Words("冲回人", "Reversed by"),
        "reversed_at": Words("冲回时间", "Reversed at"),
    },
    {
        "channel": CHANNELS,
        "state": {
            "unclaimed": Words("待认领", "unclaimed"),
            "claimed": Words("已认领", "claimed"),
            "reversed": Words("已冲回", "reversed"),
        },
        "source": {
            "hand": Words("手工", "by hand"),
            "api": Words("接口", "API"),
            "statement": Words("银行对账单", "bank statement"),
        },
    },
    frozenset({"proposal"}),
)
"""As a table."""

InState = Annotated[PaymentState | None, Query(description="In this state.")]
ByChannel = Annotated[Channel | None, Query(description="Through this channel.")]
BySource = Annotated[PaymentSource | None, Query(description="Recorded in this way.")]
OfStatement = Annotated[str | None, Query(max_length=40, description="Key of a bank's statement.")]
OfCustomer = Annotated[str | None, Query(max_length=40, description="Number of a customer.")]
FromOn = Annotated[Day | None, Query(description="Received on this day or later.")]
UntilOn = Annotated[Day | None, Query(description="Received on this day or earlier.")]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of number, bank reference, payer, remark, or of the customer's name.",
    ),
]


@operations.get("/payments", exported=EXPORT)
def list_payments(
    call: Call,
    state: InState = None,
    channel: ByChannel = None,
    source: BySource = None,
    statement: OfStatement = None,
    customer: OfCustomer = None,
    received_from_on: FromOn = None,
    received_until_on: UntilOn = None,
    organisation: OfOrganisation = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[PaymentOut]:
    """Money that came in, the last recorded first."""
    given: dict[str, Any] = {
        "state": state,
        "channel": channel,
        "source": source,
        "statement": statement,
        "customer": customer,
        "received_from_on": received_from_on,
        "received_until_on": received_until_on,
        "organisation": organisation,
        "search": q,
    }
    rows = payments.list_payments(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=dated_key_of(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[PaymentOut](
        items=[PaymentOut.of(row) for row in page],
        next=last and cursor_of(last.recorded_at, str(last.key)),
    )


@operations.post("/payments", status=201, idempotent="payment.record", tells=["Location", "ETag"])
def record_payment(call: Call, body: PaymentIn) -> Answer[PaymentDetailOut]:
    """Record money that came in. With a customer it settles bills at once; the rest is credit.

    The Idempotency-Key is kept with the payment for good: sent again, also years later, it answers
    with that payment and charges nothing.
    """
    received = Received(
        channel=body.channel,
        amount_fen=body.amount_fen,
        received_on=body.received_on,
        bank_reference=body.bank_reference,
        payer_name=body.payer_name,
        payer_account=body.payer_account,
        remark=body.remark,
    )
    made = payments.record_payment(
        call.conn,
        call.actor,
        received=received,
        customer_no=body.customer_no,
        bills=body.bills,
        organisation_code=body.organisation,
        idempotency_key=call.request.headers["Idempotency-Key"],
        source="api" if call.actor.kind == "machine" else "hand",
        now=call.now,
    )
    headers = {"Location": f"/api/v1/payments/{made.payment.payment_no}"}
    return Answer(PaymentDetailOut.of_detail(made), headers, made.payment.version)


@operations.get("/payments/{payment_no}", tells=["ETag"])
def get_payment(call: Call, payment_no: PaymentNoPath) -> Answer[PaymentDetailOut]:
    """One payment, and what it settles."""
    return _answer(payments.get_payment_detail(call.conn, call.actor, payment_no=payment_no))


@operations.post("/payments/{payment_no}/claim", tells=["ETag"])
def claim_payment(
    call: Call, payment_no: PaymentNoPath, body: ClaimIn, if_match: IfMatch = None
) -> Answer[PaymentDetailOut]:
    """Say whose a payment is. It settles bills from the day it came.

    If-Match: the ETag of the payment.
    """
    claimed = payments.claim_payment(
        call.conn,
        call.actor,
        payment_no=payment_no,
        customer_no=body.customer_no,
        bills=body.bills,
        version=version_of(if_match),
        now=call.now,
    )
    return _answer(claimed)


@operations.post("/payments/{payment_no}/unclaim", tells=["ETag"])
def unclaim_payment(
    call: Call, payment_no: PaymentNoPath, body: UnclaimIn, if_match: IfMatch = None
) -> Answer[PaymentDetailOut]:
    """It was another's: the bills it settled are open again, and it waits anew.

    If-Match: the ETag of the payment.
    """
    waiting = payments.unclaim_payment(
        call.conn,
        call.actor,
        payment_no=payment_no,
        reason=body.reason,
        version=version_of(if_match),
        now=call.now,
    )
    return _answer(waiting)


@operations.post("/payments/{payment_no}/reverse", tells=["ETag"])
def reverse_payment(
    call: Call, payment_no: PaymentNoPath, body: ReversalIn, if_match: IfMatch = None
) -> Answer[PaymentDetailOut]:
    """It bounced, or never came: its bills are open again. What was given back of it is reclaimed
    by a bill; VAT that fell due stays due.

    If-Match: the ETag of the payment.
    """
    reversed_one = payments.reverse_payment(
        call.conn,
        call.actor,
        payment_no=payment_no,
        reason=body.reason,
        reversed_on=body.reversed_on,
        version=version_of(if_match),
        now=call.now,
    )
    return _answer(reversed_one)


def _answer(detail: PaymentDetail) -> Answer[PaymentDetailOut]:
    return Answer(PaymentDetailOut.of_detail(detail), version=detail.payment.version)
