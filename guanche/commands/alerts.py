"""`guanche alerts`: watches and notifies as a process; shows alerts, and who acts.

Works as the installation's operator: it sees all organisations. Leaves out what alerts look like
(`alerts_showing.py`) and trying rules and channels (`alerts_trying.py`).
"""

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # beside ingest, on one core; read when imported

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from psycopg import Connection
from rich.markup import escape

from alerts.inbox import service as inbox
from alerts.refusals.model import RefusalRow
from guanche.commands import output
from guanche.commands.alerts_showing import AsJson, Zone, list_alerts, show
from guanche.commands.alerts_trying import rules, test_channel, test_rule
from guanche.commands.output import count_text, duration_text, instant_text
from kit import clock, db
from kit.errors import Invalid, NotFound
from kit.log import configure_logging
from kit.settings import get_settings
from schemas.access import SYSTEM

SHOWN_REFUSED: Final = 20

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


@alerts.command("ack")
def ack(
    alert_nos: Annotated[
        list[str],
        typer.Argument(
            metavar="NUMBER...", help="Numbers of alerts, 500 at most.", show_default=False
        ),
    ],
    *,
    note: Annotated[str | None, typer.Option("--note", help="What is to be remembered.")] = None,
) -> None:
    """Acknowledge alerts: somebody knows, and nobody else is told next.

    Those that are not open stay as they are. Exit code 1 when there is none of a number.
    """
    login = os.environ.get("SUDO_USER") or os.environ.get("USER") or "operator"
    actor = replace(SYSTEM, name=f"guanche alerts ({login})")
    with _connected("ack") as conn, conn.transaction():
        done = inbox.acknowledge_many(conn, actor, alert_nos=alert_nos, note=note, now=clock.now())
        left = {number: _state_of(conn, number) for number in alert_nos if number not in done}
    output.out().print(f"{count_text(len(done))} acknowledged of {count_text(len(alert_nos))}")
    for number, state in left.items():
        output.err().print(
            f"{escape(number)}: {state or '[red]no alert has this number[/]'}", soft_wrap=True
        )
    if None in left.values():
        raise typer.Exit(1)


@alerts.command("status")
def status(*, zone_name: Zone = output.DEFAULT_ZONE, as_json: AsJson = False) -> None:
    """Who acts, how jobs went, what could not be taken. Exit code 1 when nobody acts."""
    from alerts.leadership import ROLE  # noqa: PLC0415
    from alerts.refusals import service as refusals  # noqa: PLC0415
    from alerts.scheduling import service as scheduling  # noqa: PLC0415

    zone, now = output.parse_zone(zone_name), clock.now()
    with _connected("status") as conn:
        leader = scheduling.find_leader(conn, ROLE)
        jobs = scheduling.list_jobs(conn)
        number, refused = refusals.count_open(conn), refusals.list_open(conn, limit=SHOWN_REFUSED)
    acts = leader is not None and not leader.lapsed
    if as_json:
        told = None if leader is None else asdict(leader)
        listed = {"jobs": [asdict(job) for job in jobs], "refused": number}
        listed["refusals"] = [asdict(each) for each in refused]
        output.write_json({"acts": acts, "leader": told} | listed)
    else:
        console = output.out()
        console.print(
            f"[green]acting[/]  {escape(holder_text(leader.holder))}"
            if leader is not None and acts
            else "[red]nobody acts[/]  start `guanche alerts run`"
        )
        headings = ("job", "every", f"last, {zone.key}", "took", "next", "fault")
        table = output.table(*headings, wrapped=("fault",))
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
        show_refusals(refused, number, zone)
    if not acts:
        raise typer.Exit(1)


alerts.command("list")(list_alerts)
alerts.command("show")(show)
alerts.command("rules")(rules)
alerts.command("test-rule")(test_rule)
alerts.command("test-channel")(test_channel)


def show_refusals(refused: Sequence[RefusalRow], number: int, zone: ZoneInfo) -> None:
    """What could not be taken and is not settled, the last first."""
    if not number:
        return
    console = output.out()
    console.print(
        f"[red]{count_text(number)} refused[/]  the others went on; --json tells all of it"
    )
    headings = ("last", "what", "organisation", "rule", "about", "times", "why")
    table = output.table(*headings, wrapped=headings[2:])
    for each in refused:
        table.add_row(
            instant_text(each.last_refused_at, zone)[5:16],
            each.what,
            escape(each.organisation_code or output.UNKNOWN),
            escape(each.rule_code),
            escape(each.subject_key or ""),
            count_text(each.times),
            escape(each.message),
        )
    console.print(table)


def holder_text(holder: str) -> str:
    """The process that acts, as somebody looks for it: machine and process, not which of its lives.

    >>> holder_text("fleet-2:4739:1795370782664348"), holder_text("somebody")
    ('fleet-2, process 4739', 'somebody')
    """
    host, *rest = holder.rsplit(":", 2)
    return f"{host}, process {rest[0]}" if len(rest) == 2 else holder


def _state_of(conn: Connection[Any], alert_no: str) -> str | None:
    """How an alert stands, or None where there is none."""
    try:
        alert = inbox.get_alert(conn, SYSTEM, alert_no=alert_no).alert
    except NotFound:
        return None
    by = f" by {alert.acknowledged_by}" if alert.acknowledged_by else ""
    return f"it is {alert.state} already{escape(by)}"


def _connected(command: str) -> Connection[Any]:
    url = get_settings().database_url.get_secret_value()
    return db.connect(url, application_name=f"guanche alerts {command}")
