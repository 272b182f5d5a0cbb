"""Moves latest states as ingest does, at a fixed rate: `python -m bench.api_writer ORDERS`.

A process of its own, so that who listens is not held up. Batches are made by ingest's own stages
and written by its own statements. Decides the definition of when a state changed: the clock is read
just before COMMIT is sent.
"""

import sys
from contextlib import closing
from typing import Any

import msgspec
from psycopg import Connection

from bench.generator import MessageMaker, Plan
from ingest import store
from ingest.delivery import Delivery
from ingest.pipeline import POSTGRES_EPOCH_US, process
from kit import clock, db


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What to write."""

    url: str
    vehicles: int
    seed: int
    seconds: float
    rate_per_s: float
    batch_ms: float


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    changes: list[tuple[int, int, int]]
    """Vehicle id, time of the sample and of the change [µs since 1970]."""
    behind_s: float
    """How late the last batch was."""
    took_s: float


def main() -> None:
    """Write until the time is over, then tell."""
    orders = msgspec.json.decode(sys.argv[1], type=Orders)
    with closing(db.connect(orders.url, application_name="fleetbench writer")) as conn:
        conn.autocommit = True
        told = write_states(conn, orders)
    sys.stdout.buffer.write(msgspec.json.encode(told))


def write_states(conn: Connection[Any], orders: Orders) -> Changes:
    """A batch every `batch_ms`, each with the vehicles whose turn it is."""
    maker = MessageMaker(
        Plan(
            vehicles=orders.vehicles,
            messages=0,
            seed=orders.seed,
            start_ms=clock.now_us() // 1000,
            disorder=False,
        )
    )
    store.prepare_session(conn)
    bindings, latest = store.load_bindings(conn), store.load_latest(conn)
    changes: list[tuple[int, int, int]] = []
    size = max(1, round(orders.rate_per_s * orders.batch_ms / 1000))
    batches = round(orders.seconds * 1000 / orders.batch_ms)
    began_s, behind_s = clock.monotonic(), 0.0
    for number in range(batches):
        behind_s = clock.monotonic() - began_s - number * orders.batch_ms / 1000
        clock.sleep(max(0.0, -behind_s))
        second = int(clock.monotonic() - began_s)
        turn = [(number * size + place) % orders.vehicles for place in range(size)]
        messages = [maker.make((vehicle, second, None)) for vehicle in dict.fromkeys(turn)]
        publishes = [(topic, payload, False, 1) for topic, payload in messages]
        batch = process([Delivery(publishes, clock.now_us())], bindings, latest)
        with conn.transaction():
            store.store_rows(conn, batch.rows)
            store.merge_batch(conn, batch, sorted(batch.heard - latest.keys()))
            changed_us = clock.now_us()
        latest.update(batch.newest)
        changes += [(row[0], row[1] + POSTGRES_EPOCH_US, changed_us) for row in batch.rows]
    return Changes(changes=changes, behind_s=behind_s, took_s=clock.monotonic() - began_s)


if __name__ == "__main__":
    main()
