"""Decides how much of a deposit may be given back today, and what stands against the rest.

While the lease runs or a vehicle is out, nothing. After the return: less what the terms hold for
violations nobody knows of yet, for so many days; less open violations, open bills with their late
fees to date, charges not yet on a bill, and what somebody held back. What has no amount yet stands
against all of it. A person may release any of these, with a reason; how that is written down is not
decided here.

The amounts are added up. Nothing is counted twice: a violation that became a charge is settled, and
a charge that became a bill is billed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

BlockCode = Literal[
    "lease_running",
    "vehicles_out",
    "violation_hold",
    "violation",
    "bill",
    "late_fee",
    "charge",
    "hold",
]


@dataclass(frozen=True, slots=True)
class Block:
    """What stands against giving back, in fen; None: against all of it.

    `key` names it ("bill:B2026-3-000012"); `released_fen` of it was released. `until_on`: the last
    day it stands, where that is known.
    """

    key: str
    code: BlockCode
    amount_fen: int | None
    en: str
    zh: str
    until_on: date | None = None
    released_fen: int = 0
    released: bool = False
    """The whole of it, whatever it comes to."""

    @property
    def stands_fen(self) -> int | None:
        """So much of it still stands; None: it stands against all."""
        if self.released:
            return 0
        return None if self.amount_fen is None else max(0, self.amount_fen - self.released_fen)


@dataclass(frozen=True, slots=True)
class Owed:
    """Something not paid yet: its key, what it is called, what it comes to (None: not known)."""

    key: str
    called: str
    amount_fen: int | None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """So much that somebody holds back, until that day and included; None: until it is released."""

    key: str
    amount_fen: int
    reason: str
    until_on: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that counts. `returned_on`: the day the last vehicle came back; None: none ever went out.

    `released`: by key, so much was released; None: the whole.
    """

    today: date
    is_over: bool
    vehicles_out: int
    returned_on: date | None
    violation_hold_fen: int
    violation_hold_days: int
    violations: Sequence[Owed] = ()
    bills: Sequence[Owed] = ()
    late_fees: Sequence[Owed] = ()
    charges: Sequence[Owed] = ()
    held_back: Sequence[HeldBack] = ()
    released: Mapping[str, int | None] | None = None


_WORDS: Final[dict[BlockCode, tuple[str, str]]] = {
    "lease_running": ("the lease has not ended", "租约尚未结束"),
    "vehicles_out": ("{} vehicles are still out", "尚有 {} 辆车未归还"),
    "violation_hold": (
        "held until {} for violations not known yet",
        "按约定预留违章押金至 {}",
    ),
    "violation": ("violation {} is not settled", "违章 {} 未处理"),
    "bill": ("bill {} is not paid", "账单 {} 未付清"),
    "late_fee": ("late fee to date of bill {}", "账单 {} 截至今日的滞纳金"),
    "charge": ("charge not yet billed: {}", "费用尚未出账：{}"),
    "hold": ("held back: {}", "人工扣留：{}"),
}


def blocks_of(facts: Facts) -> tuple[Block, ...]:
    """Everything that stands, or stood until it was released, against giving back."""
    found = []
    if not facts.is_over:
        found.append(_block(facts, "lease_running", "lease_running", None))
    if facts.vehicles_out:
        out = str(facts.vehicles_out)
        found.append(_block(facts, "vehicles_out", "vehicles_out", None, out))
    until_on = violation_hold_until(facts.returned_on, facts.violation_hold_days)
    if until_on is not None and facts.violation_hold_fen and facts.today <= until_on:
        fen, day = facts.violation_hold_fen, until_on.isoformat()
        found.append(_block(facts, "violation_hold", "violation_hold", fen, day, until_on=until_on))
    kinds: tuple[tuple[BlockCode, Sequence[Owed]], ...] = (
        ("violation", facts.violations),
        ("bill", facts.bills),
        ("late_fee", facts.late_fees),
        ("charge", facts.charges),
    )
    for code, owed in kinds:
        for each in owed:
            found.append(_block(facts, code, f"{code}:{each.key}", each.amount_fen, each.called))
    for held in facts.held_back:
        if held.until_on is None or facts.today <= held.until_on:
            key = f"hold:{held.key}"
            found.append(
                _block(facts, "hold", key, held.amount_fen, held.reason, until_on=held.until_on)
            )
    return tuple(found)


def violation_hold_until(returned_on: date | None, days: int) -> date | None:
    """The last day the deposit is held for violations nobody knows of yet; the return not counted.

    >>> violation_hold_until(date(2026, 6, 30), 30), violation_hold_until(None, 30)
    (datetime.date(2026, 7, 30), None)
    """
    return None if returned_on is None else returned_on + timedelta(days=days)


def refundable_fen(held_fen: int, blocks: Sequence[Block]) -> int:
    """What may be given back of what is held.

    >>> bill = Block("bill:B", "bill", 120_000, "", "", released_fen=20_000)
    >>> refundable_fen(500_000, [bill]), refundable_fen(50_000, [bill])
    (400000, 0)
    >>> refundable_fen(500_000, [Block("vehicles_out", "vehicles_out", None, "", "")])
    0
    """
    standing = [block.stands_fen for block in blocks]
    if any(fen is None for fen in standing):
        return 0
    return max(0, held_fen - sum(fen for fen in standing if fen is not None))


def _block(
    facts: Facts,
    code: BlockCode,
    key: str,
    amount_fen: int | None,
    called: str = "",
    *,
    until_on: date | None = None,
) -> Block:
    en, zh = _WORDS[code]
    released = facts.released or {}
    whole = key in released and released[key] is None
    return Block(
        key,
        code,
        amount_fen,
        en.format(called),
        zh.format(called),
        until_on,
        released_fen=released.get(key) or 0,
        released=whole,
    )
