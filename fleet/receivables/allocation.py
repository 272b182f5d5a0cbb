"""Decides which bills a sum settles, and which part of each.

Bills the payer names come first, in their order. The rest goes as agreed (the oldest due day first)
or by law: what is due, then what has least security, then the more burdensome, then the older, and
among equals by their amounts (Civil Code §560). What is not due yet comes after, the earlier first:
of its order the law says nothing. Within a bill the costs come first, then interest, then the
principal (§561). Leaves out where the sum comes from, and who may ask.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Literal

from fleet.receivables.model import AllocationRule, LineClass, OpenBill
from kit.money import allocate

OrderRule = Literal["law", "oldest_first"]


@dataclass(frozen=True, slots=True)
class Piece:
    """So many fen of a class of a bill, and why this bill."""

    bill_id: int
    class_: LineClass
    amount_fen: int
    rule: AllocationRule


def within_bill(
    amount_fen: int, *, cost_fen: int, interest_fen: int, principal_fen: int
) -> list[tuple[LineClass, int]]:
    """How a sum settles one bill: costs, then interest, then principal (Civil Code §561).

    >>> within_bill(2_000_00, cost_fen=100_00, interest_fen=50_00, principal_fen=3_000_00)
    [('cost', 10000), ('interest', 5000), ('principal', 185000)]

    Raises:
        ValueError: it is more than the bill is open for, or less than nothing.
    """
    if not 0 <= amount_fen <= cost_fen + interest_fen + principal_fen:
        raise ValueError("a bill is settled by what is open of it, never by more")
    parts: list[tuple[LineClass, int]] = []
    classes: tuple[tuple[LineClass, int], ...] = (
        ("cost", cost_fen),
        ("interest", interest_fen),
        ("principal", principal_fen),
    )
    for class_, open_fen in classes:
        taken = min(amount_fen, open_fen)
        amount_fen -= taken
        if taken:
            parts.append((class_, taken))
    return parts


def allocate_sum(
    amount_fen: int,
    bills: Sequence[OpenBill],
    *,
    named: Sequence[int] = (),
    order: OrderRule,
    on: date,
) -> list[Piece]:
    """The pieces a sum in fen settles of these open bills on that day; the rest of it stays.

    `named`: ids of bills, in the order in which the payer wants them settled.
    """
    pieces: list[Piece] = []
    by_id = {bill.bill_id: bill for bill in bills}
    chosen = [by_id[each] for each in dict.fromkeys(named) if each in by_id]
    others = [bill for bill in bills if bill.bill_id not in set(named)]
    rule: AllocationRule = "law" if order == "law" else "agreed"
    ranked = [("named", [bill]) for bill in chosen] + [
        (rule, group) for group in _groups(others, order, on)
    ]
    for why, group in ranked:
        wanted = [bill.open_fen for bill in group]
        taken = min(amount_fen, sum(wanted))
        if not taken:
            continue
        amount_fen -= taken
        for bill, share in zip(group, allocate(taken, wanted), strict=True):
            pieces += _pieces(bill, share, why)  # type: ignore[arg-type]
    return pieces


def _pieces(bill: OpenBill, share_fen: int, rule: AllocationRule) -> Iterator[Piece]:
    for class_, fen in within_bill(
        share_fen,
        cost_fen=bill.open_cost_fen,
        interest_fen=bill.open_interest_fen,
        principal_fen=bill.open_principal_fen,
    ):
        yield Piece(bill.bill_id, class_, fen, rule)


def _groups(bills: Sequence[OpenBill], order: OrderRule, on: date) -> list[list[OpenBill]]:
    """Bills of one rank stand together; they share by their amounts."""
    rank = _rank_by_law(on) if order == "law" else _rank_as_agreed
    ranked = sorted(bills, key=lambda bill: (rank(bill), bill.bill_id))
    return [list(group) for _rank, group in groupby(ranked, key=rank)]


def _rank_as_agreed(bill: OpenBill) -> Any:
    return bill.due_on


def _rank_by_law(on: date) -> Callable[[OpenBill], Any]:
    def rank(bill: OpenBill) -> Any:
        if bill.due_on > on:
            return (1, bill.due_on)
        burden = bill.late_fee.rate_per_day if bill.late_fee else Decimal(0)
        return (0, bill.security_fen, -burden, bill.due_on)

    return rank
