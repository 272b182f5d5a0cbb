"""Walking through a list by `next` shows everything once, and a made-up cursor is told so."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from api.errors import ApiError
from api.pages import cursor_of, key_of, place_of, split_page
from tests.api.served import NEXT_YEAR, Served, code_of, post
from tests.api.world import VINS

INT64: Final = st.integers(-(2**63) + 1, 2**63 - 1)
INSTANTS: Final = st.datetimes(timezones=st.just(UTC))
TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
PLACES: Final = st.lists(
    st.one_of(
        st.tuples(st.just(int), INT64),
        st.tuples(st.just(str), TEXTS),
        st.tuples(st.just(datetime), INSTANTS),
        st.tuples(st.just(float), st.floats(-1e18, 1e18)),
        st.tuples(st.just(str), st.none()),
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def api(api: Served) -> Served:
    """An application with more of everything than fits a page of three."""
    owner = api.person("alpha.owner", step_up=True)
    for number in range(8):
        new = f"page-{number}"
        for path, body in [
            ("organisations", {"code": new, "name": "同名", "parent": "alpha"}),
            ("devices", {"serial": new, "owner": "alpha"}),
            (
                "api-keys",
                {
                    "name": "同名",
                    "organisation": "alpha",
                    "scopes": ["vehicle.read"],
                    "expires_at": NEXT_YEAR,
                },
            ),
        ]:
            assert post(owner, f"/api/v1/{path}", body, f"{path}-{new}").status_code == 201
    # Several entries of one instant, in two chains.
    api.as_owner(
        "INSERT INTO audit_entries (organisation_id, at, actor_kind, actor_name, action,"
        " object_kind, object_key) SELECT o.id, '2026-11-01T00:00Z', 'system', 'test', 'test.tie',"
        " 'test', n::text FROM organisations o, generate_series(1, 5) n"
        " WHERE o.code IN ('alpha', 'alpha-south')"
    )
    return api


LISTS: Final = {
    "/api/v1/api-keys": "key_id",
    "/api/v1/audit": "no",
    "/api/v1/devices": "serial",
    "/api/v1/organisations": "code",
    "/api/v1/refusals": "id",
    "/api/v1/users": "login",
    "/api/v1/vehicles": "vin",
}
every_list = pytest.mark.parametrize("path", LISTS)
WALKED_ELSEWHERE: Final = {
    "/api/v1/available": "fleet/stock/test_stock.py",
    "/api/v1/bank-statements": "api/test_bank_statement_routes.py",
    "/api/v1/deposits": "api/test_deposit_routes.py",
    "/api/v1/unclaimed-payments": "api/test_bank_statement_routes.py",
    "/api/v1/calendar-feeds": "api/test_calendar_routes.py",
    "/api/v1/billing-faults": "fleet/billing/test_run.py",
    "/api/v1/bills": "api/test_bill_routes.py",
    "/api/v1/charges": "fleet/charges/test_charges.py",
    "/api/v1/checklists": "fleet/checklists/test_checklists.py",
    "/api/v1/contract-templates": "fleet/contracts/test_templates.py",
    "/api/v1/contracts": "api/test_contract_routes.py",
    "/api/v1/credit-notes": "fleet/billing/test_credit.py",
    "/api/v1/customers": "api/test_customer_routes.py",
    "/api/v1/customers/duplicates": "api/test_customer_routes.py",
    "/api/v1/hand-overs": "api/test_hand_over_routes.py",
    "/api/v1/hand-overs/{key}/documents": "api/test_hand_over_routes.py",
    "/api/v1/idle": "fleet/stock/test_stock.py",
    "/api/v1/idle-care": "fleet/maintenance/test_idle_list.py",
    "/api/v1/imports": "api/test_imports.py",
    "/api/v1/imports/{key}/rows": "api/test_imports.py",
    "/api/v1/inspections": "fleet/compliance/test_records_licences_and_inspections.py",
    "/api/v1/models": "fleet/test_models.py",
    "/api/v1/obligations": "fleet/calendar/test_due_items.py",
    "/api/v1/permits": "fleet/compliance/test_permits.py",
    "/api/v1/policies": "fleet/compliance/test_records_policies.py",
    "/api/v1/pool": "fleet/test_lives.py",
    "/api/v1/vehicles/{vin}/costs": "fleet/assets/test_vehicle_page.py",
    "/api/v1/vehicles/{vin}/documents": "fleet/test_documents.py",
    "/api/v1/vehicles/{vin}/odometer": "fleet/test_lives.py",
    "/api/v1/available-vehicles": "fleet/leasing/test_availability.py",
    "/api/v1/leases/about-to-end": "fleet/leasing/test_over_term.py",
    "/api/v1/leases/after-expiry": "fleet/leasing/test_over_term.py",
    "/api/v1/leases": "api/test_lease_routes.py",
    "/api/v1/leases/{lease_no}/events": "api/test_lease_routes.py",
    "/api/v1/rent-prices": "api/test_lease_routes.py",
    "/api/v1/vehicles/{vin}/leases": "api/test_lease_routes.py",
    "/api/v1/kpis/ageing/customers": "fleet/kpis/test_money.py",
    "/api/v1/kpis/credits/customers": "fleet/kpis/test_money.py",
    "/api/v1/kpis/profit/vehicles": "api/test_kpi_routes.py",
    "/api/v1/kpis/idle/vehicles": "api/test_kpi_routes.py",
    "/api/v1/share-agreements": "api/test_share_routes.py",
    "/api/v1/share-settlements": "fleet/shares/test_shares.py",
    "/api/v1/credits": "api/test_payment_routes.py",
    "/api/v1/payments": "api/test_payment_routes.py",
    "/api/v1/refunds": "api/test_payment_routes.py",
    "/api/v1/write-offs": "api/test_payment_routes.py",
    "/api/v1/quotes": "fleet/quotes/test_quotes.py",
    "/api/v1/violation-counts": "fleet/violations/test_violations.py",
    "/api/v1/violations": "fleet/violations/test_violations.py",
    "/api/v1/work-orders": "fleet/service/test_work_orders.py",
    "/api/v1/packages": "api/test_package_routes.py",
    "/api/v1/package-sales": "api/test_package_routes.py",
    "/api/v1/leases/{lease_no}/packages": "api/test_package_routes.py",
    "/api/v1/dunning-notices": "api/test_dunning_routes.py",
    "/api/v1/alerts": "api/test_alert_routes.py",
    "/api/v1/alert-silences": "api/test_alert_routes.py",
    "/api/v1/alert-refusals": "api/test_alert_refusal_routes.py",
    "/api/v1/invoice-requests": "api/test_ledger_routes.py",
    "/api/v1/ledger/closings": "api/test_ledger_routes.py",
    "/api/v1/ledger/entries": "api/test_ledger_routes.py",
    "/api/v1/ledger/journal": "api/test_ledger_routes.py",
    "/api/v1/taxpayers": "api/test_ledger_routes.py",
    "/api/v1/notification-channels": "api/test_notification_routes.py",
    "/api/v1/notification-subscriptions": "api/test_notification_routes.py",
    "/api/v1/notifications": "api/test_notification_routes.py",
    "/api/v1/alert-rules/{code}/versions": "api/test_alert_rule_routes.py",
    "/api/v1/geofences": "api/test_geofence_routes.py",
    "/api/v1/vehicle-groups": "api/test_vehicle_group_routes.py",
    "/api/v1/vehicle-groups/{code}/vehicles": "api/test_vehicle_group_routes.py",
}
"""Lists whose items take more to make, and the tests that walk through them."""


def walk(client: TestClient, path: str, limit: int) -> list[dict[str, Any]]:
    """All pages of a list, one after the other; no page is longer than it may be, or empty."""
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = client.get(path, params={"limit": str(limit), **after}).json()
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next"] is None:
            return found
        assert len(page["items"]) == limit
        after = {"after": page["next"]}


def test_every_list_with_pages_is_walked_here(api: Served) -> None:
    documented = {
        path
        for path, operations in api.app.openapi()["paths"].items()
        if "after" in {each["name"] for each in operations.get("get", {}).get("parameters", [])}
    }
    assert documented == {*LISTS, *WALKED_ELSEWHERE}
    tests = Path(__file__).parent.parent
    for walked_in in WALKED_ELSEWHERE.values():
        assert "after=" in (text := (tests / walked_in).read_text("utf-8")) or "next" in text


@pytest.mark.parametrize("path", WALKED_ELSEWHERE)
def test_a_list_walked_elsewhere_takes_no_odd_limit_and_no_made_up_cursor(
    api: Served, path: str
) -> None:
    reader = api.person("alpha.owner")
    there = path.replace("{vin}", VINS["alpha-depot"]).replace("{key}", str(UUID(int=0)))
    for limit in ("0", "201", "x"):
        answer = reader.get(there, params={"limit": limit})
        assert (answer.status_code, code_of(answer)) == (422, "invalid")
    for kind, cursor in MADE_UP.items():
        if kind == "a number":
            continue  # which is a place in some of them
        answer = reader.get(there, params={"after": cursor})
        assert answer.status_code == 422, (kind, answer.text)
        assert code_of(answer) in {"cursor_invalid", "invalid"}


@every_list
def test_the_pages_together_are_the_whole_list(api: Served, path: str) -> None:
    reader = api.person("alpha.owner")
    if path == "/api/v1/audit":
        path = "/api/v1/audit?until_at=2026-11-01T00:00:01Z"  # reading is written down, too
    whole = reader.get(path, params={"limit": "200"}).json()
    assert whole["next"] is None
    for limit in (1, 2, 3, 7, len(whole["items"]) or 1):
        assert walk(reader, path, limit) == whole["items"]
    if path not in ("/api/v1/refusals", "/api/v1/vehicles"):
        assert len(whole["items"]) >= 8


@every_list
@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "", "1.5", "9" * 30])
def test_a_page_has_one_to_two_hundred(api: Served, path: str, limit: str) -> None:
    answer = api.person("alpha.owner").get(path, params={"limit": limit})
    assert (answer.status_code, code_of(answer)) == (422, "invalid")
    assert answer.json()["errors"][0]["field"] == "query.limit"


@every_list
def test_a_page_has_fifty_unless_told(api: Served, path: str) -> None:
    document = api.app.openapi()["paths"][path]["get"]["parameters"]
    [schema] = [each["schema"] for each in document if each["name"] == "limit"]
    assert (schema["minimum"], schema["maximum"], schema["default"]) == (1, 200, 50)


def packed(*parts: Any) -> str:
    """A cursor somebody made up."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


