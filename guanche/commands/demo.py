"""`guanche demo`: options, signals, and how the demo is shown and summed up."""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

import guanche
from guanche.commands.output import count_text, duration_text, err, out, write_json
from guanche.commands.stopping import ended_at_once, stopped_by_signals
from guanche.demo import DemoSummary, read_acknowledged, settle, summarise, watch
from guanche.demo_api import ApiAccess, LeftOut
from guanche.demo_parts import DemoFailed, DemoOptions, Parts, running_parts
from guanche.demo_probe import LatencyProbe
from guanche.demo_view import (
    Running,
    Snapshot,
    api_rows,
    command_lines,
    curl_lines,
    draw,
    live_rows,
    reasons_text,
)
from guanche.embedded_process import ServerFailed
from kit import clock, db

KEPT_FOLDER = Path(".demo")
DEMO_SCENARIO = Path(guanche.__file__).with_name("demo_scenario.toml")
LINE_EVERY_S = 5.0
MAX_LOST_NAMED = 10
STOPPED = 130
"""Exit code of what Ctrl-C ended, as shells have it."""


def demo(
    *,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=1, help="Stop by itself after so many seconds.")
    ] = None,
    vehicles: Annotated[
        int, typer.Option("--vehicles", min=1, max=30_000, help="Simulated vehicles.")
    ] = 200,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate", min=0.1, help="Messages a second of the whole fleet; default one a vehicle."
        ),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option("--scenario", help="What goes wrong: as for `guanche simulate`."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same movement.")] = 1,
    as_json: Annotated[
        bool, typer.Option("--json", help="No table; one JSON summary at the end.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help=f"Keep logs and the publisher's log in {KEPT_FOLDER}/.")
    ] = False,
) -> None:
    """A whole running system in one command, nothing installed.

    Starts an embedded PostgreSQL and a broker (mosquitto if installed, else one in Python),
    migrates, seeds organisations, people and vehicles, runs ingest, the API and the simulators,
    and shows what happens. GUANCHE_DATABASE_URL and GUANCHE_MQTT_URL, set in the environment,
    replace the embedded parts; the API then connects as GUANCHE_API_DATABASE_URL says, or as a
    role made for the demo. Ctrl-C stops everything; no process and no data stay behind, but in a
    database of yours, where the demo's people are disabled at the end.

    At the end everything the broker acknowledged is looked up in the database: [bold]lost[/] must
    be 0, and exit code 1 says that it was not; 130, that it was stopped before it ran.

    [bold]Examples[/]

    $ guanche demo

    $ guanche demo --vehicles 2000 --rate 500

    $ guanche demo --seconds 30 --vehicles 50 --json
    """
    remarks = err()
    with ExitStack() as stack:
        stop = stack.enter_context(stopped_by_signals())
        options = DemoOptions(
            vehicles=vehicles,
            rate=rate or float(vehicles),
            scenario=scenario or str(DEMO_SCENARIO),
            seed=seed,
            folder=stack.enter_context(working_folder(keep=keep)),
            database_url=os.environ.get("GUANCHE_DATABASE_URL") or None,
            mqtt_url=os.environ.get("GUANCHE_MQTT_URL") or None,
            api_database_url=os.environ.get("GUANCHE_API_DATABASE_URL") or None,
            secret_key=os.environ.get("GUANCHE_SECRET_KEY") or None,
        )
        summary, api = run(options, stop=stop, seconds=seconds, remarks=remarks, live=not as_json)
    if as_json:
        write_json(summary._asdict())
    else:
        print_summary(out(), summary, api, keep=keep)
    if summary.lost:
        raise typer.Exit(1)


def run(
    options: DemoOptions,
    *,
    stop: threading.Event,
    seconds: float | None,
    remarks: Console,
    live: bool,
) -> tuple[DemoSummary, ApiAccess | LeftOut]:
    """The demo from its start to its summary; everything is stopped when this returns.

    Raises:
        DemoFailed: a part did not start or ended by itself.
        typer.Exit: it was stopped before it ran.
    """
    began_at = clock.now()

    def say(text: str) -> None:
        remarks.print(f"[dim]{text}[/]")

    try:
        with ExitStack() as stack:
            parts = stack.enter_context(_started(options, say))
            conn = stack.enter_context(
                db.connect(parts.database_url, application_name="guanche demo", autocommit=True)
            )
            probe = LatencyProbe(parts.database_url, parts.vehicle_ids)
            probe.start()
            stack.callback(probe.stop)
            if live:
                print_tries(out(), parts)
            else:
                for heading, text in api_rows(parts.api_access):
                    say(f"{heading}: {text}")
            with shown(parts, out(), live=live) as show:
                ran_s = watch(parts, conn, probe, seconds=seconds, stop=stop, show=show)
            say("stopping: waiting for the last acknowledgements and commits …")
            parts.stop_publishing()
            acked = read_acknowledged(parts)
            result = settle(parts, conn, acked, since=began_at)
            for sample in result.lost[:MAX_LOST_NAMED]:
                remarks.print(f"[red]lost[/] {sample}")
            return summarise(parts, acked, result, probe, seconds=ran_s), parts.api_access
    except ServerFailed as error:
        raise DemoFailed(str(error)) from error


@contextmanager
def _started(options: DemoOptions, say: Callable[[str], None]) -> Iterator[Parts]:
    """The parts, running. Whoever stops it before they do has no summary to wait for."""
    with ExitStack() as stack:
        try:
            with ended_at_once():
                parts = stack.enter_context(running_parts(options, say))
        except KeyboardInterrupt:
            say("stopped before it ran; nothing is left behind")
            raise typer.Exit(STOPPED) from None
        say("running; Ctrl-C stops")  # and from here on it does so in order
        yield parts


@contextmanager
def working_folder(*, keep: bool) -> Iterator[Path]:
    """Where a demo works: a temporary folder, or a fresh one that stays."""
    if keep:
        shutil.rmtree(KEPT_FOLDER, ignore_errors=True)
        KEPT_FOLDER.mkdir(parents=True)
        yield KEPT_FOLDER.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="guanche-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def shown(parts: Parts, console: Console, *, live: bool) -> Iterator[Callable[[Snapshot], None]]:
    """What to call with every snapshot: a live table, a line now and then, or nothing."""
    running = Running(
        parts.storage.description,
        parts.broker.words,
        parts.shell_file,
        parts.roster[0].vin,
        parts.api_access,
    )
    if not live:
        yield lambda _snapshot: None
    elif console.is_terminal:
        with Live(console=console, auto_refresh=False, transient=True) as table:
            yield lambda snapshot: table.update(draw(snapshot, running), refresh=True)
    else:
        yield LinePrinter(console)


class LinePrinter:
    """Writes a snapshot as one line every few seconds, where there is no terminal to redraw."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._next_line_s = LINE_EVERY_S

    def __call__(self, snapshot: Snapshot) -> None:
        if snapshot.elapsed_s >= self._next_line_s:
            self._next_line_s += LINE_EVERY_S
            told = " · ".join(f"{heading} {text}" for heading, text in live_rows(snapshot))
            self._console.print(f"{duration_text(snapshot.elapsed_s)}: {told}", soft_wrap=True)


def print_tries(console: Console, parts: Parts) -> None:
    """How another terminal looks at the demo and asks the API; written once, above the table that
    is redrawn, so that it can be copied."""
    console.print("[bold]Look at it[/] [dim]in another terminal, while the demo runs[/]\n")
    commands = command_lines(parts.shell_file, parts.roster[0].vin)
    console.print("\n".join(commands) + "\n", markup=False, soft_wrap=True)
    lines = curl_lines(parts.api_access)
    if lines:
        console.print("[bold]Ask the API[/] [dim]in the same way[/]\n")
        console.print("\n".join(lines) + "\n", markup=False, soft_wrap=True)


def print_summary(
    console: Console, summary: DemoSummary, api: ApiAccess | LeftOut, *, keep: bool
) -> None:
    """The figures in words, and what to try next."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold cyan", no_wrap=True)
    grid.add_column()
    lost = (
        "[green]nothing lost[/]"
        if summary.lost == 0
        else f"[bold red]{summary.lost:,} lost[/]: acknowledged, but neither stored nor refused"
    )
    delay = "not measured"
    if summary.latency_p50_ms is not None:
        delay = (
            f"p50 {summary.latency_p50_ms:.0f} ms · p99 {summary.latency_p99_ms:.0f} ms,"
            f" publish → queryable, {count_text(summary.latency_samples)} samples"
        )
    samples = (
        f"{summary.published:,} published · {summary.acknowledged:,} acknowledged"
        f" · {summary.stored:,} stored · {summary.duplicates:,} duplicates"
    )
    for heading, text in (
        ("ran", f"{duration_text(summary.seconds)}, {summary.vehicles:,} vehicles"),
        ("samples", samples),
        ("refused", reasons_text(summary.refused)),
        ("delay", delay),
        ("balance", lost),
        ("ran on", f"[dim]{summary.storage} · {summary.broker_kind}[/]"),
        *api_rows(api),
    ):
        grid.add_row(heading, text)
    if isinstance(api, ApiAccess) and api.lasting:
        grid.add_row("", "they are disabled now, until the next demo")
    console.print(grid)
    if keep:
        console.print(f"\nLogs and the publisher's log are in {KEPT_FOLDER}/.")
    console.print(
        "\n[bold]Next[/]\n"
        "  guanche demo --vehicles 2000           more of it\n"
        "  guanche simulate --help                what the simulators can do\n"
        "  guanche doctor                         check a database and broker of your own"
    )
