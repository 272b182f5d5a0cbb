"""The bench as a list: which parts run in which order, and which figures each gives.

A part that fails is noted and the others go on. Leaves out how a part measures.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from bench.copy_limit import measure_copy_limit
from bench.drained import Taken, take_with_ingest, take_with_nothing
from bench.figures import Faults, Level, add_ratios
from bench.null_subscriber import Client
from bench.offered import Offered, offer
from bench.processes import (
    RigFailed,
)
from bench.questions import Answers, ask
from bench.rig import (
    Rig,
)
from bench.verification import Verdict
from guanche.embedded import ServerFailed

OVERLOAD_RATE_PER_S = 30_000.0
YARDSTICKS: tuple[Client, ...] = ("bulk", "paho5")


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything."""

    vehicles: int = 30_000
    seconds: float = 20.0
    """Of each offered rate."""
    rates_per_s: tuple[float, ...] = (20_000, 25_000, 30_000, 35_000, 40_000)
    batch_rates_per_s: tuple[float, ...] = (5_000, 10_000, 15_000)
    """Messages of ten samples."""
    latency_rate_per_s: float = 10_000
    queued_messages: int = 150_000
    copied_rows: int = 600_000
    table_rows: int = 5_000_000


QUICK = Scale(
    seconds=4.0,
    rates_per_s=(10_000, 20_000),
    batch_rates_per_s=(5_000,),
    queued_messages=30_000,
    copied_rows=120_000,
    table_rows=300_000,
)

Figures = dict[str, float]
Part = Callable[["Course"], Figures]


class Course:
    """One run of the bench: what it may use, what it has found."""

    def __init__(
        self, rig: Rig, scale: Scale, *, number: int, seed: int, say: Callable[[str], None]
    ) -> None:
        self.number = number
        self.ladder: list[Level] = []
        self.rig = rig
        self.scale = scale
        self.seed = seed
        self.say = say
        self.figures: Figures = {}
        self.details: list[dict[str, Any]] = []
        self.failures: list[str] = []
        self.verdicts: list[Verdict] = []
        self.wrong_answers = 0

    def run(self, parts: dict[str, Part]) -> None:
        """Run the parts and work out the ratios."""
        for name, part in parts.items():
            self.say(name)
            try:
                self.figures |= part(self)
            except (RigFailed, ServerFailed, TimeoutError) as failure:
                self.failures.append(f"{name}: {failure}")
                self.say(f"[red]{name}: {failure}[/]")
        add_ratios(self.figures)

    def keep(self, part: str, result: Offered | Taken | Answers | Any) -> None:
        """Note everything a part returned, and its verdict."""
        self.details.append({"part": part, **msgspec.to_builtins(result)})
        verdict = getattr(result, "verdict", None)
        if verdict is not None:
            self.verdicts.append(verdict)
            if not verdict.sound:
                self.failures.append(f"{part}: the database does not hold what was sent: {verdict}")


def measure_copy(course: Course) -> Figures:
    """The COPY limit of the server."""
    limit = measure_copy_limit(course.rig, rows=course.scale.copied_rows, seed=course.seed)
    course.keep("copy", limit)
    return {"copy.unindexed": limit.unindexed_per_s, "copy.merged": limit.merged_per_s}


def measure_latency(course: Course) -> Figures:
    """Publish → queryable at a moderate rate."""
    scale = course.scale
    found = offer(
        course.rig,
        rate_per_s=scale.latency_rate_per_s,
        seconds=scale.seconds,
        seed=course.seed,
        probe=True,
    )
    course.keep("latency", found)
    assert found.latency is not None
    return {"latency.p50": found.latency.p50_ms, "latency.p99": found.latency.p99_ms}


def climb(course: Course) -> Figures:
    """Rates upwards until one is not sustained; costs are of the highest that was, or the first."""
    levels = _climb(course, "ladder", course.scale.rates_per_s, 1, course.scale.seconds)
    sustained = [level for level in levels if level.sustained]
    found = sustained[-1] if sustained else levels[0]
    cpu = found.cpu_us_per_message
    return {
        "sustained": found.rate_per_s if sustained else 0.0,
        "rows_per_cpu_s": found.samples_per_cpu_s,
        "rows_per_cpu_s_all": 1e6 / cpu.total,
        "cpu.ingest": cpu.ingest,
        "cpu.database": cpu.database,
        "cpu.broker": cpu.broker,
        "cpu.publisher": cpu.publisher,
        "rss_peak": found.rss_peak_mb,
    }


def climb_in_batches(course: Course) -> Figures:
    """The same with ten samples a message, and half as long."""
    rates, seconds = course.scale.batch_rates_per_s, course.scale.seconds / 2
    levels = _climb(course, "batch10", rates, 10, seconds)
    return {"batch10.sustained": max([0.0, *(x.rate_per_s * 10 for x in levels if x.sustained)])}


