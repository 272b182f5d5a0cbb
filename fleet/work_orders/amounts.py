"""Decides what a line of a work order amounts to, and what the lines come to.

Rounded half up to the fen, once a line; totals add up rounded lines, so that they agree with what
is shown. Leaves out tax: prices are with it.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, cast

from fleet.work_orders.errors import QuantityMalformed
from fleet.work_orders.model import LINE_KINDS, Line, LineKind

MOST: Final = Decimal("9999999.999")


def check_quantity(quantity: Decimal) -> None:
    """Let pass what can stand in a line.

    Raises:
        QuantityMalformed: not above 0, too large, or finer than three decimals.
    """
    exponent = cast(int, quantity.normalize().as_tuple().exponent)
    if not 0 < quantity <= MOST or exponent < -3:
        raise QuantityMalformed(f"{quantity} is not a quantity", quantity=quantity)


def amount_fen(quantity: Decimal, unit_price_fen: int) -> int:
    """What so much costs at this price.

    >>> amount_fen(Decimal("1.5"), 333), amount_fen(Decimal("0.5"), 1)
    (500, 1)
    """
    return int((quantity * unit_price_fen).quantize(Decimal(1), ROUND_HALF_UP))


def totals_fen(lines: Iterable[Line]) -> dict[LineKind, int]:
    """What the lines that stand come to, by kind."""
    totals = dict.fromkeys(LINE_KINDS, 0)
    for line in lines:
        if line.struck_at is None:
            totals[line.kind] += line.amount_fen
    return totals
