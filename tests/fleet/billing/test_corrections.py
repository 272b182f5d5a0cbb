"""What is corrected after money moved: nothing is given that was never paid, and the books hold."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from psycopg import Connection

from fleet.billing import service as billing
from fleet.billing.errors import ReclaimNotCredited
from fleet.billing.service import Bill, CreditWanted
from fleet.customers.service import merge_customers
from fleet.deposits import service as deposits
from fleet.leasing.service import Lease, cancel_lease
from fleet.ledger.service import balance_of, check_ledger
from fleet.payments import service as payments
from fleet.receivables import service as receivables
from schemas.access import SYSTEM
from tests.fleet.billing.conftest import agreed, bills_of, books, let, line, office, run
from tests.fleet.conftest import refused
from tests.fleet.leasing.conftest import SIGNED, back, customer, day, signed

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["books", "office"]
MANAGER = replace(SYSTEM, name="manager")


def pay(conn: Conn, lease: Lease, amount_fen: int, *, on: date, at: int) -> str:
    """A payment of the lessee's, received on a day and recorded `at`; its number."""
    made = payments.record_payment(
        conn,
        SYSTEM,
        received=payments.Received("bank", amount_fen, on),
        customer_no=lease.customer_no,
        now=day(at),
    )
    return made.payment.payment_no


def write_off(conn: Conn, bill: Bill, amount_fen: int, at: int) -> None:
    asked = payments.request_write_off(
        conn, SYSTEM, bill_no=str(bill.bill_no), amount_fen=amount_fen, reason="失联", now=day(at)
    )
    payments.decide_write_off(conn, MANAGER, key=asked.key, approve=True, now=day(at))


def credit(conn: Conn, bill: Bill, amount_fen: int | None, at: int) -> None:
    wanted = None if amount_fen is None else [CreditWanted(1, amount_fen)]
    billing.credit_bill(
        conn, SYSTEM, bill=str(bill.bill_no), lines=wanted, reason="更正", now=day(at)
    )


def left(conn: Conn, lease: Lease) -> int:
    found = receivables.left_of(conn, customer_id=lease.customer_id)
    return sum(each.left_fen for each in found)


def whole(conn: Conn) -> None:
    assert [*receivables.check_balances(conn), *check_ledger(conn)] == []


def late_fees(conn: Conn, lease: Lease) -> list[int]:
    """What stands of late fees, on bills that were issued."""
    return [
        each.line.amount_fen - each.credited_fen
        for bill in bills_of(conn, lease, state="issued")
        for each in billing.get_bill(conn, SYSTEM, bill=str(bill.key)).lines
        if each.line.kind == "late_fee"
    ]


# What was given up


def test_what_was_written_off_is_credited_to_nobody(books: Conn) -> None:
    lease = let(books)
    run(books, day(0))
    [bill] = bills_of(books, lease, state="issued")
    write_off(books, bill, 300_000, at=1)
    credit(books, bill, 100_000, at=2)
    assert (left(books, lease), balance_of(books, account="bad_debt")) == (0, 200_000)
    credit(books, bill, None, at=3)
    assert (left(books, lease), balance_of(books, account="bad_debt")) == (0, 0)
    whole(books)


def test_of_what_was_paid_and_written_off_only_what_was_paid_becomes_credit(books: Conn) -> None:
    lease = let(books)
    run(books, day(0))
    [bill] = bills_of(books, lease, state="issued")
    pay(books, lease, 120_000, on=date(2026, 3, 2), at=0)
    write_off(books, bill, 180_000, at=1)
    credit(books, bill, None, at=2)
    assert (left(books, lease), balance_of(books, account="bad_debt")) == (120_000, 0)
    whole(books)


def test_a_return_told_late_gives_nothing_back_of_what_was_written_off(books: Conn) -> None:
    lease = let(books)
    run(books, day(22))
    [bill] = bills_of(books, lease, state="issued")
    write_off(books, bill, 300_000, at=23)
    back(books, lease.lease_no, at=day(24))
    assert run(books, day(25)).credit_notes == 1
    assert left(books, lease) == 0
    assert balance_of(books, account="bad_debt") == round(300_000 * 25 / 31)
    whole(books)


def test_what_was_given_up_costs_no_late_fee_unless_it_is_owed_again(books: Conn) -> None:
    """3,000 due on day 0, 1,000 of it paid on day 20; the rest is given up on day 25."""
    lease = let(books)
    run(books, day(0, 10))
    [bill] = bills_of(books, lease, state="issued")
    pay(books, lease, 100_000, on=date(2026, 3, 22), at=20)
    write_off(books, bill, 200_000, at=25)
    run(books, day(31))
    assert late_fees(books, lease) == [round(100_000 * 20 * 0.0005)]
    [given_up] = payments.list_write_offs(books, SYSTEM, {})
    payments.undo_write_off(books, MANAGER, key=given_up.key, reason="找到", now=day(32))
    payments.record_payment(
        books,
        SYSTEM,
        received=payments.Received("bank", 200_000, date(2026, 4, 3)),
        customer_no=lease.customer_no,
        bills=[str(bill.bill_no)],
        now=day(32),
    )
    run(books, day(33))
    run(books, day(60))
    assert sum(late_fees(books, lease)) == round((300_000 * 20 + 200_000 * 12) * 0.0005)
    whole(books)


