"""Gives a customer's credit back, and puts it to bills the customer names.

Only what is left is given back, the oldest credit first: a refund is a row for each credit it
draws on. Leaves out deposits (`fleet/deposits`).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.ledger.service import Entry, Posting, post
from fleet.local_days import local_day
from fleet.payments import store
from fleet.payments.accounts import LIES_IN
from fleet.payments.errors import CreditNotEnough, RefundDayOutOfReach
from fleet.payments.model import Channel, Payer, Refund
from fleet.payments.recording.service import bills_named, payer_of
from fleet.receivables import service as receivables
from schemas.access import Actor


def refund_credit(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    amount_fen: int,
    channel: Channel,
    bank_reference: str | None = None,
    paid_on: date | None = None,
    reason: str,
    now: datetime,
) -> list[Refund]:
    """So much of the customer's credit is given back; a refund for each credit it came out of.

    Raises:
        PayerNotFound: there is no such customer in sight.
        CreditNotEnough: less is left.
        RefundDayOutOfReach: the day lies ahead, or before there was so much.
    """
    actor.require("credit.refund")
    payer = payer_of(conn, customer_no)
    receivables.lock_customers(conn, [payer.id])
    today = local_day(now, payer.zone)
    on = paid_on or today
    credits = receivables.left_of(conn, customer_id=payer.id)
    left_fen = sum(credit.left_fen for credit in credits)
    if amount_fen > left_fen:
        raise CreditNotEnough(f"only {left_fen} fen are left", left_fen=left_fen)
    keys, entries, wanted = [], [], amount_fen
    for credit in credits:
        part = min(wanted, credit.left_fen)
        if not part:
            break
        if not credit.since_on <= on <= today:
            raise RefundDayOutOfReach(f"{on} is ahead or before {credit.since_on}", today=today)
        wanted -= part
        receivables.use_credit(conn, credit_id=credit.id, amount_fen=part)
        about = {"channel": channel, "bank_reference": bank_reference, "paid_on": on}
        row = {**_out_of(credit, part), **about, "reason": reason, "by": actor.name, "now": now}
        keys.append(store.insert_refund(conn, row))
        entries.append(_entry(credit, keys[-1], part, channel, on))
    post(conn, actor, entries, now=now)
    told = {"amount_fen": amount_fen, "channel": channel, "paid_on": on.isoformat()}
    _record(conn, actor, "credit.refund", payer, now=now, after={**told, "reason": reason})
    return store.list_refunds(conn, {"keys": keys}, limit=len(keys))


def put_credit_to_bills(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    bills: Sequence[str],
    now: datetime,
) -> list[receivables.Allocation]:
    """What the customer has left settles these bills, in their order, the oldest credit first.

    Raises:
        PayerNotFound, BillToPayNotFound: the customer or a bill is none in sight.
        CreditNotEnough: nothing is left.
    """
    actor.require("payment.record")
    payer = payer_of(conn, customer_no)
    receivables.lock_customers(conn, [payer.id])
    named = bills_named(conn, payer, bills)
    credits = receivables.left_of(conn, customer_id=payer.id)
    if not credits:
        raise CreditNotEnough("nothing is left", left_fen=0)
    today = local_day(now, payer.zone)
    made: list[receivables.Allocation] = []
    for credit in credits:
        made += receivables.allocate_credit(
            conn, actor, credit_id=credit.id, named=named, only_named=True, on=today, now=now
        )
    told = {"bills": list(bills), "amount_fen": sum(each.amount_fen for each in made)}
    _record(conn, actor, "credit.allocate", payer, now=now, after=told)
    return made


def _out_of(credit: receivables.Credit, part_fen: int) -> dict[str, Any]:
    return {
        "tenant_id": credit.tenant_id,
        "organisation_id": credit.organisation_id,
        "customer_id": credit.customer_id,
        "credit_id": credit.id,
        "amount_fen": part_fen,
    }


def _entry(credit: receivables.Credit, key: UUID, fen: int, channel: Channel, on: date) -> Entry:
    postings = (
        Posting("customer_credit", fen, credit.customer_id),
        Posting(LIES_IN[channel], -fen, credit.customer_id),
    )
    title = f"退还余额 {credit.customer_no}"
    book = (credit.tenant_id, credit.organisation_id)
    return Entry(*book, "refund", str(key), on, title, postings)


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    payer: Payer,
    *,
    now: datetime,
    after: dict[str, Any],
) -> None:
    audit.record(
        conn,
        actor,
        action,
        object_kind="customer",
        object_key=payer.customer_no,
        now=now,
        before=None,
        after=after,
        organisation_id=payer.tenant_id,
    )
