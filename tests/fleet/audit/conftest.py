"""Everybody there is, on a real database."""

from typing import Any

import pytest
from psycopg import Connection

from tests.fleet.identity.people import People, settle


@pytest.fixture
def people(conn: Connection[Any]) -> People:
    """Two tenants with people, committed."""
    return settle(conn)
