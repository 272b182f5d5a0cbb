"""The vehicles of `seen.py`, with leases, and how violations are written down."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.violations.service import NewViolation, Recording, Violation, record_violations

from ..let import Leases
from ..seen import VINS, Fleet, build_fleet

ASKED_AT = datetime(2026, 3, 20, 2, tzinfo=UTC)
"""10:00 in Shanghai."""
Recorded = Callable[..., Recording]


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """A minute of March 2026 in Shanghai."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def offence(number: str, vehicle: str, at: datetime, **rest: Any) -> NewViolation:
    """A violation that cost 200 yuan and three points."""
    usual: dict[str, Any] = {"description": "违反禁止标线", "fine_fen": 20_000, "points": 3}
    return NewViolation(number, VINS[vehicle], at, **usual | rest)


@pytest.fixture
def fleet(conn: Connection[Any], app_conn: Connection[Any]) -> Fleet:
    """Vehicles that change hands: A is east's until 20:00 of March 1st in Shanghai, then west's."""
    return build_fleet(conn, app_conn)


@pytest.fixture
def leases(fleet: Fleet) -> Leases:
    """Leases are written with this."""
    return Leases(fleet)


@pytest.fixture
def recorded(fleet: Fleet) -> Recorded:
    """What a member of an organisation writes down."""

    def write(code: str, *entries: NewViolation, now: datetime = ASKED_AT) -> Recording:
        with fleet.as_member(code) as conn:
            return record_violations(conn, fleet.actor(code), entries=entries, now=now)

    return write


def whose(violation: Violation) -> tuple[str, str | None]:
    """The organisation a violation belongs to, and its lease."""
    return violation.row.organisation_code, violation.row.lease_no
