"""Decides whether a text is a unified social credit code (统一社会信用代码).

GB 32100-2015: 18 characters of an alphabet without I, O, S, V and Z: who registered it, of what
kind it is, six digits of the region, nine of the organisation, and a check character by MOD 31.

Leaves out whether the region and the organisation exist.
"""

import re
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SHAPE: Final = re.compile(rf"[{_ALPHABET}]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}", re.ASCII)
_BASE: Final = 31


def compute_check_character(code: str) -> str:
    """The eighteenth character that the first seventeen demand.

    >>> compute_check_character("91330100799655058"), compute_check_character("91440300192203821")
    ('B', '6')
    """
    total = sum(
        _ALPHABET.index(character) * pow(3, place, _BASE)
        for place, character in enumerate(code[:17])
    )
    return _ALPHABET[-total % _BASE]


def has_form(code: str) -> bool:
    """Whether it looks like a code, its check character apart.

    >>> has_form("91330100799655058A"), has_form("9133010079965505")
    (True, False)
    """
    return _SHAPE.fullmatch(code) is not None


def is_credit_code(code: str) -> bool:
    """Whether it is a code, in capitals and without blanks.

    >>> is_credit_code("91330100799655058B"), is_credit_code("91330100799655058A")
    (True, False)
    """
    return has_form(code) and code[17] == compute_check_character(code)
