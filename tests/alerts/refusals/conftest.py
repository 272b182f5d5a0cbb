"""One world a module; what a test does in it is rolled back."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from kit import db
from tests.alerts.inbox.conftest import Land
from tests.fixtures.databases import TestServer


@pytest.fixture(scope="module")
def made(storage: str, _server_of: Callable[[str], TestServer]) -> Iterator[Land]:
    """Organisations and vehicles, committed, and no alert."""
    with (
        _server_of(storage).database() as url,
        closing(db.connect(url, application_name="test world")) as conn,
    ):
        land = Land(conn)
        conn.commit()
        yield land


@pytest.fixture
def land(made: Land) -> Iterator[Land]:
    """The same, with alerts of a test's own."""
    with made.conn.transaction(force_rollback=True):
        yield made
