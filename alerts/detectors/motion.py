"""What moves: too fast, without a lease, at night, and switched off.

It moves when it is that fast, or has got that far from where it stood (`standing.py`), since nobody
leases it, since the night began, since it was switched off. A displacement is seen when it has
happened: it began when the vehicle was last heard of. After a gap what moves begins anew. Whether
it is switched off holds as last told; a speed without a fix counts, save where it is switched off:
then it is the receiver's guess. A distance of 0 is not looked at.
"""

from typing import Final

import polars as pl

from alerts.detectors.detector import AFTER_A_GAP, TS_US, Detector
from alerts.detectors.distance import apart_m

_SPEED: Final = pl.col("speed_kmh")
_HOUR_US: Final = 3_600 * 1_000_000
_DAY_US: Final = 24 * _HOUR_US
_PLACE: Final = {"lat": pl.col("at_lat"), "lon": pl.col("at_lon")}

OVER_SPEED: Final = Detector(
    "over_speed",
    raised=_SPEED.ge(pl.col("p_raise_at")),
    cleared=_SPEED.lt(pl.col("p_clear_below")),
    value=_SPEED,
    facts={"speed_kmh": _SPEED, "raise_at": pl.col("p_raise_at"), **_PLACE},
    anew=AFTER_A_GAP,
)


def _far_m(since_us: pl.Expr) -> pl.Expr:
    """How far it is from where it has stood since an instant; null where that is not known."""
    last = apart_m("at_lat", "at_lon", "at_lat_1", "at_lon_1")
    earlier = apart_m("at_lat", "at_lon", "at_lat_2", "at_lon_2")
    both = pl.when(pl.col("at_us_2") >= since_us).then(earlier)
    return pl.when(pl.col("at_us_1") >= since_us).then(pl.min_horizontal(last, both))


def _moving(kind: str, wanted: pl.Expr, since_us: pl.Expr, speed: pl.Expr = _SPEED) -> Detector:
    far_m = _far_m(since_us)
    fast = speed >= pl.col("p_speed_kmh")
    far = (far_m >= pl.col("p_distance_m")) & (pl.col("p_distance_m") > 0)
    moves = fast.fill_null(False) | far.fill_null(False)
    # It stands where one of the two is known and neither says that it moves.
    known = speed.is_not_null() | far_m.is_not_null()
    began = pl.when(far.fill_null(False) & ~fast.fill_null(False)).then("before_us")
    return Detector(
        kind,
        raised=wanted & moves,
        cleared=~wanted | (known & ~moves),
        value=pl.when(fast).then(speed).otherwise(far_m),
        facts={
            "speed_kmh": speed,
            "moved_m": far_m.round(0),
            "raise_at_kmh": pl.col("p_speed_kmh"),
            "raise_at_m": pl.col("p_distance_m"),
            **_PLACE,
        },
        begins_us=pl.coalesce(began, TS_US),
        anew=AFTER_A_GAP,
    )


_LOCAL_US: Final = TS_US + pl.col("utc_offset_s").cast(pl.Int64) * 1_000_000
_OF_DAY_US: Final = _LOCAL_US % _DAY_US
_FROM_US: Final = pl.col("p_from_hour") * _HOUR_US
_UNTIL_US: Final = pl.col("p_until_hour") * _HOUR_US
_INTO_US: Final = (_OF_DAY_US - _FROM_US) % _DAY_US
"""How long ago the night's first hour began."""
_LONG_US: Final = (_UNTIL_US - _FROM_US - 1) % _DAY_US + 1
"""How long the night is; from an hour to the same is the whole day."""

MOVED_WITHOUT_LEASE: Final = _moving(
    "moved_without_lease", pl.col("lease_id").is_null(), pl.col("unlet_us")
)
MOVED_AT_NIGHT: Final = _moving("moved_at_night", _INTO_US < _LONG_US, TS_US - _INTO_US)
TOWED: Final = _moving(
    "towed",
    pl.col("state") == "off",
    pl.col("switched_off_us"),
    pl.when(pl.col("at_lat").is_not_null()).then(_SPEED),
)
MOVING: Final = (MOVED_WITHOUT_LEASE, MOVED_AT_NIGHT, TOWED)
