"""`guanche simulate`: a simulated fleet that publishes to the broker."""

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from guanche.commands import output
from guanche.commands.output import count_text, err, out
from guanche.commands.sending import (
    AckLogOption,
    ConnectionsOption,
    JsonOption,
    RegisterOption,
    connected_publisher,
    outcome_text,
    progress_shown,
    register,
)
from guanche.commands.stopping import stopped_by_signals
from kit import clock
from simulators.fleet import MAX_BATCH
from simulators.roster import MAX_VEHICLES, fleet_roster
from simulators.run import Load, RunSummary, make_fleet, run
from simulators.scenario import list_scenarios, load_scenario


def show_scenarios(wanted: bool) -> None:
    """Print the scenarios that come with the program, and leave."""
    if wanted:
        table = Table.grid(padding=(0, 2))
        for name, title in list_scenarios().items():
            table.add_row(f"[bold]{name}[/]", escape(title))
        out().print(table)
        raise typer.Exit


def simulate(
    *,
    vehicles: Annotated[
        int, typer.Option("--vehicles", "-n", min=1, max=MAX_VEHICLES, help="Simulated vehicles.")
    ] = 200,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate",
            help="Messages a second of the whole fleet; default: each vehicle reports every 10 s"
            " on the road and every 30 s parked, as the scenario says.",
        ),
    ] = None,
    speed_up: Annotated[
        float, typer.Option("--speed-up", help="Simulated seconds in one real second.")
    ] = 1.0,
    duration: Annotated[
        str | None,
        typer.Option("--duration", help="Real time: 90s, 15min, 24h; default until Ctrl-C."),
    ] = None,
    scenario: Annotated[
        str, typer.Option("--scenario", help="What goes wrong: a name or a .toml file.")
    ] = "calm",
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same vehicles and movement.")] = 1,
    batch: Annotated[
        int, typer.Option("--batch", min=1, max=MAX_BATCH, help="Samples a message.")
    ] = 1,
    connections: ConnectionsOption = 4,
    per_device: Annotated[
        bool,
        typer.Option("--per-device", help="Instead, one connection a vehicle, with a last will."),
    ] = False,
    credentials: Annotated[
        Path | None,
        typer.Option(
            "--credentials", help="The same with passwords: a file of lines device_id,password."
        ),
    ] = None,
    register_first: RegisterOption = False,
    ack_log: AckLogOption = None,
    as_json: JsonOption = False,
    _list: Annotated[
        bool,
        typer.Option(
            "--list-scenarios",
            callback=show_scenarios,
            is_eager=True,
            help="Show the scenarios there are.",
        ),
    ] = False,
) -> None:
    """Publish the telemetry of a simulated fleet of electric vans in Shenzhen.

    Device ids are SIM000001 and on; the broker is GUANCHE_MQTT_URL.
    Ctrl-C ends it in order: what is under way is still acknowledged.
    Sped up, simulated time begins so far back that it ends now.
    The exit code is 1 when messages stayed unacknowledged.

    [bold]Examples[/]

    $ guanche simulate --list-scenarios

    $ guanche simulate --register --vehicles 1000 --scenario city_day

    $ guanche simulate --rate 10000 --duration 60s --ack-log acks.tsv

    $ guanche simulate --speed-up 1440 --duration 1min  [dim]# a day in a minute[/]
    """
    duration_s = output.parse_duration(duration).total_seconds() if duration else None
    load = Load(vehicles, rate=rate, speed_up=speed_up, duration_s=duration_s, batch=batch)
    chosen = load_scenario(scenario)
    if register_first:
        register(fleet_roster(vehicles, seed))
    now_us = clock.now_us()
    fleet = make_fleet(load, seed=seed, scenario=chosen, now_us=now_us, logged=ack_log is not None)
    per_device = per_device or credentials is not None
    with (
        stopped_by_signals() as stop,
        connected_publisher(
            connections=connections,
            device_ids=[entry.device_id for entry in fleet.roster],
            per_device=per_device,
            credentials=credentials,
            ack_log=ack_log,
        ) as publisher,
        ExitStack() as stack,
    ):
        if not as_json:
            fact = f"{count_text(vehicles)} vehicles → {publisher.where}, seed {seed}: "
            err().print(f"{fact}[dim]{escape(chosen.title)}[/]", soft_wrap=True)
        show = stack.enter_context(progress_shown(quiet=as_json, total_s=duration_s))
        summary = run(
            fleet,
            publisher,
            load,
            start_us=load.start_us(now_us),
            stop=stop,
            on_progress=show,
            announce=not per_device,
        )
    if as_json:
        output.write_json({**asdict(summary), "scenario": scenario, "seed": seed})
    else:
        print_summary(out(), summary, ack_log)
    raise typer.Exit(1 if summary.unacknowledged else 0)


def print_summary(console: Console, summary: RunSummary, ack_log: Path | None) -> None:
    """What the run came to, for people."""
    console.print(
        outcome_text(
            published=summary.published,
            acknowledged=summary.acknowledged,
            elapsed_s=summary.elapsed_s,
        )
    )
    console.print(
        f"{count_text(summary.samples_made)} samples made,"
        f" {count_text(summary.samples_sent)} sent by {count_text(summary.vehicles)} vehicles"
    )
    if summary.reconnects:
        console.print(
            f"{count_text(summary.reconnects)} reconnects,"
            f" {count_text(summary.retransmitted)} messages sent again"
        )
    if summary.faults:
        counts = [f"{fault} {count_text(count)}" for fault, count in summary.faults.items()]
        console.print(f"[dim]faults, in samples:[/] {', '.join(counts)}")
    if ack_log is not None:
        console.print(f"[dim]acknowledged samples are in[/] {escape(str(ack_log))}")
