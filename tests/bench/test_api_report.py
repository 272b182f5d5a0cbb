"""How figures of the API become tables, and what of them is a loss."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from bench.api_barrier import Barrier, Way, chunks_in
from bench.api_dataset import Cohort, Dataset
from bench.api_figures import API_FIGURES, QUESTIONS, ApiResults, figures_of_barrier
from bench.api_report import MARKERS, render_api, write_api_report
from bench.report import BEGIN, END, MarkersMissing

PLAN = [
    "Sort (actual rows=2880 loops=1)",
    "  ->  Index Scan using telemetry_20261120_1200_pkey on telemetry_20261120_1200 telemetry_1",
    "        Index Cond: ((vehicle_id = '1'::bigint) AND (ts >= '2026-11-20 16:00:00+00'))",
    "  ->  Bitmap Heap Scan on _hyper_1_8_chunk (actual rows=2 loops=1)",
    '        ->  Bitmap Index Scan on "8_8_telemetry_pkey" (actual rows=2 loops=1)',
    "  ->  Index Only Scan using organisation_closure_pkey on organisation_closure",
    *(f"  line {n}" for n in range(30)),
    "Execution Time: 2.1 ms",
]


def way(median_ms: float) -> Way:
    return Way(median_ms=median_ms, p95_ms=9.0, rows=1)


BARRIER = Barrier(
    track={"table": way(2.0), "operator": way(2.5), "root": way(3.0)},
    states={"table of operator": way(1.0), "operator": way(1.5), "table": way(4.0), "root": way(5)},
    plan=PLAN,
    chunks=65,
    chunks_read=2,
    compared=10,
    wrong=0,
)
DATASET = Dataset(
    place="/nowhere",
    kind="postgresql",
    storage="plain",
    vehicles=30_000,
    seed=1,
    cohorts=[Cohort(231, 10), Cohort(29_769, 600)],
    from_at=datetime(2026, 11, 17, tzinfo=UTC),
    until_at=datetime(2026, 11, 22, tzinfo=UTC),
    handed_over_at=datetime(2026, 11, 19, tzinfo=UTC),
    samples=50_000_000,
    load_s=200.0,
    bytes=15_000_000_000,
)


def run(p95: float) -> dict[str, float]:
    return {
        "list.first.p50": 10.0,
        "list.first.p95": p95,
        "list.first.p99": 70.0,
        "list.first.bytes": 4_321.0,
        "mixed.errors": 2.0,
        "live.p95": 340.0,
        **figures_of_barrier(BARRIER),
    }


RESULTS = ApiResults(
    measured_at="2026-11-22T03:00:00+00:00",
    seed=1,
    settings={"API on core": 1},
    machine={"cores": 2},
    versions={"python": "3.11"},
    dataset=DATASET,
    runs=[run(40.0), run(55.5), run(60.0)],
    judged=12_345,
    wrong=["list: 1 foreign vehicles"],
    failures=["live: no room"],
    barrier=BARRIER,
    details=[{"part": "lists"}],
)


@pytest.mark.parametrize(
    "line",
    [
        (
            "| vehicles, first page, head office asks | 10.0 ms | 55.5 ms | 70.0 ms | 40.0 – 60.0 |"
            " 4.3 kB | ≤ 50 ms | **missed** |"
        ),
        "| mixed load: errors | 2 | 2 – 2 | 3 | ≤ 0 | **missed** |",
        "| live feed: change → client, p95 | 340 ms | 340 – 340 | 3 | ≤ 1,000 ms | met |",
        "| … through the barrier, an operator / owner | 1.25 | 1.25 – 1.25 | 3 |  |  |",
        "12,345 answers judged in 3 runs: **1 wrong**.",
        "Acting for an operator, 2 of 65 chunks are read:",
        (
            "* Data: 50,000,000 samples of 30,000 vehicles in 5 days (231 every 10 s, 29,769 every"
            " 600 s), 15.0 GB with indexes, loaded in 200 s."
        ),
        "* **vehicles, first page, head office asks**: p95 55.5 ms, target ≤ 50 ms.",
        "* **mixed load: errors**: 2, target ≤ 0.",
        "* Wrong: list: 1 foreign vehicles",
        "* Not measured: live: no room",
        "Execution Time: 2.1 ms",
        "… 13 lines …",
    ],
)
def test_the_report_says(line: str) -> None:
    assert line in render_api(RESULTS).splitlines()


def test_long_lines_of_a_plan_are_cut() -> None:
    assert max(map(len, render_api(RESULTS).split("```")[1].splitlines())) <= 102


def test_a_plans_chunks_are_counted_on_both_storages() -> None:
    assert chunks_in(PLAN) == {"telemetry_20261120_1200", "_hyper_1_8_chunk"}


def test_without_a_loss_it_says_so() -> None:
    fine = msgspec.structs.replace(
        RESULTS, runs=[{"live.p95": 1.0}], wrong=[], failures=[], barrier=None
    )
    assert fine.sound
    assert not RESULTS.sound
    assert "* No target was missed." in render_api(fine).splitlines()


def test_every_figure_has_its_own_name() -> None:
    names = [figure.name for figure in API_FIGURES] + [question.name for question in QUESTIONS]
    assert len(set(names)) == len(names)
    labels = [f.label for f in API_FIGURES if f.target is not None]
    labels += [question.label for question in QUESTIONS if question.target_ms is not None]
    assert len(set(labels)) == len(labels)
    assert [label for label in labels if label.startswith("…")] == []


def test_both_tables_stand_in_one_document(tmp_path: Path) -> None:
    document, summary = tmp_path / "benchmarks.md", tmp_path / "api.json"
    before = f"{BEGIN}\nours\n{END}\n{MARKERS[0]}\nold\n{MARKERS[1]}\nafter\n"
    document.write_text(before, encoding="utf-8")
    write_api_report(RESULTS, document=document, summary=summary)
    text = document.read_text(encoding="utf-8")
    assert text.startswith(f"{BEGIN}\nours\n{END}\n{MARKERS[0]}\n\n")
    assert text.endswith(f"{MARKERS[1]}\nafter\n")
    assert "old" not in text
    read = msgspec.json.decode(summary.read_bytes(), type=ApiResults)
    assert (read.runs, read.details) == (RESULTS.runs, [])
    with pytest.raises(MarkersMissing):
        write_api_report(RESULTS, document=summary, summary=summary)
