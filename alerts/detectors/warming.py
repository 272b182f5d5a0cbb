"""How fast a battery warms up while it charges.

The hottest probe against what it was at least `over_s` before and at most three times as long, in
degrees a minute, both while charging. How it charges holds as last told. One rule of the kind a
vehicle.
"""

from typing import Final

import polars as pl

from alerts.detectors.binding import Binding
from alerts.detectors.cells import compare
from alerts.detectors.detector import Detector
from alerts.detectors.frames import WARMTH

_CHARGING: Final = pl.col("charging") == "parked_charging"
_RISE: Final = pl.col("rise_c_per_min")
_LONGEST: Final = 3
_MINUTE_US: Final = 60_000_000

TEMPERATURE_RISE: Final = Detector(
    "temperature_rise",
    raised=_CHARGING & _RISE.ge(pl.col("p_raise_at_c_per_min")),
    cleared=~_CHARGING | _RISE.lt(pl.col("p_clear_below_c_per_min")),
    value=_RISE,
    facts={
        "rise_c_per_min": _RISE,
        "temp_max_c": pl.col("temp_max_c"),
        "raise_at": pl.col("p_raise_at_c_per_min"),
    },
)


def warm(
    warmth: pl.DataFrame, rows: pl.DataFrame, binding: Binding
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds `rise_c_per_min` to rows; null where it is not known. And WARMTH, taken on."""
    applies = binding.applies.get(TEMPERATURE_RISE.kind)
    if applies is None:
        return rows, warmth
    over_us = (pl.col("p_over_s") * 1_000_000).cast(pl.Int64)
    widths = applies.unique("vehicle_id", keep="first").join(
        binding.parameters[TEMPERATURE_RISE.kind].select("rule_no", over_us=over_us), on="rule_no"
    )
    charging = (
        rows.filter(_CHARGING & pl.col("temp_max_c").is_not_null())
        .select("row_no", "vehicle_id", "temp_max_c", at_us="ts_us")
        .join(widths.select("vehicle_id", "over_us"), on="vehicle_id", maintain_order="left")
        .with_columns(cell=pl.col("at_us") // pl.col("over_us"))
    )
    compared = compare(warmth, charging, back=1)
    took_us = pl.col("at_us") - pl.col("at_us_1")
    rise = (pl.col("temp_max_c") - pl.col("temp_max_c_1")) / took_us * _MINUTE_US
    known = took_us.is_between("over_us", pl.col("over_us") * _LONGEST)
    rises = compared.rows.select("row_no", rise_c_per_min=pl.when(known).then(rise.round(3)))
    return rows.join(rises, on="row_no", how="left", maintain_order="left"), compared.kept.select(
        *WARMTH
    )
