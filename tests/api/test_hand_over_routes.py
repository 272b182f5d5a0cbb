"""Hand-overs and charges over HTTP, as the role of the application."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import psycopg
import pytest
from fastapi.testclient import TestClient

from fleet.compliance import service as compliance
from fleet.compliance.model import Inspection, Licence
from fleet.compliance.records import PolicyTerms
from fleet.customers.service import CustomerFacts, DriverFacts, add_driver, create_customer
from fleet.leasing.service import Line, Terms, draft_lease, sign_lease
from fleet.leasing.terms import Term
from fleet.local_days import local_day
from schemas.access import SYSTEM
from tests.api.served import Served, code_of, post
from tests.api.test_registry_routes import add_vehicle
from tests.api.world import KEY
from tests.fixtures.sample_files import JPEG, PNG

LEASES: Final = "/api/v1/leases"
HAND_OVERS: Final = "/api/v1/hand-overs"
CHARGES: Final = "/api/v1/charges"
READ: Final = {"odometer_km": 35000.0, "soc_pct": 90}


@pytest.fixture
def owner(api: Served) -> TestClient:
    """Of alpha, who has just given their password again."""
    return api.person("alpha.owner", step_up=True)


@pytest.fixture
def sales(api: Served) -> TestClient:
    """Somebody of alpha-depot who lets vehicles."""
    return api.person("alpha-depot.sales")


@pytest.fixture
def vin(api: Served, owner: TestClient) -> str:
    """That of a new vehicle of alpha with its papers, operated by the depot."""
    made = add_vehicle(api, owner, operator="alpha-depot")
    with psycopg.connect(api.owner_url) as conn:
        papers(conn, made)
    return made


def papers(conn: psycopg.Connection[Any], vin: str) -> None:
    """A licence, an inspection and 交强险 that hold today."""
    now = datetime.now(UTC)
    today = local_day(now)
    licence = Licence("微型厢式货车", "租赁", today - timedelta(days=200), version=0)
    compliance.put_licence(conn, SYSTEM, vin=vin, licence=licence, now=now)
    month_end = (today.replace(day=1) + timedelta(days=150)).replace(day=1) - timedelta(days=1)
    passed = Inspection("line", today - timedelta(days=10), True, month_end)
    compliance.record_inspection(conn, SYSTEM, vin=vin, inspection=passed, now=now)
    year = PolicyTerms(
        insurer="平安",
        covered_from=today - timedelta(days=30),
        covered_until=today + timedelta(days=300),
    )
    number = f"PDZA{vin[-8:]}"
    compliance.record_policy(
        conn, SYSTEM, vin=vin, kind="compulsory", policy_no=number, terms=year, now=now
    )


def leased(api: Served, **given: Any) -> tuple[str, str]:
    """The number of a lease of alpha-depot that is signed, and the key of a driver."""
    now = datetime.now(UTC)
    with psycopg.connect(api.owner_url) as conn:
        made = create_customer(
            conn,
            SYSTEM,
            facts=CustomerFacts("company", api.unused("顺达物流")),
            organisation_code="alpha-depot",
            key=KEY,
            now=now,
        )
        facts = DriverFacts(("C1",), date(2040, 1, 1), "王师傅", "11010519491231002X")
        driver = add_driver(
            conn, SYSTEM, customer_no=made.customer_no, facts=facts, key=KEY, now=now
        )
        wanted = Terms(
            **(
                {
                    "kind": "long",
                    "starts_on": local_day(now),
                    "term": Term(count=12),
                    "lines": (Line(no=1, rent_fen=250_000, deposit_fen=250_000),),
                }
                | given
            )
        )
        draft = draft_lease(conn, SYSTEM, customer_no=made.customer_no, terms=wanted, now=now)
        sign_lease(conn, SYSTEM, lease_no=draft.lease.lease_no, now=now)
    return draft.lease.lease_no, str(driver.key)


def out(api: Served, client: TestClient, lease_no: str, vin: str, **given: Any) -> Any:
    body = {"line_no": 1, "vin": vin} | READ | given
    return post(client, f"{LEASES}/{lease_no}/hand-overs", body, api.unused("out-"))


def back(api: Served, client: TestClient, lease_no: str, **given: Any) -> Any:
    body = {"line_no": 1} | READ | given
    return post(client, f"{LEASES}/{lease_no}/returns", body, api.unused("back-"))


def test_a_vehicle_goes_out_and_comes_back_with_charges(
    api: Served, sales: TestClient, vin: str
) -> None:
    lease_no, driver = leased(api)
    gone = out(api, sales, lease_no, vin, driver=driver, received_by="王师傅")
    assert gone.status_code == 201, gone.text
    told = gone.json()
    assert gone.headers["location"] == f"{HAND_OVERS}/{told['key']}"
    assert (told["vin"], told["direction"], told["occasion"]) == (vin, "out", "start")
    assert (told["driver"], told["driver_name"], told["odometer_km"]) == (
        *(driver, "王师傅"),
        35000.0,
    )
    assert {each["kind"] for each in told["warnings"]} >= {"no_telemetry", "commercial_missing"}
    assert (told["charges"], told["told"], told["differences"]) == ([], None, [])
    dent = {"kind": "damage", "part": "右后门", "description": "凹陷", "estimate_fen": 60_000}
    wear = {"kind": "wear", "part": "座椅", "description": "磨损"}
    came = back(api, sales, lease_no, findings=[dent, wear], odometer_km=35010.5)
    assert came.status_code == 201, came.text
    [charge] = came.json()["charges"]
    assert (charge["kind"], charge["title"], charge["amount_fen"], charge["state"]) == (
        *("damage", "1. 右后门：凹陷", 60_000),
        "proposed",
    )
    listed = sales.get(HAND_OVERS, params={"lease": lease_no}).json()["items"]
    assert [each["direction"] for each in listed] == ["back", "out"]
    assert sales.get(f"{HAND_OVERS}/{told['key']}").json() == told
    stages = sales.get(f"/api/v1/vehicles/{vin}/stages").json()
    assert [each["stage"] for each in stages] == ["in_stock", "let", "in_stock"]


def test_what_forbids_it_is_named_with_its_rule_and_its_paper(
    api: Served, owner: TestClient, sales: TestClient
) -> None:
    bare = add_vehicle(api, owner, operator="alpha-depot")
    lease_no, _driver = leased(api)
    answer = out(api, sales, lease_no, bare)
    assert (answer.status_code, code_of(answer)) == (409, "hand_over_blocked")
    blocks = answer.json()["facts"]["blocks"]
    assert {each["paper"] for each in blocks} == {"inspection", "compulsory", "driving_licence"}
    for each in blocks:
        assert each["rule"] in answer.json()["detail"]
        assert each["message_en"] in answer.json()["detail"]
    body = {"line_no": 1, "vin": bare}
    chinese = sales.post(
        f"{LEASES}/{lease_no}/hand-overs",
        json=body,
        headers={"Idempotency-Key": api.unused("k"), "Accept-Language": "zh-CN"},
    ).json()
    for each in blocks:
        assert each["message_zh"] in chinese["detail"]
        assert each["rule"] in chinese["detail"]


def test_an_override_takes_its_verb_and_a_reason(
    api: Served, owner: TestClient, sales: TestClient
) -> None:
    bare = add_vehicle(api, owner, operator="alpha-depot")
    lease_no, driver = leased(api)
    given = {"driver": driver, "override": True}
    answer = out(api, sales, lease_no, bare, **given, reason="急用")
    assert (answer.status_code, code_of(answer)) == (403, "permission_missing")
    answer = out(api, owner, lease_no, bare, **given)
    assert (answer.status_code, code_of(answer)) == (422, "override_reason_missing")
    made = out(api, owner, lease_no, bare, **given, reason="急用")
    assert made.status_code == 201, made.text
    assert made.json()["override_reason"] == "急用"
    assert {each["kind"] for each in made.json()["overridden"]} == {
        "inspection_missing",
        "compulsory_missing",
    }
    trail = owner.get(
        "/api/v1/audit", params={"action": "vehicle.override_block", "object_key": bare}
    ).json()["items"]
    assert [each["after"]["reason"] for each in trail] == ["急用"]


def test_sent_again_nothing_is_handed_over_twice(api: Served, sales: TestClient, vin: str) -> None:
    lease_no, driver = leased(api)
    body, key = {"line_no": 1, "vin": vin, "driver": driver}, api.unused("out-")
    made = [post(sales, f"{LEASES}/{lease_no}/hand-overs", body, key) for _ in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    assert made[0].json() == made[1].json()
    assert len(sales.get(HAND_OVERS, params={"lease": lease_no}).json()["items"]) == 1


def test_a_swap_into_a_work_order(
    api: Served, owner: TestClient, sales: TestClient, vin: str
) -> None:
    lease_no, driver = leased(api)
    assert out(api, sales, lease_no, vin, driver=driver).status_code == 201
    other = add_vehicle(api, owner, operator="alpha-depot")
    with psycopg.connect(api.owner_url) as conn:
        papers(conn, other)
    body = {
        "line_no": 1,
        "vin": other,
        "driver": driver,
        "swap_reason": "制动检修",
        "back": {"odometer_km": 35100.0, "soc_pct": 90},
        "out": {"odometer_km": 120.0, "soc_pct": 95},
        "work": {"kind": "repair", "title": "制动检修"},
    }
    made = post(sales, f"{LEASES}/{lease_no}/swaps", body, api.unused("swap-"))
    assert made.status_code == 201, made.text
    came, gone = made.json()["back"], made.json()["out"]
    assert (came["vin"], gone["vin"]) == (vin, other)
    assert came["handed_at"] == gone["handed_at"]
    order = owner.get(f"/api/v1/work-orders/{came['work_order_no']}").json()
    assert (order["vin"], order["title"]) == (vin, "制动检修")
    answer = post(sales, f"{LEASES}/{lease_no}/swaps", {**body, "vin": other}, api.unused("k"))
    assert (answer.status_code, code_of(answer)) == (409, "same_vehicle")


def test_photos_of_a_hand_over(api: Served, sales: TestClient, vin: str) -> None:
    lease_no, driver = leased(api)
    key = out(api, sales, lease_no, vin, driver=driver).json()["key"]
    path = f"{HAND_OVERS}/{key}/documents"
    for name, content in (("左前.jpg", JPEG), ("右后.png", PNG)):
        added = sales.post(
            path,
            params={"name": name},
            content=content,
            headers={"Idempotency-Key": api.unused("k"), "Content-Type": "image/jpeg"},
        )
        assert added.status_code == 201, added.text
        assert (added.json()["subject_kind"], added.json()["goes_along"]) == ("hand_over", False)
    first = sales.get(path, params={"limit": 1}).json()
    rest = sales.get(path, params={"limit": 1, "after": first["next"]}).json()
    assert [each["name"] for each in first["items"] + rest["items"]] == ["右后.png", "左前.jpg"]
    assert (rest["next"], first["items"]) == (None, [added.json()])
    photo = rest["items"][0]["key"]
    assert sales.get(f"/api/v1/documents/{photo}/content").content == JPEG
    assert sales.get(f"{HAND_OVERS}/{key}").json()["photos"] == 2


def test_a_charge_is_decided_with_its_version(api: Served, sales: TestClient, vin: str) -> None:
    finance = api.person("alpha-depot.finance")
    lease_no, _driver = leased(api)
    body = {
        "kind": "other",
        "title": "遗失充电线",
        "amount_fen": 80_000,
        "incurred_on": "2026-11-21",
    }
    made = post(sales, f"{LEASES}/{lease_no}/charges", body, api.unused("charge-"))
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    path = made.headers["location"]
    assert path == f"{CHARGES}/{made.json()['key']}"
    assert finance.post(f"{path}/decide", json={"accept": True}).status_code == 428
    match = {"If-Match": '"1"'}
    answer = finance.post(f"{path}/decide", json={"accept": False}, headers=match)
    assert (answer.status_code, code_of(answer)) == (422, "decision_note_missing")
    answer = sales.post(f"{path}/decide", json={"accept": True}, headers=match)
    assert (answer.status_code, code_of(answer)) == (403, "permission_missing")
    wanted = {"accept": True, "amount_fen": 50_000, "note": "协商"}
    decided = finance.post(f"{path}/decide", json=wanted, headers=match)
    assert (decided.status_code, decided.headers["etag"]) == (200, '"2"')
    assert (decided.json()["state"], decided.json()["accepted_fen"]) == ("accepted", 50_000)
    late = finance.post(f"{path}/decide", json=wanted, headers=match)
    assert (late.status_code, code_of(late)) == (412, "version_changed")
    again = finance.post(f"{path}/decide", json=wanted, headers={"If-Match": '"2"'})
    assert (again.status_code, code_of(again)) == (409, "charge_decided_already")
    assert finance.get(path).json() == decided.json()


def test_lists_are_filtered_paged_and_exported(api: Served, sales: TestClient, vin: str) -> None:
    lease_no, driver = leased(api)
    assert out(api, sales, lease_no, vin, driver=driver).status_code == 201
    found = [
        {"kind": "damage", "part": "门", "description": f"凹陷{n}", "estimate_fen": 100 * n}
        for n in (1, 2, 3)
    ]
    assert back(api, sales, lease_no, findings=found).status_code == 201
    for path, size in ((HAND_OVERS, 2), (CHARGES, 3)):
        whole = sales.get(path, params={"lease": lease_no}).json()["items"]
        assert len(whole) == size
        walked: list[Any] = []
        after: dict[str, str] = {}
        while True:
            page = sales.get(path, params={"lease": lease_no, "limit": 1, **after}).json()
            walked += page["items"]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert walked == whole
        sheet = sales.get(f"{path}/export", params={"lease": lease_no, "form": "csv"})
        assert (sheet.status_code, sheet.text.count(lease_no)) == (200, size)
    assert (
        sales.get(HAND_OVERS, params={"lease": lease_no, "direction": "back"}).json()["items"][0][
            "occasion"
        ]
        == "return"
    )
    none = {"lease": lease_no, "state": "waived"}
    assert sales.get(CHARGES, params=none).json()["items"] == []


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("manager", {"read", "record", "propose", "decide"}),
        ("ops", {"read", "record", "propose"}),
        ("sales", {"read", "record", "propose"}),
        ("finance", {"read", "propose", "decide"}),
        ("viewer", set()),
        ("auditor", {"read"}),
    ],
)
def test_a_role_decides_who_does_what(api: Served, role: str, allowed: set[str]) -> None:
    person = api.person(f"alpha-depot.{role}")
    nothing = f"{LEASES}/L2611-AAAAAA"
    charge = {"kind": "other", "title": "x", "amount_fen": 1, "incurred_on": "2026-11-21"}
    answers = {
        "read": person.get(HAND_OVERS),
        "record": back(api, person, "L2611-AAAAAA"),
        "propose": post(person, f"{nothing}/charges", charge, api.unused("k")),
        "decide": person.post(
            f"{CHARGES}/00000000-0000-0000-0000-000000000000/decide",
            json={"accept": True},
            headers={"If-Match": '"1"'},
        ),
    }
    assert {name for name, answer in answers.items() if answer.status_code != 403} == allowed
