"""Figures of a life of bills and money, against the trial balance of the same days."""

from datetime import date, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.billing.service import Bill, CreditWanted, credit_bill
from fleet.kpis.service import ageing, collection, credit, deposits, profit, revenue
from fleet.leasing.service import Lease
from fleet.ledger.service import trial_balance
from fleet.payments.service import Received, record_payment, reverse_payment
from schemas.access import SYSTEM
from tests.fleet.billing.conftest import agreed, bills_of, books, let, line, run
from tests.fleet.conftest import VIN_B
from tests.fleet.kpis.written import at
from tests.fleet.leasing.conftest import office, swapped

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["books", "office"]
NOW = at(date(2026, 6, 20))
HEAD: Any = {"organisation": "head", "now": NOW}
DAYS = [date(2026, 3, 1) + timedelta(days=n) for n in (0, 3, 14, 31, 45, 61, 70, 80, 111)]
REVENUE = (
    *("rent_revenue", "mileage_revenue", "service_revenue", "energy_revenue"),
    *("purchase_revenue", "penalty_revenue", "damage_revenue"),
)


def pay(conn: Conn, fen: int, day: date, customer_no: str) -> str:
    received = Received(
        channel="bank", amount_fen=fen, received_on=day, bank_reference=f"T{day:%m%d}{fen}"
    )
    detail = record_payment(
        conn,
        SYSTEM,
        received=received,
        customer_no=customer_no,
        organisation_code="east",
        now=at(day),
    )
    return detail.payment.payment_no


@pytest.fixture
def lived(books: Conn) -> Conn:
    """March to June: a deposit, a swap in mid-April, pieces, a bounce, a credit note, credit."""
    lease = let(books, agreed(line(deposit_fen=300_000)))
    customer = run_on(books, lease, date(2026, 3, 3))[0].customer_no
    pay(books, 450_000, date(2026, 3, 5), customer)
    run_on(books, lease, date(2026, 3, 27))
    bounced = pay(books, 150_000, date(2026, 4, 3), customer)
    swapped(books, lease.lease_no, VIN_B, at=at(date(2026, 4, 15)))
    run_on(books, lease, date(2026, 4, 16))
    on = date(2026, 4, 20)
    facts: Any = {"payment_no": bounced, "reason": "退票", "reversed_on": on, "now": at(on)}
    reverse_payment(books, SYSTEM, **facts)
    second = run_on(books, lease, date(2026, 4, 28))[1].bill_no
    wanted = [CreditWanted(1, 50_000)]
    on = date(2026, 5, 4)
    credit_bill(books, SYSTEM, bill=str(second), lines=wanted, reason="协商", now=at(on))
    run_on(books, lease, date(2026, 5, 28))
    pay(books, 2_000_000, date(2026, 6, 10), customer)
    return books


def run_on(conn: Conn, lease: Lease, day: date) -> list[Bill]:
    """A run on that day; the bills of rent there are then."""
    run(conn, at(day))
    return [bill for bill in bills_of(conn, lease) if bill.kind == "rent"]


def balances(conn: Conn, on: date, from_on: date | None = None) -> dict[str, int]:
    rows = trial_balance(conn, SYSTEM, organisation="head", on=on, from_on=from_on)
    return {row.account: row.balance_fen for row in rows}


def test_figures_are_the_accounts_of_their_day(lived: Conn) -> None:
    told, wanted = [], []
    for on in DAYS:
        book = balances(lived, on)
        age = ageing(lived, SYSTEM, on=on, **HEAD).total
        told.append(
            (
                age.open_fen,
                age.deposits_fen,
                credit(lived, SYSTEM, on=on, **HEAD).total.credit_fen,
                deposits(lived, SYSTEM, on=on, **HEAD).total.held_fen,
            )
        )
        wanted.append(
            (
                book.get("receivable", 0),
                book.get("deposit_receivable", 0),
                -book.get("customer_credit", 0),
                -book.get("deposit_liability", 0),
            )
        )
    assert told == wanted
    assert [max(column) > 0 for column in zip(*told, strict=True)] == [True] * 4


def test_revenue_of_a_month_is_what_the_accounts_of_revenue_say(lived: Conn) -> None:
    for month in (3, 4, 5):
        first, after = date(2026, month, 1), date(2026, month + 1, 1)
        before, until = (balances(lived, day - timedelta(days=1)) for day in (first, after))
        earned = -sum(until.get(each, 0) - before.get(each, 0) for each in REVENUE)
        rows = revenue(lived, SYSTEM, month_on=first, **HEAD).rows
        assert sum(row.total_fen for row in rows) == earned
        assert earned > 200_000
        whole = profit(lived, SYSTEM, month_on=first, **HEAD)
        assert whole.income.total_fen + whole.of_no_vehicle_fen == earned


def test_yesterday_as_it_was_known_is_not_changed_by_what_came_later(lived: Conn) -> None:
    """On 10 April the payment of 3 April stands; it bounces on the 20th. The note is of May."""
    on, known_at = date(2026, 4, 10), at(date(2026, 4, 10), 12)
    told = ageing(lived, SYSTEM, on=on, known_at=known_at, **HEAD).total
    assert told.open_fen == balances(lived, on)["receivable"] > 0
    asked: Any = {"month_on": date(2026, 4, 1), "on": on, **HEAD}
    live = collection(lived, SYSTEM, **asked).total
    assert collection(lived, SYSTEM, known_at=known_at, **asked).total == live
    asked["on"] = date(2026, 5, 10)
    assert collection(lived, SYSTEM, **asked).total.due_fen == live.due_fen - 50_000
