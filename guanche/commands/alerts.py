"""`guanche alerts`: watches and notifies as a process; shows alerts, and who acts.

Works as the installation's operator: it sees all organisations. Leaves out trying rules and
channels (`alerts_trying.py`).
"""

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # beside ingest, on one core; read when imported

from dataclasses import asdict, replace
from typing import Annotated, Any, Final

import typer
from psycopg import Connection
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from alerts.inbox import service as inbox
from alerts.model import Severity
from alerts.rules.kinds import KINDS
from guanche.commands import output
from guanche.commands.alerts_trying import rules, test_channel, test_rule
from guanche.commands.output import count_text, duration_text, instant_text
from kit import clock, db
from kit.errors import Invalid
from kit.log import configure_logging
from kit.settings import get_settings
from schemas.access import SYSTEM

MOST_SHOWN: Final = 1_000
COLOURS: Final = {"critical": "bold red", "warning": "yellow", "info": "dim"}

alerts = typer.Typer(
    name="alerts",
    help="""Watch, remind and notify; look at alerts, try rules and channels.

    [bold]Examples[/]

    $ guanche alerts run

    $ guanche alerts list --severity critical

    $ guanche alerts ack A2611-PEN9K4CK --note 已派人处理

    $ guanche alerts test-rule over_speed --organisation qingfan --set raise_at=95
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
Zone = Annotated[str, typer.Option("--zone", help="Time zone of times shown.")]


@alerts.callback()
def group() -> None:
    """A group of commands."""


@alerts.command("run")
def run() -> None:
    """Watch telemetry and what falls due, and send notifications, until told to stop.

    Any number of processes may run; one acts, and another takes over when it is gone. All send what
    is to be sent. Counters are served at [bold]/metrics[/] and health at [bold]/healthz[/]
    (GUANCHE_HTTP_HOST, GUANCHE_ALERT_HTTP_PORT). Needs GUANCHE_SECRET_KEY, which the addresses of
    channels are sealed with.

    [bold]Examples[/]

    $ guanche alerts run

    $ GUANCHE_ALERT_SWEEP_S=60 GUANCHE_LOG_FORMAT=json guanche alerts run
    """
    from alerts import process  # noqa: PLC0415  (what it imports takes a second)
    from guanche.reminders import record_reminder  # noqa: PLC0415

    settings = get_settings()
    if settings.secret_key is None:
        raise Invalid("GUANCHE_SECRET_KEY is not set; `guanche config --new-key` makes one")
    configure_logging(log_format=settings.log_format, level=settings.log_level)
    raise typer.Exit(process.run(settings, on_delivered=record_reminder))


@alerts.command("list")
def list_alerts(
    *,
    severity: Annotated[Severity | None, typer.Option("--severity", help="How grave.")] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Such as rent_due; `rules` lists them.")
    ] = None,
    organisation: Annotated[
        str | None, typer.Option("--organisation", help="Of this one and those below it.")
    ] = None,
    vehicle: Annotated[str | None, typer.Option("--vehicle", help="VIN.")] = None,
    search: Annotated[
        str | None, typer.Option("--search", help="Part of a number, a VIN, a plate.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Resolved ones, too.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST_SHOWN, help="At most.")] = 50,
    zone_name: Zone = output.DEFAULT_ZONE,
    as_json: AsJson = False,
) -> None:
    """Alerts that are not resolved, the last raised first."""
    zone = output.parse_zone(zone_name)
    if kind is not None and kind not in KINDS:
        raise Invalid(f"no kind {kind!r}; there are {', '.join(sorted(KINDS))}")
    wanted = {
        "severity": severity,
        "kind": kind,
        "organisation": organisation,
        "vehicle": vehicle,
        "search": search,
        "unresolved": None if every else True,
    }
    filters = {name: given for name, given in wanted.items() if given is not None}
    with _connected("list") as conn:
        found = inbox.list_alerts(conn, SYSTEM, filters, limit=limit + 1)
    shown = found[:limit]
    if as_json:
        output.write_json([asdict(each) for each in shown])
        return
    console = output.out()
    if not shown:
        console.print("[green]no alerts[/]  that are asked for")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("alert", "since", "about"):
        table.add_column(heading, no_wrap=True)
    for heading in ("what", "organisation"):
        table.add_column(heading, overflow="fold")
    for each in shown:
        table.add_row(
            f"[{COLOURS[each.severity]}]{each.alert_no}[/]",
            instant_text(each.raised_at, zone)[5:16],
            escape(each.subject_key),
            f"[{COLOURS[each.severity]}]{_title(each.kind, each.rule_code)}[/]"
            + ("" if each.state == "open" else f" · {each.state}"),
            escape(each.organisation_code),
        )
    console.print(table)
    if len(found) > limit:
        console.print(f"there are more than {limit}; --limit shows up to {count_text(MOST_SHOWN)}")


@alerts.command("show")
def show(
    alert_no: Annotated[str, typer.Argument(help="Such as A2611-PEN9K4CK.", show_default=False)],
    *,
    zone_name: Zone = output.DEFAULT_ZONE,
    as_json: AsJson = False,
) -> None:
    """One alert with its facts, its reminders and all that happened to it."""
    zone = output.parse_zone(zone_name)
    with _connected("show") as conn:
        found = inbox.get_alert(conn, SYSTEM, alert_no=alert_no)
    if as_json:
        output.write_json(asdict(found))
        return
    alert, console = found.alert, output.out()
    console.print(
        f"[bold]{alert.alert_no}[/]  [{COLOURS[alert.severity]}]{alert.severity}[/]"
        f"  {_title(alert.kind, alert.rule_code)}  {escape(alert.subject_key)}"
        f"  {escape(alert.plate or '')}  [bold]{alert.state}[/]"
    )
    for name, fact in alert.facts.items():
        console.print(f"  {name:<24} {escape(str(fact))}")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("at", "what", "by", "note"):
        table.add_column(heading, no_wrap=heading != "note")
    for event in found.events:
        at = instant_text(event.at, zone)
        table.add_row(at, event.kind, escape(event.actor), escape(event.note or ""))
    console.print(table)


@alerts.command("ack")
def ack(
    alert_nos: Annotated[
        list[str], typer.Argument(help="Numbers of alerts, 500 at most.", show_default=False)
    ],
    *,
    note: Annotated[str | None, typer.Option("--note", help="What is to be remembered.")] = None,
) -> None:
    """Acknowledge alerts: somebody knows, and nobody else is told next."""
    login = os.environ.get("SUDO_USER") or os.environ.get("USER") or "operator"
    actor = replace(SYSTEM, name=f"guanche alerts ({login})")
    with _connected("ack") as conn, conn.transaction():
        done = inbox.acknowledge_many(conn, actor, alert_nos=alert_nos, note=note, now=clock.now())
    output.out().print(f"{count_text(len(done))} acknowledged of {count_text(len(alert_nos))}")


@alerts.command("status")
def status(*, zone_name: Zone = output.DEFAULT_ZONE, as_json: AsJson = False) -> None:
    """Who acts, how jobs went, how far telemetry is judged. Exit code 1 when nobody acts."""
    from alerts.leadership import ROLE  # noqa: PLC0415
    from alerts.scheduling import service as scheduling  # noqa: PLC0415

    zone, now = output.parse_zone(zone_name), clock.now()
    with _connected("status") as conn:
        leader = scheduling.find_leader(conn, ROLE)
        jobs = scheduling.list_jobs(conn)
    acts = leader is not None and not leader.lapsed
    if as_json:
        told = None if leader is None else asdict(leader)
        output.write_json({"acts": acts, "leader": told, "jobs": [asdict(job) for job in jobs]})
    else:
        console = output.out()
        console.print(
            f"[green]acting[/]  {escape(leader.holder)}"
            if leader is not None and acts
            else "[red]nobody acts[/]  start `guanche alerts run`"
        )
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for heading in ("job", "every", "last", "took", "next", "fault"):
            table.add_column(heading, no_wrap=heading != "fault")
        for job in jobs:
            due_s = (job.next_due_at - now).total_seconds()
            table.add_row(
                job.name,
                duration_text(job.every_s),
                instant_text(job.last_finished_at, zone),
                duration_text(job.last_took_s),
                f"in {duration_text(due_s)}" if due_s > 0 else "due",
                escape(job.last_error or ""),
            )
        console.print(table)
    if not acts:
        raise typer.Exit(1)


alerts.command("rules")(rules)
alerts.command("test-rule")(test_rule)
alerts.command("test-channel")(test_channel)


def _title(kind: str, code: str) -> str:
    known = KINDS.get(kind)
    title = kind if known is None else known.english
    return escape(title if code == kind else f"{title} ({code})")


def _connected(command: str) -> Connection[Any]:
    url = get_settings().database_url.get_secret_value()
    return db.connect(url, application_name=f"guanche alerts {command}")
