"""Revenue shares: agreed on by months, settled once, corrected afterwards, posted in both books."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection
from psycopg import errors as database

from fleet.audit import service as audit
from fleet.ledger.service import trial_balance
from fleet.orgs.service import create_organisation, get_organisation
from fleet.registry.service import assign_operator, get_vehicle
from fleet.shares import errors
from fleet.shares.contents import canonical
from fleet.shares.service import (
    Agreement,
    Settlement,
    agree,
    end_agreement,
    get_agreement,
    get_settlement,
    list_agreements,
    list_settlements,
    preview,
    settle,
)
from kit import db
from schemas.access import SYSTEM, PermissionMissing, StepUpRequired
from tests.fleet.conftest import VIN_A, VIN_B, person, refused
from tests.fleet.kpis.written import Written, WrittenLine, at
from tests.fleet.leasing.conftest import VIN_C, day, office, signed

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["office"]
FEBRUARY, MARCH, APRIL, MAY = (date(2026, month, 1) for month in (2, 3, 4, 5))
OVER = at(date(2026, 4, 2))
LATER = at(date(2026, 6, 2))


@pytest.fixture
def east(office: Conn) -> Written:
    """East writes bills of a lease; A, B and C, of the head, are with it."""
    return Written(office, "east", signed(office).lease.lease_no)


def agreed(conn: Conn, actor: Any = SYSTEM, **given: Any) -> Agreement:
    usual: Any = {
        "owner_code": "head",
        "operator_code": "east",
        "basis": "earned",
        "share_pct": Decimal(30),
        "floor_fen": 90_000,
        "from_month_on": MARCH,
        "now": day(0),
    }
    return agree(conn, actor, **(usual | given))


def settled(conn: Conn, agreement: Agreement, month_on: date, now: Any = OVER) -> Settlement:
    return settle(conn, SYSTEM, key=agreement.key, month_on=month_on, now=now)


def rent(conn: Conn, vin: str, net_fen: int, from_on: date = MARCH, until_on: date = APRIL) -> Any:
    vehicle_id = get_vehicle(conn, SYSTEM, vin=vin).id
    days: Any = {"from_on": from_on, "until_on": until_on}
    return WrittenLine("rent", net_fen, vehicle_id=vehicle_id, **days)


def lines(content: Any) -> dict[str, tuple[int, int, int]]:
    """Days, what it brought in, what is owed, by VIN."""
    return {
        each["vin"]: (each["days"], each["basis_fen"], each["amount_fen"])
        for each in content["vehicles"]
    }


def test_a_month_vehicle_by_vehicle_with_the_floor_by_days(east: Written) -> None:
    """A earned 4,000.00, B 1,000.00; C came on 16 March at noon: 15 nights of March are gone."""
    east.bill(rent(east.conn, VIN_A, 400_000), rent(east.conn, VIN_B, 100_000), due_on=MARCH)
    assign_operator(east.conn, SYSTEM, vin=VIN_C, organisation_code="west", at=day(14), now=day(14))
    told = settled(east.conn, agreed(east.conn), MARCH)
    assert lines(told.content) == {
        VIN_A: (31, 400_000, 120_000),
        VIN_B: (31, 100_000, 90_000),
        VIN_C: (15, 0, 43_548),
    }
    assert (told.amount_fen, told.month_on) == (253_548, MARCH)
    assert (told.content["basis_fen"], told.content["share_pct"]) == (500_000, "30.00")
    assert told.content["owner"] == {"code": "head", "name": "总部"}
    assert told.content["capitals"] == "人民币贰仟伍佰叁拾伍元肆角捌分"
    text = canonical(told.content)
    assert told.content_sha256 == hashlib.sha256(text.encode()).digest()
    assert told == get_settlement(east.conn, SYSTEM, key=told.key)


def test_both_books_hold_it_on_the_last_day_of_the_month(east: Written) -> None:
    told = settled(east.conn, agreed(east.conn), MARCH)
    assert told.amount_fen == 3 * 90_000

    def book(code: str, on: date) -> dict[str, int]:
        rows = trial_balance(east.conn, SYSTEM, organisation=code, on=on)
        return {row.account: row.balance_fen for row in rows if row.balance_fen}

    assert book("east", date(2026, 3, 31)) == {"share_expense": 270_000, "share_payable": -270_000}
    assert book("head", date(2026, 3, 30)) == {}
    both = {"share_receivable": 270_000, "share_revenue": -270_000}
    assert book("head", date(2026, 3, 31)) == book("east", date(2026, 3, 31)) | both


def test_of_what_was_received(east: Written) -> None:
    bill_id = east.bill(rent(east.conn, VIN_A, 400_000), due_on=MARCH)
    east.allocate(bill_id, 100_000, on=date(2026, 3, 31))
    east.allocate(bill_id, 300_000, on=APRIL)
    agreement = agreed(east.conn, basis="received", floor_fen=0)
    assert lines(settled(east.conn, agreement, MARCH).content)[VIN_A] == (31, 100_000, 30_000)
    month: Any = {"key": agreement.key, "month_on": APRIL, "now": LATER}
    [a] = [each for each in preview(east.conn, SYSTEM, **month).vehicles if each.vin == VIN_A]
    assert (a.basis_fen, a.due.amount_fen) == (300_000, 90_000)


def test_what_is_known_later_goes_into_the_next_settlement(east: Written) -> None:
    """A payment of 30 March is written down in May: 30 % of 1,000.00 more."""
    bill_id = east.bill(rent(east.conn, VIN_A, 400_000), due_on=MARCH)
    agreement = agreed(east.conn, basis="received", floor_fen=0)
    march = settled(east.conn, agreement, MARCH)
    assert march.amount_fen == 0
    late: Any = {"on": date(2026, 3, 30), "recorded_at": at(date(2026, 5, 5))}
    east.allocate(bill_id, 100_000, **late)
    april = settled(east.conn, agreement, APRIL, now=LATER)
    assert april.content["corrections"] == [
        {
            "month_on": "2026-03-01",
            "vin": VIN_A,
            "was_fen": 0,
            "is_fen": 30_000,
            "amount_fen": 30_000,
        }
    ]
    assert april.amount_fen == 30_000
    may = settled(east.conn, agreement, MAY, now=LATER)
    assert (may.content["corrections"], may.amount_fen) == ([], 0)
    assert march.content == get_settlement(east.conn, SYSTEM, key=march.key).content


def test_below_nothing_is_carried_on(east: Written) -> None:
    """A credit note of 500.00 in April, after a month with 30 %: 150.00 go off May's 300.00."""
    bill_id = east.bill(rent(east.conn, VIN_A, 400_000), due_on=MARCH)
    agreement = agreed(east.conn, floor_fen=0)
    settled(east.conn, agreement, MARCH)
    east.credit_note(bill_id, rent(east.conn, VIN_A, 50_000), on=date(2026, 4, 5))
    east.bill(rent(east.conn, VIN_A, 100_000, MAY, date(2026, 6, 1)), due_on=MAY)
    april = settled(east.conn, agreement, APRIL, now=LATER)
    assert (april.amount_fen, april.content["carried_out_fen"]) == (0, -15_000)
    may = settled(east.conn, agreement, MAY, now=LATER)
    assert (may.content["carried_in_fen"], may.amount_fen) == (-15_000, 15_000)


