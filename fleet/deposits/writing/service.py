"""Writes a move of a deposit: its row, its posting where money moves, and the trail.

Whoever moves waits for others who move money of the same customer (`begin`), and reads what is held
after that. Leaves out whether it may be (`moving`, `giving_back`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.deposits import store
from fleet.deposits.asking.service import get_deposit, standing_of
from fleet.deposits.errors import DepositDayWrong, DepositMovementNotFound
from fleet.deposits.model import Deposit, DepositStanding, Movement, MovementKind
from fleet.ledger.service import Account, Entry, Posting, post
from fleet.local_days import local_day
from fleet.receivables import service as receivables
from schemas.access import Actor

__all__ = ["Move", "begin", "held_since", "insert", "movement_of", "post_move", "record"]

BACK_DAYS: Final = 366
"""How far back somebody may say that a deposit moved."""


@dataclass(frozen=True, slots=True)
class Move:
    """Who moves which deposit, on which day. `deposit` as it was before."""

    conn: Connection[Any]
    actor: Actor
    deposit: Deposit
    day: date
    now: datetime


def begin(
    conn: Connection[Any], actor: Actor, *, lease_no: str, on: date | None = None, now: datetime
) -> Move:
    """The deposit, whose customer's money nobody else moves until the commit; `on`: today.

    Raises:
        LeaseNotFound: there is no such signed lease in sight.
        DepositDayWrong: the day lies ahead or too far back.
    """
    deposit = get_deposit(conn, lease_no)
    today = local_day(now, deposit.zone)
    day = today if on is None else on
    if not today - timedelta(days=BACK_DAYS) <= day <= today:
        raise DepositDayWrong("the day lies ahead or too far back", today=today.isoformat())
    receivables.lock_customers(conn, [deposit.customer_id])
    return Move(conn, actor, get_deposit(conn, lease_no), day, now)


def held_since(move: Move, on: date) -> int:
    """What can go on that day, in fen: so much was held then, and ever since."""
    return max(0, min(move.deposit.held_fen, store.find_least_held(move.conn, move.deposit, on)))


def movement_of(move: Move, key: UUID, kind: MovementKind) -> Movement:
    """The movement of this deposit with this key.

    Raises:
        DepositMovementNotFound: there is none of this kind.
    """
    for each in store.list_movements(move.conn, move.deposit.lease_id):
        if each.key == key and each.kind == kind:
            return each
    raise DepositMovementNotFound(f"the deposit has no such movement {key}", movement=str(key))


def insert(
    move: Move, kind: MovementKind, amount_fen: int, *, reason: str, **given: Any
) -> tuple[int, UUID]:
    """The id and the key of a new movement."""
    row: dict[str, Any] = dict.fromkeys(
        ("until_on", "bank_reference", "channel", "undoes_id", "releases")
    )
    same = ("tenant_id", "organisation_id", "customer_id", "lease_id")
    row |= {name: getattr(move.deposit, name) for name in same}
    row |= {"kind": kind, "amount_fen": amount_fen, "moved_on": move.day, "reason": reason}
    return store.insert_movement(
        move.conn, {**row, "by": move.actor.name, "now": move.now, **given}
    )


def post_move(move: Move, key: UUID, title: str, *, against: Account, amount_fen: int) -> None:
    """So much more is held, for which another account is debited; below zero: so much less."""
    deposit = move.deposit
    about = (deposit.customer_id, deposit.lease_id)
    postings = (
        Posting(against, amount_fen, *about),
        Posting("deposit_liability", -amount_fen, *about),
    )
    book = (deposit.tenant_id, deposit.organisation_id)
    entry = Entry(*book, "deposit", str(key), move.day, title, postings)
    receivables.move_deposit(move.conn, lease_id=deposit.lease_id, amount_fen=amount_fen)
    post(move.conn, move.actor, [entry], now=move.now)


def record(move: Move, action: str, told: Mapping[str, Any]) -> DepositStanding:
    """The deposit as it is now; what was done is written down, last."""
    deposit = move.deposit
    standing = standing_of(move.conn, get_deposit(move.conn, deposit.lease_no), now=move.now)
    audit.record(
        move.conn,
        move.actor,
        action,
        object_kind="lease",
        object_key=deposit.lease_no,
        now=move.now,
        before={"held_fen": deposit.held_fen},
        after={"held_fen": standing.deposit.held_fen, **told},
        organisation_id=deposit.tenant_id,
    )
    return standing
