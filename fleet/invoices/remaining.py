"""Decides how much of billed lines is still to be invoiced, and how much an invoice gives back.

All amounts are fen with VAT in them; the VAT of a line goes with it, never split anew where a whole
line is left, so that invoices add up to the bill.
"""

from collections.abc import Mapping, Sequence

from fleet.invoices.model import BilledLine, NewLine, RequestedLine

LineKey = tuple[int, int]
"""A bill's id and the number of a line of it."""


def to_invoice(lines: Sequence[BilledLine]) -> list[NewLine]:
    """What is billed, less what was credited, less what invoices were asked for already.

    A line that takes off (below zero) goes along once. Where more was invoiced than is billed now,
    nothing is left: a red-letter invoice takes that back.

    >>> from decimal import Decimal
    >>> rent = BilledLine(1, "B2026-2-000001", 1, "租金", Decimal(13), 300_000, 34_513, 0, 0, 0, 0)
    >>> [(line.amount_fen, line.net_fen, line.vat_fen) for line in to_invoice([rent])]
    [(300000, 265487, 34513)]
    """
    left = []
    for line in lines:
        amount_fen = line.amount_fen - line.credited_fen - line.asked_fen
        vat_fen = line.vat_fen - line.credited_vat_fen - line.asked_vat_fen
        if amount_fen == 0 or (amount_fen < 0) != (line.amount_fen < 0):
            continue
        at = (line.bill_id, line.bill_line_no)
        left.append(NewLine(*at, line.item, amount_fen, vat_fen, line.vat_pct))
    return left


def over_invoiced(lines: Sequence[BilledLine]) -> dict[LineKey, tuple[int, int]]:
    """Amount and VAT that invoices were asked for beyond what is billed less what was credited.

    >>> from decimal import Decimal
    >>> rent = BilledLine(
    ...     1, "B2026-2-000001", 1, "租金", Decimal(13), 300_000, 34_513, 113_000, 13_000,
    ...     300_000, 34_513,
    ... )
    >>> over_invoiced([rent])
    {(1, 1): (113000, 13000)}
    """
    over = {}
    for line in lines:
        over_fen = line.asked_fen + line.credited_fen - line.amount_fen
        if over_fen > 0:
            vat_fen = line.asked_vat_fen + line.credited_vat_fen - line.vat_fen
            over[line.bill_id, line.bill_line_no] = (over_fen, vat_fen)
    return over


def to_reverse(
    lines: Sequence[RequestedLine],
    taken_back: Mapping[LineKey, tuple[int, int]],
    over: Mapping[LineKey, tuple[int, int]] | None,
) -> list[NewLine]:
    """The lines of the red-letter invoice: what is left of an invoice, below zero.

    `taken_back`: what red ones took back of it before, amount and VAT by line, below zero. `over`:
    only so much of each line, for what was credited; None: all.
    """
    red = []
    for line in lines:
        at = (line.bill_id, line.bill_line_no)
        back_fen, back_vat_fen = taken_back.get(at, (0, 0))
        left_fen, left_vat_fen = line.amount_fen + back_fen, line.vat_fen + back_vat_fen
        if over is not None:
            over_fen, over_vat_fen = over.get(at, (0, 0))
            if over_fen < left_fen:
                left_fen, left_vat_fen = over_fen, over_vat_fen
        if left_fen:
            red.append(NewLine(*at, line.item, -left_fen, -left_vat_fen, line.vat_pct))
    return red
