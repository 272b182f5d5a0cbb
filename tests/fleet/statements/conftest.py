"""A customer with a lease that is billed, pays late and in pieces, and has a deposit.

Rent 3,000 a month from 2 March on, a deposit of 8,000. Billed on 2 March, 24 March and 25 April.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from psycopg import Connection

from fleet.billing import service as billing
from fleet.deposits import service as deposits
from fleet.leasing.service import Lease
from fleet.payments import service as payments
from fleet.statements.service import Statement, statement
from schemas.access import SYSTEM
from tests.fleet.billing.conftest import agreed, bills_of, books, let, line, office, run
from tests.fleet.leasing.conftest import customer, day

Conn = Connection[Any]
__all__ = ["books", "office"]


@dataclass
class Story:
    """A lease and its customer, by number."""

    conn: Conn
    lease: Lease
    customer_no: str

    def bill_no(self, purpose: str) -> str:
        """Of the bill for this, such as rent:1."""
        [found] = [one for one in bills_of(self.conn, self.lease) if one.purpose == purpose]
        assert found.bill_no is not None
        return found.bill_no

    def pay(self, amount_fen: int, on: date, now: datetime, **given: Any) -> str:
        """The number of a payment."""
        received = payments.Received("bank", amount_fen, on, bank_reference=f"T{amount_fen}-{on}")
        facts = {"customer_no": self.customer_no, "received": received, "now": now} | given
        return payments.record_payment(self.conn, SYSTEM, **facts).payment.payment_no

    def credit(self, purpose: str, amount_fen: int, now: datetime) -> str:
        """The number of a credit note on the first line of a bill."""
        wanted = [billing.CreditWanted(1, amount_fen)]
        note = billing.credit_bill(
            self.conn, SYSTEM, bill=self.bill_no(purpose), lines=wanted, reason="协商减免", now=now
        )
        return note.credit_no

    def apply_deposit(self, purpose: str, amount_fen: int, now: datetime) -> None:
        """So much of the deposit pays a bill."""
        deposits.apply_deposit(
            self.conn,
            SYSTEM,
            lease_no=self.lease.lease_no,
            bill_no=self.bill_no(purpose),
            amount_fen=amount_fen,
            reason="抵欠租",
            now=now,
        )

    def told(self, from_on: date, until_on: date, now: datetime = day(60)) -> Statement:
        """Its statement."""
        return statement(
            self.conn,
            SYSTEM,
            customer_no=self.customer_no,
            from_on=from_on,
            until_on=until_on,
            now=now,
        )


@pytest.fixture
def story(books: Conn) -> Story:
    """Billed to the end of April; half of March is paid on the 10th, the deposit on the 2nd, more
    than all in May; 100 of April taken off, 500 of it out of the deposit."""
    customer_no = customer(books)
    lease = let(books, agreed(line(deposit_fen=800_000)), customer_no=customer_no)
    made = Story(books, lease, customer_no)
    run(books, day(0, 20))
    deposit = made.bill_no("deposit")
    made.pay(800_000, date(2026, 3, 2), day(0, 21), bills=[deposit])
    made.pay(150_000, date(2026, 3, 10), day(8), bills=[made.bill_no("rent:1")])
    run(books, day(24))
    made.apply_deposit("rent:2", 50_000, day(36))
    run(books, day(54))
    made.credit("rent:2", 10_000, day(55))
    made.pay(1_000_000, date(2026, 5, 1), day(60))
    return made
