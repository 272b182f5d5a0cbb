"""Takes back a payment that bounced, or never came.

Bills it settled are open again, the newest first; VAT that fell due stays due. A deposit it paid
that was used meanwhile is un-applied. What was given back of it already, and what of a deposit is
gone, the customer owes: a bill to reclaim it. Leaves out a payment of somebody else's (`claiming`).
"""

from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.billing.service import open_special
from fleet.deposits.service import unapply_newest
from fleet.ledger.service import Entry, Posting, post
from fleet.local_days import local_day
from fleet.payments import store
from fleet.payments.accounts import LIES_IN
from fleet.payments.claiming.service import lock_claimed, settle_left
from fleet.payments.errors import ReversalDayOutOfReach
from fleet.payments.model import Payment, PaymentDetail
from fleet.payments.posting.service import post_claim
from fleet.payments.recording.service import (
    claimant_of,
    detail_of,
    write_audit,
)
from fleet.receivables import service as receivables
from schemas.access import Actor


def reverse_payment(
    conn: Connection[Any],
    actor: Actor,
    *,
    payment_no: str,
    reason: str,
    reversed_on: date | None = None,
    version: int | None = None,
    now: datetime,
) -> PaymentDetail:
    """The payment never came. `reversed_on`: when the bank said so, if not today.

    Raises:
        PaymentNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
        PaymentReversedAlready: it was taken back before.
        ReversalDayOutOfReach: the day lies ahead, or before the payment.
    """
    actor.require("payment.reverse")
    payment = lock_claimed(conn, payment_no, version)
    today = local_day(now, payment.zone)
    on = reversed_on or today
    if not payment.received_on <= on <= today:
        raise ReversalDayOutOfReach(f"{on} is ahead or before the payment", today=today)
    owed_fen = _take_back(conn, actor, payment, reason=reason, on=on, now=now)
    store.mark_reversed(
        conn, {"id": payment.id, "on": on, "reason": reason, "by": actor.name, "now": now}
    )
    _post_out(conn, actor, payment, on=on, now=now)
    if payment.customer_id is not None and owed_fen:
        _reclaim(conn, actor, payment, owed_fen, on=on, now=now)
    if payment.customer_id is not None:
        settle_left(conn, actor, payment.customer_id, zone=payment.zone, now=now)
    told = {"amount_fen": payment.amount_fen, "reason": reason, "reclaimed_fen": owed_fen}
    before = {"state": payment.state, "customer_no": payment.customer_no}
    write_audit(conn, actor, "payment.reverse", payment, now=now, before=before, after=told)
    return detail_of(conn, payment_no)


def _take_back(
    conn: Connection[Any],
    actor: Actor,
    payment: Payment,
    *,
    reason: str,
    on: date,
    now: datetime,
) -> int:
    """How much of it cannot be taken back, in fen: it went out again, as a refund or a deposit."""
    if payment.customer_id is None:
        return 0
    credit_id = store.list_claims(conn, payment.id)[0]
    gone: dict[int, int] = {}
    for lease_id, short_fen in receivables.deposits_short(conn, credit_id=credit_id).items():
        told = f"收款 {payment.payment_no} 冲回：{reason}"
        back_fen = unapply_newest(
            conn, actor, lease_id=lease_id, amount_fen=short_fen, reason=told, on=on, now=now
        )
        if back_fen < short_fen:
            gone[lease_id] = short_fen - back_fen
    receivables.undo(conn, actor, credit_id=credit_id, keep_deposits=gone, on=on, now=now)
    left_fen = receivables.get_credit(conn, credit_id).left_fen
    receivables.use_credit(conn, credit_id=credit_id, amount_fen=left_fen)
    return payment.amount_fen - left_fen


def _post_out(
    conn: Connection[Any], actor: Actor, payment: Payment, *, on: date, now: datetime
) -> None:
    """The money is not there; nor is what was owed for it."""
    fen = payment.amount_fen
    book = (payment.tenant_id, payment.organisation_id)
    owed = Posting("unclaimed", fen)
    if payment.customer_no is not None:
        payer = claimant_of(conn, payment)
        if payer.organisation_id == payment.organisation_id:
            owed = Posting("customer_credit", fen, payment.customer_id)
        else:
            part = 2 * len(store.list_claims(conn, payment.id)) - 1
            post_claim(conn, actor, payment, payer, part=part, back_on=on, now=now)
    postings = (owed, Posting(LIES_IN[payment.channel], -fen, payment.customer_id))
    title = f"冲回收款 {payment.payment_no}"
    entry = Entry(*book, "reversal", payment.payment_no, on, title, postings)
    post(conn, actor, [entry], now=now)


def _reclaim(
    conn: Connection[Any],
    actor: Actor,
    payment: Payment,
    owed_fen: int,
    *,
    on: date,
    now: datetime,
) -> None:
    payer = claimant_of(conn, payment)
    open_special(
        conn,
        actor,
        kind="reclaim",
        customer_id=payer.id,
        organisation_id=payer.organisation_id,
        lease_id=None,
        amount_fen=owed_fen,
        title=f"收款 {payment.payment_no} 未到账，已退款项收回",
        due_on=on,
        source_key=payment.payment_no,
        now=now,
    )
