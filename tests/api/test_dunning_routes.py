"""Dunning over HTTP, as the role of the application: made, sent, arrived, withdrawn."""

from datetime import date, timedelta
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from fleet.dunning.rest_days import last_day_of
from fleet.leasing.service import get_lease
from fleet.money_figures import RestDays
from kit import clock, db
from schemas.access import SYSTEM
from tests.api.served import Served, code_of, post
from tests.api.test_lease_routes import TODAY, customer_no, owner, sales, signed
from tests.fixtures.sample_files import JPEG
from tests.fleet.dunning.conftest import issued

NOTICES: Final = "/api/v1/dunning-notices"
RUNS: Final = "/api/v1/dunning-runs"
__all__ = ["customer_no", "owner", "sales"]


@pytest.fixture
def finance(api: Served) -> TestClient:
    """Who makes demands, at the depot."""
    return api.person("alpha-depot.finance")


def billed(api: Served, lease_no: str, *, days: int = 8) -> str:
    """The number of a bill of the lease that is due for so many days."""
    with db.connect(api.owner_url) as conn:
        lease = get_lease(conn, SYSTEM, lease_no=lease_no)
        number = int(api.unused("7").removeprefix("7"))
        bill_no = f"B2097-{lease.organisation_id}-{number:06d}"
        due_on: date = TODAY - timedelta(days=days)
        return issued(conn, lease, number, due_on=due_on, bill_no=bill_no)


@pytest.fixture
def bill_no(api: Served, sales: TestClient, customer_no: str) -> str:
    """Of a bill that is overdue for a demand."""
    return billed(api, signed(api, sales, customer_no))


