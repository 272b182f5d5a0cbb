"""Little charge, driving and parked.

The charge is that of the sample itself. Whether it is switched on and how it charges holds as last
told until told otherwise. What hangs on a plug is being seen to. Never told: unknown.
"""

from typing import Final

import polars as pl

from alerts.detectors.context import PLUGGED
from alerts.detectors.detector import Detector

_SOC: Final = pl.col("soc_pct")
_ON: Final = pl.col("state") == "on"
_PLUGGED: Final = pl.col("charging").is_in(PLUGGED)
_LOW: Final = _SOC.le(pl.col("p_raise_at"))
_ENOUGH: Final = _SOC.gt(pl.col("p_clear_above"))
_FACTS: Final = {"soc_pct": _SOC, "raise_at": pl.col("p_raise_at")}

LOW_SOC_DRIVING: Final = Detector(
    "low_soc_driving",
    raised=_LOW & _ON & ~_PLUGGED,
    cleared=_ENOUGH | ~_ON | _PLUGGED,
    value=_SOC,
    facts=_FACTS,
)
LOW_SOC_PARKED: Final = Detector(
    "low_soc_parked",
    raised=_LOW & ~_ON & ~_PLUGGED,
    cleared=_ENOUGH | _ON | _PLUGGED,
    value=_SOC,
    facts=_FACTS,
)
