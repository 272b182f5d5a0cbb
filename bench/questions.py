"""Questions to a full table: how long they take, and whether the answers are true.

Decides the table: so many vehicles that each has one whole day at a sample per 30 s, written in the
order of time as ingest would, so that a vehicle's day lies scattered. Latest states are merged by
ingest's own statements. Every answer is compared with what the generator says, not with another
query. Leaves out, for now, the 13 questions of TSBS, trips, charges and battery health.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from time import perf_counter
from typing import Any

import msgspec
from psycopg import Connection

from bench.generator import TICK_MS, MessageMaker, Plan
from bench.latency import quantile
from bench.rig import SQL, Rig
from bench.rows import COPY_END, COPY_HEAD, TrackPoint, copy_blocks, true_track
from ingest import store
from ingest.delivery import Delivery
from ingest.pipeline import process
from kit import clock

PERIOD_S = 30
TICKS_A_DAY = 86_400 // PERIOD_S
TRACKED_VEHICLES = 20
REPETITIONS = 10
STATE_ROUNDS = 3
WARM_UP = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COMMIT_BLOCKS = 20


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Sent to all rows fetched and turned into Python values, ms."""

    times: int
    median_ms: float
    p95_ms: float
    max_ms: float
    rows: int


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """The loaded table and the answers' times."""

    rows: int
    vehicles: int
    load_rows_per_s: float
    bytes_per_row: float
    """On disk, uncompressed, with the key's index."""
    latest_states: Timing
    day_track: Timing
    wrong: int
    """Answers that were not true."""


def ask(rig: Rig, *, rows: int, seed: int) -> Answers:
    """Load the rig's table and ask."""
    rig.clear()
    with rig.connect() as conn:
        return ask_database(conn, rig.number_of, rows=rows, seed=seed)


