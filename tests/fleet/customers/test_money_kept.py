"""Money in a person's data: told in the copy, and what holds an erasure back."""

from datetime import date, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.deposits.service import open_deposit, refund_deposit
from fleet.payments.service import Received, record_payment, refund_credit
from fleet.personal_data.errors import BillsOpen, MoneyHeld
from fleet.personal_data.service import copy_personal_data
from schemas.access import SYSTEM
from tests.fleet.customers.test_erasure import ALLOWED, erase, leased
from tests.fleet.leasing.conftest import KEY, office
from tests.fleet.receivables.owed import owe

Conn = Connection[Any]
__all__ = ["office"]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
LATER = ALLOWED + timedelta(days=1)
PAID_ON = date(2029, 3, 13)


def pay(conn: Conn, number: str, amount_fen: int) -> str:
    received = Received("bank", amount_fen, PAID_ON, "T1", "王芳", "6225880137001234")
    return record_payment(
        conn, SYSTEM, received=received, customer_no=number, now=LATER
    ).payment.payment_no


def test_open_bills_hold_an_erasure_back_until_they_are_paid(office: Conn) -> None:
    number, _lease_no = leased(office)
    bill = owe(office, number, 300_000)
    with pytest.raises(BillsOpen) as raised, office.transaction():
        erase(office, number, now=LATER)
    assert raised.value.facts == {"bill_nos": [bill.bill_no]}
    pay(office, number, 300_000)
    assert erase(office, number, now=LATER).customer_nos == [number]


def test_what_they_paid_too_much_is_given_back_first(office: Conn) -> None:
    number, _lease_no = leased(office)
    pay(office, number, 5_000)
    with pytest.raises(MoneyHeld) as raised, office.transaction():
        erase(office, number, now=LATER)
    assert raised.value.facts == {"credit_fen": 5_000, "deposit_fen": 0}
    refund_credit(
        office,
        SYSTEM,
        customer_no=number,
        amount_fen=5_000,
        channel="bank",
        reason="多付",
        now=LATER,
    )
    assert erase(office, number, now=LATER).customer_nos == [number]


def test_a_deposit_that_is_held_is_given_back_first(office: Conn) -> None:
    number, lease_no = leased(office)
    about: dict[str, Any] = {"lease_no": lease_no, "amount_fen": 8_000, "now": LATER}
    open_deposit(office, SYSTEM, reason="期初", **about)
    with pytest.raises(MoneyHeld) as raised, office.transaction():
        erase(office, number, now=LATER)
    assert raised.value.facts == {"credit_fen": 0, "deposit_fen": 8_000}
    refund_deposit(office, SYSTEM, channel="bank", reason="退租", **about)
    assert erase(office, number, now=LATER).customer_nos == [number]


def test_a_copy_tells_bills_payments_and_deposits_and_when_nothing_may_go(office: Conn) -> None:
    number, lease_no = leased(office)
    bill = owe(office, number, 300_000)
    paid = pay(office, number, 100_000)
    open_deposit(office, SYSTEM, lease_no=lease_no, amount_fen=8_000, reason="期初", now=LATER)
    copy = copy_personal_data(office, SYSTEM, customer_no=number, key=KEY, now=LATER)
    [told] = copy.parts["bills"]
    assert (told["bill_no"], told["total_fen"], told["open_fen"]) == (
        *(bill.bill_no, 300_000),
        200_000,
    )
    [payment] = copy.parts["payments"]
    assert (payment["payment_no"], payment["amount_fen"], payment["payer_name"]) == (
        *(paid, 100_000),
        "王芳",
    )
    assert payment["payer_account"].endswith("1234")
    [deposit] = copy.parts["deposits"]
    assert (deposit["lease_no"], deposit["held_fen"]) == (lease_no, 8_000)
    assert [one["kind"] for one in deposit["movements"]] == ["opening"]
    assert copy.parts["notices"] == []
    assert copy.erasable_from_on is None
