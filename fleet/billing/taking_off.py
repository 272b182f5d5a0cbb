"""Decides how a credit note takes off: from which lines, and how much of net and VAT.

VAT is split by what is left of a line, so that one taken off whole has neither left. Pure; leaves
out why something is taken off (`differences.py`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from fleet.billing.model import CreditDraft, LineClass, LineKind
from kit.money import round_fen


@dataclass(frozen=True, slots=True)
class LineLeft:
    """A line of an issued bill, and what earlier credit notes left of it."""

    bill_id: int
    no: int
    kind: LineKind
    class_: LineClass
    title: str
    left_fen: int
    left_net_fen: int
    left_vat_fen: int
    line_no: int | None = None
    vehicle_id: int | None = None
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class TakenOff:
    """So much of a line, [from_on, until_on) being the days it was for, where it was for some."""

    line: LineLeft
    amount_fen: int
    net_fen: int
    vat_fen: int
    from_on: date | None
    until_on: date | None


def take_off(
    line: LineLeft, amount_fen: int, *, from_on: date | None = None, until_on: date | None = None
) -> TakenOff:
    """An amount taken off a line, for these days of it, or for all that it is for.

    Three times 100.00 off a line of 300.00 at 13 %: no fen of VAT is left or missing.

    >>> left, taken = LineLeft(1, 1, "rent", "principal", "租金", 30_000, 26_549, 3_451), []
    >>> for _ in range(3):
    ...     off = take_off(left, 10_000)
    ...     taken.append((off.net_fen, off.vat_fen))
    ...     left = LineLeft(1, 1, "rent", "principal", "租金", left.left_fen - 10_000,
    ...                     left.left_net_fen - off.net_fen, left.left_vat_fen - off.vat_fen)
    >>> taken, left.left_net_fen, left.left_vat_fen
    ([(8850, 1150), (8849, 1151), (8850, 1150)], 0, 0)

    Raises:
        ValueError: nothing, or more than is left.
    """
    if not 0 < amount_fen <= line.left_fen:
        raise ValueError(f"{amount_fen} fen of {line.left_fen} left of line {line.no}")
    vat_fen = round_fen(Fraction(line.left_vat_fen * amount_fen, line.left_fen))
    days = _within(line, from_on, until_on)
    return TakenOff(line, amount_fen, amount_fen - vat_fen, vat_fen, *days)


def share_out(draft: CreditDraft, lines: Iterable[LineLeft]) -> tuple[list[TakenOff], int]:
    """What a source has been billed too much, taken off its lines; and what finds no line.

    The latest bill first; lines that are for the days in question before others.
    """
    wanted_fen = draft.amount_fen
    taken: list[TakenOff] = []
    for line in sorted(lines, key=lambda each: (not _touches(draft, each), -each.bill_id, each.no)):
        part_fen = min(wanted_fen, line.left_fen)
        if part_fen > 0:
            taken.append(take_off(line, part_fen, from_on=draft.from_on, until_on=draft.until_on))
            wanted_fen -= part_fen
    return taken, wanted_fen


def reduced(lines: Sequence[LineLeft], taken: Iterable[TakenOff]) -> list[LineLeft]:
    """The lines after something was taken off them."""
    left = {(line.bill_id, line.no): line for line in lines}
    for off in taken:
        key = (off.line.bill_id, off.line.no)
        was = left[key]
        left[key] = LineLeft(
            was.bill_id,
            was.no,
            was.kind,
            was.class_,
            was.title,
            was.left_fen - off.amount_fen,
            was.left_net_fen - off.net_fen,
            was.left_vat_fen - off.vat_fen,
            was.line_no,
            was.vehicle_id,
            was.from_on,
            was.until_on,
        )
    return list(left.values())


def _touches(draft: CreditDraft, line: LineLeft) -> bool:
    if draft.from_on is None or line.from_on is None or line.until_on is None:
        return False
    return draft.from_on < line.until_on and (
        draft.until_on is None or line.from_on < draft.until_on
    )


def _within(
    line: LineLeft, from_on: date | None, until_on: date | None
) -> tuple[date | None, date | None]:
    """The days of a line that are meant; all of them where none of these are its own."""
    if line.from_on is None or line.until_on is None:
        return None, None
    begin = max(line.from_on, from_on or line.from_on)
    end = min(line.until_on, until_on or line.until_on)
    return (begin, end) if begin < end else (line.from_on, line.until_on)
