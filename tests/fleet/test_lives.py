"""Odometers, purchases, places and the pool, on a real database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from psycopg import Connection

from fleet import periods
from fleet.lives import errors
from fleet.lives.service import (
    Odometer,
    OdometerReading,
    PurchaseFacts,
    change_placing,
    find_odometer,
    get_purchase,
    list_odometer,
    list_pool,
    note_odometers,
    record_odometer,
    record_purchase,
    write_odometer,
)
from fleet.models.service import ModelFacts, create_model
from fleet.orgs.errors import OrganisationNotFound
from fleet.orgs.service import create_organisation, get_organisation
from fleet.registry.errors import VehicleNotYours
from fleet.registry.service import (
    assign_operator,
    change_stage,
    change_vehicle,
    get_vehicle,
)
from kit.db import act_for
from kit.errors import DomainError, VersionChanged
from schemas.access import SYSTEM, Actor

from .conftest import NOW, VIN_A, VIN_B, at, person, refused

Conn = Connection[Any]
FACTS: Final = PurchaseFacts(
    date(2025, 3, 15), 9_980_000, "某公司", "straight_line", 60, Decimal(5)
)
OF_BRANCHES: Final = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
"""None of this rests on how telemetry is stored."""


def act_as(conn: Conn, code: str) -> Actor:
    """Somebody of the organisation, with what the database shows them."""
    conn.execute("RESET ROLE")
    actor = person(get_organisation(conn, SYSTEM, code=code))
    conn.execute("SET LOCAL ROLE guanche_app")
    assert actor.organisation_id is not None
    act_for(conn, [actor.organisation_id])
    return actor


def read(conn: Conn, km: float, hour: int, actor: Actor = SYSTEM, **given: Any) -> OdometerReading:
    usual: dict[str, Any] = {"vin": VIN_A, "read_at": at(hour), "now": NOW}
    return record_odometer(conn, actor, odometer_km=Decimal(str(km)), **(usual | given))


def report(conn: Conn, ts: datetime, odometer_km: float, vin: str = VIN_A) -> None:
    """The vehicle's latest state, as ingest writes it."""
    conn.execute(
        """
        INSERT INTO vehicle_state (vehicle_id, ts, odometer_km, operator_id)
        SELECT v.id, %s, %s, p.organisation_id FROM vehicles v
        LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
        WHERE v.vin = %s
        ON CONFLICT (vehicle_id) DO UPDATE SET ts = excluded.ts, odometer_km = excluded.odometer_km
        """,
        [ts, odometer_km, vin],
    )


# Odometers


@OF_BRANCHES
def test_a_reading_below_the_highest_before_is_told_as_rolled_back(fleet: Conn) -> None:
    told = [read(fleet, km, hour) for km, hour in ((100, 8), (250.4, 9), (249.4, 10), (249.3, 11))]
    assert [r.rolled_back_km for r in told] == [0, 0, 0, Decimal("1.1")]
    read(fleet, 120, 12)
    read(fleet, 130, 13)
    history = [(r.odometer_km, r.rolled_back_km) for r in list_odometer(fleet, SYSTEM, vin=VIN_A)]
    assert history[:2] == [
        (Decimal(130), Decimal("120.4")),
        (Decimal(120), Decimal("130.4")),
    ]
    assert len(history) == 6


@OF_BRANCHES
def test_a_reading_between_two_others_counts_where_it_lies(fleet: Conn) -> None:
    read(fleet, 100, 8)
    read(fleet, 300, 12)
    assert read(fleet, 500, 10).rolled_back_km == 0
    [newest, *_] = list_odometer(fleet, SYSTEM, vin=VIN_A)
    assert (newest.odometer_km, newest.rolled_back_km) == (Decimal(300), Decimal(200))


