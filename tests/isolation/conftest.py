"""One world a storage: made once, and copied for every file's tests with its files.

What a test changes it may not change for good within its file; the next file has a copy of its own.
"""

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import Connection

from api.app import create_app
from guanche import embedded
from kit import db
from tests.fixtures.databases import TestServer, as_app
from tests.fixtures.spared import api_document, cheap_passwords
from tests.isolation.crawl_build import build, start_anew
from tests.isolation.crawl_client import FILES, ORIGIN, Crawl, routes_of, settings_of
from tests.isolation.crawl_operations import AREAS
from tests.isolation.crawl_world import World

Conn = Connection[Any]
ON_ONE_STORAGE = (
    "test_own_calls_work_and_show_ones_own",
    "test_what_is_malformed_is_told_without_others",
)
LATER_AREAS = frozenset(name for area in AREAS for name in area.OPERATIONS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Operations that read no telemetry are crawled on one storage, TimescaleDB where there is one,
    and so are many requests at once, what is malformed, and one's own calls, one after another: the
    two differ in where telemetry rests, and in nothing that these ask.
    """
    if embedded.find_timescaledb() is None:
        return
    left_out = [item for item in items if _asked_on_plain(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _asked_on_plain(item: pytest.Item) -> bool:
    asked = getattr(item, "callspec", None)
    return (
        asked is not None
        and item.path.parent == Path(__file__).parent
        and asked.params.get("storage") == "postgresql"
        and (
            asked.params.get("operation_id") in LATER_AREAS
            or item.path.name == "test_interleaving.py"
            or item.originalname in ON_ONE_STORAGE
        )
    )


@pytest.fixture(scope="module", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    with cheap_passwords():
        yield


@dataclass(frozen=True, slots=True)
class Land:
    """A world that nobody uses itself."""

    database: str
    """The name of the database to copy."""
    world: World
    files: Path


@pytest.fixture(scope="session")
def _land_of(
    _server_of: Callable[[str], TestServer], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Land]]:
    made: dict[str, Land] = {}
    with ExitStack() as stack:

        def land_of(kind: str) -> Land:
            if kind not in made:
                server = _server_of(kind)
                url = stack.enter_context(server.database())
                shutil.rmtree(FILES, ignore_errors=True)
                with closing(db.connect(url, application_name="test world")) as conn:
                    world = build(conn)
                files = tmp_path_factory.mktemp("files") / kind
                shutil.copytree(FILES, files)
                made[kind] = Land(server.freeze(url), world, files)
            return made[kind]

        yield land_of


@pytest.fixture(scope="module")
def land_url(
    storage: str, _server_of: Callable[[str], TestServer], _land_of: Callable[[str], Land]
) -> Iterator[str]:
    """The URL, as its owner, of the database that holds `world`."""
    land = _land_of(storage)
    shutil.rmtree(FILES, ignore_errors=True)
    shutil.copytree(land.files, FILES)
    with _server_of(storage).database(like=land.database) as url:
        with db.connect(url, application_name="test world") as conn:
            start_anew(conn)
        yield url
    shutil.rmtree(FILES, ignore_errors=True)


@pytest.fixture(scope="module")
def world(land_url: str, storage: str, _land_of: Callable[[str], Land]) -> World:
    """Two tenants of marked things, committed."""
    return copy.deepcopy(_land_of(storage).world)


@pytest.fixture(scope="module")
def crawl(land_url: str, world: World) -> Iterator[Crawl]:
    """The API over the world. Its faults are raised here, not answered."""
    app = create_app(settings_of(as_app(land_url)))
    with TestClient(app, base_url=ORIGIN) as client:
        yield Crawl(client, world, routes_of(api_document()))


@pytest.fixture
def owner(land_url: str) -> Iterator[Conn]:
    """The owner's connection; what it leaves open rolls back."""
    with closing(db.connect(land_url, application_name="test owner")) as conn:
        yield conn


@pytest.fixture
def app_role(land_url: str, world: World) -> Iterator[Conn]:
    """The API's role, acting for nobody yet; what it leaves open rolls back."""
    with closing(psycopg.connect(as_app(land_url), application_name="test app")) as conn:
        yield conn
