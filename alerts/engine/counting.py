"""What an engine did, counted once it is committed.

Leaves out what is counted beside it: `metrics.py`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from alerts.detectors.memory import Memory
from alerts.engine import store
from alerts.engine.findings import Said
from alerts.engine.metrics import EngineMetrics
from kit import clock


@dataclass(frozen=True, slots=True)
class Seen:
    """A cycle that judged something; `late` of its samples were history."""

    batches: Sequence[store.AnnouncedBatch]
    samples: int
    late: int
    said: Said
    now: datetime
    began_s: float

    def count(self, metrics: EngineMetrics) -> None:
        """It is in the database now."""
        took_s = clock.monotonic() - self.began_s
        metrics.batches_judged.inc(len(self.batches))
        metrics.samples_judged.inc(self.samples - self.late)
        metrics.samples_late.inc(self.late)
        metrics.findings.inc(len(self.said.findings))
        metrics.clearings.inc(len(self.said.clearings))
        metrics.cycle_seconds.observe(took_s)
        if self.said.findings:
            waited_s = (self.now - self.batches[0].written_at).total_seconds()
            for _ in self.said.findings:
                metrics.raise_delay_seconds.observe(max(waited_s, 0) + took_s)


@dataclass(slots=True)
class Uncommitted:
    """What was done since the last commit."""

    seen: list[Seen] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    """By what it is: findings (and clearings), rules."""

    def count(self, metrics: EngineMetrics) -> None:
        """All of it is committed."""
        for seen in self.seen:
            seen.count(metrics)
        for what, number in self.refused.items():
            metrics.refused.labels(what).inc(number)
        self.forget()

    def forget(self) -> None:
        """None of it is."""
        self.seen.clear()
        self.refused.clear()


def age_s(waiting: store.Waiting | None, now: datetime) -> float:
    """How long the oldest batch that waits has waited [s]."""
    if waiting is None or waiting.since is None:
        return 0.0
    return max((now - waiting.since).total_seconds(), 0.0)


def size_of(memory: Memory) -> int:
    """What a memory takes [bytes]."""
    frames: Iterable[pl.DataFrame] = (getattr(memory, name) for name in memory.__dataclass_fields__)
    return sum(int(frame.estimated_size()) for frame in frames)