def notices(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(NOTICES, params=asked).json()["items"]
    return found


def test_made_sent_arrived_and_never_taken_back(
    api: Served, finance: TestClient, bill_no: str
) -> None:
    run = finance.post(RUNS, json={})
    assert run.status_code == 200, run.text
    assert run.json()["made"]["demand"] >= 1
    again = finance.post(RUNS, json={}).json()
    assert (again["made"], again["withdrawn"]) == ({}, 0)
    [made] = notices(finance, bill=bill_no)
    assert (made["stage"], made["kind"], made["title"]) == ("demand_7", "demand", "催告函")
    url = f"{NOTICES}/{made['notice_no']}"
    told = finance.get(url)
    assert told.headers["etag"] == '"1"'
    assert f"账单{bill_no}" in told.json()["text"]
    assert told.json()["facts"]["warnings"][0]["code"] == "late_fee_high"
    now = clock.now().isoformat()
    body = {"channel": "post", "result": "arrived", "sent_at": now, "arrived_at": now}
    bare = post(finance, f"{url}/deliveries", body, api.unused("delivery-"))
    assert (bare.status_code, code_of(bare)) == (422, "delivery_proof_missing")
    kept = finance.post(
        f"{url}/documents",
        params={"name": "签收单.jpg"},
        content=JPEG,
        headers={"Idempotency-Key": api.unused("proof-")},
    )
    assert (kept.status_code, kept.json()["subject_kind"]) == (201, "notice")
    body["document"] = kept.json()["key"]
    arrived = post(finance, f"{url}/deliveries", body, api.unused("delivery-"))
    assert arrived.status_code == 201, arrived.text
    after = arrived.json()
    listed = finance.get("/api/v1/parameters").json()
    [rest] = [each["content"] for each in listed if each["name"] == RestDays.name]
    known = RestDays.model_validate(rest)
    deadline_on = last_day_of(TODAY + timedelta(days=7), lambda _on: known)
    assert (after["state"], after["deadline_on"]) == ("arrived", str(deadline_on))
    assert after["limitation_on"] > str(TODAY + timedelta(days=3 * 365 - 2))
    assert [each["document"] for each in after["deliveries"]] == [kept.json()["key"]]
    late = finance.post(f"{url}/withdraw", json={"note": "误"}, headers={"If-Match": '"2"'})
    assert (late.status_code, code_of(late)) == (409, "notice_over")


def test_by_hand_and_withdrawn(api: Served, finance: TestClient, bill_no: str) -> None:
    url = f"/api/v1/bills/{bill_no}/notices"
    made = post(finance, url, {"stage": "overdue_1"}, api.unused("notice-"))
    assert made.status_code == 201, made.text
    notice_no = made.json()["notice_no"]
    assert made.headers["location"] == f"{NOTICES}/{notice_no}"
    twice = post(finance, url, {"stage": "overdue_1"}, api.unused("notice-"))
    assert (twice.status_code, code_of(twice)) == (409, "notice_exists")
    lacks = post(finance, url, {"stage": "suit_60"}, api.unused("notice-"))
    assert (lacks.status_code, code_of(lacks)) == (409, "notice_lacks")
    unknown = post(finance, url, {"stage": "none"}, api.unused("notice-"))
    assert (unknown.status_code, code_of(unknown)) == (422, "notice_stage_unknown")
    withdrawn = finance.post(
        f"{NOTICES}/{notice_no}/withdraw", json={"note": "已协商"}, headers={"If-Match": '"1"'}
    )
    assert (withdrawn.json()["state"], withdrawn.json()["state_note"]) == ("withdrawn", "已协商")


def test_who_made_it_is_told_to_those_who_see_them(
    api: Served, owner: TestClient, finance: TestClient, bill_no: str
) -> None:
    url = f"/api/v1/bills/{bill_no}/notices"
    by_head = post(owner, url, {"stage": "overdue_1"}, api.unused("notice-"))
    by_depot = post(finance, url, {"stage": "demand_7"}, api.unused("notice-"))
    assert (by_head.status_code, by_depot.status_code) == (201, 201), by_depot.text
    shown = [
        {each["stage"]: each["made_by"] for each in notices(client, bill=bill_no)}
        for client in (owner, finance)
    ]
    head, depot = "alpha.owner", "alpha-depot.finance"
    assert shown == [
        {"overdue_1": head, "demand_7": depot},
        {"overdue_1": None, "demand_7": depot},
    ]


def test_lists_and_tables(
    api: Served, finance: TestClient, sales: TestClient, customer_no: str
) -> None:
    lease_no = signed(api, sales, customer_no)
    bills = [billed(api, lease_no) for _ in range(3)]
    for bill in bills:
        url = f"/api/v1/bills/{bill}/notices"
        assert post(finance, url, {"stage": "due"}, api.unused("n-")).status_code == 201
    asked = {"lease": lease_no, "limit": "2"}
    page = finance.get(NOTICES, params=asked).json()
    rest = finance.get(NOTICES, params=asked | {"after": page["next"]}).json()
    told = [each["bill_no"] for each in page["items"] + rest["items"]]
    assert (told, rest["next"]) == (bills[::-1], None)
    table = finance.get(f"{NOTICES}/export", params={"lease": lease_no, "form": "csv"})
    assert bills[0] in table.content.decode("utf-8-sig")


def test_others_and_roles(api: Served, finance: TestClient, bill_no: str) -> None:
    stranger, viewer = api.person("omega.owner"), api.person("alpha-depot.viewer")
    url = f"/api/v1/bills/{bill_no}/notices"
    refused = post(stranger, url, {"stage": "demand_7"}, api.unused("notice-"))
    assert (refused.status_code, code_of(refused)) == (404, "notice_bill_not_found")
    assert notices(stranger, bill=bill_no) == []
    assert code_of(viewer.get(NOTICES)) == "permission_missing"
    sales = api.person("alpha-depot.sales")
    assert sales.get(NOTICES).status_code == 200
    assert code_of(sales.post(RUNS, json={})) == "permission_missing"
    outside = finance.post(RUNS, json={"organisation": "alpha-north"})
    assert (outside.status_code, code_of(outside)) == (404, "organisation_not_found")
