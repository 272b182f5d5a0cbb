"""A lease from its draft to its end, on a real database."""

from datetime import date
from typing import Any

from psycopg import Connection

from fleet.leasing.service import check_books, get_lease_detail, held_at
from fleet.registry.service import get_vehicle
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A, VIN_B
from tests.fleet.leasing.conftest import back, day, drafted, line, out, signed, swapped, terms

Conn = Connection[Any]


def test_a_lease_goes_from_its_draft_to_its_end(office: Conn) -> None:
    draft = drafted(office)
    assert (draft.lease.state, draft.lease.version) == ("draft", 1)
    lease = signed(office, terms(line(vin=VIN_A))).lease
    assert (lease.state, lease.signed_at) == ("signed", day(0, 9))
    assert lease.ends_on == date(2027, 3, 1)
    lease = out(office, lease.lease_no)
    assert (lease.state, lease.started_at, lease.vehicles_out) == ("active", day(0, 15), 1)
    lease = swapped(office, lease.lease_no, VIN_B, at=day(10))
    lease = back(office, lease.lease_no, at=day(20))
    assert (lease.state, lease.ended_at, lease.vehicles_out) == ("ended", day(20), 0)
    detail = get_lease_detail(office, SYSTEM, lease_no=lease.lease_no, now=day(30))
    assert [(p.vin, p.from_at, p.until_at) for p in detail.placed] == [
        (VIN_A, day(0, 15), day(10)),
        (VIN_B, day(10), day(20)),
    ]
    vehicle = get_vehicle(office, SYSTEM, vin=VIN_B)
    holding = held_at(office, vehicle_id=vehicle.id, at=day(15))
    assert holding is not None and (holding.lease_no, holding.line_no) == (lease.lease_no, 1)
    assert held_at(office, vehicle_id=vehicle.id, at=day(20)) is None
    assert check_books(office) == []