def ask_database(
    conn: Connection[Any], number_of: Mapping[int, int], *, rows: int, seed: int
) -> Answers:
    """Load an empty table with so many rows at least, and ask."""
    vehicle_ids = list(number_of)[: max(1, rows // TICKS_A_DAY)]
    ticks = max(TICKS_A_DAY, rows // len(vehicle_ids))
    start = clock.now() - timedelta(seconds=ticks * PERIOD_S)
    start = start.replace(minute=0, second=0, microsecond=0)
    empty_bytes = _database_bytes(conn)
    loaded, load_s = _load(conn, vehicle_ids, seed, start, ticks)
    bytes_per_row = (_database_bytes(conn) - empty_bytes) / loaded
    states = _load_states(conn, number_of, seed)
    conn.execute(SQL.analyze_tables)
    conn.execute(SQL.checkpoint)
    latest, wrong = _ask_latest_states(conn, states)
    tracks, wrong_tracks = _ask_tracks(conn, vehicle_ids, seed, start)
    return Answers(
        rows=loaded,
        vehicles=len(vehicle_ids),
        load_rows_per_s=loaded / load_s,
        bytes_per_row=bytes_per_row,
        latest_states=latest,
        day_track=tracks,
        wrong=wrong + wrong_tracks,
    )


def _load(
    conn: Connection[Any], vehicle_ids: list[int], seed: int, start: datetime, ticks: int
) -> tuple[int, float]:
    """Fill telemetry; rows, and the seconds that took, making the rows included."""
    blocks = copy_blocks(
        vehicle_ids=vehicle_ids,
        seed=seed,
        start_ms=_to_ms(start),
        period_s=PERIOD_S,
        ticks=ticks,
    )
    rows, began_s = 0, clock.monotonic()
    while portion := list(islice(blocks, _COMMIT_BLOCKS)):
        with conn.cursor() as cursor, cursor.copy(SQL.copy_telemetry) as copy:
            copy.write(COPY_HEAD)
            for count, block in portion:
                copy.write(block)
                rows += count
            copy.write(COPY_END)
    return rows, clock.monotonic() - began_s


def _database_bytes(conn: Connection[Any]) -> int:
    row = conn.execute(SQL.find_database_size).fetchone()
    assert row is not None
    return int(row[0])


def _load_states(
    conn: Connection[Any], number_of: Mapping[int, int], seed: int
) -> dict[int, TrackPoint]:
    """Merge states of every vehicle a few times, as ingest does; what they must be at the end."""
    second_ms = _to_ms(clock.now().replace(microsecond=0)) - STATE_ROUNDS * TICK_MS
    plan = Plan(vehicles=len(number_of), messages=0, seed=seed, start_ms=second_ms, disorder=False)
    maker = MessageMaker(plan)
    store.prepare_session(conn)
    bindings = store.load_bindings(conn)
    for second in range(STATE_ROUNDS):
        messages = [maker.make((number, second, None)) for number in number_of.values()]
        publishes = [(topic, payload, False, 1) for topic, payload in messages]
        latest = store.load_latest(conn)
        batch = process([Delivery(publishes, clock.now_us())], bindings, latest)
        with conn.transaction():
            store.merge_batch(conn, batch, sorted(batch.heard - latest.keys()))
    last = STATE_ROUNDS - 1
    return {
        vehicle_id: _rounded(
            true_track(
                number=number,
                vehicles=len(number_of),
                seed=seed,
                start_ms=second_ms,
                period_s=1,
                ticks=range(last, last + 1),
            )[0]
        )
        for vehicle_id, number in number_of.items()
    }


def _ask_latest_states(conn: Connection[Any], states: dict[int, TrackPoint]) -> tuple[Timing, int]:
    times_ms, wrong, answer = [], 0, {}
    for _ in range(WARM_UP + REPETITIONS):
        took_ms, rows = _timed(conn, SQL.list_latest_states, {})
        times_ms.append(took_ms)
        answer = {row[0]: _rounded(TrackPoint(_to_ms(row[1]), *row[2:6])) for row in rows}
        wrong += answer != states
    return _timing(times_ms[WARM_UP:], len(answer)), wrong


def _ask_tracks(
    conn: Connection[Any], vehicle_ids: list[int], seed: int, start: datetime
) -> tuple[Timing, int]:
    """A day of some vehicles; the first time warms the cache and is not counted."""
    times_ms, wrong, count = [], 0, 0
    chosen = Random(seed).sample(range(len(vehicle_ids)), min(TRACKED_VEHICLES, len(vehicle_ids)))
    for number in chosen:
        track = true_track(
            number=number,
            vehicles=len(vehicle_ids),
            seed=seed,
            start_ms=_to_ms(start),
            period_s=PERIOD_S,
            ticks=range(TICKS_A_DAY),
        )
        parameters = {
            "vehicle_id": vehicle_ids[number],
            "from_at": start,
            "until_at": start + timedelta(days=1),
        }
        for attempt in range(3):
            took_ms, rows = _timed(conn, SQL.list_track, parameters)
            if attempt:
                times_ms.append(took_ms)
            count = len(rows)
            answer = [_rounded(TrackPoint(_to_ms(row[0]), *row[1:])) for row in rows]
            wrong += answer != [_rounded(point) for point in track]
    return _timing(times_ms, count), wrong


def _timed(
    conn: Connection[Any], query: str, parameters: dict[str, Any]
) -> tuple[float, list[Any]]:
    """Milliseconds from sending to Python values, and the rows."""
    with conn.cursor(binary=True) as cursor:
        began_s = perf_counter()
        rows = cursor.execute(query.encode(), parameters).fetchall()
        return (perf_counter() - began_s) * 1000, rows


def _timing(times_ms: Sequence[float], rows: int) -> Timing:
    ordered = sorted(times_ms)
    return Timing(
        times=len(ordered),
        median_ms=quantile(ordered, 0.5),
        p95_ms=quantile(ordered, 0.95),
        max_ms=ordered[-1],
        rows=rows,
    )


def _rounded(point: TrackPoint) -> TrackPoint:
    """As precise as a payload is: speed and charge are stored in four bytes."""
    return TrackPoint(
        point.ts_ms,
        round(point.lat, 6),
        round(point.lon, 6),
        round(point.speed_kmh, 1),
        round(point.soc_pct, 1),
    )


def _to_ms(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(milliseconds=1)
