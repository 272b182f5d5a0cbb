"""`guanche user`: the first person of an installation, and what its operator does for people.

It connects as the database's owner and acts as the system, past every role; the API is where people
do this for one another. Leaves out changing names, roles and phones.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated, Any

import typer
from psycopg import Connection
from rich.markup import escape

from fleet.identity import service as identity
from fleet.identity.model import User
from fleet.orgs import service as orgs
from fleet.sessions import service as sessions
from guanche.commands import output
from guanche.commands.output import DEFAULT_ZONE, instant_text
from kit import clock, db
from kit.errors import Invalid
from kit.settings import get_settings
from schemas.access import ROLES, SYSTEM, Actor

user = typer.Typer(
    name="user",
    help=f"""Add people, make their one-time links, disable and unlock them.

    Connects as the owner of the database, so it needs no password of ours. Roles:
    {", ".join(ROLES)}.

    [bold]Examples[/]

    $ guanche user create li.na --name 李娜 --role owner --organisation qingfan
    --new-organisation 青帆平台

    $ guanche user create zhang.wei --name 张伟 --role ops --role sales --organisation qingfan
    --link

    $ guanche user reset li.na
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="What they log in with.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
Zone = Annotated[str, typer.Option("--zone", help="Time zone of the times shown.")]


@user.command("create")
def create(
    login: Login,
    *,
    name: Annotated[str, typer.Option("--name", help="Their name.")],
    organisation: Annotated[
        str, typer.Option("--organisation", help="Code of the organisation they belong to.")
    ],
    roles: Annotated[
        list[str], typer.Option("--role", help="What they may do; may be given several times.")
    ],
    new_organisation: Annotated[
        str | None,
        typer.Option(
            "--new-organisation",
            metavar="NAME",
            help="Make a head office of this name where no organisation has the code.",
        ),
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="The password is the first line of the input.")
    ] = False,
    link: Annotated[
        bool, typer.Option("--link", help="Ask for no password, print a one-time link.")
    ] = False,
    zone_name: Zone = DEFAULT_ZONE,
) -> None:
    """Add a person, for instance the first of an installation.

    At a terminal the password is asked for, unseen. Elsewhere, or with --link, a one-time link is
    printed by which they set it themselves.

    [bold]Example[/]

    $ guanche user create li.na --name 李娜 --role owner --organisation qingfan
    --new-organisation 青帆平台
    """
    if link and password_stdin:
        raise Invalid("choose one of --link and --password-stdin")
    zone = output.parse_zone(zone_name)
    password = None if link else _read_password(from_stdin=password_stdin)
    console = output.out()
    with _transaction("user create") as (conn, actor, now):
        made = new_organisation is not None and _ensure_root(
            conn, actor, organisation, new_organisation, now
        )
        created = identity.create_user(
            conn,
            actor,
            login=login,
            name=name,
            organisation_code=organisation,
            roles=roles,
            key=None,
            now=now,
        )
        if password is not None:
            sessions.set_password(conn, actor, login=created.login, password=password, now=now)
        reset = None if password is not None else _make_link(conn, actor, created.login, now)
    if made:
        console.print(f"[green]created[/]  organisation {escape(organisation)}")
    told = f"{', '.join(created.roles)} of {created.organisation_code}"
    console.print(f"[green]created[/]  {escape(created.login)}, {escape(told)}")
    if reset is not None:
        _print_link(*reset, zone_name=zone.key)


