"""What is billed is invoiced once: asked for, withdrawn, reversed."""

import threading
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.invoices import errors
from fleet.invoices.service import (
    InvoiceRequest,
    get_invoice_request,
    list_invoice_requests,
    reverse,
    withdraw,
)
from kit import db
from kit.errors import VersionChanged
from schemas.access import SYSTEM
from tests.fleet.conftest import refused
from tests.fleet.invoices.billed import Bill, billed, credited
from tests.fleet.invoices.conftest import TODAY, asked, buyer, numbered

Conn = Connection[Any]
one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def amounts(request: InvoiceRequest) -> list[tuple[str, int, int, int]]:
    return [(line.item, line.amount_fen, line.vat_fen, int(line.vat_pct)) for line in request.lines]


def taken_back(conn: Conn, request: InvoiceRequest, **given: Any) -> InvoiceRequest:
    facts: dict[str, Any] = {"version": request.version, "note": "开票有误", "now": TODAY} | given
    return reverse(conn, SYSTEM, request_no=request.request_no, **facts)


def dropped(conn: Conn, request: InvoiceRequest, **given: Any) -> InvoiceRequest:
    facts: dict[str, Any] = {"version": request.version, "note": "客户不要", "now": TODAY} | given
    return withdraw(conn, SYSTEM, request_no=request.request_no, **facts)


@one_storage
def test_lines_of_several_rates_stay_apart_and_those_outside_vat_away(
    fleet: Conn, company: str
) -> None:
    bill = billed(
        fleet, company, ("租金", 300_000, 13), ("电池检测", 10_600, 6), ("违章罚款", 20_000, None)
    )
    made = asked(fleet, bill)
    assert amounts(made) == [("租金", 300_000, 34_513, 13), ("电池检测", 10_600, 600, 6)]
    assert (made.total_fen, made.vat_fen, made.bill_nos) == (310_600, 35_113, [bill.bill_no])
    assert [line.net_fen for line in made.lines] == [265_487, 10_000]
    assert (made.kind, made.state, made.red, made.version) == ("special", "requested", False, 1)
    assert (made.title, made.tax_no) == ("顺达物流有限公司", "91440300MA5EXAMP0X")
    assert made.buyer == {"address": "深圳市南山区科技路 1 号"}
    assert made.request_no.startswith("I2603-")
    assert get_invoice_request(fleet, SYSTEM, request_no=made.request_no) == made
    [told] = audit.list_entries(fleet, SYSTEM, {"action": "invoice.request"})
    assert told.after == {
        "customer_no": company,
        "bill_nos": [bill.bill_no],
        "kind": "special",
        "state": "requested",
        "reverses": None,
        "total_fen": 310_600,
        "vat_fen": 35_113,
    }


@one_storage
def test_one_invoice_for_several_bills(fleet: Conn, company: str) -> None:
    bills = [billed(fleet, company), billed(fleet, company, ("租金", 100, 3))]
    made = asked(fleet, *bills)
    assert made.bill_nos == [bill.bill_no for bill in bills]
    assert amounts(made) == [("租金", 300_000, 34_513, 13), ("租金", 100, 3, 3)]


@one_storage
def test_what_was_asked_for_is_not_asked_for_again(fleet: Conn, company: str) -> None:
    bill = billed(fleet, company)
    first = asked(fleet, bill)
    with refused(fleet, errors.NothingToInvoice):
        asked(fleet, bill)
    dropped(fleet, first)
    again = asked(fleet, bill)
    numbered(fleet, again)
    with refused(fleet, errors.NothingToInvoice):
        asked(fleet, bill)
    assert amounts(again) == amounts(first)


@one_storage
def test_what_was_credited_is_not_invoiced(fleet: Conn, company: str) -> None:
    bill = billed(fleet, company)
    credited(fleet, bill, 1, 113_000)
    assert amounts(asked(fleet, bill)) == [("租金", 187_000, 21_513, 13)]
    whole = billed(fleet, company)
    credited(fleet, whole, 1, 300_000)
    with refused(fleet, errors.NothingToInvoice):
        asked(fleet, whole)


