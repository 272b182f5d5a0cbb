"""Says whose a payment is, and takes that back where it was somebody else's.

What is claimed settles bills from the day the money came. Leaves out who it may be (`matching`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.local_days import local_day
from fleet.payments import store
from fleet.payments.errors import (
    PaymentClaimedAlready,
    PaymentNotClaimed,
    PaymentRefundedAlready,
    PaymentReversedAlready,
)
from fleet.payments.model import Payment, PaymentDetail
from fleet.payments.posting.service import post_claim
from fleet.payments.recording.service import (
    claimant_of,
    detail_of,
    get_payment,
    payer_of,
    settle_with,
    write_audit,
)
from fleet.receivables import service as receivables
from kit.errors import VersionChanged
from schemas.access import Actor


def claim_payment(
    conn: Connection[Any],
    actor: Actor,
    *,
    payment_no: str,
    customer_no: str,
    bills: Sequence[str] = (),
    version: int | None = None,
    now: datetime,
) -> PaymentDetail:
    """The payment is this customer's, and settles bills: those named first.

    Raises:
        PaymentNotFound, PayerNotFound, BillToPayNotFound: one of them is none in sight.
        VersionChanged: somebody changed it since `version` was read.
        PaymentClaimedAlready, PaymentReversedAlready: it is somebody's, or nothing, by now.
    """
    actor.require("payment.record")
    payer = payer_of(conn, customer_no)
    receivables.lock_customers(conn, [payer.id])
    payment = locked(conn, payment_no, version)
    if payment.state == "claimed":
        raise PaymentClaimedAlready(f"it is {payment.customer_no}'s", payment_no=payment_no)
    parts = len(store.list_claims(conn, payment.id))
    store.mark_claimed(
        conn, {"id": payment.id, "customer_id": payer.id, "by": actor.name, "now": now}
    )
    post_claim(conn, actor, payment, payer, part=2 * parts, now=now)
    settle_with(conn, actor, payment, payer, bills=bills, now=now)
    told = {"customer_no": payer.customer_no, "bills": list(bills)}
    write_audit(conn, actor, "payment.claim", payment, now=now, after=told)
    return detail_of(conn, payment_no)


def unclaim_payment(
    conn: Connection[Any],
    actor: Actor,
    *,
    payment_no: str,
    reason: str,
    version: int | None = None,
    now: datetime,
) -> PaymentDetail:
    """The payment was claimed for the wrong customer: its bills are open again, it waits anew.

    Raises:
        PaymentNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
        PaymentNotClaimed, PaymentReversedAlready: it is nobody's.
        PaymentRefundedAlready: some of it was given back to the customer.
        DepositNotEnough: it paid a deposit that was used meanwhile.
    """
    actor.require("payment.reverse")
    payment = lock_claimed(conn, payment_no, version)
    if payment.customer_no is None:
        raise PaymentNotClaimed("nobody has said whose it is", payment_no=payment_no)
    payer = claimant_of(conn, payment)
    claims = store.list_claims(conn, payment.id)
    if store.find_refunded(conn, claims[0]):
        raise PaymentRefundedAlready("some of it was given back", payment_no=payment_no)
    today = local_day(now, payment.zone)
    receivables.undo(conn, actor, credit_id=claims[0], on=today, now=now)
    receivables.use_credit(conn, credit_id=claims[0], amount_fen=payment.amount_fen)
    post_claim(conn, actor, payment, payer, part=2 * len(claims) - 1, back_on=today, now=now)
    store.mark_unclaimed(conn, payment.id)
    settle_left(conn, actor, payer.id, now=now, zone=payment.zone)
    told = {"customer_no": payment.customer_no, "reason": reason}
    write_audit(conn, actor, "payment.unclaim", payment, now=now, before=told, after={})
    return detail_of(conn, payment_no)


def locked(conn: Connection[Any], payment_no: str, version: int | None) -> Payment:
    """The payment, locked, if it still stands as it was read.

    Raises:
        PaymentNotFound, VersionChanged, PaymentReversedAlready.
    """
    store.lock_payment(conn, payment_no)
    payment = get_payment(conn, payment_no)
    if version is not None and payment.version != version:
        raise VersionChanged(f"it is at version {payment.version}", payment_no=payment_no)
    if payment.state == "reversed":
        raise PaymentReversedAlready("it was taken back before", payment_no=payment_no)
    return payment


def lock_claimed(conn: Connection[Any], payment_no: str, version: int | None) -> Payment:
    """The payment and the money of its customer, locked, the customer first.

    Raises:
        PaymentNotFound, VersionChanged, PaymentReversedAlready.
    """
    before = get_payment(conn, payment_no)
    if before.customer_id is not None:
        receivables.lock_customers(conn, [before.customer_id])
    payment = locked(conn, payment_no, version)
    if payment.customer_id != before.customer_id:
        raise VersionChanged(f"it is at version {payment.version}", payment_no=payment_no)
    return payment


def settle_left(
    conn: Connection[Any], actor: Actor, customer_id: int, *, zone: str, now: datetime
) -> None:
    """What the customer has left settles what is open now."""
    today = local_day(now, zone)
    for credit in receivables.left_of(conn, customer_id=customer_id):
        receivables.allocate_credit(conn, actor, credit_id=credit.id, on=today, now=now)
