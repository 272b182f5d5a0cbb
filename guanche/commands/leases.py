"""`guanche leases`: whether the tables of leases say what follows from their events.

Events are what was told; versions, segments, suspensions and bookings follow from them and are
derived here anew. Writes nothing: a difference is a fault, to be looked at by somebody. Leaves out
what follows from what: `fleet/leasing`.
"""

import json
from collections import Counter
from typing import Annotated, Any

import typer
from psycopg import IsolationLevel
from rich.markup import escape

from fleet.leasing import service as leasing
from guanche.commands import output
from guanche.commands.output import count_text
from kit import db
from kit.settings import get_settings

MOST_SHOWN = 20
LONGEST_TOLD = 300

leases = typer.Typer(
    name="leases",
    help="""Derive the book of every lease anew from its events.

    [bold]Example[/]

    $ guanche leases check
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@leases.callback()
def group() -> None:
    """A group of commands, though there is one."""


@leases.command("check")
def check(
    *, as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False
) -> None:
    """Replay the events of every lease and tell where a table says something else.

    Exit code 1 when anything differs. Writes nothing.
    """
    url = get_settings().database_url.get_secret_value()
    with db.connect(url, application_name="guanche leases check") as conn:
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        drifts = leasing.check_books(conn)
    if as_json:
        output.write_json(_document(drifts))
    else:
        _show(drifts)
    if drifts:
        raise typer.Exit(1)


def _document(drifts: list[leasing.Drift]) -> dict[str, Any]:
    counted = Counter(drift.what for drift in drifts)
    first = [
        {
            "lease_no": drift.lease_no,
            "what": drift.what,
            "follows": _text(drift.expected),
            "kept": _text(drift.found),
        }
        for drift in drifts[:MOST_SHOWN]
    ]
    return {"differ": len(drifts), "by_what": dict(sorted(counted.items())), "first": first}


def _show(drifts: list[leasing.Drift]) -> None:
    console = output.out()
    if not drifts:
        console.print("[green]as it follows[/]  nothing differs")
        return
    table = output.table("lease", "what", "follows", "kept", wrapped=("follows", "kept"))
    for drift in drifts[:MOST_SHOWN]:
        told = (escape(_text(drift.expected)), escape(_text(drift.found)))
        table.add_row(drift.lease_no, drift.what, *told)
    console.print(table)
    more = f", the first {MOST_SHOWN} shown" if len(drifts) > MOST_SHOWN else ""
    console.print(f"[red]{count_text(len(drifts))} differ[/]{more}")


def _text(told: Any) -> str:
    """What stands there, as one line, not all of a long one."""
    line = json.dumps(told, ensure_ascii=False, default=str)
    return line if len(line) <= LONGEST_TOLD else line[: LONGEST_TOLD - 1] + "…"
