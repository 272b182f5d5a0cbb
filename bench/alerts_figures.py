"""What the bench of alerts reports: names, units and targets, and the shape of results. Pure."""

from statistics import median, quantiles
from typing import Any, Final

import msgspec

from bench.alerts_engine import Worked
from bench.alerts_server import AlertsData
from bench.alerts_writer import Written
from bench.figures import Figure, Measured

JUDGED_PER_S: Final = 10_000.0
DELAY_P95_S: Final = 3.0
SWEEP_S: Final = 5.0

ALERTS_FIGURES: Final = (
    Figure("queue.samples", "a queue judged by one core, all rules", "samples/s", 0, JUDGED_PER_S),
    Figure("queue.cpu", "… CPU of the engine a sample", "µs", 1, None, "less"),
    Figure("live.samples", "offered beside it, judged", "samples/s", 0, None, "none"),
    Figure("live.cpu_pct", "… CPU of the engine, of one core", "%", 0, None, "less"),
    Figure("live.p50", "COMMIT → alert committed, p50", "s", 2, None, "less"),
    Figure("live.p95", "COMMIT → alert committed, p95", "s", 2, DELAY_P95_S, "less"),
    Figure("live.findings", "… findings measured", "", 0, None, "none"),
    Figure("live.left", "… samples not judged at the end", "", 0, None, "less"),
    Figure("live.rss_mb", "memory of the engine, peak", "MB", 0, None, "less"),
    Figure("live.rss_growth", "… and its growth in the last third", "MB", 1, None, "less"),
    Figure("sweep.first_s", "sweep of all obligations, the first", "s", 1, SWEEP_S, "less"),
    Figure("sweep.first_raised", "… alerts it raised", "", 0, None, "none"),
    Figure("sweep.steady_s", "… once more, when nothing is new", "s", 2, SWEEP_S, "less"),
)


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """Two sweeps, one after the other."""

    first_s: float
    steady_s: float
    counts: dict[str, int]
    """Of the first."""
    steady_counts: dict[str, int]


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """An engine beside a writer."""

    written: Written
    worked: Worked


class AlertsResults(Measured, frozen=True, kw_only=True):
    """A bench of alerts, as it is written to its file."""

    data: AlertsData
    runs: list[dict[str, float]]
    """The figures of each run."""
    details: list[dict[str, Any]]


def figures_of_alerts(queue: Watched, live: Watched, swept: Swept) -> dict[str, float]:
    """All figures of a run; seconds, samples a second, MB (10⁶ bytes)."""
    worked = live.worked
    return {
        "queue.samples": queue.worked.samples / queue.worked.took_s,
        "queue.cpu": 1e6 * queue.worked.cpu_s / max(queue.worked.samples, 1),
        "live.samples": live.written.samples / live.written.took_s,
        "live.cpu_pct": 100 * worked.cpu_s / worked.took_s,
        "live.p50": median(worked.delays_s) if worked.delays_s else 0.0,
        "live.p95": p95(worked.delays_s),
        "live.findings": float(len(worked.delays_s)),
        "live.left": float(live.written.samples - worked.samples),
        "live.rss_mb": max((mb for _, mb in worked.rss_mb), default=0.0),
        "live.rss_growth": growth_of(worked.rss_mb),
        "sweep.first_s": swept.first_s,
        "sweep.first_raised": float(swept.counts.get("raised", 0)),
        "sweep.steady_s": swept.steady_s,
    }


def p95(delays_s: list[float]) -> float:
    """What nineteen of twenty do not exceed.

    >>> p95([1.0] * 96 + [9.0] * 4)
    1.0
    """
    if len(delays_s) < 2:
        return max(delays_s, default=0.0)
    return quantiles(delays_s, n=100, method="inclusive")[94]


def growth_of(memory: list[tuple[float, float]]) -> float:
    """By how much the peak of the last third is above that of the second.

    >>> growth_of([(0, 9), (1, 100), (2, 110), (3, 110), (4, 112), (5, 111)])
    2
    """
    third = len(memory) // 3
    if not third:
        return 0.0
    second, last = memory[third : 2 * third], memory[2 * third :]
    return max(mb for _, mb in last) - max(mb for _, mb in second)
