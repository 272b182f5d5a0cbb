"""What operators mean, row by row, with null for unknown.

As in CEL: whole numbers divide to whole numbers, towards zero; `&&` and `||` know an answer where
one side decides. Other than in CEL: whole numbers and others mix, and what CEL calls an error
(dividing by zero, more than 64 bits) is unknown; whole numbers above 2^53 divide approximately.
"""

from collections.abc import Callable
from difflib import get_close_matches
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import Final

import polars as pl

from alerts.expressions.fields import DTYPES, Type
from alerts.expressions.typed import WORDS, Mistake, Typed, as_double, expect, let, widened

_COMPARED: Final = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
_EQUAL: Final = ("==", "!=")
_WIDE: Final = pl.Int128
"""Holds what two numbers of 64 bits come to."""


def join_conditions(sign: str, parts: list[Typed]) -> Typed:
    """`a && b && …` or `a || b || …`."""
    for part in parts:
        expect(part, f"{sign} joins", "bool")
    joined = _balanced(and_ if sign == "&&" else or_, [part.expr for part in parts])
    return Typed(parts[0].start, "bool", joined)


def _balanced(join: Callable[[pl.Expr, pl.Expr], pl.Expr], parts: list[pl.Expr]) -> pl.Expr:
    """Joined in halves, so that many are wide and not deep."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return join(_balanced(join, parts[:half]), _balanced(join, parts[half:]))


def negate(start: int, part: Typed) -> Typed:
    """`!a`."""
    expect(part, "! turns round", "bool")
    return Typed(start, "bool", part.expr.not_())


def minus(start: int, part: Typed) -> Typed:
    """`-a`."""
    expect(part, "- stands before", "int", "double")
    if part.type == "double":
        value = part.constant
        if isinstance(value, float):
            return Typed(start, "double", pl.lit(-value), constant=-value)
        return Typed(start, "double", -part.expr)
    value = part.constant
    if isinstance(value, int) and value > -(2**63):
        return Typed(start, "int", pl.lit(-value, dtype=pl.Int64), constant=-value)
    return Typed(start, "int", _narrow(part.expr.cast(_WIDE) * -1))


def _narrow(wide: pl.Expr) -> pl.Expr:
    """Back to 64 bits; unknown where it does not fit."""
    return wide.cast(pl.Int64, strict=False)


def work_out(sign: str, left: Typed, right: Typed) -> Typed:
    """`a + b`, `a - b`, `a * b`, `a / b`, `a % b`."""
    if sign == "+" and left.type == "text":
        expect(right, "+ after a text takes", "text")
        return Typed(left.start, "text", left.expr + right.expr)
    for part in (left, right):
        expect(part, f"{sign} takes", "int", "double")
    if sign in "/%" and right.constant == 0:
        raise Mistake(right.start, "division_by_zero", f"{sign} by zero is never known")
    if sign == "%":
        for part in (left, right):
            expect(part, "% takes", "int")
    if left.type == right.type == "int":
        return Typed(left.start, "int", _whole(sign, left, right))
    a, b = widened(left), widened(right)
    expr = {"+": a + b, "-": a - b, "*": a * b}.get(sign)
    return Typed(left.start, "double", a / _never_zero(b, right) if expr is None else expr)


def _never_zero(expr: pl.Expr, part: Typed) -> pl.Expr:
    """A divisor, unknown where it is zero."""
    return expr if part.constant else expr.replace(0.0, None)


def _whole(sign: str, left: Typed, right: Typed) -> pl.Expr:
    a, b = left.expr.cast(_WIDE), right.expr.cast(_WIDE)
    match sign:
        case "+":
            return _narrow(a + b)
        case "-":
            return _narrow(a - b)
        case "*":
            return _narrow(a * b)
        case "/":
            quotient = widened(left) / _never_zero(widened(right), right)
            return _narrow(quotient.truncate())
    divisor = right.expr if right.constant else right.expr.replace(0, None)
    return let([left.expr, divisor], lambda a, b: (a.abs() % b.abs()) * a.sign())


def compare(sign: str, left: Typed, right: Typed) -> Typed:
    """`a < b`, `a == b`, …; with null it asks whether the other is unknown."""
    expr: pl.Expr
    if sign in _EQUAL and "null" in (left.type, right.type):
        known = (left if right.type == "null" else right).expr
        expr = known.is_null() if sign == "==" else known.is_not_null()
        return Typed(left.start, "bool", expr)
    a, b = _comparable(sign, left, right)
    return Typed(left.start, "bool", _COMPARED[sign](a, b))


def _comparable(sign: str, left: Typed, right: Typed) -> tuple[pl.Expr, pl.Expr]:
    if left.is_number and right.is_number:
        if left.type == right.type == "int":
            return left.expr, right.expr
        return as_double(left), as_double(right)
    types: tuple[Type, ...] = ("text", "bool") if sign in _EQUAL else ("text",)
    if left.type != right.type or left.type not in types:
        raise Mistake(
            right.start,
            "type_mismatch",
            f"{sign} cannot compare {WORDS[left.type]} with {WORDS[right.type]}",
        )
    check_choice(left, right)
    check_choice(right, left)
    return left.expr, right.expr


def check_choice(part: Typed, word: Typed) -> None:
    """A field that is one of a few words is compared with one of them.

    Raises:
        Mistake: the word is none of them, so that it would never be so.
    """
    if not part.choices or not isinstance(word.constant, str) or word.constant in part.choices:
        return
    near = get_close_matches(word.constant, part.choices, 1, 0.4)
    shown = f"; did you mean '{near[0]}'?" if near else ""
    raise Mistake(
        word.start,
        "never_so",
        f"{part.name or 'it'} is never '{word.constant}', but one of"
        f" {', '.join(part.choices)}{shown}",
    )


def one_of(left: Typed, items: list[Typed]) -> Typed:
    """`a in [b, c]`: the items are written out."""
    for item in items:
        if not item.is_constant or item.type == "null":
            raise Mistake(item.start, "left_out", "a list holds values written out, without null")
        if item.type != left.type and not (item.is_number and left.is_number):
            raise Mistake(
                item.start, "type_mismatch", f"{WORDS[left.type]} is never {WORDS[item.type]}"
            )
        check_choice(left, item)
    expr, kind = left.expr, left.type
    values = [item.constant for item in items]
    if left.is_number and any(item.type != left.type for item in items):
        kind, expr = "double", as_double(left)
        values = [float(value) for value in values if isinstance(value, int | float)]
    if left.type in ("list", "null"):
        raise Mistake(left.start, "type_mismatch", f"in asks of a value, not of {WORDS[left.type]}")
    if not values:
        return Typed(left.start, "bool", pl.when(expr.is_not_null()).then(False))
    return Typed(left.start, "bool", expr.is_in(pl.Series(values, dtype=DTYPES[kind]).implode()))


def member_of(left: Typed, right: Typed) -> Typed:
    """`a in vehicle.groups`."""
    expect(right, "in looks into", "list")
    expect(left, "a list of texts holds", "text")
    return Typed(left.start, "bool", right.expr.list.contains(left.expr))


def choose(start: int, condition: Typed, yes: Typed, no: Typed) -> Typed:
    """`a ? b : c`; unknown where the condition is."""
    expect(condition, "? asks", "bool")
    kind: Type = yes.type if no.type == "null" else no.type
    if yes.is_number and no.is_number:
        kind = "int" if yes.type == no.type == "int" else "double"
    elif "null" not in (yes.type, no.type) and yes.type != no.type:
        raise Mistake(
            no.start,
            "type_mismatch",
            f"both sides of : are of one type, not {WORDS[yes.type]} and {WORDS[no.type]}",
        )
    a, b = (
        as_double(each) if kind == "double" and each.is_number else each.expr for each in (yes, no)
    )
    both = yes.choices if yes.choices == no.choices else ()
    if condition.simple:
        return Typed(start, kind, _branch(condition.expr, a, b), both)
    return Typed(start, kind, _pick(condition.expr, a, b), both)


def _branch(condition: pl.Expr, yes: pl.Expr, no: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(yes).when(condition.not_()).then(no)


def _pick(condition: pl.Expr, yes: pl.Expr, no: pl.Expr) -> pl.Expr:
    """The same, naming the condition once: what stands at its place, 0 or 1, and at none, null."""
    return pl.concat_list([no, yes]).list.get(condition.cast(pl.UInt32), null_on_oob=True)


def extreme(start: int, parts: list[Typed], most: bool) -> Typed:
    """The least or the greatest; unknown where one is, as unknown sorts first."""
    kind: Type = "int" if all(part.type == "int" for part in parts) else "double"
    exprs = [part.expr if kind == "int" else as_double(part) for part in parts]
    if all(part.simple for part in parts):
        known = reduce(and_, (each.is_not_null() for each in exprs))
        picked = pl.max_horizontal(exprs) if most else pl.min_horizontal(exprs)
        return Typed(start, kind, pl.when(known).then(picked))
    ordered = pl.concat_list(exprs).list.sort(descending=most, nulls_last=False)
    return Typed(start, kind, ordered.list.first())
