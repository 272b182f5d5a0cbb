"""The assets' figures as tables: in `docs/benchmarks.md` between their own markers.

Decides what counts as a loss and how much of a plan is shown. Pure but for `write_assets_report`.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from bench.api_figures import Question
from bench.api_report import render_question
from bench.assets_figures import ASSET_FIGURES, ASSET_QUESTIONS, AssetsResults, short_of
from bench.figures import Spread, summarise
from bench.report import DOCUMENT, RESULTS, format_target, format_value, render_row, render_setting
from bench.report import replace_table as replace_between

ASSETS_MARKERS: Final = ("<!-- fleetbench-assets:begin -->", "<!-- fleetbench-assets:end -->")
ASSETS_SUMMARY: Final = DOCUMENT.with_name("benchmarks-assets.json")
ASSETS_RESULTS: Final = RESULTS / "assets"
_PLAN_WIDTH: Final = 100
_PLAN_LINES: Final = 32


def write_assets_report(
    results: AssetsResults, *, document: Path = DOCUMENT, summary: Path = ASSETS_SUMMARY
) -> None:
    """Put the tables into the document, and the results without details beside it.

    Raises:
        MarkersMissing: the document has no place for them.
    """
    text = document.read_text(encoding="utf-8")
    table = replace_between(text, render_assets(results), ASSETS_MARKERS)
    document.write_text(table, encoding="utf-8")
    encoded = msgspec.json.encode(short_of(results))
    summary.write_bytes(msgspec.json.format(encoded, indent=2) + b"\n")


def render_assets(results: AssetsResults) -> str:
    """Everything between the markers, as Markdown."""
    spreads = summarise(results.runs)
    asked = (q for q in ASSET_QUESTIONS if f"{q.name}.p95" in spreads)
    return "\n".join(
        [
            *render_setting(results),
            f"* Data: {describe_data(results)}",
            "",
            "| One request at a time | p50 | p95 | p99 | p95, range | Answer | Target, p95 | |",
            "|---|--:|--:|--:|--:|--:|--:|---|",
            *(render_question(question, spreads) for question in asked),
            "",
            "| Figure | Median | Range | Runs | Target | |",
            "|---|--:|--:|--:|--:|---|",
            *(render_row(f, spreads[f.name]) for f in ASSET_FIGURES if f.name in spreads),
            "",
            _render_verdict(results),
            "",
            *_render_plan(results.plan),
            "### Where assets lose",
            "",
            *(f"* {line}" for line in find_losses(results, spreads)),
            "",
        ]
    )


def _render_verdict(results: AssetsResults) -> str:
    answers = f"{results.judged:,} answers judged in {len(results.runs)} runs"
    return f"{answers}: **{len(results.wrong)} wrong**."


def describe_data(results: AssetsResults) -> str:
    """How much was on record, and in the sheet."""
    data = results.data
    return (
        f"{data.vehicles:,} vehicles of 240 organisations with {data.inspections:,} inspections,"
        f" {data.policies:,} policies, {data.maintenance_done:,} maintenance records,"
        f" {data.work_orders:,} work orders; {data.obligations:,} obligations follow from them;"
        f" {data.bytes / 1e6:,.0f} MB with indexes. The sheet: {results.sheet_rows:,} rows of 25"
        f" columns, {results.sheet_bytes / 1e6:.1f} MB."
    )


def find_losses(results: AssetsResults, spreads: Mapping[str, Spread]) -> list[str]:
    """Targets missed, answers that were wrong, and what could not be measured."""
    losses = [
        f"**{_named(question)}**: p95 {spreads[f'{question.name}.p95'].median:,.1f} ms,"
        f" target ≤ {question.target_ms:,.0f} ms."
        for question in ASSET_QUESTIONS
        if question.target_ms is not None
        and f"{question.name}.p95" in spreads
        and spreads[f"{question.name}.p95"].median > question.target_ms
    ]
    losses += [
        f"**{f.label}**: {format_value(f, spreads[f.name].median)}, target {format_target(f)}."
        for f in ASSET_FIGURES
        if f.name in spreads and f.met_by(spreads[f.name].median) is False
    ]
    losses += [f"Wrong: {sentence}" for sentence in results.wrong[:10]]
    losses += [f"Not measured: {failure}" for failure in results.failures]
    return losses or ["No target was missed."]


def _named(question: Question) -> str:
    """Its label, with that of the question it follows where it goes on from that one."""
    if not question.label.startswith("…"):
        return question.label
    first = question.name.rpartition(".")[0]
    above = next(each for each in ASSET_QUESTIONS if each.name.startswith(first))
    return above.label.rpartition(", ")[0] + question.label.replace("… ", ", ")


def executed(plan: Iterable[str]) -> Iterator[str]:
    """The lines of a plan without what was never executed, and what stands below that.

    >>> list(executed(["Append (actual rows=1)", "  ->  Scan (never executed)", "        Filter: x",
    ...                "  ->  Result (actual rows=1)"]))
    ['Append (actual rows=1)', '  ->  Result (actual rows=1)']
    """
    skipped_from: int | None = None
    for line in plan:
        depth = len(line) - len(line.lstrip())
        if skipped_from is not None and depth > skipped_from:
            continue
        skipped_from = depth if "(never executed)" in line else None
        if skipped_from is None:
            yield line


def _render_plan(plan: list[str]) -> list[str]:
    if not plan:
        return []
    lines = [
        line if len(line) <= _PLAN_WIDTH else f"{line[:_PLAN_WIDTH]} …" for line in executed(plan)
    ]
    hidden = len(lines) - _PLAN_LINES
    if hidden > 0:
        lines = [*lines[: _PLAN_LINES - 2], f"… {hidden} lines …", *lines[-2:]]
    heading = "### A month's first page, the head office asks"
    return [heading, "", "What was never executed is left out.", "", "```", *lines, "```", ""]
