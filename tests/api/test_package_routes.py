"""Service packages over HTTP, as the role of the application: listed, sold, done, ended."""

from typing import Any, Final

from fastapi.testclient import TestClient

from tests.api.served import Served, code_of, post
from tests.api.test_lease_routes import (
    TODAY,
    customer_no,
    manager,
    owner,
    sales,
    signed,
    vin,
)

PACKAGES: Final = "/api/v1/packages"
SALES: Final = "/api/v1/package-sales"
__all__ = ["customer_no", "manager", "owner", "sales", "vin"]


def add(api: Served, client: TestClient, **given: Any) -> dict[str, Any]:
    body = {
        "code": api.unused("pkg-"),
        "title": "电池年度体检",
        "months": 12,
        "price_fen": 80_000,
        "visit_kind": "battery_check",
        "visits": 1,
    } | given
    made = post(client, PACKAGES, body, api.unused("package-"))
    assert made.status_code == 201, made.text
    told: dict[str, Any] = made.json()
    return told


def sell(api: Served, client: TestClient, lease_no: str, **body: Any) -> Any:
    return post(client, f"/api/v1/leases/{lease_no}/packages", body, api.unused("sale-"))


def test_sold_done_and_ended(
    api: Served, owner: TestClient, sales: TestClient, customer_no: str
) -> None:
    code = add(api, owner)["code"]
    lease_no = signed(api, sales, customer_no)
    answer = sell(api, sales, lease_no, package=code, renews=True)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    sold = answer.json()
    url = f"{SALES}/{sold['key']}"
    assert answer.headers["location"] == url
    assert (sold["lease_no"], sold["from_on"], sold["term_no"]) == (lease_no, str(TODAY), 1)
    assert (sold["price_fen"], sold["visits_done"], sold["visits_left"]) == (80_000, 0, 1)
    ops = api.person("alpha-depot.ops")
    done = post(ops, f"{url}/visits", {"note": "门店"}, api.unused("visit-"))
    assert (done.status_code, done.json()["visits_left"]) == (201, 0)
    more = post(ops, f"{url}/visits", {"note": "门店"}, api.unused("visit-"))
    assert (more.status_code, code_of(more)) == (409, "visit_beyond_included")
    body = {"note": "门店", "beyond": True}
    assert post(ops, f"{url}/visits", body, api.unused("visit-")).status_code == 201
    made = sales.get(url).json()["made"]
    assert [(each["no"], each["beyond"]) for each in made] == [(1, False), (2, True)]
    late = sales.post(f"{url}/end", json={}, headers={"If-Match": '"9"'})
    assert (late.status_code, code_of(late)) == (412, "version_changed")
    ended = sales.post(f"{url}/end", json={}, headers={"If-Match": '"1"'})
    assert (ended.json()["ended_on"], ended.headers["etag"]) == (str(TODAY), '"2"')


def test_the_head_s_list_is_everybody_s_and_only_the_head_retires(
    api: Served, owner: TestClient, manager: TestClient, sales: TestClient, customer_no: str
) -> None:
    code = add(api, owner)["code"]
    listed = {each["code"]: each for each in manager.get(f"{PACKAGES}?limit=200").json()["items"]}
    assert (listed[code]["organisation"], listed[code]["recorded_by"]) == (None, None)
    refused = manager.post(f"{PACKAGES}/{code}/retire")
    assert (refused.status_code, code_of(refused)) == (404, "package_not_found")
    assert owner.post(f"{PACKAGES}/{code}/retire").json()["retired_at"] is not None
    lease_no = signed(api, sales, customer_no)
    again = sell(api, sales, lease_no, package=code)
    assert (again.status_code, code_of(again)) == (409, "package_retired")


def test_a_package_of_a_neighbour_or_another_tenant_is_none(
    api: Served, sales: TestClient, customer_no: str
) -> None:
    lease_no = signed(api, sales, customer_no)
    told = []
    for organisation in ("alpha-north.owner", "omega.owner", None):
        code = "pkg-none" if organisation is None else add(api, api.person(organisation))["code"]
        answer = sell(api, sales, lease_no, package=code)
        told.append((answer.status_code, code_of(answer)))
    assert told == [(404, "package_not_found")] * 3
    stranger = api.person("omega.owner")
    for path in (
        f"/api/v1/leases/{lease_no}/packages",
        f"{SALES}/{'0' * 8}-0000-4000-8000-{'0' * 12}",
    ):
        assert stranger.get(path).status_code == 404


def test_a_code_is_taken_once(api: Served, owner: TestClient) -> None:
    code = add(api, owner)["code"]
    body = {"code": code, "title": "同", "months": 1, "price_fen": 1}
    refused = post(owner, PACKAGES, body, api.unused("package-"))
    assert (refused.status_code, code_of(refused)) == (409, "package_exists")


def test_lists_and_tables(
    api: Served, owner: TestClient, sales: TestClient, customer_no: str
) -> None:
    codes = sorted(add(api, owner)["code"] for _ in range(3))
    lease_no = signed(api, sales, customer_no)
    keys = [sell(api, sales, lease_no, package=code).json()["key"] for code in codes]
    for path, asked in ((SALES, {"lease": lease_no}), (f"/api/v1/leases/{lease_no}/packages", {})):
        page = sales.get(path, params=asked | {"limit": "2"}).json()
        rest = sales.get(path, params=asked | {"limit": "2", "after": page["next"]}).json()
        told = [each["key"] for each in page["items"] + rest["items"]]
        assert (told, rest["next"]) == (keys[::-1], None)
        table = sales.get(f"{path}/export", params=asked | {"form": "csv"})
        assert keys[0] in table.content.decode("utf-8-sig")
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = owner.get(PACKAGES, params={"limit": "2"} | after).json()
        found += [each["code"] for each in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == sorted(set(found))
    assert set(codes) <= set(found)
    assert codes[0] in owner.get(f"{PACKAGES}/export?form=csv").content.decode("utf-8-sig")


def test_roles(api: Served, sales: TestClient, customer_no: str) -> None:
    viewer, ops = api.person("alpha-depot.viewer"), api.person("alpha-depot.ops")
    assert code_of(viewer.get(PACKAGES)) == "permission_missing"
    body = {"code": "pkg-ops", "title": "试", "months": 1, "price_fen": 1}
    assert code_of(post(ops, PACKAGES, body, api.unused("package-"))) == "permission_missing"
    lease_no = signed(api, sales, customer_no)
    assert code_of(sell(api, ops, lease_no, package="pkg-ops")) == "permission_missing"