@user.command("list")
def list_(
    *,
    organisation: Annotated[
        str | None, typer.Option("--organisation", help="Only of this one and those below it.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 200,
    zone_name: Zone = DEFAULT_ZONE,
    as_json: AsJson = False,
) -> None:
    """People by log-in, with their roles and whether they can log in; phones masked."""
    zone = output.parse_zone(zone_name)
    with _transaction("user list") as (conn, actor, now):
        found = identity.list_users(conn, actor, organisation_code=organisation, limit=limit)
    if as_json:
        output.write_json([asdict(each) for each in found])
        return
    console = output.out()
    if not found:
        console.print("Nobody yet.\n[dim]→ guanche user create --help[/]")
        return
    headings = ("log-in", "name", "organisation", "roles", "state", "last in")
    table = output.table(*headings, wrapped=headings[1:-1])
    for each in found:
        table.add_row(
            escape(each.login),
            escape(each.name),
            escape(each.organisation_code),
            ", ".join(each.roles),
            _state_text(each, now),
            instant_text(each.last_login_at, zone)[:16],
        )
    console.print(table)
    console.print(f"[dim]times in {zone.key}[/]")
    if len(found) == limit:
        console.print(f"[dim]the first {limit}; --limit shows more[/]")


@user.command("reset")
def reset(login: Login, *, zone_name: Zone = DEFAULT_ZONE) -> None:
    """Print a one-time link by which a person sets their password; older ones end."""
    zone = output.parse_zone(zone_name)
    with _transaction("user reset") as (conn, actor, now):
        url, expires_at = _make_link(conn, actor, login, now)
    _print_link(url, expires_at, zone_name=zone.key)


@user.command("disable")
def disable(login: Login) -> None:
    """Bar a person from logging in, and end their sessions."""
    _set_disabled("user disable", login, disabled=True)
    output.out().print(f"[green]disabled[/]  {escape(login)}; their sessions have ended")


@user.command("enable")
def enable(login: Login) -> None:
    """Let a person who was disabled log in again."""
    _set_disabled("user enable", login, disabled=False)
    output.out().print(f"[green]enabled[/]  {escape(login)}")


@user.command("unlock")
def unlock(login: Login) -> None:
    """Let a person try again at once who gave too many wrong passwords."""
    with _transaction("user unlock") as (conn, actor, now):
        identity.unlock_user(conn, actor, login=login, now=now)
    output.out().print(f"[green]unlocked[/]  {escape(login)}")


@contextmanager
def _transaction(name: str) -> Iterator[tuple[Connection[Any], Actor, datetime]]:
    """One transaction as the system; the audit trail names the command."""
    url = get_settings().database_url.get_secret_value()
    with db.connect(url, application_name=f"guanche {name}") as conn:
        yield conn, replace(SYSTEM, name=f"guanche {name}"), clock.now()


def _ensure_root(conn: Connection[Any], actor: Actor, code: str, name: str, now: datetime) -> bool:
    """Whether there was no such organisation and a head office was made."""
    if orgs.find_organisation(conn, actor, code=code) is not None:
        return False
    orgs.create_organisation(conn, actor, code=code, name=name, now=now)
    return True


def _make_link(
    conn: Connection[Any], actor: Actor, login: str, now: datetime
) -> tuple[str, datetime]:
    settings = get_settings()
    token, expires_at = identity.make_reset_link_token(
        conn, actor, login=login, now=now, valid_s=settings.reset_link_s
    )
    return f"{settings.api_public_url}/reset#token={token}", expires_at


def _set_disabled(name: str, login: str, *, disabled: bool) -> None:
    with _transaction(name) as (conn, actor, now):
        version = identity.get_user(conn, actor, login=login).version
        identity.change_user(
            conn,
            actor,
            login=login,
            version=version,
            changes={"disabled": disabled},
            key=None,
            now=now,
        )


def _at_terminal() -> bool:
    return sys.stdin.isatty()


def _read_password(*, from_stdin: bool) -> str | None:
    """The password that is typed or piped in; None where a one-time link takes its place."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise Invalid("--password-stdin: the input has no first line")
        return password
    if not _at_terminal():
        return None
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _state_text(each: User, now: datetime) -> str:
    if each.disabled_at is not None:
        return "[red]disabled[/]"
    if each.locked_until is not None and now < each.locked_until:
        return "[yellow]locked[/]"
    return "[green]active[/]" if each.has_password else "[yellow]no password yet[/]"


def _print_link(url: str, expires_at: datetime, *, zone_name: str) -> None:
    """The link alone on standard output's last line, so that it can be piped."""
    zone = output.parse_zone(zone_name)
    until = instant_text(expires_at, zone)
    output.err().print(f"[dim]one-time link, until {until} {zone_name}; it is shown this once[/]")
    typer.echo(url)
