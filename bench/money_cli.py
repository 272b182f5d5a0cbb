"""`guanche bench money`: runs the bench of money, writes its results, shows them."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from bench.api_fleet import ORGANISATIONS
from bench.figures import summarise
from bench.machine import describe_machine, list_versions, load_1min
from bench.money_figures import MONEY_FIGURES, MoneyResults, results_of
from bench.money_running import measure_billing
from bench.money_server import running_money_rig
from bench.processes import RigFailed
from bench.report import RESULTS, format_target, format_value
from bench.rig import SQL, Storage
from guanche.embedded import ServerFailed
from kit import clock

EXAMPLES = """
[bold]Examples[/]

$ guanche bench money                              [dim]30,000 leases, three times[/]

$ guanche bench money --leases 1000 --runs 1       [dim]does it work?[/]
"""
MONEY_RESULTS = RESULTS / "money"

money_app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_show_locals=False)
_console = Console(stderr=True)


@money_app.callback(invoke_without_command=True, epilog=EXAMPLES)
def bench_money(
    leases: Annotated[
        int, typer.Option(min=ORGANISATIONS, max=100_000, help="Leases to bill.")
    ] = 30_000,
    runs: Annotated[int, typer.Option(min=1, help="How often; medians and ranges follow.")] = 3,
    seed: Annotated[int, typer.Option(help="The same seed makes the same fleet.")] = 1,
    storage: Annotated[Storage, typer.Option(help="Database; auto = TimescaleDB if there.")] = (
        "auto"
    ),
    json: Annotated[bool, typer.Option("--json", help="Results on standard output.")] = False,
) -> int:
    """Measure billing: every lease of a company of 240 organisations drafted and issued at once.

    Writes the leases into a server of its own, which is deleted at the end, and runs the real
    `guanche money run`. Every bill, line and number is judged by what is agreed.
    """
    try:
        results = run_money_bench(
            leases=leases, runs=runs, seed=seed, storage=storage, say=_console.print
        )
    except (RigFailed, ServerFailed) as failure:
        _console.print(f"[red]{failure}[/]")
        return 1
    path = save_money(results)
    if json:
        sys.stdout.write(msgspec.json.encode(results).decode() + "\n")
    _show(results)
    _console.print(f"written to {path}")
    return 0 if results.sound else 1


def run_money_bench(
    *, leases: int, runs: int, seed: int, storage: Storage, say: Callable[[str], None]
) -> MoneyResults:
    """All runs on one server, each on a copy of what was loaded.

    Raises:
        ServerFailed: no such database on this machine.
        RigFailed: billing ended with an error.
    """
    began, busy = clock.now(), load_1min()
    with running_money_rig(leases=leases, seed=seed, storage=storage, say=say) as rig:
        billed = []
        for number in range(1, runs + 1):
            say(f"[bold]run {number} of {runs}[/]")
            with rig.copied(f"run_{number}") as copy:
                billed.append(measure_billing(copy))
        with rig.connect() as conn:
            settings = dict(conn.execute(SQL.list_server_settings).fetchall())
        about = {
            "measured_at": began.isoformat(timespec="seconds"),
            "seed": seed,
            "settings": settings,
            "machine": {
                **describe_machine(),
                "load before": round(busy, 2),
                "load after": round(load_1min(), 2),
            },
            "versions": {**list_versions(), "storage": rig.data.storage},
        }
        return results_of(billed, about=about, data=rig.data)


def save_money(results: MoneyResults, folder: Path = MONEY_RESULTS) -> Path:
    """Write a result file named for its time; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (re.sub(r"[^0-9T]", "", results.measured_at[:19]) + ".json")
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))
    return path


def _show(results: MoneyResults) -> None:
    spreads = summarise(results.runs)
    table = Table("figure", "median", "range", "target", "", title="money")
    for figure in MONEY_FIGURES:
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
    _console.print(f"{results.judged:,} leases judged, {len(results.wrong)} wrong")
    for sentence in results.wrong[:20]:
        _console.print(f"[red]{sentence}[/]")
