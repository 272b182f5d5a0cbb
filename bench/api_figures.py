"""What the API's bench reports: names, units and targets, and the shape of its results.

Pure. Leaves out measuring and writing.
"""

from typing import Any, Final

import msgspec

from bench.api_barrier import Barrier
from bench.api_dataset import Dataset
from bench.api_live import Live
from bench.api_mixed import Mixed
from bench.api_questions import Answered
from bench.figures import Figure, Measured

LIST_MS: Final = 50.0
MAP_MS: Final = 300.0
TRACK_MS: Final = 50.0
MAP_BYTES: Final = 1_500_000.0
MIXED_PER_S: Final = 195.0
"""Of 200 offered: the last answer comes after the last request."""


class Question(msgspec.Struct, frozen=True):
    """A kind of question, asked one at a time."""

    name: str
    label: str
    target_ms: float | None = None
    """Of the 95th percentile."""


QUESTIONS: Final = (
    Question("list.first", "vehicles, first page, head office asks", LIST_MS),
    Question("list.deep", "vehicles, a page of the second half", LIST_MS),
    Question("list.organisation", "vehicles of an operator", LIST_MS),
    Question("list.state", "vehicles that move, or charge", LIST_MS),
    Question("list.search", "vehicles by part of plate, VIN or model", LIST_MS),
    Question("list.sorted", "vehicles in order of charge", LIST_MS),
    Question("list.operator", "vehicles, first page, an operator asks", LIST_MS),
    Question("counts.root", "counts by state, head office asks"),
    Question("counts.operator", "counts by state, an operator asks"),
    Question("detail", "one vehicle"),
    Question("positions.columns", "all positions, columns", MAP_MS),
    Question("positions.geojson", "all positions, GeoJSON", MAP_MS),
    Question("track.busy", "day track, a sample every 30 s", TRACK_MS),
    Question("track.busy.first", "… first look, from disk"),
    Question("track.quick", "day track, a sample every 10 s", TRACK_MS),
    Question("track.quick.first", "… first look, from disk"),
    Question("signals", "a day of two signals, a sample every 30 s"),
)

API_FIGURES: Final = (
    Figure(
        "positions.columns.bytes", "all positions: columns, gzip", "bytes", 0, MAP_BYTES, "less"
    ),
    Figure(
        "positions.geojson.bytes", "all positions, GeoJSON, gzip", "bytes", 0, MAP_BYTES, "less"
    ),
    Figure("mixed.rate", "mixed load: answered", "requests/s", 1, MIXED_PER_S),
    Figure("mixed.errors", "mixed load: errors", "", 0, 0, "less"),
    Figure("mixed.p50", "mixed load: due → answered, p50", "ms", 1, None, "less"),
    Figure("mixed.p95", "mixed load: due → answered, p95", "ms", 1, None, "less"),
    Figure("mixed.p99", "mixed load: due → answered, p99", "ms", 1, None, "less"),
    Figure("mixed.late", "mixed load: sent late by the bench, p99", "ms", 1, None, "less"),
    Figure("mixed.api_cpu", "mixed load: cores used by the API", "", 2, None, "less"),
    Figure("mixed.database_cpu", "mixed load: cores used by the database", "", 2, None, "less"),
    Figure("mixed.cpu_ms", "mixed load: CPU of the API a request", "ms", 2, None, "less"),
    Figure("live.changes", "live feed: changes of state", "/s", 0, None, "none"),
    Figure("live.told", "live feed: told to all clients together", "/s", 0, None, "none"),
    Figure("live.p50", "live feed: change → client, p50", "ms", 0, None, "less"),
    Figure("live.p95", "live feed: change → client, p95", "ms", 0, 1_000, "less"),
    Figure("live.p99", "live feed: change → client, p99", "ms", 0, None, "less"),
    Figure("live.dropped", "live feed: clients dropped", "", 0, 0, "less"),
    Figure("live.missing", "live feed: changes not told", "", 0, 0, "less"),
    Figure("live.api_cpu", "live feed: cores used by the API", "", 2, None, "less"),
    Figure("barrier.track.table", "day track in SQL, tables as the owner", "ms", 2, None, "less"),
    Figure("barrier.track.operator", "… through the barrier, an operator / owner", "", 2),
    Figure("barrier.track.root", "… through the barrier, head office / owner", "", 2),
    Figure("barrier.own.table", "latest states of an operator, owner by a filter", "ms", 2),
    Figure("barrier.own.operator", "… through the barrier / owner", "", 2),
    Figure("barrier.all.table", "latest states of all, owner", "ms", 2),
    Figure("barrier.all.root", "… through the barrier, head office / owner", "", 2),
    Figure("load.rate", "loading by SQL, fsync on", "samples/s", 0, None, "none"),
    Figure("load.bytes", "on disk a sample, with its key", "bytes", 0, None, "less"),
)


