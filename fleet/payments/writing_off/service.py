"""Gives up what will not be paid: one asks for it, another approves.

Never more than is open. A write-off that was approved can be undone by hand; a payment that comes
after all undoes none by itself: it is credit until somebody does. Leaves out why it is given up.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.identity.service import person_behind
from fleet.local_days import local_day
from fleet.payments import store
from fleet.payments.claiming.service import settle_left
from fleet.payments.errors import (
    BillToPayNotFound,
    WriteOffDecidedAlready,
    WriteOffMoreThanOpen,
    WriteOffNotFound,
    WriteOffNotStanding,
    WriteOffOwnRequest,
    WriteOffPending,
)
from fleet.payments.model import WriteOff
from fleet.receivables import service as receivables
from schemas.access import Actor


def request_write_off(
    conn: Connection[Any],
    actor: Actor,
    *,
    bill_no: str,
    amount_fen: int,
    reason: str,
    now: datetime,
) -> WriteOff:
    """Somebody asks to give up so much of a bill.

    Raises:
        BillToPayNotFound: there is no such issued bill in sight.
        WriteOffMoreThanOpen: less is open of it.
        WriteOffPending: there is a request that nobody has decided.
    """
    actor.require("write_off.request")
    found = store.find_bill_to_write_off(conn, bill_no)
    if found is None:
        raise BillToPayNotFound(f"no bill {bill_no[:64]!r}", bill_no=bill_no[:64])
    receivables.lock_customers(conn, [found["customer_id"]])
    _check_open(conn, found["bill_id"], amount_fen)
    row = {**found, "amount_fen": amount_fen, "reason": reason, "by": actor.name, "now": now}
    key = store.insert_write_off(conn, row)
    if key is None:
        raise WriteOffPending(f"one of {bill_no} is not decided yet", bill_no=bill_no)
    asked = get_write_off(conn, key)
    told = {"bill_no": bill_no, "amount_fen": amount_fen, "reason": reason}
    _record(conn, actor, "write_off.request", asked, now=now, after=told)
    return asked


def decide_write_off(
    conn: Connection[Any],
    actor: Actor,
    *,
    key: UUID,
    approve: bool,
    note: str | None = None,
    now: datetime,
) -> WriteOff:
    """Another than who asked approves or refuses; approved, so much of the bill is settled.

    Raises:
        WriteOffNotFound: there is none in sight.
        WriteOffDecidedAlready: it was decided before.
        WriteOffOwnRequest: the same person asked for it, be it by a key they made.
        WriteOffMoreThanOpen: less is open of the bill by now.
    """
    actor.require("write_off.approve")
    receivables.lock_customers(conn, [get_write_off(conn, key).customer_id])
    requested_by = store.lock_write_off(conn, key)
    asked = get_write_off(conn, key)
    if asked.state != "requested":
        raise WriteOffDecidedAlready(f"it is {asked.state}", state=asked.state)
    if person_behind(conn, requested_by) == actor.name:
        raise WriteOffOwnRequest("whoever asks for it does not decide on it")
    decision = "approved" if approve else "refused"
    store.mark_decided(
        conn,
        {"id": asked.id, "decision": decision, "by": actor.name, "now": now, "note": note},
    )
    if approve:
        _check_open(conn, asked.bill_id, asked.amount_fen)
        receivables.settle(
            conn,
            actor,
            bill_id=asked.bill_id,
            amount_fen=asked.amount_fen,
            write_off_id=asked.id,
            on=local_day(now, asked.zone),
            now=now,
        )
    told = {"bill_no": asked.bill_no, "amount_fen": asked.amount_fen, "decision": decision}
    _record(conn, actor, "write_off.decide", asked, now=now, after=told)
    return get_write_off(conn, key)


def undo_write_off(
    conn: Connection[Any], actor: Actor, *, key: UUID, reason: str, now: datetime
) -> WriteOff:
    """What was given up is owed again; credit the customer has left settles it.

    Raises:
        WriteOffNotFound: there is none in sight.
        WriteOffNotStanding: nothing of it stands.
    """
    actor.require("write_off.approve")
    receivables.lock_customers(conn, [get_write_off(conn, key).customer_id])
    store.lock_write_off(conn, key)
    stood = get_write_off(conn, key)
    if not stood.standing_fen:
        raise WriteOffNotStanding("nothing of it stands", state=stood.state)
    on = local_day(now, stood.zone)
    receivables.undo(conn, actor, write_off_id=stood.id, on=on, now=now)
    settle_left(conn, actor, stood.customer_id, zone=stood.zone, now=now)
    told = {"bill_no": stood.bill_no, "amount_fen": stood.standing_fen, "reason": reason}
    _record(conn, actor, "write_off.undo", stood, now=now, after=told)
    return get_write_off(conn, key)


def get_write_off(conn: Connection[Any], key: UUID) -> WriteOff:
    """The write-off with this key. Whoever calls decides who may ask.

    Raises:
        WriteOffNotFound: there is none in sight.
    """
    found = store.find_write_off(conn, key)
    if found is None:
        raise WriteOffNotFound(f"no write-off {key}", key=str(key))
    return found


def _check_open(conn: Connection[Any], bill_id: int, amount_fen: int) -> None:
    open_fen = receivables.get_bill(conn, bill_id).open_fen
    if amount_fen > open_fen:
        raise WriteOffMoreThanOpen(f"only {open_fen} fen are open", open_fen=open_fen)


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    asked: WriteOff,
    *,
    now: datetime,
    after: dict[str, Any],
) -> None:
    audit.record(
        conn,
        actor,
        action,
        object_kind="write_off",
        object_key=str(asked.key),
        now=now,
        before=None,
        after=after,
        organisation_id=asked.tenant_id,
    )
