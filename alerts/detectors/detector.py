"""A detector: what raises, what is over, what was measured, as expressions.

A row is a sample in its context (`context.py`) with the parameters of a rule beside it. Where an
expression is null, nothing is known: it neither raises nor clears. Leaves out for how long it must
be so (`lifecycle.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from alerts.detectors.binding import Binding
from alerts.detectors.lifecycle import SIGNALS

GAP_S: Final = 600
"""After so long without a sample, what moves is not taken to have gone on in between; nor after a
gap longer than it must go on."""
PAIR: Final = ("vehicle_id", "rule_no")
KEPT: Final = (*PAIR, "row_no", "ts_us")

TS_US: Final = pl.col("ts_us")
NEVER: Final = pl.lit(False)
AFTER_A_GAP: Final = (
    TS_US - pl.col("before_us") > pl.max_horizontal(GAP_S, "p_for_s") * 1_000_000
).fill_null(False)

Looking = Callable[[pl.DataFrame, Binding], pl.DataFrame]
"""From rows beside their rules, the same with more columns."""


@dataclass(frozen=True, slots=True)
class Detector:
    """One kind of rule."""

    kind: str
    raised: pl.Expr
    cleared: pl.Expr
    value: pl.Expr
    facts: Mapping[str, pl.Expr]
    """What a reader is told: what was measured and what it was compared with."""
    begins_us: pl.Expr = TS_US
    """Since when it holds, as far as the sample knows."""
    anew: pl.Expr = NEVER
    momentary: bool = False
    """It is over at once: a record that it happened."""
    looking: Looking | None = None
    """What expressions alone cannot say: adds columns to rows."""
    reads: tuple[str, ...] = ()
    """Columns that it adds them from."""

    def signals(self, rows: pl.DataFrame, binding: Binding, going_on: pl.DataFrame) -> pl.DataFrame:
        """SIGNALS of this kind: all that raise, and what ends any of these or what is going on."""
        if self.kind not in binding.applies:
            return pl.DataFrame(schema=SIGNALS)
        judged = self.beside(rows, binding).select(
            *KEPT,
            begins_us=self.begins_us,
            anew=self.anew,
            holds=holding(self.raised, self.cleared),
        )
        return signals_of(judged, going_on, momentary=self.momentary)

    def told(self, rows: pl.DataFrame, binding: Binding, wanted: pl.DataFrame) -> pl.DataFrame:
        """Value and facts of samples, asked by PAIR and `row_no`."""
        facts = [told.alias(name) for name, told in self.facts.items()]
        asked = rows.filter(pl.col("row_no").is_in(wanted["row_no"].unique().to_list()))
        return (
            self.beside(asked, binding)
            .join(wanted, on=(*PAIR, "row_no"), how="semi")
            .select(
                *PAIR,
                "row_no",
                value=self.value.cast(pl.Float64),
                facts=pl.struct(facts).struct.json_encode(),
            )
        )

    def beside(self, rows: pl.DataFrame, binding: Binding) -> pl.DataFrame:
        """Rows with the parameters of each rule that looks at them, and what looking adds."""
        if self.kind not in binding.applies:
            return rows.clear()
        expressions = (
            *(self.raised, self.cleared, self.value, self.begins_us, self.anew),
            *self.facts.values(),
        )
        roots = {name for expression in expressions for name in expression.meta.root_names()}
        needed = [name for name in rows.columns if name in roots | {*self.reads, *KEPT}]
        parameters = binding.parameters[self.kind]
        beside = (
            rows.select(needed)
            .join(binding.applies[self.kind], on="vehicle_id")
            .join(
                parameters.select(
                    name for name in parameters.columns if name in {*roots, "rule_no"}
                ),
                on="rule_no",
            )
        )
        return beside if self.looking is None else self.looking(beside, binding)


def holding(raised: pl.Expr, cleared: pl.Expr) -> pl.Expr:
    """True: it holds; false: it is over; null: neither, or nobody knows."""
    return pl.when(raised).then(True).when(cleared).then(False)


def signals_of(
    judged: pl.DataFrame, going_on: pl.DataFrame, *, momentary: bool = False
) -> pl.DataFrame:
    """SIGNALS of what was judged: all that holds, and what is over where it held before.

    Most rows say that all is well where nothing was wrong: they are left out here, early.
    """
    raising = judged.filter("holds")
    if raising.is_empty() and going_on.is_empty():
        return pl.DataFrame(schema=SIGNALS)
    first = pl.lit(0, SIGNALS["turn"])
    if momentary:
        both = [raising, raising.with_columns(holds=pl.lit(False))]
        turns = (first, pl.lit(1, SIGNALS["turn"]))
        return pl.concat(
            frame.with_columns(turn=turn).select(*SIGNALS)
            for frame, turn in zip(both, turns, strict=True)
        )
    live = pl.concat([going_on.select(PAIR), raising.select(PAIR)]).unique()
    said = judged.filter(pl.col("holds").is_not_null()).join(live, on=PAIR, how="semi")
    return said.with_columns(turn=first).select(*SIGNALS)