class ApiResults(Measured, frozen=True, kw_only=True):
    """A bench of the API, as it is written to its file."""

    dataset: Dataset
    runs: list[dict[str, float]]
    """The figures of each run."""
    judged: int
    """Answers compared with the tables."""
    wrong: list[str]
    failures: list[str]
    """Parts that could not be measured, and why."""
    barrier: Barrier | None
    """Of the last run, for its plan."""
    details: list[dict[str, Any]]
    """Everything each part returned; left out of the committed summary."""

    @property
    def sound(self) -> bool:
        """Whether every part ran and every answer was right."""
        return not self.wrong and not self.failures


def figures_of_answers(answered: Answered) -> dict[str, float]:
    """Percentiles by question, and sizes."""
    figures: dict[str, float] = {}
    for name, timing in answered.timings.items():
        figures |= {f"{name}.p50": timing.p50_ms, f"{name}.p95": timing.p95_ms}
        figures |= {f"{name}.p99": timing.p99_ms, f"{name}.bytes": float(timing.bytes)}
    return figures


def figures_of_mixed(mixed: Mixed) -> dict[str, float]:
    """The mixed load's."""
    return {
        "mixed.rate": mixed.rate_per_s,
        "mixed.errors": float(mixed.errors),
        "mixed.p50": mixed.p50_ms,
        "mixed.p95": mixed.p95_ms,
        "mixed.p99": mixed.p99_ms,
        "mixed.late": mixed.late_p99_ms,
        "mixed.api_cpu": mixed.api_cpu,
        "mixed.database_cpu": mixed.database_cpu,
        "mixed.cpu_ms": mixed.cpu_ms_per_request,
    }


def figures_of_live(live: Live) -> dict[str, float]:
    """The live feed's."""
    return {
        "live.changes": live.changes_per_s,
        "live.told": live.told_per_s,
        "live.p50": live.p50_ms,
        "live.p95": live.p95_ms,
        "live.p99": live.p99_ms,
        "live.dropped": float(live.dropped),
        "live.missing": float(live.missing),
        "live.api_cpu": live.api_cpu,
    }


def figures_of_barrier(barrier: Barrier) -> dict[str, float]:
    """The barrier's: the owner's times, and how many times as long others take."""
    track, states = barrier.track, barrier.states
    pairs = {
        "barrier.track": (track["table"], {"operator": track["operator"], "root": track["root"]}),
        "barrier.own": (states["table of operator"], {"operator": states["operator"]}),
        "barrier.all": (states["table"], {"root": states["root"]}),
    }
    figures: dict[str, float] = {}
    for name, (table, through) in pairs.items():
        figures[f"{name}.table"] = table.median_ms
        for way, found in through.items():
            figures[f"{name}.{way}"] = found.median_ms / table.median_ms
    return figures


def figures_of_dataset(dataset: Dataset) -> dict[str, float]:
    """How it was loaded, for the first run."""
    return {
        "load.rate": dataset.samples / dataset.load_s,
        "load.bytes": dataset.bytes / dataset.samples,
    }
