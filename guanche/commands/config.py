"""`guanche config`: every setting, its effective value and where that comes from."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args

import typer
from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from guanche.commands.output import UNKNOWN, out, write_json
from guanche.failures import settings_problems
from kit.db import masked
from kit.sealed import new_key_text
from kit.settings import ENV_PREFIX, Settings

DEFAULT = "default"
HIDDEN = "***"


class SettingRow(NamedTuple):
    """One setting as shown: secrets masked, the problem if its value cannot be used."""

    variable: str
    shown: str
    source: str
    meaning: str
    problem: str | None


def config(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only what differs from the default.")
    ] = False,
    new_key: Annotated[
        bool,
        typer.Option("--new-key", help="Only print a fresh key for GUANCHE_SECRET_KEY."),
    ] = False,
) -> None:
    """Show the effective settings and where each comes from.

    Passwords and keys are masked. An environment variable wins over the file [bold].env[/] of the
    current folder, which wins over the default. Exit code 2 when a value cannot be used.

    [bold]Examples[/]

    $ guanche config --changed

    $ GUANCHE_BATCH_MS=50 guanche config --json

    $ echo GUANCHE_SECRET_KEY=$(guanche config --new-key) >> .env
    """
    if new_key:
        typer.echo(new_key_text())
        return
    env_file = Path(str(Settings.model_config.get("env_file")))
    rows, general = describe_settings(os.environ, dotenv_values(env_file), env_file=env_file.name)
    shown = [row for row in rows if not changed or row.source != DEFAULT or row.problem]
    if as_json:
        write_json({"settings": [row._asdict() for row in shown], "problems": general})
    else:
        _print_rows(shown, general)
    if general or any(row.problem for row in rows):
        raise typer.Exit(2)


def describe_settings(
    environ: Mapping[str, str], dotenv: Mapping[str, str | None], *, env_file: str
) -> tuple[list[SettingRow], list[str]]:
    """Every setting as it would be read, and the problems that concern several at once."""
    given: dict[str, tuple[str, str]] = {}
    for source, variables in ((env_file, dotenv), ("environment", environ)):
        for variable, text in variables.items():
            if variable.upper().startswith(ENV_PREFIX) and text is not None:
                given[variable.upper().removeprefix(ENV_PREFIX).lower()] = (text, source)
    known = {name: text for name, (text, _) in given.items() if name in Settings.model_fields}
    problems, general = _problems_of(known)
    rows = []
    for name, field in Settings.model_fields.items():
        text, source = given.get(name, (_default_text(field), DEFAULT))
        rows.append(
            SettingRow(
                variable=ENV_PREFIX + name.upper(),
                shown=_shown(name, field, text),
                source=source,
                meaning=field.description or "",
                problem=problems.get(name),
            )
        )
    return rows, general


def _problems_of(known: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    try:
        Settings.model_validate(dict(known))
    except ValidationError as error:
        by_name: dict[str, str] = {}
        general: list[str] = []
        parts = error.errors(include_url=False, include_input=False)
        for part, sentence in zip(parts, settings_problems(error), strict=True):
            if part["loc"]:
                by_name[str(part["loc"][0])] = sentence.partition(": ")[2]
            else:
                general.append(sentence)
        return by_name, general
    return {}, []


def _shown(name: str, field: FieldInfo, text: str) -> str:
    """The text, of a secret what is none: a URL without its password, else that there is one."""
    if field.annotation is not SecretStr and SecretStr not in get_args(field.annotation):
        return text
    return masked(text) if name.endswith("_url") else text and HIDDEN


def _default_text(field: FieldInfo) -> str:
    default = field.default
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    return "" if default is None or default is PydanticUndefined else str(default)


def _print_rows(rows: list[SettingRow], general: list[str]) -> None:
    console = out()
    for row in rows:
        colour = "dim" if row.source == DEFAULT else "bold"
        shown = f"[{colour}]{escape(row.shown) or UNKNOWN}[/]"
        console.print(f"{row.variable}  {shown}  [dim]{row.source}[/]", soft_wrap=True)
        meaning = Text(row.meaning, style="dim")
        if row.problem:
            meaning = Text(f"cannot be used: {row.problem}", style="red")
        console.print(Padding(meaning, (0, 0, 0, 4), expand=False))
    if not rows:
        console.print("every setting has its default")
    for sentence in general:
        console.print(f"[red]{escape(sentence)}[/]")
