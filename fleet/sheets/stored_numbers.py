"""Reads a number as a workbook stores it, whatever a file claims to be one."""

from typing import Final

LONGEST_NUMBER: Final = 40


def parse_stored_number(text: str) -> int | float | None:
    """The number stored in a cell; None if it is none.

    >>> parse_stored_number("46143"), parse_stored_number("1.5E3"), parse_stored_number("INF")
    (46143, 1500.0, None)
    """
    if len(text) > LONGEST_NUMBER:
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < 1e300 else None  # neither infinite nor NaN
