"""One world a storage: made once for a file's tests, since none of them may change it for good."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
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
from tests.isolation.crawl_build import build
from tests.isolation.crawl_client import FILES, ORIGIN, Crawl, routes_of, settings_of
from tests.isolation.crawl_operations import AREAS
from tests.isolation.crawl_world import World

Conn = Connection[Any]
LATER_AREAS = frozenset(name for area in AREAS for name in area.OPERATIONS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Operations that read no telemetry are crawled on one storage, TimescaleDB where there is one:
    the two differ in where telemetry rests, and in nothing that these ask.
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
        and asked.params.get("operation_id") in LATER_AREAS
    )


@pytest.fixture(scope="module")
def land_url(storage: str, _server_of: Callable[[str], TestServer]) -> Iterator[str]:
    """The URL, as its owner, of the database that holds `world`."""
    with _server_of(storage).database() as url:
        yield url
    shutil.rmtree(FILES, ignore_errors=True)


@pytest.fixture(scope="module")
def world(land_url: str) -> World:
    """Two tenants of marked things, committed."""
    with closing(db.connect(land_url, application_name="test world")) as conn:
        return build(conn)


@pytest.fixture(scope="module")
def crawl(land_url: str, world: World) -> Iterator[Crawl]:
    """The API over the world. Its faults are raised here, not answered."""
    app = create_app(settings_of(as_app(land_url)))
    with TestClient(app, base_url=ORIGIN) as client:
        yield Crawl(client, world, routes_of(app.openapi()))


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
