"""Collection, ageing, deposits and credit: of any day, and as they were known then."""

from datetime import date, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.kpis import errors
from fleet.kpis.ageing import bucket_of
from fleet.kpis.service import AgedOf, ageing, collection, credit, deposits
from fleet.ledger.service import Entry, Posting, post, trial_balance
from fleet.orgs.service import get_organisation
from schemas.access import SYSTEM, PermissionMissing
from tests.fleet.conftest import person, refused
from tests.fleet.kpis.written import Written, WrittenLine, at
from tests.fleet.leasing.conftest import office, signed

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["office"]
TODAY = date(2026, 11, 21)
NOW = at(TODAY)
HEAD: Any = {"organisation": "head", "now": NOW}


@pytest.fixture
def east(office: Conn) -> Written:
    """East writes bills of a lease."""
    return Written(office, "east", signed(office).lease.lease_no)


def amount(fen: int, kind: str = "rent") -> WrittenLine:
    return WrittenLine(kind, fen)


def test_worked_case_12_buckets_of_ageing(east: Written) -> None:
    """Today 2026-11-21, due 11-01, 10-01, 09-01, 08-01: 20, 51, 81 and 112 days."""
    for fen, month in ((1, 11), (20, 10), (300, 9), (4_000, 8)):
        east.bill(amount(fen), due_on=date(2026, month, 1))
    told = ageing(east.conn, SYSTEM, **HEAD)
    assert told.labels == ("not_due", "1-30", "31-60", "61-90", "91-180", "181-365", ">365")
    assert told.total.buckets_fen == (0, 1, 20, 300, 4_000, 0, 0)
    assert (told.total.open_fen, told.total.overdue_fen, told.on) == (4_321, 4_321, TODAY)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(0, 0), (1, 1), (30, 1), (31, 2), (180, 4), (181, 5), (365, 5), (366, 6), (-5, 0)],
)
def test_the_edges_of_the_buckets(east: Written, days: int, bucket: int) -> None:
    due_on = TODAY - timedelta(days=days)
    east.bill(amount(7), due_on=due_on, issued_on=date(2025, 1, 1))
    buckets = ageing(east.conn, SYSTEM, **HEAD).total.buckets_fen
    assert [place for place, fen in enumerate(buckets) if fen] == [bucket]
    assert bucket_of(due_on, TODAY, (30, 60, 90, 180, 365)) == bucket


def test_what_is_open_by_customer_and_organisation_deposits_apart(east: Written) -> None:
    first = east.bill(amount(500), due_on=date(2026, 11, 1))
    east.bill(amount(9_000, "deposit"), due_on=date(2026, 11, 1), kind="deposit")
    east.allocate(first, 200, on=date(2026, 11, 5))
    told = ageing(east.conn, SYSTEM, **HEAD)
    empty = (0, 300, 0, 0, 0, 0, 0)
    assert told.parts == (AgedOf("east", "华东", empty, 9_000),)
    by_customer = ageing(east.conn, SYSTEM, by="customer", limit=1, **HEAD)
    [part] = by_customer.parts
    assert (part.name, part.open_fen, part.deposits_fen) == ("顺达物流", 300, 9_000)
    assert not by_customer.more
    assert ageing(east.conn, SYSTEM, by="customer", after=part.key, **HEAD).parts == ()
    assert ageing(east.conn, SYSTEM, organisation="west", now=NOW).total.open_fen == 0


def test_a_past_day_is_told_from_its_own_rows(east: Written) -> None:
    bill_id = east.bill(amount(1_000), due_on=date(2026, 10, 1))
    credit_id = east.credit(1_000, on=date(2026, 10, 5))
    paid = east.allocate(bill_id, 1_000, on=date(2026, 10, 5), credit_id=credit_id)
    undone: Any = {"credit_id": credit_id, "undoes_id": paid, "rule": "undone"}
    east.allocate(bill_id, -1_000, on=date(2026, 10, 20), **undone)

    def open_on(day: int, month: int = 10) -> int:
        on = date(2026, month, day)
        return ageing(east.conn, SYSTEM, on=on, **HEAD).total.open_fen

    assert [open_on(30, 9), open_on(1), open_on(5), open_on(19), open_on(20)] == [
        *(0, 1_000, 0, 0),
        1_000,
    ]


