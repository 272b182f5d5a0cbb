"""An office that bills: the fleet of the tests of leasing, with settings, and leases to bill."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

import pytest
from psycopg import Connection

from fleet.billing import jobs
from fleet.billing import service as billing
from fleet.billing.service import Bill, Billing, RunCounts
from fleet.leasing.service import Lease, Line, Terms
from fleet.orgs.service import get_organisation
from kit import db
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A
from tests.fleet.leasing.conftest import SIGNED, START, office, out, signed, terms
from tests.fleet.leasing.conftest import line as wanted_line

Conn = Connection[Any]
SELLER: Final = {"name": "华东新能源租赁有限公司", "tax_no": "91310000MA1FL0XX1A"}
BILLING: Final = Billing(date(2026, 1, 1), 10, 7, True, SELLER)
RENT_FEN: Final = 300_000


@pytest.fixture
def books(office: Conn) -> Conn:
    """The office, where head and all below bill since January."""
    see_head(office)
    set_up(office)
    return office


def set_up(conn: Conn, organisation: str = "head", version: int = 0, **given: Any) -> None:
    """The organisation bills, from now on like this."""
    billing.set_settings(
        conn,
        SYSTEM,
        organisation_code=organisation,
        version=version,
        billing=replace(BILLING, **given),
        now=SIGNED,
    )


def see_head(conn: Conn) -> int:
    """Act for the head and all below, as the job does; the id of the head."""
    head = get_organisation(conn, SYSTEM, code="head").id
    db.act_for(conn, [head])
    return head


def run(conn: Conn, now: datetime, **given: Any) -> RunCounts:
    """A run of all that head and those below have to bill."""
    head = get_organisation(conn, SYSTEM, code="head").id
    return jobs.run(conn, SYSTEM, organisation_id=head, now=now, **given)


def agreed(*lines: Line, **given: Any) -> Terms:
    """A year from START at 3,000 a month, paid in advance, without deposit, unless said."""
    usual = {"rent_begins": "start_day"}
    return terms(*(lines or (line(),)), **(usual | given))


def line(no: int = 1, **given: Any) -> Line:
    """A line at 3,000 a month without a deposit."""
    return wanted_line(no, **({"rent_fen": RENT_FEN, "deposit_fen": 0} | given))


def let(conn: Conn, wanted: Terms | None = None, vin: str = VIN_A, **given: Any) -> Lease:
    """A lease, signed and handed out on START."""
    lease = signed(conn, wanted or agreed(), **given).lease
    return out(conn, lease.lease_no, vin)


def bills_of(conn: Conn, lease: Lease, **filters: Any) -> Sequence[Bill]:
    """The bills of a lease that were not discarded, the first due first."""
    asked = {"lease": lease.lease_no} | filters
    found = billing.list_bills(conn, SYSTEM, asked, now=SIGNED, limit=200)
    kept = [each for each in found if each.state != "discarded"]
    return sorted(kept, key=lambda each: (each.due_on, each.purpose))


__all__ = ["START", "books", "office"]
