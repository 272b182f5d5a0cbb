"""What bill lines earn day by day, and what money was for which vehicle."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from fleet.billing.postings import month_shares
from fleet.earnings.service import list_earned, list_received
from tests.fleet.conftest import VIN_A, VIN_B
from tests.fleet.kpis.written import Written, WrittenLine, at
from tests.fleet.leasing.conftest import office, signed

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["office"]
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
LATER = at(date(2027, 1, 1))


@pytest.fixture
def east(office: Conn) -> Written:
    """East writes bills of a lease."""
    return Written(office, "east", signed(office).lease.lease_no)


def vehicle_id(conn: Conn, vin: str = VIN_A) -> int:
    row = conn.execute("SELECT id FROM vehicles WHERE vin = %s", [vin]).fetchone()
    assert row is not None
    return int(row[0])


def earned(east: Written, from_on: date, until_on: date, known_at: Any = LATER) -> int:
    """All that east earned, in fen."""
    rows = list_earned(
        east.conn,
        by=["organisation"],
        scope=[east.organisation_id],
        from_on=from_on,
        until_on=until_on,
        known_at=known_at,
    )
    return sum(row.net_fen for row in rows)


def rent(net_fen: int, from_on: date, until_on: date, **given: Any) -> WrittenLine:
    return WrittenLine("rent", net_fen, from_on=from_on, until_on=until_on, **given)


def test_a_period_across_months_is_earned_by_its_days(east: Written) -> None:
    """2,654.87 for 15 March to 14 April: 17 and 14 of 31 days."""
    period = (date(2026, 3, 15), date(2026, 4, 15))
    east.bill(rent(265_487, *period), due_on=date(2026, 3, 8))
    assert earned(east, MARCH, APRIL) == 145_590
    assert earned(east, APRIL, MAY) == 119_897
    assert earned(east, MARCH, MAY) == 265_487
    assert earned(east, date(2026, 3, 15), date(2026, 3, 16)) == 145_590 // 17
    assert earned(east, date(2026, 2, 1), date(2026, 3, 15)) == 0


def test_a_bill_that_came_late_counts_when_it_was_issued(east: Written) -> None:
    march = (MARCH, APRIL)
    east.bill(rent(310_000, *march), due_on=MARCH, issued_on=date(2026, 4, 3))
    assert (earned(east, *march), earned(east, APRIL, MAY)) == (0, 310_000)
    east.bill(rent(31_000, *march), due_on=MARCH, issued_on=date(2026, 3, 11))
    assert earned(east, MARCH, date(2026, 3, 11)) == 0
    assert earned(east, date(2026, 3, 11), date(2026, 3, 12)) == 11_000
    assert earned(east, *march) == 31_000


@pytest.mark.parametrize(
    ("kind", "net_fen"),
    [("mileage", 5_000), ("damage", 5_000), ("late_fee", 5_000), ("buy_out", 5_000)]
    + [(kind, 0) for kind in ("deposit", "violation", "collection_cost", "reclaim", "opening")],
)
def test_what_has_no_days_is_earned_at_issue_and_some_lines_earn_nothing(
    east: Written, kind: str, net_fen: int
) -> None:
    east.bill(WrittenLine(kind, 5_000), due_on=date(2026, 3, 20))
    assert earned(east, date(2026, 3, 20), date(2026, 3, 21)) == net_fen
    assert earned(east, MARCH, date(2026, 3, 20)) == 0


def test_a_mileage_line_for_a_month_is_earned_when_it_is_billed(east: Written) -> None:
    mileage = WrittenLine("mileage", 700, from_on=MARCH, until_on=APRIL)
    east.bill(mileage, due_on=date(2026, 4, 2))
    assert (earned(east, MARCH, APRIL), earned(east, APRIL, MAY)) == (0, 700)


def test_a_credit_note_takes_past_days_back_on_its_own_day(east: Written) -> None:
    """10 days of March at 100.00, credited on 26 March: five are past by then, five to come."""
    bill_id = east.bill(rent(310_000, MARCH, APRIL), due_on=MARCH)
    days = (date(2026, 3, 22), date(2026, 4, 1))
    east.credit_note(bill_id, rent(100_000, *days), on=date(2026, 3, 26))
    assert earned(east, MARCH, date(2026, 3, 26)) == 250_000
    assert earned(east, date(2026, 3, 26), date(2026, 3, 27)) == 10_000 - 50_000
    assert earned(east, date(2026, 3, 27), APRIL) == 50_000 - 50_000
    before = at(date(2026, 3, 25))
    assert earned(east, MARCH, APRIL, known_at=before) == 310_000


def test_groups_add_up_and_no_vehicle_is_a_group(east: Written) -> None:
    vehicle = vehicle_id(east.conn)
    lines = (rent(100, MARCH, APRIL, vehicle_id=vehicle), WrittenLine("late_fee", 7))
    east.bill(*lines, due_on=MARCH)
    span: dict[str, Any] = {"scope": [east.organisation_id], "from_on": MARCH, "until_on": APRIL}
    rows = list_earned(east.conn, by=["vehicle", "kind", "month", "model"], **span, known_at=LATER)
    told = {(row.vehicle_id, row.kind, row.month_on, row.model): row.net_fen for row in rows}
    assert told == {
        (vehicle, "rent", MARCH, "瑞驰 EC35"): 100,
        (None, "late_fee", MARCH, None): 7,
    }
    only = list_earned(east.conn, by=["vehicle"], **span, known_at=LATER, vehicle_ids=[vehicle])
    assert [(row.vehicle_id, row.net_fen) for row in only] == [(vehicle, 100)]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # each example is rolled back
@given(
    net_fen=st.integers(-(10**9), 10**9).filter(bool),
    from_on=st.dates(date(2025, 1, 1), date(2025, 3, 31)),
    days=st.integers(1, 400),
)
def test_months_are_those_of_the_ledger_to_the_fen(
    east: Written, net_fen: int, from_on: date, days: int
) -> None:
    until_on = from_on + timedelta(days=days)
    total = WrittenLine("other", 10**10)
    issued_on = date(2025, 1, 1)
    with east.conn.transaction(force_rollback=True):
        east.bill(total, rent(net_fen, from_on, until_on), due_on=issued_on)
        for last, share_fen in month_shares(net_fen, from_on, until_on):
            first = last.replace(day=1)
            rows = list_earned(
                east.conn,
                by=["kind"],
                scope=[east.organisation_id],
                from_on=first,
                until_on=last + timedelta(days=1),
                known_at=LATER,
            )
            assert sum(row.net_fen for row in rows if row.kind == "rent") == share_fen


def received(east: Written, from_on: date, until_on: date, known_at: Any = LATER) -> Any:
    return list_received(
        east.conn,
        scope=[east.organisation_id],
        from_on=from_on,
        until_on=until_on,
        known_at=known_at,
    )


def test_money_is_spread_over_the_vehicles_of_its_bill(east: Written) -> None:
    """3,390.00 with 13 % VAT: two vehicles at 2,000.00 and 1,000.00 net, paid in two pieces."""
    a, b = vehicle_id(east.conn), vehicle_id(east.conn, VIN_B)
    bill_id = east.bill(
        rent(200_000, MARCH, APRIL, vehicle_id=a, vat_fen=26_000),
        rent(100_000, MARCH, APRIL, vehicle_id=b, vat_fen=13_000),
        due_on=MARCH,
    )
    east.allocate(bill_id, 100_000, on=date(2026, 3, 10))
    assert received(east, MARCH, APRIL) == {a: 58_997, b: 29_499}
    east.allocate(bill_id, 239_000, on=date(2026, 4, 10))
    assert received(east, APRIL, MAY) == {a: 200_000 - 58_997, b: 100_000 - 29_499}


def test_credit_notes_and_write_offs_are_no_money_and_what_bounced_is_taken_back(
    east: Written,
) -> None:
    a = vehicle_id(east.conn)
    bill_id = east.bill(rent(300_000, MARCH, APRIL, vehicle_id=a), due_on=MARCH)
    note = east.credit_note(bill_id, rent(100_000, MARCH, APRIL), on=date(2026, 3, 5))
    east.allocate(bill_id, 100_000, on=date(2026, 3, 5), rule="credit_note", credit_note_id=note)
    assert received(east, MARCH, APRIL) == {}
    credit_id = east.credit(200_000, on=date(2026, 3, 9))
    paid = east.allocate(bill_id, 200_000, on=date(2026, 3, 9), credit_id=credit_id)
    assert received(east, MARCH, APRIL) == {a: 200_000}
    undone: dict[str, Any] = {"credit_id": credit_id, "undoes_id": paid, "rule": "undone"}
    east.allocate(bill_id, -200_000, on=date(2026, 4, 2), **undone)
    assert received(east, MARCH, APRIL) == {a: 200_000}
    assert received(east, APRIL, MAY) == {a: -200_000}
    assert received(east, APRIL, MAY, known_at=at(date(2026, 4, 1))) == {}