def test_a_month_is_settled_once_when_it_is_over(east: Written) -> None:
    agreement = agreed(east.conn, until_month_on=date(2026, 7, 1))
    for month_on, now, fact in (
        (MARCH, at(date(2026, 3, 31)), errors.ShareMonthNotOver),
        (FEBRUARY, OVER, errors.ShareMonthOutside),
        (date(2026, 7, 1), at(date(2026, 9, 1)), errors.ShareMonthOutside),
    ):
        with refused(east.conn, fact):
            settled(east.conn, agreement, month_on, now)
    # 24:00 of 31 March in Shanghai is 16:00 UTC.
    told = settled(east.conn, agreement, MARCH, at(date(2026, 3, 31), 16))
    with refused(east.conn, errors.ShareMonthSettled):
        settled(east.conn, agreement, MARCH)
    assert list_settlements(east.conn, SYSTEM, {"agreement": agreement.key}) == [told]
    assert list_settlements(east.conn, SYSTEM, {"month_on": APRIL}) == []


def test_a_settlement_stays_as_it_is(east: Written) -> None:
    told = settled(east.conn, agreed(east.conn), MARCH)
    for change in ("UPDATE share_settlements SET amount_fen = 1", "DELETE FROM share_settlements"):
        with pytest.raises(database.RestrictViolation), east.conn.transaction():
            east.conn.execute(change.encode())
    assert get_settlement(east.conn, SYSTEM, key=told.key) == told


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"operator_code": "head"}, errors.SharedWithItself),
        ({"until_month_on": MARCH}, errors.ShareEndsBeforeStart),
        ({}, errors.ShareAgreedAlready),
        ({"from_month_on": FEBRUARY, "until_month_on": APRIL}, errors.ShareAgreedAlready),
        ({"operator_code": "east-depot"}, errors.ShareAgreedAlready),
    ],
    ids=["with itself", "no month", "again", "a month again", "below"],
)
def test_agreements_that_are_none(east: Written, given: Any, fact: Any) -> None:
    create_organisation(
        east.conn, SYSTEM, code="east-depot", name="车场", parent_code="east", now=day(0)
    )
    first = agreed(east.conn)
    with refused(east.conn, fact):
        agreed(east.conn, **given)
    before = agreed(east.conn, from_month_on=FEBRUARY, until_month_on=MARCH)
    assert list_agreements(east.conn, SYSTEM, {"in_force_on": MARCH}) == [first]
    assert list_agreements(east.conn, SYSTEM, {"in_force_on": FEBRUARY}) == [before]


