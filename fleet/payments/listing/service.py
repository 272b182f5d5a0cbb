"""Lists payments, credit, refunds and write-offs, and tells how a customer stands.

Merged customers are told together. Leaves out statements of account (`fleet/statements`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.local_days import local_day
from fleet.payments import store
from fleet.payments.model import CustomerBalance, OpenOf, Payment, PaymentDetail, Refund, WriteOff
from fleet.payments.recording.service import detail_of, payer_of
from fleet.receivables import service as receivables
from schemas.access import Actor


def list_payments(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Payment]:
    """Payments in sight, the last recorded first.

    `filters`: state, channel, source, statement (its key), customer (its number),
    received_from_on, received_until_on, organisation (or below it), search.
    """
    actor.require("payment.read")
    return store.list_payments(conn, filters, after=after, limit=limit)


def get_payment_detail(conn: Connection[Any], actor: Actor, *, payment_no: str) -> PaymentDetail:
    """The payment with this number, and what it settles.

    Raises:
        PaymentNotFound: there is none in sight.
    """
    actor.require("payment.read")
    return detail_of(conn, payment_no)


def list_credits(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[receivables.Credit]:
    """Credit of customers in sight, the last recorded first.

    `filters`: left (whether something is), customer (its number), source_kind, organisation (or
    below it).
    """
    actor.require("payment.read")
    return receivables.list_credits(conn, filters, after=after, limit=limit)


def list_refunds(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Refund]:
    """Refunds in sight, the last recorded first. `filters`: customer, organisation."""
    actor.require("payment.read")
    return store.list_refunds(conn, filters, after=after, limit=limit)


def list_write_offs(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[WriteOff]:
    """Write-offs in sight, the last requested first.

    `filters`: state, customer (its number), bill (its number), organisation (or below it).
    """
    actor.require("payment.read")
    return store.list_write_offs(conn, filters, after=after, limit=limit)


def balance_of(
    conn: Connection[Any], actor: Actor, *, customer_no: str, now: datetime
) -> CustomerBalance:
    """What the customer owes, has left and has deposited, with those merged into it.

    Raises:
        PayerNotFound: there is none in sight.
    """
    actor.require("payment.read")
    payer = payer_of(conn, customer_no)
    today = local_day(now, payer.zone)
    bills = receivables.list_open(conn, customer_id=payer.id)
    names = ("bill_no", "lease_no", "kind", "due_on", "open_principal_fen")
    more = ("open_interest_fen", "open_cost_fen")
    return CustomerBalance(
        customer_no=payer.customer_no,
        on=today,
        open_fen=sum(bill.open_fen for bill in bills),
        overdue_fen=sum(bill.open_fen for bill in bills if bill.due_on < today),
        credit_fen=sum(
            credit.left_fen for credit in receivables.left_of(conn, customer_id=payer.id)
        ),
        deposits_held_fen=store.find_deposits_held(conn, receivables.list_family(conn, payer.id)),
        bills=[OpenOf(**{name: getattr(bill, name) for name in (*names, *more)}) for bill in bills],
    )
