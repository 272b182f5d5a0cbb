"""Checks the types of an expression and translates it to polars, part by part."""

from difflib import SequenceMatcher
from typing import Final

import polars as pl

from alerts.expressions import operators
from alerts.expressions.fields import DTYPES, FIELDS
from alerts.expressions.functions import FUNCTIONS
from alerts.expressions.syntax import (
    Called,
    Chain,
    Choice,
    Listed,
    Literally,
    Named,
    Node,
    Prefixed,
)
from alerts.expressions.typed import Mistake, Typed, constant_of

MAX_REGEXES: Final = 10
MAX_CHOICES: Final = 10
"""Of `?`, `%`, least and greatest together: they take the longest to work out."""
_MEANT: Final = {
    "math.min": "math.least",
    "math.max": "math.greatest",
    "min": "math.least",
    "max": "math.greatest",
    "abs": "math.abs",
    "round": "math.round",
    "len": "size",
    "lenght": "size",
    "str": "string",
    "float": "double",
}
_LEFT_OUT: Final = {"timestamp", "duration", "type", "dyn", "bytes", "uint", "bool"}


class Translator:
    """Translates one expression; `fields` are those it has named so far."""

    def __init__(self) -> None:
        self.fields: set[str] = set()
        self.regexes = 0
        self.choices = 0

    def of(self, node: Node) -> Typed:
        """The part that a node stands for.

        Raises:
            Mistake: a name that there is not, or types that do not go together.
        """
        match node:
            case Literally(start, value):
                return constant_of(start, value)
            case Named(start, name):
                return self._field(start, name)
            case Prefixed(start, sign, operand):
                turned = operators.negate if sign == "!" else operators.minus
                return turned(start, self.of(operand))
            case Choice(start, condition, yes, no):
                self._count_choice(start)
                return operators.choose(start, self.of(condition), self.of(yes), self.of(no))
            case Called():
                return self._call(node)
            case Chain():
                return self._chain(node)
        raise Mistake(node.start, "type_mismatch", "a list stands after in only: x in [1, 2]")

    def _count_choice(self, start: int) -> None:
        self.choices += 1
        if self.choices > MAX_CHOICES:
            saying = f"more than {MAX_CHOICES} of ?, %, math.least and math.greatest"
            raise Mistake(start, "too_large", saying)

    def _field(self, start: int, name: str) -> Typed:
        found = FIELDS.get(name)
        if found is None:
            raise _unknown(start, name, "field", list(FIELDS))
        self.fields.add(name)
        column = pl.col(name).cast(DTYPES[found.type])
        return Typed(start, found.type, column, found.choices, name)

    def _chain(self, chain: Chain) -> Typed:
        match chain.rank:
            case "or" | "and":
                return operators.join_conditions(
                    chain.signs[0], [self.of(each) for each in chain.operands]
                )
            case "relation":
                return self._relation(chain)
        whole = self.of(chain.operands[0])
        for sign, operand in zip(chain.signs, chain.operands[1:], strict=True):
            if sign == "%":
                self._count_choice(operand.start)
            whole = operators.work_out(sign, whole, self.of(operand))
        return whole

    def _relation(self, chain: Chain) -> Typed:
        if len(chain.signs) > 1:
            raise Mistake(
                chain.operands[2].start,
                "type_mismatch",
                "compare two at a time, and join comparisons with &&",
            )
        left, right = self.of(chain.operands[0]), chain.operands[1]
        if chain.signs[0] != "in":
            return operators.compare(chain.signs[0], left, self.of(right))
        if isinstance(right, Listed):
            return operators.one_of(left, [self.of(item) for item in right.items])
        return operators.member_of(left, self.of(right))

    def _call(self, call: Called) -> Typed:
        function = FUNCTIONS.get(call.name)
        if function is None:
            raise _no_function(call)
        given = len(call.arguments)
        if function.method and not call.method and call.name != "matches":
            raise Mistake(call.start, "syntax", f"write {function.written}")
        if not function.least <= given <= function.most:
            raise Mistake(call.start, "syntax", f"write {function.written}")
        if call.name in ("math.least", "math.greatest"):
            self._count_choice(call.start)
        if call.name == "matches":
            self.regexes += 1
            if self.regexes > MAX_REGEXES:
                saying = f"more than {MAX_REGEXES} regular expressions"
                raise Mistake(call.start, "too_large", saying)
        return function.work(call.start, [self.of(each) for each in call.arguments])


def _no_function(call: Called) -> Mistake:
    if call.name in _LEFT_OUT:
        return Mistake(call.start, "left_out", f"{call.name}() is left out here")
    if meant := _MEANT.get(call.name):
        return Mistake(call.start, "unknown_name", f"write {FUNCTIONS[meant].written}")
    return _unknown(call.start, call.name, "function", list(FUNCTIONS))


def _unknown(start: int, name: str, what: str, names: list[str]) -> Mistake:
    """The mistake, with the name that comes nearest, by itself or by its last word."""
    if name in ("vehicle", "previous"):
        named = {"vehicle": "vehicle.model", "previous": "previous.soc_pct"}[name]
        return Mistake(start, "unknown_name", f"{name} has fields, such as {named}")

    def nearness(known: str) -> float:
        last = known.rpartition(".")[2] if "." not in name else known
        near = max(SequenceMatcher(None, name.lower(), each).ratio() for each in (known, last))
        return near + (0.3 if last.startswith(name.lower()) else 0) - 0.01 * known.count(".")

    nearest = max(names, key=nearness)
    shown = f"; did you mean {nearest}?" if nearness(nearest) >= 0.6 else ""
    return Mistake(start, "unknown_name", f"there is no {what} {name}{shown}")
