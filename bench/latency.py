"""How long from a publisher's send to a row another connection can query.

Decides the definition: the clock is read just before the bytes of a message go to the publisher's
socket, and just after a polling reader's query has returned its row. Both are on one machine. The
reader asks every 10 ms, so up to 10 ms and the query itself are counted as latency.
"""

import math
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import msgspec

from bench.rig import SQL, Rig
from bench.truth import (
    Probe,
)
from kit import clock

POLL_S = 0.01
_ASK_FOR = 32
_GIVE_UP_S = 60.0
# Few keys and a growing table: the planner must not come to think that reading it all is cheaper.
_PLANNER = (
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;"
    " SET plan_cache_mode = force_generic_plan"
)


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Publish → queryable, ms."""

    probes: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class Prober:
    """A reader of its own that notes when each probe can be queried."""

    def __init__(self, rig: Rig, probes: Sequence[Probe]) -> None:
        id_of = {number: vehicle_id for vehicle_id, number in rig.number_of.items()}
        self._place_of = {(id_of[p.vehicle], p.ts_ms): p.place for p in probes}
        self._waiting = dict.fromkeys(self._place_of)  # in sending order
        self._seen_us: dict[int, int] = {}
        self._rig = rig
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def wait(self) -> None:
        """Wait until every probe has been seen, or a minute has passed."""
        self._thread.join(_GIVE_UP_S)

    def latency(self, sent: Sequence[tuple[int, int]]) -> Latency:
        """The latencies of the probes seen, given (place, time of sending [µs])."""
        sent_us = dict(sent)
        waits = sorted((seen - sent_us[place]) / 1000 for place, seen in self._seen_us.items())
        return Latency(
            probes=len(waits),
            p50_ms=quantile(waits, 0.50),
            p99_ms=quantile(waits, 0.99),
            max_ms=waits[-1] if waits else float("nan"),
        )

    def _run(self) -> None:
        with self._rig.connect() as conn:
            conn.execute(_PLANNER)
            while self._waiting and not self._ended.wait(POLL_S):
                asked = list(self._waiting)[:_ASK_FOR]
                times = [datetime.fromtimestamp(ts_ms / 1000, UTC) for _, ts_ms in asked]
                parameters = {"vehicle_ids": [vehicle_id for vehicle_id, _ in asked], "ts": times}
                found = conn.execute(SQL.find_arrived, parameters, prepare=True).fetchall()
                now_us = clock.now_us()
                for key in found:
                    self._seen_us[self._place_of[key]] = now_us
                    del self._waiting[key]


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that so large a share of the values does not exceed.

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5)
    2.0
    """
    if not ordered:
        return float("nan")
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]
