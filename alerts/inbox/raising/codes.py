"""Draws what numbers of alerts end with, very many at once. Leaves out whether one is taken."""

from base64 import b32encode
from random import Random
from typing import Final

from kit.numbers import ALPHABET

_AS_NUMBER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET)
_BYTES: Final = 5
"""Eight letters of thirty-two."""


def draw_codes(count: int, rng: Random) -> list[str]:
    """Eight letters each, as numbers of alerts end; all of them different.

    >>> draw_codes(2, Random(4))
    ['48UY4RH6', '9GUE44J4']
    """
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        letters = b32encode(rng.randbytes(_BYTES * (count - len(drawn)))).decode()
        letters = letters.translate(_AS_NUMBER)
        drawn |= dict.fromkeys(letters[at : at + 8] for at in range(0, len(letters), 8))
    return list(drawn)
