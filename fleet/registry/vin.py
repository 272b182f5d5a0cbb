"""Decides whether a text is a vehicle identification number (VIN 车辆识别代号), and which.

ISO 3779 and GB 16735-2019: 17 characters without I, O and Q. The ninth is a check digit where the
maker's country demands it: China (GB 16735) and North America (49 CFR 565). Elsewhere makers use
that place as they like, so a wrong digit there proves nothing. A wrong digit is a warning, not an
error: papers with one exist, and such vehicles are kept as their papers name them.

Leaves out: model year and plant, and the rule that the last four are digits, which vehicles on the
road do not all keep.
"""

import re
import unicodedata
from typing import Final, Literal, NamedTuple

from fleet.registry.errors import VinMalformed

_SHAPE: Final = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_SEPARATORS: Final = re.compile(r"[\s\-_·.]+")
_CHECK_PLACE: Final = 8
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_NUMBERS: Final = {str(digit): digit for digit in range(10)} | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)
"""GB 16735-2019 table of counterparts: A=1 … H=8, J=1 … N=5, P=7, R=9, S=2 … Z=9."""

CHINA: Final = frozenset("LH")
"""First characters assigned to China, GB 16737-2019 §5.3."""
NORTH_AMERICA: Final = frozenset("12345")
"""First characters assigned to the United States, Canada and Mexico, ISO 3780."""


VinCheck = Literal["right", "wrong", "not_used"]


class Vin(NamedTuple):
    """A usable VIN, and what its ninth character says about typing slips."""

    text: str
    check_digit: VinCheck

    @property
    def warning(self) -> str | None:
        """What a person entering the VIN should know."""
        if self.check_digit == "right":
            return None
        if self.check_digit == "wrong":
            expected = compute_check_digit(self.text)
            return f"{self.text}: the 9th character should be {expected}, a typing slip is likely"
        return f"{self.text}: its maker uses no check digit, so a typing slip would go unnoticed"


def normalise_vin(text: str) -> str:
    """The text as a VIN is written: half-width capitals, nothing between them.

    >>> normalise_vin(" ｌｓｖ-nv2182 E2100001 ")
    'LSVNV2182E2100001'
    """
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def compute_check_digit(vin: str) -> str:
    """The ninth character that the other sixteen demand: 0–9 or X. The present one is ignored.

    >>> compute_check_digit("1M8GDM9A_KP042788")
    'X'
    """
    weighed = (
        _NUMBERS[character] * weight
        for character, weight in zip(vin, _WEIGHTS, strict=True)
        if weight
    )
    remainder = sum(weighed) % 11
    return "X" if remainder == 10 else str(remainder)


def uses_check_digit(vin: str) -> bool:
    """Whether the country of the maker makes the ninth character a check digit."""
    return vin[0] in CHINA or vin[0] in NORTH_AMERICA


def parse_vin(text: str) -> Vin:
    """The VIN that a person or a file wrote.

    Raises:
        VinMalformed: not 17 characters of A–Z without I, O, Q and 0–9.
    """
    vin = normalise_vin(text)
    if _SHAPE.fullmatch(vin) is None:
        raise VinMalformed(
            f"{text!r} is not a VIN: 17 characters, A–Z without I, O and Q, and 0–9", vin=text
        )
    return Vin(vin, check_of(vin))


def check_of(vin: str) -> VinCheck:
    """What the ninth character of a VIN says; the VIN as it is stored.

    >>> check_of("LSGPC52U6AF102554"), check_of("LSGPC52U7AF102554"), check_of("WVWZZZ1JZ3W386752")
    ('right', 'wrong', 'not_used')
    """
    if not uses_check_digit(vin):
        return "not_used"
    return "right" if vin[_CHECK_PLACE] == compute_check_digit(vin) else "wrong"
