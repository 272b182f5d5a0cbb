"""The edge every command runs behind: loaded when called, and known errors told in one line.

Leaves out: which error means what (`guanche/failures.py`).
"""

import os
import re
from collections.abc import Iterable
from importlib import import_module
from typing import Any, NamedTuple

import typer
from rich.markup import escape
from typer.core import TyperCommand, TyperGroup

from guanche.commands.output import err, speak_any_encoding


class Entry(NamedTuple):
    """A command as the help lists it; its module is `guanche.commands.<name>`, a hyphen as `_`."""

    name: str
    panel: str
    purpose: str


class CommandGroup(TyperGroup):
    """The commands of a list, each imported when it is called.

    An error that can be explained becomes one line on standard error and an exit code; any other
    keeps its traceback, and so does every one when `--debug` or GUANCHE_LOG_LEVEL=DEBUG is set.
    """

    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> type["CommandGroup"]:
        """A group class with these commands, in this order."""
        return type("CommandGroup", (cls,), {"entries": tuple(entries)})

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for entry in self.entries:
            self.add_command(
                TyperCommand(entry.name, help=entry.purpose, rich_help_panel=entry.panel)
            )

    def main(self, *args: Any, **kwargs: Any) -> Any:
        speak_any_encoding()
        return super().main(*args, **kwargs)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The real command in place of its entry in the list."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and command is not None:
            command = load_command(name)
        return name, command, rest

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if ctx.params.get("debug") or os.environ.get("GUANCHE_LOG_LEVEL") == "DEBUG":
                raise
            exit_code = report(error)
            if exit_code is None:
                raise
            raise typer.Exit(exit_code) from None


def load_command(name: str) -> Any:
    """The command of `guanche.commands.<name>`: its function, or its group, of the same name."""
    module = name.replace("-", "_")
    found = getattr(import_module(f"guanche.commands.{module}"), module)
    if not isinstance(found, typer.Typer):
        group = typer.Typer(rich_markup_mode="rich", add_completion=False)
        group.command(name)(found)
        found = group
    command = typer.main.get_command(found)
    for each in (command, *getattr(command, "commands", {}).values()):
        each.help = unwrapped(each.help or "")
    return command


def unwrapped(text: str) -> str:
    """A docstring whose paragraphs are one line each, so that the terminal wraps them.

    >>> unwrapped("What it does.\\n\\nMore of\\n    it.")
    'What it does.\\n\\nMore of it.'
    """
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def report(error: Exception) -> int | None:
    """Write an error as one line on standard error; the exit code, or None if it is not known."""
    from guanche.failures import explain  # noqa: PLC0415  (its imports cost 0.2 s)

    failure = explain(error)
    if failure is None:
        return None
    console = err()
    console.print(f"[red]error[/] {escape(failure.message)}", soft_wrap=True)
    if failure.advice:
        console.print(f"[dim]→ {escape(failure.advice)}[/]", soft_wrap=True)
    return failure.exit_code
