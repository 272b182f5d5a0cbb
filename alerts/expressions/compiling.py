"""Makes a condition over columns of what somebody wrote, or says where it is wrong.

Nothing of it is executed as code: it becomes one polars expression. Leaves out when an alert is
raised from it, and the frame it looks at (`alerts/detectors`).
"""

from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from alerts.expressions.errors import expression_invalid
from alerts.expressions.parsing import parse
from alerts.expressions.translating import Translator
from alerts.expressions.typed import WORDS, Mistake


@dataclass(frozen=True, eq=False)
class Expression:
    """A condition: a nullable boolean for each row. Null is unknown, and not true."""

    text: str
    condition: pl.Expr
    fields: frozenset[str]
    """The names it uses, each also the name of a column it needs: `soc_pct`, `vehicle.model`."""

    @property
    def columns(self) -> frozenset[str]:
        """The columns it needs."""
        return self.fields


@lru_cache(maxsize=1_024)
def compile_expression(text: str) -> Expression:
    """The condition that a text states, in CEL as far as docs/expressions.md tells.

    Raises:
        ExpressionInvalid: it cannot be read, or names what there is not; the facts say where.
    """
    node = parse(text)
    translator = Translator()
    try:
        whole = translator.of(node)
        if whole.type != "bool":
            saying = f"this is {WORDS[whole.type]}, not a condition; compare it, as in soc_pct < 20"
            raise Mistake(whole.start, "not_a_condition", saying)
    except Mistake as mistake:
        raise expression_invalid(text, mistake.at, mistake.reason, mistake.saying) from None
    condition = whole.expr
    if not translator.fields:  # as long as its frame, like one that looks at a column
        condition = condition & pl.int_range(pl.len()).is_not_null()
    return Expression(text, condition, frozenset(translator.fields))
