"""Makes the statement of account 客户对账单 of a customer over a span of days.

Told are bills, credit notes, payments and what became of them, in order, with the balance after
each; what is open by age; deposits apart, for they are the customer's own money. Of a customer that
others were merged into it is the statement of all of them. Any past day is told as its dated rows
have it. Leaves out paper (`fleet/money_papers`) and how money is settled (`fleet/receivables`).
"""

from datetime import date, datetime, timedelta
from typing import IO, Any, Final

from psycopg import Connection

from fleet.customers.service import CustomerNotFound
from fleet.local_days import local_day
from fleet.money_figures import ReceivableAgeing
from fleet.parameters import service as parameters
from fleet.statements import store
from fleet.statements.account import aged, deposit_rows_of, overdue_days, rows_of
from fleet.statements.errors import StatementEndsBeforeItBegins, StatementTooLong
from fleet.statements.model import (
    MOVEMENT_KINDS,
    AgeBucket,
    DepositRow,
    MovementKind,
    OpenBill,
    Statement,
    StatementCustomer,
    StatementRow,
)
from fleet.statements.words import BILL_KINDS, bucket_words, deposit_words, row_words
from fleet.statements.workbook import write_workbook
from schemas.access import Actor

__all__ = [
    "BILL_KINDS",
    "MOVEMENT_KINDS",
    "AgeBucket",
    "DepositRow",
    "MovementKind",
    "OpenBill",
    "Statement",
    "StatementCustomer",
    "StatementRow",
    "bucket_words",
    "deposit_words",
    "row_words",
    "statement",
    "statement_workbook",
]
MOST_ROWS: Final = 5_000


def statement(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    from_on: date | None = None,
    until_on: date | None = None,
    now: datetime,
) -> Statement:
    """The statement of [from_on, until_on) of a customer; by default of this month up to today.

    It ends with today at the latest: what lies ahead may still change.

    Raises:
        CustomerNotFound: there is none in sight.
        StatementEndsBeforeItBegins: the span has no day.
        StatementTooLong: it has more rows than MOST_ROWS.
    """
    actor.require("bill.read")
    customer = store.find_customer(conn, customer_no)
    if customer is None:
        raise CustomerNotFound(
            f"no customer has the number {customer_no!r}", customer_no=customer_no[:64]
        )
    today = local_day(now, customer.zone)
    tomorrow = today + timedelta(days=1)
    until_on = min(until_on or tomorrow, tomorrow)
    from_on = from_on or (until_on - timedelta(days=1)).replace(day=1)
    if from_on >= until_on:
        raise StatementEndsBeforeItBegins(f"{until_on} is no later than {from_on}")
    return _statement(conn, customer, from_on, until_on, now=now)


def statement_workbook(told: Statement, out: IO[bytes]) -> None:
    """Write the statement as .xlsx; `out` stays open."""
    write_workbook(told, out)


def _statement(
    conn: Connection[Any],
    customer: StatementCustomer,
    from_on: date,
    until_on: date,
    *,
    now: datetime,
) -> Statement:
    ids = customer.family_ids
    opening, rows = rows_of(store.list_movements(conn, ids, until_on), from_on=from_on)
    held, deposits = deposit_rows_of(
        store.list_deposit_movements(conn, ids, until_on), from_on=from_on
    )
    if len(rows) + len(deposits) > MOST_ROWS:
        raise StatementTooLong(f"{len(rows)} rows are more than {MOST_ROWS}", rows=MOST_ROWS)
    bills = [
        OpenBill(**row, overdue_days=overdue_days(row["due_on"], until_on=until_on))
        for row in store.list_open_bills(conn, ids, until_on)
    ]
    last = until_on - timedelta(days=1)
    figures = parameters.figures(conn, ReceivableAgeing, tenant_id=customer.tenant_id, on=last)
    debits = sum(row.debit_fen for row in rows)
    credits = sum(row.credit_fen for row in rows)
    return Statement(
        customer=customer,
        from_on=from_on,
        until_on=until_on,
        made_at=now,
        opening_fen=opening,
        rows=rows,
        debits_fen=debits,
        credits_fen=credits,
        closing_fen=opening + debits - credits,
        open_bills=bills,
        ageing=aged(bills, figures.up_to_days),
        open_fen=sum(bill.open_fen for bill in bills),
        credit_fen=store.get_credit(conn, ids, until_on),
        deposits_opening_fen=held,
        deposits=deposits,
        deposits_held_fen=held + sum(row.amount_fen for row in deposits),
    )
