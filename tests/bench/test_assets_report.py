"""How figures of assets become tables, and what of them is a loss."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from bench.assets_deriving import Derived
from bench.assets_figures import (
    ASSET_FIGURES,
    ASSET_QUESTIONS,
    AssetsResults,
    figures_of_deriving,
    figures_of_import,
    figures_of_month,
)
from bench.assets_import import Imported
from bench.assets_report import ASSETS_MARKERS, render_assets, write_assets_report
from bench.assets_server import AssetsData
from bench.assets_sql import MonthInSql, Way
from bench.report import MarkersMissing

DATA = AssetsData(
    storage="plain",
    vehicles=30_000,
    seed=1,
    today=date(2026, 11, 22),
    obligations=300_000,
    inspections=70_000,
    policies=130_000,
    maintenance_done=120_000,
    work_orders=5_500,
    load_s=150.0,
    bytes=400_000_000,
)
MONTH = MonthInSql(
    ways={"whole.root": Way(median_ms=250.0, p95_ms=300.0, executed_ms=90.0, rows=15_000)},
    plan=[f"line {n} {'x' * 200}" for n in range(50)] + ["Execution Time: 90.0 ms"],
)
DERIVED = Derived(
    vehicles=30_000,
    first_s=30.0,
    first_rows=200_000,
    first_cpu_s=20.0,
    again_s=15.0,
    again_rows=0,
    wrong=[],
)
IMPORTED = Imported(
    rows=50_000,
    bytes=6_000_000,
    check_s=25.0,
    apply_s=45.0,
    again_s=24.0,
    worker_cpu_s=50.0,
    database_cpu_s=30.0,
    check_rss_mb=300.0,
    apply_rss_mb=320.0,
    wrong=[],
)


def run(p95: float) -> dict[str, float]:
    return {
        "due.page.root.p50": 60.0,
        "due.page.root.p95": 90.0,
        "due.page.root.p99": 95.0,
        "due.page.root.bytes": 4_321.0,
        "due.counts.operator.p50": 60.0,
        "due.counts.operator.p95": p95,
        "due.counts.operator.p99": 400.0,
        **figures_of_month(MONTH),
        **figures_of_deriving(DERIVED),
        **figures_of_import(IMPORTED),
    }


RESULTS = AssetsResults(
    measured_at="2026-11-22T06:00:00+00:00",
    seed=1,
    settings={"API processes": 1},
    machine={"cores": 2},
    versions={"python": "3.11"},
    data=DATA,
    sheet_rows=50_000,
    sheet_bytes=6_000_000,
    runs=[run(150.0), run(250.0), run(300.0)],
    judged=123,
    wrong=["a month of head-office: 1 missing"],
    failures=["lists: no room"],
    plan=MONTH.plan,
    details=[{"part": "due"}],
)


@pytest.mark.parametrize(
    "line",
    [
        (
            "| due next month, first page, head office asks | 60.0 ms | 90.0 ms | 95.0 ms |"
            " 90.0 – 90.0 | 4.3 kB | ≤ 200 ms | met |"
        ),
        (
            "| a month in SQL: all of it, head office | 250.0 ms | 250.0 – 250.0 | 3 | ≤ 200.0 ms |"
            " **missed** |"
        ),
        "| … items of that month | 15,000 | 15,000 – 15,000 | 3 |  |  |",
        (
            "| deriving what falls due from all papers, first | 1,000 vehicles/s | 1,000 – 1,000 |"
            " 3 |  |  |"
        ),
        (
            "| import of the sheet: looked at and applied | 70.0 s | 70.0 – 70.0 | 3 | ≤ 60.0 s |"
            " **missed** |"
        ),
        "| import: memory of its process, peak | 320 MB | 320 – 320 | 3 | ≤ 500 MB | met |",
        (
            "* Data: 30,000 vehicles of 240 organisations with 70,000 inspections, 130,000"
            " policies, 120,000 maintenance records, 5,500 work orders; 300,000 obligations"
            " follow from them; 400 MB with indexes. The sheet: 50,000 rows of 25 columns, 6.0 MB."
        ),
        "123 answers judged in 3 runs: **1 wrong**.",
        "* **counts of a month, an operator asks**: p95 250.0 ms, target ≤ 200 ms.",
        "* **a month in SQL: all of it, head office**: 250.0 ms, target ≤ 200.0 ms.",
        "* Wrong: a month of head-office: 1 missing",
        "* Not measured: lists: no room",
        "… 19 lines …",
        "Execution Time: 90.0 ms",
    ],
)
def test_the_report_says(line: str) -> None:
    assert line in render_assets(RESULTS).splitlines()


def test_without_a_loss_it_says_so() -> None:
    fine = msgspec.structs.replace(
        RESULTS, runs=[{"import.rss_mb": 1.0}], wrong=[], failures=[], plan=[]
    )
    assert (fine.sound, RESULTS.sound) == (True, False)
    assert "* No target was missed." in render_assets(fine).splitlines()
    assert "```" not in render_assets(fine)


def test_every_figure_has_its_own_name() -> None:
    names = [each.name for each in (*ASSET_FIGURES, *ASSET_QUESTIONS)]
    assert len(set(names)) == len(names)


def test_the_tables_stand_between_their_markers(tmp_path: Path) -> None:
    document, summary = tmp_path / "benchmarks.md", tmp_path / "assets.json"
    begin, end = ASSETS_MARKERS
    document.write_text(f"before\n{begin}\nold\n{end}\nafter\n", encoding="utf-8")
    write_assets_report(RESULTS, document=document, summary=summary)
    text = document.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{begin}\n\n")
    assert text.endswith(f"{end}\nafter\n")
    assert "old" not in text
    read = msgspec.json.decode(summary.read_bytes(), type=AssetsResults)
    assert (read.runs, read.details) == (RESULTS.runs, [])
    with pytest.raises(MarkersMissing):
        write_assets_report(RESULTS, document=summary, summary=summary)
