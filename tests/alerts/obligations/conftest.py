"""A world on one storage: what falls due touches no telemetry but the latest state."""

from typing import Any

import pytest
from psycopg import Connection

from tests.alerts.obligations.world import World


@pytest.fixture
def world(conn: Connection[Any]) -> World:
    """Not committed: it rolls back with the test."""
    return World(conn)
