"""Words that stand in addresses of the API where codes and numbers do: nothing is called so.

`GET /models/export` is all models as a table: a model whose code is `export` could not be asked
for. Whoever takes a code or a number from outside that then names a thing in an address asks here,
sheets included. One set for all: a code that can be one thing can be another. What is there already
stays. A test reads the words off the routes, so that one more of them is not forgotten.
"""

from typing import Any, Final

from kit.errors import Invalid

RESERVED: Final = frozenset(
    {"check-expression", "export", "list", "rehearse", "rematch", "samples"}
)


class CodeReserved(Invalid):
    """What bore this code or number could not be asked for: addresses have it as a word."""

    code = "code_reserved"
    field = "code"

    def __init__(self, message: str, *, field: str, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.field = field  # type: ignore[misc]  # of this one error, not of its class


def check_not_reserved(given: str, *, field: str = "code") -> None:
    """Let pass a code or number, as it is stored, that no address has as a word of its own.

    `field`: where it was given.

    Raises:
        CodeReserved: an address has it.

    >>> check_not_reserved("exports")
    """
    if given in RESERVED:
        raise CodeReserved(f"{given!r} is a word of the addresses", field=field, code=given)
