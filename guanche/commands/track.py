"""`guanche track VIN`: a vehicle's samples as a table, JSON, CSV or GeoJSON, and their sum."""

import csv
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from fleet.usage.model import LatestState, TrackPoint
from fleet.usage.service import latest_state, vehicle_track
from guanche.commands import output
from guanche.commands.output import DEFAULT_ZONE, UNKNOWN, duration_text, instant_text
from guanche.journey import Journey, summarise, thin
from kit import clock, db
from kit.errors import Invalid
from kit.settings import get_settings
from schemas.access import SYSTEM

TABLE_ROWS = 30


def track(
    vin: Annotated[str, typer.Argument(metavar="VIN", help="Vehicle, in any spelling.")],
    *,
    from_text: Annotated[
        str | None, typer.Option("--from", help="Begin: 2026-11-21T08:00, or with offset.")
    ] = None,
    until_text: Annotated[
        str | None, typer.Option("--until", help="End, not included; default now.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--last", help="Instead of --from: 90s, 15min, 24h, 7d.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, help="Samples to read, oldest first.")
    ] = 10_000,
    zone_name: Annotated[
        str, typer.Option("--zone", help="Time zone of times shown and of times without offset.")
    ] = DEFAULT_ZONE,
    as_json: Annotated[bool, typer.Option("--json", help="Points and sum as JSON.")] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Every point as CSV, times in UTC.")
    ] = False,
    as_geojson: Annotated[
        bool, typer.Option("--geojson", help="A line for a map, e.g. geojson.io.")
    ] = False,
) -> None:
    """Where a vehicle has been, with distance and charge used.

    Shows the last 24 hours unless told otherwise. The table is thinned to 30 rows; the other
    formats have every sample.

    [bold]Examples[/]

    $ guanche track LSVNV2182E2100001

    $ guanche track LSVNV2182E2100001 --last 2h --geojson > track.geojson

    $ guanche track LSVNV2182E2100001 --from 2026-11-20 --until 2026-11-21 --csv
    """
    if as_json + as_csv + as_geojson > 1:
        raise Invalid("choose one of --json, --csv and --geojson")
    zone = output.parse_zone(zone_name)
    from_at, until_at = choose_range(
        from_text=from_text, until_text=until_text, last=last, zone=zone, now=clock.now()
    )
    url = get_settings().database_url.get_secret_value()
    with db.connect(url, application_name="guanche track", autocommit=True) as conn:
        points = vehicle_track(
            conn, SYSTEM, vin=vin, from_at=from_at, until_at=until_at, limit=limit
        )
        state = latest_state(conn, SYSTEM, vin=vin)
    journey = summarise(points)
    if as_json:
        output.write_json(
            {
                "vin": vin,
                "from_at": from_at,
                "until_at": until_at,
                "complete": len(points) < limit,
                "summary": journey and asdict(journey),
                "points": [asdict(point) for point in points],
            }
        )
    elif as_csv:
        write_csv(points)
    elif as_geojson:
        output.write_json(to_geojson(vin, points, journey))
    else:
        _print_track(points, journey, state, zone=zone, limit=limit)


def choose_range(
    *,
    from_text: str | None,
    until_text: str | None,
    last: str | None,
    zone: ZoneInfo,
    now: datetime,
) -> tuple[datetime, datetime]:
    """The half-open range of time asked for; the last 24 hours by default.

    Raises:
        Invalid: it cannot be read, is contradictory or empty.
    """
    if from_text is not None and last is not None:
        raise Invalid("choose one of --from and --last")
    until_at = output.parse_instant(until_text, zone) if until_text else now
    if from_text is not None:
        from_at = output.parse_instant(from_text, zone)
    else:
        from_at = until_at - output.parse_duration(last or "24h")
    if from_at >= until_at:
        raise Invalid(
            f"the range is empty: from {instant_text(from_at, zone)}"
            f" until {instant_text(until_at, zone)}"
        )
    return from_at, until_at


