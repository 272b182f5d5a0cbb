"""`guanche bench`: runs the bench, writes its results, renders them into the documentation."""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from bench.alerts_cli import alerts_app
from bench.api_cli import api_app
from bench.assets_cli import assets_app
from bench.clients import CLIENT_MESSAGES, compare_clients
from bench.figures import FIGURES, Results, summarise
from bench.machine import describe_machine, list_versions, load_1min
from bench.money_cli import money_app
from bench.report import (
    DOCUMENT,
    RESULTS,
    MarkersMissing,
    format_target,
    format_value,
    newest_results,
    write_report,
)
from bench.rig import AUTOSAVE_S, SQL, Rig, Storage, running_rig
from bench.suite import ONCE, QUICK, REPEATED, Course, Scale, faults_of
from kit import clock

EXAMPLES = """
[bold]Examples[/]

$ guanche bench                       [dim]everything, three times: about a quarter of an hour[/]

$ guanche bench --quick               [dim]does it work? one minute, figures worth nothing[/]

$ guanche bench --only drain,copy --runs 1 --set GUANCHE_BATCH_MESSAGES=10000

$ guanche bench report                [dim]the newest results into docs/benchmarks.md[/]

$ guanche bench api                   [dim]the HTTP API on 50 million samples; see its --help[/]

$ guanche bench assets                [dim]what falls due, lists, exports, sheets; see its --help[/]

$ guanche bench money                 [dim]all leases billed at once; see its --help[/]

$ guanche bench alerts                [dim]telemetry judged, obligations swept; see its --help[/]

$ guanche bench clients               [dim]MQTT clients that do nothing, side by side[/]
"""

app = typer.Typer(
    name="guanche bench",
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(api_app, name="api")
app.add_typer(assets_app, name="assets")
app.add_typer(money_app, name="money")
app.add_typer(alerts_app, name="alerts")
_console = Console()
_StorageOption = Annotated[Storage, typer.Option(help="Database; auto = TimescaleDB if there.")]
_SeedOption = Annotated[int, typer.Option(help="The same seed sends the same messages.")]


def main(argv: list[str]) -> int:
    """Run a command line; the exit code."""
    code = app(args=argv, prog_name="guanche bench", standalone_mode=False)
    return code if isinstance(code, int) else 0


@app.callback(invoke_without_command=True, epilog=EXAMPLES)
def bench(  # noqa: PLR0917  (options, which typer passes by name)
    ctx: typer.Context,
    runs: Annotated[int, typer.Option(min=1, help="How often; medians and ranges follow.")] = 3,
    seconds: Annotated[
        float | None, typer.Option(min=2, help="Length of each offered rate, s (20).")
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option(min=3_000, max=100_000_000, help="Rows of the queried table (5,000,000)."),
    ] = None,
    rates: Annotated[
        str, typer.Option(help="Offered rates in msg/s, upwards, such as 20000,30000.")
    ] = "",
    only: Annotated[str, typer.Option(help=f"Parts to run: {', '.join([*REPEATED, *ONCE])}.")] = "",
    seed: _SeedOption = 1,
    storage: _StorageOption = "auto",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="GUANCHE_NAME=VALUE for ingest; repeatable.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A smoke test, one run.")] = False,
) -> int | None:
    """Measure ingest and queries on this machine, and compare every key with what was sent."""
    if ctx.invoked_subcommand is not None:
        return None
    scale = QUICK if quick else Scale()
    changes: dict[str, Any] = {"seconds": seconds, "table_rows": rows}
    changes["rates_per_s"] = tuple(float(rate) for rate in rates.split(",") if rate) or None
    scale = msgspec.structs.replace(scale, **{k: v for k, v in changes.items() if v is not None})
    names = set(re.split(r"[,\s]+", only)) - {""} or {*REPEATED, *ONCE}
    unknown = names - {*REPEATED, *ONCE}
    if unknown:
        raise typer.BadParameter(f"no part {', '.join(sorted(unknown))}", param_hint="--only")
    variables = dict(entry.split("=", 1) for entry in set_ or [])
    results = run_bench(
        scale,
        runs=1 if quick else runs,
        seed=seed,
        storage=storage,
        names=names,
        variables=variables,
        say=_console.print,
    )
    path = save(results)
    _show(results)
    _console.print(f"written to {path}")
    return 1 if results.failures else 0


