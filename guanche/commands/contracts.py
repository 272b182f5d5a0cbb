"""`guanche contracts`: have kept contracts read again, every copy, byte by byte.

The API does it every hour for those that are due; here it is for an operator who wants to know now.
Leaves out what is compared and what is written down: `fleet/contracts`.
"""

from typing import Annotated, Any

import typer
from rich.markup import escape

from fleet.contracts import jobs
from fleet.contracts.service import Vault, Verification
from guanche.commands import output
from guanche.commands.output import count_text
from kit import clock, db
from kit.files import open_files, open_vault_copy
from kit.settings import get_settings

contracts = typer.Typer(
    name="contracts",
    help="""Read kept contracts again, byte by byte.

    [bold]Examples[/]

    $ guanche contracts verify

    $ guanche contracts verify --all --json
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
Every = Annotated[bool, typer.Option("--all", help="Every contract, not only those that are due.")]


@contracts.callback()
def _commands() -> None:
    """A group with one command so far."""


@contracts.command("verify")
def verify(*, every: Every = False, as_json: AsJson = False) -> None:
    """Read the contracts that are due and tell which are not what was kept.

    Exit code 1 when a copy is changed or missing, or could not be read. Nothing is healed: a whole
    copy is put in place by hand, after somebody has looked at the other.
    """
    settings = get_settings()
    vault = Vault(open_files(settings), open_vault_copy(settings))
    url = settings.database_url.get_secret_value()
    read, wrong = 0, []
    with db.connect(url, application_name="guanche contracts verify") as conn:
        for done in jobs.verify_due(conn, vault, now=clock.now(), every=every):
            read += 1
            if not done.whole:
                wrong.append(done)
    if as_json:
        told = [
            {"contract_no": no, "store": store, "found": found} for no, store, found in rows(wrong)
        ]
        output.write_json({"read": read, "wrong": told})
    else:
        _show(read, wrong, every=every)
    if wrong:
        raise typer.Exit(1)


def rows(wrong: list[Verification]) -> list[tuple[str, str, str]]:
    """Number, store and finding of every copy that is not whole."""
    found: list[tuple[str, str, Any]] = []
    for done in wrong:
        for store, what in [*sorted(done.faults.items()), *sorted(done.unread.items())]:
            found.append((done.contract.contract_no, store, what))
    return found


def _show(read: int, wrong: list[Verification], *, every: bool) -> None:
    console = output.out()
    if not wrong:
        console.print(
            f"[green]whole[/]  {count_text(read)} contracts were read"
            if read or every
            else "[green]nothing due[/]  no contract is due to be read; --all reads every one"
        )
        return
    table = output.table("contract", "store", "found", wrapped=("found",))
    for contract_no, store, what in rows(wrong):
        table.add_row(contract_no, store, escape(what))
    console.print(table)
    told = f"{count_text(len(wrong))} of {count_text(read)} contracts"
    console.print(f"[red]{told} are not as they were kept, or could not be read[/]")
