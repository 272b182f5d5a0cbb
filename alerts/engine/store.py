"""Runs the SQL of the engine. Rows by the thousand come as CSV, which the server writes and polars
reads faster than either makes rows (measured: a third of the time in this process).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, LiteralString

import polars as pl
from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row

from alerts.engine.frames import LETTINGS, SAMPLES, VEHICLE_ROWS, read_csv
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
_MEMBERSHIPS: Final = {"vehicle_id": pl.Int64(), "code": pl.String()}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far was read, and what was remembered then."""

    batch_id: int
    memory: bytes
    format: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class AnnouncedBatch:
    """Samples that were written together."""

    id: int
    written_at: datetime
    from_ts: datetime
    until_ts: datetime
    samples: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Batches not yet read, and since when the oldest waits."""

    batches: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert of a vehicle that is neither cleared nor settled."""

    organisation_id: int
    rule_code: str
    kind: str
    vehicle_id: int
    occurrence: str
    charged_us: int | None
    """When the vehicle was last charged, where that is what it tells."""


def find_checkpoint(conn: Connection[Any], reader: str) -> Checkpoint | None:
    """The reader's last checkpoint; None if it never took one."""
    with conn.cursor(row_factory=class_row(Checkpoint), binary=True) as cursor:
        return cursor.execute(_queries.find_checkpoint, {"reader": reader}).fetchone()


def save_checkpoint(conn: Connection[Any], reader: str, checkpoint: Checkpoint) -> None:
    """The place a reader begins anew at."""
    conn.execute(
        _queries.save_checkpoint,
        {
            "reader": reader,
            "batch_id": checkpoint.batch_id,
            "memory": checkpoint.memory,
            "format": checkpoint.format,
            "taken_at": checkpoint.taken_at,
        },
    )


def get_oldest_batch(conn: Connection[Any]) -> int:
    """The id of the oldest batch that is kept, or of the next one that will be."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return int(cursor.execute(_queries.find_oldest_batch).fetchone() or 1)


def get_newest_batch(conn: Connection[Any]) -> int:
    """The id of the newest batch; 0 if none is kept."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return int(cursor.execute(_queries.find_newest_batch).fetchone() or 0)


def list_batches(conn: Connection[Any], *, after_id: int, limit: int) -> list[AnnouncedBatch]:
    """The first batches after the one read last."""
    with conn.cursor(row_factory=class_row(AnnouncedBatch)) as cursor:
        return cursor.execute(
            _queries.list_batches, {"after_id": after_id, "limit": limit}
        ).fetchall()


def count_batches(conn: Connection[Any], *, after_id: int) -> Waiting:
    """What waits to be read."""
    with conn.cursor(row_factory=class_row(Waiting)) as cursor:
        found = cursor.execute(_queries.count_batches, {"after_id": after_id}).fetchone()
    assert found is not None
    return found


def read_samples(
    conn: Connection[Any], batches: Sequence[AnnouncedBatch], *, after_id: int
) -> pl.DataFrame:
    """The samples of these batches, which follow `after_id`, in no order."""
    asked = {
        "after_id": after_id,
        "upto_id": batches[-1].id,
        "from_ts": min(batch.from_ts for batch in batches),
        "until_ts": max(batch.until_ts for batch in batches),
    }
    conn.execute(_queries.leave_uncompiled)
    return read_csv(_copy(conn, _queries.list_samples, asked), SAMPLES)


def read_vehicles(conn: Connection[Any], *, now: datetime) -> pl.DataFrame:
    """Every vehicle as it is now."""
    return read_csv(_copy(conn, _queries.list_vehicles, {"now": now}), VEHICLE_ROWS)


def read_lettings(
    conn: Connection[Any], vehicle_ids: Sequence[int], *, from_at: datetime, now: datetime
) -> pl.DataFrame:
    """To whom vehicles were let from when on, of those where that changed since `from_at`."""
    asked = {"vehicle_ids": list(vehicle_ids), "from_at": from_at, "now": now}
    return read_csv(_copy(conn, _queries.list_lettings, asked), LETTINGS)


def read_memberships(conn: Connection[Any], *, now: datetime) -> pl.DataFrame:
    """Vehicle and code of each group it is in now."""
    return read_csv(_copy(conn, _queries.list_memberships, {"now": now}), _MEMBERSHIPS)


def list_standing(conn: Connection[Any], kinds: Sequence[str]) -> list[Standing]:
    """Alerts of vehicles of these kinds that are neither cleared nor settled."""
    with conn.cursor(row_factory=class_row(Standing)) as cursor:
        return cursor.execute(_queries.list_standing, {"kinds": list(kinds)}).fetchall()


def _copy(conn: Connection[Any], query: LiteralString, asked: dict[str, Any]) -> bytes:
    """What a query finds, as CSV. COPY knows no parameters: psycopg writes them in."""
    statement = sql.SQL("{} ({}) TO STDOUT (FORMAT csv)").format(sql.SQL("COPY"), sql.SQL(query))
    found = bytearray()
    with conn.cursor() as cursor, cursor.copy(statement, asked) as copy:
        for part in copy:
            found += part
    return bytes(found)
