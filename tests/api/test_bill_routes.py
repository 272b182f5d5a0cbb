"""Bills over HTTP, as the role of the application: settings, a run, what is done with bills."""

from datetime import timedelta
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from fleet.local_days import local_day
from kit import clock
from tests.api.served import Served, code_of, post
from tests.api.test_lease_routes import (
    customer_no,
    hand_out,
    manager,
    owner,
    sales,
    signed,
    vin,
)

V1: Final = "/api/v1"
SETTINGS: Final = f"{V1}/billing-settings"
BILLS: Final = f"{V1}/bills"
SELLER: Final = {"name": "华东新能源租赁有限公司"}
__all__ = ["customer_no", "manager", "owner", "sales", "vin"]


@pytest.fixture
def billing(api: Served, owner: TestClient) -> TestClient:
    """The owner of alpha, which bills; alpha-depot bills like it."""
    found = owner.get(SETTINGS)
    if found.status_code == 404:
        assert set_up(owner).status_code == 200
    return owner


@pytest.fixture
def lease_no(api: Served, sales: TestClient, customer_no: str, vin: str) -> str:
    """That of a lease which has the vehicle since this moment."""
    number = signed(api, sales, customer_no)
    hand_out(api, number, vin)
    return number


def set_up(client: TestClient, etag: str = '"0"', **given: Any) -> Any:
    from_on = (local_day(clock.now()) - timedelta(days=40)).isoformat()
    wanted = {"bills_from_on": from_on, "seller": SELLER} | given
    return client.put(SETTINGS, json=wanted, headers={"If-Match": etag})


def bill_now(api: Served, client: TestClient, lease_no: str) -> list[dict[str, Any]]:
    made = client.post(
        f"{V1}/leases/{lease_no}/bills", headers={"Idempotency-Key": api.unused("bill-")}
    )
    assert made.status_code == 201, made.text
    told: list[dict[str, Any]] = made.json()
    return told


def act(api: Served, client: TestClient, bill: str, name: str, **body: Any) -> Any:
    return post(client, f"{BILLS}/{bill}/{name}", body or None, api.unused(f"{name}-"))


def test_settings_are_those_of_the_nearest_above(api: Served, billing: TestClient) -> None:
    own = billing.get(SETTINGS)
    version = own.headers["etag"]
    assert own.json()["seller"]["name"] == "华东新能源租赁有限公司"
    assert (own.json()["draft_days"], own.json()["issue_days"]) == (10, 7)
    below = billing.get(SETTINGS, params={"organisation": "alpha-south"})
    assert (below.json()["of_organisation"], below.headers["etag"]) == ("alpha", '"0"')
    changed = set_up(billing, version, draft_days=12)
    assert (changed.status_code, changed.json()["draft_days"]) == (200, 12)
    assert code_of(set_up(billing, version)) == "version_changed"
    late = set_up(billing, changed.headers["etag"], draft_days=3, issue_days=7)
    assert (late.status_code, code_of(late)) == (422, "drafted_after_issued")
    assert billing.put(SETTINGS, json={"seller": SELLER}).status_code == 422


def test_a_lease_is_billed_now_and_its_bill_told_frozen(
    api: Served, billing: TestClient, lease_no: str, customer_no: str
) -> None:
    [*_, rent] = [each for each in bill_now(api, billing, lease_no) if each["kind"] == "rent"]
    assert (rent["state"], rent["lease_no"], rent["customer_no"]) == (
        *("issued", lease_no),
        customer_no,
    )
    one = billing.get(f"{BILLS}/{rent['bill_no']}").json()
    assert one["total_fen"] == sum(each["amount_fen"] for each in one["lines"])
    assert {each["line_class"] for each in one["lines"]} == {"principal"}
    assert len(one["snapshot_sha256"]) == 64
    assert bill_now(api, billing, lease_no) == []
    listed = billing.get(BILLS, params={"lease": lease_no, "kind": "rent"}).json()["items"]
    assert [each["bill_no"] for each in listed] == [rent["bill_no"]]
    assert billing.get(BILLS, params={"lease": lease_no, "open": False}).json()["items"] == []
    sheet = billing.get(f"{BILLS}/export", params={"lease": lease_no, "form": "csv"})
    assert rent["bill_no"] in sheet.text


