"""Which samples are judged together, and what is known of their vehicles at that time.

A sample is judged by the operator and the lease of its time, however late it is read. Of samples
that are newer than facts may be, the facts as they were read last hold. Plate, model and groups are
always those of now. Leaves out judging.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
from psycopg import Connection

from alerts.detectors.frames import READINGS
from alerts.engine import store
from alerts.engine.facts import Facts
from alerts.engine.findings import at, to_us
from alerts.engine.frames import LETTINGS, mark_letting, split_by_operator

FACTS_EVERY: Final = timedelta(seconds=10)
"""A vehicle that was let, handed over or put into a group is judged so within this time."""


def read_lettings(conn: Connection[Any], readings: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """LETTINGS of the vehicles with samples so old that facts may have been others then."""
    old = readings.filter(pl.col("ts_us") < to_us(now - FACTS_EVERY))
    first_us = old["ts_us"].min()
    if not isinstance(first_us, int):
        return pl.DataFrame(schema=LETTINGS)
    vehicle_ids = old["vehicle_id"].unique().to_list()
    return store.read_lettings(conn, vehicle_ids, from_at=at(first_us), now=now)


def passes(
    readings: pl.DataFrame, facts: Facts, lettings: pl.DataFrame
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame | None]]:
    """Samples (by vehicle and time), and their vehicles as they were then; None: as they are now.

    In a pass each vehicle has one operator and one letting; passes of a vehicle are in order.
    """
    now = facts.vehicles.select("vehicle_id", now_id="organisation_id")
    as_now = (
        pl.col("organisation_id").eq_missing(pl.col("now_id")) & pl.col("let_from_us").is_null()
    )
    for part in split_by_operator(mark_letting(readings, lettings)):
        operated = part.join(now, on="vehicle_id").filter(pl.col("organisation_id").is_not_null())
        live, past = operated.filter(as_now), operated.filter(~as_now)
        if len(live):
            yield live.select(*READINGS), None
        if len(past):
            then = past.select("vehicle_id", "organisation_id", "let_from_us").unique()
            yield past.select(*READINGS), facts.as_of(then, lettings)
