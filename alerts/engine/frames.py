"""Frames as the database tells them: their columns, CSV to frame, and what of it is history.

A sample is history when an earlier batch had a newer one of its vehicle, or memory has: the order
of arrival decides, so that the same batches are judged alike however many are read at once. Pure.
Leaves out what is found in them.
"""

import io
from collections.abc import Mapping
from typing import Final

import polars as pl
from polars.datatypes import DataType

Schema = Mapping[str, DataType]

KEY: Final = ("ts_us", "seq")
_MEASURED: Final = (
    "lat",
    "lon",
    "speed_kmh",
    "odometer_km",
    "soc_pct",
    "pack_voltage_v",
    "pack_current_a",
    "insulation_kohm",
    "cell_voltage_max_v",
    "cell_voltage_min_v",
    "temp_max_c",
    "temp_min_c",
)
SAMPLES: Final[Schema] = {
    "batch_id": pl.Int64(),
    "vehicle_id": pl.Int64(),
    "ts_us": pl.Int64(),
    "seq": pl.Int64(),
    "organisation_id": pl.Int64(),
    "received_us": pl.Int64(),
    **{name: pl.Float64() for name in _MEASURED},
    "fix": pl.Boolean(),
    "vehicle_state": pl.String(),
    "charge_state": pl.String(),
    "gear": pl.String(),
    "power_source": pl.String(),
    "alarm_level": pl.Int16(),
    "alarm_bits": pl.Int64(),
}
"""Samples with the batch they came in; instants in µs since 1970."""

VEHICLE_ROWS: Final[Schema] = {
    "vehicle_id": pl.Int64(),
    "tenant_id": pl.Int64(),
    "organisation_id": pl.Int64(),
    "vin": pl.String(),
    "plate": pl.String(),
    "model": pl.String(),
    "owner_organisation_id": pl.Int64(),
    "lease_id": pl.Int64(),
    "lease_no": pl.String(),
    "customer_id": pl.Int64(),
    "lease_organisation_id": pl.Int64(),
    "capacity_kwh": pl.Float64(),
    "last_heard_us": pl.Int64(),
    "online": pl.Boolean(),
}
"""Vehicles as they are now. `organisation_id` operates it; null: nobody does."""

LETTINGS: Final[Schema] = {
    "vehicle_id": pl.Int64(),
    "let_from_us": pl.Int64(),
    "lease_id": pl.Int64(),
    "lease_no": pl.String(),
    "customer_id": pl.Int64(),
    "lease_organisation_id": pl.Int64(),
}
"""To whom vehicles are let from an instant on; no lease: to nobody. Only of vehicles where that
has changed: of the others what holds now held before."""


def read_csv(text: bytes, schema: Schema) -> pl.DataFrame:
    """PostgreSQL's CSV as a frame: an empty field is null, t and f are booleans."""
    if not text:
        return pl.DataFrame(schema=schema)
    booleans = [name for name, kind in schema.items() if kind == pl.Boolean()]
    read_as = {name: pl.String() if kind == pl.Boolean() else kind for name, kind in schema.items()}
    frame = pl.read_csv(io.BytesIO(text), has_header=False, schema=read_as)
    return frame.with_columns(pl.col(name) == "t" for name in booleans)


def drop_history(samples: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The samples that were the newest of their vehicle when they came, by vehicle and key.

    `known`: vehicle_id, ts_us and seq of the newest of each before. A sample sent again is history.
    """
    before = known.select("vehicle_id", *KEY, batch_id=pl.lit(0, pl.Int64), told=pl.lit(False))
    rows = pl.concat(
        [
            before,
            samples.select("vehicle_id", *KEY, "batch_id", told=pl.lit(True)).with_row_index("row"),
        ],
        how="diagonal",
    ).filter(pl.col("vehicle_id").is_in(samples["vehicle_id"].unique().implode()))
    # One number for (ts, seq), in their order; then what each batch must be above.
    rows = rows.sort("vehicle_id", *KEY).with_columns(at=pl.struct(KEY).rle_id().cast(pl.Int64))
    newest = (
        rows.group_by("vehicle_id", "batch_id")
        .agg(pl.col("at").max())
        .sort("vehicle_id", "batch_id")
        .with_columns(above=pl.col("at").cum_max().shift(1).over("vehicle_id"))
        .drop("at")
    )
    kept = (
        rows.filter("told")
        .join(newest, on=["vehicle_id", "batch_id"], how="left", maintain_order="left")
        .filter(pl.col("above").is_null() | (pl.col("at") > pl.col("above")))
    )
    return samples[kept["row"]]


def mark_letting(samples: pl.DataFrame, lettings: pl.DataFrame) -> pl.DataFrame:
    """The samples with `let_from_us`: the last of LETTINGS before each; null: there is none."""
    if lettings.is_empty():
        return samples.with_columns(let_from_us=pl.lit(None, pl.Int64))
    return (
        samples.with_row_index("row")
        .sort("ts_us", maintain_order=True)
        .join_asof(
            lettings.sort("let_from_us").select("vehicle_id", "let_from_us"),
            left_on="ts_us",
            right_on="let_from_us",
            by="vehicle_id",
            check_sortedness=False,  # it is, and by vehicle it cannot be checked
        )
        .sort("row")
        .drop("row")
    )


def split_by_operator(samples: pl.DataFrame) -> list[pl.DataFrame]:
    """The samples in passes, in each of which every vehicle has one operator and one letting.

    Mostly one pass: a vehicle is handed over once in years.
    """
    names = [name for name in ("organisation_id", "let_from_us") if name in samples.columns]
    changed = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in names)
    first = pl.col("vehicle_id").ne_missing(pl.col("vehicle_id").shift(1))
    turns = samples.select(turn=changed & ~first)["turn"]
    if not turns.any():
        return [samples] if len(samples) else []
    numbered = samples.with_columns(turn=turns.cast(pl.Int32)).with_columns(
        turn=pl.col("turn").cum_sum().over("vehicle_id")
    )
    parts = numbered.partition_by("turn", as_dict=True, include_key=False)
    return [parts[(number,)] for number in sorted(key for (key,) in parts)]
