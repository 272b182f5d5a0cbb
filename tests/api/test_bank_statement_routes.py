"""Statements of banks over HTTP: brought in once, refused rows told, the doubtful wait."""

from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from kit import clock
from tests.api.served import Served, code_of, post
from tests.api.test_lease_routes import customer_no, owner, sales, vin

STATEMENTS: Final = "/api/v1/bank-statements"
FORMATS: Final = "/api/v1/bank-formats"
UNCLAIMED: Final = "/api/v1/unclaimed-payments"
COLUMNS: Final[dict[str, Any]] = {
    "date": ["Tag"],
    "amount": {"kind": "signed", "amount": ["Betrag"]},
}
__all__ = ["customer_no", "owner", "sales", "vin"]


@pytest.fixture
def finance(api: Served) -> TestClient:
    return api.person("alpha-depot.finance")


def today() -> str:
    return clock.now().date().isoformat()


def bring_in(client: TestClient, key: str, *lines: str, **query: str) -> Any:
    """A file in the plain shape, in the encoding of a bank."""
    text = "\n".join(["客户流水", "日期,金额,流水号,付款人,付款账号,备注", *lines, "合计,,"])
    return client.post(
        STATEMENTS,
        params={"file_name": "流水.csv", **query},
        content=text.encode("gb18030"),
        headers={"Idempotency-Key": key, "Content-Type": "application/octet-stream"},
    )


def waiting(client: TestClient, **query: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = client.get(UNCLAIMED, params=query).json()["items"]
    return told


def test_a_file_comes_in_once_and_its_refused_rows_are_told(
    api: Served, finance: TestClient
) -> None:
    number = api.unused("REF-")
    lines = (f"{today()},12.50,{number},王伟", "昨天,1.00,x,y", f"{today()},-3.00,z,")
    made = bring_in(finance, api.unused("statement-"), *lines)
    assert made.status_code == 201, made.text
    told = made.json()
    assert told["counts"] == {
        "rows": 3,
        "new": 1,
        "known": 0,
        "outgoing": 1,
        "refused": 1,
        "claimed": 0,
        "derived": 0,
    }
    [refused] = told["refusals"]
    assert (refused["row_no"], refused["code"], refused["zh"]) == (4, "not_a_day", "日期无法识别")
    assert (told["organisation"], told["format"]) == ("alpha-depot", "plain")
    assert made.headers["location"] == f"{STATEMENTS}/{told['key']}"
    assert finance.get(made.headers["location"]).json() == told
    again = bring_in(finance, api.unused("statement-"), *lines).json()
    assert (again["counts"]["new"], again["counts"]["known"]) == (0, 1)
    kept = finance.get(STATEMENTS, params={"limit": "2"}).json()["items"]
    assert [each["key"] for each in kept] == [again["key"], told["key"]]
    [mine] = waiting(finance, statement=told["key"])
    assert (mine["amount_fen"], mine["bank_reference"], mine["reference_derived"]) == (
        *(1250, number),
        False,
    )


def test_the_same_request_twice_is_one_import(api: Served, finance: TestClient) -> None:
    key, line = api.unused("statement-"), f"{today()},1.00,{api.unused('REF-')},甲"
    first, second = bring_in(finance, key, line), bring_in(finance, key, line)
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"


def test_proposals_tell_why_in_both_languages_and_the_list_has_pages(
    api: Served, finance: TestClient, customer_no: str
) -> None:
    number = api.unused("REF-")
    lines = [f"{today()},{each}.00,{number}-{each},赵钱孙{number}" for each in (1, 2, 3)]
    statement = bring_in(finance, api.unused("statement-"), *lines).json()["key"]
    [one] = waiting(finance, q=f"{number}-1")
    assert (one["proposals"], one["payer_name"]) == ([], f"赵钱孙{number}")
    first = finance.get(UNCLAIMED, params={"statement": statement, "limit": "2"}).json()
    rest = finance.get(
        UNCLAIMED, params={"statement": statement, "limit": "2", "after": first["next"]}
    ).json()
    found = [each["bank_reference"] for each in first["items"] + rest["items"]]
    assert found == [f"{number}-{each}" for each in (1, 2, 3)]
    assert rest["next"] is None
    bad = finance.get(UNCLAIMED, params={"after": "W10"})
    assert (bad.status_code, code_of(bad)) == (422, "cursor_invalid")
    named = bring_in(
        finance, api.unused("statement-"), f"{today()},5.00,{number}-9,某人,,{customer_no}"
    ).json()
    assert named["counts"]["claimed"] == 1


def test_who_may_not_is_told_before_the_file_is_read(api: Served) -> None:
    for who, status in (("alpha-depot.sales", 403), ("alpha-depot.auditor", 403)):
        answer = bring_in(api.person(who), api.unused("statement-"), "x")
        assert (answer.status_code, code_of(answer)) == (status, "permission_missing")


def test_what_is_no_statement(api: Served, finance: TestClient) -> None:
    def send(content: bytes, **query: str) -> Any:
        return finance.post(
            STATEMENTS,
            params={"file_name": "x.csv", **query},
            content=content,
            headers={
                "Idempotency-Key": api.unused("statement-"),
                "Content-Type": "application/octet-stream",
            },
        )

    for content, status, code in (
        (b"%PDF-1.7", 422, "sheet_unreadable"),
        (b"\x00\x01\x02", 422, "sheet_unreadable"),
        ("姓名,电话\n".encode(), 409, "bank_format_unrecognised"),
        ("日期,金额\n".encode(), 422, "bank_statement_empty"),
    ):
        answer = send(content)
        assert (answer.status_code, code_of(answer)) == (status, code)
    answer = send("日期,金额\n".encode(), format="nothing")
    assert (answer.status_code, code_of(answer)) == (404, "bank_format_not_found")


def test_an_organisation_says_its_own_columns(api: Served, finance: TestClient) -> None:
    code = api.unused("bank-").lower()
    body = {"code": code, "title": "储蓄", "columns": COLUMNS}
    made = post(finance, FORMATS, body, api.unused("format-"))
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert (made.json()["organisation"], made.json()["shipped"]) == ("alpha-depot", False)
    twice = post(finance, FORMATS, body, api.unused("format-"))
    assert (twice.status_code, code_of(twice)) == (409, "bank_format_exists")
    listed = finance.get(FORMATS).json()
    assert {"cmb", "icbc", "alipay", "wechat", code} <= {each["code"] for each in listed}
    change = {"title": "储蓄二", "columns": COLUMNS | {"channel": "other"}}
    path = f"{FORMATS}/{code}"
    assert finance.put(path, json=change).status_code == 428
    changed = finance.put(path, json=change, headers={"If-Match": '"1"'}).json()
    assert (changed["title"], changed["columns"]["channel"]) == ("储蓄二", "other")
    late = finance.put(path, json=change, headers={"If-Match": '"1"'})
    assert (late.status_code, code_of(late)) == (412, "version_changed")
    shipped = finance.put(f"{FORMATS}/cmb", json=change, headers={"If-Match": '"0"'})
    assert (shipped.status_code, code_of(shipped)) == (404, "bank_format_not_found")
    odd = post(finance, FORMATS, body | {"columns": {"date": []}}, api.unused("format-"))
    assert odd.status_code == 422
