"""Numbers of invoices: by hand or by file, whole or not at all; the VAT is due with them."""

from datetime import date, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.invoices import errors
from fleet.invoices.invoice_no import parse_invoice_no
from fleet.invoices.number_rows import read_numbers
from fleet.invoices.service import (
    get_invoice_request,
    list_invoice_requests,
    record_numbers,
    reverse,
)
from fleet.ledger.service import check_ledger, trial_balance
from kit.errors import VersionChanged
from schemas.access import SYSTEM
from tests.fleet.conftest import refused
from tests.fleet.invoices.billed import billed
from tests.fleet.invoices.conftest import NUMBER, TODAY, asked, numbered

Conn = Connection[Any]
MARCH_5 = date(2026, 3, 5)


def vat(conn: Conn, on: date) -> dict[str, int]:
    """What of VAT is pending and payable at the end of a day."""
    found = {each.account: each.balance_fen for each in trial_balance(conn, SYSTEM, on=on)}
    return {name: found.get(name, 0) for name in ("vat_pending", "vat_payable")}


def sheet(*rows: str) -> bytes:
    return "\r\n".join(("开票结果", "开票申请号,发票号码,开票日期", *rows)).encode("utf-8-sig")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2644200000012345678",
        "264420000001234567890",
        "2644200000012345678X",
        "20442000000123456789",
        "26002000000123456789",
        "26442000000000000000",
        "2.6442E+19",
    ],
    ids=[
        *("nothing", "19 digits", "21", "a letter", "before there were any", "no such place"),
        *("serial 0", "as Excel keeps it"),
    ],
)
def test_what_is_no_number_of_an_invoice(text: str) -> None:
    with pytest.raises(errors.InvoiceNoMalformed):
        parse_invoice_no(text)


def test_a_number_comes_back_and_the_vat_is_due_that_day(fleet: Conn, company: str) -> None:
    bill = billed(fleet, company)
    assert vat(fleet, date(2026, 3, 19)) == {"vat_pending": -34_513, "vat_payable": 0}
    issued = numbered(fleet, asked(fleet, bill), invoiced_on=MARCH_5)
    assert (issued.state, issued.invoice_no, issued.invoiced_on) == ("issued", NUMBER, MARCH_5)
    assert issued.version == 2
    assert vat(fleet, date(2026, 3, 4)) == {"vat_pending": -34_513, "vat_payable": 0}
    for later in (MARCH_5, date(2026, 3, 20), date(2027, 1, 1)):
        assert vat(fleet, later) == {"vat_pending": 0, "vat_payable": -34_513}, later
    assert check_ledger(fleet) == []
    [told] = audit.list_entries(fleet, SYSTEM, {"action": "invoice.number"})
    assert (told.object_key, told.after) == (
        issued.request_no,
        {"invoice_no": NUMBER, "invoiced_on": "2026-03-05"},
    )


def test_an_invoice_after_the_due_day_changes_no_tax_point(fleet: Conn, company: str) -> None:
    bill = billed(fleet, company, due_on=date(2026, 3, 4))
    numbered(fleet, asked(fleet, bill), invoiced_on=MARCH_5)
    assert vat(fleet, date(2026, 3, 4)) == {"vat_pending": 0, "vat_payable": -34_513}
    assert vat(fleet, MARCH_5) == {"vat_pending": 0, "vat_payable": -34_513}


