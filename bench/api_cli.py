"""`guanche bench api`: runs the bench of the API, writes its results, renders them."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from bench.api_dataset import plan_cohorts
from bench.api_figures import API_FIGURES, QUESTIONS, ApiResults, figures_of_dataset
from bench.api_report import API_RESULTS, write_api_report
from bench.api_server import ApiRig, Wanted, cores, running_api_rig
from bench.api_suite import PARTS, ApiCourse, ApiScale
from bench.figures import summarise
from bench.machine import describe_machine, list_versions, load_1min
from bench.processes import RigFailed
from bench.report import DOCUMENT, MarkersMissing, format_target, format_value, newest_results
from bench.rig import SQL, Storage
from guanche.embedded import ServerFailed
from kit import clock

EXAMPLES = """
[bold]Examples[/]

$ guanche bench api                              [dim]everything, three times[/]

$ guanche bench api --samples 200000 --vehicles 3000 --seconds 5 --runs 1   [dim]does it work?[/]

$ guanche bench api --keep /var/tmp/fleet        [dim]load, measure, leave the data[/]

$ guanche bench api --reuse /var/tmp/fleet --only lists,live   [dim]measure again[/]

$ guanche bench api report                       [dim]the newest results into docs/benchmarks.md[/]
"""

api_app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_show_locals=False)
_console = Console(stderr=True)


@api_app.callback(invoke_without_command=True, epilog=EXAMPLES)
def bench_api(  # noqa: PLR0917  (options, which typer passes by name)
    ctx: typer.Context,
    samples: Annotated[int, typer.Option(min=10_000, help="Samples loaded.")] = 50_000_000,
    vehicles: Annotated[int, typer.Option(min=400, max=500_000, help="Vehicles.")] = 30_000,
    seconds: Annotated[
        float, typer.Option(min=2, max=120, help="Length of the mixed load, and of the live feed.")
    ] = 30.0,
    runs: Annotated[int, typer.Option(min=1, help="How often; medians and ranges follow.")] = 3,
    only: Annotated[str, typer.Option(help=f"Parts to run: {', '.join(PARTS)}.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed makes the same fleet.")] = 1,
    storage: Annotated[Storage, typer.Option(help="Database; auto = TimescaleDB if there.")] = (
        "auto"
    ),
    keep: Annotated[
        Path | None, typer.Option(help="Leave the data, with word of them in this folder.")
    ] = None,
    reuse: Annotated[Path | None, typer.Option(help="Ask the data kept in this folder.")] = None,
    drop: Annotated[bool, typer.Option("--drop", help="Delete kept data at the end.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Results on standard output.")] = False,
) -> int | None:
    """Measure the API: lists, maps, tracks, a mixed load, the live feed, the barrier's cost.

    Loads a company of 240 organisations into a server of its own and starts the real API on one
    core. The data take some 300 bytes a sample, and are deleted at the end.
    """
    if ctx.invoked_subcommand is not None:
        return None
    names = set(re.split(r"[,\s]+", only)) - {""} or set(PARTS)
    if names - set(PARTS):
        raise typer.BadParameter(f"no part {', '.join(names - set(PARTS))}", param_hint="--only")
    if keep is not None and reuse is not None:
        raise typer.BadParameter("either keep new data or reuse old", param_hint="--keep")
    try:
        plan_cohorts(samples, vehicles)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--samples") from None
    wanted = Wanted(
        samples=samples,
        vehicles=vehicles,
        seed=seed,
        storage=storage,
        keep=keep,
        reuse=reuse,
        drop=drop,
    )
    try:
        results = run_api_bench(
            wanted, ApiScale(seconds=seconds), runs=runs, names=names, say=_console.print
        )
    except (RigFailed, ServerFailed) as failure:
        _console.print(f"[red]{failure}[/]")
        return 1
    path = save_api(results)
    if json:
        sys.stdout.write(msgspec.json.encode(results).decode() + "\n")
    _show(results)
    _console.print(f"written to {path}")
    return 0 if results.sound else 1


@api_app.command()
def report(
    results: Annotated[
        Path | None, typer.Argument(help="A result file; the newest if not given.")
    ] = None,
) -> int:
    """Write the API's tables of docs/benchmarks.md from a result file."""
    path = results or newest_results(API_RESULTS)
    if path is None:
        _console.print(f"no results in {API_RESULTS}: run `guanche bench api` first")
        return 1
    try:
        write_api_report(msgspec.json.decode(path.read_bytes(), type=ApiResults))
    except (MarkersMissing, OSError, msgspec.DecodeError) as problem:
        _console.print(f"[red]{problem}[/]")
        return 1
    _console.print(f"{DOCUMENT.name} now shows {path.name}")
    return 0


def run_api_bench(
    wanted: Wanted,
    scale: ApiScale,
    *,
    runs: int,
    names: set[str],
    say: Callable[[str], None],
) -> ApiResults:
    """All runs on one server.

    Raises:
        ServerFailed: no such database on this machine.
        RigFailed: the data set cannot be had.
    """
    began, busy = clock.now(), load_1min()
    with running_api_rig(wanted, say) as rig:
        courses = [
            ApiCourse(rig, scale, number=n, seed=wanted.seed, say=lambda words: say(f"  {words}"))
            for n in range(1, runs + 1)
        ]
        for course in courses:
            say(f"[bold]run {course.number} of {runs}[/]")
            course.run(names)
        settings = _read_settings(rig, scale)
    figures = [course.figures for course in courses]
    if wanted.reuse is None:
        figures[0] |= figures_of_dataset(rig.dataset)
    return ApiResults(
        measured_at=began.isoformat(timespec="seconds"),
        seed=wanted.seed,
        settings=settings,
        machine={**describe_machine(), "load before": round(busy, 2)},
        versions={**list_versions(), "storage": rig.dataset.storage},
        dataset=rig.dataset,
        runs=figures,
        judged=sum(course.judged for course in courses),
        wrong=[sentence for course in courses for sentence in course.wrong],
        failures=[failure for course in courses for failure in course.failures],
        barrier=courses[-1].barrier,
        details=[each for course in courses for each in course.details],
    )


def save_api(results: ApiResults, folder: Path = API_RESULTS) -> Path:
    """Write a result file named for its time; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (re.sub(r"[^0-9T]", "", results.measured_at[:19]) + ".json")
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))
    return path


def _read_settings(rig: ApiRig, scale: ApiScale) -> dict[str, Any]:
    """The server's settings that matter, whose core is whose, and how much was asked."""
    client, api = cores()
    with rig.connect() as conn:
        found: dict[str, Any] = dict(conn.execute(SQL.list_server_settings).fetchall())
    placed = {"API on core": api, "clients on core": client, "database on cores": "any"}
    return {**found, **placed, "API processes": 1, **msgspec.to_builtins(scale)}


def _show(results: ApiResults) -> None:
    spreads = summarise(results.runs)
    asked = Table("one at a time", "p50 ms", "p95 ms", "p99 ms", "target p95", title="API")
    for question in QUESTIONS:
        if f"{question.name}.p95" in spreads:
            found = (spreads[f"{question.name}.{share}"].median for share in ("p50", "p95", "p99"))
            target = "" if question.target_ms is None else f"{question.target_ms:,.0f}"
            asked.add_row(question.label, *(f"{value:,.1f}" for value in found), target)
    _console.print(asked)
    table = Table("figure", "median", "range", "target", "")
    for figure in API_FIGURES:
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
