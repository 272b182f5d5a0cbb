"""How a running demo looks: one small table, redrawn every second, and what to try. Pure."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from fleet.usage.model import FleetSummary
from guanche.commands.output import UNKNOWN, count_text, duration_text
from guanche.demo_api import ApiAccess, LeftOut
from guanche.scrape import IngestCounters


class Snapshot(NamedTuple):
    """The demo at one instant. None: not known yet."""

    elapsed_s: float
    fleet: FleetSummary | None
    counters: IngestCounters | None
    committed_per_s: float | None
    """Messages that ingest has written and acknowledged."""
    acknowledged: int
    """Samples that the broker has acknowledged to the simulators."""
    p50_ms: float | None
    p99_ms: float | None


class Running(NamedTuple):
    """What a demo runs on, and how another terminal reaches it.

    `shell_file` is None where the database is the caller's own.
    """

    storage: str
    broker: str
    shell_file: Path | None
    example_vin: str
    api: ApiAccess | LeftOut


def draw(snapshot: Snapshot, running: Running) -> Panel:
    """The live table."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold cyan", no_wrap=True)
    grid.add_column(overflow="fold")
    for heading, text in live_rows(snapshot):
        grid.add_row(heading, text)
    grid.add_row("runs on", f"[dim]{running.storage} · {running.broker}[/]")
    for heading, text in api_rows(running.api):
        grid.add_row(heading, text)
    grid.add_row("", "")
    grid.add_row("try", "[dim]in another terminal[/]")
    for line in command_lines(running.shell_file, running.example_vin):
        grid.add_row("", escape(line))
    return Panel(
        grid,
        title=f"[bold]管车 Guanche[/] demo, {duration_text(snapshot.elapsed_s)}",
        subtitle="Ctrl-C stops",
        title_align="left",
        subtitle_align="right",
        padding=(1, 2),
    )


def live_rows(snapshot: Snapshot) -> list[tuple[str, str]]:
    """The figures of a snapshot as headings and text."""
    fleet, counters = snapshot.fleet, snapshot.counters
    vehicles = samples = UNKNOWN
    if fleet is not None:
        vehicles = (
            f"{count_text(fleet.online)} online of {count_text(fleet.vehicles)}"
            f" · {count_text(fleet.moving)} moving · {count_text(fleet.charging)} charging"
        )
    if counters is not None:
        samples = (
            f"[green]{count_text(counters.stored)} stored[/]"
            f" · {count_text(counters.duplicates)} duplicates · {count_text(counters.late)} late"
        )
    messages = (
        f"[bold]{count_text(snapshot.committed_per_s)}/s[/] committed"
        f" · {count_text(snapshot.acknowledged)} samples acknowledged by the broker"
    )
    delay = f"publish → queryable p50 {_ms(snapshot.p50_ms)} · p99 {_ms(snapshot.p99_ms)}"
    return [
        ("vehicles", vehicles),
        ("messages", messages),
        ("samples", samples),
        ("delay", delay),
        ("refused", reasons_text(counters.refused if counters else {})),
        ("alarms", alarms_text(fleet.vehicles_by_alarm_level if fleet else {})),
    ]


def api_rows(api: ApiAccess | LeftOut) -> list[tuple[str, str]]:
    """Where the API is and who may log in, or why there is none."""
    if isinstance(api, LeftOut):
        return [("API", f"[dim]left out: {escape(api.reason)}[/]")]
    logins = " · ".join(person.login for person in api.people)
    return [
        ("API", f"{api.url} · manual {api.url}/api/v1/docs"),
        ("log-ins", f"{logins}\nall with the password {escape(api.password)}"),
    ]


def curl_lines(api: ApiAccess | LeftOut) -> list[str]:
    """Lines for a shell: log in, list two vehicles, two papers that are overdue, two vehicles that
    may be let today, two leases that run, and how many alerts there are. None without an API or a
    log-in.

    Short enough for a narrow terminal, so that they can be copied as they stand.
    """
    if isinstance(api, LeftOut) or not api.people:
        return []
    login = next((p.login for p in api.people if p.role == "ops"), api.people[0].login)
    return [
        f"API={api.url}/api/v1",
        "TOKEN=$(curl -s $API/sessions -H 'Content-Type: application/json' \\",
        f"""    -d '{{"login":"{login}","kind":"bearer",""",
        f"""         "password":"{api.password}"}}' |""",
        r"""    sed 's/.*"token":"\([^"]*\)".*/\1/')""",
        'AUTH="Authorization: Bearer $TOKEN"',
        'curl -s "$API/vehicles?limit=2" -H "$AUTH"; echo',
        'curl -s "$API/obligations?status=overdue&limit=2" -H "$AUTH"; echo',
        'curl -s "$API/available?limit=2" -H "$AUTH"; echo',
        'curl -s "$API/leases?state=active&limit=2" -H "$AUTH"; echo',
        'curl -s "$API/alerts/summary" -H "$AUTH"; echo',
    ]


def command_lines(shell_file: Path | None, vin: str) -> list[str]:
    """Commands that look at the demo. Without a file to read, the settings are those of the caller.

    >>> command_lines(Path("/tmp/demo/env"), "LNBYGYFJ1SS000001")[:2]
    ['. /tmp/demo/env', 'guanche track LNBYGYFJ1SS000001']
    """
    told = [] if shell_file is None else [f". {shlex.quote(str(shell_file))}"]
    alerts = [] if shell_file is None else ["guanche alerts list"]
    return [*told, f"guanche track {vin}", "guanche rejects list", *alerts]


def reasons_text(refused: Mapping[str, int]) -> str:
    """Refusals by reason, most frequent first.

    >>> reasons_text({"bad_json": 2, "too_old": 5})
    '7: too_old 5 · bad_json 2'
    """
    if not refused:
        return "none"
    ordered = sorted(refused.items(), key=lambda item: (-item[1], item[0]))
    told = " · ".join(f"{reason} {count:,}" for reason, count in ordered)
    return f"{sum(refused.values()):,}: {told}"


def alarms_text(vehicles_by_level: Mapping[int, int]) -> str:
    """Vehicles in alarm by level, the gravest first.

    >>> alarms_text({1: 4, 2: 0, 3: 1, 4: 0})
    '1 vehicle at level 3 · 4 vehicles at level 1'
    """
    told = [
        f"{count} vehicle{'' if count == 1 else 's'} at level {level}"
        for level, count in sorted(vehicles_by_level.items(), reverse=True)
        if count
    ]
    return " · ".join(told) or "none"


def _ms(delay_ms: float | None) -> str:
    return UNKNOWN if delay_ms is None else f"{delay_ms:.0f} ms"