MADE_UP: Final = {
    "no base64": "é",
    "no JSON": base64.urlsafe_b64encode(b"hello").decode(),
    "not UTF-8": base64.urlsafe_b64encode(b'["\xff"]').decode(),
    "no list": base64.urlsafe_b64encode(b"{}").decode(),
    "nothing": "",
    "an empty list": packed(),
    "a null": packed(None),
    "nulls": packed(None, None, None),
    "a number": packed(1),
    "a truth": packed(True),
    "a list in it": packed(["a"]),
    "a NUL": packed("a\0b"),
    "a lone surrogate": packed("a\ud800"),
    "too many": packed(*"abcdefgh"),
    "a time without zone": packed("2026-11-01T00:00:00", "alpha", 1),
    "a huge number": packed("2026-11-01T00:00:00Z", "alpha", 2**63),
    "a half number": packed("2026-11-01T00:00:00Z", "alpha", 1.5),
    "deep": base64.urlsafe_b64encode(b"[" * 600).decode(),
    "a long one": "A" * 1_001,
}


@every_list
@pytest.mark.parametrize("kind", MADE_UP)
def test_a_made_up_cursor_is_told_so(api: Served, path: str, kind: str) -> None:
    answer = api.person("alpha.owner").get(path, params={"after": MADE_UP[kind]})
    assert answer.status_code == 422, answer.text
    assert code_of(answer) in {"cursor_invalid", "invalid"}
    assert answer.json()["errors"][0]["field"] in {"after", "query.after"}


