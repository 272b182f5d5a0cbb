"""The terminal and the odometer.

An odometer that shows less than it last did is a record: raised and over at once.
"""

from typing import Final

import polars as pl

from alerts.detectors.detector import Detector

_BACK_KM: Final = (pl.col("odometer_before_km") - pl.col("odometer_km")).round(6)

POWER_CUT: Final = Detector(
    "power_cut",
    raised=pl.col("power_source") == "backup",
    cleared=pl.col("power_source") == "main",
    value=pl.lit(None, pl.Float64),
    facts={
        "power_source": pl.col("power_source"),
        "lat": pl.col("at_lat"),
        "lon": pl.col("at_lon"),
    },
)
ODOMETER_ROLLBACK: Final = Detector(
    "odometer_rollback",
    raised=_BACK_KM.ge(pl.col("p_by_km")),
    cleared=pl.lit(False),
    value=_BACK_KM,
    facts={
        "odometer_km": pl.col("odometer_km"),
        "before_km": pl.col("odometer_before_km"),
        "raise_at_km": pl.col("p_by_km"),
    },
    momentary=True,
)
