"""A small fleet on a real database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection

from fleet.orgs.service import create_organisation
from fleet.registry.service import add_vehicle, register_device
from kit.errors import DomainError

VIN_A = "LSGPC52U6AF102554"
VIN_B = "LDC613P23A1305189"


def at(hour: int, minute: int = 0) -> datetime:
    """An instant of 2026-03-01, in UTC."""
    return datetime(2026, 3, 1, hour, minute, tzinfo=UTC)


@contextmanager
def refused(conn: Connection[Any], fact: type[DomainError]) -> Iterator[None]:
    """Expect this fact and nothing else, and keep the transaction usable."""
    with pytest.raises(fact) as raised, conn.transaction():
        yield
    assert type(raised.value) is fact


@pytest.fixture
def fleet(conn: Connection[Any]) -> Connection[Any]:
    """Head office with operators east and west; vehicles A and B; devices T1, T2, T3."""
    create_organisation(conn, code="head", name="总部")
    create_organisation(conn, code="east", name="华东", parent_code="head")
    create_organisation(conn, code="west", name="西部", parent_code="head")
    add_vehicle(conn, vin=VIN_A, plate="粤BD12345", owner_code="head")
    add_vehicle(conn, vin=VIN_B, plate=None, owner_code="head")
    for serial in ("T1", "T2", "T3"):
        register_device(conn, serial=serial)
    return conn
