"""The battery and the alarms of the vehicle: GB/T 32960.3-2016 levels and flags, cells, heat,
insulation.

All are measured by the sample itself; nothing is filled in from before.
"""

from typing import Final

import polars as pl

from alerts.detectors.detector import Detector

_RAISE_AT: Final = pl.col("p_raise_at")
_BITS: Final = pl.col("alarm_bits") & pl.col("p_mask")
_FLAGS: Final = pl.concat_list(
    [pl.when((_BITS // 2**bit) % 2 == 1).then(pl.lit(bit)) for bit in range(32)]
).list.drop_nulls()


def _above(kind: str, name: str, measured: pl.Expr) -> Detector:
    return Detector(
        kind,
        raised=measured >= _RAISE_AT,
        cleared=measured < pl.col("p_clear_below"),
        value=measured,
        facts={name: measured, "raise_at": _RAISE_AT},
    )


BATTERY_ALARM: Final = _above("battery_alarm", "alarm_level", pl.col("alarm_level"))
CELL_SPREAD: Final = _above(
    "cell_spread",
    "cell_spread_v",
    (pl.col("cell_voltage_max_v") - pl.col("cell_voltage_min_v")).round(6),
)
HIGH_TEMPERATURE: Final = _above("high_temperature", "temp_max_c", pl.col("temp_max_c"))
INSULATION_LOW: Final = Detector(
    "insulation_low",
    raised=pl.col("insulation_kohm") <= _RAISE_AT,
    cleared=pl.col("insulation_kohm") > pl.col("p_clear_above"),
    value=pl.col("insulation_kohm"),
    facts={"insulation_kohm": pl.col("insulation_kohm"), "raise_at": _RAISE_AT},
)
ALARM_BITS: Final = Detector(
    "alarm_bits",
    raised=_BITS != 0,
    cleared=_BITS == 0,
    value=_BITS,
    facts={"alarm_bits": _BITS, "flags": _FLAGS},
)