# What is reclaimed


def test_a_bill_that_reclaims_is_written_off_not_credited(books: Conn) -> None:
    lease = let(books)
    number = pay(books, lease, 50_000, on=date(2026, 3, 2), at=0)
    payments.refund_credit(
        books,
        SYSTEM,
        customer_no=lease.customer_no,
        amount_fen=50_000,
        channel="bank",
        reason="多付",
        now=day(0),
    )
    payments.reverse_payment(books, SYSTEM, payment_no=number, reason="退票", now=day(1))
    [bill] = billing.list_bills(books, SYSTEM, {"kind": "reclaim"}, now=SIGNED)
    with refused(books, ReclaimNotCredited):
        credit(books, bill, None, at=2)
    whole(books)


def test_a_payment_of_a_customer_that_was_merged_is_reclaimed_of_the_same(books: Conn) -> None:
    lease = let(books)
    number = pay(books, lease, 50_000, on=date(2026, 3, 2), at=0)
    payments.refund_credit(
        books,
        SYSTEM,
        customer_no=lease.customer_no,
        amount_fen=50_000,
        channel="bank",
        reason="多付",
        now=day(0),
    )
    merge_customers(
        books,
        SYSTEM,
        customer_no=lease.customer_no,
        into=customer(books, "顺达物流（深圳）"),
        reason="重复",
        now=day(1),
    )
    payments.reverse_payment(books, SYSTEM, payment_no=number, reason="退票", now=day(2))
    whole(books)


# Late fees that turn out otherwise


def test_a_late_fee_for_a_day_told_wrongly_is_taken_off_also_after_the_end(books: Conn) -> None:
    lease = let(books)
    run(books, day(0, 10))
    number = pay(books, lease, 300_000, on=date(2026, 3, 22), at=20)
    back(books, lease.lease_no, at=day(21, 8))
    run(books, day(21))
    run(books, day(22))  # the days after the return were taken off, and are late no more
    assert late_fees(books, lease) == [round(300_000 * 22 / 31 * 20 * 0.0005)]
    payments.reverse_payment(books, SYSTEM, payment_no=number, reason="日期录错", now=day(50))
    pay(books, lease, 300_000, on=date(2026, 3, 3), at=50)
    run(books, day(51))
    assert late_fees(books, lease) == [0]
    whole(books)


def test_a_late_fee_of_a_bill_taken_off_whole_is_taken_off_too(books: Conn) -> None:
    lease = let(books)
    run(books, day(0, 10))
    [bill] = bills_of(books, lease, state="issued")
    pay(books, lease, 300_000, on=date(2026, 3, 22), at=20)
    run(books, day(21))
    run(books, day(31))
    assert late_fees(books, lease) == [3_000]
    credit(books, bill, None, at=40)
    run(books, day(41))
    assert late_fees(books, lease) == [0]
    whole(books)


def test_what_came_late_costs_its_fee_though_it_was_told_of_first(books: Conn) -> None:
    """200 yuan of day 20 are recorded before the 2,800 of day 2."""
    lease = let(books)
    run(books, day(0, 10))
    pay(books, lease, 20_000, on=date(2026, 3, 22), at=20)
    pay(books, lease, 280_000, on=date(2026, 3, 3), at=21)
    [bill] = [each for each in bills_of(books, lease, state="issued") if each.purpose == "rent:1"]
    assert bill.settled_on == date(2026, 3, 22)
    run(books, day(31))
    assert late_fees(books, lease) == [round((3_000 + 19 * 200) * 100 * 0.0005)]


# Deposits


def test_a_deposit_given_back_before_billing_knew_does_not_stop_the_rest(books: Conn) -> None:
    lease = signed(books, agreed(line(deposit_fen=500_000))).lease
    run(books, day(0))
    pay(books, lease, 500_000, on=date(2026, 3, 2), at=0)
    cancel_lease(books, SYSTEM, lease_no=lease.lease_no, reason="未提车", now=day(1))
    standing = deposits.get_standing(books, SYSTEM, lease_no=lease.lease_no, now=day(1))
    for block in standing.blocks:
        deposits.release_block(
            books, SYSTEM, lease_no=lease.lease_no, block=block.key, reason="取消", now=day(1)
        )
    standing = deposits.get_standing(books, SYSTEM, lease_no=lease.lease_no, now=day(1))
    assert standing.refundable_fen > 0
    deposits.refund_deposit(
        books,
        SYSTEM,
        lease_no=lease.lease_no,
        amount_fen=standing.refundable_fen,
        channel="bank",
        reason="取消",
        now=day(1),
    )
    done = run(books, day(2))
    assert done.faults == {}
    [rent] = bills_of(books, lease, kind="rent", state="issued")
    assert rent.open_fen == 0
    assert run(books, day(3)).credit_notes == 0
    whole(books)
