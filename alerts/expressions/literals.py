"""Reads values as they are written in CEL: numbers, and texts with their escapes."""

import math
import re
from typing import Final

from alerts.expressions.errors import expression_invalid

_ESCAPE: Final = re.compile(
    r"\\(?:(?P<plain>[abfnrtv\\\"'`?])|[xX](?P<hex>[0-9a-fA-F]{2})|u(?P<short>[0-9a-fA-F]{4})"
    r"|U(?P<long>[0-9a-fA-F]{8})|(?P<octal>[0-3][0-7]{2})|(?P<wrong>.))"
)
_PLAIN: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
MOST: Final = 2**63 - 1


def read_number(text: str, at: int, word: str) -> int | float:
    """A whole number, with or without a u, or one with a point or an exponent.

    Raises:
        ExpressionInvalid: it does not fit into 64 bits.
    """
    digits = word.rstrip("uU")
    if "0x" in digits:
        whole = int(digits, 16)
    elif re.search("[.eE]", digits):
        number = float(digits)
        if not math.isfinite(number):
            raise expression_invalid(text, at, "too_large", f"{word} is too large a number")
        return number
    else:
        whole = int(digits)
    if not -MOST - 1 <= whole <= MOST:
        raise expression_invalid(text, at, "too_large", f"{word} is too large a number")
    return whole


def read_text(text: str, at: int, word: str) -> str:
    r"""A text without its quotes, escapes replaced; after an r there are none.

    >>> read_text("", 0, r"'a\tb'"), read_text("", 0, r"r'\d'")
    ('a\tb', '\\d')

    Raises:
        ExpressionInvalid: there is no such escape.
    """
    if word[0] in "rR":
        return word[2:-1]

    def replaced(match: re.Match[str]) -> str:
        if (plain := match["plain"]) is not None:
            return _PLAIN.get(plain, plain)
        if match["wrong"] is not None:
            where = at + 1 + match.start()
            raise expression_invalid(
                text, where, "syntax", f"there is no escape {match[0]}; write \\\\ for a backslash"
            )
        octal = match["octal"]
        point = int(octal, 8) if octal else int(match["hex"] or match["short"] or match["long"], 16)
        if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
            where = at + 1 + match.start()
            raise expression_invalid(text, where, "syntax", f"{match[0]} is no character")
        return chr(point)

    return _ESCAPE.sub(replaced, word[1:-1])