@OF_BRANCHES
def test_an_odometer_is_written_down_once_an_instant(fleet: Conn) -> None:
    read(fleet, 100, 8, running_hours=Decimal("12.5"), note="盘点")
    with refused(fleet, errors.OdometerReadAlready):
        read(fleet, 101, 8)
    vehicle = get_vehicle(fleet, SYSTEM, vin=VIN_A)
    written = write_odometer(
        fleet,
        SYSTEM,
        vehicle=vehicle,
        odometer_km=Decimal(100),
        read_at=at(8),
        source="work_order",
    )
    assert (written.source, written.note) == ("work_order", None)
    [last, first] = list_odometer(fleet, SYSTEM, vin=VIN_A)
    assert (first.running_hours, first.note, first.source) == (Decimal("12.5"), "盘点", "hand")
    assert list_odometer(fleet, SYSTEM, vin=VIN_A, before=(last.read_at, last.id)) == [first]
    with refused(fleet, periods.InstantInFuture):
        read(fleet, 100, 9, now=at(8))


@OF_BRANCHES
def test_the_newest_known_is_written_down_or_reported(fleet: Conn) -> None:
    vehicle = get_vehicle(fleet, SYSTEM, vin=VIN_A)
    assert find_odometer(fleet, vehicle=vehicle) is None
    read(fleet, 100, 8)
    assert find_odometer(fleet, vehicle=vehicle) == Odometer(Decimal(100), at(8), "hand")
    report(fleet, at(9), 103.26)
    found = find_odometer(fleet, vehicle=vehicle)
    assert found == Odometer(Decimal("103.3"), at(9), "telemetry")
    read(fleet, 104, 10)
    assert find_odometer(fleet, vehicle=vehicle) == Odometer(Decimal(104), at(10), "hand")


@OF_BRANCHES
def test_what_vehicles_report_is_noted_once_a_local_day(fleet: Conn) -> None:
    """In Shanghai the day ends at 16:00 UTC."""
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=at(1), now=NOW)
    report(fleet, at(8), 100.04)
    report(fleet, at(8), 50, vin=VIN_B)
    assert note_odometers(fleet, now=NOW) == 2
    assert note_odometers(fleet, now=NOW) == 0
    report(fleet, at(15, 59), 110)
    assert note_odometers(fleet, now=NOW) == 0
    report(fleet, at(16), 111)
    assert note_odometers(fleet, now=at(15)) == 0  # ahead of the clock: not yet
    assert note_odometers(fleet, now=NOW) == 1
    told = [(r.read_at, float(r.odometer_km)) for r in list_odometer(fleet, SYSTEM, vin=VIN_A)]
    assert told == [(at(16), 111.0), (at(8), 100.0)]
    assert {r.source for r in list_odometer(fleet, SYSTEM, vin=VIN_A)} == {"telemetry"}
    written = fleet.execute(
        "SELECT o.code, r.recorded_by FROM odometer_readings r"
        " JOIN organisations o ON o.id = r.organisation_id ORDER BY r.vehicle_id, r.read_at"
    ).fetchall()
    assert written == [("east", "guanche"), ("east", "guanche"), ("head", "guanche")]


@OF_BRANCHES
def test_a_note_stays_with_whose_it_is(fleet: Conn) -> None:
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=at(1), now=NOW)
    read(fleet, 100, 8, note="客户的车位", actor=act_as(fleet, "east"))
    fleet.execute("RESET ROLE")
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="west", at=at(9), now=NOW)
    west = act_as(fleet, "west")
    [seen] = list_odometer(fleet, west, vin=VIN_A)
    assert (float(seen.odometer_km), seen.note) == (100.0, None)
    east = act_as(fleet, "east")
    assert [r.note for r in list_odometer(fleet, east, vin=VIN_A)] == ["客户的车位"]
    with refused(fleet, VehicleNotYours):
        read(fleet, 101, 9, actor=east)


# Purchases


