"""On which day a sum that came earlier than it is told settles what it settles."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection

from fleet.payments import service as payments
from fleet.receivables.days import Moved, days_open
from fleet.receivables.service import check_balances, late_fee_of, list_open
from fleet.statements.service import statement
from schemas.access import SYSTEM
from tests.fleet.leasing.conftest import START, customer, day, office
from tests.fleet.receivables.owed import ids_of, owe

Conn = Connection[Any]
ONE_STORAGE = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["office"]
BILL_FEN = 300_000


def march(number: int) -> date:
    return START.replace(day=number)


@pytest.mark.parametrize(
    ("moved", "open_fen", "days"),
    [
        pytest.param([], 300, [(2, 200)], id="open all the time"),
        pytest.param([(10, -300)], 300, [(10, 200)], id="paid until the 10th, then undone"),
        pytest.param([(10, -100)], 300, [(2, 200)], id="so much was open all the time"),
        pytest.param([(10, -250)], 300, [(2, 50), (10, 150)], id="a part was open all the time"),
        pytest.param(
            [(5, 250), (10, -250)], 300, [(2, 50), (10, 150)], id="settled meanwhile, and undone"
        ),
        pytest.param([(5, 100), (6, -100)], 300, [(2, 200)], id="never less than this was open"),
        pytest.param([(5, 100)], 200, [(2, 200)], id="others settled the rest"),
    ],
)
def test_a_sum_settles_from_when_so_much_was_open_ever_since(
    moved: list[tuple[int, int]], open_fen: int, days: list[tuple[int, int]]
) -> None:
    told: list[Moved] = [(march(number), fen) for number, fen in moved]
    found = days_open(200, open_fen=open_fen, since=march(2), moved=told)
    assert found == [(march(number), fen) for number, fen in days]


@given(
    st.lists(st.tuples(st.integers(3, 28), st.integers(-300, 300)), max_size=6),
    st.integers(0, 500),
    st.data(),
)
def test_nothing_is_settled_before_it_is_open_and_no_fen_is_lost(
    moved: list[tuple[int, int]], open_fen: int, data: st.DataObject
) -> None:
    amount_fen = data.draw(st.integers(0, open_fen))
    told: list[Moved] = [(march(number), fen) for number, fen in moved]
    found = days_open(amount_fen, open_fen=open_fen, since=march(2), moved=told)
    assert sum(fen for _day, fen in found) == amount_fen
    for number in range(2, 29):
        was = open_fen + sum(fen for on, fen in told if on > march(number))
        settled = sum(fen for on, fen in found if on <= march(number))
        assert settled <= max(was, 0) or settled == 0


def paid(conn: Conn, customer_no: str, fen: int, on: date, at: int) -> str:
    received = payments.Received("bank", fen, on)
    made = payments.record_payment(
        conn, SYSTEM, received=received, customer_no=customer_no, now=day(at)
    )
    return made.payment.payment_no


def bounced(conn: Conn, payment_no: str, at: int) -> None:
    payments.reverse_payment(conn, SYSTEM, payment_no=payment_no, reason="退票", now=day(at))


def settled(conn: Conn, payment_no: str) -> list[tuple[str, int]]:
    """On which days a payment settles how much."""
    rows = conn.execute(
        "SELECT a.allocated_on::text, a.amount_fen FROM allocations a"
        " JOIN credits c ON c.id = a.credit_id JOIN payments p ON p.id = c.payment_id"
        " WHERE p.payment_no = %s ORDER BY a.id",
        [payment_no],
    )
    return [(str(on), int(fen)) for on, fen in rows]


def open_on(conn: Conn, customer_no: str, number: int) -> list[int]:
    owner = ids_of(conn, customer_no)["customer_id"]
    return [each.open_fen for each in list_open(conn, customer_id=owner, on=march(number))]


@ONE_STORAGE
def test_what_was_settled_that_day_and_bounced_later_is_settled_from_then(office: Conn) -> None:
    """3,000 paid on the 4th bounce on the 22nd; other 3,000 that came on the 17th are told late."""
    customer_no = customer(office)
    owe(office, customer_no, BILL_FEN)
    first = paid(office, customer_no, BILL_FEN, march(4), at=2)
    bounced(office, first, at=20)
    second = paid(office, customer_no, BILL_FEN, march(17), at=25)
    assert settled(office, second) == [("2026-03-22", BILL_FEN)]
    assert [open_on(office, customer_no, number) for number in (3, 4, 17, 21, 22)] == [
        [BILL_FEN], [], [], [], [],
    ]  # fmt: skip
    assert check_balances(office) == []


@ONE_STORAGE
def test_the_part_that_was_open_is_settled_the_day_the_money_came(office: Conn) -> None:
    customer_no = customer(office)
    owe(office, customer_no, BILL_FEN)
    first = paid(office, customer_no, 100_000, march(3), at=1)
    bounced(office, first, at=8)
    second = paid(office, customer_no, 250_000, march(5), at=10)
    assert settled(office, second) == [("2026-03-05", 200_000), ("2026-03-10", 50_000)]
    told = statement(
        office, SYSTEM, customer_no=customer_no, from_on=START, until_on=march(10), now=day(20)
    )
    assert (told.open_fen, told.credit_fen, told.closing_fen) == (0, 50_000, -50_000)


@ONE_STORAGE
def test_two_receipts_told_late_do_not_settle_the_same_twice(office: Conn) -> None:
    customer_no = customer(office)
    owe(office, customer_no, BILL_FEN)
    first = paid(office, customer_no, BILL_FEN, march(3), at=1)
    bounced(office, first, at=8)
    one = paid(office, customer_no, 100_000, march(6), at=12)
    other = paid(office, customer_no, 100_000, march(5), at=13)
    assert settled(office, one) == settled(office, other) == [("2026-03-10", 100_000)]
    assert open_on(office, customer_no, 10) == [100_000]


@ONE_STORAGE
def test_what_was_given_up_that_day_is_settled_from_when_it_is_owed_again(office: Conn) -> None:
    customer_no = customer(office)
    bill = owe(office, customer_no, BILL_FEN)
    asked = payments.request_write_off(
        office, SYSTEM, bill_no=bill.bill_no, amount_fen=BILL_FEN, reason="失联", now=day(5)
    )
    other = replace(SYSTEM, name="manager")
    payments.decide_write_off(office, other, key=asked.key, approve=True, now=day(5))
    payments.undo_write_off(office, other, key=asked.key, reason="还款", now=day(12))
    late = paid(office, customer_no, BILL_FEN, march(9), at=13)
    assert settled(office, late) == [("2026-03-14", BILL_FEN)]
    assert open_on(office, customer_no, 9) == []


@ONE_STORAGE
def test_whoever_had_paid_by_then_is_not_late(office: Conn) -> None:
    """What bounced settled it to the 22nd; the money that stays came on the 9th: late are the days
    to the 9th on which nothing had come, those to the 6th.
    """
    customer_no = customer(office)
    fee = {"rate_per_day": "0.01", "grace_days": 0, "cap_pct": None}
    bill = owe(office, customer_no, BILL_FEN, late_fee=fee)
    first = paid(office, customer_no, BILL_FEN, march(6), at=5)
    bounced(office, first, at=20)
    second = paid(office, customer_no, BILL_FEN, march(9), at=25)
    assert settled(office, second) == [("2026-03-22", BILL_FEN)]
    late = late_fee_of(office, bill_ids=[bill.id], on=march(31))[bill.id]
    assert (late.days, late.amount_fen) == (4, 12_000)
