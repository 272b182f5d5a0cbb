"""A land on one storage: rules touch no telemetry."""

import pytest

from tests.alerts.rules.land import Conn, settle


@pytest.fixture
def land(conn: Conn) -> Conn:
    """The land as the system sees it; nothing is committed yet."""
    settle(conn)
    return conn
