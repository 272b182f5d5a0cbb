"""Policies, cover and transport permits, over HTTP."""

from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from tests.api.served import Served, code_of, post
from tests.api.test_registry_routes import add_vehicle
from tests.api.world import VINS

VEHICLES: Final = "/api/v1/vehicles"
POLICIES: Final = "/api/v1/policies"
PERMITS: Final = "/api/v1/permits"
TERMS: Final[dict[str, Any]] = {
    "insurer": "平安",
    "insured": "青帆",
    "use_nature": "营业货车",
    "covered_from": "2026-07-01",
    "covered_until": "2027-06-30",
    "covers": [{"cover": "third_party", "sum_fen": 200_000_000}],
}
PERMIT: Final[dict[str, Any]] = {
    "holder": "青帆",
    "valid_to_on": None,
    "reviewed_to_on": "2027-01-31",
    "technical_to_on": None,
}


@pytest.fixture
def owner(api: Served) -> TestClient:
    """Of alpha."""
    return api.person("alpha.owner", step_up=True)


@pytest.fixture
def vin(api: Served, owner: TestClient) -> str:
    """That of a new vehicle of alpha."""
    return add_vehicle(api, owner)


def insure(api: Served, client: TestClient, vin: str, **given: Any) -> Response:
    """The answer to writing a policy down."""
    body = {"kind": "commercial", "policy_no": api.unused("PD"), **TERMS} | given
    return post(client, f"{VEHICLES}/{vin}/policies", body, api.unused("k"))


def permit(api: Served, client: TestClient, vin: str, **given: Any) -> Response:
    """The answer to writing a permit down."""
    body = {"permit_no": api.unused("粤运"), "issued_on": "2026-01-05", **PERMIT} | given
    return post(client, f"{VEHICLES}/{vin}/permits", body, api.unused("k"))


def change(client: TestClient, path: str, body: Any, version: int) -> Response:
    """The answer to a change."""
    return client.put(path, json=body, headers={"If-Match": f'"{version}"'})


# Policies


def test_a_policy_is_told_with_its_place(api: Served, owner: TestClient, vin: str) -> None:
    number = api.unused("PD")
    made = insure(api, owner, vin, policy_no=f" {number.lower()} ", premium_fen=395_000)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    told = made.json()
    assert made.headers["location"] == f"{POLICIES}/{number.lower()}"
    assert told == {
        "vin": vin,
        "plate": None,
        "organisation": "alpha",
        "recorded_by": "alpha.owner",
        "recorded_at": told["recorded_at"],
        "kind": "commercial",
        "policy_no": number.lower(),
        **TERMS,
        "covered_from": "2026-06-30T16:00:00Z",
        "covered_until": "2027-06-30T16:00:00Z",
        "voided_at": None,
        "voided_because": None,
        "version": 1,
    }
    read = owner.get(made.headers["location"])
    assert (read.headers["etag"], read.json()) == ('"1"', told)
    spent = api.as_owner(
        "SELECT amount_fen, kind, incurred_on::text FROM vehicle_costs WHERE subject_key = %s",
        number.lower(),
    )
    assert spent == [(395_000, "insurance", "2026-07-01")]


