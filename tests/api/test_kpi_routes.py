"""The figures over HTTP, as the role of the application: definitions, spans, pages, who sees what.

What the amounts come to is tested in `tests/fleet/kpis`.
"""

from datetime import timedelta
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from kit import clock
from tests.api.served import Served, code_of
from tests.api.test_lease_routes import (
    customer_no,
    hand_out,
    manager,
    owner,
    sales,
    signed,
    vin,
)
from tests.api.world import VINS

KPIS: Final = "/api/v1/kpis"
OF_SPANS: Final = ("utilisation", "collection", "profit", "revenue")
OF_DAYS: Final = ("ageing", "deposits", "credits", "idle")
__all__ = ["customer_no", "manager", "owner", "sales", "vin"]


@pytest.fixture
def finance(api: Served) -> TestClient:
    """Somebody of the head who looks at figures."""
    return api.person("alpha.finance")


@pytest.mark.parametrize("name", [*OF_SPANS, *OF_DAYS])
def test_every_figure_tells_its_definition(finance: TestClient, name: str) -> None:
    answer = finance.get(f"{KPIS}/{name}")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    definition = told["definition"]
    assert definition["code"] == name
    assert all(definition[each] for each in ("name", "chinese_name", "meaning", "chinese"))
    assert len(definition["computed_from"]) >= 1
    assert (told["organisation"], told["time_zone"]) == ("alpha", "Asia/Shanghai")


def test_the_fleet_of_an_organisation_and_what_is_leased(
    api: Served, finance: TestClient, sales: TestClient, customer_no: str, vin: str
) -> None:
    def days_of_today(client: TestClient, **given: str) -> tuple[int, int, str]:
        today = finance.get(f"{KPIS}/idle").json()["on"]
        tomorrow = finance.get(f"{KPIS}/utilisation").json()["until_on"]
        params = {"from_on": today, "until_on": tomorrow, **given}
        total = client.get(f"{KPIS}/utilisation", params=params).json()["total"]
        return total["fleet_days"], total["leased_days"], total["utilisation_pct"]

    def idle_vins(client: TestClient) -> list[str]:
        items = client.get(f"{KPIS}/idle/vehicles", params={"limit": 200}).json()["items"]
        return [each["vin"] for each in items]

    fleet, leased, _ = days_of_today(finance)
    assert vin in idle_vins(finance)
    hand_out(api, signed(api, sales, customer_no), vin)
    assert days_of_today(finance)[:2] == (fleet, leased + 1)
    assert vin not in idle_vins(finance)
    north = api.person("alpha-north.finance")
    assert days_of_today(north) == (1, 0, "0.00")
    assert days_of_today(finance, organisation="alpha-north") == (1, 0, "0.00")
    assert idle_vins(north) == [VINS["alpha-north"]]


@pytest.mark.parametrize(
    ("name", "params", "code"),
    [
        (
            "revenue",
            {"month": "2026-03", "from_on": "2026-03-01", "until_on": "2026-04-01"},
            "span",
        ),
        ("revenue", {"from_on": "2026-03-01"}, "kpi_span_unclear"),
        ("revenue", {"from_on": "2026-03-02", "until_on": "2026-03-02"}, "kpi_span_empty"),
        ("revenue", {"from_on": "1950-03-02", "until_on": "2026-03-02"}, "kpi_span_too_long"),
        ("utilisation", {"month": "2199-01"}, "kpi_day_ahead"),
        ("ageing", {"on": "2199-01-01"}, "kpi_day_ahead"),
        ("profit", {"month": "2026-3"}, "invalid"),
        ("idle", {"on": "yesterday"}, "invalid"),
    ],
)
def test_days_that_are_none(
    finance: TestClient, name: str, params: dict[str, str], code: str
) -> None:
    answer = finance.get(f"{KPIS}/{name}", params=params)
    code = {"span": "kpi_span_unclear"}.get(code, code)
    assert (answer.status_code, code_of(answer)) == (422, code)


def test_an_organisation_out_of_sight_is_not_found(api: Served) -> None:
    south = api.person("alpha-south.finance")
    for name in (*OF_SPANS, *OF_DAYS):
        answer = south.get(f"{KPIS}/{name}", params={"organisation": "alpha-north"})
        assert (answer.status_code, code_of(answer)) == (404, "organisation_not_found"), name
        answer = api.person("alpha.sales").get(f"{KPIS}/{name}")
        assert (answer.status_code, code_of(answer)) == (403, "permission_missing"), name


def test_known_at_is_told_and_asked_in_any_zone(finance: TestClient) -> None:
    known_at = (clock.now() - timedelta(hours=1)).replace(microsecond=0)
    told = finance.get(f"{KPIS}/ageing", params={"known_at": known_at.isoformat()}).json()
    assert told["known_at"] == known_at.isoformat().replace("+00:00", "Z")
    assert [bucket["days"] for bucket in told["total"]["buckets"]][:2] == ["not_due", "1-30"]


def walk(client: TestClient, path: str, **params: Any) -> list[dict[str, Any]]:
    """All pages of a list, one item a page."""
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = client.get(path, params={"limit": 1, **params, **after}).json()
        found += page["items"]
        if page["next"] is None:
            return found
        after = {"after": page["next"]}


@pytest.mark.parametrize("path", ["profit/vehicles", "idle/vehicles"])
def test_lists_of_vehicles_walked_page_by_page(finance: TestClient, path: str) -> None:
    whole = finance.get(f"{KPIS}/{path}", params={"limit": 200}).json()["items"]
    vins = [each["vin"] for each in whole]
    assert walk(finance, f"{KPIS}/{path}") == whole
    assert vins == sorted(vins)
    assert VINS["alpha-north"] in vins
    table = finance.get(f"{KPIS}/{path}/export", params={"form": "csv"}).text.splitlines()
    assert len(table) == len(whole) + 1


def test_what_is_not_known_of_a_vehicle_is_null(finance: TestClient) -> None:
    rows = walk(finance, f"{KPIS}/profit/vehicles", organisation="alpha-north")
    [row] = [each for each in rows if each["vin"] == VINS["alpha-north"]]
    assert (row["depreciation_fen"], row["repair_fen"]) == (None, 0)
    assert row["not_known"] == ["depreciation", "insurance", "inspection", "energy", "finance"]


@pytest.mark.parametrize("path", ["ageing/customers", "credits/customers"])
def test_lists_of_customers(api: Served, finance: TestClient, path: str) -> None:
    rows = api.as_owner(
        "SELECT count(*) FROM ledger_postings WHERE account IN ('receivable', 'customer_credit')"
    )
    assert rows == [(0,)]
    assert walk(finance, f"{KPIS}/{path}") == []
