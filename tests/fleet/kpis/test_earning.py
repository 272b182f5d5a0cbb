"""Revenue by month, operator and model; profit per vehicle as far as it is known."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from psycopg import Connection

from fleet.kpis.service import profit, profit_of_vehicles, revenue
from fleet.orgs.service import get_organisation
from fleet.registry.service import get_vehicle
from fleet.shares.service import agree, settle
from fleet.usage.service import COST_PARTS
from schemas.access import SYSTEM, PermissionMissing
from tests.fleet.conftest import VIN_A, VIN_B, person, refused
from tests.fleet.kpis.written import Written, WrittenLine, at
from tests.fleet.leasing.conftest import VIN_C, day, office, out, signed

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["office"]
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
NOW = at(date(2026, 5, 20))
HEAD: Any = {"organisation": "head", "now": NOW}
IN_MARCH: Any = {**HEAD, "month_on": MARCH}


@pytest.fixture
def east(office: Conn) -> Written:
    """East has A let since 2 March, and writes bills of that lease."""
    lease_no = signed(office).lease.lease_no
    out(office, lease_no)
    return Written(office, "east", lease_no)


def id_of(conn: Conn, vin: str) -> int:
    return get_vehicle(conn, SYSTEM, vin=vin).id


def bill(east: Written, *lines: tuple[str, int], vin: str | None = VIN_A) -> int:
    """A bill of March: rent for its days, anything else when it is issued, on 1 March."""
    vehicle = None if vin is None else id_of(east.conn, vin)
    days: Any = {"from_on": MARCH, "until_on": APRIL}
    written = [
        WrittenLine(kind, fen, vehicle_id=vehicle, **(days if kind == "rent" else {}))
        for kind, fen in lines
    ]
    return east.bill(*written, due_on=MARCH)


def spend(conn: Conn, vin: str, kind: str, fen: int, on: date) -> None:
    about: Any = {"subject_kind": "test", "subject_key": f"{kind}{on}", "recorded_by": "lin"}
    conn.execute(
        "INSERT INTO vehicle_costs (tenant_id, organisation_id, vehicle_id, kind, amount_fen,"
        " incurred_on, subject_kind, subject_key, recorded_by, recorded_at)"
        " SELECT v.tenant_id, o.id, v.id, %(kind)s, %(fen)s, %(on)s, %(subject_kind)s,"
        " %(subject_key)s, %(recorded_by)s, %(at)s FROM vehicles v, organisations o"
        " WHERE v.vin = %(vin)s AND o.code = %(code)s",
        {**about, "vin": vin, "kind": kind, "fen": fen, "on": on, "code": "east", "at": at(on)},
    )


def buy(conn: Conn, vin: str) -> None:
    """100,000.00 yuan in March 2025, over 60 months, 5 % left: 1,583.33 a month."""
    conn.execute(
        "INSERT INTO vehicle_purchases (vehicle_id, tenant_id, organisation_id, purchased_on,"
        " price_fen, depreciation_method, useful_life_months, residual_pct)"
        " SELECT id, tenant_id, owner_id, '2025-03-15', 10000000, 'straight_line', 60, 5"
        " FROM vehicles WHERE vin = %s",
        [vin],
    )


def told(conn: Conn, vin: str = VIN_A, actor: Any = SYSTEM, **given: Any) -> Any:
    rows = profit_of_vehicles(conn, actor, **(IN_MARCH | given)).vehicles
    [row] = [each for each in rows if each.vin == vin]
    return row


def test_profit_is_rent_and_recharges_less_what_is_known_of_costs(east: Written) -> None:
    """2,212.39 + 120.00 − 1,583.33 − 850.00 − 12.50."""
    bill(east, ("rent", 221_239), ("mileage", 12_000), ("deposit", 250_000), ("violation", 20_000))
    buy(east.conn, VIN_A)
    spend(east.conn, VIN_A, "repair", 80_000, date(2026, 3, 5))
    spend(east.conn, VIN_A, "care", 5_000, date(2026, 3, 31))
    spend(east.conn, VIN_A, "repair", 99_000, APRIL)
    spend(east.conn, VIN_A, "inspection", 1_250, date(2026, 3, 9))
    spend(east.conn, VIN_A, "insurance", 300_000, date(2026, 1, 2))
    row = told(east.conn)
    assert (row.income.rent_fen, row.income.recharges_fen) == (221_239, 12_000)
    assert (row.outlay.depreciation_fen, row.outlay.repair_fen) == (158_333, 85_000)
    assert (row.outlay.inspection_fen, row.outlay.insurance_fen) == (1_250, 0)
    assert row.profit_fen == 221_239 + 12_000 - 158_333 - 85_000 - 1_250
    assert row.outlay.not_known == ("energy", "finance")
    assert (row.organisation_code, row.leased_days, row.model) == ("east", 30, "瑞驰 EC35")


def test_what_nobody_wrote_down_is_not_known_and_not_zero(east: Written) -> None:
    row = told(east.conn)
    assert (row.outlay.depreciation_fen, row.outlay.insurance_fen) == (None, None)
    assert row.outlay.not_known == (
        "depreciation",
        "insurance",
        "inspection",
        "energy",
        "finance",
    )
    assert (row.outlay.repair_fen, row.outlay.commission_fen, row.profit_fen) == (0, 0, 0)


def test_who_may_not_see_costs_is_told_they_are_not_known(east: Written) -> None:
    buy(east.conn, VIN_A)
    spend(east.conn, VIN_A, "repair", 80_000, date(2026, 3, 5))
    head = person(get_organisation(east.conn, SYSTEM, code="head"), "finance")
    assert told(east.conn, actor=head).outlay.repair_fen == 80_000
    permissions = head.permissions - {"cost.read", "purchase.read"}
    machine = type(head)("machine", "key:x", head.organisation_id, "head", permissions)
    outlay = told(east.conn, actor=machine).outlay
    assert (outlay.depreciation_fen, outlay.repair_fen) == (None, None)


def test_the_total_is_that_of_all_vehicles_and_of_lines_without_one(east: Written) -> None:
    bill(east, ("rent", 300_000))
    bill(east, ("late_fee", 4_500), vin=None)
    buy(east.conn, VIN_A)
    spend(east.conn, VIN_B, "repair", 10_000, date(2026, 3, 5))
    whole = profit(east.conn, SYSTEM, **IN_MARCH)
    rows = profit_of_vehicles(east.conn, SYSTEM, **IN_MARCH).vehicles
    assert sorted(row.vin for row in rows) == sorted([VIN_A, VIN_B, VIN_C])
    assert whole.vehicles == 3
    assert (whole.income.rent_fen, whole.of_no_vehicle_fen) == (300_000, 4_500)
    assert whole.profit_fen == sum(row.profit_fen for row in rows) + 4_500 == 136_167
    assert (whole.costs_fen["repair"], whole.costs_fen["depreciation"]) == (10_000, 158_333)
    assert (whole.not_known["depreciation"], whole.not_known["energy"]) == (2, 3)


def test_the_owners_depreciation_is_not_the_operators_to_know(east: Written) -> None:
    buy(east.conn, VIN_A)
    assert told(east.conn, organisation="east").outlay.depreciation_fen is None


def test_a_share_is_a_cost_of_the_operator_and_cancels_above_both(east: Written) -> None:
    bill(east, ("rent", 300_000))
    agreed = agree(
        east.conn,
        SYSTEM,
        owner_code="head",
        operator_code="east",
        basis="earned",
        share_pct=Decimal(30),
        floor_fen=0,
        from_month_on=MARCH,
        now=day(0),
    )
    assert "commission" in told(east.conn, organisation="east").outlay.not_known
    assert told(east.conn).outlay.commission_fen == 0
    settle(east.conn, SYSTEM, key=agreed.key, month_on=MARCH, now=at(date(2026, 4, 2)))
    row = told(east.conn, organisation="east")
    assert (row.outlay.commission_fen, row.profit_fen) == (90_000, 210_000)
    assert told(east.conn).profit_fen == 300_000
    before = told(east.conn, organisation="east", known_at=at(APRIL))
    assert before.outlay.commission_fen is None


def test_the_total_is_the_sum_of_the_pages_whoever_asks(east: Written) -> None:
    """Bought alike and not, settled and not, seen and not, in a month and in days across months."""
    note_on = date(2026, 3, 9)
    bill_id = bill(east, ("rent", 310_000), ("mileage", 7_777), ("buy_out", 5))
    east.credit_note(bill_id, WrittenLine("rent", 1_001, from_on=MARCH, until_on=APRIL), on=note_on)
    bill(east, ("late_fee", 333), vin=None)
    bill(east, ("damage", 999), vin=VIN_B)
    for vin in (VIN_A, VIN_C):
        buy(east.conn, vin)
    spend(east.conn, VIN_A, "insurance", 20_000, date(2026, 1, 5))
    spend(east.conn, VIN_B, "insurance", 30_000, date(2026, 3, 6))
    spend(east.conn, VIN_B, "permit", 400, date(2026, 3, 31))
    spend(east.conn, VIN_C, "care", 5_000, date(2026, 4, 2))
    share: Any = {"owner_code": "head", "operator_code": "east", "basis": "earned", "floor_fen": 90}
    share |= {"share_pct": Decimal(30), "from_month_on": MARCH, "now": day(0)}
    agreed = agree(east.conn, SYSTEM, **share)
    settle(east.conn, SYSTEM, key=agreed.key, month_on=MARCH, now=at(date(2026, 4, 2)))
    head = person(get_organisation(east.conn, SYSTEM, code="head"), "finance")
    blind = replace(head, permissions=head.permissions - {"cost.read", "purchase.read"})
    spans: list[Any] = [
        {"month_on": MARCH},
        {"month_on": APRIL},
        {"from_on": date(2026, 3, 9), "until_on": date(2026, 4, 12)},
        {"month_on": MARCH, "known_at": at(APRIL)},
    ]
    for actor, span, organisation in product((SYSTEM, head, blind), spans, ("head", "east")):
        asked: Any = {**span, "organisation": organisation, "now": NOW}
        whole = profit(east.conn, actor, **asked)
        rows = profit_of_vehicles(east.conn, actor, **asked).vehicles
        of_none = 333 if whole.span.from_on == MARCH else 0
        assert whole.of_no_vehicle_fen == of_none
        assert whole.profit_fen == sum(row.profit_fen for row in rows) + of_none
        for name in ("rent_fen", "recharges_fen", "purchases_fen", "shares_fen"):
            parts = [getattr(row.income, name) for row in rows]
            assert getattr(whole.income, name) == sum(parts)
        for part in COST_PARTS:
            costs = [getattr(row.outlay, f"{part}_fen") for row in rows]
            assert whole.costs_fen[part] == sum(cost or 0 for cost in costs)
            assert whole.not_known[part] == costs.count(None)


def test_vehicles_page_by_page(east: Written) -> None:
    first = profit_of_vehicles(east.conn, SYSTEM, limit=2, **IN_MARCH)
    rest = profit_of_vehicles(east.conn, SYSTEM, limit=2, after=first.vehicles[-1].vin, **IN_MARCH)
    vins = [row.vin for row in (*first.vehicles, *rest.vehicles)]
    assert (vins, first.more, rest.more) == (sorted([VIN_A, VIN_B, VIN_C]), True, False)


def test_revenue_by_month_operator_and_model(east: Written) -> None:
    period: Any = {"from_on": date(2026, 3, 15), "until_on": date(2026, 4, 15)}
    vehicle = id_of(east.conn, VIN_A)
    east.bill(
        WrittenLine("rent", 265_487, vehicle_id=vehicle, **period),
        WrittenLine("mileage", 5_000, vehicle_id=vehicle),
        due_on=date(2026, 3, 15),
    )
    bill(east, ("late_fee", 700), vin=None)
    rows = revenue(east.conn, SYSTEM, from_on=MARCH, until_on=MAY, **HEAD).rows
    told = [
        (row.month_on, row.organisation_code, row.model, row.rent_fen, row.recharges_fen)
        for row in rows
    ]
    assert told == [
        (MARCH, "east", None, 0, 700),
        (MARCH, "east", "瑞驰 EC35", 145_590, 5_000),
        (APRIL, "east", "瑞驰 EC35", 119_897, 0),
    ]
    assert rows[1].total_fen == 150_590
    assert revenue(east.conn, SYSTEM, organisation="west", month_on=MARCH, now=NOW).rows == ()


@pytest.mark.parametrize("figure", [profit, profit_of_vehicles, revenue])
def test_who_sees_figures(office: Conn, figure: Any) -> None:
    organisation = get_organisation(office, SYSTEM, code="east")
    assert figure(office, person(organisation, "auditor"), now=NOW).asked.organisation_code == (
        "east"
    )
    with refused(office, PermissionMissing):
        figure(office, person(organisation, "sales"), now=NOW)
