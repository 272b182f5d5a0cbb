"""The ledger, taxpayers and invoice requests over HTTP, as the role of the application."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import openpyxl
import psycopg
import pytest
from fastapi.testclient import TestClient

from fleet.customers.service import CustomerFacts, create_customer
from fleet.ledger.service import Entry, Posting
from fleet.ledger.service import post as post_entries
from fleet.local_days import local_day
from schemas.access import SYSTEM
from tests.api.served import Served, code_of, post
from tests.api.world import KEY
from tests.fleet.invoices.billed import Bill, billed

ZH: Final = {"Accept-Language": "zh-CN"}
LEDGER: Final = "/api/v1/ledger"
REQUESTS: Final = "/api/v1/invoice-requests"
MARCH: Final = date(2026, 3, 1)


@pytest.fixture
def finance(api: Served) -> TestClient:
    """Of alpha, who has just given their password again."""
    return api.person("alpha.finance", step_up=True)


def booked(api: Served, organisation: str, key: str, on: date, fen: int = 10_000) -> None:
    """Rent posted in the book of an organisation."""
    [(owner, tenant)] = api.as_owner(
        "SELECT id, tenant_id FROM organisations WHERE code = %s", organisation
    )
    sides = (Posting("receivable", fen), Posting("rent_revenue", -fen))
    entry = Entry(tenant, owner, "bill", key, on, f"账单 {key}", sides)
    with psycopg.connect(api.owner_url) as conn:
        post_entries(conn, SYSTEM, [entry], now=datetime.now(UTC))


def bill_of(api: Served, name: str, **given: Any) -> tuple[str, Bill]:
    """A new customer of the depot and an issued bill of today."""
    facts = CustomerFacts("company", name, tax_no="91440300MA5EXAMP0X")
    today = local_day(datetime.now(UTC))
    with psycopg.connect(api.owner_url) as conn:
        made = create_customer(
            conn,
            SYSTEM,
            facts=facts,
            organisation_code="alpha-depot",
            key=KEY,
            now=datetime.now(UTC) - timedelta(days=1),
        )
        days = {"issued_on": today, "due_on": today + timedelta(days=9)} | given
        return made.customer_no, billed(conn, made.customer_no, **days)


def walked(client: TestClient, path: str, **asked: Any) -> list[dict[str, Any]]:
    """All items of a list, two a page."""
    items: list[dict[str, Any]] = []
    place: dict[str, str] = {}
    while True:
        answer = client.get(path, params={"limit": "2", **asked, **place})
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if answer.json()["next"] is None:
            return items
        place = {"after": answer.json()["next"]}


def test_balances_entries_and_the_journal(api: Served, finance: TestClient) -> None:
    for number in range(3):
        booked(api, "alpha-north", f"B-n{number}", date(2024, 3, 1 + number))
    asked = {"organisation": "alpha-north", "on": "2024-03-02"}
    balances = finance.get(f"{LEDGER}/trial-balance", params=asked).json()
    assert [(b["code"], b["chinese"], b["balance_fen"]) for b in balances] == [
        ("1122", "应收账款", 20_000),
        ("600101", "主营业务收入—租金", -20_000),
    ]
    entries = walked(
        finance, f"{LEDGER}/entries", organisation="alpha-north", until_on="2025-01-01"
    )
    assert [(e["event_key"], e["voucher_no"]) for e in entries] == [
        *(("B-n2", "记-0003"), ("B-n1", "记-0002"), ("B-n0", "记-0001")),
    ]
    told = [(p["code"], p["debit_fen"], p["credit_fen"]) for p in entries[0]["postings"]]
    assert told == [("1122", 10_000, 0), ("600101", 0, 10_000)]
    journal = walked(finance, f"{LEDGER}/journal", month="2024-03", organisation="alpha-north")
    assert [(row["voucher_no"], row["line_no"]) for row in journal] == [
        (f"记-000{number}", line) for number in (1, 2, 3) for line in (1, 2)
    ]
    file = finance.get(
        f"{LEDGER}/journal/export",
        params={"month": "2024-03", "organisation": "alpha-north"},
        headers=ZH,
    )
    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).active
    assert sheet is not None
    header, first, *rest = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert header[1:9] == [
        *("日期", "凭证号", "分录号", "摘要", "科目编码", "科目名称"),
        *("借方金额（元）", "贷方金额（元）"),
    ]
    assert first[2:9] == ["记-0001", 1, "账单 B-n0", "1122", "应收账款", 100, 0]
    assert len(rest) == 5


def test_a_month_is_closed_by_who_has_just_given_their_password(
    api: Served, finance: TestClient
) -> None:
    booked(api, "omega-depot", "B-o1", date(2024, 5, 10))
    closer = api.person("omega-depot.finance", step_up=True)
    body = {"organisation": "omega-depot", "month": "2024-05"}
    without = post(api.new_session("omega-depot.finance"), f"{LEDGER}/closings", body, "close-0")
    assert (without.status_code, code_of(without)) == (403, "step_up_required")
    early = post(closer, f"{LEDGER}/closings", {**body, "month": "2024-06"}, "close-1")
    assert (early.status_code, code_of(early)) == (409, "month_not_next")
    assert early.json()["facts"] == {"month": "2024-06", "next": "2024-05"}
    closed = post(closer, f"{LEDGER}/closings", body, "close-2")
    assert closed.status_code == 201, closed.text
    [made] = closed.json()["closings"]
    assert (made["month"], made["balances"]) == (
        *("2024-05", {"receivable": 10_000, "rent_revenue": -10_000}),
    )
    assert walked(closer, f"{LEDGER}/closings") == [made]
    assert finance.get(f"{LEDGER}/closings", params={"organisation": "omega-depot"}).json() == {
        "items": [],
        "next": None,
    }
    foreign = post(finance, f"{LEDGER}/closings", body, "close-3")
    assert (foreign.status_code, code_of(foreign)) == (404, "organisation_not_found")


def test_who_may_not_see_the_ledger(api: Served) -> None:
    sales = api.person("alpha.sales")
    for path in ("trial-balance", "entries", "closings", "journal?month=2026-03"):
        answer = sales.get(f"{LEDGER}/{path}")
        assert (answer.status_code, code_of(answer)) == (403, "permission_missing")


@pytest.mark.parametrize("month", ["2026-13", "2026-3", "03-2026", "", "2026-03-01", "1999-01"])
def test_a_month_is_one(finance: TestClient, month: str) -> None:
    answer = finance.get(f"{LEDGER}/journal", params={"month": month})
    assert (answer.status_code, code_of(answer)) == (422, "invalid")


def test_taxpayers_are_said_and_listed(api: Served, finance: TestClient) -> None:
    days = ("2026-01-01", "2026-07-01", "2027-01-01")
    for number, day in enumerate(days):
        body = {
            "organisation": "alpha-south",
            "taxpayer": "general",
            "simplified": number == 1,
            "valid_from_on": day,
        }
        said = post(finance, "/api/v1/taxpayers", body, f"tax-{number}")
        assert said.status_code == 201, said.text
    listed = walked(finance, "/api/v1/taxpayers", organisation="alpha-south")
    assert [(each["valid_from_on"], each["simplified"]) for each in listed] == [
        *(("2027-01-01", False), ("2026-07-01", True), ("2026-01-01", False)),
    ]
    wrong = {**body, "taxpayer": "small_scale", "simplified": True}
    answer = post(finance, "/api/v1/taxpayers", wrong, "tax-wrong")
    assert (answer.status_code, code_of(answer)) == (422, "simplified_is_general")
    assert finance.get("/api/v1/taxpayers", params={"organisation": "omega"}).json()["items"] == []


def test_an_invoice_from_its_request_to_its_reversal(api: Served, finance: TestClient) -> None:
    customer_no, bill = bill_of(api, "全程")
    body = {"bill_nos": [bill.bill_no], "kind": "special"}
    made = post(finance, REQUESTS, body, "inv-1")
    assert made.status_code == 201, made.text
    request = made.json()
    path = f"{REQUESTS}/{request['request_no']}"
    assert made.headers["location"] == path
    assert (request["total_fen"], request["vat_fen"], request["customer_no"]) == (
        *(300_000, 34_513, customer_no),
    )
    assert request["lines"] == [
        {
            "no": 1,
            "bill_no": bill.bill_no,
            "bill_line_no": 1,
            "item": "租金",
            "amount_fen": 300_000,
            "net_fen": 265_487,
            "vat_fen": 34_513,
            "vat_pct": "13.00",
        }
    ]
    again = post(finance, REQUESTS, body, "inv-2")
    assert (again.status_code, code_of(again)) == (409, "nothing_to_invoice")
    today = local_day(datetime.now(UTC))
    number = {"invoice_no": f"{today:%y}442000000123456789", "invoiced_on": today.isoformat()}
    nobodys = finance.post(f"{path}/number", json=number)
    assert (nobodys.status_code, code_of(nobodys)) == (428, "if_match_required")
    issued = finance.post(f"{path}/number", json=number, headers={"If-Match": '"1"'})
    assert (issued.status_code, issued.headers["etag"]) == (200, '"2"')
    assert (issued.json()["state"], issued.json()["invoice_no"]) == ("issued", number["invoice_no"])
    assert finance.get(path).json() == issued.json()
    gone = finance.post(f"{path}/withdraw", json={"note": "不要"}, headers={"If-Match": '"2"'})
    assert (gone.status_code, code_of(gone)) == (409, "invoice_request_done")
    headers = {"If-Match": '"2"', "Idempotency-Key": "inv-3"}
    red = finance.post(f"{path}/reverse", json={"note": "开错"}, headers=headers)
    assert red.status_code == 201, red.text
    assert (red.json()["total_fen"], red.json()["reverses_no"]) == (-300_000, request["request_no"])
    back = f"{REQUESTS}/{red.json()['request_no']}/withdraw"
    dropped = finance.post(back, json={"note": "不冲了"}, headers={"If-Match": '"1"'})
    assert (dropped.json()["state"], dropped.json()["note"]) == ("withdrawn", "不冲了")
    listed = walked(finance, REQUESTS, customer=customer_no)
    assert [each["request_no"] for each in listed] == [
        *(red.json()["request_no"], request["request_no"]),
    ]


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (("开票申请号", "发票号码", "开票日期"), *rows):
        sheet.append(row)
    book.save(file)
    return file.getvalue()


def test_a_workbook_brings_numbers_or_tells_every_fault(api: Served, finance: TestClient) -> None:
    today = local_day(datetime.now(UTC))
    made = []
    for number in range(3):
        _customer, bill = bill_of(api, f"文件{number}")
        body = {"bill_nos": [bill.bill_no], "kind": "ordinary"}
        made.append(post(finance, REQUESTS, body, f"file-{number}").json()["request_no"])
    numbers = [f"{today:%y}4420000001{serial:08}" for serial in (71, 72, 73)]

    def send(content: bytes, key: str) -> Any:
        headers = {"Idempotency-Key": key, "Content-Type": "application/octet-stream", **ZH}
        return finance.post(f"{REQUESTS}/numbers", content=content, headers=headers)

    wrong = workbook((made[0], numbers[0], today), (made[1], int(numbers[1]), today))
    answer = send(wrong, "numbers-1")
    assert (answer.status_code, code_of(answer)) == (422, "invoice_numbers_refused")
    assert answer.json()["detail"] == "共 1 处错误，未登记任何号码"
    [fault] = answer.json()["facts"]["faults"]
    assert (fault["row"], fault["field"], fault["code"]) == (
        *(3, "invoice_no", "invoice_no_malformed"),
    )
    assert finance.get(f"{REQUESTS}/{made[0]}").json()["state"] == "requested"
    good = workbook(*((no, number, today) for no, number in zip(made, numbers, strict=True)))
    answer = send(good, "numbers-2")
    assert (answer.status_code, answer.json()) == (200, {"numbers": 3})
    found = finance.get(REQUESTS, params={"invoice_no": numbers[2]}).json()["items"]
    assert [each["request_no"] for each in found] == [made[2]]
    assert code_of(send(b"PK nothing", "numbers-3")) in {
        "sheet_unreadable",
        "invoice_numbers_refused",
    }
