"""Credit of customers over HTTP: what is left, what it settles, what goes back; how one stands."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.customers import CustomerNoPath
from api.models.money_back import CreditOut, RefundIn, RefundOut, RefundsOut
from api.models.payments import AllocateIn, BalanceOut
from api.operation import Operations
from api.pages import (
    DEFAULT_LIMIT,
    After,
    Limit,
    Page,
    cursor_of,
    dated_key_of,
    place_of,
    split_page,
)
from api.routes.payments import CHANNELS, OfCustomer, OfOrganisation
from fleet.payments import service as payments

operations = Operations("payments")

EXPORT: Final = Export(
    Words("客户余额", "credit"),
    {
        "customer_no": Words("客户编号", "Customer no"),
        "customer_name": Words("客户", "Customer"),
        "source_kind": Words("来源类型", "From what"),
        "source_key": Words("来源编号", "Its number"),
        "amount_fen": Words("金额", "Amount"),
        "left_fen": Words("剩余", "Left"),
        "since_on": Words("起始日", "Since"),
    },
    {
        "source_kind": {
            "payment": Words("收款", "payment"),
            "credit_note": Words("冲减单", "credit note"),
            "reclaim": Words("收回", "reclaim"),
            "opening": Words("期初", "opening"),
        }
    },
)
REFUNDS: Final = Export(
    Words("退款", "refunds"),
    {
        "key": Words("退款编号", "Key"),
        "customer_no": Words("客户编号", "Customer no"),
        "customer_name": Words("客户", "Customer"),
        "credit_source": Words("余额来源", "Out of"),
        "amount_fen": Words("金额", "Amount"),
        "channel": Words("退款方式", "Channel"),
        "bank_reference": Words("银行流水号", "Bank reference"),
        "paid_on": Words("退款日", "Paid on"),
    },
    {"channel": CHANNELS},
)

Left = Annotated[bool | None, Query(description="Whether something is left of it.")]


@operations.get("/credits", exported=EXPORT)
def list_credits(
    call: Call,
    left: Left = None,
    customer: OfCustomer = None,
    organisation: OfOrganisation = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[CreditOut]:
    """What customers paid or were credited, the last first; `left_fen` settles no bill yet."""
    given = {"left": left, "customer": customer, "organisation": organisation}
    rows = payments.list_credits(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=_place_of(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[CreditOut](
        items=[CreditOut.of(row) for row in page],
        next=last and cursor_of(last.recorded_at, last.id),
    )


@operations.get("/refunds", exported=REFUNDS)
def list_refunds(
    call: Call,
    customer: OfCustomer = None,
    organisation: OfOrganisation = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[RefundOut]:
    """What was given back of customers' credit, the last first."""
    given = {"customer": customer, "organisation": organisation}
    rows = payments.list_refunds(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=dated_key_of(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[RefundOut](
        items=[RefundOut.of(row) for row in page],
        next=last and cursor_of(last.recorded_at, str(last.key)),
    )


@operations.post("/customers/{customer_no}/refunds", status=201, idempotent="credit.refund")
def refund_credit(call: Call, customer_no: CustomerNoPath, body: RefundIn) -> RefundsOut:
    """Give so much of a customer's credit back: what is left at most, the oldest first."""
    made = payments.refund_credit(
        call.conn,
        call.actor,
        customer_no=customer_no,
        amount_fen=body.amount_fen,
        channel=body.channel,
        bank_reference=body.bank_reference,
        paid_on=body.paid_on,
        reason=body.reason,
        now=call.now,
    )
    return RefundsOut(refunds=[RefundOut.of(each) for each in made])


@operations.get("/customers/{customer_no}/balance")
def get_balance(call: Call, customer_no: CustomerNoPath) -> BalanceOut:
    """What a customer owes today, has left and has deposited, with those merged into it."""
    return _balance(call, customer_no)


@operations.post("/customers/{customer_no}/allocate")
def put_credit_to_bills(call: Call, customer_no: CustomerNoPath, body: AllocateIn) -> BalanceOut:
    """Settle these bills from what the customer has left; how the customer stands then."""
    payments.put_credit_to_bills(
        call.conn, call.actor, customer_no=customer_no, bills=body.bills, now=call.now
    )
    return _balance(call, customer_no)


def _place_of(after: str | None) -> tuple[datetime, int] | None:
    place: list[Any] | None = place_of(after, datetime, int)
    if place is None:
        return None
    if None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    return place[0], place[1]


def _balance(call: Call, customer_no: str) -> BalanceOut:
    balance = payments.balance_of(call.conn, call.actor, customer_no=customer_no, now=call.now)
    return BalanceOut.of(balance)
