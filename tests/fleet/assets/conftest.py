"""Vehicles A and B of the small fleet with the papers a hand-over takes."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from psycopg import Connection

from fleet.compliance import service as compliance
from fleet.orgs.service import get_organisation
from schemas.access import SYSTEM, Actor

from ..compliance.written import PASSED, VAN, YEAR
from ..conftest import VIN_A, person

LATER = datetime(2026, 11, 21, 2, tzinfo=UTC)
"""10:00 in Shanghai."""
TODAY = date(2026, 11, 21)


@pytest.fixture
def sound(fleet: Connection[Any]) -> Connection[Any]:
    """The fleet; A has a licence, an inspection and compulsory insurance."""
    compliance.put_licence(fleet, SYSTEM, vin=VIN_A, licence=VAN, now=LATER)
    compliance.record_inspection(fleet, SYSTEM, vin=VIN_A, inspection=PASSED, now=LATER)
    compliance.record_policy(
        fleet, SYSTEM, vin=VIN_A, kind="compulsory", policy_no="PDZA1", terms=YEAR, now=LATER
    )
    return fleet


@pytest.fixture
def owner(fleet: Connection[Any]) -> Actor:
    """The owner of head, who has just given their password."""
    return person(get_organisation(fleet, SYSTEM, code="head"))


@pytest.fixture
def ops(fleet: Connection[Any]) -> Actor:
    """Somebody who moves vehicles on, and overrides nothing."""
    return person(get_organisation(fleet, SYSTEM, code="head"), "ops")