def test_a_cursor_of_another_list_is_told_so(api: Served) -> None:
    owner = api.person("alpha.owner")
    of_audit = owner.get("/api/v1/audit?limit=1").json()["next"]
    of_users = owner.get("/api/v1/users?limit=1").json()["next"]
    for path, cursor in [("/api/v1/users", of_audit), ("/api/v1/audit", of_users)]:
        assert code_of(owner.get(path, params={"after": cursor})) == "cursor_invalid"


def test_a_cursor_shows_nothing_that_is_out_of_sight(api: Served) -> None:
    """It names a place, not a right."""
    of_alpha = api.person("alpha.owner").get("/api/v1/users?limit=1").json()["next"]
    seen = api.person("omega.owner").get("/api/v1/users", params={"after": of_alpha}).json()
    assert {item["organisation"] for item in seen["items"]} == {"omega", "omega-depot"}


@given(parts=PLACES)
def test_a_place_comes_back_out_of_its_cursor(parts: list[tuple[type, Any]]) -> None:
    place = [part for _, part in parts]
    assert place_of(cursor_of(*place), *(kind for kind, _ in parts)) == place


@settings(max_examples=300)
@given(cursor=st.one_of(st.text(), st.binary().map(lambda b: base64.urlsafe_b64encode(b).decode())))
def test_any_other_text_is_no_cursor(cursor: str) -> None:
    try:
        [key] = place_of(cursor, str) or [None]
    except ApiError as refused:
        assert (refused.status, refused.code, refused.field) == (422, "cursor_invalid", "after")
    else:
        assert key is None or key.encode().decode() == key


def test_a_key_is_a_text() -> None:
    assert (key_of(None), key_of(cursor_of("alpha"))) == (None, "alpha")
    with pytest.raises(ApiError):
        key_of(cursor_of(None))


def test_an_instant_keeps_its_microseconds_and_zone() -> None:
    instant = datetime(2026, 11, 1, 8, 0, 0, 123_456, UTC) + timedelta(microseconds=1)
    assert place_of(cursor_of(instant), datetime) == [instant]


@pytest.mark.parametrize(
    ("rows", "limit", "page", "last"),
    [
        ([], 2, [], None),
        ([1, 2], 2, [1, 2], None),
        ([1, 2, 3], 2, [1, 2], 2),
    ],
)
def test_a_page_ends_where_the_next_begins(
    rows: list[int], limit: int, page: list[int], last: int | None
) -> None:
    assert split_page(rows, limit) == (page, last)
