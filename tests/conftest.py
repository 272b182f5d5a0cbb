"""Fixtures with real servers.

A test that asks for `conn` or `database_url` runs twice, on TimescaleDB and on plain PostgreSQL,
where it can matter in which of them telemetry rests; else on plain PostgreSQL only.
A test that asks for `broker` gets its own mosquitto. What is not installed is skipped with a word
on how to get it, unless REQUIRE says otherwise.

Environment:
  REQUIRE=timescaledb,postgresql,mosquitto
      a named service that is missing fails its tests instead of skipping them.
  GUANCHE_TEST_TIMESCALE_URL=postgresql://superuser@host:port/postgres
      the TimescaleDB server to use instead of a private one, for instance to check the Community
      edition. Databases named guanche_test_… are made there and dropped. Every test runs there.
"""

import os
from collections import Counter
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

ON_ONE_STORAGE = (
    *("tests/alerts/", "tests/api/", "tests/fleet/", "tests/scenarios/"),
    "tests/bench/test_assets_end_to_end.py",
)
"""What is tested here asks no telemetry: the two storages are the same to it. That each query can
be prepared, and that nothing is told of others, is tested on both."""
ON_BOTH_STORAGES = (
    "tests/alerts/engine/",
    "tests/alerts/rehearsal/",
    "tests/api/test_history",
    "tests/api/test_kpi_routes",
    "tests/api/test_live",
    "tests/api/test_machines",
    "tests/api/test_positions",
    "tests/api/test_refusals",
    "tests/api/test_vehicles",
    "tests/fleet/billing/test_mileage_items",
    "tests/fleet/case_files/",
    "tests/fleet/hand_overs/",
    "tests/fleet/leasing/test_over_term",
    "tests/fleet/test_live",
    "tests/fleet/test_lives",
    "tests/fleet/test_usage",
    "tests/fleet/test_views_",
    "tests/fleet/test_visible_",
)
"""But these do: they read samples, or what is made of them."""

ALONE = ("tests/reliability/", "tests/guanche/test_demo.py")
"""What is run after the rest and one at a time, as it starts whole systems or puts them under
stress. No other file is even read then: that takes as long as many of these tests."""
LONGEST = (
    "tests/api/test_schema.py",
    "tests/isolation/test_crawl.py",
    "tests/isolation/test_interleaving.py",
    "tests/isolation/test_crawl_tokens.py",
)
"""Of several workers each begins with these, or one would go on with them when all else is done.
The others follow by the number of their tests."""
APART = ("tests/api/test_schema.py",)
"""Few tests that take minutes: each may have a worker of its own."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """When only those that are run alone are asked for, the files of others are not read."""
    if not config.option.markexpr.startswith("alone"):
        return None
    within = f"{collection_path.relative_to(config.rootpath).as_posix()}/"
    return not any(
        within.startswith((each, f"{each}/")) or each.startswith(within) for each in ALONE
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Markers follow from the fixtures a test uses; a storage too many is left out."""
    left_out = [item for item in items if _is_twice(item)] if _has_plain_postgresql() else []
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not _is_twice(item)]
    for item in items:
        for fixture, marker in MARKER_OF_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(marker)
        item.add_marker(pytest.mark.xdist_group(_group_of(item)))
        if item.nodeid.startswith(ALONE):
            item.add_marker(pytest.mark.alone)
    if hasattr(config, "workerinput"):
        sizes = Counter(map(_group_of, items))
        items.sort(key=lambda item: (_rank_of(item), -sizes[_group_of(item)]))


def _group_of(item: pytest.Item) -> str:
    """Of several workers one has a file, whose fixtures are made once; and one has all demos and
    processes, which look for the same free port.
    """
    if item.nodeid.startswith(("tests/guanche/", "tests/deploy/")):
        return "processes"
    return item.nodeid if item.nodeid.startswith(APART) else item.nodeid.partition("::")[0]


def _rank_of(item: pytest.Item) -> int:
    file = item.nodeid.partition("::")[0]
    return LONGEST.index(file) if file in LONGEST else len(LONGEST)


def _has_plain_postgresql() -> bool:
    if "GUANCHE_TEST_TIMESCALE_URL" in os.environ:  # a server that is to be tested itself
        return False
    try:
        embedded.find_embedded()
    except embedded.ServerFailed:
        return False
    return True


def _is_twice(item: pytest.Item) -> bool:
    asked = getattr(item, "callspec", None)
    return (
        asked is not None
        and asked.params.get("storage") == "timescaledb"
        and not item.nodeid.startswith(ON_BOTH_STORAGES)
        and item.nodeid.startswith(ON_ONE_STORAGE)
        and "postgresql" in _storages_of(item)
    )


def _storages_of(item: pytest.Item) -> set[object]:
    """Where the test would run: on one storage if it says so itself."""
    said = [mark.args[1] for mark in item.iter_markers("parametrize") if mark.args[0] == "storage"]
    return set(said[0]) if said else set(STORAGES)


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
