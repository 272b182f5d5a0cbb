"""Leases over HTTP, as the role of the application: from the draft to the end, and who may what."""

from datetime import date, timedelta
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from fleet.leasing import service as leasing
from fleet.local_days import local_day
from fleet.months import add_months
from fleet.registry.service import get_vehicle
from kit import clock, db
from schemas.access import SYSTEM
from tests.api.served import Served, code_of, post
from tests.api.test_registry_routes import add_vehicle

LEASES: Final = "/api/v1/leases"
PRICES: Final = "/api/v1/rent-prices"
TODAY: Final = local_day(clock.now())


@pytest.fixture
def owner(api: Served) -> TestClient:
    """Of alpha, who has just given their password again."""
    return api.person("alpha.owner", step_up=True)


@pytest.fixture
def manager(api: Served) -> TestClient:
    """Of alpha-depot, who has just given their password again."""
    return api.person("alpha-depot.manager", step_up=True)


@pytest.fixture
def sales(api: Served) -> TestClient:
    """Sales of alpha-depot."""
    return api.person("alpha-depot.sales")


@pytest.fixture
def vin(api: Served, owner: TestClient) -> str:
    """That of a new vehicle of alpha, operated by the depot."""
    return add_vehicle(api, owner, operator="alpha-depot")


@pytest.fixture
def customer_no(api: Served, sales: TestClient) -> str:
    """That of a new customer of the depot."""
    return new_customer(api, sales)


def new_customer(api: Served, client: TestClient) -> str:
    body = {"kind": "company", "name": f"物流 {api.unused('c')}"}
    made = post(client, "/api/v1/customers", body, api.unused("customer-"))
    assert made.status_code == 201, made.text
    told: str = made.json()["customer_no"]
    return told