def test_known_at_a_later_payment_or_credit_note_changes_nothing(east: Written) -> None:
    """A payment received on the 10th is written down on the 20th, as a credit note is."""
    bill_id = east.bill(amount(1_000), due_on=date(2026, 10, 1))
    yesterday: Any = {"on": date(2026, 10, 15), "known_at": at(date(2026, 10, 15)), **HEAD}
    october: Any = {**yesterday, "month_on": date(2026, 10, 1)}
    before = ageing(east.conn, SYSTEM, **yesterday).total
    collected = collection(east.conn, SYSTEM, **october).total
    late: Any = {"on": date(2026, 10, 10), "recorded_at": at(date(2026, 10, 20))}
    east.allocate(bill_id, 400, **late)
    note = east.credit_note(bill_id, amount(100), on=date(2026, 10, 20))
    source: Any = {"rule": "credit_note", "credit_note_id": note}
    east.allocate(bill_id, 100, on=date(2026, 10, 20), **source)
    assert ageing(east.conn, SYSTEM, **yesterday).total == before
    assert before.open_fen == 1_000
    assert collection(east.conn, SYSTEM, **october).total == collected
    assert (collected.collected_fen, collected.due_fen) == (0, 1_000)
    live = ageing(east.conn, SYSTEM, on=date(2026, 10, 15), **HEAD)
    assert live.total.open_fen == 600
    assert ageing(east.conn, SYSTEM, **HEAD).total.open_fen == 500


def test_collection_of_a_month_and_of_all_until_then(east: Written) -> None:
    september = east.bill(amount(10_000), due_on=date(2026, 9, 10))
    first = east.bill(amount(3_000), due_on=date(2026, 10, 1))
    second = east.bill(amount(2_000), due_on=date(2026, 10, 31))
    east.bill(amount(50_000, "deposit"), due_on=date(2026, 10, 1), kind="deposit")
    east.bill(amount(7_777), due_on=date(2026, 11, 1))
    east.allocate(september, 10_000, on=date(2026, 9, 20))
    east.allocate(first, 2_500, on=date(2026, 10, 8))
    note = east.credit_note(second, amount(500), on=date(2026, 11, 2))
    source: Any = {"rule": "credit_note", "credit_note_id": note}
    east.allocate(second, 500, on=date(2026, 11, 2), **source)
    asked: Any = {"month_on": date(2026, 10, 1), **HEAD}
    told = collection(east.conn, SYSTEM, **asked)
    assert (told.total.bills, told.total.billed_fen, told.total.credited_fen) == (2, 5_000, 500)
    assert (told.total.collected_fen, told.total.collection) == (2_500, 5_556)
    assert (told.cumulative.due_fen, told.cumulative.collected_fen) == (14_500, 12_500)
    [part] = told.organisations
    assert (part.code, part.due_fen) == ("east", 4_500)
    then = collection(east.conn, SYSTEM, on=date(2026, 10, 5), **asked).total
    assert (then.bills, then.collected_fen, then.collection) == (1, 0, 0)


def test_a_bill_that_was_paid_and_then_credited_is_no_more_than_collected(
    east: Written,
) -> None:
    bill_id = east.bill(amount(1_000), due_on=date(2026, 10, 1))
    east.allocate(bill_id, 1_000, on=date(2026, 10, 1))
    east.credit_note(bill_id, amount(400), on=date(2026, 10, 2))
    told = collection(east.conn, SYSTEM, month_on=date(2026, 10, 1), **HEAD).total
    assert (told.due_fen, told.collected_fen, told.collection) == (600, 600, 10_000)


def book(east: Written, on: date, debit: Any, credit: Any, fen: int, **given: Any) -> None:
    """An entry of east's book, recorded on its day unless said."""
    recorded_at = given.pop("recorded_at", at(on))
    customer: Any = {"customer_id": east.customer_id}
    sides = (Posting(debit, fen, **customer), Posting(credit, -fen, **customer))
    number = east.conn.execute("SELECT count(*)::text FROM ledger_entries").fetchone()
    assert number is not None
    entry = Entry(east.tenant_id, east.organisation_id, "payment", number[0], on, "测试", sides)
    post(east.conn, SYSTEM, [entry], now=recorded_at)