@one_storage
def test_a_line_that_takes_off_goes_along(fleet: Conn, company: str) -> None:
    bill = billed(fleet, company, ("租金", 300_000, 13), ("优惠", -11_300, 13))
    assert amounts(asked(fleet, bill)) == [
        ("租金", 300_000, 34_513, 13),
        ("优惠", -11_300, -1_300, 13),
    ]


@one_storage
def test_nothing_outside_vat_is_invoiced(fleet: Conn, company: str) -> None:
    with refused(fleet, errors.NothingToInvoice):
        asked(fleet, billed(fleet, company, ("押金", 800_000, None)))


@one_storage
@pytest.mark.parametrize(
    ("given", "kind", "allowed"),
    [
        ({}, "special", True),
        ({"tax_no": None}, "special", False),
        ({"tax_no": None}, "ordinary", False),
        ({"kind": "person", "name": "李明", "tax_no": None}, "special", False),
        ({"kind": "person", "name": "李明", "tax_no": None}, "ordinary", True),
    ],
    ids=["a company", "without a number", "nor an ordinary one", "a person", "an ordinary one"],
)
def test_who_gets_which_invoice(
    fleet: Conn, company: str, given: Any, kind: str, allowed: bool
) -> None:
    bill = billed(fleet, buyer(fleet, **given))
    if allowed:
        assert asked(fleet, bill, kind=kind).title == given.get("name", "顺达物流有限公司")
    else:
        with refused(fleet, errors.TaxNumberMissing):
            asked(fleet, bill, kind=kind)


@one_storage
def test_the_title_on_the_card_comes_before_the_name(fleet: Conn, company: str) -> None:
    bill = billed(
        fleet, buyer(fleet, "顺达（南山）", invoice_title="顺达物流集团", invoice_address=None)
    )
    made = asked(fleet, bill)
    assert (made.title, made.buyer) == ("顺达物流集团", {})


@one_storage
def test_one_invoice_has_one_buyer(fleet: Conn, company: str) -> None:
    bills = billed(fleet, company), billed(fleet, buyer(fleet, "另一家"))
    with refused(fleet, errors.InvoiceOfSeveral):
        asked(fleet, *bills)


@one_storage
def test_bills_that_are_not_there(fleet: Conn, company: str) -> None:
    with pytest.raises(errors.BillToInvoiceNotFound) as raised, fleet.transaction():
        asked(fleet, billed(fleet, company), *[Bill(0, "B2026-1-000404", 0)])
    assert raised.value.facts == {"bill_nos": ["B2026-1-000404"]}
    with refused(fleet, errors.BillToInvoiceNotFound):
        asked(fleet)


@one_storage
def test_a_request_is_withdrawn_once_and_not_after_its_number(fleet: Conn, company: str) -> None:
    bill = billed(fleet, company)
    first = asked(fleet, bill)
    with refused(fleet, VersionChanged):
        dropped(fleet, first, version=2)
    gone = dropped(fleet, first)
    assert (gone.state, gone.state_note, gone.version) == ("withdrawn", "客户不要", 2)
    with refused(fleet, errors.InvoiceRequestDone):
        dropped(fleet, gone)
    with refused(fleet, errors.InvoiceRequestDone):
        numbered(fleet, gone)
    issued = numbered(fleet, asked(fleet, bill))
    with refused(fleet, errors.InvoiceRequestDone):
        dropped(fleet, issued)


@one_storage
def test_an_invoice_is_reversed_whole_and_asked_for_anew(fleet: Conn, company: str) -> None:
    bill = billed(fleet, company, ("租金", 300_000, 13), ("清洁", 5_300, 6))
    issued = numbered(fleet, asked(fleet, bill))
    red = taken_back(fleet, issued)
    assert (red.red, red.reverses_no, red.state) == (True, issued.request_no, "requested")
    assert (red.total_fen, red.vat_fen, red.state_note) == (-305_300, -34_813, "开票有误")
    assert amounts(red) == [("租金", -300_000, -34_513, 13), ("清洁", -5_300, -300, 6)]
    assert (red.title, red.tax_no, red.kind) == (issued.title, issued.tax_no, issued.kind)
    with refused(fleet, errors.NothingToReverse):
        taken_back(fleet, issued)
    assert amounts(asked(fleet, bill)) == amounts(issued)


