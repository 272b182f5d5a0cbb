"""Violations over HTTP, as the role of the application: whose each is, and what becomes of it."""

from datetime import timedelta
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

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

VIOLATIONS: Final = "/api/v1/violations"
COUNTS: Final = "/api/v1/violation-counts"
__all__ = ["customer_no", "manager", "owner", "sales", "vin"]


@pytest.fixture
def lease_no(api: Served, sales: TestClient, customer_no: str, vin: str) -> str:
    """That of a lease which has the vehicle since this moment."""
    number = signed(api, sales, customer_no)
    hand_out(api, number, vin)
    return number


def offence(api: Served, vin: str, **given: Any) -> dict[str, Any]:
    """A violation of this moment."""
    usual = {
        "violation_no": api.unused("V-"),
        "vin": vin,
        "occurred_at": clock.now().isoformat(),
        "description": "违反禁止标线",
        "fine_fen": 20_000,
        "points": 3,
    }
    return usual | given


def record(api: Served, client: TestClient, vin: str, **given: Any) -> dict[str, Any]:
    body = offence(api, vin, **given)
    made = post(client, VIOLATIONS, body, api.unused("violation-"))
    assert made.status_code == 201, made.text
    told: dict[str, Any] = made.json()
    assert made.headers["location"] == f"{VIOLATIONS}/{told['violation_no']}"
    return told


def act(client: TestClient, number: str, name: str, **body: Any) -> Any:
    return client.post(f"{VIOLATIONS}/{number}/{name}", json=body)


def test_matched_told_handled_and_charged(
    api: Served, sales: TestClient, lease_no: str, customer_no: str, vin: str
) -> None:
    told = record(api, sales, vin.lower())
    assert (told["lease_no"], told["line_no"]) == (lease_no, 1)
    assert (told["customer_no"], told["organisation"]) == (customer_no, "alpha-depot")
    assert (told["state"], told["overdue"], told["may_transfer"]) == ("open", False, False)
    number = told["violation_no"]
    answer = act(sales, number, "told", note="短信")
    assert (answer.json()["state"], answer.headers["etag"]) == ("told", '"2"')
    early = act(sales, number, "transferred")
    assert (early.status_code, code_of(early)) == (409, "transfer_too_early")
    done = act(sales, number, "handled", by="lessor", paid_fen=26_000).json()
    assert (done["state"], done["handled_by"], done["paid_fen"]) == ("handled", "lessor", 26_000)
    charges = sales.get("/api/v1/charges", params={"lease": lease_no}).json()["items"]
    assert [(each["kind"], each["amount_fen"]) for each in charges] == [("violation", 26_000)]
    again = act(sales, number, "dropped", note="误")
    assert (again.status_code, code_of(again)) == (409, "violation_settled")


def test_before_the_hand_over_it_is_the_organisations_own(
    api: Served, sales: TestClient, lease_no: str, vin: str
) -> None:
    before = (clock.now() - timedelta(hours=2)).isoformat()
    # The vehicle joined a moment ago: nobody operated it then, so that it is its owner's.
    refused = post(
        sales, VIOLATIONS, offence(api, vin, occurred_at=before), api.unused("violation-")
    )
    assert (refused.status_code, code_of(refused)) == (409, "violation_of_another_operator")
    told = record(api, api.person("alpha.owner"), vin, occurred_at=before)
    assert (told["organisation"], told["lease_no"]) == ("alpha", None)
    hidden = sales.get(f"{VIOLATIONS}/{told['violation_no']}")
    assert (hidden.status_code, code_of(hidden)) == (404, "violation_not_found")


def test_many_at_once_are_all_written_or_none(
    api: Served, sales: TestClient, lease_no: str, vin: str
) -> None:
    entries = [offence(api, vin) for _ in range(3)]
    body = {"violations": entries}
    made = post(sales, f"{VIOLATIONS}/list", body, api.unused("violation-")).json()
    assert (made["new"], made["changed"]) == (3, 0)
    assert {each["lease_no"] for each in made["violations"]} == {lease_no}
    entries[0]["points"] = 6
    body = {"violations": [*entries, offence(api, vin)]}
    again = post(sales, f"{VIOLATIONS}/list", body, api.unused("violation-")).json()
    assert (again["new"], again["changed"]) == (1, 1)
    fresh = offence(api, vin)
    body = {"violations": [fresh, entries[0], entries[0]]}
    refused = post(sales, f"{VIOLATIONS}/list", body, api.unused("violation-"))
    assert (refused.status_code, code_of(refused)) == (422, "violation_twice")
    assert sales.get(f"{VIOLATIONS}/{fresh['violation_no']}").status_code == 404


