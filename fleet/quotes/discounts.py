"""Decides how far a quoted rent lies below the list."""

from decimal import ROUND_HALF_UP, Decimal

from fleet.quotes.model import ListedRent

_TENTH = Decimal("0.1")


def discount_pct(rent_fen: int, per: str, listed: ListedRent | None) -> Decimal | None:
    """Per cent below the list, to a tenth; negative above it. None: the list says nothing for the
    same unit.

    >>> discount_pct(252_000, "month", ListedRent(280_000, "month", 800_000))
    Decimal('10.0')
    >>> discount_pct(9_900, "day", ListedRent(280_000, "month", 800_000)) is None
    True
    """
    if listed is None or listed.per != per or listed.rent_fen == 0:
        return None
    share = Decimal(listed.rent_fen - rent_fen) * 100 / Decimal(listed.rent_fen)
    return share.quantize(_TENTH, ROUND_HALF_UP)
