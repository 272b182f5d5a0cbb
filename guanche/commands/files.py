"""`guanche files`: have the bytes go of files that are not to be kept.

The API does it every hour; here it is for an operator who wants them gone now. Leaves out which
bytes go and which are needed still: `fleet/documents`.
"""

from typing import Annotated

import typer

from fleet.documents import jobs
from guanche.commands import output
from guanche.commands.output import count_text
from kit import clock, db
from kit.files import open_files
from kit.settings import get_settings

files = typer.Typer(
    name="files",
    help="""Delete the bytes of files that are not to be kept.

    [bold]Examples[/]

    $ guanche files sweep

    $ guanche files sweep --json
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@files.callback()
def _commands() -> None:
    """A group with one command so far."""


@files.command("sweep")
def sweep(*, as_json: AsJson = False) -> None:
    """Delete the bytes that are due to go: of people who were erased, of sheets that held numbers.

    Bytes that another file or a contract has as well stay, and are looked at again a day later.
    Exit code 1 when the store does not answer; they are tried again an hour later.
    """
    settings = get_settings()
    url = settings.database_url.get_secret_value()
    with db.connect(url, application_name="guanche files sweep") as conn:
        swept = jobs.sweep_due(conn, open_files(settings), now=clock.now())
        counted = jobs.count_files(swept)
    if as_json:
        output.write_json(counted)
    else:
        _show(counted)
    if counted["unavailable"]:
        raise typer.Exit(1)


def _show(counted: dict[str, int]) -> None:
    console = output.out()
    console.print(f"[green]erased[/]  the bytes of {count_text(counted['erased'])} files")
    if counted["needed"]:
        console.print(f"kept    {count_text(counted['needed'])}: something else has the same bytes")
    if counted["unavailable"]:
        console.print(f"[red]failed[/]  {count_text(counted['unavailable'])}: the store is away")