@OF_BRANCHES
def test_a_purchase_is_written_down_and_corrected(fleet: Conn) -> None:
    with refused(fleet, errors.PurchaseNotFound):
        get_purchase(fleet, SYSTEM, vin=VIN_A)
    first = record_purchase(fleet, SYSTEM, vin=VIN_A, version=0, facts=FACTS, now=NOW)
    assert (first.price_fen, first.version, first.time_zone) == (9_980_000, 1, "Asia/Shanghai")
    assert first.book_value_fen(date(2025, 4, 30)) == 9_821_983
    for version in (0, 2):
        with refused(fleet, VersionChanged):
            record_purchase(fleet, SYSTEM, vin=VIN_A, version=version, facts=FACTS, now=NOW)
    dearer = replace(FACTS, price_fen=10_000_000, depreciation_method="none")
    second = record_purchase(fleet, SYSTEM, vin=VIN_A, version=1, facts=dearer, now=NOW)
    assert (second.version, second.book_value_fen(NOW.date())) == (2, 10_000_000)
    assert get_purchase(fleet, SYSTEM, vin=VIN_A) == second


@OF_BRANCHES
@pytest.mark.parametrize("missing", ["useful_life_months", "residual_pct"])
def test_what_is_written_off_says_how(fleet: Conn, missing: str) -> None:
    nothing: dict[str, Any] = {missing: None}
    facts = replace(FACTS, **nothing)
    with refused(fleet, errors.PurchaseIncomplete):
        record_purchase(fleet, SYSTEM, vin=VIN_A, version=0, facts=facts, now=NOW)


@OF_BRANCHES
def test_a_purchase_is_its_owner_s_business(fleet: Conn) -> None:
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=at(1), now=NOW)
    record_purchase(fleet, act_as(fleet, "head"), vin=VIN_A, version=0, facts=FACTS, now=NOW)
    east = act_as(fleet, "east")
    with refused(fleet, errors.PurchaseNotFound):
        get_purchase(fleet, east, vin=VIN_A)
    with refused(fleet, errors.PurchaseNotYours):
        record_purchase(fleet, east, vin=VIN_A, version=0, facts=FACTS, now=NOW)
    assert get_purchase(fleet, act_as(fleet, "head"), vin=VIN_A).supplier == "某公司"


# Places and the pool


def place(conn: Conn, actor: Actor = SYSTEM, **given: Any) -> Any:
    usual: dict[str, Any] = {
        "vin": VIN_A,
        "version": 1,
        "depot_code": None,
        "tags": [],
        "pooled": False,
    }
    return change_placing(conn, actor, **(usual | given), now=NOW)


@OF_BRANCHES
def test_a_vehicle_stands_at_its_operator_or_below(fleet: Conn) -> None:
    create_organisation(fleet, SYSTEM, code="yard", name="车场", parent_code="east", now=NOW)
    assert place(fleet, depot_code="head").depot_code == "head"
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=at(1), now=NOW)
    moved = get_vehicle(fleet, SYSTEM, vin=VIN_A)
    assert (moved.depot_code, moved.version) == (None, 3)
    placed = place(fleet, version=3, depot_code="yard", tags=[" 冷链 ", "冷链", "Ａ"])
    assert (placed.depot_code, placed.tags) == ("yard", ["冷链", "A"])
    assert get_vehicle(fleet, SYSTEM, vin=VIN_A) == placed
    for depot in ("west", "head"):
        with refused(fleet, errors.DepotNotOfOperator):
            place(fleet, version=4, depot_code=depot)
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="west", at=at(2), now=NOW)
    after = get_vehicle(fleet, SYSTEM, vin=VIN_A)
    assert (after.depot_code, after.tags) == (None, ["冷链", "A"])


@OF_BRANCHES
@pytest.mark.parametrize(
    ("given", "fact"),
    [
        pytest.param({"tags": [str(n) for n in range(21)]}, errors.TagsTooMany, id="21 tags"),
        pytest.param({"tags": ["长" * 31]}, errors.TagsTooMany, id="a long tag"),
        pytest.param({"depot_code": "nobody"}, OrganisationNotFound, id="no such depot"),
        pytest.param({"version": 7}, VersionChanged, id="another version"),
    ],
)
def test_a_place_that_cannot_be_is_refused(
    fleet: Conn, given: dict[str, Any], fact: type[DomainError]
) -> None:
    with refused(fleet, fact):
        place(fleet, **given)
    assert get_vehicle(fleet, SYSTEM, vin=VIN_A).version == 1


