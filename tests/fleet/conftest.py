"""A small fleet on a real database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection

from fleet.devices.service import list_bindings, register_device
from fleet.orgs.model import Organisation
from fleet.orgs.service import create_organisation
from fleet.registry.service import add_vehicle, list_operator_periods
from kit.errors import DomainError
from schemas.access import SYSTEM, Actor, Role, permissions_of

VIN_A = "LSGPC52U6AF102554"
VIN_B = "LDC613P23A1305189"
NOW = datetime(2026, 3, 2, tzinfo=UTC)
"""When what the tests write down is written down: later than all of it happened."""


def at(hour: int, minute: int = 0) -> datetime:
    """An instant of 2026-03-01, in UTC."""
    return datetime(2026, 3, 1, hour, minute, tzinfo=UTC)


def person(organisation: Organisation, *roles: Role, stepped_up: bool = True) -> Actor:
    """Somebody of the organisation, an owner unless said, who has just given their password."""
    may = permissions_of(set(roles) or {"owner"})
    return Actor("person", "lin", organisation.id, organisation.code, may, stepped_up)


def bindings(conn: Connection[Any], vin: str) -> list[tuple[str, datetime, datetime | None]]:
    return [(b.serial, b.from_at, b.until_at) for b in list_bindings(conn, SYSTEM, vin=vin)]


def operators(
    conn: Connection[Any], vin: str
) -> list[tuple[str | None, datetime, datetime | None]]:
    return [
        (p.organisation_code, p.from_at, p.until_at)
        for p in list_operator_periods(conn, SYSTEM, vin=vin)
    ]


@contextmanager
def refused(conn: Connection[Any], fact: type[DomainError]) -> Iterator[None]:
    """Expect this fact and nothing else, and keep the transaction usable."""
    with pytest.raises(fact) as raised, conn.transaction():
        yield
    assert type(raised.value) is fact


@pytest.fixture
def fleet(conn: Connection[Any]) -> Connection[Any]:
    """Head office with operators east and west; vehicles A and B; devices T1, T2, T3."""
    create_organisation(conn, SYSTEM, code="head", name="总部", now=NOW)
    create_organisation(conn, SYSTEM, code="east", name="华东", parent_code="head", now=NOW)
    create_organisation(conn, SYSTEM, code="west", name="西部", parent_code="head", now=NOW)
    add_vehicle(conn, SYSTEM, vin=VIN_A, plate="粤BD12345", owner_code="head", now=NOW)
    add_vehicle(conn, SYSTEM, vin=VIN_B, plate=None, owner_code="head", now=NOW)
    for serial in ("T1", "T2", "T3"):
        register_device(conn, SYSTEM, serial=serial, owner_code="head", now=NOW)
    return conn
