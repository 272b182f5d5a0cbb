"""A vehicle goes out and comes back: the thread from one end to the other."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from psycopg import Connection

from fleet.leasing.service import check_books, get_lease
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A
from tests.fleet.leasing.conftest import day

from .conftest import OUT_AT, back, out, ready, stages

Conn = Connection[Any]


def test_a_vehicle_goes_out_and_comes_back(desk: Conn) -> None:
    lease_no, record = ready(desk)
    gone = out(desk, lease_no, record)
    assert (gone.hand_over.direction, gone.hand_over.occasion) == ("out", "start")
    assert (gone.hand_over.vin, gone.hand_over.handed_at) == (VIN_A, OUT_AT)
    assert gone.hand_over.driver == record.driver
    assert get_lease(desk, SYSTEM, lease_no=lease_no).state == "active"
    assert stages(desk, VIN_A) == ["in_stock", "let"]
    came = back(
        desk, lease_no, replace(record, driver=None, odometer_km=Decimal("36000.0")), at=day(20)
    )
    assert (came.hand_over.direction, came.hand_over.occasion) == ("back", "return")
    assert get_lease(desk, SYSTEM, lease_no=lease_no).state == "ended"
    assert stages(desk, VIN_A) == ["in_stock", "let", "in_stock"]
    assert came.charges == []
    assert check_books(desk) == []
