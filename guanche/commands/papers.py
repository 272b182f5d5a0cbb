"""`guanche papers`: derive anew what falls due of all vehicles, or tell what differs.

What falls due follows from records and is written again whenever one changes; here it is for a day
that went by, and for figures of law that changed. Leaves out what follows from what:
`fleet/compliance`.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from psycopg import IsolationLevel
from rich.markup import escape

from fleet.compliance import service as compliance
from fleet.lives import service as lives
from fleet.maintenance import service as maintenance
from guanche.commands import output
from guanche.commands.output import count_text, fact_text
from kit import clock, db
from kit.settings import get_settings

MOST_SHOWN = 20

papers = typer.Typer(
    name="papers",
    help="""Derive anew what falls due from papers, or tell what differs.

    Run `refresh` once a day, and after a change of figures; it may run at any time, and twice.

    [bold]Examples[/]

    $ guanche papers refresh

    $ guanche papers check
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@papers.command("refresh")
def refresh(*, as_json: AsJson = False) -> None:
    """Write what falls due of every vehicle as it follows today, where it differs; papers and
    maintenance. Keeps a reading of each odometer for the day.

    Some thousand vehicles' papers are one transaction, so that nobody waits long for it.
    """
    now, after_id, written = clock.now(), 0, 0
    url = get_settings().database_url.get_secret_value()
    with db.connect(url, application_name="guanche papers refresh") as conn:
        while (step := compliance.refresh_next(conn, after_id=after_id, now=now)) is not None:
            conn.commit()
            after_id, rows = step
            written += rows
        readings = lives.note_odometers(conn, now=now)
        conn.commit()
        written += maintenance.refresh_maintenance(conn, vehicle_ids=None, now=now)
        conn.commit()
    if as_json:
        output.write_json({"written": written, "odometer_readings": readings})
    else:
        console = output.out()
        console.print(f"[green]refreshed[/]  {count_text(written)} obligations differed")
        console.print(f"[green]noted[/]      {count_text(readings)} odometers")


@papers.command("check")
def check(*, as_json: AsJson = False) -> None:
    """Tell where what is kept differs from what follows now; exit code 1 when anything does.

    Writes nothing. After a day without `refresh` some rows differ: missed cycles are counted.
    """
    url = get_settings().database_url.get_secret_value()
    shown: list[compliance.Drift] = []
    counted: Counter[str] = Counter()
    with db.connect(url, application_name="guanche papers check") as conn:
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        for drift in compliance.find_drift(conn, now=clock.now()):
            counted[drift.kind] += 1
            if len(shown) < MOST_SHOWN:
                shown.append(drift)
    if as_json:
        first = [
            {"vin": d.vin, "kind": d.kind, "kept": d.kept, "follows": d.follows} for d in shown
        ]
        output.write_json(
            {"differ": counted.total(), "by_kind": dict(sorted(counted.items())), "first": first}
        )
    else:
        _show(shown, counted)
    if counted:
        raise typer.Exit(1)


def _show(shown: list[compliance.Drift], counted: Counter[str]) -> None:
    console = output.out()
    if not counted:
        console.print("[green]as it follows[/]  nothing differs")
        return
    table = output.table("VIN", "kind", "kept", "follows", wrapped=("kept", "follows"))
    for drift in shown:
        kept, follows = told_apart(drift.kept, drift.follows)
        table.add_row(drift.vin, drift.kind, escape(kept), escape(follows))
    console.print(table)
    total = counted.total()
    more = f", the first {len(shown)} shown" if total > len(shown) else ""
    console.print(f"[red]{count_text(total)} differ[/]{more}: `guanche papers refresh` writes them")


def told_apart(
    kept: Mapping[str, Any] | None, follows: Mapping[str, Any] | None
) -> tuple[str, str]:
    """What is told of an obligation here and there: the day first, then the facts that differ."""
    sides = [{} if side is None else dict(side["facts"]) for side in (kept, follows)]
    names = [name for name in {**sides[0], **sides[1]} if sides[0].get(name) != sides[1].get(name)]
    return _text(kept, names), _text(follows, names)


def _text(told: Mapping[str, Any] | None, names: list[str]) -> str:
    if told is None:
        return output.UNKNOWN
    facts = [f"{name} {fact_text(told['facts'][name])}" for name in names if name in told["facts"]]
    return "\n".join([told["due_on"] or output.UNKNOWN, *facts])
