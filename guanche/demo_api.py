"""The API of a demo: the log-in it connects as, the people who may try it, its process.

Decides what is made for it and taken away again, and when it is left out: a database of the
caller's own may not let us make a log-in. Leaves out how it looks (`demo_view.py`).
"""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

import psycopg
from psycopg import Connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from guanche import store
from guanche.demo_people import DEMO_PASSWORD, DemoPerson, retire_people, seed_people
from guanche.embedded_process import HOST, find_free_port, is_listening
from guanche.failures import first_line
from guanche.scrape import read_health
from kit import clock, db
from kit.sealed import new_key_text
from kit.settings import Settings

LOGIN_ROLE: Final = "guanche_demo_api"
USUAL_PORT: Final[int] = Settings.model_fields["api_port"].default


class ApiAccess(NamedTuple):
    """What the API is started with, and who may log in with which password."""

    database_url: str
    port: int
    people: list[DemoPerson]
    password: str
    lasting: bool = False
    """The database stays, and so do the people, disabled."""

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://{HOST}:{self.port}"


class LeftOut(NamedTuple):
    """The demo runs without an API."""

    reason: str


@contextmanager
def api_access(
    database_url: str, *, ours: bool, api_database_url: str | None
) -> Iterator[ApiAccess | LeftOut]:
    """A log-in of the database for the API and people who may use it, until the end of the block.

    `ours`: the database is thrown away with the demo. In another one a log-in is made and dropped
    unless `api_database_url` has one, and the people are disabled at the end.
    """
    password = DEMO_PASSWORD if ours else secrets.token_urlsafe(12)
    with _connection(database_url) as conn:
        made = None if api_database_url else _make_login(conn, database_url)
        if isinstance(made, LeftOut):
            yield made
            return
        with conn.transaction():
            people = seed_people(conn, password, clock.now())
    try:
        login_url = api_database_url or made or ""
        yield ApiAccess(login_url, _choose_port(), people, password, lasting=not ours)
    finally:
        if not ours:
            _leave(database_url, people, drop_login=made is not None)


def _leave(database_url: str, people: list[DemoPerson], *, drop_login: bool) -> None:
    """Take back what was made in a database of the caller's own, if it is still there."""
    with suppress(psycopg.OperationalError), _connection(database_url) as conn:
        with conn.transaction():
            retire_people(conn, people, clock.now())
        if drop_login:
            store.drop_demo_login(conn)


def _connection(database_url: str) -> AbstractContextManager[Connection[TupleRow]]:
    return closing(db.connect(database_url, application_name="guanche demo", autocommit=True))


def api_environment(
    access: ApiAccess,
    *,
    secret_key: str | None,
    folder: Path,
    surroundings: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """The environment of the API's process: ours, without the owner's password.

    Files go with the demo's own database; of the caller's they lie where its settings say.
    """
    kept = {k: v for k, v in surroundings.items() if k != "GUANCHE_DATABASE_URL"}
    if not access.lasting:
        kept["GUANCHE_FILES_URL"] = own_files_url(folder)
    return kept | {
        "GUANCHE_API_DATABASE_URL": access.database_url,
        "GUANCHE_API_HOST": HOST,
        "GUANCHE_API_PORT": str(access.port),
        "GUANCHE_API_PUBLIC_URL": access.url,
        "GUANCHE_API_TRUSTED_PROXIES": "",
        "GUANCHE_SECRET_KEY": secret_key or new_key_text(),
    }


def own_files_url(folder: Path) -> str:
    """Where the files of the demo's own database lie."""
    return (folder / "files").absolute().as_uri()


def is_ready(access: ApiAccess) -> bool:
    """Whether the API answers and finds nothing amiss."""
    return read_health(HOST, access.port, "/readyz").well


def _make_login(conn: Connection[TupleRow], url: str) -> str | LeftOut:
    """The URL of a new log-in that the server lets in, or why there is none."""
    if store.is_demo_login_used(conn):
        return LeftOut(f"another demo uses the role {LOGIN_ROLE} of this server")
    password = secrets.token_urlsafe(24)
    try:
        with conn.transaction():
            store.make_demo_login(conn, password)
    except psycopg.errors.InsufficientPrivilege:
        return LeftOut(f"{conn.info.user} may not make a role for it: set GUANCHE_API_DATABASE_URL")
    login_url = make_conninfo(url, user=LOGIN_ROLE, password=password)
    try:
        db.connect(login_url, application_name="guanche demo").close()
    except psycopg.OperationalError as error:
        store.drop_demo_login(conn)
        return LeftOut(
            f"the server does not let a new role in ({first_line(error)}): set"
            " GUANCHE_API_DATABASE_URL"
        )
    return login_url


def _choose_port() -> int:
    """The usual port where it is free, so that what was copied from one demo works in the next."""
    return find_free_port() if is_listening(USUAL_PORT) else USUAL_PORT
