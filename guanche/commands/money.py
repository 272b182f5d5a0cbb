"""`guanche money`: bills what is due; tells whether what is kept of money follows from its rows.

`run` does what the API does now and then, for an operator who wants it now. Balances, credit,
deposits, the ledger and what is earned follow from bills, notes, payments and allocations: `check`
derives them anew and writes nothing; a difference is a fault, to be looked at by somebody. Leaves
out what follows from what: `fleet/billing`, `fleet/receivables/checking`, `fleet/ledger/checking`,
`fleet/earnings`.
"""

from collections import Counter
from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer
from psycopg import IsolationLevel
from rich.markup import escape

from fleet.billing import jobs
from fleet.earnings import service as earnings
from fleet.ledger import service as ledger
from fleet.receivables import service as receivables
from guanche.commands import output
from guanche.commands.output import count_text
from kit import clock, db
from kit.settings import get_settings

MOST_SHOWN = 20

money = typer.Typer(
    name="money",
    help="""Bill what is due; tell what of money does not follow.

    [bold]Examples[/]

    $ guanche money run

    $ guanche money check
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@money.callback()
def group() -> None:
    """A group of commands."""


@money.command("run")
def run(
    *,
    connections: Annotated[
        int,
        typer.Option(
            min=1, max=16, help="Organisations are shared out over so many, billed side by side."
        ),
    ] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Draft and issue all bills that are due, of everybody; whatever was missed is caught up.

    Doing it again does nothing more. Exit code 1 when a lease could not be billed.
    """
    url = get_settings().database_url.get_secret_value()
    done = jobs.run_side_by_side(
        partial(db.connect, url, application_name="guanche money run"),
        parts=connections,
        now=clock.now(),
    )
    if as_json:
        output.write_json(asdict(done))
    else:
        console = output.out()
        console.print(
            f"{count_text(done.leases)} leases looked at: {count_text(done.drafted)} drafts,"
            f" {count_text(done.issued)} bills, {count_text(done.credit_notes)} credit notes"
        )
        for lease_no, fault in sorted(done.faults.items())[:MOST_SHOWN]:
            console.print(f"[red]{lease_no}[/]  {escape(fault)}")
    if done.faults:
        raise typer.Exit(1)


@money.command("check")
def check(
    *, as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False
) -> None:
    """Derive open bills, credit, deposits, earnings and the ledger anew and tell what differs.

    Exit code 1 when anything differs. Writes nothing.
    """
    url = get_settings().database_url.get_secret_value()
    with db.connect(url, application_name="guanche money check") as conn:
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        faults = [
            *ledger.check_ledger(conn),
            *receivables.check_balances(conn),
            *earnings.check_earned(conn),
        ]
    if as_json:
        counted = dict(sorted(Counter(fault.check for fault in faults).items()))
        first = [asdict(fault) for fault in faults[:MOST_SHOWN]]
        output.write_json({"differ": len(faults), "by_check": counted, "first": first})
    else:
        _show(faults)
    if faults:
        raise typer.Exit(1)


def _show(faults: list[ledger.Fault]) -> None:
    console = output.out()
    if not faults:
        console.print("[green]as it follows[/]  nothing differs")
        return
    table = output.table("check", "what", "differs", wrapped=("differs",))
    for fault in faults[:MOST_SHOWN]:
        table.add_row(fault.check, escape(fault.key), escape(fault.told))
    console.print(table)
    more = f", the first {MOST_SHOWN} shown" if len(faults) > MOST_SHOWN else ""
    console.print(f"[red]{count_text(len(faults))} differ[/]{more}")
