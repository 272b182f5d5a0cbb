"""What a sample is seen against: what was known of its vehicle before it.

Adds to each sample: when the one before it was, the vehicle's state and how it charges as last
told, the odometer before it, since when it is switched off and since when nobody leases it, its
place where that is sure, and facts of the vehicle. A sample that is not newer than what was seen is
history, and one of an organisation that does not operate the vehicle now is not ours to judge:
neither is given on.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from alerts.detectors.frames import CARRIED, READINGS

CHARGE_STEP_PCT: Final = 5.0
"""So many points up since the last sample: it was charged in between."""
PLUGGED: Final = ("parked_charging", "full")
"""States in which it hangs on a plug. Charging while it drives is the brakes' doing."""
_V: Final = "vehicle_id"


@dataclass(frozen=True, slots=True)
class Seen:
    """New samples with what they are seen against, numbered by `row_no` in order."""

    rows: pl.DataFrame
    carried: pl.DataFrame
    strangers: pl.DataFrame
    """Vehicles that come from another operator: what was measured there counts no more."""
    late: int


def see(carried: pl.DataFrame, readings: pl.DataFrame, vehicles: pl.DataFrame) -> Seen:
    """READINGS against CARRIED and VEHICLES; any order, any number of samples a vehicle."""
    facts = vehicles.select(
        _V, "lease_id", "capacity_kwh", "utc_offset_s", operator_id="organisation_id"
    )
    ours = (
        readings.select(*READINGS)
        .join(facts, on=_V)
        .filter(pl.col("organisation_id") == pl.col("operator_id"))
    )
    known = carried.join(ours.select(_V).unique(), on=_V, how="semi")
    fresh = _newer(ours, known)
    touched = fresh.select(_V, "operator_id").unique()
    same_operator = pl.col("organisation_id") == pl.col("operator_id")
    known = known.join(touched, on=_V)
    lines = _since_when(_against(fresh, known.filter(same_operator)))
    return Seen(
        rows=lines.filter(~pl.col("is_base")).with_row_index("row_no"),
        carried=pl.concat([carried.join(touched, on=_V, how="anti"), _last(lines)]),
        strangers=known.filter(~same_operator).select(_V),
        late=ours.height - fresh.height,
    )


def _newer(ours: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Samples newer than what was seen of their vehicle, each once."""
    seen = known.select(_V, seen_us="ts_us", seen_seq="seq")
    later = pl.col("ts_us") > pl.col("seen_us")
    same_later = (pl.col("ts_us") == pl.col("seen_us")) & (pl.col("seq") > pl.col("seen_seq"))
    return (
        ours.join(seen, on=_V, how="left")
        .filter((later | same_later).fill_null(True))
        .drop("seen_us", "seen_seq")
        .unique((_V, "ts_us", "seq"), keep="first")
    )


def _against(fresh: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """What was known of each vehicle, then its samples in order, with the state as last told."""
    base = known.select(pl.all().exclude("organisation_id", "operator_id"), is_base=pl.lit(True))
    sure = (
        pl.col("fix").fill_null(True)
        & pl.col("lat").is_not_null()
        & pl.col("lon").is_not_null()
        & ~((pl.col("lat") == 0) & (pl.col("lon") == 0))
    )
    samples = fresh.with_columns(
        is_base=pl.lit(False),
        at_lat=pl.when(sure).then("lat"),
        at_lon=pl.when(sure).then("lon"),
    )
    lines = pl.concat([base, samples], how="diagonal").sort(_V, "ts_us", "seq")
    return lines.with_columns(
        pl.col("vehicle_state").forward_fill().over(_V).alias("state"),
        pl.col("charge_state").forward_fill().over(_V).alias("charging"),
        pl.col("odometer_km").forward_fill().over(_V).alias("odometer_now_km"),
        pl.col("soc_pct").forward_fill().over(_V).alias("soc_now_pct"),
        is_first=(pl.col(_V) != pl.col(_V).shift(1)).fill_null(True),
    ).with_columns(
        before_us=_before("ts_us"),
        state_before=_before("state"),
        odometer_before_km=_before("odometer_now_km"),
        soc_before_pct=_before("soc_now_pct"),
    )


def _before(name: str) -> pl.Expr:
    """Of the line before, where that is of the same vehicle."""
    return pl.when(~pl.col("is_first")).then(pl.col(name).shift(1))


def _since_when(lines: pl.DataFrame) -> pl.DataFrame:
    """Since when it is switched off, since when nobody leases it, and when it last charged."""
    is_base, ts_us = pl.col("is_base"), pl.col("ts_us")
    turned_off = (pl.col("state") == "off") & (pl.col("state_before") != "off").fill_null(True)
    charges = (
        pl.col("is_first")
        | pl.col("charge_state").is_in(PLUGGED).fill_null(False)
        | (pl.col("soc_pct") - pl.col("soc_before_pct") >= CHARGE_STEP_PCT).fill_null(False)
    )
    unlet = pl.when(is_base).then("unlet_us").otherwise(ts_us)
    return lines.with_columns(
        switched_off_us=pl.when(is_base).then("switched_off_us").when(turned_off).then(ts_us),
        charged_us=pl.when(is_base).then("charged_us").when(charges).then(ts_us),
        unlet_us=unlet,
    ).with_columns(
        pl.col("switched_off_us").forward_fill().over(_V),
        pl.col("charged_us").forward_fill().over(_V),
        pl.when(pl.col("lease_id").is_null())
        .then(pl.col("unlet_us").drop_nulls().first().over(_V))
        .alias("unlet_us"),
    )


def _last(lines: pl.DataFrame) -> pl.DataFrame:
    """What is known of each vehicle after its last sample."""
    last = lines.filter((pl.col(_V) != pl.col(_V).shift(-1)).fill_null(True))
    return last.select(
        _V,
        "organisation_id",
        "ts_us",
        "seq",
        pl.col("state").alias("vehicle_state"),
        pl.col("charging").alias("charge_state"),
        pl.col("odometer_now_km").alias("odometer_km"),
        pl.col("soc_now_pct").alias("soc_pct"),
        "charged_us",
        "switched_off_us",
        "unlet_us",
    ).select(*CARRIED)
