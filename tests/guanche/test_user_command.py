"""`guanche user`: the first person, one-time links, and what its operator does for people."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import Connection
from typer.testing import CliRunner, Result

from fleet.sessions.model import LoggedIn, LoginRefused
from fleet.sessions.service import log_in, redeem_reset
from guanche.cli import app
from kit import clock, db
from kit.settings import get_settings
from tests.guanche.conftest import Run

PASSWORD = "correct horse battery"
LINK = re.compile(r"^http://127\.0\.0\.1:8080/reset#token=([A-Za-z0-9_-]{43})$", re.MULTILINE)

Piped = Callable[..., Result]


@pytest.fixture
def piped(run: Run, database_url: str) -> Piped:
    """`piped("user", "create", …, text="…")`: the command with a text on its standard input."""
    run("--version", GUANCHE_DATABASE_URL=database_url)

    def run_command(*arguments: str, text: str = "") -> Result:
        get_settings.cache_clear()
        return CliRunner().invoke(app, list(arguments), input=text, prog_name="guanche")

    return run_command


def create(*more: str, login: str = "li.na", role: str = "owner") -> list[str]:
    """Arguments of `user create` for a person of 青帆."""
    given = ["--name", "李娜", "--organisation", "qingfan", "--role", role]
    return ["user", "create", login, *given, *more]


FIRST = create("--new-organisation", "青帆平台")


def enters(app_url: str, login: str, password: str) -> bool:
    """Whether somebody gets in by the API's own role."""
    with db.connect(app_url) as conn:
        outcome = log_in(
            conn,
            login=login,
            password=password,
            kind="bearer",
            ip=None,
            user_agent=None,
            now=clock.now(),
        )
    assert isinstance(outcome, LoggedIn | LoginRefused)
    return isinstance(outcome, LoggedIn)


