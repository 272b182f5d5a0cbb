"""Deposits over HTTP: opened, held back, released, given back, listed."""

from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from tests.api.served import Served, code_of, post
from tests.api.test_lease_routes import customer_no, manager, owner, sales, signed, vin

DEPOSITS: Final = "/api/v1/deposits"
__all__ = ["customer_no", "manager", "owner", "sales", "vin"]


@pytest.fixture
def finance(api: Served) -> TestClient:
    return api.person("alpha-depot.finance", step_up=True)


@pytest.fixture
def lease_no(api: Served, sales: TestClient, finance: TestClient, customer_no: str) -> str:
    """That of a signed lease of which 8,000 yuan are held from before."""
    number = signed(api, sales, customer_no)
    answer = act(api, finance, number, "opening", amount_fen=800_000, reason="迁移")
    assert answer.status_code == 200, answer.text
    return number


def act(api: Served, client: TestClient, lease_no: str, name: str, **body: Any) -> Any:
    return post(client, f"/api/v1/leases/{lease_no}/deposit/{name}", body, api.unused("deposit-"))


def test_what_is_held_and_why_nothing_is_given_back(
    finance: TestClient, lease_no: str, customer_no: str
) -> None:
    told = finance.get(f"/api/v1/leases/{lease_no}/deposit").json()
    assert (told["deposit"]["held_fen"], told["deposit"]["opening_fen"]) == (800_000, 800_000)
    assert (told["refundable_fen"], told["deposit"]["customer_no"]) == (0, customer_no)
    [block] = told["blocks"]
    assert (block["block"], block["amount_fen"], block["zh"]) == (
        *("lease_running", None),
        "租约尚未结束",
    )
    [movement] = told["movements"]
    assert (movement["kind"], movement["reason"]) == ("opening", "迁移")


def test_held_back_released_and_given_back_once(
    api: Served, finance: TestClient, lease_no: str
) -> None:
    held = act(api, finance, lease_no, "hold-back", amount_fen=300_000, reason="待定损").json()
    assert held["deposit"]["held_back_fen"] == 300_000
    early = act(api, finance, lease_no, "refund", amount_fen=1, channel="bank", reason="退")
    assert (early.status_code, code_of(early)) == (409, "deposit_not_refundable")
    assert early.json()["detail"] == "only 0 fen may be given back"
    assert early.json()["facts"]["because"][0] == "lease_running"
    act(api, finance, lease_no, "release", block="lease_running", reason="总部同意")
    path = f"/api/v1/leases/{lease_no}/deposit/refund"
    body = {"amount_fen": 500_000, "channel": "bank", "reason": "退租", "bank_reference": "O-1"}
    key = api.unused("deposit-")
    first, second = post(finance, path, body, key), post(finance, path, body, key)
    assert first.json() == second.json()
    assert (first.json()["deposit"]["refunded_fen"], first.json()["refundable_fen"]) == (500_000, 0)
    unknown = act(api, finance, lease_no, "release", block="bill:B", reason="x")
    assert (unknown.status_code, code_of(unknown)) == (404, "deposit_block_not_found")
    missing = act(api, finance, lease_no, "apply", bill="B2026-1-000001", reason="x")
    assert (missing.status_code, code_of(missing)) == (404, "deposit_bill_not_found")
    key_of_nothing = "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a31"
    gone = act(api, finance, lease_no, "unapply", movement=key_of_nothing, reason="x")
    assert (gone.status_code, code_of(gone)) == (404, "deposit_movement_not_found")


def test_the_list_walks_and_the_total_tells(
    api: Served, sales: TestClient, finance: TestClient, customer_no: str, lease_no: str
) -> None:
    second = signed(api, sales, customer_no)
    act(api, finance, second, "opening", amount_fen=100, reason="迁移")
    query = {"customer": customer_no, "limit": "1"}
    first = finance.get(DEPOSITS, params=query).json()
    rest = finance.get(DEPOSITS, params={**query, "after": first["next"]}).json()
    found = [each["lease_no"] for each in first["items"] + rest["items"]]
    assert (found, rest["next"]) == ([second, lease_no], None)
    table = finance.get(f"{DEPOSITS}/export", params={"customer": customer_no, "form": "csv"})
    assert "8000.00\r\n" in table.text and "Held (yuan)" in table.text
    total = finance.get(f"{DEPOSITS}/total").json()
    assert total["held_fen"] >= 800_100
    assert api.person("omega.finance").get(f"{DEPOSITS}/total").json()["held_fen"] == 0


def test_who_may_what(api: Served, sales: TestClient, lease_no: str) -> None:
    assert sales.get(f"/api/v1/leases/{lease_no}/deposit").status_code == 200
    for name, body in (
        ("hold-back", {"amount_fen": 1, "reason": "x"}),
        ("refund", {"amount_fen": 1, "channel": "bank", "reason": "x"}),
    ):
        answer = act(api, sales, lease_no, name, **body)
        assert (answer.status_code, code_of(answer)) == (403, "permission_missing")
    north = api.person("alpha-north.finance")
    assert north.get(f"/api/v1/leases/{lease_no}/deposit").status_code == 404