def test_numbers_are_a_tenants_own(api: Served, sales: TestClient, lease_no: str, vin: str) -> None:
    number = record(api, sales, vin)["violation_no"]
    stranger = api.person("omega.owner")
    body = offence(api, vin, violation_no=number)
    refused = post(stranger, VIOLATIONS, body, api.unused("violation-"))
    assert (refused.status_code, code_of(refused)) == (404, "vehicle_not_found")
    for path in ("", "/told"):
        url = f"{VIOLATIONS}/{number}{path}"
        answer = stranger.post(url, json={}) if path else stranger.get(url)
        assert (answer.status_code, code_of(answer)) == (404, "violation_not_found")
    refused = stranger.post(f"{VIOLATIONS}/rematch", json={"vins": [vin]})
    assert (refused.status_code, code_of(refused)) == (404, "vehicle_not_found")


def test_matched_anew(api: Served, sales: TestClient, customer_no: str, vin: str) -> None:
    told = record(api, sales, vin)
    assert told["lease_no"] is None
    number = signed(api, sales, customer_no)
    hand_out(api, number, vin)
    api.as_owner(
        "UPDATE lease_segments SET let_period = tstzrange(lower(let_period) - interval '1 hour',"
        " NULL) WHERE lease_id = (SELECT id FROM leases WHERE lease_no = %s)",
        number,
    )
    moved = sales.post(f"{VIOLATIONS}/rematch", json={"vins": [vin]}).json()["violations"]
    assert [(each["violation_no"], each["lease_no"]) for each in moved] == [
        (told["violation_no"], number)
    ]


def test_counts_flag_the_notice_procedure(
    api: Served, sales: TestClient, lease_no: str, vin: str
) -> None:
    for _ in range(4):
        record(api, sales, vin)
    (counted,) = sales.get(COUNTS, params={"vin": vin}).json()["items"]
    assert (counted["unsettled"], counted["notice_procedure"]) == (4, False)
    record(api, sales, vin)
    (counted,) = sales.get(COUNTS, params={"vin": vin, "at_least": "5"}).json()["items"]
    assert (counted["unsettled"], counted["points"], counted["fine_fen"]) == (5, 15, 100_000)
    assert (counted["notice_procedure"], counted["blocks_inspection"]) == (True, True)


def test_lists_and_tables(api: Served, sales: TestClient, lease_no: str, vin: str) -> None:
    numbers = [record(api, sales, vin)["violation_no"] for _ in range(3)]
    asked = {"lease": lease_no, "limit": "2"}
    page = sales.get(VIOLATIONS, params=asked).json()
    rest = sales.get(VIOLATIONS, params=asked | {"after": page["next"]}).json()
    told = [each["violation_no"] for each in page["items"] + rest["items"]]
    assert (told, rest["next"]) == (numbers[::-1], None)
    for path in (VIOLATIONS, COUNTS):
        table = sales.get(f"{path}/export", params={"vin": vin, "form": "csv"})
        assert table.status_code == 200
        assert vin in table.content.decode("utf-8-sig")


def test_roles(api: Served, sales: TestClient, lease_no: str, vin: str) -> None:
    number = record(api, sales, vin)["violation_no"]
    finance, viewer = api.person("alpha-depot.finance"), api.person("alpha-depot.viewer")
    assert finance.get(f"{VIOLATIONS}/{number}").status_code == 200
    assert code_of(act(finance, number, "told")) == "permission_missing"
    assert code_of(viewer.get(VIOLATIONS)) == "permission_missing"


def test_what_is_no_number(api: Served, sales: TestClient, vin: str) -> None:
    for number in ("", "a b", "x" * 41, "违章"):
        body = offence(api, vin, violation_no=number)
        refused = post(sales, VIOLATIONS, body, api.unused("violation-"))
        assert (refused.status_code, code_of(refused)) == (422, "invalid")