def terms(*lines: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Of a long lease of a year from today, of one line unless said."""
    usual = {"kind": "long", "starts_on": str(TODAY), "term": {"count": 12}}
    return usual | {"lines": list(lines) or [line()]} | given


def line(no: int = 1, **given: Any) -> dict[str, Any]:
    return {"no": no, "rent_fen": 280_000, "deposit_fen": 800_000} | given


def drafted(
    api: Served, client: TestClient, customer_no: str, *lines: dict[str, Any], **given: Any
) -> dict[str, Any]:
    """A new draft."""
    body = {"customer_no": customer_no, "terms": terms(*lines, **given)}
    made = post(client, LEASES, body, api.unused("lease-"))
    assert made.status_code == 201, made.text
    told: dict[str, Any] = made.json()
    assert made.headers["location"] == f"{LEASES}/{told['lease_no']}"
    return told


def act(client: TestClient, lease_no: str, name: str, **body: Any) -> Any:
    return client.post(f"{LEASES}/{lease_no}/{name}", json=body)


def signed(
    api: Served, client: TestClient, customer_no: str, *lines: dict[str, Any], **given: Any
) -> str:
    """The number of a lease that is signed."""
    lease_no: str = drafted(api, client, customer_no, *lines, **given)["lease_no"]
    answer = act(client, lease_no, "sign")
    assert answer.status_code == 200, answer.text
    return lease_no


def hand_out(api: Served, lease_no: str, vin: str, line_no: int = 1) -> None:
    """A vehicle handed out, as `fleet/hand_overs` does it, without its papers."""
    with db.connect(api.owner_url) as conn:
        lease, _book = leasing.lock_lease(conn, lease_no)
        vehicle = get_vehicle(conn, SYSTEM, vin=vin)
        now = clock.now()
        leasing.hand_out(
            conn, SYSTEM, lease=lease, line_no=line_no, vehicle=vehicle, at=now, now=now
        )


def test_a_draft_is_written_changed_and_signed(
    api: Served, sales: TestClient, customer_no: str, vin: str
) -> None:
    draft = drafted(api, sales, customer_no, line(vin=vin.lower()))
    assert (draft["state"], draft["version"], draft["organisation"]) == ("draft", 1, "alpha-depot")
    assert draft["terms"]["lines"][0]["vin"] == vin
    assert draft["ends_on"] == str(add_months(TODAY, 12) - timedelta(days=1))
    url = f"{LEASES}/{draft['lease_no']}"
    body = {"customer_no": customer_no, "terms": terms(line(rent_fen=1, vin=vin))}
    changed = sales.put(url, json=body, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["rent_fen"]) == (200, 1)
    assert changed.headers["etag"] == '"2"'
    stale = sales.put(url, json=body, headers={"If-Match": '"1"'})
    assert (stale.status_code, code_of(stale)) == (412, "version_changed")
    done = act(sales, draft["lease_no"], "sign")
    assert (done.status_code, done.json()["state"]) == (200, "signed")
    again = act(sales, draft["lease_no"], "sign")
    assert (again.status_code, code_of(again)) == (409, "lease_is_signed")


def test_a_vehicle_is_promised_once(
    api: Served, sales: TestClient, customer_no: str, vin: str
) -> None:
    first = signed(api, sales, customer_no, line(vin=vin))
    second = drafted(api, sales, customer_no, line(vin=vin))["lease_no"]
    refused = act(sales, second, "sign")
    assert (refused.status_code, code_of(refused)) == (409, "vehicle_promised")
    assert refused.json()["facts"]["lease_no"] == first
    assert sales.get(f"{LEASES}/{second}").json()["state"] == "draft"
    later = terms(line(vin=vin), starts_on=str(TODAY + timedelta(days=400)))
    put = {"customer_no": customer_no, "terms": later}
    assert sales.put(f"{LEASES}/{second}", json=put, headers={"If-Match": '"1"'}).is_success
    assert act(sales, second, "sign").json()["state"] == "signed"


def test_unusual_terms_take_somebody_else(
    api: Served, owner: TestClient, manager: TestClient, sales: TestClient, customer_no: str
) -> None:
    model = api.unused("lease-model-")
    body = {"code": model, "name": model, "maker": "厂", "body_type": "微型封闭货车"}
    assert post(owner, "/api/v1/models", body, model).status_code == 201
    price = {"model_code": model, "lease_kind": "long", "rent_fen": 300_000, "deposit_fen": 800_000}
    assert post(owner, PRICES, price, api.unused("price-")).status_code == 201
    cheap = drafted(api, sales, customer_no, line(model_code=model, rent_fen=200_000))
    lease_no = cheap["lease_no"]
    assert [reason["code"] for reason in cheap["reasons"]] == ["rent_below_list"]
    refused = act(sales, lease_no, "sign")
    assert (refused.status_code, code_of(refused)) == (409, "lease_needs_approval")
    assert refused.json()["facts"]["reasons"][0]["line_no"] == 1
    asked = act(sales, lease_no, "approval")
    assert (asked.status_code, asked.json()["approvals"][0]["requested_by"]) == (
        200,
        "alpha-depot.sales",
    )
    assert code_of(act(sales, lease_no, "approval/decide", approve=True)) == "permission_missing"
    allowed = act(manager, lease_no, "approval/decide", approve=True, note="大客户")
    assert (allowed.status_code, allowed.json()["approved"]) == (200, True)
    assert act(sales, lease_no, "sign").json()["state"] == "signed"


def test_a_lease_lives_and_is_seen_on_any_day(
    api: Served, sales: TestClient, manager: TestClient, customer_no: str, vin: str
) -> None:
    lease_no = signed(api, sales, customer_no, line(vin=vin), line(2))
    hand_out(api, lease_no, vin)
    url = f"{LEASES}/{lease_no}"
    told = sales.get(url).json()
    assert (told["state"], told["vehicles"], told["vehicles_out"]) == ("active", 2, 1)
    assert [each["vin"] for each in told["lines"][0]["vehicles"]] == [vin]
    assert act(sales, lease_no, "lines/2/drop", reason="客户只要一台").json()["lines"][1]["dropped"]
    change = {"effective_on": str(TODAY + timedelta(days=30)), "reason": "调价"}
    dearer = terms(line(vin=vin, rent_fen=300_000), line(2))
    amended = act(sales, lease_no, "amend", terms=dearer, **change)
    assert [version["no"] for version in amended.json()["versions"]] == [1, 2]
    now = sales.get(url).json()["terms"]["lines"][0]["rent_fen"]
    later = sales.get(url, params={"on": str(TODAY + timedelta(days=30))}).json()
    assert (now, later["terms"]["lines"][0]["rent_fen"]) == (280_000, 300_000)
    past = {**change, "effective_on": str(TODAY - timedelta(days=1)), "terms": dearer}
    assert code_of(act(sales, lease_no, "amend", **past)) == "amended_in_past"
    longer = act(sales, lease_no, "extend", ends_on=str(TODAY + timedelta(days=500)))
    assert longer.json()["ends_on"] == str(TODAY + timedelta(days=500))
    rest = {"from_on": str(TODAY), "credited": True, "reason": "停运"}
    assert act(sales, lease_no, "suspend", **rest).json()["state"] == "suspended"
    assert act(sales, lease_no, "resume", on=str(TODAY)).json()["state"] == "active"
    before = told["signed_at"]
    known = sales.get(url, params={"known_at": before}).json()
    assert (known["state_then"], len(known["versions"])) == ("signed", 1)
    kinds = [event["kind"] for event in sales.get(f"{url}/events").json()["items"]]
    assert kinds == [
        "signed", "handed_out", "line_dropped", "amended", "extended", "suspended", "resumed",
    ]  # fmt: skip
    history = sales.get(f"{url}/events", params={"limit": 1}).json()
    assert history["items"][0]["facts"]["vehicles"] == {"1": vin}
    following = sales.get(f"{url}/events", params={"limit": 1, "after": history["next"]}).json()
    assert following["items"][0]["facts"]["vin"] == vin
    of_vehicle = sales.get(f"/api/v1/vehicles/{vin}/leases").json()["items"]
    assert [(each["lease_no"], each["until_at"]) for each in of_vehicle] == [(lease_no, None)]
    preview = sales.get(f"{url}/early-end").json()
    assert (preview["on"], preview["deposit_fen"]) == (str(TODAY), 800_000)
    periods = sales.get(f"{url}/periods", params={"until_on": str(TODAY + timedelta(days=1))})
    assert [each["rent_fen"] for each in periods.json()["items"]] == [280_000]
    end = {"by": "lessor", "clause": "第十二条", "reason": "欠租"}
    assert code_of(act(sales, lease_no, "terminate", **end)) == "permission_missing"
    ended = act(manager, lease_no, "terminate", **end).json()
    assert (ended["state"], ended["vehicles_out"]) == ("terminated", 1)
    over = sales.get(LEASES, params={"over_term": True, "vin": vin}).json()["items"]
    assert [each["lease_no"] for each in over] == [lease_no]


def test_terminating_asks_for_the_password_once_more(api: Served, customer_no: str) -> None:
    manager = api.person("alpha-depot.manager")
    lease_no = signed(api, manager, customer_no)
    end = {"by": "lessor", "clause": None, "reason": "欠租"}
    assert code_of(act(manager, lease_no, "terminate", **end)) == "step_up_required"


def test_a_lease_is_called_off_and_one_is_renewed(
    api: Served, sales: TestClient, customer_no: str
) -> None:
    lease_no = signed(api, sales, customer_no)
    key = api.unused("renew-")
    renewed = post(sales, f"{LEASES}/{lease_no}/renew", {}, key)
    assert renewed.status_code == 201, renewed.text
    told = renewed.json()
    assert (told["state"], told["renews_no"]) == ("draft", lease_no)
    ends_on = date.fromisoformat(sales.get(f"{LEASES}/{lease_no}").json()["ends_on"])
    assert told["starts_on"] == str(ends_on + timedelta(days=1))
    assert sales.get(f"{LEASES}/{lease_no}").json()["renewed_by"] == [told["lease_no"]]
    again = post(sales, f"{LEASES}/{lease_no}/renew", {}, api.unused("renew-"))
    assert code_of(again) == "renewal_exists"
    assert act(sales, told["lease_no"], "cancel", reason="不续").json()["state"] == "cancelled"
    gone = act(sales, lease_no, "cancel", reason="客户取消").json()
    assert (gone["state"], gone["ended_at"]) == ("cancelled", None)
    assert code_of(act(sales, lease_no, "extend", ends_on=None)) == "lease_over"


def test_leases_are_found_and_counted(api: Served, sales: TestClient, customer_no: str) -> None:
    reference = api.unused("HT-")
    body = {"customer_no": customer_no, "terms": terms(), "reference": reference}
    made = post(sales, LEASES, body, api.unused("lease-")).json()["lease_no"]
    taken = post(sales, LEASES, body, api.unused("lease-"))
    assert (taken.status_code, code_of(taken)) == (409, "lease_reference_taken")
    soon = signed(api, sales, customer_no, term={"count": 3, "unit": "day"}, kind="short")

    def found(**filters: Any) -> list[str]:
        answer = sales.get(LEASES, params={"customer": customer_no} | filters)
        return [each["lease_no"] for each in answer.json()["items"]]

    assert found() == [soon, made]
    assert found(state="draft") == found(reference=reference) == found(q=reference[1:]) == [made]
    assert found(kind="short") == found(ends_before_on=str(TODAY + timedelta(days=9))) == [soon]
    assert found(organisation="alpha-depot", state="signed") == [soon]
    assert found(ending=True) == []
    page = sales.get(LEASES, params={"customer": customer_no, "limit": 1}).json()
    after = sales.get(
        LEASES, params={"customer": customer_no, "limit": 1, "after": page["next"]}
    ).json()
    assert [each["lease_no"] for each in after["items"]] == [made]
    counts = sales.get("/api/v1/lease-counts", params={"organisation": "alpha-depot"}).json()
    assert counts["by_state"]["draft"] >= 1
    sheet = sales.get(f"{LEASES}/export", params={"customer": customer_no, "form": "csv"})
    assert "租约编号" in sheet.text or "Lease no" in sheet.text


def test_others_see_nothing_of_a_lease(api: Served, sales: TestClient, customer_no: str) -> None:
    lease_no = signed(api, sales, customer_no)
    for login in ("alpha-north.manager", "omega.owner"):
        stranger = api.person(login)
        answer = stranger.get(f"{LEASES}/{lease_no}")
        assert (answer.status_code, code_of(answer)) == (404, "lease_not_found")
        assert stranger.get(LEASES, params={"q": lease_no}).json()["items"] == []
    viewer = api.person("alpha-depot.viewer")
    assert code_of(viewer.get(LEASES)) == "permission_missing"


def test_terms_that_contradict_themselves_are_told_in_both_languages(
    api: Served, sales: TestClient, customer_no: str
) -> None:
    body = {"customer_no": customer_no, "terms": terms(kind="lease_to_own")}
    for language, words in (("en", "buy_out: said for a lease-to-own"), ("zh", "买断条款仅用于")):
        answer = sales.post(
            LEASES,
            json=body,
            headers={"Idempotency-Key": api.unused("k"), "Accept-Language": language},
        )
        assert (answer.status_code, code_of(answer)) == (422, "invalid")
        assert words in answer.json()["errors"][0]["message"]


def test_lines_ask_for_what_there_is(
    api: Served, sales: TestClient, owner: TestClient, customer_no: str
) -> None:
    elsewhere = add_vehicle(api, owner, operator="alpha-north")
    theirs = add_vehicle(api, owner, operator="alpha-south")
    for asked, code in (
        (line(2, model_code="no-such-model"), "line_model_unknown"),
        (line(2, vin=elsewhere), "line_vehicle_unknown"),
        (line(2, vin=theirs), "line_vehicle_unknown"),
    ):
        body = {"customer_no": customer_no, "terms": terms(line(), asked)}
        answer = post(sales, LEASES, body, api.unused("k"))
        assert (answer.status_code, code_of(answer)) == (422, code)
        assert answer.json()["facts"]["line_no"] == 2
    south = api.person("alpha-south.sales")
    body = {"customer_no": customer_no, "terms": terms(line(vin=theirs))}
    answer = post(south, LEASES, body, api.unused("k"))
    assert code_of(answer) == "vehicle_of_another_organisation"
    sure = {"customer_no": customer_no, "terms": terms(), "organisation": "alpha-south"}
    assert code_of(post(south, LEASES, sure, api.unused("k"))) == "customer_of_another_organisation"


def test_the_list_of_rents_goes_by_day_and_organisation(
    api: Served, owner: TestClient, sales: TestClient
) -> None:
    model = api.unused("price-model-")
    body = {"code": model, "name": model, "maker": "厂", "body_type": "微型封闭货车"}
    assert post(owner, "/api/v1/models", body, model).status_code == 201

    def priced(client: TestClient, rent_fen: int, **given: Any) -> None:
        price = {"model_code": model, "lease_kind": "long", "rent_fen": rent_fen} | given
        assert post(client, PRICES, price, api.unused("p")).status_code == 201

    def rents(**asked: Any) -> list[int]:
        answer = sales.get(PRICES, params={"model": model} | asked).json()
        return [each["rent_fen"] for each in answer["items"]]

    priced(owner, 300_000)
    assert rents() == [300_000]
    priced(owner, 310_000, valid_from_on=str(TODAY + timedelta(days=10)))
    priced(api.person("alpha-depot.manager"), 290_000, valid_from_on=str(TODAY + timedelta(1)))
    assert rents() == [300_000]
    assert rents(on=str(TODAY + timedelta(days=1))) == [290_000]
    assert rents(on=str(TODAY + timedelta(days=20))) == [290_000]
    assert rents(on=str(TODAY - timedelta(days=1))) == []
    daily = {"model_code": model, "lease_kind": "long", "rent_fen": 1, "per": "day"}
    assert code_of(post(owner, PRICES, daily, api.unused("p"))) == "list_price_unit_wrong"
    assert code_of(post(sales, PRICES, daily, api.unused("p"))) == "permission_missing"
    depot = api.person("alpha-depot.manager")
    for elsewhere in ("alpha", "alpha-north", "omega", "nowhere"):
        theirs = daily | {"per": "month", "organisation": elsewhere}
        answer = post(depot, PRICES, theirs, api.unused("p"))
        assert (answer.status_code, code_of(answer)) == (404, "organisation_not_found")
    omega = api.person("omega.manager")
    assert omega.get(PRICES, params={"organisation": "alpha"}).status_code == 404
    assert code_of(omega.get(PRICES, params={"model": model})) == "model_not_found"
