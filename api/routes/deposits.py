"""Deposits over HTTP: what is held, what stands against giving it back, where it goes."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.deposits import (
    DepositApplied,
    DepositHeld,
    DepositOpened,
    DepositOut,
    DepositRefunded,
    DepositReleased,
    DepositStandingOut,
    DepositTotalOut,
    DepositUnapplied,
)
from api.models.hand_overs import LeaseNoPath
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.deposits import service as deposits

operations = Operations("deposits")

EXPORT: Final = Export(
    Words("押金", "deposits"),
    {
        "lease_no": Words("合同号", "Lease"),
        "lease_state": Words("租约状态", "State of the lease"),
        "customer_no": Words("客户编号", "Customer no"),
        "customer_name": Words("客户", "Customer"),
        "agreed_fen": Words("约定押金", "Agreed"),
        "asked_fen": Words("应收押金", "Asked for"),
        "open_fen": Words("未收押金", "Not paid"),
        "received_fen": Words("已收押金", "Received"),
        "opening_fen": Words("期初押金", "From before"),
        "applied_fen": Words("已抵扣", "Applied"),
        "refunded_fen": Words("已退还", "Refunded"),
        "credited_fen": Words("已转余额", "Became credit"),
        "held_back_fen": Words("人工扣留", "Held back"),
        "held_fen": Words("在押金额", "Held"),
    },
    {
        "lease_state": {
            "signed": Words("已签约", "signed"),
            "active": Words("在租", "active"),
            "suspended": Words("暂停", "suspended"),
            "ended": Words("已结束", "ended"),
            "terminated": Words("提前终止", "terminated"),
            "bought_out": Words("已买断", "bought out"),
            "cancelled": Words("已取消", "cancelled"),
        }
    },
)
OfLease = Annotated[str | None, Query(max_length=40, description="Number of a lease.")]
OfCustomer = Annotated[str | None, Query(max_length=40, description="Number of a customer.")]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
Held = Annotated[bool | None, Query(description="Something is held, or nothing.")]
Running = Annotated[bool | None, Query(description="The lease runs, or is over.")]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of the lease, or of the customer's name or number.",
    ),
]


@operations.get("/deposits", exported=EXPORT)
def list_deposits(
    call: Call,
    lease: OfLease = None,
    customer: OfCustomer = None,
    organisation: OfOrganisation = None,
    held: Held = None,
    running: Running = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[DepositOut]:
    """Deposits that were asked for or held, of the last drafted lease first."""
    given = {
        "lease": lease,
        "customer": customer,
        "organisation": organisation,
        "held": held,
        "running": running,
        "search": q,
    }
    place = place_of(after, datetime, int)
    if place is not None and None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = deposits.list_deposits(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[DepositOut](
        items=[DepositOut.of(row) for row in page],
        next=last and cursor_of(last.created_at, last.lease_id),
    )


@operations.get("/deposits/total")
def get_deposit_total(call: Call, organisation: OfOrganisation = None) -> DepositTotalOut:
    """押金负债: what is held of an organisation and those below it, or of all in sight."""
    return DepositTotalOut.of(
        deposits.total_deposits(call.conn, call.actor, organisation_code=organisation)
    )


@operations.get("/leases/{lease_no}/deposit")
def get_deposit(call: Call, lease_no: LeaseNoPath) -> DepositStandingOut:
    """The deposit of a lease: what is held, what may be given back today, and why not more."""
    return DepositStandingOut.of(
        deposits.get_standing(call.conn, call.actor, lease_no=lease_no, now=call.now)
    )


@operations.post("/leases/{lease_no}/deposit/apply", idempotent="deposit.apply")
def apply_deposit(call: Call, lease_no: LeaseNoPath, body: DepositApplied) -> DepositStandingOut:
    """Settle a bill of the lease with its deposit."""
    moved = deposits.apply_deposit(
        call.conn,
        call.actor,
        lease_no=lease_no,
        bill_no=body.bill,
        amount_fen=body.amount_fen,
        reason=body.reason,
        on=body.on,
        now=call.now,
    )
    return DepositStandingOut.of(moved)


@operations.post("/leases/{lease_no}/deposit/unapply", idempotent="deposit.apply")
def unapply_deposit(
    call: Call, lease_no: LeaseNoPath, body: DepositUnapplied
) -> DepositStandingOut:
    """Undo what the deposit settled: the bill is open again, and the deposit held."""
    moved = deposits.unapply_deposit(
        call.conn,
        call.actor,
        lease_no=lease_no,
        movement=body.movement,
        amount_fen=body.amount_fen,
        reason=body.reason,
        on=body.on,
        now=call.now,
    )
    return DepositStandingOut.of(moved)


@operations.post("/leases/{lease_no}/deposit/hold-back", idempotent="deposit.apply")
def hold_deposit_back(call: Call, lease_no: LeaseNoPath, body: DepositHeld) -> DepositStandingOut:
    """Hold a part of the deposit back, until a day or until it is released."""
    moved = deposits.hold_back(
        call.conn,
        call.actor,
        lease_no=lease_no,
        amount_fen=body.amount_fen,
        until_on=body.until_on,
        reason=body.reason,
        now=call.now,
    )
    return DepositStandingOut.of(moved)


@operations.post("/leases/{lease_no}/deposit/release", idempotent="deposit.apply")
def release_deposit(call: Call, lease_no: LeaseNoPath, body: DepositReleased) -> DepositStandingOut:
    """Release what stands against giving back; what the rules hold takes the right to refund."""
    moved = deposits.release_block(
        call.conn,
        call.actor,
        lease_no=lease_no,
        block=body.block,
        amount_fen=body.amount_fen,
        reason=body.reason,
        now=call.now,
    )
    return DepositStandingOut.of(moved)


@operations.post("/leases/{lease_no}/deposit/refund", idempotent="deposit.refund")
def refund_deposit(call: Call, lease_no: LeaseNoPath, body: DepositRefunded) -> DepositStandingOut:
    """Write down that a part of the deposit was given back; never more than may be today."""
    moved = deposits.refund_deposit(
        call.conn,
        call.actor,
        lease_no=lease_no,
        amount_fen=body.amount_fen,
        channel=body.channel,
        bank_reference=body.bank_reference,
        reason=body.reason,
        on=body.on,
        now=call.now,
    )
    return DepositStandingOut.of(moved)


@operations.post("/leases/{lease_no}/deposit/opening", idempotent="deposit.refund")
def open_deposit(call: Call, lease_no: LeaseNoPath, body: DepositOpened) -> DepositStandingOut:
    """Write down what is held from before the books began."""
    moved = deposits.open_deposit(
        call.conn,
        call.actor,
        lease_no=lease_no,
        amount_fen=body.amount_fen,
        reason=body.reason,
        on=body.on,
        now=call.now,
    )
    return DepositStandingOut.of(moved)
