"""The statements of one ingest transaction, one function a step. Opens and commits nothing."""

from collections import ChainMap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from psycopg import Connection
from psycopg.rows import class_row

from ingest.bindings import BindingRow, Bindings, OperatorRow
from ingest.pipeline import POSTGRES_EPOCH_US, Batch, Key, Row, fold_states
from ingest.reading import EPOCH
from ingest.refused import Refusal, gather_refusals
from kit.sql import load_queries

SQL = load_queries(Path(__file__).with_name("queries.sql"))

# A binary timestamptz is a bigint of µs since 2000, so times go in as integers: building a
# datetime for each would cost more than the rest of the row.
_IDENTITY = ["int8", "int8", "int8", "int8", "int8", "int8"]
_MEASURED = [
    *("float8", "float8", "bool", "float4", "float4", "float4", "float8"),
    *("text", "text", "text", "float4", "float4", "float4", "float4", "float4", "float4"),
    *("float4", "float4", "int2", "int8", "text", "int2"),
]
TELEMETRY_TYPES = [*_IDENTITY, *_MEASURED, "jsonb", "text[]"]
STATE_TYPES = [*_IDENTITY, *_MEASURED, "bool", "int8", "int8", "int8", "bool"]


def prepare_session(conn: Connection[Any]) -> None:
    """Make the staging tables and subscribe to changes of the registry."""
    conn.execute(SQL.create_telemetry_staging)
    conn.execute(SQL.create_state_staging)
    conn.execute(SQL.listen_registry)
    conn.execute(SQL.allow_decompression)


def load_bindings(conn: Connection[Any]) -> Bindings:
    """Every device's segments."""
    with conn.cursor(row_factory=class_row(BindingRow)) as cursor:
        bindings = cursor.execute(SQL.list_bindings).fetchall()
    with conn.cursor(row_factory=class_row(OperatorRow)) as cursor:
        operators = cursor.execute(SQL.list_operators).fetchall()
    return Bindings(bindings, operators)


def load_latest(
    conn: Connection[Any], vehicle_ids: Sequence[int] | None = None
) -> dict[int, Key | None]:
    """(ts, seq) of the state of these vehicles, or of all; None where there is no sample yet."""
    if vehicle_ids is None:
        rows = conn.execute(SQL.list_latest).fetchall()
    else:
        rows = conn.execute(SQL.list_latest_of, {"vehicle_ids": list(vehicle_ids)}).fetchall()
    return {
        vehicle_id: None if ts_us is None else (ts_us - POSTGRES_EPOCH_US, seq)
        for vehicle_id, ts_us, seq in rows
    }


def store_rows(conn: Connection[Any], rows: Sequence[Row]) -> int:
    """Store telemetry rows; how many of them were new."""
    if not rows:
        return 0
    with conn.cursor() as cursor:
        _copy(cursor, SQL.copy_telemetry, TELEMETRY_TYPES, rows)
        cursor.execute(SQL.merge_telemetry)
        return cursor.rowcount


def merge_batch(conn: Connection[Any], batch: Batch, missing: Sequence[int]) -> None:
    """Move latest states and presence forward; `missing` are vehicles without a state row.

    The states were folded against what memory knew. Should one have been moved meanwhile by
    another writer, they are folded anew against what is there, now that nobody else may move it.
    """
    if not batch.heard:
        return
    conn.execute(SQL.lock_states)
    if missing:
        conn.execute(SQL.insert_missing_states, {"vehicle_ids": list(missing)})
    if not _merge_states(conn, batch.states):
        _fold_anew(conn, batch)
    if any(state[1] is None for state in batch.states):
        conn.execute(SQL.merge_presence)
    if batch.retained:
        conn.execute(
            SQL.merge_retained_status,
            {
                "vehicle_ids": [status.vehicle_id for status in batch.retained],
                "onlines": [status.online for status in batch.retained],
                "received_ats": [to_datetime(status.received_us) for status in batch.retained],
            },
        )


