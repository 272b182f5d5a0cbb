"""When it is raised and when it is cleared: latch, `for` and `keep`, for all rules at once.

A signal says of a vehicle that a rule holds, or that it is over; what says neither is left out
before. The rules of the game:

* It is raised by the first signal that it holds which comes `for` after it began to hold.
* It is cleared once it has been over for `keep`, with the instant at which that was so; what holds
  after it is new. Until then it goes on.
* A signal that begins anew (after a gap) does not lengthen what held before it.

Leaves out what is measured (the detectors) and what silence clears (`judge.tick`).
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from alerts.detectors.frames import Schema

SIGNALS: Final[Schema] = {
    "rule_no": pl.Int32,
    "vehicle_id": pl.Int64,
    "row_no": pl.UInt32,
    "turn": pl.Int8,
    "ts_us": pl.Int64,
    "begins_us": pl.Int64,
    "anew": pl.Boolean,
    "holds": pl.Boolean,
}
"""One row a rule and sample. `row_no` and `turn` order them; `begins_us`: since when it holds, as
far as the sample knows."""

OPEN: Final[Schema] = {
    "rule_no": pl.Int32,
    "vehicle_id": pl.Int64,
    "phase": pl.String,
    "since_us": pl.Int64,
    "off_since_us": pl.Int64,
}
"""Episodes by the number of their rule."""

_PAIR: Final = ("rule_no", "vehicle_id")


@dataclass(frozen=True, slots=True)
class Turned:
    """What happened, in order for each rule and vehicle, and what is under way now.

    Both have `row_no`, the sample that says how it is: the one that raised it, or the first after
    it was over. Null where that came in an earlier batch.
    """

    events: pl.DataFrame
    episodes: pl.DataFrame


def turn(signals: pl.DataFrame, episodes: pl.DataFrame, rules: pl.DataFrame) -> Turned:
    """Takes episodes on by signals (SIGNALS, OPEN, RULES). All episodes given are taken on."""
    runs = _runs(_lines(signals, episodes, rules))
    return Turned(_events(runs), _under_way(runs))


def _lines(signals: pl.DataFrame, episodes: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """Signals, and before them for each episode one that stands for all that went before."""
    over = pl.col("phase") == "clearing"
    began = pl.when(over).then("off_since_us").otherwise("since_us")
    before = episodes.select(
        *_PAIR,
        row_no=pl.lit(None, pl.UInt32),
        turn=pl.lit(0, pl.Int8),
        ts_us=began,
        begins_us=began,
        anew=pl.lit(False),
        holds=~over,
        latched=pl.col("phase") != "pending",
        latched_since_us="since_us",
    )
    lines = pl.concat([before, signals.select(*SIGNALS)], how="diagonal")
    return lines.join(rules.select("rule_no", "for_us", "keep_us"), on="rule_no").sort(
        *_PAIR, "row_no", "turn", nulls_last=False
    )


def _runs(lines: pl.DataFrame) -> pl.DataFrame:
    """Signals in a row that say the same, and what they do: raise, clear or nothing.

    `before` and `after` tell whether it is latched. Only what raises or clears sets it, so that
    filling forward is all there is to it.
    """
    runs = _told_as_one(lines)
    first, last = ~_same_pair(1), ~_same_pair(-1)
    seen_us = pl.max_horizontal("last_us", pl.when(~last).then(pl.col("first_us").shift(-1)))
    sets = (
        pl.when(pl.col("holds") & pl.col("fired_us").is_not_null())
        .then(True)
        .when(~pl.col("holds") & (seen_us - pl.col("first_us") >= pl.col("keep_us")))
        .then(False)
        .when(first)
        .then(pl.col("latched").fill_null(False))
    )
    before = (
        pl.when(first).then(pl.col("latched").fill_null(False)).otherwise(pl.col("after").shift(1))
    )
    return (
        runs.with_columns(after=sets.forward_fill(), is_last=last.fill_null(True))
        .with_columns(before=before.fill_null(False))
        .with_columns(
            latched_since_us=pl.when(pl.col("after") & ~pl.col("before"))
            .then("begins_us")
            .otherwise("latched_since_us")
            .forward_fill()
        )
    )


def _told_as_one(lines: pl.DataFrame) -> pl.DataFrame:
    """One row a run: when it began and ended, and the first sample late enough to raise it."""
    other = pl.col("holds") != pl.col("holds").shift(1)
    starts = ~_same_pair(1) | other.fill_null(True) | (pl.col("anew") & pl.col("holds"))
    lines = lines.with_columns(starts=starts).with_columns(
        began_us=pl.when("starts").then("begins_us").forward_fill()
    )
    lasting = pl.col("row_no").is_not_null() & (
        pl.col("ts_us") - pl.col("began_us") >= pl.col("for_us")
    )
    fired = pl.when(lasting & pl.col("holds"))
    lines = lines.with_columns(
        run=pl.col("starts").cum_sum(), fired_us=fired.then("ts_us"), fired_row=fired.then("row_no")
    )
    of_run = lines.group_by("run", maintain_order=True).agg(
        pl.col("fired_us").min(), pl.col("fired_row").min()
    )
    ends = pl.col("run") != pl.col("run").shift(-1)
    return (
        lines.filter("starts")
        .select(
            *_PAIR,
            "holds",
            "latched",
            "latched_since_us",
            "keep_us",
            "begins_us",
            first_us="ts_us",
            first_row="row_no",
        )
        .hstack(lines.filter(ends.fill_null(True)).select(last_us="ts_us"))
        .hstack(of_run.drop("run"))
    )


def _same_pair(steps: int) -> pl.Expr:
    """Whether the row so many steps before is of the same rule and vehicle."""
    same = [pl.col(name) == pl.col(name).shift(steps) for name in _PAIR]
    return pl.all_horizontal(same).fill_null(False)


def _events(runs: pl.DataFrame) -> pl.DataFrame:
    raises = pl.col("after")
    return runs.filter(pl.col("after") != pl.col("before")).select(
        *_PAIR,
        what=pl.when(raises).then(pl.lit("raise")).otherwise(pl.lit("clear")),
        at_us=pl.when(raises).then("fired_us").otherwise(pl.col("first_us") + pl.col("keep_us")),
        since_us="latched_since_us",
        row_no=pl.when(raises).then("fired_row").otherwise("first_row"),
    )


def _under_way(runs: pl.DataFrame) -> pl.DataFrame:
    holds, latched = pl.col("holds"), pl.col("after")
    phase = (
        pl.when(latched & holds)
        .then(pl.lit("firing"))
        .when(latched)
        .then(pl.lit("clearing"))
        .otherwise(pl.lit("pending"))
    )
    return runs.filter(pl.col("is_last") & (latched | holds)).select(
        *_PAIR,
        phase=phase,
        since_us=pl.when(latched).then("latched_since_us").otherwise("begins_us"),
        off_since_us=pl.when(~holds).then("first_us"),
        row_no=pl.when(~holds).then("first_row"),
    )
