"""Vehicles as property, terminals, what sat where, and who operated what, over HTTP."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from fleet.registry.vin import compute_check_digit
from kit import clock
from tests.api.served import Served, code_of, post
from tests.api.world import LONG_AGO, SERIALS, VINS

VEHICLES: Final = "/api/v1/vehicles"
DEVICES: Final = "/api/v1/devices"


@pytest.fixture
def owner(api: Served) -> TestClient:
    """Of alpha, who has just given their password again."""
    return api.person("alpha.owner", step_up=True)


@pytest.fixture
def vin(api: Served, owner: TestClient) -> str:
    """That of a new vehicle of alpha."""
    return add_vehicle(api, owner)


@pytest.fixture
def serial(api: Served, owner: TestClient) -> str:
    """That of a new terminal of alpha."""
    serial = api.unused("TB-")
    made = post(owner, DEVICES, {"serial": serial, "owner": "alpha"}, serial)
    assert made.status_code == 201, made.text
    return serial


def new_vin(api: Served) -> str:
    """A VIN nobody has."""
    vin = f"LNB{api.unused(''):0>14}"
    return vin[:8] + compute_check_digit(vin) + vin[9:]


def add_vehicle(api: Served, owner: TestClient, **given: str) -> str:
    """The VIN of a new vehicle."""
    vin = new_vin(api)
    made = post(owner, VEHICLES, {"vin": vin, "owner": "alpha", **given}, vin)
    assert made.status_code == 201, made.text
    return vin


def bind(api: Served, client: TestClient, serial: str, vin: str, **given: Any) -> Response:
    """The answer to a binding."""
    return post(client, f"{DEVICES}/{serial}/bind", {"vin": vin, **given}, api.unused("k"))


def ago(**by: float) -> str:
    """An instant that lies back, as it is sent."""
    return (clock.now() - timedelta(**by)).isoformat()


# Vehicles


def test_a_new_vehicle_is_told_with_its_place(api: Served, owner: TestClient) -> None:
    vin = new_vin(api)
    body = {
        "vin": f" {vin.lower()} ",
        "plate": "粤bd·12345",
        "model": "瑞驰 EC35",
        "owner": "alpha",
    }
    made = post(owner, VEHICLES, body, api.unused("k"))
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert made.headers["location"] == f"{VEHICLES}/{vin}"
    assert made.json() == {
        "vin": vin,
        "vin_check": "right",
        "plate": "粤BD12345",
        "model": "瑞驰 EC35",
        "model_code": None,
        "owner": "alpha",
        "depot": None,
        "tags": [],
        "pooled": False,
        "version": 1,
    }
    [period] = owner.get(f"{VEHICLES}/{vin}/operators").json()
    assert (period["organisation"], period["until_at"]) == ("alpha", None)


def test_a_new_vehicle_may_have_another_operator(api: Served, owner: TestClient) -> None:
    vin = add_vehicle(api, owner, operator="alpha-south")
    [period] = api.person("alpha-south.viewer").get(f"{VEHICLES}/{vin}/operators").json()
    assert period["organisation"] == "alpha-south"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"vin": "IOQ"}, (422, "vin_malformed", "vin")),
        ({"vin": VINS["alpha-depot"]}, (409, "vehicle_exists", "vin")),
        ({"vin": VINS["omega-depot"]}, (409, "vehicle_exists", "vin")),
        ({"plate": "ABC"}, (422, "plate_malformed", "plate")),
        ({"owner": "omega"}, (404, "organisation_not_found", None)),
        ({"operator": "omega"}, (404, "organisation_not_found", None)),
    ],
)
def test_a_vehicle_that_cannot_be_is_refused(
    api: Served, owner: TestClient, given: dict[str, str], told: tuple[int, str, str | None]
) -> None:
    body = {"vin": new_vin(api), "owner": "alpha"} | given
    answer = post(owner, VEHICLES, body, api.unused("k"))
    [error] = answer.json().get("errors", [{"field": None}])
    assert (answer.status_code, code_of(answer), error["field"]) == told


def test_a_plate_is_borne_by_one_vehicle(api: Served, owner: TestClient, vin: str) -> None:
    add_vehicle(api, owner, plate="粤A·D54321")
    card = {"plate": "粤AD54321", "model": None}
    answer = owner.put(f"{VEHICLES}/{vin}/card", json=card, headers={"If-Match": '"1"'})
    assert (answer.status_code, code_of(answer)) == (409, "plate_taken")
    assert answer.json()["errors"][0]["field"] == "plate"


def test_a_card_is_of_the_version_that_was_read(owner: TestClient, vin: str) -> None:
    path = f"{VEHICLES}/{vin}/card"
    first = owner.put(path, json={"plate": None, "model": "EC36"}, headers={"If-Match": '"1"'})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert (first.json()["model"], first.json()["version"]) == ("EC36", 2)
    slower = owner.put(path, json={"plate": None, "model": "x"}, headers={"If-Match": '"1"'})
    assert (slower.status_code, code_of(slower)) == (412, "version_changed")
    half = owner.put(path, json={"plate": None}, headers={"If-Match": '"2"'})
    assert half.json()["errors"][0]["field"] == "body.model"


@pytest.mark.parametrize("vin", [VINS["omega-depot"], "LNB00000000000009", "nonsense"])
def test_a_vehicle_out_of_sight_is_not_found(api: Served, owner: TestClient, vin: str) -> None:
    serial = SERIALS["alpha-depot"]
    answers = [
        owner.get(f"{VEHICLES}/{vin}/operators"),
        owner.get(f"{VEHICLES}/{vin}/bindings"),
        owner.put(
            f"{VEHICLES}/{vin}/card",
            json={"plate": None, "model": None},
            headers={"If-Match": '"1"'},
        ),
        post(owner, f"{VEHICLES}/{vin}/operators", {"organisation": "alpha"}, api.unused("k")),
        post(owner, f"{VEHICLES}/{vin}/swap-device", {"serial": serial}, api.unused("k")),
    ]
    assert {(answer.status_code, code_of(answer)) for answer in answers} <= {
        (404, "vehicle_not_found")
    }


# Terminals


def test_a_terminal_is_bound_swapped_and_taken_out(
    api: Served, owner: TestClient, vin: str, serial: str
) -> None:
    other = api.unused("TB-")
    post(owner, DEVICES, {"serial": other, "owner": "alpha"}, other)
    bound = bind(api, owner, serial, vin)
    assert (bound.status_code, bound.json()["serial"], bound.json()["until_at"]) == (
        *(201, serial),
        None,
    )
    swapped = post(owner, f"{VEHICLES}/{vin}/swap-device", {"serial": other}, api.unused("k"))
    assert (swapped.status_code, swapped.json()["serial"]) == (201, other)
    taken_out = owner.post(f"{DEVICES}/{other}/unbind", json={})
    assert (taken_out.status_code, taken_out.json()["vin"]) == (200, vin)
    history = owner.get(f"{VEHICLES}/{vin}/bindings").json()
    assert [each["serial"] for each in history] == [serial, other]
    assert history[0]["until_at"] == history[1]["from_at"] == swapped.json()["from_at"]
    assert history[1]["until_at"] == taken_out.json()["until_at"]
    assert owner.get(f"{DEVICES}/{other}/bindings").json() == history[1:]


def test_a_terminal_says_where_it_sits(
    api: Served, owner: TestClient, vin: str, serial: str
) -> None:
    def listed(bound: str) -> list[dict[str, Any]]:
        page = owner.get(DEVICES, params={"q": serial, "bound": bound}).json()
        found: list[dict[str, Any]] = page["items"]
        return found

    free = {"serial": serial, "owner": "alpha", "vin": None, "bound_from": None}
    assert (listed("false"), listed("true")) == ([free], [])
    bound = bind(api, owner, serial, vin).json()
    assert listed("false") == []
    assert listed("true") == [free | {"vin": vin, "bound_from": bound["from_at"]}]
    assert owner.get(f"{DEVICES}/{serial}").json() == {"serial": serial, "owner": "alpha"}


@pytest.mark.parametrize("q", ["%", "_", "\\", "'"])
def test_a_search_takes_signs_for_what_they_are(owner: TestClient, q: str) -> None:
    assert owner.get(DEVICES, params={"q": q}).json()["items"] == []


def test_what_is_bound_is_not_bound_again(
    api: Served, owner: TestClient, vin: str, serial: str
) -> None:
    assert bind(api, owner, serial, vin).status_code == 201
    twice = bind(api, owner, serial, add_vehicle(api, owner))
    assert (twice.status_code, code_of(twice)) == (409, "device_already_bound")
    other = api.unused("TB-")
    post(owner, DEVICES, {"serial": other, "owner": "alpha"}, other)
    second = bind(api, owner, other, vin)
    assert (second.status_code, code_of(second)) == (409, "vehicle_already_has_device")


def test_what_is_in_nothing_is_not_taken_out(
    api: Served, owner: TestClient, vin: str, serial: str
) -> None:
    free = owner.post(f"{DEVICES}/{serial}/unbind", json={})
    assert (free.status_code, code_of(free)) == (409, "device_not_bound")
    empty = post(owner, f"{VEHICLES}/{vin}/swap-device", {"serial": serial}, api.unused("k"))
    assert (empty.status_code, code_of(empty)) == (409, "vehicle_has_no_device")


def test_a_binding_may_lie_back_but_not_ahead(api: Served, owner: TestClient, serial: str) -> None:
    vin = VINS["alpha-north"]
    owner.post(f"{DEVICES}/{SERIALS['alpha-north']}/unbind", json={"at": ago(days=30)})
    ahead = bind(api, owner, serial, vin, at=ago(minutes=-5))
    assert (ahead.status_code, code_of(ahead)) == (422, "instant_in_future")
    assert ahead.json()["errors"][0]["field"] == "at"
    back = bind(api, owner, serial, vin, at="2026-11-01T08:00:00+08:00")
    assert (back.status_code, back.json()["from_at"]) == (201, "2026-11-01T00:00:00Z")
    early = owner.post(f"{DEVICES}/{serial}/unbind", json={"at": "2026-10-01T00:00:00Z"})
    assert (early.status_code, code_of(early)) == (409, "period_ends_before_start")
    owner.post(f"{DEVICES}/{serial}/unbind", json={})


def test_a_serial_is_taken_all_over_the_installation(api: Served, owner: TestClient) -> None:
    for serial in (SERIALS["alpha-depot"], SERIALS["omega-depot"]):
        answer = post(owner, DEVICES, {"serial": serial, "owner": "alpha"}, api.unused("k"))
        assert (answer.status_code, code_of(answer)) == (409, "device_exists")
    assert code_of(owner.get(f"{DEVICES}/{SERIALS['omega-depot']}")) == "device_not_found"


# Handing on


def test_after_a_transfer_each_side_keeps_its_own_period(api: Served, owner: TestClient) -> None:
    vin = add_vehicle(api, owner, operator="alpha-south")
    path = f"{VEHICLES}/{vin}/operators"
    handed = post(owner, path, {"organisation": "alpha-north"}, api.unused("k"))
    assert (handed.status_code, handed.json()["organisation"]) == (201, "alpha-north")
    at = handed.json()["from_at"]
    south, north = (
        api.person(f"alpha-{side}.viewer").get(path).json() for side in ("south", "north")
    )
    assert [(each["organisation"], each["until_at"]) for each in south] == [("alpha-south", at)]
    assert [(each["organisation"], each["from_at"]) for each in north] == [("alpha-north", at)]
    whole = owner.get(path).json()
    assert [each["organisation"] for each in whole] == ["alpha-south", "alpha-north"]


def test_a_transfer_takes_a_step_up_and_another_operator(
    api: Served, owner: TestClient, vin: str
) -> None:
    path = f"{VEHICLES}/{vin}/operators"
    calm = post(api.new_session("alpha.owner"), path, {"organisation": "alpha-south"}, "calm")
    assert (calm.status_code, code_of(calm)) == (403, "step_up_required")
    same = post(owner, path, {"organisation": "alpha"}, api.unused("k"))
    assert (same.status_code, code_of(same)) == (409, "operator_unchanged")
    elsewhere = post(owner, path, {"organisation": "omega"}, api.unused("k"))
    assert (elsewhere.status_code, code_of(elsewhere)) == (404, "organisation_not_found")


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("manager", {"card", "device", "read"}),
        ("ops", {"card", "device", "read"}),
        ("sales", set()),
        ("finance", set()),
        ("viewer", set()),
        ("auditor", set()),
    ],
)
def test_a_role_decides_who_does_what(api: Served, role: str, allowed: set[str]) -> None:
    person = api.person(f"alpha.{role}")
    answers = {
        "card": person.put(
            f"{VEHICLES}/{VINS['alpha-depot']}/card",
            json={"plate": None, "model": "x"},
            headers={"If-Match": '"999"'},
        ),
        "device": post(
            person, DEVICES, {"serial": api.unused("R-"), "owner": "alpha"}, api.unused("k")
        ),
        "read": person.get(DEVICES),
    }
    assert {name for name, answer in answers.items() if answer.status_code != 403} == allowed


def test_times_are_told_in_utc(owner: TestClient) -> None:
    [period] = owner.get(f"{VEHICLES}/{VINS['alpha-depot']}/bindings").json()[:1]
    assert period["from_at"].endswith("Z")
    assert datetime.fromisoformat(period["from_at"]) == LONG_AGO
