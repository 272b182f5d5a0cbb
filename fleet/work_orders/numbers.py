"""Makes the numbers of work orders: W, year and month, and six characters nobody can count up.

A running number would tell whoever sees two of them how much work there is. Leaves out whether a
number is taken: the database says so, and another is tried.
"""

from datetime import date
from random import Random
from typing import Final

ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1, which are read for one another."""
LENGTH: Final = 6


def make_number(on: date, rng: Random) -> str:
    """A number of that month.

    >>> make_number(date(2026, 11, 22), Random(4))
    'W2611-HDNECN'
    """
    return f"W{on:%y%m}-{''.join(rng.choices(ALPHABET, k=LENGTH))}"