def test_a_red_letter_invoice_brings_no_tax_point_forward(fleet: Conn, company: str) -> None:
    issued = numbered(fleet, asked(fleet, billed(fleet, company)))
    facts = {"version": issued.version, "note": "开票有误", "now": TODAY}
    red = reverse(fleet, SYSTEM, request_no=issued.request_no, **facts)  # type: ignore[arg-type]
    was = vat(fleet, date(2026, 4, 1))
    with refused(fleet, errors.InvoicedTooEarly):
        numbered(fleet, red, "26442000000123456790", invoiced_on=date(2026, 3, 9))
    back = numbered(fleet, red, "26442000000123456790")
    assert (back.state, back.total_fen, vat(fleet, date(2026, 4, 1))) == ("issued", -300_000, was)


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"number": "25442000000123456789"}, errors.InvoiceNoOfAnotherYear),
        ({"number": "123"}, errors.InvoiceNoMalformed),
        ({"invoiced_on": date(2026, 3, 11)}, errors.InvoicedInFuture),
        ({"invoiced_on": date(2026, 3, 1)}, errors.InvoicedTooEarly),
        ({"version": 2}, VersionChanged),
        ({"now": TODAY - timedelta(days=1)}, errors.InvoicedInFuture),
    ],
    ids=["of last year", "malformed", "tomorrow", "before the bill", "changed", "ahead of now"],
)
def test_numbers_that_are_not_taken(fleet: Conn, company: str, given: Any, fact: Any) -> None:
    request = asked(fleet, billed(fleet, company))
    with refused(fleet, fact):
        numbered(fleet, request, **given)
    assert get_invoice_request(fleet, SYSTEM, request_no=request.request_no) == request


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
def test_a_number_stands_on_one_request(fleet: Conn, company: str) -> None:
    numbered(fleet, asked(fleet, billed(fleet, company)))
    other = asked(fleet, billed(fleet, company))
    with refused(fleet, errors.InvoiceNoTaken):
        numbered(fleet, other)


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
def test_a_file_brings_many_numbers(fleet: Conn, company: str) -> None:
    requests = [asked(fleet, billed(fleet, company)) for _ in range(3)]
    rows = [
        f"{request.request_no},2644200000012345678{place},2026年3月{place + 5}日"
        for place, request in enumerate(requests)
    ]
    assert record_numbers(fleet, SYSTEM, content=sheet(*rows), now=TODAY).numbers == 3
    found = {each.request_no: each for each in list_invoice_requests(fleet, SYSTEM, {})}
    told = [(found[r.request_no].invoice_no, found[r.request_no].invoiced_on) for r in requests]
    assert told == [
        ("26442000000123456780", date(2026, 3, 5)),
        ("26442000000123456781", date(2026, 3, 6)),
        ("26442000000123456782", date(2026, 3, 7)),
    ]
    assert vat(fleet, date(2026, 3, 6)) == {"vat_pending": -34_513, "vat_payable": -69_026}


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
def test_a_file_with_faults_brings_none_and_tells_each_with_its_row(
    fleet: Conn, company: str
) -> None:
    good, done, future, early, taken = (asked(fleet, billed(fleet, company)) for _ in range(5))
    numbered(fleet, done)
    rows = [
        f"{good.request_no},26442000000123456780,2026-03-05",
        f"{done.request_no},26442000000123456781,2026-03-05",
        f"{future.request_no},26442000000123456782,2026-03-11",
        f"{early.request_no},26442000000123456783,2026/3/1",
        f"{taken.request_no},{NUMBER},2026-03-10",
        "I2603-AAAAAA,26442000000123456784,2026-03-10",
    ]
    with pytest.raises(errors.InvoiceNumbersRefused) as raised, fleet.transaction():
        record_numbers(fleet, SYSTEM, content=sheet(*rows), now=TODAY)
    faults = raised.value.facts["faults"]
    assert [(fault["row"], fault["field"], fault["code"]) for fault in faults] == [
        (4, "request_no", "invoice_request_done"),
        (5, "invoiced_on", "invoiced_in_future"),
        (6, "invoiced_on", "invoiced_too_early"),
        (7, "invoice_no", "invoice_no_taken"),
        (8, "request_no", "invoice_request_not_found"),
    ]
    assert raised.value.facts["count"] == 5
    assert [fault["zh"] for fault in faults][4] == "没有此开票申请"
    assert get_invoice_request(fleet, SYSTEM, request_no=good.request_no) == good


HEADER = (3, ["序号", "申请号", " 开票日期", "发票号码"])


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (["1", None, "2026-03-05", NUMBER], ("request_no", "required")),
        (["1", "I2603-AAAAAA", "2026-03-05"], ("invoice_no", "required")),
        (["1", "I2603-AAAAAA", "2026-02-30", NUMBER], ("invoiced_on", "not_a_date")),
        (["1", "I2603-AAAAAA", "2026-03-05", "2.6442E+19"], ("invoice_no", "invoice_no_malformed")),
        (
            ["1", "I2603-AAAAAA", "2025-03-05", NUMBER],
            ("invoice_no", "invoice_no_of_another_year"),
        ),
    ],
)
def test_faults_of_a_row(row: list[str | None], fault: tuple[str, str]) -> None:
    found = read_numbers([(1, ["三月发票"]), HEADER, (5, row)])
    assert found.numbers == []
    assert [(each.row_no, each.problem.field, each.problem.code) for each in found.faults] == [
        (5, *fault)
    ]


def test_rows_that_repeat_one_another() -> None:
    row = ["1", "i2603-aaaaaa", "2026-03-05", NUMBER]
    other = ["2", "I2603-BBBBBB", "2026-03-05", NUMBER]
    found = read_numbers([HEADER, (4, row), (5, row), (6, other)])
    assert [each.request_no for each in found.numbers] == ["I2603-AAAAAA"] * 2 + ["I2603-BBBBBB"]
    told = [(each.row_no, each.problem.field, each.problem.zh[-9:]) for each in found.faults]
    assert told == [
        (5, "request_no", " 与第 4 行重复"),
        (5, "invoice_no", " 与第 4 行重复"),
        (6, "invoice_no", " 与第 4 行重复"),
    ]


@pytest.mark.parametrize(
    ("rows", "code"),
    [([], "header_not_found"), ([(1, ["申请号"])], "header_not_found"), ([HEADER], "rows_missing")],
    ids=["nothing", "a column too few", "a header alone"],
)
def test_files_that_say_nothing(rows: Any, code: str) -> None:
    assert [(each.row_no, each.problem.code) for each in read_numbers(rows).faults] == [(0, code)]
