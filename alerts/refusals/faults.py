"""Decides what a fault is the fault of: of what was being written, or of the database and program.

A finding may be blamed for what the database says of its values. It may not be blamed for what
passes (two that waited for one another, a connection that was cut), nor for tables and rights that
are not as this program knows them: all findings alike would fail, and none is refused for it.
"""

from typing import Final, Literal

Reason = Literal["constraint", "bad_value", "raised", "rule_failed", "program"]

_BLAMED: Final[dict[str, Reason]] = {
    "21": "bad_value",  # more rows than one
    "22": "bad_value",  # out of range, not of its type, a text that cannot be stored
    "23": "constraint",
    "27": "raised",
    "38": "raised",
    "39": "raised",
    "44": "constraint",
    "54": "bad_value",  # too large, too deep
    "P0": "raised",
}
"""By the class of an SQLSTATE (PostgreSQL, appendix A)."""
MOST_MESSAGE: Final = 500


def reason_of(sqlstate: str | None) -> Reason | None:
    """Why what was written was refused; None: it is not to blame.

    Without an SQLSTATE it is our own program, or the driver, that could not go on with it.

    >>> [reason_of(state) for state in ("23503", "40P01", "42703", None)]
    ['constraint', None, None, 'program']
    """
    return "program" if sqlstate is None else _BLAMED.get(sqlstate[:2])


def message_of(fault: BaseException) -> str:
    """The first line of what it says, after its name.

    >>> message_of(ValueError("not\\nso"))
    'ValueError: not'
    """
    first = str(fault).strip().partition("\n")[0].replace("\x00", "")
    return f"{type(fault).__name__}: {first}"[:MOST_MESSAGE]
