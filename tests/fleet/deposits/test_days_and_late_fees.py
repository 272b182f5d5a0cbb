"""Deposits on days that are over, and late fees that stand on no bill yet."""

from datetime import date
from typing import Any

import pytest
from psycopg import Connection

from fleet.deposits import errors
from fleet.deposits import service as deposits
from fleet.deposits.service import DepositStanding
from fleet.leasing.service import Lease
from fleet.leasing.terms import LateFee
from fleet.payments import service as payments
from schemas.access import SYSTEM
from tests.fleet.billing.conftest import agreed, bills_of, books, let, line, office, run
from tests.fleet.conftest import refused
from tests.fleet.leasing.conftest import START, back, day

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["books", "office"]
DEPOSIT_FEN = 800_000
PAID_ON = date(2026, 3, 20)


@pytest.fixture
def lease(books: Conn) -> Lease:
    """A month of rent and a deposit are billed on START; the deposit is paid on 20 March."""
    lease = let(books, agreed(line(deposit_fen=DEPOSIT_FEN), late_fee=LateFee(grace_days=3)))
    run(books, day(0, 20))
    pay(books, lease, DEPOSIT_FEN, on=PAID_ON, at=19, bills=[bill_no(books, lease, "deposit")])
    return lease


def pay(conn: Conn, lease: Lease, fen: int, *, on: date, at: int, **given: Any) -> str:
    """The number of a payment of the lessee's."""
    received = payments.Received("bank", fen, on)
    about: dict[str, Any] = {"customer_no": lease.customer_no, "now": day(at)} | given
    return payments.record_payment(conn, SYSTEM, received=received, **about).payment.payment_no


def bill_no(conn: Conn, lease: Lease, purpose: str) -> str:
    [found] = [each for each in bills_of(conn, lease) if each.purpose == purpose]
    return str(found.bill_no)


def apply(conn: Conn, lease: Lease, at: int, **given: Any) -> DepositStanding:
    """The deposit settles what is open of the first month."""
    return deposits.apply_deposit(
        conn,
        SYSTEM,
        lease_no=lease.lease_no,
        bill_no=bill_no(conn, lease, "rent:1"),
        reason="抵欠",
        now=day(at),
        **given,
    )


def blocks(conn: Conn, lease: Lease, at: int) -> list[tuple[str, int | None]]:
    told = deposits.get_standing(conn, SYSTEM, lease_no=lease.lease_no, now=day(at))
    return [(each.key, each.amount_fen) for each in told.blocks]


def test_what_was_not_held_yet_settles_nothing_that_day(books: Conn, lease: Lease) -> None:
    with refused(books, errors.DepositTooSmall):
        apply(books, lease, at=20, on=date(2026, 3, 19))
    told = apply(books, lease, at=20, on=PAID_ON)
    assert (told.deposit.held_fen, told.deposit.applied_fen) == (500_000, 300_000)


def test_what_was_not_held_yet_was_not_given_back_that_day(books: Conn, lease: Lease) -> None:
    apply(books, lease, at=20, amount_fen=300_000)
    back(books, lease.lease_no, at=day(25))
    run(books, day(25, 20))
    run(books, day(26))
    about: dict[str, Any] = {"channel": "bank", "reason": "退租", "now": day(60)}
    with refused(books, errors.DepositTooSmall):
        deposits.refund_deposit(
            books, SYSTEM, lease_no=lease.lease_no, amount_fen=1, on=date(2026, 3, 19), **about
        )
    told = deposits.refund_deposit(
        books, SYSTEM, lease_no=lease.lease_no, amount_fen=400_000, on=PAID_ON, **about
    )
    assert told.deposit.held_fen == 100_000


def test_held_again_since_a_day_is_not_held_before_it(books: Conn, lease: Lease) -> None:
    """3,000 of it were used from the 21st to the 31st: on the 25th only 5,000 were there."""
    first = apply(books, lease, at=19)
    [movement] = [each for each in first.movements if each.kind == "applied"]
    back(books, lease.lease_no, at=day(25))
    deposits.unapply_deposit(
        books, SYSTEM, lease_no=lease.lease_no, movement=movement.key, reason="误抵", now=day(30)
    )
    pay(books, lease, 1_000_000, on=date(2026, 4, 2), at=31)
    run(books, day(31, 20))
    run(books, day(31, 21))
    about: dict[str, Any] = {"channel": "bank", "reason": "退租", "now": day(32)}
    for fen, on in ((500_001, date(2026, 3, 25)), (1, date(2026, 3, 19))):
        with refused(books, errors.DepositTooSmall):
            deposits.refund_deposit(
                books, SYSTEM, lease_no=lease.lease_no, amount_fen=fen, on=on, **about
            )
    told = deposits.refund_deposit(
        books,
        SYSTEM,
        lease_no=lease.lease_no,
        amount_fen=500_001,
        on=date(2026, 4, 1),
        **about,
    )
    assert told.deposit.held_fen == 299_999


def test_a_late_fee_that_is_on_no_bill_yet_stands_against_giving_back(
    books: Conn, lease: Lease
) -> None:
    """The arrears are settled out of the deposit on day 60: the late fee of 60 days is owed."""
    back(books, lease.lease_no, at=day(25))
    run(books, day(25, 20))
    rent = bill_no(books, lease, "rent:1")
    owed_fen = 300_000 - 48_387
    assert blocks(books, lease, at=60) == [(f"bill:{rent}", owed_fen), (f"late_fee:{rent}", 7_548)]
    told = apply(books, lease, at=60)
    assert blocks(books, lease, at=60) == [(f"late_fee:{rent}", 7_548)]
    assert told.refundable_fen == DEPOSIT_FEN - owed_fen - 7_548
    run(books, day(60, 20))
    [late] = [each for each in bills_of(books, lease) if each.kind == "late_fee"]
    assert blocks(books, lease, at=61) == [(f"bill:{late.bill_no}", 7_548)]


def test_a_late_fee_on_a_bill_is_not_counted_twice(books: Conn, lease: Lease) -> None:
    """Paid on day 30, its late fee billed, and bounced on day 40: only the days since are new."""
    back(books, lease.lease_no, at=day(25))
    run(books, day(25, 20))
    rent, owed_fen = bill_no(books, lease, "rent:1"), 300_000 - 48_387
    paid = pay(books, lease, owed_fen, on=START.replace(month=4, day=1), at=30, bills=[rent])
    run(books, day(30, 20))
    [late] = [each for each in bills_of(books, lease) if each.kind == "late_fee"]
    assert late.total_fen == 3_774
    payments.reverse_payment(books, SYSTEM, payment_no=paid, reason="退票", now=day(40))
    assert blocks(books, lease, at=40) == [
        (f"bill:{rent}", owed_fen),
        (f"bill:{late.bill_no}", 3_774),
        (f"late_fee:{rent}", 126),
    ]
