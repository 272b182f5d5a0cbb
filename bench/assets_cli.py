"""`guanche bench assets`: runs the bench of assets, writes its results, renders them."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from bench.api_fleet import ORGANISATIONS
from bench.api_server import cores
from bench.assets_figures import ASSET_FIGURES, ASSET_QUESTIONS, AssetsResults
from bench.assets_report import ASSETS_RESULTS, write_assets_report
from bench.assets_server import COPIED_BY, AssetsRig, running_assets_rig
from bench.assets_sheet import plan_sheet, write_sheet
from bench.assets_suite import PARTS, AssetsCourse, AssetsScale
from bench.figures import summarise
from bench.machine import describe_machine, list_versions, load_1min
from bench.processes import RigFailed
from bench.report import DOCUMENT, MarkersMissing, format_target, format_value, newest_results
from bench.rig import SQL, Storage
from guanche.embedded import ServerFailed
from kit import clock

EXAMPLES = """
[bold]Examples[/]

$ guanche bench assets                             [dim]everything, three times[/]

$ guanche bench assets --vehicles 1000 --rows 1000 --runs 1   [dim]does it work?[/]

$ guanche bench assets --only due,sql --runs 1     [dim]the calendar of what falls due[/]

$ guanche bench assets report                      [dim]the newest results into the documents[/]
"""

assets_app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_show_locals=False)
_console = Console(stderr=True)


@assets_app.callback(invoke_without_command=True, epilog=EXAMPLES)
def bench_assets(  # noqa: PLR0917  (options, which typer passes by name)
    ctx: typer.Context,
    vehicles: Annotated[
        int, typer.Option(min=ORGANISATIONS, max=100_000, help="Vehicles on record.")
    ] = 30_000,
    rows: Annotated[
        int, typer.Option(min=100, max=100_000, help="Rows of the sheet that is brought in.")
    ] = 50_000,
    requests: Annotated[int, typer.Option(min=5, help="Requests of each kind.")] = 100,
    runs: Annotated[int, typer.Option(min=1, help="How often; medians and ranges follow.")] = 3,
    only: Annotated[str, typer.Option(help=f"Parts to run: {', '.join(PARTS)}.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed makes the same fleet.")] = 1,
    storage: Annotated[Storage, typer.Option(help="Database; auto = TimescaleDB if there.")] = (
        "auto"
    ),
    json: Annotated[bool, typer.Option("--json", help="Results on standard output.")] = False,
) -> int | None:
    """Measure assets: what falls due, daily lists, exports, deriving, a large sheet brought in.

    Writes the vehicle book of a company of 240 organisations into a server of its own, which is
    deleted at the end, and starts the real API on one core.
    """
    if ctx.invoked_subcommand is not None:
        return None
    names = set(re.split(r"[,\s]+", only)) - {""} or set(PARTS)
    if names - set(PARTS):
        raise typer.BadParameter(f"no part {', '.join(names - set(PARTS))}", param_hint="--only")
    try:
        results = run_assets_bench(
            AssetsScale(requests=requests),
            vehicles=vehicles,
            rows=rows,
            seed=seed,
            storage=storage,
            runs=runs,
            names=names,
            say=_console.print,
        )
    except (RigFailed, ServerFailed) as failure:
        _console.print(f"[red]{failure}[/]")
        return 1
    path = save_assets(results)
    if json:
        sys.stdout.write(msgspec.json.encode(results).decode() + "\n")
    _show(results)
    _console.print(f"written to {path}")
    return 0 if results.sound else 1


@assets_app.command()
def report(
    results: Annotated[
        Path | None, typer.Argument(help="A result file; the newest if not given.")
    ] = None,
) -> int:
    """Write the assets' tables of docs/benchmarks.md from a result file."""
    path = results or newest_results(ASSETS_RESULTS)
    if path is None:
        _console.print(f"no results in {ASSETS_RESULTS}: run `guanche bench assets` first")
        return 1
    try:
        write_assets_report(msgspec.json.decode(path.read_bytes(), type=AssetsResults))
    except (MarkersMissing, OSError, msgspec.DecodeError) as problem:
        _console.print(f"[red]{problem}[/]")
        return 1
    _console.print(f"{DOCUMENT.name} now shows {path.name}")
    return 0


