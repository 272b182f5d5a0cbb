"""The functions an expression may call. Leaves out macros, and times: `seconds_since_previous`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Final

import polars as pl

from alerts.expressions.operators import extreme
from alerts.expressions.typed import Mistake, Typed, as_double, expect

MAX_REGEX: Final = 200
MAX_REPEATS: Final = 1_000
"""Of a regular expression, the product of its counts in braces: what it grows to."""
_COUNT: Final = re.compile(r"\{(\d+)(?:,(\d*))?\}")


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how it is written, how many arguments it takes, how it works one out."""

    written: str
    meaning: str
    least: int
    most: int
    work: Callable[[int, Sequence[Typed]], Typed]
    method: bool = False
    """Written after its first argument."""


def _has(start: int, parts: Sequence[Typed]) -> Typed:
    if parts[0].name is None:
        raise Mistake(parts[0].start, "type_mismatch", "has() asks of a field, such as soc_pct")
    return Typed(start, "bool", parts[0].expr.is_not_null())


def _size(start: int, parts: Sequence[Typed]) -> Typed:
    expect(parts[0], "size() counts", "text", "list")
    counted = parts[0].expr.list.len() if parts[0].type == "list" else parts[0].expr.str.len_chars()
    return Typed(start, "int", counted.cast(pl.Int64))


def _text(
    test: Callable[[pl.Expr, pl.Expr], pl.Expr], name: str, start: int, parts: Sequence[Typed]
) -> Typed:
    if parts[0].type == "list" and name == "contains":
        raise Mistake(parts[0].start, "type_mismatch", "write 'x' in the list, not contains")
    for part in parts:
        expect(part, f"{name} looks at", "text")
    return Typed(start, "bool", test(parts[0].expr, parts[1].expr))


def _matches(start: int, parts: Sequence[Typed]) -> Typed:
    text, pattern = parts
    expect(text, "matches looks at", "text")
    if not isinstance(pattern.constant, str):
        raise Mistake(pattern.start, "bad_regex", "a regular expression is written out")
    _check_regex(pattern.start, pattern.constant)
    return Typed(start, "bool", text.expr.str.contains(pattern.constant))


def _check_regex(start: int, pattern: str) -> None:
    """Its engine takes time linear in the text; only its own size has to be bounded."""
    if len(pattern) > MAX_REGEX:
        saying = f"a regular expression is no longer than {MAX_REGEX} characters"
        raise Mistake(start, "bad_regex", saying)
    if prod(max(1, int(most or least)) for least, most in _COUNT.findall(pattern)) > MAX_REPEATS:
        raise Mistake(start, "bad_regex", f"its counts multiply to more than {MAX_REPEATS}")
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as fault:
        told = re.search(r"error: (?!\n)(?!regex parse)(.+)", str(fault))
        saying = told[1].removeprefix("regex parse error:").strip() if told else "it is malformed"
        raise Mistake(start, "bad_regex", f"no regular expression: {saying}") from None


def _int(start: int, parts: Sequence[Typed]) -> Typed:
    expect(parts[0], "int() takes", "int", "double", "text")
    return Typed(start, "int", parts[0].expr.cast(pl.Int64, strict=False))


def _double(start: int, parts: Sequence[Typed]) -> Typed:
    expect(parts[0], "double() takes", "int", "double", "text")
    return Typed(start, "double", parts[0].expr.cast(pl.Float64, strict=False))


def _string(start: int, parts: Sequence[Typed]) -> Typed:
    expect(parts[0], "string() takes", "int", "text", "bool")
    return Typed(start, "text", parts[0].expr.cast(pl.String))


def _rounding(
    way: Callable[[pl.Expr], pl.Expr], name: str, start: int, parts: Sequence[Typed]
) -> Typed:
    expect(parts[0], f"{name}() takes", "int", "double")
    if parts[0].type == "int":
        return Typed(start, "int", parts[0].expr)
    return Typed(start, "double", way(as_double(parts[0])))


def _abs(start: int, parts: Sequence[Typed]) -> Typed:
    expect(parts[0], "math.abs() takes", "int", "double")
    if parts[0].type == "double":
        return Typed(start, "double", parts[0].expr.abs())
    wide = parts[0].expr.cast(pl.Int128).abs()
    return Typed(start, "int", wide.cast(pl.Int64, strict=False))


def _extreme(most: bool, start: int, parts: Sequence[Typed]) -> Typed:
    for part in parts:
        expect(part, "it compares", "int", "double")
    return extreme(start, list(parts), most)


def _bit_and(start: int, parts: Sequence[Typed]) -> Typed:
    for part in parts:
        expect(part, "math.bitAnd() takes", "int")
    return Typed(start, "int", parts[0].expr & parts[1].expr)


_STARTS: Final = partial(_text, lambda text, other: text.str.starts_with(other), "startsWith")
_ENDS: Final = partial(_text, lambda text, other: text.str.ends_with(other), "endsWith")
_CONTAINS: Final = partial(
    _text, lambda text, other: text.str.contains(other, literal=True), "contains"
)
_ROUND: Final = partial(_rounding, lambda x: x.round(mode="half_away_from_zero"), "math.round")
_FLOOR: Final = partial(_rounding, lambda x: x.floor(), "math.floor")
_CEIL: Final = partial(_rounding, lambda x: x.ceil(), "math.ceil")

FUNCTIONS: Final[dict[str, Function]] = {
    "has": Function("has(field)", "Whether the field is known.", 1, 1, _has),
    "size": Function("size(text)", "Its letters; of a list, its items.", 1, 1, _size),
    "startsWith": Function("text.startsWith(text)", "Whether it begins so.", 2, 2, _STARTS, True),
    "endsWith": Function("text.endsWith(text)", "Whether it ends so.", 2, 2, _ENDS, True),
    "contains": Function("text.contains(text)", "Whether it is within.", 2, 2, _CONTAINS, True),
    "matches": Function(
        "text.matches('regex')",
        f"Whether a part matches; at most {MAX_REGEX} characters.",
        2,
        2,
        _matches,
        True,
    ),
    "int": Function("int(x)", "As a whole number, cut towards zero.", 1, 1, _int),
    "double": Function("double(x)", "As a number with a fraction.", 1, 1, _double),
    "string": Function("string(x)", "A whole number or true/false as text.", 1, 1, _string),
    "math.abs": Function("math.abs(x)", "Without its sign.", 1, 1, _abs),
    "math.least": Function("math.least(x, y, …)", "The least.", 2, 10, partial(_extreme, False)),
    "math.greatest": Function(
        "math.greatest(x, y, …)", "The greatest.", 2, 10, partial(_extreme, True)
    ),
    "math.round": Function(
        "math.round(x)", "To the nearest whole; half away from 0.", 1, 1, _ROUND
    ),
    "math.floor": Function("math.floor(x)", "Down to a whole.", 1, 1, _FLOOR),
    "math.ceil": Function("math.ceil(x)", "Up to a whole.", 1, 1, _CEIL),
    "math.bitAnd": Function(
        "math.bitAnd(x, mask)", "The bits that are set in both.", 2, 2, _bit_and
    ),
}
"""All functions, by name."""