@OF_BRANCHES
def test_only_the_owner_offers_a_vehicle(fleet: Conn) -> None:
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=at(1), now=NOW)
    with refused(fleet, errors.PoolingNotYours):
        place(fleet, act_as(fleet, "east"), pooled=True)
    assert place(fleet, act_as(fleet, "head"), pooled=True).pooled is True
    with refused(fleet, errors.PoolingNotYours):
        place(fleet, act_as(fleet, "east"), version=2, pooled=False)
    assert place(fleet, act_as(fleet, "east"), version=2, pooled=True, tags=["x"]).tags == ["x"]


def offered(conn: Conn, code: str, **given: Any) -> list[str]:
    return [pooled.vin for pooled in list_pool(conn, act_as(conn, code), **given)]


@OF_BRANCHES
def test_the_pool_is_what_those_above_have_in_stock(fleet: Conn) -> None:
    for vin in (VIN_A, VIN_B):
        place(fleet, vin=vin, pooled=True)
    assert offered(fleet, "east") == sorted([VIN_A, VIN_B])
    assert offered(fleet, "east", after=min(VIN_A, VIN_B)) == [max(VIN_A, VIN_B)]
    assert offered(fleet, "east", search=VIN_A[-6:].lower()) == [VIN_A]
    assert offered(fleet, "head", limit=1) == [min(VIN_A, VIN_B)]


@OF_BRANCHES
def test_the_pool_tells_the_model(fleet: Conn) -> None:
    head = act_as(fleet, "head")
    facts = ModelFacts("EC35", "瑞驰", "微型封闭货车", gvw_kg=2600)
    create_model(fleet, head, code="ec35", facts=facts, now=NOW)
    change_vehicle(
        fleet, head, vin=VIN_A, version=1, plate=None, model=None, model_code="ec35", now=NOW
    )
    place(fleet, head, version=2, pooled=True)
    place(fleet, head, vin=VIN_B, pooled=True)
    [pooled] = list_pool(fleet, act_as(fleet, "west"), model_code="ec35")
    assert (pooled.vin, pooled.model, pooled.gvw_kg, pooled.owner_code) == (
        VIN_A,
        "EC35",
        2600,
        "head",
    )


def let(conn: Conn) -> None:
    vehicle = get_vehicle(conn, SYSTEM, vin=VIN_A)
    began = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=1)
    change_stage(conn, SYSTEM, vehicle=vehicle, stage="let", at=began, now=began)


def hand_on(conn: Conn) -> None:
    assign_operator(conn, SYSTEM, vin=VIN_A, organisation_code="west", at=at(1), now=NOW)


def withdraw(conn: Conn) -> None:
    place(conn, version=2, pooled=False)


@OF_BRANCHES
@pytest.mark.parametrize("taken", [let, hand_on, withdraw], ids=lambda one: one.__name__)
def test_what_is_taken_is_offered_no_more(fleet: Conn, taken: Callable[[Conn], None]) -> None:
    place(fleet, pooled=True)
    assert offered(fleet, "east") == [VIN_A]
    fleet.execute("RESET ROLE")
    taken(fleet)
    assert offered(fleet, "east") == []


@OF_BRANCHES
def test_a_sibling_s_stock_is_not_offered(fleet: Conn) -> None:
    create_organisation(fleet, SYSTEM, code="yard", name="车场", parent_code="east", now=NOW)
    fleet.execute(
        "UPDATE vehicles SET pooled = true, owner_id = (SELECT id FROM organisations"
        " WHERE code = 'east') WHERE vin = %s",
        [VIN_A],
    )
    told = {code: offered(fleet, code) for code in ("head", "east", "yard", "west")}
    assert told == {"head": [], "east": [VIN_A], "yard": [VIN_A], "west": []}
