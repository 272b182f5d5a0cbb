"""The alert engine at work, watched: `python -m bench.alerts_engine ORDERS`.

A process of its own with one thread of polars, so that it has one core. It runs the real engine as
`guanche alerts run` does, without its turn, its clock and its messages, and notes how long each
finding took from the COMMIT of its batch to its own. Ends when a queue is empty, or after a time.
"""

import os
import sys
from contextlib import closing
from typing import Any

os.environ["POLARS_MAX_THREADS"] = "1"

import msgspec
from psycopg import Connection

from alerts.engine.service import Engine, EngineMetrics
from alerts.rules.service import BookShelf
from bench.machine import cpu_s, rss_mb
from kit import clock, db
from kit.settings import Settings

TICK_EVERY_S = 10.0


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What to do."""

    url: str
    seconds: float | None
    """None: until no batch waits."""


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    """What it did. Times in seconds, memory in MB (10⁶ bytes)."""

    batches: int
    samples: int
    late: int
    raised: int
    cleared: int
    took_s: float
    cpu_s: float
    """Of this process."""
    delays_s: list[float]
    """Of each finding, from the COMMIT of its batch."""
    rss_mb: list[tuple[float, float]]
    """Second and memory."""
    broken: float


class _Delays:
    """Stands in for the histogram: keeps every value."""

    def __init__(self) -> None:
        self.all: list[float] = []

    def observe(self, delay_s: float) -> None:
        """One more."""
        self.all.append(delay_s)


def main() -> None:
    """Work, then tell."""
    orders = msgspec.json.decode(sys.argv[1], type=Orders)
    with closing(db.connect(orders.url, application_name="fleetbench engine")) as conn:
        conn.autocommit = True
        told = work(conn, orders)
    sys.stdout.buffer.write(msgspec.json.encode(told))


def work(conn: Connection[Any], orders: Orders) -> Worked:
    """Cycles and ticks."""
    settings, metrics, delays = Settings(_env_file=None), EngineMetrics(), _Delays()
    metrics.raise_delay_seconds = delays  # type: ignore[assignment]
    engine, shelf = Engine(settings, metrics), BookShelf()
    counted = dict.fromkeys(("batches", "samples", "late", "raised", "cleared"), 0)
    memory: list[tuple[float, float]] = []
    began_s, spent_s = clock.monotonic(), cpu_s(os.getpid())
    ticked_s = began_s
    while True:
        with conn.transaction():
            done = engine.cycle(conn, shelf.book(conn), now=clock.now())
        engine.committed()
        for name in counted:
            counted[name] += getattr(done, name)
        at_s = clock.monotonic() - began_s
        memory.append((round(at_s, 2), round(rss_mb(os.getpid()), 1)))
        if orders.seconds is None and not done.more:
            break
        if orders.seconds is not None and at_s > orders.seconds:
            break
        if clock.monotonic() - ticked_s > TICK_EVERY_S:
            with conn.transaction():
                engine.tick(conn, shelf.book(conn), now=clock.now())
            engine.committed()
            ticked_s = clock.monotonic()
        if not done.more:
            clock.sleep(settings.alert_poll_ms / 1_000)
    return Worked(
        **counted,
        took_s=clock.monotonic() - began_s,
        cpu_s=cpu_s(os.getpid()) - spent_s,
        delays_s=delays.all,
        rss_mb=memory,
        broken=metrics.registry.get_sample_value("guanche_alerts_rules_broken") or 0.0,
    )


if __name__ == "__main__":
    main()
