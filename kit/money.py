"""Money is whole fen (分). One way to round, one way to share out, one way to write it.

Leaves out currencies other than CNY. Rates are `Decimal`; no float comes near an amount.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def round_fen(amount: Decimal | Fraction) -> int:
    """Whole fen of an amount in fen; half a fen goes up, away from zero.

    >>> round_fen(Decimal("135483.87")), round_fen(Decimal("0.5")), round_fen(Decimal("-0.5"))
    (135484, 1, -1)
    >>> round_fen(Fraction(300_000 * 14, 31))
    135484
    """
    if isinstance(amount, Fraction):
        doubled = 2 * abs(amount.numerator) + amount.denominator
        whole = doubled // (2 * amount.denominator)
        return whole if amount >= 0 else -whole
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def allocate(total_fen: int, weights: Sequence[int]) -> list[int]:
    """The total shared out by weight, to the last fen: largest remainders first, then the earlier.

    >>> allocate(100, [1, 1, 1]), allocate(-100, [1, 1, 1]), allocate(5, [0, 0])
    ([34, 33, 33], [-34, -33, -33], [5, 0])

    Raises:
        ValueError: no weights, or a negative one.
    """
    if not weights or min(weights) < 0:
        raise ValueError("money is shared out by weights, none of them negative")
    if sum(weights) == 0:
        weights = [1, *([0] * (len(weights) - 1))]
    sign = -1 if total_fen < 0 else 1
    whole = sum(weights)
    shares = [divmod(abs(total_fen) * weight, whole) for weight in weights]
    parts = [share for share, _rest in shares]
    by_rest = sorted(range(len(weights)), key=lambda place: (-shares[place][1], place))
    for place in by_rest[: abs(total_fen) - sum(parts)]:
        parts[place] += 1
    return [sign * part for part in parts]


def yuan(fen: int) -> str:
    """An amount as people write it, in yuan with two places.

    >>> yuan(135484), yuan(-5), yuan(123456789)
    ('1,354.84', '-0.05', '1,234,567.89')
    """
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{rest:02}"
