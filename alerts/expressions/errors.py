"""What is wrong with an expression, and where."""

from typing import ClassVar, Final, Literal

from kit.errors import Invalid

Reason = Literal[
    "syntax",
    "too_long",
    "too_deep",
    "too_large",
    "left_out",
    "unknown_name",
    "type_mismatch",
    "never_so",
    "division_by_zero",
    "bad_regex",
    "not_a_condition",
]
_SHOWN: Final = 40
"""Characters of the line shown on either side of the mistake."""


class ExpressionInvalid(Invalid):
    """An expression that cannot be read, or speaks of what there is not."""

    code: ClassVar[str] = "expression_invalid"
    field: ClassVar[str | None] = "expression"


def expression_invalid(text: str, at: int, reason: Reason, saying: str) -> ExpressionInvalid:
    """The error for a mistake at the character `at`: its line and column from 1, and the excerpt.

    >>> found = expression_invalid("soc_pct < x", 10, "unknown_name", "there is no x")
    >>> print(found.facts["excerpt"])
    soc_pct < x
              ^
    """
    at = min(at, len(text))
    begins = text.rfind("\n", 0, at) + 1
    ends = text.find("\n", at)
    line, column = text.count("\n", 0, at) + 1, at - begins + 1
    first = max(begins, at - _SHOWN)
    shown = text[first : min(len(text) if ends < 0 else ends, at + _SHOWN)]
    plain = "".join(letter if letter.isprintable() else " " for letter in shown)
    return ExpressionInvalid(
        f"line {line}, column {column}: {saying}",
        line=line,
        column=column,
        excerpt=f"{plain}\n{' ' * (at - first)}^",
        reason=reason,
        saying=saying,
    )
