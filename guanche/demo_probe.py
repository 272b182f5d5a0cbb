"""Measures publish → queryable from outside: by asking the database, as a live map would.

A thread reads the latest state of some vehicles again and again and notes when it first sees a
sample. The delay is from the sample's own time stamp, which a simulated terminal with a right clock
takes just before it publishes, to that sight. It contains the simulator's own lag of some
milliseconds, broker, batching, COMMIT, the query and up to one polling interval: an upper bound of
what a reader of the database has to wait. Only undisturbed samples count: not backlog, not a wrong
clock. A sample that the next one overtakes between two looks is not seen and not counted.
"""

import math
import threading
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import psycopg

from guanche import store
from kit import clock, db

POLL_S = 0.025
MAX_VEHICLES = 50
MAX_SIGHTS = 500_000
RECENT_S = 10.0
IMPLAUSIBLE_MS = 30_000.0
Key = tuple[str, int, int]
"""Device, ts in ms since 1970, seq."""


class Sight(NamedTuple):
    """A sample seen for the first time: when [ms since 1970], and how long after its own time."""

    seen_ms: float
    delay_ms: float


class LatencyProbe:
    """A reader that notes when samples become visible. Its own connection, its own thread."""

    def __init__(self, url: str, vehicle_ids: Sequence[int]) -> None:
        self._url = url
        self._vehicle_ids = list(vehicle_ids[:MAX_VEHICLES])
        self._sights: dict[Key, Sight] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="latency-probe", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(5.0)

    def delays_ms(self, counted: Iterable[Key]) -> list[float]:
        """Of those samples, the delay of each that was seen [ms], shortest first."""
        with self._lock:
            sights = dict(self._sights)
        return sorted(sights[key].delay_ms for key in counted if key in sights)

    def recent_delays_ms(self) -> list[float]:
        """Delays of the last ten seconds, for the live table only, shortest first.

        While it runs nothing is known of the terminals' faults; what only a wrong clock or a
        backlog explains (negative, or over 30 s) is left out.
        """
        since_ms = clock.now_us() / 1000 - RECENT_S * 1000
        with self._lock:
            recent = list(self._sights.values())[-MAX_VEHICLES * 100 :]
        return sorted(
            sight.delay_ms
            for sight in recent
            if sight.seen_ms >= since_ms and 0 <= sight.delay_ms <= IMPLAUSIBLE_MS
        )

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with closing(
                    db.connect(self._url, application_name="guanche probe", autocommit=True)
                ) as conn:
                    self._watch(conn)
            except psycopg.Error:
                self._stopping.wait(1.0)

    def _watch(self, conn: psycopg.Connection[Any]) -> None:
        last: dict[str, Key] = {}
        first_look = True
        while not self._stopping.wait(POLL_S):
            rows = store.list_live_state(conn, self._vehicle_ids)
            now_ms = clock.now_us() / 1000
            for row in rows:
                key = (row.device_id, row.ts_ms, row.seq)
                if last.get(row.device_id) == key:
                    continue
                last[row.device_id] = key
                if not first_look and len(self._sights) < MAX_SIGHTS:
                    with self._lock:
                        self._sights[key] = Sight(now_ms, now_ms - row.ts_ms)
            first_look = False


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The value that `share` of the ordered values do not exceed; None of none (nearest rank).

    >>> percentile([10.0, 20.0, 30.0, 40.0], 0.5)
    20.0
    """
    if not ordered:
        return None
    return ordered[max(1, math.ceil(len(ordered) * share)) - 1]