def _climb(
    course: Course, part: str, rates_per_s: tuple[float, ...], samples: int, seconds: float
) -> list[Offered]:
    """Every rate tried, the first that is not sustained included."""
    levels: list[Offered] = []
    for rate_per_s in rates_per_s:
        found = offer(
            course.rig,
            rate_per_s=rate_per_s,
            seconds=seconds,
            seed=course.seed,
            samples_per_message=samples,
        )
        course.keep(part, found)
        levels.append(found)
        outcome = found.why_not or "sustained"
        course.say(f"  {rate_per_s:,.0f} msg/s × {samples}: {outcome}")
        course.ladder.append(
            Level(
                run=course.number,
                rate_per_s=rate_per_s,
                samples_per_message=samples,
                outcome=outcome,
                committed_per_s=found.committed_per_s,
                backlog_peak=found.backlog_peak,
                cpu_us=msgspec.structs.astuple(found.cpu_us_per_message),
                rss_peak_mb=found.rss_peak_mb,
            )
        )
        if not found.sustained:
            break
    return levels


def drain(course: Course) -> Figures:
    """A queue taken by ingest and by subscribers that do nothing."""
    return _take(course, "drain", live=False)


def keep_up(course: Course) -> Figures:
    """The same with the publisher at full speed beside it."""
    return _take(course, "live", live=True)


def _take(course: Course, part: str, *, live: bool) -> Figures:
    rig, messages, seed = course.rig, course.scale.queued_messages, course.seed
    taken = take_with_ingest(rig, messages=messages, seed=seed, live=live)
    course.keep(f"{part}.ingest", taken)
    figures = {f"{part}.ingest": taken.per_s}
    for client in YARDSTICKS:
        with rig.broker() as broker:
            null = take_with_nothing(
                broker,
                vehicles=rig.vehicles,
                client=client,
                messages=messages,
                seed=seed,
                live=live,
            )
        course.keep(f"{part}.{client}", null)
        figures[f"{part}.{client}"] = null.per_s
    return figures


def drain_batches(course: Course) -> Figures:
    """A queue of messages with ten samples each."""
    taken = take_with_ingest(
        course.rig,
        messages=course.scale.queued_messages // 5,
        seed=course.seed,
        live=False,
        samples_per_message=10,
    )
    course.keep("batch10.drain", taken)
    return {"batch10.drain": taken.per_s * 10}


def overload(course: Course) -> Figures:
    """Ten times what the database takes: it stands still nine tenths of the time."""
    found = offer(
        course.rig,
        rate_per_s=OVERLOAD_RATE_PER_S,
        seconds=course.scale.seconds,
        seed=course.seed,
        throttle_database=True,
    )
    course.keep("overload", found)
    return {
        "overload.factor": OVERLOAD_RATE_PER_S / max(found.committed_per_s, 1.0),
        "overload.rss_peak": found.rss_peak_mb,
        "overload.rss_growth": found.rss_growth_mb,
    }


def question(course: Course) -> Figures:
    """Answers from a full table."""
    answers = ask(course.rig, rows=course.scale.table_rows, seed=course.seed)
    course.keep("queries", answers)
    course.wrong_answers += answers.wrong
    if answers.wrong:
        course.failures.append(f"queries: {answers.wrong} answers are wrong")
    return {
        "queries.latest": answers.latest_states.median_ms,
        "queries.day_track": answers.day_track.median_ms,
        "queries.load": answers.load_rows_per_s,
        "queries.row_bytes": answers.bytes_per_row,
    }


REPEATED: dict[str, Part] = {
    "copy": measure_copy,
    "latency": measure_latency,
    "drain": drain,
    "live": keep_up,
    "ladder": climb,
    "batch10": climb_in_batches,
    "batch10.drain": drain_batches,
}
ONCE: dict[str, Part] = {"overload": overload, "queries": question}
"""Parts that take long and vary little: in the first run only."""


def faults_of(courses: list[Course]) -> Faults:
    """What was wrong in all runs."""
    verdicts = [verdict for course in courses for verdict in course.verdicts]
    return Faults(
        runs=len(verdicts),
        keys=sum(v.stored + v.lost for v in verdicts),
        lost=sum(v.lost for v in verdicts),
        duplicates=sum(v.duplicates for v in verdicts),
        invented=sum(v.invented for v in verdicts),
        refusals_lost=sum(v.refusals_lost for v in verdicts),
        refusals_invented=sum(v.refusals_invented for v in verdicts),
        wrong_answers=sum(course.wrong_answers for course in courses),
    )
