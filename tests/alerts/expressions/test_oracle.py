"""Random expressions mean to polars what they mean to a plain interpreter, row by row."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alerts.expressions.compiling import compile_expression
from alerts.expressions.errors import ExpressionInvalid

Row = dict[str, Any]
Meaning = Callable[[Row], Any]
MOST = 2**63 - 1
_SCHEMA = {
    "soc_pct": pl.Float64,
    "temp_max_c": pl.Float64,
    "alarm_level": pl.Int64,
    "alarm_bits": pl.Int64,
    "vehicle.let": pl.Boolean,
    "fix": pl.Boolean,
}


@dataclass(frozen=True)
class Part:
    """A part as text, and what a plain interpreter makes of a row; None is unknown."""

    text: str
    means: Meaning


def known(work: Callable[..., Any], *parts: Part) -> Meaning:
    """What is unknown of a part is unknown of all."""

    def of(row: Row) -> Any:
        values = [part.means(row) for part in parts]
        return None if any(value is None for value in values) else work(*values)

    return of


def field(name: str) -> Part:
    return Part(name, lambda row: row[name])


def fits(value: int) -> int | None:
    return value if -MOST - 1 <= value <= MOST else None


def towards_zero(a: int, b: int) -> int | None:
    return None if b == 0 else math.trunc(Fraction(a, b))


def remainder(a: int, b: int) -> int | None:
    return None if b == 0 else a - b * math.trunc(Fraction(a, b))


def quotient(a: float, b: float) -> float | None:
    return None if b == 0 else a / b


WHOLE: dict[str, Callable[[int, int], int | None]] = {
    "+": lambda a, b: fits(a + b),
    "-": lambda a, b: fits(a - b),
    "*": lambda a, b: fits(a * b),
    "/": towards_zero,
    "%": remainder,
}
DOUBLE: dict[str, Callable[[float, float], float | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": quotient,
}
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def both(a: bool | None, b: bool | None) -> bool | None:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def either(a: bool | None, b: bool | None) -> bool | None:
    opposite = both(*(None if each is None else not each for each in (a, b)))
    return None if opposite is None else not opposite


def chosen(condition: Part, yes: Part, no: Part) -> Meaning:
    def of(row: Row) -> Any:
        value = condition.means(row)
        return None if value is None else (yes if value else no).means(row)

    return of


def infix(a: Part, sign: str, b: Part, work: Callable[..., Any]) -> Part:
    return Part(f"({a.text} {sign} {b.text})", known(work, a, b))


def joined(a: Part, sign: str, b: Part) -> Part:
    join = both if sign == "&&" else either
    return Part(f"({a.text} {sign} {b.text})", lambda row: join(a.means(row), b.means(row)))


def choice(condition: Part, yes: Part, no: Part) -> Part:
    return Part(f"({condition.text} ? {yes.text} : {no.text})", chosen(condition, yes, no))


def whole_number(value: int) -> Part:
    return Part(str(value), lambda _: value)


def decimal(value: float) -> Part:
    return Part(repr(value), lambda _: value)


small = st.integers(-9, 9)
halves = st.integers(-20, 20).map(lambda n: n / 2)
conditions: st.SearchStrategy[Part] = st.deferred(lambda: _conditions)
wholes: st.SearchStrategy[Part] = st.deferred(lambda: _wholes)
doubles: st.SearchStrategy[Part] = st.deferred(lambda: _doubles)

_wholes = (
    st.sampled_from(["alarm_level", "alarm_bits"]).map(field)
    | small.map(whole_number)
    | st.builds(
        lambda a, sign, b: infix(a, sign, b, WHOLE[sign]), wholes, st.sampled_from("+-*/%"), wholes
    )
    | wholes.map(lambda a: Part(f"-({a.text})", known(lambda x: fits(-x), a)))
    | st.builds(choice, conditions, wholes, wholes)
    | doubles.map(lambda a: Part(f"int({a.text})", known(math.trunc, a)))
)
_doubles = (
    st.sampled_from(["soc_pct", "temp_max_c"]).map(field)
    | halves.map(decimal)
    | st.builds(
        lambda a, sign, b: infix(a, sign, b, DOUBLE[sign]),
        doubles,
        st.sampled_from("+-*/"),
        doubles,
    )
    | st.builds(lambda a, b: infix(a, "*", b, DOUBLE["*"]), doubles, wholes)
    | st.builds(choice, conditions, doubles, wholes)
    | st.builds(
        lambda a, b: Part(f"math.least({a.text}, {b.text})", known(min, a, b)), doubles, wholes
    )
    | doubles.map(lambda a: Part(f"math.abs({a.text})", known(abs, a)))
)
_compared = st.sampled_from(sorted(COMPARED))
_conditions = (
    st.sampled_from(["vehicle.let", "fix"]).map(field)
    | st.builds(lambda a, s, b: infix(a, s, b, COMPARED[s]), doubles, _compared, wholes)
    | st.builds(lambda a, s, b: infix(a, s, b, COMPARED[s]), wholes, _compared, wholes)
    | st.builds(lambda a, s, b: infix(a, s, b, COMPARED[s]), doubles, _compared, doubles)
    | st.builds(joined, conditions, st.sampled_from(["&&", "||"]), conditions)
    | conditions.map(lambda a: Part(f"!{a.text}", known(lambda x: not x, a)))
    | st.builds(choice, conditions, conditions, conditions)
    | doubles.map(lambda a: Part(f"({a.text} == null)", lambda row: a.means(row) is None))
    | st.builds(
        lambda a, items: Part(f"({a.text} in {items})", known(lambda x: x in items, a)),
        wholes,
        st.lists(small, max_size=4),
    )
)
rows = st.fixed_dictionaries(
    {
        "soc_pct": st.none() | halves,
        "temp_max_c": st.none() | halves,
        "alarm_level": st.none() | small,
        "alarm_bits": st.none() | st.integers(0, 2**32 - 1),
        "vehicle.let": st.none() | st.booleans(),
        "fix": st.none() | st.booleans(),
    }
)


@settings(deadline=None)
@given(conditions, st.lists(rows, min_size=1, max_size=5))
def test_means_the_same(part: Part, given_rows: list[Row]) -> None:
    assume(len(part.text) < 500)
    try:
        found = compile_expression(part.text)
    except ExpressionInvalid as refused:
        assert refused.facts["reason"] in {"division_by_zero", "too_deep", "too_large"}
        return
    frame = pl.DataFrame(given_rows, schema=_SCHEMA)
    assert frame.select(found.condition.alias("is"))["is"].to_list() == [
        part.means(row) for row in given_rows
    ]


@settings(deadline=None)
@given(st.text(max_size=60) | st.text("()[]{}<>=!&|?:.,'\"\\ \nabc019inr/*-+%", max_size=60))
def test_any_text_is_a_condition_or_told_to_be_none(text: str) -> None:
    try:
        found = compile_expression(text)
    except ExpressionInvalid as refused:
        line, column = refused.facts["line"], refused.facts["column"]
        lines = text.split("\n")
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1
    else:
        assert set(found.condition.meta.root_names()) == found.fields
