"""Revenue shares over HTTP, as the role of the application: who sees whose, and what is settled."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from fleet.local_days import begin_of
from fleet.months import add_months
from kit import clock
from tests.api.served import Served, code_of, post
from tests.api.world import LONG_AGO, VINS

AGREEMENTS: Final = "/api/v1/share-agreements"
SETTLEMENTS: Final = "/api/v1/share-settlements"
TODAY: Final = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date()
PAST: Final = add_months(TODAY.replace(day=1), -1)
MONTH: Final = f"{PAST:%Y-%m}"
FLOOR_FEN: Final = 90_000


@pytest.fixture
def owner(api: Served) -> TestClient:
    """The owner of the vehicles, who has just given the password."""
    return api.person("alpha.owner", step_up=True)


@pytest.fixture(autouse=True)
def nothing_agreed(api: Served) -> None:
    """Two have one agreement at a time: each test begins without."""
    api.as_owner("ALTER TABLE share_settlements DISABLE TRIGGER stays")
    api.as_owner("DELETE FROM share_settlements")
    api.as_owner("ALTER TABLE share_settlements ENABLE TRIGGER stays")
    api.as_owner("DELETE FROM share_agreements")


def agree(api: Served, client: TestClient, **given: Any) -> dict[str, Any]:
    usual = {
        "owner": "alpha",
        "operator": "alpha-south",
        "basis": "earned",
        "share_pct": "30",
        "floor_fen": FLOOR_FEN,
        "from_month": MONTH,
    }
    made = post(client, AGREEMENTS, usual | given, api.unused("agree-"))
    assert made.status_code == 201, made.text
    told: dict[str, Any] = made.json()
    assert made.headers["location"] == f"{AGREEMENTS}/{told['key']}"
    return told


def settle(api: Served, client: TestClient, key: str, month: str = MONTH) -> Any:
    return post(client, f"{AGREEMENTS}/{key}/settle", {"month": month}, api.unused("settle-"))


def floor_of_month() -> tuple[int, int, int]:
    """Days of the past month at whose end the vehicle was there, of how many, and the floor."""
    ends = [PAST + timedelta(days=n) for n in range((add_months(PAST, 1) - PAST).days)]
    days = sum(1 for day in ends if begin_of(day + timedelta(days=1)) >= LONG_AGO)
    floor = Decimal(FLOOR_FEN * days) / len(ends)
    return days, len(ends), int(floor + Decimal("0.5"))


def test_agreed_looked_at_and_settled_in_both_books(api: Served, owner: TestClient) -> None:
    agreed = agree(api, owner)
    assert (agreed["share_pct"], agreed["until_month"]) == ("30.00", None)
    preview = owner.get(f"{AGREEMENTS}/{agreed['key']}/preview", params={"month": MONTH}).json()
    days, of_days, floor_fen = floor_of_month()
    [line] = preview["vehicles"]
    assert (line["vin"], line["days"], line["of_days"]) == (VINS["alpha-depot"], days, of_days)
    assert (line["basis_fen"], line["amount_fen"], preview["amount_fen"]) == (
        *(0, floor_fen),
        floor_fen,
    )
    made = settle(api, owner, agreed["key"])
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["amount_fen"], told["month"]) == (floor_fen, MONTH)
    assert told["content"]["vehicles"] == preview["vehicles"]
    posted = api.as_owner(
        "SELECT o.code, p.account, p.amount_fen FROM ledger_postings p"
        " JOIN ledger_entries e ON e.id = p.entry_id"
        " JOIN organisations o ON o.id = p.organisation_id"
        " WHERE e.event_kind = 'share' AND e.event_key = %s ORDER BY 1, 2",
        told["key"],
    )
    assert posted == [
        ("alpha", "share_receivable", floor_fen),
        ("alpha", "share_revenue", -floor_fen),
        ("alpha-south", "share_expense", floor_fen),
        ("alpha-south", "share_payable", -floor_fen),
    ]
    again = settle(api, owner, agreed["key"])
    assert (again.status_code, code_of(again)) == (409, "share_month_settled")
    this_month = settle(api, owner, agreed["key"], f"{TODAY:%Y-%m}")
    assert (this_month.status_code, code_of(this_month)) == (409, "share_month_not_over")


def test_the_same_request_settles_once(api: Served, owner: TestClient) -> None:
    key = agree(api, owner)["key"]
    body, name = {"month": MONTH}, api.unused("once-")
    first, again = (post(owner, f"{AGREEMENTS}/{key}/settle", body, name) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"


def test_the_operator_sees_its_own_and_other_operators_nothing(
    api: Served, owner: TestClient
) -> None:
    agreed = agree(api, owner)
    settled = settle(api, owner, agreed["key"]).json()
    south, north = (api.person(f"alpha-{part}.owner", step_up=True) for part in ("south", "north"))
    [seen] = south.get(AGREEMENTS).json()["items"]
    assert (seen["key"], seen["owner"], seen["operator"]) == (agreed["key"], None, "alpha-south")
    told = south.get(f"{SETTLEMENTS}/{settled['key']}").json()
    assert told["content"] == settled["content"]
    assert [each["key"] for each in south.get(SETTLEMENTS).json()["items"]] == [settled["key"]]
    preview: Any = {"params": {"month": MONTH}}
    looked = south.get(f"{AGREEMENTS}/{agreed['key']}/preview", **preview).json()
    assert looked["vehicles"] == settled["content"]["vehicles"]
    for path, body in (("end", {"until_month": f"{TODAY:%Y-%m}"}), ("settle", {"month": MONTH})):
        refused = post(south, f"{AGREEMENTS}/{agreed['key']}/{path}", body, api.unused("no-"))
        assert (refused.status_code, code_of(refused)) == (409, "share_not_yours")
    for other in (north, api.person("omega.owner")):
        assert other.get(AGREEMENTS).json()["items"] == []
        assert other.get(SETTLEMENTS).json()["items"] == []
        for path in (
            f"{AGREEMENTS}/{agreed['key']}",
            f"{SETTLEMENTS}/{settled['key']}",
            f"{AGREEMENTS}/{agreed['key']}/preview?month={MONTH}",
        ):
            assert other.get(path).status_code == 404, path


def test_both_sides_are_in_sight_of_who_agrees(api: Served) -> None:
    south = api.person("alpha-south.owner", step_up=True)
    for given in ({"owner": "alpha"}, {"operator": "alpha-north"}):
        body = {"owner": "alpha-south", "operator": "alpha-depot", "basis": "earned"} | given
        body |= {"share_pct": "30.00", "from_month": MONTH}
        refused = post(south, AGREEMENTS, body, api.unused("agree-"))
        assert (refused.status_code, code_of(refused)) == (404, "organisation_not_found")


def test_agreements_that_are_none_and_their_end(api: Served, owner: TestClient) -> None:
    key = agree(api, owner)["key"]
    for given, status, code in (
        ({}, 409, "share_agreed_already"),
        ({"operator": "alpha-depot"}, 409, "share_agreed_already"),
        ({"operator": "alpha"}, 422, "shared_with_itself"),
        ({"operator": "alpha-north", "until_month": MONTH}, 422, "share_ends_before_start"),
        ({"share_pct": "100.01"}, 422, "invalid"),
        ({"share_pct": "-1"}, 422, "invalid"),
        ({"from_month": "2026-13"}, 422, "invalid"),
    ):
        body = {"owner": "alpha", "operator": "alpha-south", "basis": "earned"}
        body |= {"share_pct": "30", "from_month": MONTH, **given}
        refused = post(owner, AGREEMENTS, body, api.unused("agree-"))
        assert (refused.status_code, code_of(refused)) == (status, code), given
    until = {"until_month": f"{TODAY:%Y-%m}"}
    ended = owner.post(f"{AGREEMENTS}/{key}/end", json=until).json()
    assert (ended["until_month"], ended["ended_by"]) == (until["until_month"], "alpha.owner")
    again = owner.post(f"{AGREEMENTS}/{key}/end", json=until)
    assert (again.status_code, code_of(again)) == (409, "share_ended_already")
    outside = owner.get(f"{AGREEMENTS}/{key}/preview", params={"month": until["until_month"]})
    assert (outside.status_code, code_of(outside)) == (409, "share_month_outside")


def test_pages_and_filters(api: Served, owner: TestClient) -> None:
    keys = [agree(api, owner, operator=f"alpha-{part}")["key"] for part in ("south", "north")]
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = owner.get(AGREEMENTS, params={"limit": 1, **after}).json()
        found += [each["key"] for each in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == keys[::-1]
    of_north = owner.get(AGREEMENTS, params={"organisation": "alpha-north"}).json()["items"]
    assert [each["key"] for each in of_north] == [keys[1]]
    long_ago = {"in_force_on": date(2020, 1, 1).isoformat()}
    assert owner.get(AGREEMENTS, params=long_ago).json()["items"] == []
    settled = settle(api, owner, keys[0]).json()["key"]
    for given, wanted in (
        ({"agreement": keys[0]}, [settled]),
        ({"agreement": keys[1]}, []),
        ({"month": MONTH}, [settled]),
        ({"month": "2020-01"}, []),
        ({"organisation": "alpha-depot"}, []),
    ):
        items = owner.get(SETTLEMENTS, params=given).json()["items"]
        assert [each["key"] for each in items] == wanted, given
    table = owner.get(f"{SETTLEMENTS}/export", params={"form": "csv"}).text
    assert [line.count(settled) for line in table.splitlines()] == [0, 1]


def test_what_is_not_there(owner: TestClient) -> None:
    nobody = UUID(int=0)
    for path in (f"{AGREEMENTS}/{nobody}", f"{SETTLEMENTS}/{nobody}"):
        assert owner.get(path).status_code == 404


def test_only_finance_settles_and_only_a_manager_agrees(api: Served, owner: TestClient) -> None:
    key = agree(api, owner)["key"]
    finance = api.person("alpha.finance", step_up=True)
    manager = api.person("alpha.manager", step_up=True)
    body = {"month": MONTH}
    refused = post(manager, f"{AGREEMENTS}/{key}/settle", body, api.unused("no-"))
    assert (refused.status_code, code_of(refused)) == (403, "permission_missing")
    ended = finance.post(f"{AGREEMENTS}/{key}/end", json={"until_month": MONTH})
    assert (ended.status_code, code_of(ended)) == (403, "permission_missing")
    assert settle(api, finance, key).status_code == 201
