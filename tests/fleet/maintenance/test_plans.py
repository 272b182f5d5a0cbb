"""Maintenance plans, what was done, and what falls due of it, on a real database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection

from fleet.maintenance import errors
from fleet.maintenance.model import PlanItem, VehicleMaintenance
from fleet.maintenance.service import (
    get_plan,
    get_vehicle_maintenance,
    record_done,
    refresh_maintenance,
    set_plan,
)
from fleet.models.errors import ModelNotFound
from fleet.orgs.service import get_organisation
from fleet.registry.errors import VehicleNotFound
from fleet.registry.service import change_stage, change_vehicle, get_vehicle
from kit.errors import VersionChanged
from schemas.access import SYSTEM
from tests.fleet.conftest import NOW, VIN_A, VIN_B, person, refused
from tests.fleet.service.conftest import ITEMS, later, shop

Conn = Connection[Any]
__all__ = ["shop"]
TODAY = date(2026, 3, 2)


def known(conn: Conn, vin: str = VIN_A, now: datetime = NOW) -> VehicleMaintenance:
    vehicle = get_vehicle(conn, SYSTEM, vin=vin)
    return get_vehicle_maintenance(conn, SYSTEM, vehicle=vehicle, now=now)


def due(conn: Conn, vin: str = VIN_A) -> list[tuple[Any, ...]]:
    return [(item.code, item.due_on, item.due_odometer_km) for item in known(conn, vin).items]


def license_a(conn: Conn, registered_on: date) -> None:
    """A is registered on that day."""
    conn.execute(
        "INSERT INTO vehicle_licences (vehicle_id, tenant_id, organisation_id, vehicle_type,"
        " use_nature, registered_on) SELECT id, tenant_id, owner_id, '轻型厢式货车', '营运', %s"
        " FROM vehicles WHERE vin = %s",
        [registered_on, VIN_A],
    )


def test_a_plan_falls_due_from_when_the_life_began(shop: Conn) -> None:
    assert due(shop) == [
        ("annual-service", date(2027, 3, 2), Decimal(20_000)),
        ("brake-fluid", date(2028, 3, 2), None),
    ]
    assert due(shop, VIN_B) == []


def test_a_registration_goes_before_the_first_stage(shop: Conn) -> None:
    license_a(shop, date(2024, 5, 31))
    vehicle_id = get_vehicle(shop, SYSTEM, vin=VIN_A).id
    assert refresh_maintenance(shop, vehicle_ids=[vehicle_id], now=NOW) == 2
    assert due(shop) == [
        ("annual-service", date(2025, 5, 31), Decimal(20_000)),
        ("brake-fluid", date(2026, 5, 31), None),
    ]
    assert [item.status for item in known(shop).items] == ["overdue", "ahead"]


def test_only_what_differs_is_written(shop: Conn) -> None:
    assert refresh_maintenance(shop, vehicle_ids=None, now=later(1)) == 0
    written = shop.execute("SELECT DISTINCT refreshed_at FROM obligations").fetchall()
    assert written == [(NOW,)]


def test_a_plan_is_changed_whole_and_of_a_version(shop: Conn) -> None:
    plan = get_plan(shop, SYSTEM, model_code="ec35")
    assert (plan.version, plan.items) == (2, list(ITEMS))
    changed = [PlanItem("annual-service", "年度保养", every_months=6), PlanItem("tyres", "换位", 3)]
    with refused(shop, VersionChanged):
        set_plan(shop, SYSTEM, model_code="ec35", version=1, items=changed, now=later(1))
    plan = set_plan(shop, SYSTEM, model_code="ec35", version=2, items=changed, now=later(1))
    assert (plan.version, plan.items) == (5, changed)
    assert due(shop) == [
        ("tyres", date(2026, 6, 2), None),
        ("annual-service", date(2026, 9, 2), None),
    ]
    same = set_plan(shop, SYSTEM, model_code="ec35", version=5, items=changed, now=later(2))
    assert same.version == 5
    back = set_plan(shop, SYSTEM, model_code="ec35", version=5, items=ITEMS, now=later(3))
    assert (back.items, due(shop)[1][0]) == (list(ITEMS), "brake-fluid")


def test_what_was_done_is_known_when_an_item_comes_back(shop: Conn) -> None:
    record_done(shop, SYSTEM, vin=VIN_A, code="brake-fluid", done_on=TODAY, now=NOW)
    set_plan(shop, SYSTEM, model_code="ec35", version=2, items=ITEMS[:1], now=later(1))
    assert [code for code, *_ in due(shop)] == ["annual-service"]
    set_plan(shop, SYSTEM, model_code="ec35", version=3, items=ITEMS, now=later(2))
    assert [item.last_done_on for item in known(shop).items] == [None, TODAY]


@pytest.mark.parametrize(
    ("items", "fact"),
    [
        ([PlanItem("a", "甲", 1), PlanItem("a", "乙", 2)], errors.PlanItemTwice),
        ([PlanItem("idle-care", "养护", 1)], errors.PlanItemTwice),
        ([PlanItem("a", "甲")], errors.PlanItemNever),
    ],
    ids=["twice", "idle care is no item", "never due"],
)
def test_a_plan_that_cannot_be_is_refused(shop: Conn, items: Any, fact: Any) -> None:
    with refused(shop, fact):
        set_plan(shop, SYSTEM, model_code="ec35", version=2, items=items, now=NOW)
    assert get_plan(shop, SYSTEM, model_code="ec35").items == list(ITEMS)


def test_the_head_alone_keeps_plans(shop: Conn) -> None:
    east = person(get_organisation(shop, SYSTEM, code="east"))
    with refused(shop, errors.PlanNotYours):
        set_plan(shop, east, model_code="ec35", version=2, items=[], now=NOW)
    with refused(shop, ModelNotFound):
        set_plan(shop, SYSTEM, model_code="nowhere", version=0, items=[], now=NOW)
    head = person(get_organisation(shop, SYSTEM, code="head"))
    assert set_plan(shop, head, model_code="ec35", version=2, items=[], now=NOW).items == []


# What was done


def test_what_was_done_moves_what_is_due(shop: Conn) -> None:
    told = record_done(
        shop,
        SYSTEM,
        vin=VIN_A,
        code="annual-service",
        done_on=date(2026, 1, 31),
        odometer_km=Decimal("19000.5"),
        now=NOW,
    )
    assert (told.items[0].due_on, told.items[0].due_odometer_km) == (
        date(2027, 1, 31),
        Decimal("39000.5"),
    )
    assert [(one.code, one.done_on, one.odometer_km) for one in told.done] == [
        ("annual-service", date(2026, 1, 31), Decimal("19000.5"))
    ]


def test_an_earlier_day_written_down_later_moves_nothing_back(shop: Conn) -> None:
    for day in (date(2026, 2, 1), date(2025, 6, 1)):
        record_done(shop, SYSTEM, vin=VIN_A, code="brake-fluid", done_on=day, now=NOW)
    assert due(shop)[-1] == ("brake-fluid", date(2028, 2, 1), None)


def test_said_twice_it_was_done_once(shop: Conn) -> None:
    first = {"vin": VIN_A, "code": "annual-service", "done_on": TODAY, "now": NOW}
    record_done(shop, SYSTEM, **first)
    told = record_done(shop, SYSTEM, **first, odometer_km=Decimal(100))
    assert [(one.done_on, one.odometer_km) for one in told.done] == [(TODAY, Decimal(100))]


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"code": "wings"}, errors.MaintenanceCodeUnknown),
        ({"done_on": TODAY + timedelta(days=1)}, errors.MaintenanceAhead),
        ({"vin": "LNB00000000000009"}, VehicleNotFound),
        ({"vin": VIN_B}, errors.MaintenanceCodeUnknown),
    ],
    ids=["not in the plan", "tomorrow", "no vehicle", "a vehicle without a plan"],
)
def test_what_cannot_have_been_done_is_refused(shop: Conn, given: Any, fact: Any) -> None:
    facts = {"vin": VIN_A, "code": "brake-fluid", "done_on": TODAY, "now": NOW} | given
    with refused(shop, fact):
        record_done(shop, SYSTEM, **facts)
    assert known(shop).done == []


def test_idle_care_needs_no_plan(shop: Conn) -> None:
    told = record_done(shop, SYSTEM, vin=VIN_B, code="idle-care", done_on=TODAY, now=NOW)
    assert ([one.code for one in told.done], told.items) == (["idle-care"], [])


# How far it has run


def read(conn: Conn, at: datetime, odometer_km: str, running_hours: str | None = None) -> None:
    """Somebody read A's odometer then."""
    conn.execute(
        "INSERT INTO odometer_readings (tenant_id, organisation_id, vehicle_id, read_at,"
        " odometer_km, running_hours, source, recorded_by) SELECT tenant_id, owner_id, id, %s, %s,"
        " %s, 'hand', 'lin' FROM vehicles WHERE vin = %s",
        [at, odometer_km, running_hours, VIN_A],
    )


