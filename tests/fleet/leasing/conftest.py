"""A fleet with customers, a model with a price, and leases to make."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.customers.service import CustomerFacts, create_customer
from fleet.leasing.service import (
    Lease,
    LeaseDetail,
    Terms,
    draft_lease,
    hand_out,
    lock_lease,
    set_price,
    sign_lease,
    swap,
    take_back,
)
from fleet.leasing.terms import Line, Term
from fleet.models.service import ModelFacts, create_model
from fleet.registry.service import (
    add_vehicle,
    assign_operator,
    change_vehicle,
    get_vehicle,
)
from kit.sealed import SealingKey
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A, VIN_B

KEY = SealingKey.from_text("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
VIN_C = "LE4TG4DB1JL199517"
LONG_AGO = datetime(2025, 12, 1, tzinfo=UTC)
SIGNED = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""09:00 of Monday 2 March in Shanghai, when leases of these tests are signed."""
START = date(2026, 3, 2)
RENT_FEN = 250_000


def day(number: int, hour: int = 12) -> datetime:
    """An hour of a day counted from START, in Shanghai; day 0 is START."""
    return datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=number, hours=hour - 8)


def line(no: int = 1, **given: Any) -> Line:
    """A line at the price of the list, one month's rent as deposit."""
    return Line(**({"no": no, "rent_fen": RENT_FEN, "deposit_fen": RENT_FEN} | given))


def terms(*lines: Line, **given: Any) -> Terms:
    """A long lease of a year from START, of one line unless said."""
    usual = {"kind": "long", "starts_on": START, "term": Term(count=12)}
    return Terms(**(usual | given), lines=lines or (line(),))


@pytest.fixture
def office(fleet: Connection[Any]) -> Connection[Any]:
    """The fleet; A, B and C of a model with a price are with east, east has a customer."""
    facts = ModelFacts("瑞驰 EC35", "瑞驰", "微型封闭货车")
    create_model(fleet, SYSTEM, code="ec35", facts=facts, head_code="head", now=LONG_AGO)
    add_vehicle(fleet, SYSTEM, vin=VIN_C, plate=None, owner_code="head", now=LONG_AGO)
    for vin in (VIN_A, VIN_B, VIN_C):
        card = get_vehicle(fleet, SYSTEM, vin=vin)
        change_vehicle(
            fleet,
            SYSTEM,
            vin=vin,
            version=card.version,
            plate=card.plate,
            model=None,
            model_code="ec35",
            now=LONG_AGO,
        )
        assign_operator(fleet, SYSTEM, vin=vin, organisation_code="east", at=LONG_AGO, now=SIGNED)
    set_price(
        fleet,
        SYSTEM,
        model_code="ec35",
        lease_kind="long",
        rent_fen=RENT_FEN,
        per="month",
        deposit_fen=RENT_FEN,
        organisation_code="head",
        now=LONG_AGO,
    )
    return fleet


def customer(conn: Connection[Any], name: str = "顺达物流", organisation: str = "east") -> str:
    """The number of a new customer."""
    facts = CustomerFacts("company", name)
    made = create_customer(
        conn, SYSTEM, facts=facts, organisation_code=organisation, key=KEY, now=LONG_AGO
    )
    return made.customer_no


def drafted(conn: Connection[Any], wanted: Terms | None = None, **given: Any) -> LeaseDetail:
    """A draft for a new customer of east."""
    facts: dict[str, Any] = {"now": SIGNED, "terms": wanted or terms()} | given
    if "customer_no" not in facts:
        facts["customer_no"] = customer(conn)
    return draft_lease(conn, SYSTEM, **facts)


def signed(conn: Connection[Any], wanted: Terms | None = None, **given: Any) -> LeaseDetail:
    """A lease that is signed."""
    lease_no = drafted(conn, wanted, **given).lease.lease_no
    return sign_lease(conn, SYSTEM, lease_no=lease_no, now=SIGNED)


def out(
    conn: Connection[Any], lease_no: str, vin: str = VIN_A, line_no: int = 1, **given: Any
) -> Lease:
    """A vehicle handed out on START; the lease after it."""
    at = given.pop("at", day(0, 15))
    lease, _book = lock_lease(conn, lease_no)
    vehicle = get_vehicle(conn, SYSTEM, vin=vin)
    facts = {"line_no": line_no, "vehicle": vehicle, "at": at, "now": at} | given
    hand_out(conn, SYSTEM, lease=lease, **facts)
    return lock_lease(conn, lease_no)[0]


def back(conn: Connection[Any], lease_no: str, line_no: int = 1, *, at: datetime) -> Lease:
    """The vehicle of a line taken back; the lease after it."""
    lease, _book = lock_lease(conn, lease_no)
    take_back(conn, SYSTEM, lease=lease, line_no=line_no, at=at, now=at)
    return lock_lease(conn, lease_no)[0]


def swapped(
    conn: Connection[Any], lease_no: str, vin: str, line_no: int = 1, *, at: datetime
) -> Lease:
    """Another vehicle in a line; the lease after it."""
    lease, _book = lock_lease(conn, lease_no)
    vehicle = get_vehicle(conn, SYSTEM, vin=vin)
    swap(conn, SYSTEM, lease=lease, line_no=line_no, vehicle=vehicle, at=at, reason="检修", now=at)
    return lock_lease(conn, lease_no)[0]
