"""Writes telemetry and announces it, as ingest does: `python -m bench.alerts_writer ORDERS`.

A process of its own. Samples are made in the database, so that it takes little beside the engine
that is measured. Decides the pace: a batch every `batch_ms`, in each the vehicles whose turn it is;
or as fast as it goes, for times gone by, when a queue is wanted. What happens to whom hangs on the
seconds since its first batch, so that every run sees the same. Leaves out latest states.
"""

import sys
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from bench.rig import SQL
from ingest import store
from kit import clock, db


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What to write."""

    url: str
    batches: int
    samples_a_batch: int
    batch_ms: float
    queue: bool
    """As fast as it goes, ending now; else in time."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    samples: int
    took_s: float
    behind_s: float
    """How late the last batch was."""


def main() -> None:
    """Write, then tell."""
    orders = msgspec.json.decode(sys.argv[1], type=Orders)
    with closing(db.connect(orders.url, application_name="fleetbench writer")) as conn:
        conn.autocommit = True
        told = write(conn, orders)
    sys.stdout.buffer.write(msgspec.json.encode(told))


def write(conn: Connection[Any], orders: Orders) -> Written:
    """All batches."""
    conn.execute(SQL.create_alert_staging)
    conn.execute(SQL.prepare_load_session)
    conn.execute(SQL.create_alert_fleet)
    counted = conn.execute(SQL.count_alert_fleet).fetchone()
    assert counted is not None
    parts = max(1, round(counted[0] / orders.samples_a_batch))
    every_s = orders.batch_ms / 1_000
    first_at = clock.now() - timedelta(seconds=orders.batches * every_s if orders.queue else 0)
    began_s, behind_s, samples = clock.monotonic(), 0.0, 0
    for number in range(orders.batches):
        at = first_at + timedelta(seconds=number * every_s)
        if not orders.queue:
            behind_s = clock.monotonic() - began_s - number * every_s
            clock.sleep(max(0.0, -behind_s))
            at = clock.now()
        t_s = (at - first_at).total_seconds()
        samples += _write_batch(conn, at, t_s, part=number % parts, parts=parts)
    return Written(samples=samples, took_s=clock.monotonic() - began_s, behind_s=behind_s)


def _write_batch(conn: Connection[Any], at: datetime, t_s: float, *, part: int, parts: int) -> int:
    row = {"at": at, "received_at": at, "t": t_s, "part": part, "parts": parts}
    with conn.transaction():
        conn.execute(SQL.stage_alert_samples, row)
        stored = conn.execute(store.SQL.merge_telemetry).rowcount
        conn.execute(store.SQL.lock_states)
        conn.execute(store.SQL.announce_batch)
    return stored


if __name__ == "__main__":
    main()
