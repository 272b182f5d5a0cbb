"""A lease that ran before it was written down here: its return knows where the way began."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection

from fleet.hand_overs.service import Record, list_hand_overs, record_imported
from fleet.leasing.service import hand_out, lock_lease
from fleet.leasing.terms import Mileage
from fleet.registry.service import get_vehicle, list_stages
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A
from tests.fleet.leasing.conftest import SIGNED, day, line, terms

from .conftest import back, ready

Conn = Connection[Any]


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
def test_the_return_of_an_imported_vehicle_knows_its_way(desk: Conn) -> None:
    mileage = Mileage(included_km=5_000, extra_fen_per_km=100)
    lease_no, _record = ready(desk, terms(line(mileage=mileage)))
    lease, _book = lock_lease(desk, lease_no)
    vehicle = get_vehicle(desk, SYSTEM, vin=VIN_A)
    _book, event_no = hand_out(
        desk, SYSTEM, lease=lease, line_no=1, vehicle=vehicle, at=SIGNED, now=day(5)
    )
    record_imported(
        desk,
        SYSTEM,
        lease_no=lease_no,
        line_no=1,
        event_no=event_no,
        vin=VIN_A,
        handed_at=SIGNED,
        odometer_km=Decimal(1000),
        now=day(5),
    )
    [gone] = list_hand_overs(desk, SYSTEM, {"occasion": "import"}, now=day(5))
    assert (gone.vin, gone.handed_at, gone.odometer_km) == (VIN_A, SIGNED, Decimal(1000))
    assert (gone.warnings, gone.driver, gone.recorded_at) == ([], None, day(5))
    home = Record(odometer_km=Decimal(6_500), soc_pct=Decimal(50))
    came = back(desk, lease_no, home, at=day(30))
    assert [(each.kind, each.amount_fen) for each in came.charges or []] == [("mileage", 50_000)]


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
def test_it_is_let_since_it_came_where_it_was(desk: Conn) -> None:
    lease_no, _record = ready(desk)
    lease, _book = lock_lease(desk, lease_no)
    vehicle = get_vehicle(desk, SYSTEM, vin=VIN_A)
    desk.execute("UPDATE vehicle_stages SET staged_period = tstzrange(%s, NULL)", [day(2)])
    _book, event_no = hand_out(
        desk, SYSTEM, lease=lease, line_no=1, vehicle=vehicle, at=SIGNED, now=day(5)
    )
    facts: dict[str, Any] = {"lease_no": lease_no, "line_no": 1, "event_no": event_no}
    record_imported(
        desk, SYSTEM, **facts, vin=VIN_A, handed_at=SIGNED, odometer_km=None, now=day(5)
    )
    stages = list_stages(desk, SYSTEM, vin=VIN_A)
    assert [(each.stage, each.from_at) for each in stages] == [
        ("in_stock", day(2)),
        ("let", day(2) + timedelta(microseconds=1)),
    ]
