"""Telemetry rows as the bytes of a binary COPY, made at the speed the database can take them.

The same vehicles and values as the messages of `generator.py`. Leaves out disorder.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bench.generator import place_vehicles
from bench.moments import HOUR_S, hour_km, make_hour
from ingest.pipeline import POSTGRES_EPOCH_US

COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_END = b"\xff\xff"
_COLUMNS = 30
_HEAD = struct.Struct("!hiqiqiqiqiqiqidid")
_ODOMETER = struct.Struct("!id")


def copy_blocks(
    *,
    vehicle_ids: Sequence[int],
    seed: int,
    start_ms: int,
    period_s: int,
    ticks: int,
    block_rows: int = 10_000,
) -> Iterator[tuple[int, bytes]]:
    """Rows in the order of time, as they would arrive: (rows, bytes) a block, without COPY_HEAD."""
    rows: list[bytes] = []
    for tick in range(ticks):
        rows += _rows_of_tick(vehicle_ids, seed, start_ms, tick * period_s)
        while len(rows) >= block_rows:
            yield block_rows, b"".join(rows[:block_rows])
            del rows[:block_rows]
    if rows:
        yield len(rows), b"".join(rows)


def _rows_of_tick(
    vehicle_ids: Sequence[int], seed: int, start_ms: int, run_s: int
) -> Iterator[bytes]:
    hour, km_an_hour = make_hour(seed), hour_km(seed)
    places = place_vehicles(len(vehicle_ids), seed)
    tick_us = (start_ms + run_s * 1000) * 1000 - POSTGRES_EPOCH_US
    for number, vehicle_id in enumerate(vehicle_ids):
        lat, lon, odometer_km, lead_s = places[number]
        second = run_s + lead_s
        moment = hour[second % HOUR_S]
        ts_us = tick_us + number % 1000 * 1000
        yield b"".join(
            (
                _HEAD.pack(
                    _COLUMNS,
                    *(8, vehicle_id, 8, ts_us, 8, 0, 8, vehicle_id, 8, 1, 8, ts_us + 120_000),
                    *(8, lat + moment.north_deg, 8, lon + moment.east_deg),
                ),
                moment.binary_fix_to_speed,
                _ODOMETER.pack(8, odometer_km + second // HOUR_S * km_an_hour + moment.distance_km),
                moment.binary_tail,
            )
        )


class TrackPoint(NamedTuple):
    """A point of a track, as `list_track` returns it but for the time."""

    ts_ms: int
    lat: float
    lon: float
    speed_kmh: float
    soc_pct: float


def true_track(
    *, number: int, vehicles: int, seed: int, start_ms: int, period_s: int, ticks: range
) -> list[TrackPoint]:
    """What a vehicle's track must be, from the hour alone."""
    hour = make_hour(seed)
    lat, lon, _, lead_s = place_vehicles(vehicles, seed)[number]
    points = []
    for tick in ticks:
        moment = hour[(tick * period_s + lead_s) % HOUR_S]
        points.append(
            TrackPoint(
                start_ms + tick * period_s * 1000 + number % 1000,
                lat + moment.north_deg,
                lon + moment.east_deg,
                moment.speed_kmh,
                moment.soc_pct,
            )
        )
    return points