def test_lines_are_credited_and_the_note_is_told(
    api: Served, billing: TestClient, lease_no: str
) -> None:
    rent = bill_now(api, billing, lease_no)[0]["bill_no"]
    body: dict[str, Any] = {"lines": [{"no": 1, "amount_fen": 10_000}], "reason": "停运"}
    made = act(api, billing, rent, "credit", **body)
    assert made.status_code == 201, made.text
    note = made.json()
    assert made.headers["location"] == f"{V1}/credit-notes/{note['credit_no']}"
    assert (note["bill_no"], note["total_fen"], note["reason"]) == (rent, 10_000, "停运")
    one = billing.get(f"{V1}/credit-notes/{note['credit_no']}").json()
    assert [(each["bill_line_no"], each["amount_fen"]) for each in one["lines"]] == [(1, 10_000)]
    listed = billing.get(f"{V1}/credit-notes", params={"bill": rent}).json()["items"]
    assert [each["credit_no"] for each in listed] == [note["credit_no"]]
    assert billing.get(f"{BILLS}/{rent}").json()["credit_notes"] == [note["credit_no"]]
    more = act(api, billing, rent, "credit", lines=[{"no": 1, "amount_fen": 10**9}], reason="错")
    assert (more.status_code, code_of(more)) == (409, "credit_exceeds_line")


def test_deliveries(api: Served, billing: TestClient, lease_no: str) -> None:
    rent = bill_now(api, billing, lease_no)[0]["bill_no"]
    made = act(api, billing, rent, "deliveries", channel="wechat", proof="wx-1")
    assert made.status_code == 201, made.text
    [told] = billing.get(f"{BILLS}/{rent}/deliveries").json()
    assert (told["channel"], told["proof"]) == ("wechat", "wx-1")


def test_a_run_is_asked_for_and_does_nothing_twice(
    api: Served, billing: TestClient, lease_no: str
) -> None:
    first = billing.post(f"{V1}/billing-runs")
    assert first.status_code == 200, first.text
    assert first.json()["leases"] >= 1
    again = billing.post(f"{V1}/billing-runs").json()
    assert (again["leases"], again["issued"], again["faulty"]) == (0, 0, [])
    assert billing.get(f"{V1}/billing-faults").json() == {"items": [], "next": None}


def test_what_will_be_billed(api: Served, billing: TestClient, lease_no: str) -> None:
    until_on = (local_day(clock.now()) + timedelta(days=200)).isoformat()
    path = f"{V1}/leases/{lease_no}/billing-plan"
    plan = billing.get(path, params={"until_on": until_on}).json()
    rents = [each for each in plan["bills"] if each["kind"] == "rent"]
    assert len(rents) in (6, 7, 8)
    assert [each["due_on"] for each in rents] == sorted(each["due_on"] for each in rents)
    assert billing.get(BILLS, params={"lease": lease_no}).json()["items"] == []


def test_what_was_owed_before(
    api: Served, billing: TestClient, lease_no: str, customer_no: str
) -> None:
    body = {
        "customer_no": customer_no,
        "lease_no": lease_no,
        "amount_fen": 123_400,
        "due_on": "2020-01-01",
    }
    made = post(billing, f"{V1}/opening-balances", body, api.unused("open-"))
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["kind"], told["open_fen"]) == ("opening", 123_400)
    overdue = billing.get(BILLS, params={"customer": customer_no, "overdue": True}).json()
    assert [each["bill_no"] for each in overdue["items"]] == [told["bill_no"]]
    late = post(
        billing, f"{V1}/opening-balances", body | {"due_on": "2199-01-01"}, api.unused("open-")
    )
    assert (late.status_code, code_of(late)) == (422, "opening_too_late")


def test_bills_are_walked_page_by_page(api: Served, billing: TestClient, customer_no: str) -> None:
    for day in (1, 2, 2, 3):
        body = {"customer_no": customer_no, "amount_fen": day, "due_on": f"2020-01-0{day}"}
        assert post(billing, f"{V1}/opening-balances", body, api.unused("w-")).status_code == 201
    seen, after = [], None
    while True:
        asked = {"customer": customer_no, "limit": 1} | ({"after": after} if after else {})
        page = billing.get(BILLS, params=asked).json()
        seen += [each["due_on"] for each in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == ["2020-01-03", "2020-01-02", "2020-01-02", "2020-01-01"]
    odd = billing.get(BILLS, params={"after": "WzEsMl0"})
    assert (odd.status_code, code_of(odd)) == (422, "cursor_invalid")


def test_who_may_not(api: Served, billing: TestClient, sales: TestClient, lease_no: str) -> None:
    assert sales.get(BILLS).status_code == 200
    refused = sales.post(f"{V1}/billing-runs")
    assert (refused.status_code, code_of(refused)) == (403, "permission_missing")
    unknown = billing.get(f"{BILLS}/B2026-1-999999")
    assert (unknown.status_code, code_of(unknown)) == (404, "bill_not_found")
