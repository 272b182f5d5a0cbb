"""What people typed beside what the vehicle said at that minute, on real telemetry."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection

from fleet.hand_overs.service import get_hand_over, list_hand_overs
from fleet.lives.service import list_odometer
from fleet.orgs.service import get_organisation
from fleet.registry.service import get_vehicle
from fleet.usage.service import ReadingNear, reading_near
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A, VIN_B, person

from .conftest import OUT_AT, out, ready, told

Conn = Connection[Any]
MINUTE = timedelta(minutes=1)
WITHIN = timedelta(minutes=15)


def near(conn: Conn, vin: str = VIN_A) -> ReadingNear | None:
    vehicle_id = get_vehicle(conn, SYSTEM, vin=vin).id
    return reading_near(conn, vehicle_id=vehicle_id, at=OUT_AT, within=WITHIN)


@pytest.mark.parametrize(
    ("minutes", "nearest"),
    [
        ([-3, 2], 2),
        ([-2, 3], -2),
        ([-2, 2], -2),
        ([0, 1], 0),
        ([-15], -15),
        ([15], 15),
        ([-16, 16], None),
        ([], None),
    ],
    ids=str,
)
def test_the_nearest_sample_within_the_time(
    desk: Conn, minutes: list[int], nearest: int | None
) -> None:
    for each in minutes:
        told(desk, VIN_A, OUT_AT + each * MINUTE, soc_pct=50.0)
    told(desk, VIN_B, OUT_AT, soc_pct=60.0)
    found = near(desk)
    assert (found and found.ts) == (None if nearest is None else OUT_AT + nearest * MINUTE)


def test_a_sample_that_knows_nothing_is_passed_over(desk: Conn) -> None:
    told(desk, VIN_A, OUT_AT, speed_kmh=0.0)
    told(desk, VIN_A, OUT_AT - MINUTE, odometer_km=35112.4)
    assert near(desk) == ReadingNear(OUT_AT - MINUTE, None, None, pytest.approx(35112.4), None)


def test_a_position_without_a_fix_is_none(desk: Conn) -> None:
    told(desk, VIN_A, OUT_AT, fix=False, lat=22.5, lon=114.0, soc_pct=50.0)
    assert near(desk) == ReadingNear(OUT_AT, None, None, None, 50.0)


def test_what_differs_is_flagged_beside_what_was_told(desk: Conn) -> None:
    told(desk, VIN_A, OUT_AT - MINUTE, odometer_km=34980.5, soc_pct=89.0, lat=22.5431, lon=114.0579)
    lease_no, record = ready(desk)
    record = replace(record, lat=22.5731, lon=114.0579, place="南山车场")
    gone = out(desk, lease_no, record).hand_over
    assert gone.told is not None
    assert (gone.told.at, gone.told.readings.odometer_km) == (OUT_AT - MINUTE, Decimal("34980.5"))
    assert [(each.field, each.typed, each.told, each.by) for each in gone.differences] == [
        ("odometer_km", Decimal("35000.0"), Decimal("34980.5"), Decimal("19.5")),
        ("position", None, None, Decimal(3336)),
    ]
    assert "no_telemetry" not in {each.kind for each in gone.warnings}
    assert list_hand_overs(desk, SYSTEM, {"differing": True}, now=OUT_AT) == [gone]
    assert list_hand_overs(desk, SYSTEM, {"differing": False}, now=OUT_AT) == []


def test_without_telemetry_it_is_said_so_and_nothing_differs(desk: Conn) -> None:
    told(desk, VIN_A, OUT_AT - 60 * MINUTE, odometer_km=1.0)
    lease_no, record = ready(desk)
    gone = out(desk, lease_no, record).hand_over
    assert (gone.told, gone.differences) == (None, [])
    assert "no_telemetry" in {each.kind for each in gone.warnings}


def test_what_was_read_is_a_reading_of_the_odometer(desk: Conn) -> None:
    lease_no, record = ready(desk)
    out(desk, lease_no, record)
    [reading] = list_odometer(desk, SYSTEM, vin=VIN_A)
    assert (reading.odometer_km, reading.read_at, reading.source) == (
        *(Decimal("35000.0"), OUT_AT),
        "hand",
    )


def test_exact_positions_are_told_to_who_may_see_them(desk: Conn) -> None:
    told(desk, VIN_A, OUT_AT, lat=22.5432, lon=114.0581)
    lease_no, record = ready(desk)
    key = out(desk, lease_no, replace(record, lat=22.5431, lon=114.0579)).hand_over.key
    east = get_organisation(desk, SYSTEM, code="east")
    seen = get_hand_over(desk, person(east, "sales"), key=key, now=OUT_AT).hand_over
    assert (seen.lat, seen.lon) == (22.5431, 114.0579)
    roughly = get_hand_over(desk, person(east, "finance"), key=key, now=OUT_AT).hand_over
    assert (roughly.lat, roughly.lon) == (22.54, 114.06)
    assert roughly.told is not None
    assert (roughly.told.readings.lat, roughly.told.readings.lon) == (22.54, 114.06)
    [listed] = list_hand_overs(desk, person(east, "finance"), {}, now=OUT_AT)
    assert listed == roughly
