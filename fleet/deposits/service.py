"""Keeps deposits 押金: what was asked and is held, and where it goes. Never revenue while held.

What is held came in by payments of bills of deposit (`fleet/receivables`), or from before the books
began. It settles bills of its lease, is held back by people, and given back as far as nothing
stands against it. Each act stands in its own part: `asking`, `moving`, `giving_back`, `writing`.
Leaves out how much stands against it (`refundable.py`) and the bills (`fleet/billing`).
"""

from fleet.deposits.asking.service import get_standing, list_deposits, total_deposits
from fleet.deposits.giving_back.service import (
    hold_back,
    open_deposit,
    refund_deposit,
    release_block,
)
from fleet.deposits.model import (
    CHANNELS,
    Channel,
    Deposit,
    DepositStanding,
    Movement,
    MovementKind,
    Total,
)
from fleet.deposits.moving.service import apply_deposit, unapply_deposit, unapply_newest
from fleet.deposits.refundable import Block, BlockCode

__all__ = [
    "CHANNELS",
    "Block",
    "BlockCode",
    "Channel",
    "Deposit",
    "DepositStanding",
    "Movement",
    "MovementKind",
    "Total",
    "apply_deposit",
    "get_standing",
    "hold_back",
    "list_deposits",
    "open_deposit",
    "refund_deposit",
    "release_block",
    "total_deposits",
    "unapply_deposit",
    "unapply_newest",
]
