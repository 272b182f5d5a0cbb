"""Makes the numbers that people call things by: a letter, year and month, and some characters.

Nobody can count them up: a running number would tell whoever sees two of them how much business
there is. Leaves out whether a number is taken: the database says so, and another is tried.
"""

from datetime import date
from random import Random
from typing import Final

ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1, which are read for one another."""
LENGTH: Final = 6
TRIES: Final = 5
"""How many numbers are tried in a row before something must be wrong."""


def make_number(letter: str, on: date, rng: Random, *, length: int = LENGTH) -> str:
    """A number of that month.

    >>> make_number("W", date(2026, 11, 22), Random(4))
    'W2611-HDNECN'
    """
    return f"{letter}{on:%y%m}-{''.join(rng.choices(ALPHABET, k=length))}"