def test_a_policy_may_begin_within_a_day(api: Served, owner: TestClient, vin: str) -> None:
    made = insure(api, owner, vin, covered_from="2026-07-01T09:30:00+08:00")
    assert made.json()["covered_from"] == "2026-07-01T01:30:00Z"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"policy_no": "a/b"}, (422, "policy_number_malformed", "policy_no")),
        ({"policy_no": "."}, (422, "policy_number_malformed", "policy_no")),
        ({"covered_until": "2026-06-30"}, (422, "policy_ends_before_start", "covered_until")),
        ({"covered_from": "2026-07"}, (422, "invalid", "body.covered_from")),
        ({"covered_from": "2026-07-01T09:30:00"}, (422, "invalid", "body.covered_from")),
        ({"covered_from": "1989-12-31"}, (422, "invalid", "body.covered_from")),
        ({"covered_until": "2200-01-01T00:00:00Z"}, (422, "invalid", "body.covered_until")),
        ({"covered_from": 1782000000}, (422, "invalid", "body.covered_from")),
        ({"covered_from": None}, (422, "invalid", "body.covered_from")),
        ({"kind": "other"}, (422, "invalid", "body.kind")),
        ({"covers": [{"cover": "x"}]}, (422, "invalid", "body.covers.0.sum_fen")),
        ({"covers": [{"cover": "x", "sum_fen": 1}] * 21}, (422, "invalid", "body.covers")),
        ({"insurer": " "}, (422, "invalid", "body.insurer")),
    ],
)
def test_a_policy_that_cannot_be_is_refused(
    api: Served, owner: TestClient, vin: str, given: dict[str, Any], told: tuple[int, str, str]
) -> None:
    answer = insure(api, owner, vin, **given)
    field = answer.json()["errors"][0]["field"]
    assert (answer.status_code, code_of(answer), field) == told


def test_a_number_stands_once_in_a_tenant(api: Served, owner: TestClient, vin: str) -> None:
    number = insure(api, owner, vin).json()["policy_no"]
    twice = insure(api, owner, add_vehicle(api, owner), policy_no=number)
    assert (twice.status_code, code_of(twice)) == (409, "policy_exists")
    other = api.person("omega.owner", step_up=True)
    hidden = other.get(f"{POLICIES}/{number}")
    assert (hidden.status_code, code_of(hidden)) == (404, "policy_not_found")
    theirs = insure(api, other, VINS["omega-depot"], policy_no=number)
    assert theirs.status_code == 201


def test_a_policy_is_changed_and_voided(api: Served, owner: TestClient, vin: str) -> None:
    path = insure(api, owner, vin).headers["location"]
    terms = TERMS | {"insurer": "人保", "covers": [], "insured": None}
    changed = change(owner, path, terms, 1)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["insurer"], changed.json()["covers"]) == ("人保", [])
    slower = change(owner, path, terms, 1)
    assert (slower.status_code, code_of(slower)) == (412, "version_changed")
    voided = owner.post(f"{path}/void", json={"reason": "录错车辆"})
    assert (voided.status_code, voided.json()["voided_because"]) == (200, "录错车辆")
    for late in (change(owner, path, terms, 3), owner.post(f"{path}/void", json={"reason": "x"})):
        assert (late.status_code, code_of(late)) == (409, "policy_voided")


def test_policies_are_found_and_read_on(api: Served, owner: TestClient, vin: str) -> None:
    ends = ["2027-06-30", "2027-06-29", "2027-07-31"]
    made = [insure(api, owner, vin, covered_until=end).json()["policy_no"] for end in ends]
    insure(api, owner, vin, kind="compulsory", insurer="人保")

    def numbers(**params: Any) -> list[str]:
        items: list[str] = []
        asked = {"vin": vin, "limit": 1, **params}
        while True:
            page = owner.get(POLICIES, params=asked).json()
            items += [item["policy_no"] for item in page["items"]]
            if page["next"] is None:
                return items
            asked["after"] = page["next"]

    in_order = [made[1], made[0], made[2]]
    assert numbers(kind="commercial") == in_order
    assert numbers(insurer="平") == in_order
    assert numbers(kind="commercial", ends_from_at="2027-07-01T00:00:00+08:00") == in_order[1:]
    assert numbers(kind="commercial", ends_before_at="2027-07-01T00:00:00+08:00") == in_order[:1]
    owner.post(f"{POLICIES}/{made[2]}/void", json={"reason": "x"})
    assert numbers(voided="true") == [made[2]]
    assert numbers(kind="commercial", voided="false") == in_order[:2]
    assert numbers(organisation="alpha", kind="commercial") == in_order
    assert numbers(organisation="alpha-south") == []


