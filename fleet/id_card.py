"""Decides whether a text is a citizen identity number (公民身份号码), and which.

GB 11643-1999: six digits of the region, eight of the birth date, three of the order, and a check
character by ISO 7064 MOD 11-2. Residence permits for foreigners have the same form since 2023.

Leaves out: whether the region exists, and the numbers of 15 digits that ended in 2013.
"""

import re
import unicodedata
from datetime import date
from typing import Final

from kit.errors import Invalid

_SHAPE: Final = re.compile(r"[1-9][0-9]{5}(?P<born>(?:19|20)[0-9]{6})[0-9]{3}[0-9X]", re.ASCII)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS: Final = "10X98765432"


class IdCardMalformed(Invalid):
    """Not a citizen identity number of 18 characters."""

    code = "id_card_malformed"
    field = "id_card"


class IdCardCheckDigitWrong(Invalid):
    """The last character does not fit the other seventeen."""

    code = "id_card_check_digit_wrong"
    field = "id_card"


def compute_check_character(id_card: str) -> str:
    """The eighteenth character that the first seventeen demand: 0–9 or X.

    The standard's own example:

    >>> compute_check_character("11010519491231002")
    'X'
    """
    total = sum(int(c) * weight for c, weight in zip(id_card[:17], _WEIGHTS, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def parse_id_card(text: str) -> str:
    """The number that a person typed, as stored: half-width, a capital X. Errors do not repeat it.

    Raises:
        IdCardMalformed: not 18 characters of the right form, or born on no day of the calendar.
        IdCardCheckDigitWrong: a typing slip.
    """
    id_card = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    found = _SHAPE.fullmatch(id_card)
    if found is None or not _is_day(found["born"]):
        raise IdCardMalformed("not a citizen identity number of 18 characters")
    if id_card[17] != compute_check_character(id_card):
        raise IdCardCheckDigitWrong("the last character does not fit the other seventeen")
    return id_card


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
