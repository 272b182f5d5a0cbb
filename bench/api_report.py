"""The API's figures as tables: in `docs/benchmarks.md` between their own markers.

Decides what counts as a loss and how much of a plan is shown. Pure but for `write_api_report`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from bench.api_figures import API_FIGURES, QUESTIONS, ApiResults, Question
from bench.figures import Spread, summarise
from bench.report import DOCUMENT, RESULTS, format_target, format_value, render_row, render_setting
from bench.report import replace_table as replace_between

MARKERS: Final = ("<!-- fleetbench-api:begin -->", "<!-- fleetbench-api:end -->")
API_SUMMARY: Final = DOCUMENT.with_name("benchmarks-api.json")
API_RESULTS: Final = RESULTS / "api"
_PLAN_WIDTH: Final = 100
_PLAN_LINES: Final = 24


def write_api_report(
    results: ApiResults, *, document: Path = DOCUMENT, summary: Path = API_SUMMARY
) -> None:
    """Put the tables into the document, and the results without details beside it.

    Raises:
        MarkersMissing: the document has no place for them.
    """
    text = document.read_text(encoding="utf-8")
    document.write_text(replace_between(text, render_api(results), MARKERS), encoding="utf-8")
    # Where the data lay is of this machine, and of no interest to a reader.
    dataset = msgspec.structs.replace(results.dataset, place="")
    short = msgspec.structs.replace(results, details=[], dataset=dataset)
    summary.write_bytes(msgspec.json.format(msgspec.json.encode(short), indent=2) + b"\n")


def render_api(results: ApiResults) -> str:
    """Everything between the markers, as Markdown."""
    spreads = summarise(results.runs)
    return "\n".join(
        [
            *render_setting(results),
            f"* Data: {_describe_data(results)}",
            "",
            "| One request at a time | p50 | p95 | p99 | p95, range | Answer | Target, p95 | |",
            "|---|--:|--:|--:|--:|--:|--:|---|",
            *(render_question(q, spreads) for q in QUESTIONS if f"{q.name}.p95" in spreads),
            "",
            "| Figure | Median | Range | Runs | Target | |",
            "|---|--:|--:|--:|--:|---|",
            *(render_row(f, spreads[f.name]) for f in API_FIGURES if f.name in spreads),
            "",
            _render_verdict(results),
            "",
            *_render_plan(results),
            "### Where the API loses",
            "",
            *(f"* {line}" for line in find_api_losses(results, spreads)),
            "",
        ]
    )


def find_api_losses(results: ApiResults, spreads: Mapping[str, Spread]) -> list[str]:
    """Targets missed, answers that were wrong, and what could not be measured."""
    losses = [
        f"**{question.label}**: p95 {spreads[f'{question.name}.p95'].median:,.1f} ms,"
        f" target ≤ {question.target_ms:,.0f} ms."
        for question in QUESTIONS
        if _met(question, spreads) is False
    ]
    losses += [
        f"**{f.label}**: {format_value(f, spreads[f.name].median)}, target {format_target(f)}."
        for f in API_FIGURES
        if f.name in spreads and f.met_by(spreads[f.name].median) is False
    ]
    losses += [f"Wrong: {sentence}" for sentence in results.wrong[:10]]
    losses += [f"Not measured: {failure}" for failure in results.failures]
    return losses or ["No target was missed."]


def _met(question: Question, spreads: Mapping[str, Spread]) -> bool | None:
    spread = spreads.get(f"{question.name}.p95")
    if question.target_ms is None or spread is None:
        return None
    return spread.median <= question.target_ms


def render_question(question: Question, spreads: Mapping[str, Spread]) -> str:
    """A line of a table of questions."""
    p50, p95, p99 = (spreads[f"{question.name}.{share}"] for share in ("p50", "p95", "p99"))
    size = spreads.get(f"{question.name}.bytes")
    cells = (
        question.label,
        *(f"{spread.median:,.1f} ms" for spread in (p50, p95, p99)),
        f"{p95.low:,.1f} – {p95.high:,.1f}" if p95.runs > 1 else "",
        "" if size is None else f"{size.median / 1000:,.1f} kB",
        "" if question.target_ms is None else f"≤ {question.target_ms:,.0f} ms",
        {True: "met", False: "**missed**", None: ""}[_met(question, spreads)],
    )
    return f"| {' | '.join(cells)} |"


def _render_verdict(results: ApiResults) -> str:
    answers = f"{results.judged:,} answers judged in {len(results.runs)} runs"
    return f"{answers}: **{len(results.wrong)} wrong**."


def _describe_data(results: ApiResults) -> str:
    data = results.dataset
    sending = ", ".join(f"{c.vehicles:,} every {c.period_s:,} s" for c in data.cohorts)
    days = (data.until_at - data.from_at).days
    return (
        f"{data.samples:,} samples of {data.vehicles:,} vehicles in {days} days ({sending}),"
        f" {data.bytes / 1e9:.1f} GB with indexes, loaded in {data.load_s:,.0f} s."
    )


def _render_plan(results: ApiResults) -> list[str]:
    barrier = results.barrier
    if barrier is None:
        return []
    lines = [
        line if len(line) <= _PLAN_WIDTH else f"{line[:_PLAN_WIDTH]} …" for line in barrier.plan
    ]
    hidden = len(lines) - _PLAN_LINES
    if hidden > 0:
        lines = [*lines[: _PLAN_LINES - 2], f"… {hidden} lines …", *lines[-2:]]
    return [
        "### A day's track through the barrier",
        "",
        f"Acting for an operator, {barrier.chunks_read} of {barrier.chunks} chunks are read:",
        "",
        "```",
        *lines,
        "```",
        "",
    ]
