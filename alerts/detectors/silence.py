"""What the clock alone can tell: not heard of for long, not charged for days.

A row is a vehicle at this instant. Never heard of, or never seen: unknown. It holds from when the
clock first says so: an alert that was cleared meanwhile, since its rule was off or the vehicle with
another, is told anew. Since when it is silent is among the facts.
"""

from typing import Final

import polars as pl

from alerts.detectors.binding import Binding
from alerts.detectors.detector import TS_US, Detector

_SECOND_US: Final = 1_000_000
_SILENT_US: Final = TS_US - pl.col("last_heard_us")
_AFTER_US: Final = (pl.col("p_after_s") * _SECOND_US).cast(pl.Int64)
_OFFLINE: Final = ~pl.col("online").fill_null(False) & (_SILENT_US >= _AFTER_US)
_UNCHARGED_US: Final = TS_US - pl.col("charged_us")
_DAYS_US: Final = (pl.col("p_days") * 86_400 * _SECOND_US).cast(pl.Int64)

OFFLINE: Final = Detector(
    "offline",
    raised=_OFFLINE,
    cleared=~_OFFLINE,
    value=_SILENT_US / _SECOND_US,
    facts={
        "last_heard_us": pl.col("last_heard_us"),
        "silent_s": _SILENT_US // _SECOND_US,
        "raise_at_s": pl.col("p_after_s"),
    },
)
NO_CHARGE: Final = Detector(
    "no_charge",
    raised=_UNCHARGED_US >= _DAYS_US,
    cleared=_UNCHARGED_US < _DAYS_US,
    value=_UNCHARGED_US / (86_400 * _SECOND_US),
    facts={"charged_us": pl.col("charged_us"), "raise_at_days": pl.col("p_days")},
)


def now(carried: pl.DataFrame, latest: pl.DataFrame, binding: Binding, now_us: int) -> pl.DataFrame:
    """A row a vehicle: LATEST, and what CARRIED knows of it under its present operator."""
    charged = carried.select("vehicle_id", "organisation_id", "charged_us")
    return (
        binding.vehicles.select("vehicle_id", "organisation_id")
        .join(charged, on=("vehicle_id", "organisation_id"), how="left")
        .join(latest, on="vehicle_id", how="left")
        .with_columns(ts_us=pl.lit(now_us, pl.Int64))
        .with_row_index("row_no")
    )