def test_what_was_read_that_day_counts_where_nobody_says(shop: Conn) -> None:
    read(shop, datetime(2026, 2, 9, 16, tzinfo=UTC), "18000", "450.5")  # the 10th in Shanghai
    done = {"vin": VIN_A, "code": "annual-service", "now": NOW}
    told = record_done(shop, SYSTEM, **done, done_on=date(2026, 2, 9))
    assert told.done[0].odometer_km is None
    told = record_done(shop, SYSTEM, **done, done_on=date(2026, 2, 10))
    assert (told.done[0].odometer_km, told.done[0].running_hours) == (
        Decimal(18_000),
        Decimal("450.5"),
    )


@pytest.mark.parametrize(
    ("odometer_km", "status"), [("19400", "ahead"), ("19500", "due"), ("20000", "overdue")]
)
def test_the_odometer_makes_it_due(shop: Conn, odometer_km: str, status: str) -> None:
    read(shop, NOW - timedelta(days=1), odometer_km)
    told = known(shop)
    assert (told.use.odometer_km, told.items[0].status) == (Decimal(odometer_km), status)


def test_the_newest_that_is_known_counts(shop: Conn) -> None:
    read(shop, NOW - timedelta(days=1), "100")
    shop.execute(
        "INSERT INTO vehicle_state (vehicle_id, ts, odometer_km)"
        " SELECT id, %s, 20480.04 FROM vehicles WHERE vin = %s",
        [NOW - timedelta(hours=1), VIN_A],
    )
    assert (known(shop).use.odometer_km, known(shop).items[0].status) == (
        Decimal("20480.0"),
        "overdue",
    )


# Lives


def test_what_is_disposed_of_needs_nothing(shop: Conn) -> None:
    vehicle = get_vehicle(shop, SYSTEM, vin=VIN_A)
    for place, stage in enumerate(("for_sale", "disposed"), 1):
        change_stage(
            shop,
            SYSTEM,
            vehicle=vehicle,
            stage=stage,  # type: ignore[arg-type]
            reason="报废",
            at=later(place),
            now=later(place),
        )
    assert refresh_maintenance(shop, vehicle_ids=None, now=later(3)) == 2
    assert due(shop) == []


def test_another_model_has_another_plan(shop: Conn) -> None:
    vehicle = get_vehicle(shop, SYSTEM, vin=VIN_A)
    change_vehicle(
        shop,
        SYSTEM,
        vin=VIN_A,
        version=vehicle.version,
        plate=None,
        model="自制",
        model_code=None,
        now=NOW,
    )
    refresh_maintenance(shop, vehicle_ids=[vehicle.id], now=NOW)
    assert due(shop) == []
