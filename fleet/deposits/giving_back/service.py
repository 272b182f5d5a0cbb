"""Deposits are held back, released and given back; those from before the books come in.

Never more is given back than `asking` says, unless a person releases what stands against it, with a
reason. Holding back and releasing move no money.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from fleet.deposits import store
from fleet.deposits.asking.service import WHOLE, standing_of
from fleet.deposits.errors import (
    DepositBlockNotFound,
    DepositHoldOver,
    DepositNotRefundable,
    DepositReleasedAlready,
    DepositReleasedWhole,
    DepositTooSmall,
)
from fleet.deposits.model import Channel, DepositStanding
from fleet.deposits.refundable import Block
from fleet.deposits.writing.service import (
    Move,
    begin,
    held_since,
    insert,
    movement_of,
    post_move,
    record,
)
from fleet.ledger.service import Account
from schemas.access import Actor

__all__ = ["hold_back", "open_deposit", "refund_deposit", "release_block"]

HOLD: Final = "hold:"
"""Before the key of what somebody holds back."""
PAID_FROM: Final[Mapping[Channel, Account]] = {
    "bank": "bank",
    "other": "bank",
    "cash": "cash",
    "wechat": "wallet",
    "alipay": "wallet",
}


def hold_back(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    amount_fen: int,
    until_on: date | None = None,
    reason: str,
    now: datetime,
) -> DepositStanding:
    """So much is not given back, until that day and included, or until somebody releases it.

    Raises:
        LeaseNotFound: there is no such signed lease in sight.
        DepositTooSmall: less is held, what is held back to a day to come apart.
        DepositHoldOver: the last day is over.
    """
    actor.require("deposit.apply")
    move = begin(conn, actor, lease_no=lease_no, now=now)
    if until_on is not None and until_on < move.day:
        told = "it is held back until a day to come"
        raise DepositHoldOver(told, today=move.day.isoformat())
    holding = [
        each.left_fen
        for each in store.list_movements(conn, move.deposit.lease_id)
        if each.kind == "held_back" and (each.until_on is None or each.until_on >= move.day)
    ]
    free_fen = move.deposit.held_fen - sum(holding)
    if not 0 < amount_fen <= free_fen:
        raise DepositTooSmall(f"only {free_fen} fen can be held back", held_fen=free_fen)
    _, key = insert(move, "held_back", amount_fen, reason=reason, until_on=until_on)
    until = None if until_on is None else until_on.isoformat()
    return record(
        move,
        "deposit.hold_back",
        {"amount_fen": amount_fen, "until_on": until, "movement": str(key)},
    )


def release_block(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    block: str,
    amount_fen: int | None = None,
    reason: str,
    now: datetime,
) -> DepositStanding:
    """What stands against giving back stands no more, all or so much of it; nothing is paid.

    What a person holds back may be released by whoever may hold back; what the rules hold takes the
    permission to refund.

    Raises:
        LeaseNotFound: there is no such signed lease in sight.
        DepositBlockNotFound: nothing of this name stands against giving back.
        DepositReleasedWhole: an amount is said of what stands against all of it.
        DepositReleasedAlready: less of it stands.
        DepositTooSmall: nothing is held.
    """
    by_hand = block.startswith(HOLD)
    actor.require("deposit.apply" if by_hand else "deposit.refund")
    move = begin(conn, actor, lease_no=lease_no, now=now)
    standing = standing_of(conn, move.deposit, now=now)
    found = next((each for each in standing.blocks if each.key == block), None)
    if found is None:
        raise DepositBlockNotFound(f"{block[:80]} does not stand against it", block=block[:80])
    wanted_fen = _released_fen(move, found, amount_fen)
    undoes_id = None
    if by_hand:
        undoes_id = movement_of(move, UUID(block.removeprefix(HOLD)), "held_back").id
    whole = WHOLE if found.stands_fen is None else ""
    insert(move, "released", wanted_fen, reason=reason, undoes_id=undoes_id, releases=block + whole)
    return record(move, "deposit.release", {"block": block, "amount_fen": wanted_fen})


def _released_fen(move: Move, block: Block, amount_fen: int | None) -> int:
    held_fen = move.deposit.held_fen
    if held_fen == 0:
        raise DepositTooSmall("nothing is held", held_fen=0)
    if block.stands_fen is None:
        if amount_fen is not None:
            raise DepositReleasedWhole("it stands against all of it: release it whole")
        return held_fen
    wanted_fen = block.stands_fen if amount_fen is None else amount_fen
    if not 0 < wanted_fen <= block.stands_fen:
        told = f"only {block.stands_fen} fen of it stand"
        raise DepositReleasedAlready(told, stands_fen=block.stands_fen)
    return wanted_fen


def refund_deposit(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    amount_fen: int,
    channel: Channel,
    bank_reference: str | None = None,
    reason: str,
    on: date | None = None,
    now: datetime,
) -> DepositStanding:
    """So much of the deposit was given back; never more than may be today.

    Raises:
        LeaseNotFound: there is no such signed lease in sight.
        DepositNotRefundable: more than may be given back; it says what stands against it.
        DepositTooSmall: less was held that day, or since.
        DepositDayWrong: the day lies ahead or too far back.
    """
    actor.require("deposit.refund")
    move = begin(conn, actor, lease_no=lease_no, on=on, now=now)
    standing = standing_of(conn, move.deposit, now=now)
    if not 0 < amount_fen <= standing.refundable_fen:
        raise DepositNotRefundable(
            f"only {standing.refundable_fen} fen may be given back",
            refundable_fen=standing.refundable_fen,
            because=[each.key for each in standing.blocks if each.stands_fen != 0],
        )
    if amount_fen > (held_fen := held_since(move, move.day)):
        raise DepositTooSmall(f"{held_fen} fen are held since then", held_fen=held_fen)
    paid = {"channel": channel, "bank_reference": bank_reference}
    _, key = insert(move, "refunded", amount_fen, reason=reason, **paid)
    title = f"退还押金 {lease_no}"
    post_move(move, key, title, against=PAID_FROM[channel], amount_fen=-amount_fen)
    told = {"amount_fen": amount_fen, "channel": channel, "movement": str(key)}
    return record(move, "deposit.refund", told)


def open_deposit(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    amount_fen: int,
    reason: str,
    on: date | None = None,
    now: datetime,
) -> DepositStanding:
    """So much is held from before the books began; no bill was paid with it here.

    Raises:
        LeaseNotFound: there is no such signed lease in sight.
        DepositDayWrong: the day lies ahead or too far back.
    """
    actor.require("deposit.refund")
    move = begin(conn, actor, lease_no=lease_no, on=on, now=now)
    _, key = insert(move, "opening", amount_fen, reason=reason)
    post_move(move, key, f"期初押金 {lease_no}", against="opening", amount_fen=amount_fen)
    return record(move, "deposit.open", {"amount_fen": amount_fen, "movement": str(key)})
