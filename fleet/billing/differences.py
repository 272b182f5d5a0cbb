"""Decides what becomes of a difference between what a rent should be and what was billed for it.

Billed too much is taken off, day range by day range, the latest first; billed too little goes on a
further line. While a suspension that nobody has ended runs through a period, nobody knows how many
of its days are let: what was billed stands until that is known, or the period is over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, Literal

from fleet.billing.model import CreditDraft, LineDraft
from fleet.billing.rent_items import RULE, RentItem, day_range
from fleet.billing.stretches import Stretch
from fleet.lease_book import Book, Line, Proration

Because = Literal[
    "cancelled", "dropped", "terminated", "bought_out", "returned", "suspended", "amended"
]
REASONS: Final[dict[Because, str]] = {
    "cancelled": "合同已取消",
    "dropped": "租赁项已取消",
    "terminated": "合同已解除",
    "bought_out": "车辆已买断",
    "returned": "车辆已归还",
    "suspended": "停租期间不计租金",
    "amended": "合同已变更",
}


@dataclass(frozen=True, slots=True)
class Untaken:
    """Days of a period that cost nothing now, [from_on, until_on), why, and what they are worth."""

    from_on: date
    until_on: date
    because: Because
    worth_fen: Fraction


def target_fen(item: RentItem, billed_fen: int, *, over: bool) -> int:
    """What of a rent shall be billed: while an open suspension runs, what was billed stands.

    `over`: the period is.
    """
    if over:
        return item.amount_fen
    return min(max(billed_fen, item.amount_fen), item.at_most_fen)


def further_lines(item: RentItem, billed_fen: int, target: int) -> tuple[LineDraft, ...]:
    """The lines by which a rent is billed: all of it, or what is missing of it."""
    if target <= billed_fen:
        return ()
    if billed_fen == 0 and target == item.amount_fen:
        return item.pieces
    from_on, until_on, last = _changed(item)
    return (
        LineDraft(
            kind="rent",
            title=f"补收租金 {day_range(from_on, until_on)}",
            amount_fen=target - billed_fen,
            source=item.source,
            line_no=item.line_no,
            vehicle_id=None if last is None else last.vehicle_id,
            from_on=from_on,
            until_on=until_on,
            basis={"of_fen": target, "billed_fen": billed_fen, "rule": RULE},
        ),
    )


def credits_of(
    item: RentItem, billed_fen: int, target: int, untaken: Sequence[Untaken]
) -> Iterator[CreditDraft]:
    """What is taken off, by the days it is for: the latest first, none for more than it is worth.

    Where no days account for it, the terms were changed.
    """
    left = billed_fen - target
    if left <= 0:
        return
    told = {"billed_fen": billed_fen, "due_fen": target, "rule": RULE}
    for place, each in enumerate(reversed(untaken), 1):
        worth = -(-each.worth_fen.numerator // each.worth_fen.denominator)
        # a fen of rounding is no range of its own
        take = left if left - worth <= 1 or place == len(untaken) else worth
        if take > 0:
            yield CreditDraft(
                source=item.source,
                amount_fen=take,
                reason=REASONS[each.because],
                from_on=each.from_on,
                until_on=each.until_on,
                basis={**told, "because": each.because},
            )
        left -= take
        if left <= 0:
            return
    from_on, until_on, _last = _changed(item)
    yield CreditDraft(
        source=item.source,
        amount_fen=left,
        reason=REASONS["amended"],
        from_on=from_on,
        until_on=until_on,
        basis={**told, "because": "amended"},
    )


def untaken_of(book: Book, item: RentItem, from_on: date, until_on: date) -> list[Untaken]:
    """The days of a whole period, [from_on, until_on), that cost nothing since the line began."""
    agreed = book.version_on(from_on).terms
    line = item.stretches[-1].line if item.stretches else agreed.line(item.line_no)
    worth = Fraction(0) if line is None else _a_day(line, item, agreed.proration)
    end = _end_of(book, item.line_no)
    if not item.stretches:
        return [Untaken(from_on, until_on, end, worth * (until_on - from_on).days)]
    ranges: list[tuple[date, date, Because]] = [
        (each.from_on, each.until_on, "suspended") for each in item.stretches if each.rests
    ]
    if item.stretches[-1].until_on < until_on:
        ranges.append((item.stretches[-1].until_on, until_on, end))
    return [Untaken(a, b, why, worth * (b - a).days) for a, b, why in ranges]


def _a_day(line: Line, item: RentItem, proration: Proration) -> Fraction:
    """What a day is worth, not less."""
    if line.per == "day" or proration == "none":
        return Fraction(line.rent_fen)
    of_days = min((part.of_days for part in item.period.months), default=28)
    return Fraction(line.rent_fen, min(30, of_days) if proration == "fixed_30" else of_days)


def _end_of(book: Book, line_no: int) -> Because:
    """Why a line costs nothing any more."""
    if line_no in book.dropped_lines:
        return "dropped"
    if book.state == "cancelled":
        return "cancelled"
    segments = book.of_line(line_no)
    back_at = segments[-1].until_at if segments else None
    if back_at is not None and (book.ended_at is None or back_at < book.ended_at):
        return "returned"
    if book.state in ("terminated", "bought_out"):
        return book.state
    return "amended" if back_at is None else "returned"


def _changed(item: RentItem) -> tuple[date, date, Stretch | None]:
    """The days of a period a change is about: from its last change of terms on, else all let."""
    let = [each for each in item.stretches if not each.rests] or list(item.stretches)
    if not let:
        return item.period.from_on, item.period.until_on, None
    since = max(let[0].from_on, let[-1].version.effective_on)
    return min(since, let[-1].from_on), let[-1].until_on, let[-1]