def test_cover_shows_gaps_and_overlaps(api: Served, owner: TestClient, vin: str) -> None:
    for begin, end in (("2025-07-01", "2026-06-30"), ("2026-07-03", "2199-07-02")):
        insure(api, owner, vin, kind="compulsory", covered_from=begin, covered_until=end)
    compulsory, commercial = owner.get(f"{VEHICLES}/{vin}/cover").json()
    assert compulsory["gaps"] == [
        {"from_at": "2026-06-30T16:00:00Z", "until_at": "2026-07-02T16:00:00Z", "hours": 48.0}
    ]
    assert (compulsory["overlaps"], compulsory["gap_weight"]) == ([], "warning")
    assert (commercial["kind"], commercial["covered"], commercial["ends_at"]) == (
        "commercial",
        False,
        None,
    )


def test_policies_are_a_table_as_well(api: Served, owner: TestClient, vin: str) -> None:
    number = insure(api, owner, vin).json()["policy_no"]
    table = owner.get(f"{POLICIES}/export", params={"vin": vin, "form": "csv"})
    header, row = table.text.lstrip("\ufeff").splitlines()
    assert "Policy no." in header
    assert f"commercial,{number}," in row


# Permits


def test_a_permit_is_written_down_changed_and_withdrawn(
    api: Served, owner: TestClient, vin: str
) -> None:
    made = permit(api, owner, vin, cost_fen=1_000)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    path = made.headers["location"]
    read = owner.get(path)
    assert (read.status_code, read.json()) == (200, made.json())
    changed = change(owner, path, PERMIT | {"reviewed_to_on": "2028-01-31"}, 1)
    assert (changed.headers["etag"], changed.json()["reviewed_to_on"]) == ('"2"', "2028-01-31")
    assert changed.json()["issued_on"] == "2026-01-05"
    slower = change(owner, path, PERMIT, 1)
    assert (slower.status_code, code_of(slower)) == (412, "version_changed")
    gone = owner.post(f"{path}/withdraw")
    assert (gone.status_code, gone.json()["version"]) == (200, 3)
    assert gone.json()["withdrawn_at"] is not None
    for late in (change(owner, path, PERMIT, 3), owner.post(f"{path}/withdraw")):
        assert (late.status_code, code_of(late)) == (409, "permit_withdrawn")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"permit_no": "a?b"}, (422, "permit_number_malformed", "permit_no")),
        ({"issued_on": "2199-01-01"}, (422, "permit_in_future", "issued_on")),
        ({"valid_to_on": "2026-01-04"}, (422, "permit_ends_before_issue", "valid_to_on")),
        ({"holder": ""}, (422, "invalid", "body.holder")),
    ],
)
def test_a_permit_that_cannot_be_is_refused(
    api: Served, owner: TestClient, vin: str, given: dict[str, Any], told: tuple[int, str, str]
) -> None:
    answer = permit(api, owner, vin, **given)
    field = answer.json()["errors"][0]["field"]
    assert (answer.status_code, code_of(answer), field) == told


def test_permits_are_found(api: Served, owner: TestClient, vin: str) -> None:
    number = permit(api, owner, vin, holder="他人物流").json()["permit_no"]
    twice = permit(api, owner, vin, permit_no=number)
    assert (twice.status_code, code_of(twice)) == (409, "permit_exists")
    for params in ({"holder": "他人"}, {"withdrawn": "false"}, {"organisation": "alpha"}):
        items = owner.get(PERMITS, params={"vin": vin, **params}).json()["items"]
        assert [item["permit_no"] for item in items] == [number]
    assert owner.get(PERMITS, params={"vin": vin, "withdrawn": "true"}).json()["items"] == []
    assert code_of(owner.get(f"{PERMITS}/nowhere")) == "permit_not_found"
