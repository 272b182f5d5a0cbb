"""What the bench reports: each figure's name, unit and target, and how runs become one number.

Pure. Decides targets, medians and whether a target is met; leaves out measuring and writing.
"""

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any, Final, Literal

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """One line of the report."""

    name: str
    label: str
    unit: str
    digits: int = 0
    target: float | None = None
    better: Literal["more", "less", "none"] = "more"

    def met_by(self, value: float) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.target is None:
            return None
        return value >= self.target if self.better == "more" else value <= self.target


FIGURES: Final = (
    Figure("sustained", "durable ingest, one sample a message, backlog flat", "msg/s", 0, 30_000),
    Figure("drain.ingest", "a queue at the broker, taken by ingest", "msg/s"),
    Figure("drain.bulk", "… by a null subscriber with our bulk reader", "msg/s"),
    Figure("drain.paho5", "… by a null subscriber of stock paho, MQTT 5", "msg/s"),
    Figure("drain.ratio_paho5", "a queue: ingest / null stock paho", "", 2, 0.6),
    Figure("drain.ratio_bulk", "a queue: ingest / null bulk reader", "", 2, 0.6),
    Figure("live.ingest", "publisher at full speed, taken by ingest", "msg/s"),
    Figure("live.bulk", "… by a null subscriber with our bulk reader", "msg/s"),
    Figure("live.paho5", "… by a null subscriber of stock paho, MQTT 5", "msg/s"),
    Figure("live.ratio_paho5", "live: ingest / null stock paho", "", 2, 0.6),
    Figure("live.ratio_bulk", "live: ingest / null bulk reader", "", 2, 0.6),
    Figure("batch10.sustained", "batches of 10 samples, backlog flat", "samples/s", 0, 150_000),
    Figure("batch10.drain", "batches of 10 samples, a queue taken", "samples/s"),
    Figure("copy.unindexed", "COPY limit: 30 columns, no index", "rows/s"),
    Figure("copy.merged", "COPY limit: staging, ON CONFLICT, COMMIT a batch", "rows/s"),
    Figure("copy.ratio", "ingest draining / COPY limit merged", "", 2),
    Figure("latency.p50", "publish → queryable at 10,000 msg/s, p50", "ms", 0, 250, "less"),
    Figure("latency.p99", "publish → queryable at 10,000 msg/s, p99", "ms", 0, 1_000, "less"),
    Figure("rows_per_cpu_s", "rows a CPU-second, ingest and database", "rows"),
    Figure("rows_per_cpu_s_all", "rows a CPU-second, broker and publisher too", "rows"),
    Figure("cpu.ingest", "CPU a message: ingest", "µs", 1, None, "less"),
    Figure("cpu.database", "CPU a message: database", "µs", 1, None, "less"),
    Figure("cpu.broker", "CPU a message: broker", "µs", 1, None, "less"),
    Figure("cpu.publisher", "CPU a message: publisher", "µs", 1, None, "less"),
    Figure("rss_peak", "memory of the ingest process, peak", "MB", 0, None, "less"),
    Figure("overload.factor", "overload: offered over committed", "×", 1, None, "none"),
    Figure("overload.rss_peak", "memory of ingest under overload, peak", "MB", 0, 250, "less"),
    Figure("overload.rss_growth", "… and its growth in the last third", "MB", 1, 10, "less"),
    Figure("queries.latest", "latest state of every vehicle, one query", "ms", 1, 50, "less"),
    Figure("queries.day_track", "one vehicle-day of track, warm", "ms", 1, 20, "less"),
    Figure("queries.load", "loading the table by COPY", "rows/s"),
    Figure(
        "queries.row_bytes", "on disk a row, uncompressed, with its key", "bytes", 0, None, "less"
    ),
)


class Spread(msgspec.Struct, frozen=True):
    """A figure over the runs."""

    median: float
    low: float
    high: float
    runs: int


def summarise(runs: Iterable[Mapping[str, float]]) -> dict[str, Spread]:
    """Median and range of every figure, over the runs that have it.

    >>> summarise([{"a": 1.0}, {"a": 4.0}, {"a": 2.0}])["a"]
    Spread(median=2.0, low=1.0, high=4.0, runs=3)
    """
    values: dict[str, list[float]] = {}
    for run in runs:
        for name, value in run.items():
            values.setdefault(name, []).append(value)
    return {
        name: Spread(median(found), min(found), max(found), len(found))
        for name, found in values.items()
    }


def add_ratios(figures: dict[str, float]) -> None:
    """The figures that follow from two others of the same run."""
    ratios = {
        "drain.ratio_paho5": ("drain.ingest", "drain.paho5"),
        "drain.ratio_bulk": ("drain.ingest", "drain.bulk"),
        "live.ratio_paho5": ("live.ingest", "live.paho5"),
        "live.ratio_bulk": ("live.ingest", "live.bulk"),
        "copy.ratio": ("drain.ingest", "copy.merged"),
    }
    for name, (above, below) in ratios.items():
        if above in figures and figures.get(below):
            figures[name] = figures[above] / figures[below]


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """What was wrong with the stored data in all runs together: all zero, or the bench failed."""

    runs: int
    keys: int
    lost: int
    duplicates: int
    invented: int
    refusals_lost: int
    refusals_invented: int
    wrong_answers: int


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """One rung of the ladder."""

    run: int
    rate_per_s: float
    """Messages offered."""
    samples_per_message: int
    outcome: str
    committed_per_s: float
    backlog_peak: int
    cpu_us: tuple[float, float, float, float]
    """A message: ingest, database, broker, publisher."""
    rss_peak_mb: float


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """When, on what and with what a bench was run."""

    measured_at: str
    seed: int
    settings: dict[str, Any]
    machine: dict[str, Any]
    versions: dict[str, str]


class Results(Measured, frozen=True, kw_only=True):
    """A bench, as it is written to its file."""

    runs: list[dict[str, float]]
    """The figures of each run."""
    faults: Faults
    ladder: list[Level] = []
    failures: list[str] = []
    """Parts that could not be measured, and why."""
    details: list[dict[str, Any]] = []
    """Everything each part returned; left out of the committed summary."""
