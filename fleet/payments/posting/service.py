"""Posts money that came in, and whose it is, into the books.

Money is owed to its customer, or to nobody known yet (`unclaimed`). Leaves out what it settles
(`fleet/receivables`).
"""

from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.ledger.service import Entry, Posting, post
from fleet.payments.accounts import LIES_IN
from fleet.payments.model import Payer, Payment
from schemas.access import Actor


def post_in(
    conn: Connection[Any], actor: Actor, payment: Payment, payer: Payer | None, *, now: datetime
) -> None:
    """The money is there, and owed to the customer, or to nobody known yet."""
    if payer is not None and payer.organisation_id != payment.organisation_id:
        post_in_unclaimed(conn, actor, payment, now=now)
        post_claim(conn, actor, payment, payer, part=0, now=now)
        return
    if payer is None:
        post_in_unclaimed(conn, actor, payment, now=now)
        return
    fen = payment.amount_fen
    postings = (
        Posting(LIES_IN[payment.channel], fen, payer.id),
        Posting("customer_credit", -fen, payer.id),
    )
    book = (payment.tenant_id, payment.organisation_id)
    title = f"收款 {payment.payment_no}"
    entry = Entry(*book, "payment", payment.payment_no, payment.received_on, title, postings)
    post(conn, actor, [entry], now=now)


def post_in_unclaimed(
    conn: Connection[Any], actor: Actor, payment: Payment, *, now: datetime
) -> None:
    """The money is there; it is not known whose it is."""
    fen, book = payment.amount_fen, (payment.tenant_id, payment.organisation_id)
    postings = (Posting(LIES_IN[payment.channel], fen), Posting("unclaimed", -fen))
    title = f"收款 {payment.payment_no}（待认领）"
    entry = Entry(*book, "payment", payment.payment_no, payment.received_on, title, postings)
    post(conn, actor, [entry], now=now)


def post_claim(
    conn: Connection[Any],
    actor: Actor,
    payment: Payment,
    payer: Payer,
    *,
    part: int,
    back_on: date | None = None,
    now: datetime,
) -> None:
    """The money is the customer's, in the book of its organisation, since it came; or from
    `back_on` on it is not, after all.

    In another book than the one the money came into, what is unclaimed stands in both, the one
    against the other.
    """
    fen = -payment.amount_fen if back_on else payment.amount_fen
    postings = (Posting("unclaimed", fen), Posting("customer_credit", -fen, payer.id))
    book, on = (payer.tenant_id, payer.organisation_id), back_on or payment.received_on
    title = f"{'撤销认领' if back_on else '认领'} {payment.payment_no}"
    entry = Entry(*book, "claim", payment.payment_no, on, title, postings, part)
    post(conn, actor, [entry], now=now)
