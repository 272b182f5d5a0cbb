"""A world on one storage, one a module: no telemetry is touched but the latest state."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from psycopg import Connection

from kit import db
from tests.alerts.obligations.world import World
from tests.fixtures.databases import TestServer


@pytest.fixture(scope="module")
def made(storage: str, _server_of: Callable[[str], TestServer]) -> Iterator[World]:
    """The organisations and vehicles, committed, without any record."""
    with (
        _server_of(storage).database() as url,
        closing(db.connect(url, application_name="test world")) as conn,
    ):
        world = World(conn)
        conn.commit()
        yield world


@pytest.fixture
def world(made: World) -> Iterator[World]:
    """Records of a test's own; they roll back with it."""
    with made.conn.transaction(force_rollback=True):
        made.numbered = 0
        yield made


@pytest.fixture
def own_world(conn: Connection[Any]) -> World:
    """For a test that commits: a database of its own."""
    return World(conn)
