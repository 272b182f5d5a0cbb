"""What a statement says of a customer that pays late, in pieces, and too much."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from psycopg import Connection

from fleet.customers.errors import CustomerNotFound
from fleet.customers.service import merge_customers
from fleet.orgs.service import get_organisation
from fleet.payments import service as payments
from fleet.statements import service as statements
from fleet.statements.errors import StatementEndsBeforeItBegins, StatementTooLong
from fleet.statements.service import Statement, row_words, statement, statement_workbook
from schemas.access import SYSTEM, PermissionMissing
from tests.fleet.conftest import person
from tests.fleet.leasing.conftest import KEY, customer, day
from tests.fleet.statements.conftest import Story, books, office, story

Conn = Connection[Any]
__all__ = ["books", "office", "story"]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))


def rows(told: Statement) -> list[tuple[str, str, int, int, int]]:
    """Day, what, debit, credit, balance."""
    return [
        (f"{row.on:%m-%d}", row_words(row), row.debit_fen, row.credit_fen, row.balance_fen)
        for row in told.rows
    ]


def test_a_month_begins_where_the_last_one_ended(story: Story) -> None:
    march, april = story.told(MARCH, APRIL), story.told(APRIL, MAY)
    assert rows(march) == [
        ("03-02", "押金账单", 800_000, 0, 800_000),
        ("03-02", "租金账单", 300_000, 0, 1_100_000),
        ("03-02", "收款（银行转账）", 0, 800_000, 300_000),
        ("03-10", "收款（银行转账）", 0, 150_000, 150_000),
        ("03-26", "租金账单", 300_000, 0, 450_000),
    ]
    assert (march.opening_fen, march.closing_fen, april.opening_fen) == (0, 450_000, 450_000)
    assert rows(april) == [
        ("04-07", "押金抵扣（抵欠租）", 0, 50_000, 400_000),
        ("04-25", "租金账单", 300_000, 0, 700_000),
        ("04-26", "账单冲减（协商减免）", 0, 10_000, 690_000),
    ]
    assert (april.debits_fen, april.credits_fen) == (300_000, 60_000)


def test_what_is_open_stands_by_age_at_the_end_of_the_last_day(story: Story) -> None:
    told = story.told(APRIL, MAY)
    assert [(b.due_on, b.total_fen, b.open_fen, b.overdue_days) for b in told.open_bills] == [
        (date(2026, 3, 2), 300_000, 150_000, 59),
        (date(2026, 4, 2), 300_000, 240_000, 28),
        (date(2026, 5, 2), 300_000, 300_000, 0),
    ]
    assert [(b.from_days, b.open_fen) for b in told.ageing] == [
        *((None, 300_000), (1, 240_000), (31, 150_000)),
        *((61, 0), (91, 0), (181, 0), (366, 0)),
    ]
    assert (told.open_fen, told.credit_fen, told.closing_fen) == (690_000, 0, 690_000)


def test_what_is_paid_too_much_is_credit_below_zero(story: Story) -> None:
    told = story.told(MAY, JUNE)
    assert rows(told) == [("05-01", "收款（银行转账）", 0, 1_000_000, -310_000)]
    assert (told.open_bills, told.credit_fen, told.closing_fen) == ([], 310_000, -310_000)


def test_deposits_stand_apart(story: Story) -> None:
    march, april = story.told(MARCH, APRIL), story.told(APRIL, MAY)
    words = statements.deposit_words
    assert [(f"{r.on:%m-%d}", words(r), r.amount_fen, r.held_fen) for r in march.deposits] == [
        ("03-02", "收到押金", 800_000, 800_000)
    ]
    assert april.deposits_opening_fen == 800_000
    assert [(words(row), row.amount_fen) for row in april.deposits] == [("抵扣欠款", -50_000)]
    assert april.deposits_held_fen == 750_000


def test_rows_name_the_papers_and_the_lease(story: Story) -> None:
    told = story.told(MARCH, APRIL)
    assert [(row.number, row.lease_no, row.due_on) for row in told.rows[:2]] == [
        (story.bill_no("deposit"), story.lease.lease_no, date(2026, 3, 2)),
        (story.bill_no("rent:1"), story.lease.lease_no, date(2026, 3, 2)),
    ]
    assert [row.lease_no for row in told.rows[2:4]] == [None, None]
    assert told.customer.seller is not None
    assert told.customer.seller["name"] == "华东新能源租赁有限公司"


def test_a_payment_that_bounced_and_a_write_off_are_told(story: Story) -> None:
    conn = story.conn
    number = story.told(MAY, JUNE).rows[0].number
    payments.reverse_payment(conn, SYSTEM, payment_no=number, reason="退票", now=day(61))
    told = story.told(MAY, JUNE, now=day(61))
    assert rows(told)[1:] == [("05-02", "收款冲回（退票）", 1_000_000, 0, 690_000)]
    asked = payments.request_write_off(
        conn,
        SYSTEM,
        bill_no=story.bill_no("rent:1"),
        amount_fen=150_000,
        reason="失联",
        now=day(62),
    )
    manager = replace(SYSTEM, name="manager")
    payments.decide_write_off(conn, manager, key=asked.key, approve=True, now=day(62))
    told = story.told(MAY, JUNE, now=day(62))
    assert rows(told)[2:] == [("05-03", "坏账核销（失联）", 0, 150_000, 540_000)]
    assert told.rows[-1].number == story.bill_no("rent:1")
    payments.undo_write_off(conn, manager, key=asked.key, reason="还款", now=day(63))
    told = story.told(MAY, JUNE, now=day(63))
    assert rows(told)[3:] == [("05-04", "撤销坏账核销（失联）", 150_000, 0, 690_000)]
    assert told.open_fen - told.credit_fen == told.closing_fen


def test_a_customer_that_another_was_merged_into_has_one_statement(story: Story) -> None:
    into = customer(story.conn, "顺达物流（新）")
    merge_customers(
        story.conn,
        SYSTEM,
        customer_no=story.customer_no,
        into=into,
        reason="重复",
        key=KEY,
        now=day(60),
    )
    asked: dict[str, Any] = {"from_on": MARCH, "until_on": APRIL, "now": day(60)}
    of_both = statement(story.conn, SYSTEM, customer_no=into, **asked)
    of_old = statement(story.conn, SYSTEM, customer_no=story.customer_no, **asked)
    assert of_both == of_old
    assert of_both.customer.customer_no == into
    assert set(of_both.customer.family_nos) == {into, story.customer_no}
    assert of_both.closing_fen == 450_000


def test_unless_said_it_is_this_month_up_to_today(story: Story) -> None:
    told = statement(story.conn, SYSTEM, customer_no=story.customer_no, now=day(60, 23))
    assert (told.from_on, told.until_on) == (MAY, date(2026, 5, 2))
    assert len(told.rows) == 1


def test_a_workbook_has_the_same_figures_as_numbers(story: Story) -> None:
    out = BytesIO()
    statement_workbook(story.told(APRIL, MAY), out)
    sheet: Any = load_workbook(BytesIO(out.getvalue()))["对账单"]
    table = [[cell.value for cell in row] for row in sheet.iter_rows()]
    begin = next(place for place, row in enumerate(table) if row[0] == "往来明细")
    assert [row[5:8] for row in table[begin + 2 : begin + 7]] == [
        [None, None, 4500],
        [None, 500, 4000],
        [3000, None, 7000],
        [None, 100, 6900],
        [3000, 600, 6900],
    ]
    ages = next(place for place, row in enumerate(table) if row[0] == "账龄分析")
    assert [row[:2] for row in table[ages + 2 : ages + 5]] == [
        *(["未到期", 3000], ["1–30 天", 2400], ["31–60 天", 1500])
    ]
    assert sheet.cell(begin + 4, 8).number_format == "#,##0.00"


def test_a_span_without_a_day_and_one_too_long_are_refused(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StatementEndsBeforeItBegins):
        story.told(APRIL, APRIL)
    monkeypatch.setattr(statements, "MOST_ROWS", 5)
    with pytest.raises(StatementTooLong) as caught:
        story.told(MARCH, APRIL)
    assert caught.value.facts == {"rows": 5}


def test_nobody_has_no_statement_and_not_everybody_may_see_one(story: Story) -> None:
    with pytest.raises(CustomerNotFound):
        statement(story.conn, SYSTEM, customer_no="C2601-ZZZZZZ", now=day(60))
    ops = person(get_organisation(story.conn, SYSTEM, code="east"), "ops")
    with pytest.raises(PermissionMissing):
        statement(story.conn, ops, customer_no=story.customer_no, now=day(60))