def test_it_ends_once_and_not_before_what_is_settled(east: Written) -> None:
    agreement = agreed(east.conn)
    settled(east.conn, agreement, MARCH)
    with refused(east.conn, errors.ShareEndsBeforeStart):
        end_agreement(east.conn, SYSTEM, key=agreement.key, until_month_on=MARCH, now=OVER)
    settled(east.conn, agreement, APRIL, LATER)
    with refused(east.conn, errors.ShareMonthSettled):
        end_agreement(east.conn, SYSTEM, key=agreement.key, until_month_on=APRIL, now=LATER)
    ended = end_agreement(east.conn, SYSTEM, key=agreement.key, until_month_on=MAY, now=LATER)
    assert (ended.valid_until_on, ended.ended_by) == (MAY, "guanche")
    with refused(east.conn, errors.ShareEndedAlready):
        end_agreement(east.conn, SYSTEM, key=agreement.key, until_month_on=MAY, now=LATER)
    actions = [each.action for each in audit.list_entries(east.conn, SYSTEM, {}, limit=5)]
    assert actions[:4] == ["share.end", "share.settle", "share.settle", "share.agree"]


def test_it_ends_once_whoever_said_it(east: Written, app_conn: Conn) -> None:
    """Somebody out of sight of whoever asks did."""
    agreement = agreed(east.conn)
    end_agreement(east.conn, SYSTEM, key=agreement.key, until_month_on=APRIL, now=OVER)
    east.conn.execute("UPDATE share_agreements SET ended_by = 'boss'")
    east.conn.commit()
    clerk = person(get_organisation(east.conn, SYSTEM, code="head"), "manager")
    east.conn.commit()
    assert clerk.organisation_id is not None
    db.act_for(app_conn, [clerk.organisation_id])
    assert get_agreement(app_conn, clerk, key=agreement.key).ended_by is None
    with refused(app_conn, errors.ShareEndedAlready):
        end_agreement(app_conn, clerk, key=agreement.key, until_month_on=MAY, now=LATER)


def test_saying_its_end_does_not_prolong_it(east: Written) -> None:
    agreement = agreed(east.conn, until_month_on=APRIL)
    agreed(east.conn, from_month_on=APRIL)
    with refused(east.conn, errors.ShareEndedAlready):
        end_agreement(east.conn, SYSTEM, key=agreement.key, until_month_on=MAY, now=LATER)
    assert get_agreement(east.conn, SYSTEM, key=agreement.key).valid_until_on == APRIL


def test_what_is_not_there(office: Conn) -> None:
    nobody = UUID(int=0)
    with refused(office, errors.ShareAgreementNotFound):
        get_agreement(office, SYSTEM, key=nobody)
    with refused(office, errors.ShareSettlementNotFound):
        get_settlement(office, SYSTEM, key=nobody)


def test_pages_of_agreements_and_settlements(east: Written) -> None:
    agreements = [agreed(east.conn, operator_code=code, now=OVER) for code in ("east", "west")]
    first = list_agreements(east.conn, SYSTEM, {}, limit=1)
    after = (first[0].recorded_at, first[0].key)
    rest = list_agreements(east.conn, SYSTEM, {}, after=after)
    assert {each.key for each in (*first, *rest)} == {each.key for each in agreements}
    made = [settled(east.conn, agreements[0], month, LATER) for month in (MARCH, APRIL)]
    page = list_settlements(east.conn, SYSTEM, {"organisation": "east"}, limit=1)
    after = (page[0].settled_at, page[0].key)
    others = list_settlements(east.conn, SYSTEM, {"organisation": "east"}, after=after)
    assert {each.key for each in (*page, *others)} == {each.key for each in made}
    assert list_settlements(east.conn, SYSTEM, {"organisation": "west"}) == []


@pytest.mark.parametrize(
    ("call", "verb", "role", "other"),
    [
        (agree, "share.change", "manager", "finance"),
        (end_agreement, "share.change", "manager", "finance"),
        (settle, "share.settle", "finance", "manager"),
        (preview, "share.read", "auditor", "sales"),
        (get_agreement, "share.read", "auditor", "ops"),
    ],
)
def test_who_may_do_what(east: Written, call: Any, verb: str, role: Any, other: Any) -> None:
    agreement = agreed(east.conn)
    facts: Any = {"key": agreement.key, "now": OVER}
    facts |= {"month_on": MARCH} if call in (settle, preview) else {}
    facts |= {"until_month_on": APRIL} if call is end_agreement else {}
    if call is get_agreement:
        del facts["now"]
    if call is agree:
        facts = {"owner_code": "head", "operator_code": "west", "basis": "earned", "now": OVER}
        facts |= {"share_pct": Decimal(1), "floor_fen": 0, "from_month_on": MARCH}
    head = get_organisation(east.conn, SYSTEM, code="head")
    with pytest.raises(PermissionMissing) as raised:
        call(east.conn, person(head, other), **facts)
    assert raised.value.facts["permission"] == verb
    if verb != "share.read":
        with refused(east.conn, StepUpRequired):
            call(east.conn, person(head, role, stepped_up=False), **facts)
    assert call(east.conn, person(head, role), **facts) is not None
