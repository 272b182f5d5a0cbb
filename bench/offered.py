"""Runs at an offered rate: does the backlog stay flat, what does it cost, how late do rows come?

Decides what "sustained" means. Every run ends with the backlog drained and every key compared.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

import msgspec

from bench import publisher
from bench.generator import (
    Plan,
)
from bench.latency import Latency, Prober
from bench.machine import cpu_s, rss_mb
from bench.processes import (
    Publishing,
    RigFailed,
    publishing,
)
from bench.rig import (
    Ingest,
    Rig,
)
from bench.truth import (
    list_probes,
    truth_of,
)
from bench.verification import Verdict, verify
from guanche.embedded import Broker, PostgresServer
from kit import clock

HISTORY_MS = 600_000
"""Device time begins so far in the past."""
PROBES_PER_S = 20
MAX_SLOPE = 0.02
MIN_GROWTH_S = 0.25
"""A slope counts only if it piled up this much: batches make the backlog a saw-tooth."""
MAX_BACKLOG_S = 1.0
MAX_BEHIND_S = 1.0
_DRAIN_TIMEOUT_S = 300.0
_AWAKE_S, _ASLEEP_S = 0.05, 0.45


class Sample(NamedTuple):
    """One look at a run."""

    elapsed_s: float
    acknowledged: int
    """Messages the broker has taken over."""
    committed: int
    """Messages ingest has committed."""
    rss_mb: float

    @property
    def backlog(self) -> int:
        return self.acknowledged - self.committed


class CpuTimes(msgspec.Struct, frozen=True, kw_only=True):
    """CPU time by process, in µs a message."""

    ingest: float
    database: float
    broker: float
    publisher: float

    @property
    def total(self) -> float:
        return self.ingest + self.database + self.broker + self.publisher


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """What happened at one offered rate."""

    rate_per_s: float
    seconds: float
    samples_per_message: int
    sustained: bool
    why_not: str
    behind_s: float
    backlog_peak: int
    backlog_slope_per_s: float
    drained_after_s: float
    committed_per_s: float
    """While the load was on."""
    cpu_us_per_message: CpuTimes
    samples_per_cpu_s: float
    """Of ingest and database together: what a sample costs the company."""
    rss_peak_mb: float
    rss_growth_mb: float
    """Peak of the last third over peak of the second: what a leak would show."""
    latency: Latency | None
    verdict: Verdict
    samples: list[Sample]


def judge(samples: Sequence[Sample], *, rate_per_s: float, behind_s: float) -> str:
    """Why a rate is not sustained, or empty: sent on time, and the backlog small and flat."""
    if behind_s > MAX_BEHIND_S:
        return f"the publisher fell {behind_s:.1f} s behind: the broker takes no more"
    settled = samples[len(samples) // 3 :]
    if settled and settled[-1].backlog > MAX_BACKLOG_S * rate_per_s:
        return f"{settled[-1].backlog:,} messages wait at the end"
    slope = backlog_slope(settled)
    span_s = settled[-1].elapsed_s - settled[0].elapsed_s if settled else 0.0
    if slope > MAX_SLOPE * rate_per_s and slope * span_s > MIN_GROWTH_S * rate_per_s:
        return f"the backlog grows by {slope:,.0f} messages/s"
    return ""


def backlog_slope(samples: Sequence[Sample]) -> float:
    """Messages a second by which the backlog grows: a straight line by least squares."""
    if len(samples) < 2:
        return 0.0
    mean_s = sum(s.elapsed_s for s in samples) / len(samples)
    mean = sum(s.backlog for s in samples) / len(samples)
    over = sum((s.elapsed_s - mean_s) * (s.backlog - mean) for s in samples)
    return over / (sum((s.elapsed_s - mean_s) ** 2 for s in samples) or 1.0)


def new_plan(vehicles: int, messages: int, seed: int, samples_per_message: int = 1) -> Plan:
    """A plan whose device time begins some minutes ago."""
    return Plan(
        vehicles=vehicles,
        messages=messages,
        seed=seed,
        start_ms=clock.now_us() // 1000 - HISTORY_MS,
        samples_per_message=samples_per_message,
    )


def offer(
    rig: Rig,
    *,
    rate_per_s: float,
    seconds: float,
    seed: int,
    samples_per_message: int = 1,
    probe: bool = False,
    throttle_database: bool = False,
) -> Offered:
    """Publish at a rate, evenly, while ingest runs; wait for the rest; compare every key."""
    rig.clear()
    plan = new_plan(rig.vehicles, int(rate_per_s * seconds), seed, samples_per_message)
    every = max(1, int(rate_per_s / PROBES_PER_S)) if probe else 0
    with rig.broker() as broker, rig.ingest(broker) as ingest:
        prober = Prober(rig, list_probes(plan, every)) if probe else None
        before = _cpu_times(ingest, rig, broker)
        orders = publisher.Orders(
            port=broker.port, plan=plan, rate_per_s=rate_per_s, probe_every=every
        )
        with prober or nullcontext(), publishing(orders) as running:
            with throttled(rig.server) if throttle_database else nullcontext():
                samples = list(watch(running, ingest))
            report = running.finish()
            sending_ended_s = clock.monotonic()
            peak_mb = _drain(ingest, plan.messages)
            drained_after_s = clock.monotonic() - sending_ended_s
            after = _cpu_times(ingest, rig, broker)
            if prober is not None:
                prober.wait()
    with rig.connect() as conn:
        verdict = verify(conn, truth_of(plan), rig.number_of)
    why_not = judge(samples, rate_per_s=rate_per_s, behind_s=report.behind_s)
    spent = [(b - a) / plan.messages * 1e6 for a, b in zip(before, after, strict=True)]
    third = max(1, len(samples) // 3)
    middle_mb = max((s.rss_mb for s in samples[third : 2 * third]), default=0.0)
    end_mb = max((s.rss_mb for s in samples[-third:]), default=0.0)
    return Offered(
        rate_per_s=rate_per_s,
        seconds=seconds,
        samples_per_message=samples_per_message,
        sustained=not why_not,
        why_not=why_not,
        behind_s=report.behind_s,
        backlog_peak=max((s.backlog for s in samples), default=0),
        backlog_slope_per_s=backlog_slope(samples[len(samples) // 3 :]),
        drained_after_s=drained_after_s,
        committed_per_s=samples[-1].committed / samples[-1].elapsed_s if samples else 0.0,
        cpu_us_per_message=CpuTimes(
            ingest=spent[0],
            database=spent[1],
            broker=spent[2],
            publisher=report.cpu_s / plan.messages * 1e6,
        ),
        samples_per_cpu_s=samples_per_message / (spent[0] + spent[1]) * 1e6,
        rss_peak_mb=max([peak_mb, *(s.rss_mb for s in samples)]),
        rss_growth_mb=end_mb - middle_mb,
        latency=prober.latency(report.probes) if prober is not None else None,
        verdict=verdict,
        samples=samples,
    )


def watch(running: Publishing, ingest: Ingest) -> Iterator[Sample]:
    """Look at both ends whenever the publisher reports, until it is done."""
    seen = running.report
    while running.alive:
        report = running.report
        if report is seen or report.done:
            clock.sleep(0.01)
            continue
        seen = report
        counters = ingest.counters()
        yield Sample(
            report.elapsed_s, report.acknowledged, counters.acknowledged, rss_mb(ingest.pid)
        )


def _drain(ingest: Ingest, messages: int) -> float:
    """Wait until everything is committed; the highest memory seen meanwhile, MB."""
    deadline, peak_mb = clock.monotonic() + _DRAIN_TIMEOUT_S, 0.0
    while (counters := ingest.counters()).acknowledged < messages:
        if clock.monotonic() > deadline:
            raise RigFailed(
                f"{counters.acknowledged:,} of {messages:,} messages are committed"
                f" {_DRAIN_TIMEOUT_S:.0f} s after the last was sent"
            )
        peak_mb = max(peak_mb, rss_mb(ingest.pid))
        clock.sleep(0.05)
    return peak_mb


def _cpu_times(ingest: Ingest, rig: Rig, broker: Broker) -> tuple[float, float, float]:
    return cpu_s(ingest.pid), cpu_s(rig.server.pid), cpu_s(broker.pid)


@contextmanager
def throttled(server: PostgresServer) -> Iterator[None]:
    """A database that stands still nine tenths of the time: a tenth of its capacity."""
    ended = threading.Event()

    def throttle() -> None:
        while not ended.is_set():
            server.freeze()
            ended.wait(_ASLEEP_S)
            server.thaw()
            ended.wait(_AWAKE_S)

    thread = threading.Thread(target=throttle, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def as_json(run: Offered) -> dict[str, Any]:
    """The run for the result file."""
    built: dict[str, Any] = msgspec.to_builtins(run)
    return built
