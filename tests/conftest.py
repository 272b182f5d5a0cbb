"""Fixtures with real servers.

A test that asks for `conn` or `database_url` runs twice: on TimescaleDB and on plain PostgreSQL.
A test that asks for `broker` gets its own mosquitto. What is not installed is skipped with a word
on how to get it, unless REQUIRE says otherwise.

Environment:
  REQUIRE=timescaledb,postgresql,mosquitto
      a named service that is missing fails its tests instead of skipping them.
  GUANCHE_TEST_TIMESCALE_URL=postgresql://superuser@host:port/postgres
      the TimescaleDB server to use instead of a private one, for instance to check the Community
      edition. Databases named guanche_test_… are made there and dropped.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import TupleRow

from guanche import embedded
from kit import db
from tests.fixtures.databases import (
    TEST_SERVER_SETTINGS,
    TEST_TIMESCALE_SETTINGS,
    TestServer,
    as_app,
    prepare,
)
from tests.fixtures.services import USED, missing

STORAGES = ("timescaledb", "postgresql")
MARKER_OF_FIXTURE = {"storage": "database", "broker": "broker"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Markers follow from the fixtures a test uses."""
    for item in items:
        for fixture, marker in MARKER_OF_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(marker)
        # Of several workers one has a file, whose fixtures are made once; and one has all demos and
        # processes, which look for the same free port.
        file = item.nodeid.partition("::")[0]
        group = "processes" if file.startswith(("tests/guanche/", "tests/deploy/")) else file
        item.add_marker(pytest.mark.xdist_group(group))
        if file.startswith(("tests/reliability/", "tests/guanche/test_demo")):
            item.add_marker(pytest.mark.alone)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a worker found is told by the one that started it."""
    USED.update(getattr(node, "workeroutput", {}).get("services", {}))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker: hand on which servers were found."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["services"] = dict(USED)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which servers the tests ran on."""
    for name, version in sorted(USED.items()):
        terminalreporter.write_line(f"{name}: {version}")


def installation_of(storage: str) -> embedded.Installation:
    """The programs of a storage kind; skips or fails the test when there are none."""
    if storage == "postgresql":
        try:
            return embedded.find_embedded()
        except embedded.ServerFailed as reason:
            missing(storage, str(reason))
    found = embedded.find_timescaledb()
    if found is None:
        missing(storage, "there is no TimescaleDB this user can run")
    return found


@contextmanager
def shared_server(storage: str, folder: Path) -> Iterator[TestServer]:
    """The server all tests of a storage kind share."""
    with ExitStack() as stack:
        url = os.environ.get("GUANCHE_TEST_TIMESCALE_URL") if storage == "timescaledb" else None
        if url is None:
            settings = TEST_TIMESCALE_SETTINGS if storage == "timescaledb" else TEST_SERVER_SETTINGS
            running = embedded.running_postgres(installation_of(storage), folder, settings)
            url = stack.enter_context(running).url
        server = stack.enter_context(closing(TestServer(url)))
        USED[storage] = server.storage.description
        yield server


@pytest.fixture(scope="session", params=STORAGES)
def storage(request: pytest.FixtureRequest) -> str:
    """`timescaledb` or `postgresql`; a test that asks for it runs on both."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def _server_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], TestServer]]:
    started: dict[str, TestServer] = {}
    with ExitStack() as stack:

        def server_of(kind: str) -> TestServer:
            if kind not in started:
                folder = tmp_path_factory.mktemp(kind)
                started[kind] = stack.enter_context(shared_server(kind, folder))
            return started[kind]

        yield server_of


@pytest.fixture
def database_url(storage: str, _server_of: Callable[[str], TestServer]) -> Iterator[str]:
    """The URL of a migrated database of this test's own."""
    with _server_of(storage).database() as url:
        yield url


@pytest.fixture
def empty_database_url(storage: str, _server_of: Callable[[str], TestServer]) -> Iterator[str]:
    """The URL of a database of this test's own without any table."""
    with _server_of(storage).database(empty=True) as url:
        yield url


@pytest.fixture
def conn(database_url: str) -> Iterator[psycopg.Connection[TupleRow]]:
    """A connection to a migrated database of this test's own; what it leaves open rolls back."""
    with closing(db.connect(database_url, application_name="test")) as connection:
        yield connection


@pytest.fixture
def app_url(database_url: str) -> str:
    """The same database as the API connects to it: a role that owns nothing."""
    return as_app(database_url)


@pytest.fixture
def app_conn(app_url: str) -> Iterator[psycopg.Connection[TupleRow]]:
    """A connection of the API's role; it sees nothing until `kit.db.act_for` says for whom."""
    with closing(db.connect(app_url, application_name="test app")) as connection:
        yield connection


@pytest.fixture
def private_server(storage: str, tmp_path: Path) -> Iterator[embedded.PostgresServer]:
    """A server of this test's own, with fsync, to stop, kill or freeze."""
    installation = installation_of(storage)
    with embedded.running_postgres(installation, tmp_path / "database") as server:
        yield server


@pytest.fixture
def private_database_url(private_server: embedded.PostgresServer) -> str:
    """The URL of a migrated database on `private_server`."""
    with psycopg.connect(private_server.url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE guanche")
    url = private_server.url_of("guanche")
    prepare(url)
    return url


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[embedded.Broker]:
    """A mosquitto of this test's own, empty, to stop, kill or freeze."""
    mosquitto = embedded.find_mosquitto()
    if mosquitto is None:
        missing("mosquitto", "mosquitto is not installed")
    USED["mosquitto"] = embedded.read_mosquitto_version(mosquitto)
    with embedded.mosquitto_broker(tmp_path / "broker", autosave_s=1) as running:
        yield running


@pytest.fixture
def unused_port() -> int:
    """A loopback TCP port nobody listens on."""
    return embedded.find_free_port()
