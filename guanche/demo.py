"""`guanche demo`: a whole running system, watched while it runs and accounted for at the end.

Decides how long it runs, how it ends, and what its summary says. Leaves out the parts themselves
(`demo_parts.py`), how delays are measured (`demo_probe.py`), how loss is counted
(`demo_tally.py`) and how it looks (`demo_view.py`).
"""

import json
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection

from fleet.usage.service import fleet_summary
from guanche.demo_api import LeftOut
from guanche.demo_parts import DemoFailed, Parts
from guanche.demo_probe import LatencyProbe, percentile
from guanche.demo_tally import Tally, tally
from guanche.demo_view import Snapshot
from guanche.embedded_process import HOST
from guanche.scrape import read_counters
from kit import clock
from schemas.access import SYSTEM
from simulators.ack_log import AckedSample, read_ack_log

REFRESH_S = 1.0
DRAIN_TIMEOUT_S = 30.0
DRAIN_POLL_S = 0.25
UNDISTURBING_FAULTS = frozenset({"duplicate"})
"""Faults that leave a sample's own time stamp close to its publishing."""


class DemoSummary(NamedTuple):
    """What a demo did. Figures count samples; one message carries one, or a batch of a backlog.

    `acknowledged` are those whose message the broker acknowledged, each time it did. `lost` are
    those of them that are neither stored nor refused. Latency is publish → queryable as seen by a
    polling reader (`demo_probe.py`), over `latency_samples` samples. `api_url` is where the API
    was reached, None if it was left out.
    """

    published: int
    acknowledged: int
    stored: int
    duplicates: int
    late: int
    refused: dict[str, int]
    lost: int
    latency_p50_ms: float | None
    latency_p99_ms: float | None
    latency_samples: int
    storage_kind: str
    storage: str
    broker_kind: str
    seconds: float
    vehicles: int
    api_url: str | None


class AckTail:
    """Follows the publisher's log while it grows, to count its lines without reading it again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0
        self.acknowledged = 0

    def follow(self) -> int:
        """Read what was added since; how many samples are acknowledged by now."""
        if self._path.exists():
            with self._path.open("rb") as log:
                log.seek(self._position)
                added = log.read()
            self._position += len(added)
            self.acknowledged += added.count(b"\n")
        return self.acknowledged


def watch(
    parts: Parts,
    conn: Connection[Any],
    probe: LatencyProbe,
    *,
    seconds: float | None,
    stop: threading.Event,
    show: Callable[[Snapshot], None],
) -> float:
    """Show a snapshot every second until the time is over or `stop` is set; how long it ran [s].

    Raises:
        DemoFailed: a part ended by itself.
    """
    began_s = clock.monotonic()
    tail = AckTail(parts.ack_log)
    committed_before, looked_s = 0, began_s
    while True:
        elapsed_s = clock.monotonic() - began_s
        left_s = REFRESH_S if seconds is None else min(REFRESH_S, seconds - elapsed_s)
        if left_s <= 0 or stop.wait(left_s):
            return clock.monotonic() - began_s
        parts.check()
        counters = read_counters(HOST, parts.http_port)
        now_s = clock.monotonic()
        committed = counters.acknowledged if counters else committed_before
        recent = probe.recent_delays_ms()
        show(
            Snapshot(
                elapsed_s=now_s - began_s,
                fleet=fleet_summary(conn, SYSTEM, now=clock.now()),
                counters=counters,
                committed_per_s=(committed - committed_before) / (now_s - looked_s),
                acknowledged=tail.follow(),
                p50_ms=percentile(recent, 0.50),
                p99_ms=percentile(recent, 0.99),
            )
        )
        committed_before, looked_s = committed, now_s


def read_acknowledged(parts: Parts) -> list[AckedSample]:
    """What the broker acknowledged; nothing if the simulator was stopped before it began."""
    return read_ack_log(parts.ack_log) if parts.ack_log.exists() else []


def settle(
    parts: Parts, conn: Connection[Any], acked: list[AckedSample], *, since: datetime
) -> Tally:
    """Publishing has ended: wait until everything acknowledged is accounted for, but not for ever.

    What is unaccounted for after DRAIN_TIMEOUT_S counts as lost.
    """
    give_up_s = clock.monotonic() + DRAIN_TIMEOUT_S
    while True:
        _await_quiet(parts, give_up_s)
        result = tally(conn, acked, vehicle_ids=parts.vehicle_ids, since=since, now=clock.now())
        if not result.lost or clock.monotonic() > give_up_s:
            return result


def summarise(
    parts: Parts,
    acked: list[AckedSample],
    result: Tally,
    probe: LatencyProbe,
    *,
    seconds: float,
) -> DemoSummary:
    """The figures of a run that has settled."""
    counters = read_counters(HOST, parts.http_port)
    undisturbed = [
        (sample.device_id, sample.ts_ms, sample.seq)
        for sample in acked
        if sample.faults <= UNDISTURBING_FAULTS
    ]
    delays_ms = probe.delays_ms(undisturbed)
    return DemoSummary(
        published=read_published(parts.simulator_log) if acked else 0,
        acknowledged=result.acknowledged,
        stored=result.stored,
        duplicates=counters.duplicates if counters else 0,
        late=counters.late if counters else 0,
        refused=result.refused,
        lost=len(result.lost),
        latency_p50_ms=_rounded(percentile(delays_ms, 0.50)),
        latency_p99_ms=_rounded(percentile(delays_ms, 0.99)),
        latency_samples=len(delays_ms),
        storage_kind=parts.storage.kind,
        storage=parts.storage.description,
        broker_kind=parts.broker.kind,
        seconds=round(seconds, 1),
        vehicles=parts.options.vehicles,
        api_url=None if isinstance(parts.api_access, LeftOut) else parts.api_access.url,
    )


def read_published(simulator_log: Path) -> int:
    """Samples the simulator handed to its publisher, from the summary that ends its log.

    Raises:
        DemoFailed: it left none, so it did not end in order.
    """
    text = simulator_log.read_text(encoding="utf-8", errors="replace")
    begin = max(text.rfind("\n{"), 0 if text.startswith("{") else -1)
    try:
        return int(json.loads(text[begin:])["samples_sent"])
    except (ValueError, KeyError):
        raise DemoFailed(f"the simulator left no summary:\n{text[-2_000:]}") from None


def _await_quiet(parts: Parts, give_up_s: float) -> None:
    """Wait until ingest has an empty queue and acknowledges nothing any more."""
    acknowledged = -1
    while clock.monotonic() < give_up_s:
        clock.sleep(DRAIN_POLL_S)
        parts.check_ingest()
        counters = read_counters(HOST, parts.http_port)
        if counters is not None:
            if counters.queued == 0 and counters.acknowledged == acknowledged:
                return
            acknowledged = counters.acknowledged


def _rounded(delay_ms: float | None) -> float | None:
    return None if delay_ms is None else round(delay_ms, 1)
