"""Results as a table: in the terminal's words and in `docs/benchmarks.md` between its markers.

Decides how figures are written and what counts as a loss. Pure but for `write_report`.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from bench.figures import FIGURES, Figure, Level, Measured, Results, Spread, summarise

BEGIN = "<!-- fleetbench:begin -->"
END = "<!-- fleetbench:end -->"
DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
SUMMARY = DOCUMENT.with_suffix(".json")
RESULTS = Path(__file__).with_name("results")


class MarkersMissing(ValueError):
    """The document lacks the two markers between which the table belongs."""


def write_report(results: Results, *, document: Path = DOCUMENT, summary: Path = SUMMARY) -> None:
    """Put the table into the document, and the results without details beside it.

    Raises:
        MarkersMissing: the document has no place for the table.
    """
    text = document.read_text(encoding="utf-8")
    document.write_text(replace_table(text, render(results)), encoding="utf-8")
    short = msgspec.structs.replace(results, details=[])
    summary.write_bytes(msgspec.json.format(msgspec.json.encode(short), indent=2) + b"\n")


def replace_table(text: str, table: str, markers: tuple[str, str] = (BEGIN, END)) -> str:
    """The document with another table between its markers.

    Raises:
        MarkersMissing: it has not both.
    """
    first, last = markers
    head, begin, rest = text.partition(first)
    _, end, tail = rest.partition(last)
    if not begin or not end:
        raise MarkersMissing(f"the document needs the lines {first} and {last}")
    return f"{head}{first}\n\n{table}\n{last}{tail}"


def newest_results(folder: Path = RESULTS) -> Path | None:
    """The last result file written."""
    return max(folder.glob("*.json"), default=None)


def render(results: Results) -> str:
    """Everything between the markers, as Markdown."""
    spreads = summarise(results.runs)
    return "\n".join(
        [
            *render_setting(results),
            "",
            "| Figure | Median | Range | Runs | Target | |",
            "|---|--:|--:|--:|--:|---|",
            *(render_row(f, spreads[f.name]) for f in FIGURES if f.name in spreads),
            "",
            *_render_faults(results),
            "",
            "### Rates offered",
            "",
            (
                "| msg/s × samples | Run | | Committed, msg/s | Backlog, peak"
                " | CPU µs/msg: ingest / database / broker / publisher | Memory of ingest, MB |"
            ),
            "|--:|--:|---|--:|--:|--:|--:|",
            *map(_render_level, results.ladder),
            "",
            "### Where we lose",
            "",
            *(f"* {line}" for line in find_losses(spreads, results)),
            "",
        ]
    )


def find_losses(spreads: Mapping[str, Spread], results: Results) -> list[str]:
    """Targets missed, and what the figures say against us even where no target does."""
    losses = [
        f"**{f.label}**: {format_value(f, spreads[f.name].median)}, target {format_target(f)}."
        for f in FIGURES
        if f.name in spreads and f.met_by(spreads[f.name].median) is False
    ]
    if "copy.ratio" in spreads:
        losses.append(
            f"Ingest drains at {spreads['copy.ratio'].median:.0%} of what the database takes"
            " when no Python stands before it."
        )
    losses += [f"Not measured: {failure}" for failure in results.failures]
    return losses or ["No target was missed."]


def format_value(figure: Figure, value: float) -> str:
    """A value with its unit."""
    return f"{value:,.{figure.digits}f} {figure.unit}".strip()


def format_target(figure: Figure) -> str:
    """A target with its direction, or nothing."""
    if figure.target is None:
        return ""
    return f"{'≥' if figure.better == 'more' else '≤'} {format_value(figure, figure.target)}"


def render_row(figure: Figure, spread: Spread) -> str:
    """A line of the table of figures."""
    met = {True: "met", False: "**missed**", None: ""}[figure.met_by(spread.median)]
    low, high = (f"{value:,.{figure.digits}f}" for value in (spread.low, spread.high))
    cells = (
        figure.label,
        format_value(figure, spread.median),
        f"{low} – {high}" if spread.runs > 1 else "",
        str(spread.runs),
        format_target(figure),
        met,
    )
    return f"| {' | '.join(cells)} |"


def _render_level(level: Level) -> str:
    cells = (
        f"{level.rate_per_s:,.0f} × {level.samples_per_message}",
        str(level.run),
        level.outcome,
        f"{level.committed_per_s:,.0f}",
        f"{level.backlog_peak:,}",
        " / ".join(f"{spent:.1f}" for spent in level.cpu_us),
        f"{level.rss_peak_mb:.0f}",
    )
    return f"| {' | '.join(cells)} |"


def render_setting(results: Measured) -> list[str]:
    """When, on what and with what it was measured."""
    machine = ", ".join(f"{name} {value}" for name, value in results.machine.items())
    versions = ", ".join(f"{name} {value}" for name, value in results.versions.items())
    settings = ", ".join(f"{name} = {value}" for name, value in results.settings.items())
    return [
        f"Measured {results.measured_at}, seed {results.seed}.",
        "",
        f"* Machine: {machine}.",
        f"* Versions: {versions}.",
        f"* Settings: {settings}.",
    ]


def _render_faults(results: Results) -> list[str]:
    faults = results.faults
    sentence = (
        f"{faults.keys:,} keys compared in {faults.runs} runs: **{faults.lost} lost,"
        f" {faults.duplicates} duplicate, {faults.invented} invented**; refusals"
        f" {faults.refusals_lost} lost, {faults.refusals_invented} invented;"
        f" {faults.wrong_answers} wrong answers."
    )
    return [sentence]
