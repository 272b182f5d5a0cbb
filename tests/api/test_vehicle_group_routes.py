"""Groups of vehicles over HTTP: made, filled, emptied, renamed, listed."""

from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from tests.api.served import Served, code_of, post
from tests.api.world import VINS

GROUPS: Final = "/api/v1/vehicle-groups"
BOTH: Final = sorted([VINS["alpha-depot"], VINS["alpha-north"]])
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")


@pytest.fixture
def head(api: Served) -> TestClient:
    """Somebody who keeps groups."""
    return api.person("alpha.ops")


def make(api: Served, client: TestClient, **given: Any) -> Any:
    """A new group."""
    body = {"code": api.unused("group_"), "name": "货车"} | given
    return post(client, GROUPS, body, api.unused("group-"))


def test_made_filled_emptied_and_renamed(api: Served, head: TestClient) -> None:
    made = make(api, head).json()
    url = f"{GROUPS}/{made['code']}"
    assert (made["organisation"], made["vehicles"], made["version"]) == ("alpha", 0, 1)
    filled = head.post(f"{url}/vehicles", json={"vins": BOTH})
    assert (filled.status_code, filled.json()["vehicles"]) == (200, 2)
    assert head.post(f"{url}/vehicles", json={"vins": BOTH}).headers["etag"] == '"2"'
    page = head.get(f"{url}/vehicles", params={"limit": "1"}).json()
    rest = head.get(f"{url}/vehicles", params={"limit": "1", "after": page["next"]}).json()
    assert [each["vin"] for each in page["items"] + rest["items"]] == BOTH
    assert rest["next"] is None
    emptied = head.post(f"{url}/vehicles/remove", json={"vins": BOTH[:1]})
    assert (emptied.json()["vehicles"], emptied.headers["etag"]) == (1, '"3"')
    renamed = head.patch(url, json={"name": "厢货"}, headers={"If-Match": '"3"'})
    assert (renamed.json()["name"], renamed.headers["etag"]) == ("厢货", '"4"')
    table = head.get(f"{url}/vehicles/export?form=csv").content.decode("utf-8-sig").splitlines()
    assert [line.partition(",")[0] for line in table] == ["VIN", BOTH[1]]
    gone = head.post(f"{url}/retire", headers={"If-Match": '"4"'})
    assert gone.json()["retired_at"] is not None
    late = head.post(f"{url}/vehicles", json={"vins": BOTH})
    assert (late.status_code, code_of(late)) == (404, "vehicle_group_not_found")


def test_a_vehicle_out_of_sight_is_none(api: Served, head: TestClient) -> None:
    code = make(api, head).json()["code"]
    for vin in (VINS["omega-depot"], "NOWHERE"):
        answer = head.post(f"{GROUPS}/{code}/vehicles", json={"vins": [*BOTH, vin]})
        assert (answer.status_code, code_of(answer)) == (404, "vehicle_not_found")
        assert answer.json()["facts"]["vins"] == [vin]
    assert head.get(f"{GROUPS}/{code}").json()["vehicles"] == 0
    own = make(api, api.person("alpha-depot.ops"), vins=[VINS["alpha-north"]])
    assert (own.status_code, code_of(own)) == (404, "vehicle_not_found")


def test_the_list_is_walked_and_narrowed(api: Served, head: TestClient) -> None:
    codes = sorted(make(api, head, name="列表").json()["code"] for _ in range(5))
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = head.get(GROUPS, params={"limit": "2", "q": "列表"} | after).json()
        found += [each["code"] for each in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == codes
    table = head.get(f"{GROUPS}/export?form=csv&q=列表").content.decode("utf-8-sig")
    assert len(table.splitlines()) == 6
    assert head.get(GROUPS, params={"q": "列表", "retired": "true"}).json()["items"] == []


def test_who_may_and_what_is_in_sight(api: Served, head: TestClient) -> None:
    code = make(api, head).json()["code"]
    viewer = api.person("alpha.viewer")
    assert viewer.get(f"{GROUPS}/{code}").json()["code"] == code
    assert code_of(make(api, viewer)) == "permission_missing"
    answer = viewer.post(f"{GROUPS}/{code}/vehicles", json={"vins": BOTH})
    assert code_of(answer) == "permission_missing"
    for stranger in ("alpha-south.owner", "omega.owner"):
        answer = api.person(stranger).get(f"{GROUPS}/{code}")
        assert (answer.status_code, code_of(answer)) == (404, "vehicle_group_not_found")
    twice = make(api, head, code=code)
    assert (twice.status_code, code_of(twice)) == (409, "vehicle_group_exists")
