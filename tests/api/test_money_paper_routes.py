"""Papers of money and statements over HTTP, as the role of the application."""

import io
from datetime import date, timedelta
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psycopg
import pypdfium2 as pdfium
import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from fleet.customers.service import CustomerFacts, create_customer
from kit import clock
from schemas.access import SYSTEM
from tests.api.served import Served, code_of
from tests.api.world import KEY
from tests.fleet.money_papers.frozen import freeze_bill, freeze_settlement
from tests.fleet.receivables.owed import owe

TODAY: Final = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date()
ISSUED: Final = TODAY - timedelta(days=40)
LAST_YEAR: Final = f"{TODAY - timedelta(days=365)}"
BILL: Final = f"B{ISSUED.year}-8-000071"
CREDIT_NOTE: Final = f"N{ISSUED.year}-8-000071"
NOTICE: Final = f"D{ISSUED:%y%m}-000071"


@pytest.fixture(scope="module")
def customer_no(api: Served) -> str:
    """A customer of alpha-depot that owes a bill, and one that was settled, with papers."""
    now = clock.now() - timedelta(hours=2)
    with psycopg.connect(api.owner_url) as conn:
        facts = CustomerFacts("company", "顺达物流")
        number = create_customer(
            conn, SYSTEM, facts=facts, organisation_code="alpha-depot", key=KEY, now=now
        ).customer_no
        freeze_bill(conn, number, number=71, name="顺达物流", on=ISSUED, at=now)
        owe(conn, number, 300_000, due_on=ISSUED, issued_on=ISSUED, number=72)
    return number


@pytest.fixture
def finance(api: Served) -> TestClient:
    """Somebody of alpha who may read money."""
    return api.person("alpha.owner")


def said(content: bytes) -> str:
    document = pdfium.PdfDocument(content)
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return "".join("".join(pages).split())


@pytest.mark.parametrize(
    ("path", "name", "words"),
    [
        pytest.param(f"bills/{BILL}", f"账单-{BILL}.pdf", "人民币壹分", id="bill"),
        pytest.param(
            f"credit-notes/{CREDIT_NOTE}", f"冲减单-{CREDIT_NOTE}.pdf", "人民币负壹分", id="note"
        ),
        pytest.param(
            f"dunning-notices/{NOTICE}", f"催收函-{NOTICE}.pdf", "致：顺达物流", id="notice"
        ),
    ],
)
def test_a_paper_is_a_pdf_and_the_same_twice(
    finance: TestClient, customer_no: str, path: str, name: str, words: str
) -> None:
    answer = finance.get(f"/api/v1/{path}/pdf")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("inline; ")
    assert answer.headers["content-disposition"].endswith(f"''{quote(name)}")
    assert words in said(answer.content)
    assert finance.get(f"/api/v1/{path}/pdf").content == answer.content


def test_owner_and_operator_get_the_bytes_of_one_settlement(api: Served) -> None:
    with psycopg.connect(api.owner_url) as conn:
        key = freeze_settlement(conn, "alpha", "alpha-south", name="分成", at=clock.now())
    path = f"/api/v1/share-settlements/{key}/pdf"
    api.make_person("south.money", "finance", "alpha-south")
    of_operator = api.person("south.money").get(path)
    assert of_operator.status_code == 200, of_operator.text
    assert "分成结算单" in said(of_operator.content)
    assert api.person("alpha.owner").get(path).content == of_operator.content
    api.make_person("depot.money", "finance", "alpha-depot")
    assert code_of(api.person("depot.money").get(path)) == "share_settlement_not_found"


def test_a_statement_tells_what_is_open(finance: TestClient, customer_no: str) -> None:
    path = f"/api/v1/customers/{customer_no}/statement"
    answer = finance.get(path, params={"from_on": LAST_YEAR})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["customer_no"], told["organisation"]) == (customer_no, "alpha-depot")
    assert [(row["kind"], row["title"], row["debit_fen"]) for row in told["rows"]] == [
        ("bill", "费用账单", 300_000)
    ]
    assert (told["closing_fen"], told["open_fen"], told["credit_fen"]) == (300_000, 300_000, 0)
    assert [bill["overdue_days"] for bill in told["open_bills"]] == [40]
    assert sum(bucket["open_fen"] for bucket in told["ageing"]) == 300_000
    assert told["until_on"] == str(TODAY + timedelta(days=1))
    before = finance.get(path, params={"from_on": LAST_YEAR, "until_on": str(ISSUED)}).json()
    assert (before["rows"], before["closing_fen"], before["open_bills"]) == ([], 0, [])


def test_a_statement_is_a_pdf_and_a_workbook(finance: TestClient, customer_no: str) -> None:
    path = f"/api/v1/customers/{customer_no}/statement/file"
    pdf = finance.get(path, params={"from_on": LAST_YEAR})
    assert pdf.headers["content-type"] == "application/pdf"
    assert "客户尚欠¥3,000.00（人民币叁仟元整）" in said(pdf.content)
    sheet = finance.get(path, params={"from_on": LAST_YEAR, "form": "xlsx"})
    assert sheet.status_code == 200, sheet.text
    table = load_workbook(io.BytesIO(sheet.content))["对账单"]
    cells = [cell.value for row in table.iter_rows() for cell in row]
    assert "未付合计" in cells
    assert cells.count(3000) >= 4


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        pytest.param(
            {"from_on": "2026-02-01", "until_on": "2026-02-01"},
            "statement_ends_before_it_begins",
            id="no day",
        ),
        pytest.param(
            {"from_on": f"{date(2099, 1, 1)}"}, "statement_ends_before_it_begins", id="ahead"
        ),
    ],
)
def test_a_span_without_a_day_has_no_statement(
    finance: TestClient, customer_no: str, asked: dict[str, str], code: str
) -> None:
    answer = finance.get(f"/api/v1/customers/{customer_no}/statement", params=asked)
    assert (answer.status_code, code_of(answer)) == (422, code)


def test_what_is_not_there_or_not_for_everybody_is_refused(
    api: Served, finance: TestClient, customer_no: str
) -> None:
    for path, code in (
        ("bills/B2099-1-000001/pdf", "bill_not_found"),
        ("credit-notes/N2099-1-000001/pdf", "credit_note_not_found"),
        ("customers/C2099-ZZZZZZ/statement", "customer_not_found"),
        ("customers/C2099-ZZZZZZ/statement/file", "customer_not_found"),
    ):
        answer = finance.get(f"/api/v1/{path}")
        assert (answer.status_code, code_of(answer)) == (404, code), path
    api.make_person("alpha.papers", "ops")
    ops = api.person("alpha.papers")
    for path in (f"bills/{BILL}/pdf", f"customers/{customer_no}/statement"):
        assert code_of(ops.get(f"/api/v1/{path}")) == "permission_missing"