@one_storage
def test_what_was_credited_after_the_invoice_is_reversed_alone(fleet: Conn, company: str) -> None:
    bill = billed(fleet, company, ("租金", 300_000, 13), ("清洁", 5_300, 6))
    issued = numbered(fleet, asked(fleet, bill))
    with refused(fleet, errors.NothingToReverse):
        taken_back(fleet, issued, credited_only=True)
    credited(fleet, bill, 1, 113_000)
    red = taken_back(fleet, issued, credited_only=True)
    assert amounts(red) == [("租金", -113_000, -13_000, 13)]
    with refused(fleet, errors.NothingToReverse):
        taken_back(fleet, issued, credited_only=True)
    with refused(fleet, errors.NothingToInvoice):
        asked(fleet, bill)
    rest = taken_back(fleet, issued)
    assert amounts(rest) == [("租金", -187_000, -21_513, 13), ("清洁", -5_300, -300, 6)]
    dropped(fleet, rest)
    assert amounts(taken_back(fleet, issued)) == amounts(rest)


@one_storage
def test_what_is_not_reversed(fleet: Conn, company: str) -> None:
    open_ = asked(fleet, billed(fleet, company))
    with refused(fleet, errors.InvoiceNotIssued):
        taken_back(fleet, open_)
    red = taken_back(fleet, numbered(fleet, open_))
    with refused(fleet, errors.RedIsNotReversed):
        taken_back(fleet, red)
    with refused(fleet, errors.InvoiceRequestNotFound):
        reverse(fleet, SYSTEM, request_no="I2603-AAAAAA", version=1, note="x", now=TODAY)


@one_storage
@pytest.mark.parametrize(
    ("filters", "which"),
    [
        ({}, [2, 1, 0]),
        ({"state": "issued"}, [0]),
        ({"state": "withdrawn"}, [1]),
        ({"kind": "ordinary"}, [2]),
        ({"red": True}, []),
        ({"invoice_no": "26442000000123456789"}, [0]),
        ({"search": "2644200"}, [0]),
        ({"search": "另一"}, [2]),
        ({"organisation": "head"}, [2, 1, 0]),
        ({"organisation": "west"}, []),
    ],
)
def test_requests_are_filtered(fleet: Conn, company: str, filters: Any, which: list[int]) -> None:
    made = [asked(fleet, billed(fleet, company))]
    made.append(asked(fleet, billed(fleet, company), now=TODAY + timedelta(minutes=1)))
    other = billed(fleet, buyer(fleet, "另一家"))
    made.append(asked(fleet, other, kind="ordinary", now=TODAY + timedelta(minutes=2)))
    numbered(fleet, made[0])
    dropped(fleet, made[1])
    found = [each.request_no for each in list_invoice_requests(fleet, SYSTEM, filters)]
    assert found == [made[place].request_no for place in which]
    of = list_invoice_requests(fleet, SYSTEM, {"customer": company, "bill": made[0].bill_nos[0]})
    assert [each.request_no for each in of] == [made[0].request_no]
    [first, second, *_] = list_invoice_requests(fleet, SYSTEM, {})
    place = (first.requested_at, first.request_no)
    assert list_invoice_requests(fleet, SYSTEM, {}, after=place, limit=1) == [second]


def test_two_who_ask_at_once_ask_for_it_once(fleet: Conn, company: str, database_url: str) -> None:
    bill = billed(fleet, company)
    fleet.commit()
    outcomes: list[str] = []
    begin = threading.Barrier(8)

    def ask() -> None:
        with closing(db.connect(database_url)) as conn:
            begin.wait()
            try:
                outcomes.append(asked(conn, bill).state)
                conn.commit()
            except errors.NothingToInvoice as fact:
                outcomes.append(fact.code)

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert sorted(outcomes) == ["nothing_to_invoice"] * 7 + ["requested"]
    [row] = fleet.execute("SELECT sum(amount_fen) FROM invoice_request_lines").fetchall()
    assert row == (Decimal(300_000),)
