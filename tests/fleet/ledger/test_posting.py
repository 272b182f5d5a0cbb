"""What is posted stands in the book, whole, once, on an open day; and stays."""

from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql

from fleet.ledger import errors
from fleet.ledger.chart import CHART
from fleet.ledger.model import ACCOUNTS
from fleet.ledger.service import (
    Entry,
    Posting,
    balance_of,
    check_ledger,
    list_entries,
    post,
    trial_balance,
)
from fleet.orgs.service import create_organisation, get_organisation
from kit.db import act_for
from schemas.access import SYSTEM
from tests.fleet.conftest import NOW, refused
from tests.fleet.ledger.conftest import APRIL_5, entry, posted

Conn = Connection[Any]


def balances(conn: Conn, on: date, organisation: str | None = None) -> dict[str, int]:
    found = trial_balance(conn, SYSTEM, organisation=organisation, on=on)
    return {each.account: each.balance_fen for each in found}


def test_an_entry_stands_as_it_was_posted(fleet: Conn) -> None:
    posted(fleet)
    [found] = list_entries(fleet, SYSTEM, {})
    assert (found.organisation_code, found.event_kind, found.event_key, found.part) == (
        *("east", "bill", "B2026-2-000001", 0),
    )
    assert (found.happened_on, found.booked_on) == (date(2026, 3, 1), date(2026, 3, 1))
    assert (found.title, found.recorded_by, found.recorded_at) == (
        *("账单 B2026-2-000001", "guanche", APRIL_5),
    )
    assert [(side.no, side.account, side.amount_fen) for side in found.postings] == [
        (1, "receivable", 10_000),
        (2, "rent_revenue", -10_000),
    ]


def test_a_trial_balance_sums_to_zero_on_every_day(fleet: Conn) -> None:
    posted(fleet)
    paid = (Posting("bank", 10_000), Posting("receivable", -10_000))
    posted(fleet, key="R2603-AAAAAA", on=date(2026, 3, 9), event_kind="payment", postings=paid)
    posted(fleet, organisation="west", key="B2026-3-000001", on=date(2026, 3, 5))
    assert balances(fleet, date(2026, 2, 28)) == {}
    assert balances(fleet, date(2026, 3, 4)) == {"receivable": 10_000, "rent_revenue": -10_000}
    assert balances(fleet, date(2026, 3, 9), "head") == {
        "bank": 10_000,
        "receivable": 10_000,
        "rent_revenue": -20_000,
    }
    assert balances(fleet, date(2026, 3, 9), "west") == {
        "receivable": 10_000,
        "rent_revenue": -10_000,
    }
    assert balances(fleet, date(9999, 12, 31), "east") == {
        "bank": 10_000,
        "receivable": 0,
        "rent_revenue": -10_000,
    }


def test_a_balance_tells_what_was_there_and_what_moved(fleet: Conn) -> None:
    posted(fleet)
    paid = (Posting("bank", 4_000), Posting("receivable", -4_000))
    posted(fleet, key="R2603-AAAAAA", on=date(2026, 3, 9), event_kind="payment", postings=paid)
    found = trial_balance(fleet, SYSTEM, on=date(2026, 3, 31), from_on=date(2026, 3, 2))
    told = [(b.code, b.opening_fen, b.debit_fen, b.credit_fen, b.balance_fen) for b in found]
    assert told == [
        ("1002", 0, 4_000, 0, 4_000),
        ("1122", 10_000, 0, 4_000, 6_000),
        ("600101", -10_000, 0, 0, -10_000),
    ]
    assert [(b.name, b.chinese, b.kind) for b in found][1] == ("Receivables", "应收账款", "asset")


def test_the_balance_of_an_account_is_narrowed(fleet: Conn) -> None:
    sides = (
        Posting("receivable", 7_000, customer_id=1, lease_id=3, vehicle_id=5),
        Posting("receivable", 3_000, customer_id=2, lease_id=4, vehicle_id=6),
        Posting("rent_revenue", -10_000),
    )
    of = posted(fleet, postings=sides)
    asked: Any
    for asked, fen in (
        ({}, 10_000),
        ({"customer_id": 1}, 7_000),
        ({"lease_id": 4}, 3_000),
        ({"vehicle_id": 5}, 7_000),
        ({"organisation_id": of.organisation_id}, 10_000),
        ({"organisation_id": of.tenant_id}, 0),
        ({"on": date(2026, 2, 28)}, 0),
    ):
        assert balance_of(fleet, account="receivable", **asked) == fen, asked
    assert balance_of(fleet, account="rent_revenue") == -10_000


def test_many_entries_of_several_books_go_in_at_once(fleet: Conn) -> None:
    entries = [
        entry(fleet, organisation, f"B{organisation}-{number}", date(2026, 3, 1 + number % 28))
        for number in range(40)
        for organisation in ("west", "head", "east")
    ]
    parts = [replace(entries[0], part=part) for part in (1, 2)]
    post(fleet, SYSTEM, [*entries, *parts], now=APRIL_5)
    assert balance_of(fleet, account="receivable") == 122 * 10_000
    assert len(list_entries(fleet, SYSTEM, {"organisation": "west"}, limit=200)) == 42
    post(fleet, SYSTEM, [], now=APRIL_5)
    assert check_ledger(fleet) == []


def test_an_entry_that_does_not_balance_is_not_even_made(fleet: Conn) -> None:
    with pytest.raises(ValueError, match="does not sum to zero"):
        entry(fleet, postings=(Posting("bank", 1), Posting("receivable", -2)))


