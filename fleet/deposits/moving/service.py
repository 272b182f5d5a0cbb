"""Deposits settle bills of their own lease, and what they settled is undone.

What is open of bills, what is held and the ledger move with it in `fleet/receivables`. Leaves out
giving back (`giving_back`).
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.deposits import store
from fleet.deposits.errors import (
    DepositBillNotFound,
    DepositBillOpenForLess,
    DepositBillUnfit,
    DepositTooSmall,
    DepositUndoneAlready,
)
from fleet.deposits.model import Deposit, DepositStanding, Movement
from fleet.deposits.writing.service import (
    Move,
    begin,
    held_since,
    insert,
    movement_of,
    record,
)
from fleet.receivables import service as receivables
from schemas.access import Actor

__all__ = ["apply_deposit", "unapply_deposit", "unapply_newest"]


def apply_deposit(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    bill_no: str,
    amount_fen: int | None = None,
    reason: str,
    on: date | None = None,
    now: datetime,
) -> DepositStanding:
    """The deposit settles so much of a bill of its lease; as much as there is, unless said.

    Raises:
        LeaseNotFound: there is no such signed lease in sight.
        DepositBillNotFound, DepositBillUnfit: not a bill it may settle.
        DepositBillOpenForLess, DepositTooSmall: less is open, or was held that day or since.
        DepositDayWrong: the day lies ahead or too far back.
    """
    actor.require("deposit.apply")
    move = begin(conn, actor, lease_no=lease_no, on=on, now=now)
    bill = _bill_of(conn, move.deposit, bill_no)
    held_fen = held_since(move, max(move.day, bill.issued_on))
    wanted_fen = min(bill.open_fen, held_fen) if amount_fen is None else amount_fen
    if wanted_fen > bill.open_fen:
        told = f"{bill_no} is open for {bill.open_fen} fen"
        raise DepositBillOpenForLess(told, bill_no=bill_no, open_fen=bill.open_fen)
    if not 0 < wanted_fen <= held_fen:
        raise DepositTooSmall(f"{held_fen} fen are held since then", held_fen=held_fen)
    movement_id, key = insert(move, "applied", wanted_fen, reason=reason)
    receivables.settle(
        conn,
        actor,
        bill_id=bill.bill_id,
        amount_fen=wanted_fen,
        deposit_movement_id=movement_id,
        on=move.day,
        now=now,
    )
    told_of = {"bill_no": bill_no, "amount_fen": wanted_fen, "movement": str(key)}
    return record(move, "deposit.apply", told_of)


def unapply_deposit(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    movement: UUID,
    amount_fen: int | None = None,
    reason: str,
    on: date | None = None,
    now: datetime,
) -> DepositStanding:
    """What the deposit settled is open again, all or so much of it; it is held again.

    Raises:
        LeaseNotFound: there is no such signed lease in sight.
        DepositMovementNotFound: it settled nothing by such a movement.
        DepositUndoneAlready: less of it is left.
        DepositDayWrong: the day lies ahead or too far back.
    """
    actor.require("deposit.apply")
    move = begin(conn, actor, lease_no=lease_no, on=on, now=now)
    was = movement_of(move, movement, "applied")
    wanted_fen = was.left_fen if amount_fen is None else amount_fen
    if not 0 < wanted_fen <= was.left_fen:
        raise DepositUndoneAlready(f"only {was.left_fen} fen are left", left_fen=was.left_fen)
    _unapply(move, was, wanted_fen, reason)
    told = {"movement": str(movement), "amount_fen": wanted_fen}
    return record(move, "deposit.unapply", told)


def unapply_newest(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_id: int,
    amount_fen: int,
    reason: str,
    on: date,
    now: datetime,
) -> int:
    """What the deposit settled is open again, the newest first, until so much is held again; how
    much it came to, in fen.

    For a payment of a deposit that is taken back. Whoever calls has asked for its own permission,
    and locked the customer.
    """
    [deposit] = store.list_deposits(conn, {"lease_id": lease_id}, limit=1)
    move = Move(conn, actor, deposit, on, now)
    came_fen = 0
    for each in reversed(store.list_movements(conn, lease_id)):
        wanted_fen = min(each.left_fen, amount_fen - came_fen)
        if each.kind == "applied" and wanted_fen > 0:
            _unapply(move, each, wanted_fen, reason)
            came_fen += wanted_fen
    return came_fen


def _unapply(move: Move, was: Movement, amount_fen: int, reason: str) -> None:
    day = max(move.day, was.moved_on)
    insert(move, "unapplied", amount_fen, reason=reason, undoes_id=was.id, moved_on=day)
    receivables.undo(
        move.conn,
        move.actor,
        deposit_movement_id=was.id,
        amount_fen=amount_fen,
        on=day,
        now=move.now,
    )


def _bill_of(conn: Connection[Any], deposit: Deposit, bill_no: str) -> receivables.OpenBill:
    bills = receivables.list_open(conn, lease_id=deposit.lease_id)
    found = next((each for each in bills if each.bill_no == bill_no), None)
    if found is None:
        told = f"{deposit.lease_no} has no open bill {bill_no[:40]}"
        raise DepositBillNotFound(told, bill_no=bill_no[:40], lease_no=deposit.lease_no)
    if found.kind == "deposit":
        raise DepositBillUnfit("a deposit does not pay a deposit", bill_no=bill_no)
    return found
