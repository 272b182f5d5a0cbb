"""Entries and the journal: what is asked for, in the order of the vouchers, page by page."""

from datetime import date
from typing import Any

import pytest
from psycopg import Connection

from fleet.leasing.service import Lease
from fleet.ledger.service import Posting, list_entries, list_journal, voucher_no
from fleet.orgs.errors import OrganisationNotFound
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A, refused
from tests.fleet.leasing.conftest import office, signed
from tests.fleet.ledger.conftest import posted

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["office"]
MARCH = date(2026, 3, 1)


def of_lease(conn: Conn, lease: Lease, **given: Any) -> None:
    """An entry that names a customer, a lease and a vehicle."""
    asked = "SELECT id FROM vehicles WHERE vin = %s"
    row = conn.execute(asked, [VIN_A]).fetchone()
    assert row is not None
    named = {"customer_id": lease.customer_id, "lease_id": lease.id, "vehicle_id": row[0]}
    sides = (Posting("receivable", 500, **named), Posting("mileage_revenue", -500, **named))
    posted(conn, postings=sides, **given)


def test_vouchers_of_a_book_count_by_day_from_the_first_of_each_month(fleet: Conn) -> None:
    for key, on in (("third", 20), ("first", 2), ("second", 2), ("april", 31 + 1)):
        posted(fleet, key=key, on=date.fromordinal(MARCH.toordinal() + on - 1))
    posted(fleet, "west", key="of west", on=date(2026, 3, 9))
    rows = list_journal(fleet, SYSTEM, month_on=date(2026, 3, 15))
    assert [(r.organisation_code, r.voucher, r.event_key, r.no) for r in rows] == [
        *(("east", 1, "first", 1), ("east", 1, "first", 2)),
        *(("east", 2, "second", 1), ("east", 2, "second", 2)),
        *(("east", 3, "third", 1), ("east", 3, "third", 2)),
        *(("west", 1, "of west", 1), ("west", 1, "of west", 2)),
    ]
    told = {(e.event_key, e.voucher) for e in list_entries(fleet, SYSTEM, {})}
    assert told == {("first", 1), ("second", 2), ("third", 3), ("april", 1), ("of west", 1)}
    assert voucher_no(rows[2].voucher) == "记-0002"


def test_a_journal_goes_on_from_any_line(fleet: Conn) -> None:
    for number in range(5):
        posted(fleet, key=f"e{number}", on=date(2026, 3, 1 + number // 2))
        posted(fleet, "west", key=f"w{number}", on=date(2026, 3, 1 + number // 2))
    whole = list_journal(fleet, SYSTEM, month_on=MARCH)
    assert [row.voucher for row in whole] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5] * 2
    for size in (1, 3, 4):
        pages, after = [], None
        while page := list_journal(fleet, SYSTEM, month_on=MARCH, after=after, limit=size):
            pages += page
            last = page[-1]
            after = (last.organisation_id, last.booked_on, last.entry_id, last.no)
        assert pages == whole, size


def test_a_journal_is_of_an_organisation_and_those_below_it(fleet: Conn) -> None:
    posted(fleet)
    posted(fleet, "west", key="of west")
    of = {
        code: [
            row.event_key for row in list_journal(fleet, SYSTEM, organisation=code, month_on=MARCH)
        ]
        for code in ("head", "east", "west")
    }
    east, west = ["B2026-2-000001"] * 2, ["of west"] * 2
    assert of == {"head": east + west, "east": east, "west": west}
    assert list_journal(fleet, SYSTEM, month_on=date(2026, 4, 1)) == []
    with refused(fleet, OrganisationNotFound):
        list_journal(fleet, SYSTEM, organisation="north", month_on=MARCH)


def test_the_journal_says_whose_and_of_what_a_posting_is(office: Conn) -> None:
    lease = signed(office).lease
    of_lease(office, lease, key="m")
    first, second = list_journal(office, SYSTEM, month_on=MARCH)
    assert (first.account, first.amount_fen, second.account, second.amount_fen) == (
        *("receivable", 500, "mileage_revenue", -500),
    )
    assert (first.customer_no, first.lease_no) == (lease.customer_no, lease.lease_no)
    assert (first.customer_name, first.vin, first.title) == ("顺达物流", VIN_A, "账单 m")
    assert (first.booked_on, first.event_kind) == (MARCH, "bill")


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        ({}, ["paid", "late", "rent"]),
        ({"account": "bank"}, ["paid"]),
        ({"account": "receivable"}, ["paid", "late", "rent"]),
        ({"account": "cash"}, []),
        ({"from_on": date(2026, 3, 4)}, ["paid", "late"]),
        ({"until_on": date(2026, 3, 4)}, ["rent"]),
        ({"event_kind": "payment"}, ["paid"]),
        ({"event_key": "late"}, ["late"]),
        ({"event_kind": "payment", "event_key": "late"}, []),
        ({"organisation": "head"}, ["paid", "late", "rent"]),
        ({"organisation": "west"}, []),
        ({"organisation": "nowhere"}, []),
    ],
)
def test_entries_are_filtered(fleet: Conn, filters: Any, keys: list[str]) -> None:
    posted(fleet, key="rent", on=date(2026, 3, 1))
    posted(fleet, key="late", on=date(2026, 3, 4))
    sides = (Posting("bank", 5), Posting("receivable", -5))
    posted(fleet, key="paid", on=date(2026, 3, 9), event_kind="payment", postings=sides)
    assert [each.event_key for each in list_entries(fleet, SYSTEM, filters)] == keys


def test_entries_of_a_customer_and_a_lease(office: Conn) -> None:
    one, other = signed(office).lease, signed(office).lease
    of_lease(office, one, key="one")
    of_lease(office, other, key="other")
    asked: Any
    for asked in ({"customer": one.customer_no}, {"lease": one.lease_no}):
        assert [each.event_key for each in list_entries(office, SYSTEM, asked)] == ["one"]
    [side, _] = list_entries(office, SYSTEM, {"lease": one.lease_no})[0].postings
    assert (side.customer_no, side.lease_no, side.vin) == (one.customer_no, one.lease_no, VIN_A)


def test_pages_of_entries_go_on_where_the_last_one_ended(fleet: Conn) -> None:
    for number in range(5):
        posted(fleet, key=f"e{number}", on=date(2026, 3, 1 + number // 2))
    whole = list_entries(fleet, SYSTEM, {})
    assert [each.event_key for each in whole] == ["e4", "e3", "e2", "e1", "e0"]
    first = list_entries(fleet, SYSTEM, {}, limit=2)
    place = (first[-1].booked_on, first[-1].id)
    assert first + list_entries(fleet, SYSTEM, {}, after=place) == whole
