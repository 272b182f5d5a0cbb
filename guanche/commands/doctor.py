"""`guanche doctor`: the report of an examination."""

from typing import Annotated

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.table import Table

from guanche.commands.migrate import MIGRATIONS
from guanche.commands.output import out, write_json
from guanche.diagnosis import Finding, worst
from guanche.doctor import examine
from guanche.failures import settings_problems
from kit.settings import get_settings

_SIGN = {"ok": "[green]ok  [/]", "warn": "[yellow]warn[/]", "fail": "[red]fail[/]"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Find out what is wrong and what to do about it.

    Looks at the settings, the database (version, privileges, migrations, storage, clock), the
    broker (log-in, protocol, session), the ingest process, who acts of alerts, and where
    GUANCHE_API_DATABASE_URL is set the API (role, row security, key, address, people). Changes
    nothing. Exit code 1 when something fails, 0 when all is well or merely worth a warning.

    [bold]Examples[/]

    $ guanche doctor

    $ guanche doctor --json | jq '.findings[] | select(.level != "ok")'
    """
    try:
        settings = get_settings()
    except ValidationError as error:
        findings = [
            Finding("settings", "fail", problem, "Correct it; `guanche config` lists them all.")
            for problem in settings_problems(error)
        ]
    else:
        findings = examine(settings, migrations=MIGRATIONS)
    level = worst(findings)
    if as_json:
        write_json({"level": level, "findings": [finding._asdict() for finding in findings]})
    else:
        _print_report(findings)
    if level == "fail":
        raise typer.Exit(1)


def _print_report(findings: list[Finding]) -> None:
    console = out()
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(ratio=1)
    for finding in findings:
        text = escape(finding.message)
        if finding.advice:
            text += f"\n[dim]→ {escape(finding.advice)}[/]"
        grid.add_row(_SIGN[finding.level], finding.part, text)
    console.print(grid)
    failed, doubtful = (sum(f.level == level for f in findings) for level in ("fail", "warn"))
    if failed or doubtful:
        console.print(f"\n{failed} failed, {doubtful} to look at.")
    else:
        console.print("\n[green]All is well.[/]")
