"""`guanche replay FILE`: recorded movement, published again."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape

from guanche.commands import output
from guanche.commands.output import count_text, duration_text, err, instant_text, out
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
from kit.errors import Invalid
from simulators.recording import Recording, parse_column_map, read_recording
from simulators.replay import AS_FAST_AS_POSSIBLE, Refusable, count_refusable, shift_to_now_us
from simulators.replay import replay as send_recording
from simulators.roster import RosterEntry, recorded_roster

SHOWN_VEHICLES = 10


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a header line.")],
    *,
    columns: Annotated[
        str | None,
        typer.Option(
            "--map",
            help="Which column is which field, where the header does not say so by itself,"
            " such as device=imei,ts=fixed_at.",
        ),
    ] = None,
    zone_name: Annotated[
        str, typer.Option("--zone", help="Time zone of times without an offset.")
    ] = "UTC",
    device_prefix: Annotated[
        str, typer.Option("--device-prefix", help="Put before every device id.")
    ] = "",
    derive_speed: Annotated[
        bool,
        typer.Option(
            "--derive-speed", help="Where no speed was recorded, the mean since the row before."
        ),
    ] = False,
    speed_up: Annotated[
        float, typer.Option("--speed-up", help="Recorded seconds in one real second.")
    ] = 1.0,
    fast: Annotated[bool, typer.Option("--fast", help="As fast as possible.")] = False,
    shift_to_now: Annotated[
        bool,
        typer.Option(
            "--shift-to-now",
            help="Move all times alike, so that the last sample is stamped as it is sent."
            " Samples older than 30 days are refused.",
        ),
    ] = False,
    connections: ConnectionsOption = 1,
    register_first: RegisterOption = False,
    ack_log: AckLogOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Read the file, say what is in it, send nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Publish recorded movement from a CSV file, in real or scaled time.

    The whole file is read and checked first: a cell that cannot be used is
    named by line and column, and nothing is sent. Empty cells are unknown.
    The exit code is 1 when messages stayed unacknowledged.

    [bold]Examples[/]

    $ guanche replay buses.csv --check

    $ guanche replay buses.csv --register --shift-to-now --speed-up 60 --device-prefix BUS

    $ guanche replay tracks.csv --map device=imei,ts=fixed_at --zone Asia/Shanghai
    """
    zone = output.parse_zone(zone_name)
    recording = read_recording(
        file,
        columns=parse_column_map(columns) if columns else None,
        zone=zone,
        device_prefix=device_prefix,
        derive_speed=derive_speed,
    )
    speed_up = AS_FAST_AS_POSSIBLE if fast else speed_up
    if speed_up <= 0:
        raise Invalid(f"a speed-up of {speed_up}; it must be above 0")
    now_us = clock.now_us()
    shift_us = shift_to_now_us(recording, speed_up, now_us) if shift_to_now else 0
    if not as_json:
        print_recording(recording, zone)
        print_refusable(count_refusable(recording, shift_us, speed_up, now_us), recording)
    if check:
        raise typer.Exit
    if register_first:
        vehicles = recorded_roster(recording.device_ids)
        register(vehicles)
        print_vehicles(vehicles)
    with (
        stopped_by_signals() as stop,
        connected_publisher(
            connections=connections,
            device_ids=recording.device_ids,
            per_device=False,
            credentials=None,
            ack_log=ack_log,
        ) as publisher,
        progress_shown(quiet=as_json, total_s=recording.span_s / speed_up) as show,
    ):
        summary = send_recording(
            recording,
            publisher,
            shift_us=shift_us,
            speed_up=speed_up,
            stop=stop,
            on_progress=show,
            announce=True,
        )
    if as_json:
        output.write_json(asdict(summary))
    else:
        out().print(
            outcome_text(
                published=summary.published,
                acknowledged=summary.acknowledged,
                elapsed_s=summary.elapsed_s,
            )
        )
    raise typer.Exit(1 if summary.unacknowledged else 0)


def print_recording(recording: Recording, zone: ZoneInfo) -> None:
    """What the file holds, on standard error."""
    devices = recording.device_ids
    begin = datetime.fromtimestamp(recording.first_us / 1e6, UTC)
    end = datetime.fromtimestamp(recording.rows[-1].at_us / 1e6, UTC)
    console = err()
    named = devices[0] if len(devices) == 1 else f"{devices[0]} … {devices[-1]}"
    console.print(
        f"[bold]{escape(str(recording.path))}[/]: {count_text(len(recording.rows))} samples,"
        f" devices: {count_text(len(devices))} ({escape(named)})",
        soft_wrap=True,
    )
    console.print(
        f"from {instant_text(begin, zone)} until {instant_text(end, zone)} {zone.key},"
        f" {duration_text(recording.span_s)}",
        soft_wrap=True,
    )
    pairs = [f"{field} ← {column}" for field, column in recording.columns.items()]
    console.print(f"[dim]{escape(', '.join(pairs))}[/]", soft_wrap=True)


def print_vehicles(vehicles: list[RosterEntry]) -> None:
    """Which VIN each recorded device got, for `guanche track`; the first few of many."""
    for vehicle in vehicles[:SHOWN_VEHICLES]:
        err().print(f"[dim]{escape(vehicle.device_id)} is VIN[/] {vehicle.vin}", soft_wrap=True)
    if len(vehicles) > SHOWN_VEHICLES:
        err().print(f"[dim]… and {count_text(len(vehicles) - SHOWN_VEHICLES)} more[/]")


def print_refusable(refusable: Refusable, recording: Recording) -> None:
    """A warning about samples whose time will not be accepted."""
    total = count_text(len(recording.rows))
    if refusable.too_old:
        err().print(
            f"[yellow]{count_text(refusable.too_old)} of {total} samples are older than 30 days"
            " and will be refused as too_old; --shift-to-now moves them to the present[/]",
            soft_wrap=True,
        )
    if refusable.in_the_future:
        err().print(
            f"[yellow]{count_text(refusable.in_the_future)} of {total} samples are more than"
            " 5 minutes in the future and will be refused as future_time[/]",
            soft_wrap=True,
        )
