"""A head office, east and west below it, two vehicles; and how a test says what was found."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from alerts.model import Clearing, Finding, Links, Subject
from fleet.orgs.service import create_organisation
from fleet.registry.service import add_vehicle
from schemas.access import SYSTEM

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEFORE = NOON - timedelta(days=90)
VIN_A = "LSGPC52U6AF102554"
VIN_B = "LDC613P23A1305189"


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


class Land:
    """The world of a test: ids by code and by VIN."""

    def __init__(self, conn: Connection[Any]) -> None:
        self.conn = conn
        create_organisation(conn, SYSTEM, code="head", name="总部", now=BEFORE)
        for code in ("east", "west"):
            create_organisation(conn, SYSTEM, code=code, name=code, parent_code="head", now=BEFORE)
        add_vehicle(conn, SYSTEM, vin=VIN_A, plate="粤BD12345", owner_code="east", now=BEFORE)
        add_vehicle(conn, SYSTEM, vin=VIN_B, plate=None, owner_code="west", now=BEFORE)
        self.organisations = dict(conn.execute("SELECT code, id FROM organisations").fetchall())
        self.vehicles = dict(conn.execute("SELECT vin, id FROM vehicles").fetchall())

    def finding(
        self, rule: str = "offline", minutes: float = 0, vin: str = VIN_A, **said: Any
    ) -> Finding:
        """Something found of a vehicle; its occurrence is when, unless said."""
        vehicle_id = self.vehicles[vin]
        own: dict[str, Any] = {"occurrence": f"{minutes:g}", "severity": "warning", "facts": {}}
        own |= {"links": Links(vehicle_id=vehicle_id), "rule_version": None}
        own["subject"] = Subject("vehicle", vehicle_id, vin)
        organisation = self.organisations[said.pop("organisation", "east")]
        return Finding(
            tenant_id=self.organisations["head"],
            organisation_id=organisation,
            rule_code=rule,
            kind=said.pop("kind", rule),
            raised_at=at(minutes),
            **own | said,
        )

    def clearing(
        self,
        rule: str = "offline",
        minutes: float = 0,
        occurrence: str | None = None,
        vin: str = VIN_A,
        organisation: str = "east",
    ) -> Clearing:
        """Something that is so no longer."""
        return Clearing(
            organisation_id=self.organisations[organisation],
            rule_code=rule,
            subject_kind="vehicle",
            subject_id=self.vehicles[vin],
            cleared_at=at(minutes),
            occurrence=occurrence,
        )


@pytest.fixture
def land(conn: Connection[Any]) -> Land:
    """The world, not committed."""
    return Land(conn)
