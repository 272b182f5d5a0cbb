"""What flowed out of a battery against what its gauge says.

Time is cut into windows. When a sample of a later window comes, the one before it is over: the
energy between its first sample and this one, by trapezoids of voltage times current, is so many
points of the battery's capacity, and the gauge should have fallen by as many. Samples that lack one
of the three count as none. A window with a long gap is left out, and one that is less than half
full. One rule of the kind a vehicle; a vehicle without a known capacity is not judged.
"""

from typing import Final

import polars as pl

from alerts.detectors.binding import Binding
from alerts.detectors.detector import Detector
from alerts.detectors.frames import FLOWS

_DW_MS_PER_KWH: Final = 10 * 1_000 * 3_600 * 1_000
_V: Final = "vehicle_id"
_APART: Final = (pl.col("soc_change_pct") - pl.col("expected_change_pct")).abs()

SOC_IMPLAUSIBLE: Final = Detector(
    "soc_implausible",
    raised=_APART.ge(pl.col("p_raise_at_pct")),
    cleared=_APART.lt(pl.col("p_clear_below_pct")),
    value=_APART.round(2),
    facts={
        "soc_change_pct": pl.col("soc_change_pct").round(2),
        "expected_change_pct": pl.col("expected_change_pct").round(2),
        "raise_at": pl.col("p_raise_at_pct"),
    },
)


def flow(
    flows: pl.DataFrame, rows: pl.DataFrame, binding: Binding
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds `soc_change_pct` and `expected_change_pct` to rows that end a window. And FLOWS."""
    applies = binding.applies.get(SOC_IMPLAUSIBLE.kind)
    if applies is None:
        return rows, flows
    windows = applies.unique(_V, keep="first").join(
        binding.parameters[SOC_IMPLAUSIBLE.kind].select(
            "rule_no",
            window_us=_us("p_window_s"),
            most_gap_us=_us("p_most_gap_s"),
        ),
        on="rule_no",
    )
    gauged = _gauged(rows, windows)
    touched = gauged.select(_V).unique()
    before = flows.join(touched, on=_V, how="semi").join(windows, on=_V)
    spans = _spans(pl.concat([before, gauged], how="diagonal").sort(_V, "row_no", nulls_last=False))
    kept = [flows.join(touched, on=_V, how="anti"), spans.filter("is_last").select(*FLOWS)]
    ended = _ended(spans).join(rows.select("row_no", "capacity_kwh"), on="row_no")
    changes = ended.select(
        "row_no",
        "soc_change_pct",
        expected_change_pct=-100 * pl.col("energy_kwh") / pl.col("capacity_kwh"),
    )
    return rows.join(changes, on="row_no", how="left", maintain_order="left"), pl.concat(kept)


def _us(name: str) -> pl.Expr:
    return (pl.col(name) * 1_000_000).cast(pl.Int64)


def _gauged(rows: pl.DataFrame, windows: pl.DataFrame) -> pl.DataFrame:
    """Samples that say all three, each as if it were a window of its own that has just begun."""
    power_w = pl.col("pack_voltage_v") * pl.col("pack_current_a")
    return (
        rows.filter(power_w.is_not_null() & pl.col("soc_pct").is_not_null())
        .join(windows, on=_V)
        .select(
            _V,
            "row_no",
            "window_us",
            "most_gap_us",
            from_us="ts_us",
            from_soc_pct="soc_pct",
            at_us="ts_us",
            power_dw=(power_w * 10).round().cast(pl.Int64),
            energy_dw_ms=pl.lit(0, pl.Int64),
            longest_gap_us=pl.lit(0, pl.Int64),
        )
    )


def _spans(lines: pl.DataFrame) -> pl.DataFrame:
    """One row a vehicle and window; what lies between two samples belongs to the earlier one's."""
    within = pl.col(_V) == pl.col(_V).shift(-1)
    gap_us = pl.when(within).then(pl.col("at_us").shift(-1) - pl.col("at_us"))
    power_dw = (pl.col("power_dw") + pl.col("power_dw").shift(-1)) // 2
    window = pl.col("at_us") // pl.col("window_us")
    same = [pl.col(name) == pl.col(name).shift(1) for name in (_V, "window")]
    spans = (
        lines.with_columns(
            window=window,
            energy_dw_ms=pl.col("energy_dw_ms") + (power_dw * (gap_us // 1_000)).fill_null(0),
            longest_gap_us=pl.max_horizontal("longest_gap_us", gap_us),
        )
        .with_columns(span=(~pl.all_horizontal(same)).fill_null(True).cum_sum())
        .group_by("span", maintain_order=True)
        .agg(
            pl.col(_V, "row_no", "window_us", "most_gap_us", "from_us", "from_soc_pct").first(),
            pl.col("at_us", "power_dw").last(),
            pl.col("energy_dw_ms").sum(),
            pl.col("longest_gap_us").max(),
        )
    )
    return spans.with_columns(is_last=(pl.col(_V) != pl.col(_V).shift(-1)).fill_null(True))


def _ended(spans: pl.DataFrame) -> pl.DataFrame:
    """Windows that are over, at the sample that ended them: the first of the next."""
    took_us = pl.col("from_us").shift(-1) - pl.col("from_us")
    whole = (pl.col("longest_gap_us") <= pl.col("most_gap_us")) & (
        took_us >= pl.col("window_us") // 2
    )
    return spans.select(
        row_no=pl.col("row_no").shift(-1),
        soc_change_pct=pl.col("from_soc_pct").shift(-1) - pl.col("from_soc_pct"),
        energy_kwh=pl.col("energy_dw_ms") / _DW_MS_PER_KWH,
        ended=~pl.col("is_last") & whole,
    ).filter("ended")