def test_credit_is_what_the_account_says_by_customer(east: Written) -> None:
    book(east, date(2026, 10, 1), "bank", "customer_credit", 700)
    book(east, date(2026, 10, 2), "bank", "unclaimed", 50)
    book(east, date(2026, 10, 9), "customer_credit", "receivable", 300)
    late = {"recorded_at": at(date(2026, 10, 20))}
    book(east, date(2026, 10, 9), "bank", "customer_credit", 5, **late)
    told = credit(east.conn, SYSTEM, by="customer", **HEAD)
    assert [(part.name, part.credit_fen) for part in told.parts] == [("顺达物流", 405)]
    assert (told.total.credit_fen, told.total.unclaimed_fen) == (405, 50)
    then = credit(east.conn, SYSTEM, on=date(2026, 10, 8), **HEAD)
    assert [(part.key, part.credit_fen) for part in then.parts] == [("east", 700)]
    known_at = at(date(2026, 10, 10))
    known = credit(east.conn, SYSTEM, on=date(2026, 10, 9), known_at=known_at, **HEAD)
    assert known.total.credit_fen == 400
    balances = trial_balance(east.conn, SYSTEM, organisation="head", on=TODAY)
    assert {each.account: -each.balance_fen for each in balances}["customer_credit"] == 405


def test_deposits_held_applied_refunded_and_held_back(east: Written) -> None:
    book(east, date(2026, 3, 2), "bank", "deposit_liability", 250_000)
    book(east, date(2026, 10, 2), "deposit_liability", "receivable", 60_000)
    book(east, date(2026, 10, 9), "deposit_liability", "bank", 100_000)
    moves = (("applied", 60_000, 2), ("refunded", 100_000, 9), ("held_back", 20_000, 9))
    for kind, fen, day in moves:
        east.insert(
            "deposit_movements",
            customer_id=east.customer_id,
            lease_id=east.lease_id,
            kind=kind,
            amount_fen=fen,
            moved_on=date(2026, 10, day),
            reason="退租",
            channel="bank" if kind == "refunded" else None,
            recorded_by="lin",
            recorded_at=at(date(2026, 10, day)),
        )
    told = deposits(east.conn, SYSTEM, **HEAD).total
    assert (told.received_fen, told.applied_fen, told.refunded_fen) == (250_000, 60_000, 100_000)
    assert (told.held_fen, told.held_back_fen) == (90_000, 20_000)
    then = deposits(east.conn, SYSTEM, on=date(2026, 10, 8), **HEAD)
    assert [(part.code, part.held_fen) for part in then.organisations] == [("east", 190_000)]


def test_what_is_to_come_is_not_asked(east: Written) -> None:
    with refused(east.conn, errors.KpiDayAhead):
        ageing(east.conn, SYSTEM, on=TODAY + timedelta(days=1), **HEAD)
    known_at = NOW + timedelta(days=1)
    assert ageing(east.conn, SYSTEM, known_at=known_at, **HEAD).asked.known_at == NOW


@pytest.mark.parametrize(
    ("asked", "fact"),
    [
        ({"month_on": TODAY, "from_on": TODAY, "until_on": TODAY}, errors.KpiSpanUnclear),
        ({"from_on": TODAY}, errors.KpiSpanUnclear),
        ({"from_on": TODAY, "until_on": TODAY}, errors.KpiSpanEmpty),
        ({"from_on": date(2010, 1, 1), "until_on": TODAY}, errors.KpiSpanTooLong),
        ({"month_on": date(2026, 12, 1)}, errors.KpiDayAhead),
    ],
)
def test_spans_that_are_none(east: Written, asked: Any, fact: Any) -> None:
    with refused(east.conn, fact):
        collection(east.conn, SYSTEM, **asked, **HEAD)


@pytest.mark.parametrize("figure", [ageing, collection, deposits, credit])
def test_who_sees_figures(office: Conn, figure: Any) -> None:
    organisation = get_organisation(office, SYSTEM, code="east")
    assert figure(office, person(organisation, "finance"), now=NOW).asked.organisation_code == (
        "east"
    )
    with refused(office, PermissionMissing):
        figure(office, person(organisation, "ops"), now=NOW)