def write_csv(points: Sequence[TrackPoint]) -> None:
    """Every point on standard output, unknown values empty, times in RFC 3339 UTC."""
    names = [field.name for field in fields(TrackPoint)]
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    writer.writeheader()
    for point in points:
        row = asdict(point)
        for name in ("ts", "received_at"):
            row[name] = row[name].isoformat().replace("+00:00", "Z")
        writer.writerow(row)


def to_geojson(vin: str, points: Sequence[TrackPoint], journey: Journey | None) -> dict[str, Any]:
    """One feature with the line through the good positions (RFC 7946: longitude first)."""
    placed = [p for p in points if p.fix and p.lat is not None and p.lon is not None]
    return {
        "type": "Feature",
        "geometry": {
            "type": "LineString",
            "coordinates": [[point.lon, point.lat] for point in placed],
        }
        if len(placed) > 1
        else None,
        "properties": {
            "vin": vin,
            "times": [point.ts for point in placed],
            **(asdict(journey) if journey else {}),
        },
    }


def _print_track(
    points: Sequence[TrackPoint],
    journey: Journey | None,
    state: LatestState | None,
    *,
    zone: ZoneInfo,
    limit: int,
) -> None:
    console = output.out()
    if journey is None:
        heard = state.ts if state else None
        console.print("No samples in this range.")
        if heard is None:
            console.print("[dim]→ This vehicle was never heard.[/]")
        else:
            console.print(
                f"[dim]→ Its latest sample is of {instant_text(heard, zone)}: try --from.[/]"
            )
        return
    shown = thin(points, TABLE_ROWS)
    console.print(_table(shown, zone))
    if len(shown) < len(points):
        console.print(f"[dim]{len(shown)} of {len(points):,} samples shown, evenly spread[/]")
    if len(points) == limit:
        console.print(f"[yellow]there are more: --limit {limit} was reached[/]")
    _print_sum(console, journey, zone)


def _table(points: Sequence[TrackPoint], zone: ZoneInfo) -> Table:
    table = output.table()
    table.add_column(zone.key, no_wrap=True)  # the year stands below, in the sum
    for heading in ("lat °", "lon °", "km/h", "km", "SOC %"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("alarm", justify="right", no_wrap=True)
    for p in points:
        place = "{:.5f}" if p.fix else "[dim]{:.5f}[/]"
        table.add_row(
            instant_text(p.ts, zone)[5:],
            _number(p.lat, place),
            _number(p.lon, place),
            _number(p.speed_kmh, "{:.1f}"),
            _number(p.odometer_km, "{:.1f}"),
            _number(p.soc_pct, "{:.1f}"),
            _state_text(p),
            f"[red]{p.alarm_level}[/]" if p.alarm_level else "",
        )
    return table


def _state_text(point: TrackPoint) -> str:
    if point.charge_state in ("parked_charging", "driving_charging"):
        return "charging"
    return point.vehicle_state or UNKNOWN


def _number(amount: float | None, form: str) -> str:
    return UNKNOWN if amount is None else form.format(amount)


def _print_sum(console: Console, journey: Journey, zone: ZoneInfo) -> None:
    duration_s = (journey.until_at - journey.from_at).total_seconds()
    distance = _number(journey.distance_km, "[bold]{:.2f} km[/] over ground")
    odometer = _number(journey.odometer_km, "{:.1f} km by odometer")
    unit = "sample" if journey.points == 1 else "samples"
    console.print(
        f"{journey.points:,} {unit}, {instant_text(journey.from_at, zone)}"
        f" – {instant_text(journey.until_at, zone)} ({duration_text(duration_s)})"
    )
    console.print(
        f"{distance}, {odometer}, at most {_number(journey.max_speed_kmh, '{:.0f}')} km/h"
    )
    if journey.soc_used_pct is not None:
        console.print(
            f"SOC {_number(journey.soc_from_pct, '{:.1f}')} → "
            f"{_number(journey.soc_until_pct, '{:.1f}')} %:"
            f" [bold]{journey.soc_used_pct:.1f} % used[/], {journey.soc_charged_pct:.1f} % charged"
        )