@app.command()
def report(
    results: Annotated[
        Path | None, typer.Argument(help="A result file; the newest if not given.")
    ] = None,
) -> int:
    """Write the table of docs/benchmarks.md from a result file."""
    path = results or newest_results()
    if path is None:
        _console.print(f"no results in {RESULTS}: run `guanche bench` first")
        return 1
    try:
        write_report(msgspec.json.decode(path.read_bytes(), type=Results))
    except (MarkersMissing, OSError, msgspec.DecodeError) as problem:
        _console.print(f"[red]{problem}[/]")
        return 1
    _console.print(f"{DOCUMENT.name} now shows {path.name}")
    return 0


@app.command()
def clients(
    messages: Annotated[int, typer.Option(min=1_000)] = CLIENT_MESSAGES,
    seed: _SeedOption = 1,
    python: Annotated[
        Path | None, typer.Option(help="An interpreter that has awscrt, if ours has not.")
    ] = None,
) -> int:
    """Drain a queue with MQTT clients that do nothing but acknowledge."""
    with tempfile.TemporaryDirectory(prefix="fleetbench-") as folder:
        table = Table("client", "msg/s", "CPU µs/msg", title=f"{messages:,} messages waiting")
        for client, taken in compare_clients(
            Path(folder), messages=messages, seed=seed, awscrt_python=python
        ):
            if isinstance(taken, str):
                table.add_row(client, taken, "")
            else:
                table.add_row(client, f"{taken.per_s:,.0f}", f"{taken.cpu_us_per_message:.1f}")
        _console.print(table)
    return 0


def run_bench(
    scale: Scale,
    *,
    runs: int,
    seed: int,
    storage: Storage,
    names: set[str],
    variables: dict[str, str],
    say: Callable[[str], None],
) -> Results:
    """All runs on one server."""
    began = clock.now()
    with tempfile.TemporaryDirectory(prefix="fleetbench-") as folder:
        Path(folder).chmod(0o755)  # the server runs as another user when we are root
        say("starting the database, registering the fleet …")
        with running_rig(
            Path(folder),
            storage=storage,
            vehicles=scale.vehicles,
            seed=seed,
            ingest_settings=variables,
        ) as rig:
            busy = load_1min()
            settings = {**read_settings(rig), **msgspec.to_builtins(scale), **variables}
            courses = []
            for run in range(runs):
                say(f"[bold]run {run + 1} of {runs}[/]")
                parts = {**REPEATED, **(ONCE if run == 0 else {})}
                course = Course(
                    rig, scale, number=run + 1, seed=seed, say=lambda words: say(f"  {words}")
                )
                course.run({name: part for name, part in parts.items() if name in names})
                courses.append(course)
    return Results(
        measured_at=began.isoformat(timespec="seconds"),
        seed=seed,
        settings=settings,
        machine={**describe_machine(), "load before": round(busy, 2)},
        versions={**list_versions(), "storage": rig.storage},
        runs=[course.figures for course in courses],
        faults=faults_of(courses),
        ladder=[level for course in courses for level in course.ladder],
        failures=[failure for course in courses for failure in course.failures],
        details=[{"run": n, **each} for n, course in enumerate(courses) for each in course.details],
    )


def read_settings(rig: Rig) -> dict[str, Any]:
    """The server's settings that matter, and the broker's."""
    with rig.connect() as conn:
        found = dict(conn.execute(SQL.list_server_settings).fetchall())
    return {**found, "mosquitto autosave_interval": AUTOSAVE_S}


def save(results: Results, folder: Path = RESULTS) -> Path:
    """Write a result file named for its time; its path."""
    folder.mkdir(exist_ok=True)
    path = folder / (re.sub(r"[^0-9T]", "", results.measured_at[:19]) + ".json")
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))
    return path


def _show(results: Results) -> None:
    table = Table("figure", "median", "range", "target", "", title=f"seed {results.seed}")
    spreads = summarise(results.runs)
    for figure in FIGURES:
        if figure.name not in spreads:
            continue
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
    _console.print(results.faults)
    for failure in results.failures:
        _console.print(f"[red]{failure}[/]")
