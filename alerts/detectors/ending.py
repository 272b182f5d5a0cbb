"""What ends without a sample: what has been over for long enough, and what no rule stands for.

A vehicle that says it is over and then nothing more is taken at its word. A rule that is switched
off, or a vehicle that no rule looks at any more, ends what was raised.
"""

from typing import Final

import polars as pl

from alerts.detectors.binding import Binding
from alerts.detectors.detector import PAIR
from alerts.detectors.frames import APPLIES, EVENTS

NO_RULE: Final = '{"reason":"rule"}'
"""Facts of what ended because no rule stands for it."""


def of_gone_rules(
    episodes: pl.DataFrame, binding: Binding, now_us: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """EPISODES that a rule stands for, and EVENTS that clear those that were raised without."""
    numbered = episodes.join(binding.rules.select("rule_key", "rule_no"), on="rule_key")
    looked_at = pl.concat(
        [
            pl.DataFrame(schema=APPLIES),
            *(frame.join(numbered, on=PAIR, how="semi") for frame in binding.applies.values()),
        ]
    )
    stand = numbered.join(looked_at, on=PAIR, how="semi").select(episodes.columns)
    gone = episodes.join(stand, on=("rule_key", "vehicle_id"), how="anti")
    raised = gone.filter(pl.col("phase") != "pending").with_columns(
        value=pl.lit(None, pl.Float64), facts=pl.lit(NO_RULE)
    )
    return stand, _clear(raised, pl.lit(now_us, pl.Int64))


def over_for_long(
    episodes: pl.DataFrame, binding: Binding, now_us: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """EPISODES that go on, and EVENTS that clear those over for `keep`, at that instant."""
    kept = episodes.join(binding.rules.select("rule_key", "keep_us"), on="rule_key")
    ended_us = pl.col("off_since_us") + pl.col("keep_us")
    is_over = ((pl.col("phase") == "clearing") & (ended_us <= now_us)).fill_null(False)
    return kept.filter(~is_over).select(episodes.columns), _clear(kept.filter(is_over), ended_us)


def _clear(episodes: pl.DataFrame, at_us: pl.Expr) -> pl.DataFrame:
    return episodes.with_columns(what=pl.lit("clear"), at_us=at_us).select(*EVENTS)