def run_assets_bench(
    scale: AssetsScale,
    *,
    vehicles: int,
    rows: int,
    seed: int,
    storage: Storage,
    runs: int,
    names: set[str],
    say: Callable[[str], None],
) -> AssetsResults:
    """All runs on one server, each on a copy of what was loaded.

    Raises:
        ServerFailed: no such database on this machine.
    """
    began, busy = clock.now(), load_1min()
    with running_assets_rig(vehicles=vehicles, seed=seed, storage=storage, say=say) as rig:
        sheet, plan = rig.folder / "sheet.xlsx", plan_sheet(rows)
        write_sheet(sheet, rig.book, plan, seed=seed, today=rig.data.today)
        courses = []
        for number in range(1, runs + 1):
            say(f"[bold]run {number} of {runs}[/]")
            with rig.copied(f"run_{number}") as copy:
                course = AssetsCourse(
                    *(copy, scale, sheet.read_bytes(), plan),
                    number=number,
                    say=lambda words: say(f"  {words}"),
                )
                course.run(names)
            courses.append(course)
        settings = {**_read_settings(rig), "rows": rows, **msgspec.to_builtins(scale)}
    courses[0].figures["load.s"] = rig.data.load_s
    return AssetsResults(
        measured_at=began.isoformat(timespec="seconds"),
        seed=seed,
        settings=settings,
        machine={
            **describe_machine(),
            "load before": round(busy, 2),
            "load after": round(load_1min(), 2),
        },
        versions={**list_versions(), "storage": rig.data.storage},
        data=rig.data,
        sheet_rows=plan.rows,
        sheet_bytes=len(courses[0].sheet),
        runs=[course.figures for course in courses],
        judged=sum(course.judged for course in courses),
        wrong=[sentence for course in courses for sentence in course.wrong],
        failures=[failure for course in courses for failure in course.failures],
        plan=courses[-1].query_plan,
        details=[each for course in courses for each in course.details],
    )


def save_assets(results: AssetsResults, folder: Path = ASSETS_RESULTS) -> Path:
    """Write a result file named for its time; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (re.sub(r"[^0-9T]", "", results.measured_at[:19]) + ".json")
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))
    return path


def _read_settings(rig: AssetsRig) -> dict[str, Any]:
    """The server's settings that matter, and whose core is whose."""
    client, api = cores()
    with rig.connect() as conn:
        found: dict[str, Any] = dict(conn.execute(SQL.list_server_settings).fetchall())
    placed = {
        "API and import worker on core": api,
        "clients on core": client,
        "database on cores": "any",
    }
    return {**found, **COPIED_BY, **placed, "API processes": 1}


def _show(results: AssetsResults) -> None:
    spreads = summarise(results.runs)
    asked = Table("one at a time", "p50 ms", "p95 ms", "p99 ms", "target p95", title="assets")
    for question in ASSET_QUESTIONS:
        if f"{question.name}.p95" in spreads:
            found = (spreads[f"{question.name}.{share}"].median for share in ("p50", "p95", "p99"))
            target = "" if question.target_ms is None else f"{question.target_ms:,.0f}"
            asked.add_row(question.label, *(f"{value:,.1f}" for value in found), target)
    _console.print(asked)
    table = Table("figure", "median", "range", "target", "")
    for figure in ASSET_FIGURES:
        if figure.name in spreads:
            spread = spreads[figure.name]
            met = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}
            low, high = (f"{value:,.{figure.digits}f}" for value in (spread.low, spread.high))
            table.add_row(
                figure.label,
                format_value(figure, spread.median),
                f"{low} – {high}" if spread.runs > 1 else "",
                format_target(figure),
                met[figure.met_by(spread.median)],
            )
    _console.print(table)
    _console.print(f"{results.judged:,} answers judged, {len(results.wrong)} wrong")
    for sentence in [*results.wrong[:20], *results.failures]:
        _console.print(f"[red]{sentence}[/]")
