"""`guanche audit`: whether the audit trail is whole, its ends to keep elsewhere, and what it says.

Whoever owns the server can change everything in it. So the ends of the chains are written down
where they cannot reach (`guanche audit heads`), and compared from there (`verify --heads`).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from psycopg import Connection, IsolationLevel
from rich.console import Console
from rich.markup import escape

from fleet.audit import service as trail
from fleet.audit.model import AuditEntry, ChainHead
from guanche.commands import output
from guanche.commands.output import DEFAULT_ZONE, count_text, fact_text, instant_text
from kit import clock, db
from kit.errors import Invalid
from kit.settings import get_settings
from schemas.access import SYSTEM

audit = typer.Typer(
    name="audit",
    help="""Verify, export and read the audit trail.

    Every organisation's entries form a chain: each covers the one before it. What is changed, taken
    out or put in between shows; that an end was cut off shows against an export kept elsewhere.

    [bold]Examples[/]

    $ guanche audit heads > /mnt/worm/heads-2026-11-21.json

    $ guanche audit verify --heads /mnt/worm/heads-2026-11-21.json

    $ guanche audit list --action user.create
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@audit.command("verify")
def verify(
    *,
    heads: Annotated[
        Path | None,
        typer.Option("--heads", help="What `guanche audit heads` wrote earlier.", dir_okay=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every entry of every chain; exit code 1 when one is not whole.

    [bold]Example[/]

    $ guanche audit verify --heads heads-2026-11-21.json
    """
    exported = [] if heads is None else read_heads(heads)
    with _snapshot("audit verify") as conn:
        faults = trail.verify(conn, exported)
        ends = trail.list_heads(conn)
    if as_json:
        output.write_json({"whole": not faults, "faults": [asdict(fault) for fault in faults]})
    else:
        console = output.out()
        for fault in faults:
            where = f"organisation {fault.organisation_id}, entry {fault.no}"
            console.print(f"[red]fault[/]  {where}: {escape(fault.fault)}", soft_wrap=True)
        entries = count_text(sum(end.no for end in ends))
        against = f", and with {len(exported)} exported ends" if exported else ""
        if not faults:
            console.print(f"[green]whole[/]  {len(ends)} chains, {entries} entries{against}")
    if faults:
        raise typer.Exit(1)


@audit.command("heads")
def heads() -> None:
    """Write the end of every chain as JSON, to be kept where nobody of the database can reach."""
    with _snapshot("audit heads") as conn:
        ends = trail.list_heads(conn)
    listed = [
        {"organisation_id": end.organisation_id, "no": end.no, "digest": end.digest.hex()}
        for end in ends
    ]
    output.write_json({"taken_at": clock.now(), "heads": listed})


@audit.command("list")
def list_(
    *,
    actor: Annotated[
        str | None, typer.Option("--actor", help="Only by this log-in, key or command.")
    ] = None,
    action: Annotated[
        str | None, typer.Option("--action", help="Only this, for instance user.create.")
    ] = None,
    object_key: Annotated[
        str | None, typer.Option("--object", help="Only on this: a log-in, a VIN, a code.")
    ] = None,
    organisation: Annotated[
        str | None, typer.Option("--organisation", help="Only of this organisation's people.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 50,
    zone_name: Annotated[
        str, typer.Option("--zone", help="Time zone of the times shown.")
    ] = DEFAULT_ZONE,
    as_json: AsJson = False,
) -> None:
    """What was done, newest first: who, what, on which object, before and after, from where."""
    zone = output.parse_zone(zone_name)
    given = {
        "actor": actor,
        "action": action,
        "object_key": object_key,
        "organisation": organisation,
    }
    filters = {name: wanted for name, wanted in given.items() if wanted is not None}
    with _snapshot("audit list") as conn:
        found = trail.list_entries(conn, SYSTEM, filters, limit=limit)
    if as_json:
        output.write_json([asdict(entry) for entry in found])
        return
    console = output.out()
    if not found:
        console.print("None such." if filters else "Nothing was done yet.")
        return
    for entry in found:
        _show_entry(console, entry, zone)
    console.print(f"[dim]times in {zone.key}[/]")
    if len(found) == limit:
        console.print(f"[dim]the newest {limit}; --limit shows more[/]")


def read_heads(path: Path) -> list[ChainHead]:
    """The ends that `guanche audit heads` wrote.

    Raises:
        Invalid: the file holds something else.
        OSError: it cannot be read.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return [
            ChainHead(int(end["organisation_id"]), int(end["no"]), bytes.fromhex(end["digest"]))
            for end in document["heads"]
        ]
    except (ValueError, KeyError, TypeError):
        raise Invalid(f"{path}: not what `guanche audit heads` writes") from None


def change_text(entry: AuditEntry) -> str:
    """What was changed, a line each: `roles: ops → ops, sales`."""
    before, after = entry.before or {}, entry.after or {}
    lines = []
    for name in [*before, *(name for name in after if name not in before)]:
        was = f"{fact_text(before[name])} → " if name in before else ""
        lines.append(f"{name}: {was}{fact_text(after.get(name))}")
    return "\n".join(lines)


def _show_entry(console: Console, entry: AuditEntry, zone: ZoneInfo) -> None:
    """An entry in two lines or three: no table of long log-ins and codes is narrow enough."""
    console.print(
        f"{instant_text(entry.at, zone)}  [bold]{escape(entry.action)}[/]"
        f"  {escape(f'{entry.object_kind} {entry.object_key}')}",
        soft_wrap=True,
    )
    by = f"by {entry.actor_name}" + (f" from {entry.ip}" if entry.ip else "")
    changed = " · ".join(change_text(entry).splitlines())
    for line in filter(None, (by, changed)):
        console.print(f"    {escape(line)}", soft_wrap=True)


@contextmanager
def _snapshot(name: str) -> Iterator[Connection[Any]]:
    """The database as it is at one instant: entries and ends that belong together."""
    url = get_settings().database_url.get_secret_value()
    with db.connect(url, application_name=f"guanche {name}") as conn:
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        yield conn
