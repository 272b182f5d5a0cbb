"""Utilisation and idle days: days as they stand at their end, of who holds the vehicle then."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection
from psycopg.types.range import TimestamptzRange

from fleet.kpis.service import DaysOf, idle, utilisation
from fleet.orgs.service import get_organisation
from fleet.registry.service import (
    StageName,
    add_vehicle,
    assign_operator,
    change_stage,
    get_vehicle,
)
from schemas.access import SYSTEM, PermissionMissing
from tests.fleet.conftest import VIN_A, VIN_B, person, refused
from tests.fleet.kpis.written import Written, at
from tests.fleet.leasing.conftest import (
    LONG_AGO,
    VIN_C,
    back,
    day,
    line,
    office,
    out,
    signed,
    swapped,
    terms,
)

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["office"]
MARCH = date(2026, 3, 1)
NOW = at(date(2026, 5, 20))
HEAD: Any = {"organisation": "head", "now": NOW}


@pytest.fixture
def stock(office: Conn) -> Conn:
    """The vehicles of the office have been in stock since December."""
    office.execute(
        "UPDATE vehicle_stages SET staged_period = tstzrange(%s, upper(staged_period))", [LONG_AGO]
    )
    return office


def days(conn: Conn, **given: Any) -> tuple[int, int, int]:
    """Fleet, leased and away days of March."""
    total = utilisation(conn, SYSTEM, **{**HEAD, "month_on": MARCH, **given}).total
    return total.fleet_days, total.leased_days, total.away_days


def register(conn: Conn, *vins: str, on: date = date(2025, 12, 1)) -> None:
    """The vehicles have their licence since then."""
    conn.execute(
        "INSERT INTO vehicle_licences (vehicle_id, tenant_id, organisation_id, vehicle_type,"
        " use_nature, registered_on) SELECT id, tenant_id, owner_id, '轻型厢式货车', '租赁', %s"
        " FROM vehicles WHERE vin = ANY (%s)",
        [on, list(vins)],
    )


def test_a_day_counts_as_it_stands_at_its_end(stock: Conn) -> None:
    """Out on 2 March at 15:00, back on 12 March at noon: 2 to 11 March, ten days of 93."""
    register(stock, VIN_A, VIN_B, VIN_C)
    lease_no = signed(stock).lease.lease_no
    out(stock, lease_no)
    assert days(stock) == (93, 30, 0)
    back(stock, lease_no, at=day(10))
    assert days(stock) == (93, 10, 0)
    told = utilisation(stock, SYSTEM, month_on=MARCH, **HEAD)
    assert told.organisations == (DaysOf("east", 3, 93, 10, 0),)
    assert (told.total.utilisation, told.total.utilisation_of_lettable) == (1_075, 1_075)
    one_day = {"month_on": None, "from_on": date(2026, 3, 11), "until_on": date(2026, 3, 12)}
    assert days(stock, **one_day) == (3, 1, 0)
    next_day = {"month_on": None, "from_on": date(2026, 3, 12), "until_on": date(2026, 3, 13)}
    assert days(stock, **next_day) == (3, 0, 0)


def test_a_swap_leaves_the_days_of_the_lease_as_they_are(stock: Conn) -> None:
    lease_no = signed(stock).lease.lease_no
    out(stock, lease_no)
    swapped(stock, lease_no, VIN_B, at=day(7, 10))
    assert days(stock)[1] == 30


def test_two_lines_are_two_vehicles(stock: Conn) -> None:
    lease_no = signed(stock, terms(line(1), line(2))).lease.lease_no
    out(stock, lease_no)
    out(stock, lease_no, VIN_B, 2, at=day(9, 9))
    assert days(stock)[1] == 30 + 21


def test_known_before_the_return_was_told_the_lease_still_has_it(stock: Conn) -> None:
    lease_no = signed(stock).lease.lease_no
    out(stock, lease_no)
    back(stock, lease_no, at=day(10))
    assert days(stock, known_at=day(9)) == (93, 30, 62)
    assert days(stock, known_at=day(0, 14))[1] == 0


def test_the_variant_leaves_out_what_could_not_be_let(stock: Conn) -> None:
    """B is registered on 11 March, C in repair from the 21st on; A is let, though off the road."""
    register(stock, VIN_A, VIN_C)
    register(stock, VIN_B, on=date(2026, 3, 11))
    out(stock, signed(stock).lease.lease_no)
    vehicle = get_vehicle(stock, SYSTEM, vin=VIN_C)
    change_stage(
        stock, SYSTEM, vehicle=vehicle, stage="in_service", reason="修", at=day(19), now=day(20)
    )
    head = Written(stock, "head")
    facts: Any = {"state": "in_progress", "kind": "repair", "priority": "normal", "title": "刹车"}
    facts |= {"down_from_at": day(5), "opened_by": "lin", "opened_at": day(5)}
    a = get_vehicle(stock, SYSTEM, vin=VIN_A)
    head.insert("work_orders", vehicle_id=a.id, number="W2603-AAAAAA", **facts)
    fleet_days, leased_days, away_days = days(stock)
    # A on 1 March stood in stock; from 2 March it is let, and stays so while off the road.
    assert (fleet_days, leased_days, away_days) == (93, 30, 10 + 11)
    total = utilisation(stock, SYSTEM, month_on=MARCH, **HEAD).total
    assert (total.utilisation, total.utilisation_of_lettable) == (3_226, 4_167)


def test_a_vehicle_counts_where_it_is_at_the_end_of_the_day(stock: Conn) -> None:
    """C goes from east to west on 16 March at noon; D stands with its owner alone."""
    assign_operator(stock, SYSTEM, vin=VIN_C, organisation_code="west", at=day(14), now=day(14))
    joined = datetime(2026, 3, 20, tzinfo=UTC)
    vin = "LNBYGYFJ1SS000001"
    add_vehicle(stock, SYSTEM, vin=vin, plate=None, owner_code="head", now=joined)
    told = utilisation(stock, SYSTEM, month_on=MARCH, **HEAD)
    assert [(part.code, part.fleet_days) for part in told.organisations] == [
        ("east", 62 + 15),
        ("head", 12),
        ("west", 16),
    ]
    west = utilisation(stock, SYSTEM, month_on=MARCH, organisation="west", now=NOW).total
    assert (west.vehicles, west.fleet_days) == (1, 16)


def test_what_is_ordered_or_disposed_of_is_not_of_the_fleet(stock: Conn) -> None:
    vehicle = get_vehicle(stock, SYSTEM, vin=VIN_C)
    ways: tuple[tuple[StageName, int], ...] = (("for_sale", 4), ("disposed", 9))
    for stage, at_day in ways:
        change_stage(
            stock,
            SYSTEM,
            vehicle=vehicle,
            stage=stage,
            reason="处置",
            at=day(at_day),
            now=day(at_day),
        )
    assert days(stock)[0] == 62 + 10


def test_the_present_month_ends_today(stock: Conn) -> None:
    today = date(2026, 3, 10)
    told = utilisation(stock, SYSTEM, organisation="head", now=at(today))
    assert (told.span.from_on, told.span.until_on) == (MARCH, today + timedelta(days=1))
    assert told.total.fleet_days == 30


def test_nothing_is_no_share_of_nothing(stock: Conn) -> None:
    told = utilisation(stock, SYSTEM, organisation="west", month_on=MARCH, now=NOW).total
    assert (told.fleet_days, told.utilisation, told.utilisation_of_lettable) == (0, None, None)


def test_idle_since_return_and_whether_it_could_be_let(stock: Conn) -> None:
    """A came back on 12 March; B and C stand since they joined on 1 December; B is insured."""
    lease_no = signed(stock).lease.lease_no
    out(stock, lease_no)
    on = date(2026, 3, 20)
    assert [each.vin for each in idle(stock, SYSTEM, on=on, **HEAD).vehicles] == sorted(
        [VIN_B, VIN_C]
    )
    back(stock, lease_no, at=day(10))
    paper(stock, VIN_A, VIN_B)
    told = idle(stock, SYSTEM, on=on, **HEAD)
    rows = {each.vin: (each.since_on, each.days, each.sellable) for each in told.vehicles}
    joined = rows[VIN_C][0]
    assert rows == {
        VIN_A: (date(2026, 3, 12), 8, True),
        VIN_B: (joined, (on - joined).days, True),
        VIN_C: (joined, (on - joined).days, False),
    }
    assert (told.sellable, told.not_sellable) == (2, 1)
    assert told.not_sellable_days == (on - joined).days
    then = idle(stock, SYSTEM, on=date(2026, 3, 12), **HEAD)
    assert [each.days for each in then.vehicles if each.vin == VIN_A] == [0]


def paper(conn: Conn, *vins: str) -> None:
    """They are insured and inspected for a year."""
    head = Written(conn, "head")
    for number, vin in enumerate(vins):
        vehicle = {"vehicle_id": get_vehicle(conn, SYSTEM, vin=vin).id, "recorded_by": "lin"}
        recorded: Any = {**vehicle, "recorded_at": day(-30)}
        covered = TimestamptzRange(day(-30), day(335))
        kind = {"kind": "compulsory", "policy_no": f"P-{number}", "insurer": "平安"}
        head.insert("insurance_policies", **kind, covered_period=covered, **recorded)
        passed = {"inspected_on": date(2026, 1, 5), "valid_to_on": date(2027, 1, 31)}
        head.insert("inspections", form="line", passed=True, **passed, **recorded)


def test_without_papers_of_that_day_it_could_not_be_let(stock: Conn) -> None:
    paper(stock, VIN_A)
    sellable = [
        {each.vin: each.sellable for each in idle(stock, SYSTEM, on=on, **HEAD).vehicles}[VIN_A]
        for on in (date(2026, 1, 20), date(2026, 3, 1))
    ]
    assert sellable == [False, True]
    known = idle(stock, SYSTEM, on=date(2026, 3, 1), known_at=day(-31), **HEAD)
    assert known.sellable == 0


def test_idle_vehicles_page_by_page(stock: Conn) -> None:
    first = idle(stock, SYSTEM, limit=2, **HEAD)
    assert (len(first.vehicles), first.more) == (2, True)
    rest = idle(stock, SYSTEM, limit=2, after=first.vehicles[-1].vin, **HEAD)
    assert (len(rest.vehicles), rest.more, rest.not_sellable) == (1, False, 3)
    vins = [each.vin for each in (*first.vehicles, *rest.vehicles)]
    assert vins == sorted([VIN_A, VIN_B, VIN_C])


@pytest.mark.parametrize("figure", [utilisation, idle])
def test_who_sees_figures(stock: Conn, figure: Any) -> None:
    organisation = get_organisation(stock, SYSTEM, code="east")
    told = figure(stock, person(organisation, "manager"), now=NOW)
    assert told.asked.organisation_code == "east"
    with refused(stock, PermissionMissing):
        figure(stock, person(organisation, "sales"), now=NOW)
