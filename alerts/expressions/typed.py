"""Parts of an expression with their types, as polars expressions; and what can go wrong with one.

Null means unknown. A polars expression that stands twice within another is worked out twice, and
nested so, it would grow without bound: what is not `simple` is bound to a name first (`let`), and
what polars itself writes out twice (`fill_nan`) is not used.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from alerts.expressions.errors import Reason
from alerts.expressions.fields import DTYPES, Type
from alerts.expressions.syntax import Constant

WORDS: Final[dict[Type, str]] = {
    "int": "a whole number",
    "double": "a number",
    "text": "a text",
    "bool": "true or false",
    "list": "a list of texts",
    "null": "null",
}
NUMBERS: Final = ("int", "double")


class Mistake(Exception):
    """What is wrong, and at which character; without the text that it stands in."""

    def __init__(self, at: int, reason: Reason, saying: str) -> None:
        super().__init__(saying)
        self.at, self.reason, self.saying = at, reason, saying


@dataclass(frozen=True)
class Typed:
    """A part: where it begins, its type, and the polars expression that works it out."""

    start: int
    type: Type
    expr: pl.Expr = field(compare=False)
    choices: tuple[str, ...] = ()
    """All words that it can be, if they are known."""
    name: str | None = None
    """Of a field."""
    constant: Constant = None
    """Of a literal."""

    @property
    def simple(self) -> bool:
        """Whether it costs nothing to stand twice."""
        return self.name is not None or self.is_constant

    @property
    def is_constant(self) -> bool:
        return self.constant is not None or self.type == "null"

    @property
    def is_number(self) -> bool:
        return self.type in NUMBERS


def constant_of(start: int, value: Constant) -> Typed:
    """A literal."""
    kind: Type
    match value:
        case None:
            kind = "null"
        case bool():
            kind = "bool"
        case int():
            kind = "int"
        case float():
            kind = "double"
        case str():
            kind = "text"
    literal = pl.lit(value, dtype=DTYPES[kind]) if kind in ("int", "null") else pl.lit(value)
    return Typed(start, kind, literal, constant=value)


def widened(part: Typed) -> pl.Expr:
    """A number as a double; it may be NaN."""
    return part.expr.cast(pl.Float64) if part.type == "int" else part.expr


def as_double(part: Typed) -> pl.Expr:
    """A number as a double, never NaN."""
    if part.type == "int":
        return part.expr.cast(pl.Float64)
    return part.expr if part.simple else part.expr.replace(math.nan, None)


def let(parts: list[pl.Expr], then: Callable[..., pl.Expr]) -> pl.Expr:
    """`then` of the parts, each worked out once however often `then` names it."""
    names = [f"part{no}" for no in range(len(parts))]
    bound = pl.struct(part.alias(name) for part, name in zip(parts, names, strict=True))
    outcome = then(*(pl.field(name) for name in names)).alias("outcome")
    return bound.struct.with_fields(outcome).struct.field("outcome")


def expect(part: Typed, what: str, *types: Type) -> None:
    """Let pass a part of one of the types.

    Raises:
        Mistake: it is of another.
    """
    if part.type not in types:
        wanted = " or ".join(WORDS[each] for each in types if each != "int" or len(types) == 1)
        raise Mistake(part.start, "type_mismatch", f"{what} {wanted}, not {WORDS[part.type]}")
