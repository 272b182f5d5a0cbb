"""`guanche status`: the fleet, its telemetry and ingest at a glance."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import psycopg
import typer
from rich.live import Live
from rich.table import Table

from fleet.usage.model import FleetSummary
from fleet.usage.service import fleet_summary
from guanche.commands import output
from guanche.commands.output import (
    DEFAULT_ZONE,
    UNKNOWN,
    bytes_text,
    count_text,
    duration_text,
    instant_text,
)
from guanche.demo_view import alarms_text, reasons_text
from guanche.scrape import IngestCounters, read_counters
from guanche.store import get_server_facts
from ingest.storage import StorageInfo, detect
from kit import clock, db
from kit.settings import Settings, get_settings
from schemas.access import SYSTEM

FRESH_S = 10.0
"""Ingest commits several times a second; a lag above this is worth a colour."""


class Status(NamedTuple):
    """What is shown."""

    fleet: FleetSummary
    storage: StorageInfo
    size_bytes: int
    ingest: IngestCounters | None


def status(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Redraw until Ctrl-C.")] = False,
    every_s: Annotated[
        float, typer.Option("--every", min=0.2, help="With --watch: seconds between looks.")
    ] = 2.0,
    zone_name: Annotated[
        str, typer.Option("--zone", help="Time zone of the times shown.")
    ] = DEFAULT_ZONE,
) -> None:
    """Vehicles online, freshness, refusals, alarms, storage.

    Cheap for the database: it reads the latest state of each vehicle, never the telemetry.
    Counters of ingest are those of the process at GUANCHE_HTTP_HOST:GUANCHE_HTTP_PORT since its
    start.

    [bold]Examples[/]

    $ guanche status --watch

    $ guanche status --json | jq .fleet.online
    """
    settings = get_settings()
    zone = output.parse_zone(zone_name)
    url = settings.database_url.get_secret_value()
    with db.connect(url, application_name="guanche status", autocommit=True) as conn:
        if as_json:
            output.write_json(to_document(look(conn, settings)))
        elif watch:
            _watch(lambda: look(conn, settings), zone=zone, every_s=every_s)
        else:
            output.out().print(draw(look(conn, settings), zone))


def look(conn: psycopg.Connection[Any], settings: Settings) -> Status:
    """The status now."""
    offline_after = timedelta(seconds=settings.offline_after_s)
    return Status(
        fleet=fleet_summary(conn, SYSTEM, now=clock.now(), offline_after=offline_after),
        storage=detect(conn),
        size_bytes=get_server_facts(conn).size_bytes,
        ingest=read_counters(settings.http_host, settings.http_port),
    )


def to_document(shown: Status) -> dict[str, Any]:
    """The status as one JSON document."""
    return {
        "fleet": asdict(shown.fleet),
        "storage": {**shown.storage._asdict(), "size_bytes": shown.size_bytes},
        "ingest": shown.ingest and shown.ingest._asdict(),
    }


def draw(shown: Status, zone: ZoneInfo, *, acknowledged_per_s: float | None = None) -> Table:
    """The status as a table of headings and sentences."""
    fleet, ingest = shown.fleet, shown.ingest
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold cyan", no_wrap=True)
    grid.add_column()
    grid.add_row(
        "vehicles",
        f"[bold]{fleet.online:,} online[/] of {fleet.vehicles:,}"
        f" · {fleet.moving:,} moving · {fleet.charging:,} charging",
    )
    grid.add_row("alarms", alarms_text(fleet.vehicles_by_alarm_level))
    grid.add_row("newest", _newest_text(fleet, zone))
    grid.add_row("refused", f"{reasons_text(fleet.refusals_by_reason)} [dim](last 24 h)[/]")
    grid.add_row(
        "stored",
        f"about {count_text(fleet.rows_estimate)} samples, {bytes_text(shown.size_bytes)}"
        + (
            f", since {instant_text(fleet.oldest_chunk_at, zone)}"
            if fleet.oldest_chunk_at is not None
            else ""
        ),
    )
    grid.add_row("storage", shown.storage.description)
    grid.add_row("ingest", _ingest_text(ingest, acknowledged_per_s))
    return grid


def _newest_text(fleet: FleetSummary, zone: ZoneInfo) -> str:
    if fleet.lag_s is None:
        return "nothing was ever received"
    colour = "green" if fleet.lag_s <= FRESH_S else "yellow"
    delay = UNKNOWN if fleet.median_delay_s is None else duration_text(fleet.median_delay_s)
    return (
        f"sample of {instant_text(fleet.newest_sample_at, zone)},"
        f" received [{colour}]{duration_text(max(0.0, fleet.lag_s))} ago[/]"
        f" · median delay {delay} from device to receipt"
    )


def _ingest_text(ingest: IngestCounters | None, acknowledged_per_s: float | None) -> str:
    if ingest is None:
        return "[yellow]not running here[/] [dim](no answer at /metrics)[/]"
    parts = []
    if acknowledged_per_s is not None:
        parts.append(f"[bold]{acknowledged_per_s:,.0f} messages/s[/] acknowledged")
    parts += [
        f"{ingest.stored:,} stored",
        f"{ingest.duplicates:,} duplicates",
        f"{ingest.late:,} late",
        f"{sum(ingest.refused.values()):,} refused",
        f"{ingest.queued:,} waiting",
    ]
    if not ingest.connected:
        parts.append("[red]broker not connected[/]")
    if not ingest.database_up:
        parts.append("[red]database down[/]")
    return " · ".join(parts)


def _watch(look_now: Callable[[], Status], *, zone: ZoneInfo, every_s: float) -> None:
    acknowledged: int | None = None
    looked_s = clock.monotonic()
    try:
        with Live(console=output.out(), auto_refresh=False) as live:
            while True:
                shown, now_s = look_now(), clock.monotonic()
                rate = None
                if shown.ingest is not None:
                    if acknowledged is not None and now_s > looked_s:
                        rate = max(0, shown.ingest.acknowledged - acknowledged) / (now_s - looked_s)
                    acknowledged, looked_s = shown.ingest.acknowledged, now_s
                live.update(draw(shown, zone, acknowledged_per_s=rate), refresh=True)
                clock.sleep(every_s)
    except KeyboardInterrupt:
        return