def unbalanced(made: Entry, *sides: Posting) -> Entry:
    """As nobody can make it."""
    object.__setattr__(made, "postings", sides)
    return made


@pytest.mark.parametrize(
    "sides",
    [
        (Posting("bank", 10_000), Posting("receivable", -9_999)),
        (Posting("bank", 10_000),),
    ],
    ids=["a fen is missing", "one side"],
)
def test_the_database_refuses_what_does_not_balance(fleet: Conn, sides: Any) -> None:
    good, bad = entry(fleet), unbalanced(entry(fleet, key="B2026-2-000002"), *sides)
    with refused(fleet, errors.EntryUnbalanced):
        post(fleet, SYSTEM, [good, bad], now=APRIL_5)
    assert list_entries(fleet, SYSTEM, {}) == []


def test_the_same_part_of_an_event_is_posted_once(fleet: Conn) -> None:
    made = posted(fleet)
    with refused(fleet, errors.EntryPostedAlready):
        post(fleet, SYSTEM, [made], now=APRIL_5)
    post(fleet, SYSTEM, [replace(made, part=1), replace(made, event_kind="vat_due")], now=APRIL_5)
    assert balance_of(fleet, account="receivable") == 30_000


@pytest.mark.parametrize("table", ["ledger_entries", "ledger_postings", "ledger_closings"])
@pytest.mark.parametrize("change", ["UPDATE {} SET tenant_id = 0", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_is_written_stays_also_for_the_owner(fleet: Conn, table: str, change: str) -> None:
    posted(fleet)
    statement = sql.SQL(change).format(sql.Identifier(table))
    told = "only grows|referenced in a foreign key"
    with pytest.raises(psycopg.DatabaseError, match=told), fleet.transaction():
        fleet.execute(statement)
    assert balance_of(fleet, account="receivable") == 10_000


def test_a_side_is_not_added_later_not_even_by_the_owner(fleet: Conn) -> None:
    posted(fleet)
    with pytest.raises(psycopg.errors.CheckViolation) as raised, fleet.transaction():
        fleet.execute(
            "INSERT INTO ledger_postings (entry_id, no, tenant_id, organisation_id, booked_on,"
            " account, amount_fen) SELECT id, 3, tenant_id, organisation_id, booked_on, 'bank', 5"
            " FROM ledger_entries"
        )
    assert raised.value.diag.constraint_name == "ledger_postings_zero_sum"


def test_a_posting_is_of_its_entrys_day_and_book(fleet: Conn) -> None:
    posted(fleet)
    for column, wrong in (("booked_on", "booked_on + 1"), ("organisation_id", "tenant_id")):
        chosen = {"booked_on": "booked_on", "organisation_id": "organisation_id", column: wrong}
        with pytest.raises(psycopg.IntegrityError) as raised, fleet.transaction():
            fleet.execute(
                "INSERT INTO ledger_postings (entry_id, no, tenant_id, organisation_id, booked_on,"
                f" account, amount_fen) SELECT id, n, tenant_id, {chosen['organisation_id']},"
                f" {chosen['booked_on']}, 'bank', (n - 4) * 2 + 1"
                " FROM ledger_entries, generate_series(3, 4) AS n"
            )
        assert raised.value.diag.constraint_name in {
            *("ledger_postings_as_their_entry", "ledger_postings_open_month"),
        }


def test_the_app_posts_for_those_below_it_only(fleet: Conn, app_conn: Conn) -> None:
    west = get_organisation(fleet, SYSTEM, code="west")
    made, foreign = entry(fleet, "west"), entry(fleet, "east")
    fleet.commit()
    act_for(app_conn, [west.id])
    post(app_conn, SYSTEM, [made], now=APRIL_5)
    assert balance_of(app_conn, account="receivable") == 10_000
    with pytest.raises(psycopg.errors.InsufficientPrivilege), app_conn.transaction():
        post(app_conn, SYSTEM, [foreign], now=APRIL_5)
    act_for(app_conn, [foreign.organisation_id])
    assert balance_of(app_conn, account="receivable") == 0


def test_every_account_has_its_place_in_the_chart() -> None:
    assert set(CHART) == set(ACCOUNTS)
    codes = [named.code for named in CHART.values()]
    assert len(set(codes)) == len(codes) == 26
    firsts = {"asset": "1", "liability": "2", "equity": "4", "revenue": "6", "expense": "6"}
    assert [n.code for n in CHART.values() if n.code[0] != firsts[n.kind]] == []


def test_the_table_knows_the_same_accounts(fleet: Conn) -> None:
    sides = [Posting(account, 1) for account in ACCOUNTS]
    posted(fleet, postings=(*sides, Posting("bank", -len(sides))))
    assert {each.account for each in trial_balance(fleet, SYSTEM, on=APRIL_5.date())} == set(
        ACCOUNTS
    )


def test_a_book_of_a_new_organisation_begins_where_those_above_are_closed(fleet: Conn) -> None:
    head = get_organisation(fleet, SYSTEM, code="head")
    fleet.execute(
        "INSERT INTO ledger_books (organisation_id, tenant_id, closed_until_on)"
        " VALUES (%s, %s, '2026-04-01')",
        [head.id, head.tenant_id],
    )
    create_organisation(fleet, SYSTEM, code="north", name="北", parent_code="head", now=NOW)
    posted(fleet, "north", on=date(2026, 3, 20))
    [found] = list_entries(fleet, SYSTEM, {"organisation": "north"})
    assert (found.happened_on, found.booked_on) == (date(2026, 3, 20), date(2026, 4, 1))
