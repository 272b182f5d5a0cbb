"""Amounts as they come in, each in its unit and its range, and as they are kept."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

Kilometres = Annotated[
    float, Field(ge=0, le=9_999_999, allow_inf_nan=False, description="km.", examples=[18342.6])
]
Hours = Annotated[
    float, Field(ge=0, le=999_999, allow_inf_nan=False, description="h.", examples=[1204.5])
]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, examples=[62.5])]
Fen = Annotated[
    int, Field(ge=0, le=10**13, description="Hundredths of a yuan.", examples=[9_980_000])
]


def exact(amount: float, places: int) -> Decimal:
    """The amount as it was written, to that many places."""
    return round(Decimal(str(amount)), places)


def exact_or_none(amount: float | None, places: int) -> Decimal | None:
    """As `exact`; None stays None."""
    return None if amount is None else exact(amount, places)


def plain(amount: Decimal | None) -> float | None:
    """A kept amount as JSON tells it."""
    return None if amount is None else float(amount)
