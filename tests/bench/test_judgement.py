"""What counts as sustained, and how figures become a report."""

from pathlib import Path

import msgspec
import pytest

from bench.figures import FIGURES, Faults, Level, Results, Spread, add_ratios, summarise
from bench.latency import quantile
from bench.offered import Sample, backlog_slope, judge
from bench.report import BEGIN, END, MarkersMissing, render, replace_table, write_report


def run_of(backlogs: list[int]) -> list[Sample]:
    """A look every half second at 10,000 msg/s."""
    return [
        Sample(0.5 * n, 5_000 * n, 5_000 * n - backlog, 100.0) for n, backlog in enumerate(backlogs)
    ]


@pytest.mark.parametrize(
    ("backlogs", "behind_s", "why"),
    [
        pytest.param([2_000, 2_500] * 20, 0.1, "", id="a saw-tooth of batches is flat"),
        pytest.param([9_000] * 5 + [2_000] * 25, 0.1, "", id="a slow start is forgiven"),
        pytest.param([200 * n for n in range(40)], 0.1, "the backlog grows by 400", id="growth"),
        pytest.param([0, 0, 0, 1_000, 3_000, 2_000], 0.1, "", id="a short run's saw-tooth"),
        pytest.param([12_000] * 30, 0.1, "12,000 messages wait at the end", id="flat, but a pile"),
        pytest.param([2_000] * 30, 1.5, "the publisher fell 1.5 s behind", id="not offered"),
    ],
)
def test_sustained_is_on_time_small_and_flat(
    backlogs: list[int], behind_s: float, why: str
) -> None:
    said = judge(run_of(backlogs), rate_per_s=10_000, behind_s=behind_s)
    assert said.startswith(why)
    assert bool(said) == bool(why)


def test_slope_is_messages_a_second() -> None:
    assert backlog_slope(run_of([100 * n for n in range(10)])) == pytest.approx(200.0)
    assert backlog_slope(run_of([7])) == 0.0


@pytest.mark.parametrize(
    ("share", "value"), [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0), (0.001, 1.0)]
)
def test_quantiles(share: float, value: float) -> None:
    assert quantile([float(n) for n in range(1, 101)], share) == value


def test_medians_ignore_runs_without_the_figure() -> None:
    spreads = summarise([{"a": 3.0, "b": 1.0}, {"a": 1.0}, {"a": 2.0}])
    assert spreads == {"a": Spread(2.0, 1.0, 3.0, 3), "b": Spread(1.0, 1.0, 1.0, 1)}


def test_ratios_follow_from_the_same_run() -> None:
    figures = {"drain.ingest": 30.0, "drain.paho5": 40.0, "copy.merged": 300.0}
    add_ratios(figures)
    assert figures["drain.ratio_paho5"] == 0.75
    assert figures["copy.ratio"] == 0.1
    assert "live.ratio_paho5" not in figures


def test_every_figure_has_its_own_name_and_a_ratio_its_own_label() -> None:
    names = [figure.name for figure in FIGURES]
    assert len(set(names)) == len(names)
    labels = [figure.label for figure in FIGURES if figure.target is not None]
    assert len(set(labels)) == len(labels)


def test_both_null_subscribers_have_the_same_target() -> None:
    targets = {figure.name: figure.target for figure in FIGURES if ".ratio_" in figure.name}
    assert targets == dict.fromkeys(
        ("drain.ratio_paho5", "drain.ratio_bulk", "live.ratio_paho5", "live.ratio_bulk"), 0.6
    )


RESULTS = Results(
    measured_at="2026-11-21T23:00:00+00:00",
    seed=1,
    settings={"fsync": "on"},
    machine={"cores": 2},
    versions={"python": "3.11"},
    runs=[
        {
            "batch10.sustained": 90_000.0,
            "latency.p50": 200.0,
            "cpu.ingest": 20.04,
            "drain.ratio_bulk": 0.3,
            "copy.ratio": 0.1,
        },
        {
            "batch10.sustained": 95_000.0,
            "latency.p50": 240.0,
            "cpu.ingest": 25.0,
            "drain.ratio_bulk": 0.2,
        },
        {
            "batch10.sustained": 80_000.0,
            "latency.p50": 210.0,
            "cpu.ingest": 21.0,
            "drain.ratio_bulk": 0.2,
        },
    ],
    faults=Faults(
        runs=3,
        keys=1_234_567,
        lost=0,
        duplicates=0,
        invented=0,
        refusals_lost=0,
        refusals_invented=0,
        wrong_answers=0,
    ),
    ladder=[
        Level(
            run=1,
            rate_per_s=20_000,
            samples_per_message=1,
            outcome="sustained",
            committed_per_s=19_876.5,
            backlog_peak=6_543,
            cpu_us=(20.0, 19.5, 7.0, 6.0),
            rss_peak_mb=120.4,
        )
    ],
    failures=["queries: no room"],
    details=[{"part": "ladder"}],
)


@pytest.mark.parametrize(
    "line",
    [
        (
            "| batches of 10 samples, backlog flat | 90,000 samples/s | 80,000 – 95,000 | 3 |"
            " ≥ 150,000 samples/s | **missed** |"
        ),
        "| publish → queryable at 10,000 msg/s, p50 | 210 ms | 200 – 240 | 3 | ≤ 250 ms | met |",
        "| CPU a message: ingest | 21.0 µs | 20.0 – 25.0 | 3 |  |  |",
        (
            "* **batches of 10 samples, backlog flat**: 90,000 samples/s,"
            " target ≥ 150,000 samples/s."
        ),
        "| a queue: ingest / null bulk reader | 0.20 | 0.20 – 0.30 | 3 | ≥ 0.60 | **missed** |",
        "* **a queue: ingest / null bulk reader**: 0.20, target ≥ 0.60.",
        "* Ingest drains at 10% of what the database takes when no Python stands before it.",
        "* Not measured: queries: no room",
        "| 20,000 × 1 | 1 | sustained | 19,876 | 6,543 | 20.0 / 19.5 / 7.0 / 6.0 | 120 |",
        (
            "1,234,567 keys compared in 3 runs: **0 lost, 0 duplicate, 0 invented**;"
            " refusals 0 lost, 0 invented; 0 wrong answers."
        ),
    ],
)
def test_the_report_says(line: str) -> None:
    assert line in render(RESULTS).splitlines()


def test_the_table_goes_between_its_markers() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert replace_table(text, "new\n") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    twice = replace_table(replace_table(text, "new\n"), "newer\n")
    assert twice == f"before\n{BEGIN}\n\nnewer\n\n{END}\nafter\n"


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END}{BEGIN}"])
def test_a_document_without_markers_is_refused(text: str) -> None:
    with pytest.raises(MarkersMissing):
        replace_table(text, "new")


def test_the_summary_has_figures_and_no_details(tmp_path: Path) -> None:
    document, summary = tmp_path / "benchmarks.md", tmp_path / "benchmarks.json"
    document.write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    write_report(RESULTS, document=document, summary=summary)
    read = msgspec.json.decode(summary.read_bytes(), type=Results)
    assert read.runs == RESULTS.runs
    assert read.details == []
    assert "1,234,567 keys" in document.read_text(encoding="utf-8")
