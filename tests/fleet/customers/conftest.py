"""A head office with east and west, and customers of east."""

from typing import Any

import pytest
from psycopg import Connection

from fleet.customers.service import Customer, CustomerFacts, create_customer
from fleet.orgs.service import create_organisation
from kit.sealed import SealingKey
from schemas.access import SYSTEM
from tests.fleet.conftest import NOW

KEY = SealingKey(bytes(range(32)))


@pytest.fixture
def office(conn: Connection[Any]) -> Connection[Any]:
    """Head with east and west, and rival; nobody has a customer yet."""
    for code, parent in (("head", None), ("east", "head"), ("west", "head"), ("rival", None)):
        create_organisation(conn, SYSTEM, code=code, name=code, parent_code=parent, now=NOW)
    return conn


def added(conn: Connection[Any], organisation: str = "east", **given: Any) -> Customer:
    """A new customer."""
    facts = CustomerFacts(**({"kind": "person", "name": "王芳"} | given))
    return create_customer(
        conn, SYSTEM, facts=facts, organisation_code=organisation, key=KEY, now=NOW
    )
