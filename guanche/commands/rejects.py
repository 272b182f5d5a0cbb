"""`guanche rejects`: list, show and replay what was refused."""

from dataclasses import asdict
from typing import Annotated

import psycopg
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from guanche.commands import output
from guanche.commands.output import DEFAULT_ZONE, bytes_text, count_text, instant_text
from guanche.demo_view import reasons_text
from ingest.refusals import (
    RefusalLine,
    ReplayReport,
    StoredRefusal,
    get_refusal,
    list_refusals,
    replay_refusals,
)
from kit import clock, db
from kit.errors import Invalid
from kit.settings import get_settings
from schemas.telemetry import REASONS

SHOWN_BYTES = 1_024

rejects = typer.Typer(
    name="rejects",
    help=f"""List, show and replay refused telemetry.

    Whatever ingest does not accept is kept raw with its reason: {", ".join(REASONS)}.

    [bold]Examples[/]

    $ guanche rejects list --reason unknown_device

    $ guanche rejects show 42

    $ guanche rejects replay --reason unknown_device --dry-run
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

Reason = Annotated[str | None, typer.Option("--reason", help="Only this reason.")]
Device = Annotated[str | None, typer.Option("--device", help="Only this device's serial.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
Zone = Annotated[str, typer.Option("--zone", help="Time zone of the times shown.")]


@rejects.command("list")
def list_(
    *,
    reason: Reason = None,
    device: Device = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 50,
    zone_name: Zone = DEFAULT_ZONE,
    as_json: AsJson = False,
) -> None:
    """Refusals, newest first; the same bytes refused again count in "times"."""
    check_reason(reason)
    zone = output.parse_zone(zone_name)
    with _connected("rejects list") as conn:
        found = list_refusals(conn, reason=reason, device_serial=device, limit=limit)
    if as_json:
        output.write_json([asdict(line) for line in found])
        return
    console = output.out()
    if not found:
        console.print("Nothing was refused." if reason is None and device is None else "None such.")
        return
    table = output.table()
    table.add_column("id", justify="right", no_wrap=True)
    table.add_column(f"last, {zone.key}", no_wrap=True)
    table.add_column("reason", no_wrap=True)
    table.add_column("device", no_wrap=True, overflow="ellipsis", max_width=20)
    table.add_column("times", justify="right", no_wrap=True)
    table.add_column("detail", overflow="fold")
    for line in found:
        table.add_row(
            str(line.id),
            instant_text(line.last_received_at, zone),
            _reason_text(line),
            escape(line.device_serial or output.UNKNOWN),
            count_text(line.times),
            escape(line.detail),
        )
    console.print(table)
    if len(found) == limit:
        console.print(f"[dim]the newest {limit}; --limit shows more[/]")
    console.print("[dim]→ guanche rejects show ID[/]")


@rejects.command("show")
def show(
    refusal_id: Annotated[int, typer.Argument(metavar="ID", help="As `rejects list` shows it.")],
    *,
    zone_name: Zone = DEFAULT_ZONE,
    as_json: AsJson = False,
) -> None:
    """One refusal with its raw bytes."""
    zone = output.parse_zone(zone_name)
    with _connected("rejects show") as conn:
        refusal = get_refusal(conn, refusal_id)
    if as_json:
        facts = asdict(refusal)
        facts["raw"] = readable(refusal.raw)
        facts["raw_hex"] = refusal.raw.hex()
        output.write_json(facts)
        return
    console = output.out()
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    for heading, text in (
        ("id", str(refusal.id)),
        ("reason", f"[red]{refusal.reason}[/]: {escape(refusal.detail)}"),
        ("topic", escape(refusal.topic)),
        ("device", escape(refusal.device_serial or output.UNKNOWN)),
        ("received", _received_text(refusal, zone_name)),
        ("replayed", instant_text(refusal.replayed_at, zone)),
        ("raw", bytes_text(len(refusal.raw))),
    ):
        grid.add_row(heading, text)
    console.print(grid)
    console.print()
    console.print(escape(readable(refusal.raw[:SHOWN_BYTES])), soft_wrap=True)
    if len(refusal.raw) > SHOWN_BYTES:
        console.print(f"[dim]… the first {bytes_text(SHOWN_BYTES)}; --json has all[/]")


@rejects.command("replay")
def replay(
    *,
    ids: Annotated[
        list[int] | None, typer.Option("--id", help="This one; may be given several times.")
    ] = None,
    reason: Reason = None,
    device: Device = None,
    everything: Annotated[bool, typer.Option("--all", help="Every refusal.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of them; change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Try refusals again, for instance after a device was registered.

    Their raw bytes run through the same pipeline with their first receipt time. What is accepted
    now becomes rows and is marked replayed; what is not stays as it was.
    """
    check_reason(reason)
    if not (ids or reason or device or everything):
        raise Invalid("say which: --id, --reason, --device or --all")
    if everything and (ids or reason or device):
        raise Invalid("--all leaves no choice; leave out --id, --reason and --device")
    with _connected("rejects replay") as conn, conn.transaction(force_rollback=dry_run):
        report = replay_refusals(
            conn, now=clock.now(), ids=ids, reason=reason, device_serial=device
        )
    if as_json:
        output.write_json({"dry_run": dry_run, **asdict(report)})
    else:
        _print_report(output.out(), report, dry_run=dry_run)


def check_reason(reason: str | None) -> None:
    """Raises Invalid for a reason that does not exist."""
    if reason is not None and reason not in REASONS:
        raise Invalid(f"no such reason: {reason!r}; there are {', '.join(REASONS)}")


def readable(raw: bytes) -> str:
    """The bytes as text; what is not printable UTF-8 as escapes.

    >>> print(readable(b'{"ts": \\xff\\x00}'))
    {"ts": \\xff\\x00}
    """
    text = raw.decode("utf-8", "backslashreplace")
    return "".join(
        c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text
    )


def _connected(name: str) -> psycopg.Connection[psycopg.rows.TupleRow]:
    url = get_settings().database_url.get_secret_value()
    return db.connect(url, application_name=f"guanche {name}", autocommit=True)


def _reason_text(line: RefusalLine) -> str:
    return f"[dim]{line.reason}, replayed[/]" if line.replayed_at else f"[red]{line.reason}[/]"


def _received_text(refusal: StoredRefusal, zone_name: str) -> str:
    zone = output.parse_zone(zone_name)
    first, last = (instant_text(at, zone) for at in (refusal.received_at, refusal.last_received_at))
    if refusal.times == 1:
        return f"{first} {zone_name}"
    return f"{refusal.times:,} times, {first} – {last} {zone_name}"


def _print_report(console: Console, report: ReplayReport, *, dry_run: bool) -> None:
    would = "would be accepted" if dry_run else "accepted"
    console.print(
        f"{report.tried:,} tried, [green]{report.accepted:,} {would}[/], {report.stored:,} new rows"
    )
    if report.refused:
        console.print(f"still refused {reasons_text(report.refused)}", soft_wrap=True)
    if dry_run:
        console.print("[dim]dry run: nothing was changed[/]")