def announce_batch(conn: Connection[Any], batch: Batch) -> None:
    """Tell who looks at new telemetry which samples these are: once a batch, after its states.

    Under the lock of the states, also when none moves: ids are in the order of commits, and who has
    read up to one has missed none below it.
    """
    if batch.rows:
        conn.execute(SQL.lock_states)
        conn.execute(SQL.announce_batch)


def _fold_anew(conn: Connection[Any], batch: Batch) -> None:
    """Fold against what is there the states that the first merge left alone, and merge them."""
    moved = [vehicle_id for (vehicle_id,) in conn.execute(SQL.list_moved_states).fetchall()]
    latest = load_latest(conn, moved)
    deleted = [vehicle_id for vehicle_id in moved if vehicle_id not in latest]
    if deleted:
        conn.execute(SQL.insert_missing_states, {"vehicle_ids": deleted})
        latest |= dict.fromkeys(deleted)
    batch.latest = ChainMap(latest, cast(dict[int, Key | None], batch.latest))
    fold_states(batch)
    conn.execute(SQL.empty_state_staging)
    _merge_states(conn, [s for s in batch.states if s[0] in latest or s[1] is None])
    known = {vehicle_id: key for vehicle_id, key in latest.items() if key is not None}
    batch.newest = known | batch.newest


def _merge_states(conn: Connection[Any], states: Sequence[Row]) -> bool:
    """Whether every state that has a sample went forward."""
    if not states:
        return True
    with conn.cursor() as cursor:
        _copy(cursor, SQL.copy_states, STATE_TYPES, states)
        cursor.execute(SQL.merge_states)
        return cursor.rowcount == sum(state[1] is not None for state in states)


def insert_refusals(conn: Connection[Any], refusals: Iterable[Refusal]) -> None:
    """Store refusals; one that is there already is counted."""
    gathered = gather_refusals(refusals)
    if not gathered:
        return
    found = [refusal for refusal, _ in gathered.values()]
    conn.execute(
        SQL.insert_refusals,
        {
            "digests": list(gathered),
            "reasons": [r.reason for r in found],
            "details": [r.detail for r in found],
            "topics": [r.topic for r in found],
            "serials": [r.device_serial for r in found],
            "raws": [r.raw for r in found],
            "times": [times for _, times in gathered.values()],
            "received_ats": [to_datetime(r.received_us) for r in found],
        },
    )


def mark_silent_offline(conn: Connection[Any], *, now: datetime, offline_after_s: int) -> int:
    """Vehicles not heard for so long fall offline; how many did."""
    conn.execute(SQL.lock_states)
    cutoff = now - timedelta(seconds=offline_after_s)
    return conn.execute(SQL.mark_silent_offline, {"now": now, "cutoff": cutoff}).rowcount


def delete_old_refusals(conn: Connection[Any], *, cutoff: datetime) -> int:
    """Refusals not seen again since; how many were deleted."""
    return conn.execute(SQL.delete_old_refusals, {"cutoff": cutoff}).rowcount


def delete_read_batches(conn: Connection[Any], *, cutoff: datetime) -> int:
    """Announced batches that all have read, or that are older than that; how many."""
    return conn.execute(SQL.delete_read_batches, {"cutoff": cutoff}).rowcount


def begin_job(conn: Connection[Any], job: str) -> bool:
    """Whether this transaction may do the job now; another process may be at it."""
    conn.execute(SQL.set_lock_timeout)
    row = conn.execute(SQL.try_job_lock, {"job": job}).fetchone()
    return row is not None and bool(row[0])


def to_datetime(instant_us: int) -> datetime:
    """µs since 1970 as an aware datetime."""
    return (EPOCH + timedelta(microseconds=instant_us)).astimezone(UTC)


def _copy(cursor: Any, statement: str, types: list[str], rows: Sequence[Row]) -> None:
    with cursor.copy(statement) as copy:
        copy.set_types(types)
        write_row = copy.write_row
        for row in rows:
            write_row(row)
