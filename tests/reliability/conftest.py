"""The rig of a reliability test, and the figures at the end of the run."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from guanche import embedded
from tests.conftest import installation_of
from tests.fixtures.databases import prepare
from tests.fixtures.services import USED, missing
from tests.reliability.figures import REPORTED, SEED
from tests.reliability.forms import ONE_STORAGE
from tests.reliability.rig import Rig

_numbers = itertools.count(1)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures of the scenarios that ran."""
    if not REPORTED:
        return
    terminalreporter.section("reliability figures")
    servers = "; ".join(f"{name} {version}" for name, version in sorted(USED.items()))
    terminalreporter.write_line(f"seed {SEED}; {os.cpu_count()} CPUs; {servers}")
    for line in sorted(REPORTED):
        terminalreporter.write_line(line)


@pytest.fixture
def rig(database_url: str, broker: embedded.Broker, tmp_path: Path) -> Iterator[Rig]:
    """A plant on the shared database server and a broker of its own."""
    with Rig(database_url=database_url, broker_url=broker.url, folder=tmp_path) as plant:
        yield plant


@pytest.fixture
def broker_without_saves(tmp_path: Path) -> Iterator[embedded.Broker]:
    """A mosquitto that does not write its queues while the test lasts."""
    mosquitto = embedded.find_mosquitto()
    if mosquitto is None:
        missing("mosquitto", "mosquitto is not installed")
    USED["mosquitto"] = embedded.read_mosquitto_version(mosquitto)
    with embedded.mosquitto_broker(tmp_path / "broker", autosave_s=3_600) as running:
        yield running


class Outage(NamedTuple):
    """A plant whose database server may be stopped and frozen."""

    rig: Rig
    server: embedded.PostgresServer


@pytest.fixture(scope="session")
def _breakable_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[embedded.PostgresServer]:
    """A server, with fsync, that is stopped and frozen by one test after the other."""
    installation = installation_of(ONE_STORAGE)
    with embedded.running_postgres(installation, tmp_path_factory.mktemp("breakable")) as server:
        yield server


@pytest.fixture
def outage(
    _breakable_server: embedded.PostgresServer, broker: embedded.Broker, tmp_path: Path
) -> Iterator[Outage]:
    """A plant on a database server that is nobody else's."""
    name = f"outage_{next(_numbers)}"
    with psycopg.connect(_breakable_server.url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    url = _breakable_server.url_of(name)
    USED["breakable database"] = prepare(url).description
    with Rig(database_url=url, broker_url=broker.url, folder=tmp_path) as plant:
        yield Outage(plant, _breakable_server)
        _breakable_server.thaw()
        if not _breakable_server.running:
            _breakable_server.start()
