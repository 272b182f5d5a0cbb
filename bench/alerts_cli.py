"""`guanche bench alerts`: runs the bench of alerts, writes its results, shows them."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from bench.alerts_figures import ALERTS_FIGURES, AlertsResults, figures_of_alerts
from bench.alerts_server import running_alerts_rig
from bench.alerts_suite import measure_live, measure_queue, measure_sweeps
from bench.api_fleet import ORGANISATIONS
from bench.figures import summarise
from bench.machine import describe_machine, list_versions, load_1min
from bench.processes import RigFailed
from bench.report import RESULTS, format_target, format_value
from bench.rig import SQL, Storage
from guanche.embedded import ServerFailed
from kit import clock

EXAMPLES = """
[bold]Examples[/]

$ guanche bench alerts                              [dim]30,000 leases, 33,001 vehicles, once[/]

$ guanche bench alerts --leases 1000 --seconds 10   [dim]does it work?[/]
"""
ALERTS_RESULTS = RESULTS / "alerts"

alerts_app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_show_locals=False)
_console = Console(stderr=True)


@alerts_app.callback(invoke_without_command=True, epilog=EXAMPLES)
def bench_alerts(  # noqa: PLR0917  (options, which typer passes by name)
    leases: Annotated[
        int,
        typer.Option(min=ORGANISATIONS, max=100_000, help="Leases, and 1.1 times the vehicles."),
    ] = 30_000,
    rate: Annotated[float, typer.Option(min=100, help="Samples a second that are offered.")] = (
        10_000
    ),
    seconds: Annotated[float, typer.Option(min=5, help="Length of each part, s.")] = 60,
    runs: Annotated[int, typer.Option(min=1, help="How often; medians and ranges follow.")] = 1,
    seed: Annotated[int, typer.Option(help="The same seed makes the same fleet.")] = 1,
    storage: Annotated[Storage, typer.Option(help="Database; auto = TimescaleDB if there.")] = (
        "auto"
    ),
    json: Annotated[bool, typer.Option("--json", help="Results on standard output.")] = False,
) -> int:
    """Measure alerts: telemetry judged by the engine on one core, and sweeps of all obligations.

    Writes vehicles, papers, leases and bills into a server of its own, which is deleted at the end.
    """
    try:
        results = run_alerts_bench(
            leases=leases,
            rate_per_s=rate,
            seconds=seconds,
            runs=runs,
            seed=seed,
            storage=storage,
            say=_console.print,
        )
    except (RigFailed, ServerFailed) as failure:
        _console.print(f"[red]{failure}[/]")
        return 1
    path = save_alerts(results)
    if json:
        sys.stdout.write(msgspec.json.encode(results).decode() + "\n")
    _show(results)
    _console.print(f"written to {path}")
    return 0


def run_alerts_bench(
    *,
    leases: int,
    rate_per_s: float,
    seconds: float,
    runs: int,
    seed: int,
    storage: Storage,
    say: Callable[[str], None],
) -> AlertsResults:
    """All runs on one server.

    Raises:
        ServerFailed: no such database on this machine.
        RigFailed: a process of the bench ended with an error.
    """
    began, busy = clock.now(), load_1min()
    with running_alerts_rig(leases=leases, seed=seed, storage=storage, say=say) as rig:
        figures, details = [], []
        for number in range(1, runs + 1):
            say(f"[bold]run {number} of {runs}[/]")
            swept = measure_sweeps(rig)
            say(f"  swept in {swept.first_s:.1f} s, then {swept.steady_s:.2f} s")
            queue = measure_queue(rig, rate_per_s=rate_per_s, seconds=seconds)
            say(f"  {queue.worked.samples:,} samples judged in {queue.worked.took_s:.1f} s")
            live = measure_live(rig, rate_per_s=rate_per_s, seconds=seconds)
            say(f"  {len(live.worked.delays_s):,} findings beside the writer")
            figures.append(figures_of_alerts(queue, live, swept))
            with rig.connect() as conn:
                found = [list(row) for row in conn.execute(SQL.count_alerts)]
            parts = {"queue": queue, "live": live, "swept": swept, "alerts": found}
            details.append(msgspec.to_builtins(parts))
        with rig.connect() as conn:
            settings = dict(conn.execute(SQL.list_server_settings).fetchall())
        return AlertsResults(
            measured_at=began.isoformat(timespec="seconds"),
            seed=seed,
            settings={**settings, "rate_per_s": rate_per_s, "seconds": seconds},
            machine={
                **describe_machine(),
                "load before": round(busy, 2),
                "load after": round(load_1min(), 2),
            },
            versions={**list_versions(), "storage": rig.data.storage},
            data=rig.data,
            runs=figures,
            details=details,
        )


def save_alerts(results: AlertsResults, folder: Path = ALERTS_RESULTS) -> Path:
    """Write a result file named for its time; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (re.sub(r"[^0-9T]", "", results.measured_at[:19]) + ".json")
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))
    return path


def _show(results: AlertsResults) -> None:
    spreads = summarise(results.runs)
    table = Table("figure", "median", "range", "target", "", title="alerts")
    for figure in ALERTS_FIGURES:
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
