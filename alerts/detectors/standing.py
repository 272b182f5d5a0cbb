"""Where a vehicle stood: its place in each of the last cells of five minutes.

Adds to a sample the places in the two cells before its own. What lies far from both has moved; far
from one alone may be a stray fix. Without a fix there is no place.
"""

from typing import Final

import polars as pl

from alerts.detectors.binding import Binding
from alerts.detectors.cells import compare
from alerts.detectors.frames import PLACES

ASKED_BY: Final = ("moved_without_lease", "moved_at_night", "towed")
"""Kinds of rules that ask where it stood."""
CELL_US: Final = 300 * 1_000_000


def stand(
    places: pl.DataFrame, rows: pl.DataFrame, binding: Binding
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds `at_us_1`, `at_lat_1`, `at_lon_1` and the same of `_2` to rows. And PLACES, taken on."""
    if not any(kind in binding.applies for kind in ASKED_BY):
        return rows, places
    placed = rows.filter(pl.col("at_lat").is_not_null()).select(
        "row_no",
        "vehicle_id",
        "at_lat",
        "at_lon",
        at_us="ts_us",
        cell=pl.col("ts_us") // CELL_US,
    )
    compared = compare(places, placed, back=2)
    stood = compared.rows.select(
        "row_no", *(f"{name}_{n}" for n in (1, 2) for name in ("at_us", "at_lat", "at_lon"))
    )
    return rows.join(stood, on="row_no", how="left", maintain_order="left"), compared.kept.select(
        *PLACES
    )