def test_one_command_begins_an_installation(
    piped: Piped, app_url: str, conn: Connection[Any]
) -> None:
    result = piped(*FIRST, "--password-stdin", text=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert "created  organisation qingfan" in result.stdout
    assert "created  li.na, owner of qingfan" in result.stdout
    assert PASSWORD not in result.output
    assert "token" not in result.output
    assert enters(app_url, "li.na", PASSWORD) is True
    organisation = conn.execute("SELECT code, name, parent_id FROM organisations").fetchone()
    assert organisation == ("qingfan", "青帆平台", None)
    done = conn.execute(
        "SELECT action, actor_kind, actor_name, object_key FROM audit_entries ORDER BY no LIMIT 3"
    ).fetchall()
    assert done == [
        ("organisation.create", "system", "guanche user create", "qingfan"),
        ("user.create", "system", "guanche user create", "li.na"),
        ("user.set_password", "system", "guanche user create", "li.na"),
    ]


def test_without_a_terminal_a_link_is_printed(piped: Piped, app_url: str) -> None:
    result = piped(*FIRST)
    assert result.exit_code == 0, result.output
    found = LINK.search(result.stdout)
    assert found is not None
    assert "it is shown this once" in result.stderr
    assert enters(app_url, "li.na", "") is False
    with db.connect(app_url) as own:
        redeem_reset(
            own,
            token=found[1],
            new_password=PASSWORD,
            ip=None,
            request_id=None,
            now=clock.now(),
        )
    assert enters(app_url, "li.na", PASSWORD) is True


def test_at_a_terminal_the_password_is_asked_for_twice(
    piped: Piped, app_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guanche.commands.user._at_terminal", lambda: True)
    result = piped(*FIRST, text=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    assert enters(app_url, "li.na", PASSWORD) is True
    linked = piped(*create("--link", login="zhang.wei", role="ops"))
    assert LINK.search(linked.stdout) is not None


def test_nobody_has_a_password_that_was_not_given(
    piped: Piped, app_url: str, conn: Connection[Any]
) -> None:
    piped(*FIRST)
    assert conn.execute("SELECT password_hash FROM users").fetchall() == [(None,)]
    for guess in ("", "admin", "guanche", "li.na", "password123"):
        assert enters(app_url, "li.na", guess) is False


@pytest.mark.parametrize(
    ("arguments", "text", "exit_code_and_sentence"),
    [
        pytest.param(create(), "", (1, "no organisation has the code 'qingfan'"), id="unknown"),
        pytest.param(
            create("--new-organisation", "x", role="boss"), "", (2, "no such role: boss"), id="role"
        ),
        pytest.param(
            create("--new-organisation", "x", login="李娜"), "", (2, "a log-in is"), id="log-in"
        ),
        pytest.param([*FIRST, "--password-stdin"], "short\n", (2, "10 characters"), id="short"),
        pytest.param([*FIRST, "--password-stdin"], "password123\n", (2, "everybody"), id="common"),
        pytest.param([*FIRST, "--password-stdin"], "", (2, "no first line"), id="nothing piped"),
        pytest.param([*FIRST, "--password-stdin", "--link"], "", (2, "choose one of"), id="both"),
        pytest.param(["user", "reset", "nobody"], "", (1, "nobody has the log-in"), id="reset"),
        pytest.param(["user", "disable", "nobody"], "", (1, "nobody has the log-in"), id="disable"),
        pytest.param(["user", "unlock", "nobody"], "", (1, "nobody has the log-in"), id="unlock"),
    ],
)
def test_what_cannot_be_done_leaves_nothing(
    piped: Piped,
    conn: Connection[Any],
    arguments: list[str],
    text: str,
    exit_code_and_sentence: tuple[int, str],
) -> None:
    result = piped(*arguments, text=text)
    exit_code, sentence = exit_code_and_sentence
    assert result.exit_code == exit_code, result.output
    assert result.stderr.startswith("error ")
    assert sentence in result.stderr
    counts = conn.execute(
        "SELECT (SELECT count(*) FROM organisations), (SELECT count(*) FROM users),"
        " (SELECT count(*) FROM audit_entries)"
    ).fetchone()
    assert counts == (0, 0, 0)


def test_an_organisation_that_is_there_is_not_made_again(
    piped: Piped, conn: Connection[Any]
) -> None:
    piped(*FIRST)
    result = piped(*create("--new-organisation", "another name", login="zhang.wei", role="ops"))
    assert result.exit_code == 0, result.output
    assert "organisation qingfan" not in result.stdout
    assert conn.execute("SELECT name FROM organisations").fetchall() == [("青帆平台",)]


def test_a_log_in_is_had_once(piped: Piped) -> None:
    piped(*FIRST)
    result = piped(*create())
    assert (result.exit_code, result.stderr) == (1, "error this log-in is taken\n")


def test_people_are_listed(piped: Piped, conn: Connection[Any]) -> None:
    assert "Nobody yet." in piped("user", "list").stdout
    piped(*FIRST, "--password-stdin", text=f"{PASSWORD}\n")
    piped(*create("--role", "sales", login="zhang.wei", role="ops"))
    piped("user", "disable", "zhang.wei")
    conn.execute("UPDATE users SET phone = '13812345678' WHERE login = 'li.na'")
    conn.commit()
    table = piped("user", "list").stdout
    assert re.search(r"li\.na +李娜 +qingfan +owner +active", table)
    assert re.search(r"zhang\.wei +李娜 +qingfan +ops, sales +disabled", table)
    listed = json.loads(piped("user", "list", "--json", "--organisation", "qingfan").stdout)
    assert [(each["login"], each["phone_masked"]) for each in listed] == [
        ("li.na", "138****5678"), ("zhang.wei", None)
    ]  # fmt: skip
    assert json.loads(piped("user", "list", "--json", "--limit", "1").stdout) == listed[:1]
    assert "13812345678" not in table


def test_a_reset_prints_a_link_and_ends_the_one_before(
    piped: Piped, app_url: str, conn: Connection[Any]
) -> None:
    older = LINK.search(piped(*FIRST).stdout)
    newer = LINK.search(piped("user", "reset", "LI.NA").stdout)
    assert older is not None
    assert newer is not None
    assert older[1] != newer[1]
    unused = conn.execute("SELECT count(*) FROM password_resets WHERE used_at IS NULL").fetchone()
    assert unused == (1,)


def test_disabled_enabled_unlocked(piped: Piped, app_url: str, conn: Connection[Any]) -> None:
    piped(*FIRST, "--password-stdin", text=f"{PASSWORD}\n")
    assert piped("user", "disable", "li.na").stdout.startswith("disabled  li.na")
    assert enters(app_url, "li.na", PASSWORD) is False
    assert piped("user", "enable", "li.na").stdout.startswith("enabled  li.na")
    assert enters(app_url, "li.na", PASSWORD) is True
    conn.execute("UPDATE users SET failed_logins = 10, locked_until = now() + interval '1 hour'")
    conn.commit()
    assert enters(app_url, "li.na", PASSWORD) is False
    assert piped("user", "unlock", "li.na").stdout == "unlocked  li.na\n"
    assert enters(app_url, "li.na", PASSWORD) is True


def test_help_shows_examples(run: Run) -> None:
    for arguments in (["user", "--help"], ["user", "create", "--help"]):
        result = run(*arguments)
        assert result.exit_code == 0
        assert "$ guanche user create li.na" in result.stdout


@pytest.fixture
def owner_url(empty_database_url: str) -> Iterator[str]:
    """An empty database whose owner is no superuser, as deploy/timescale/roles.sh leaves it."""
    with db.connect(empty_database_url, autocommit=True) as admin:
        name = admin.info.dbname
        owner = f"{name}_owner"
        admin.execute(f"CREATE ROLE {owner} LOGIN PASSWORD 'x' IN ROLE guanche_system".encode())
        admin.execute(f"ALTER DATABASE {name} OWNER TO {owner}".encode())
        url = urlsplit(empty_database_url)
        host = url.netloc.rpartition("@")[2]
        yield url._replace(netloc=f"{owner}:x@{host}").geturl()
        admin.execute(f"REASSIGN OWNED BY {owner} TO CURRENT_USER".encode())
        admin.execute(f"DROP OWNED BY {owner}".encode())
        admin.execute(f"DROP ROLE {owner}".encode())


def test_an_owner_that_is_no_superuser_suffices(run: Run, owner_url: str) -> None:
    result = run("migrate", GUANCHE_DATABASE_URL=owner_url)
    assert result.exit_code == 0, result.output
    assert LINK.search(run(*FIRST).stdout) is not None
    assert LINK.search(run("user", "reset", "li.na").stdout) is not None
    assert run("user", "disable", "li.na").exit_code == 0
    assert run("user", "enable", "li.na").exit_code == 0
    assert run("user", "unlock", "li.na").exit_code == 0
    assert run("audit", "verify").stdout == "whole  1 chains, 7 entries\n"
    with db.connect(owner_url) as own:
        for statement in ("UPDATE audit_entries SET ip = ''", "DELETE FROM audit_entries"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), own.transaction():
                own.execute(statement.encode())
