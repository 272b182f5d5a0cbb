"""The tree of organisations over HTTP."""

from typing import Final

import pytest

from tests.api.served import Served, code_of, post

ORGANISATIONS: Final = "/api/v1/organisations"


@pytest.fixture
def depot(api: Served) -> str:
    """The code of a new organisation below alpha-south."""
    code = api.unused("depot")
    made = post(api.person("alpha.owner"), ORGANISATIONS, body_of(code, "alpha-south"), code)
    assert made.status_code == 201, made.text
    return code


def body_of(code: str, parent: str) -> dict[str, str]:
    """A new organisation."""
    return {"code": code, "name": "车场", "parent": parent}


@pytest.mark.parametrize(
    ("login", "seen"),
    [
        ("alpha-depot.viewer", {"alpha-depot"}),
        ("omega.viewer", {"omega", "omega-depot"}),
    ],
)
def test_one_sees_ones_own_and_all_below(api: Served, login: str, seen: set[str]) -> None:
    page = api.person(login).get(ORGANISATIONS).json()
    assert {item["code"] for item in page["items"]} == seen


def test_the_one_above_is_out_of_sight(api: Served) -> None:
    told = api.person("alpha-south.owner").get(f"{ORGANISATIONS}/alpha-south").json()
    assert told == {
        "code": "alpha-south",
        "name": "名 alpha-south",
        "parent": None,
        "time_zone": "Asia/Shanghai",
        "version": told["version"],
    }
    above = api.person("alpha.owner").get(f"{ORGANISATIONS}/alpha-south").json()
    assert above == told | {"parent": "alpha"}


@pytest.mark.parametrize("code", ["alpha", "alpha-north", "omega", "nowhere", "ALPHA-SOUTH"])
def test_what_is_out_of_sight_is_not_found(api: Served, code: str) -> None:
    owner = api.person("alpha-south.owner", step_up=True)
    path = f"{ORGANISATIONS}/{code}"
    answers = [
        owner.get(path),
        owner.patch(path, json={"name": "x"}, headers={"If-Match": '"1"'}),
        post(owner, ORGANISATIONS, body_of(api.unused("x"), code.lower()), api.unused("k")),
    ]
    if code != "ALPHA-SOUTH":
        assert [code_of(answer) for answer in answers] == ["organisation_not_found"] * 3
    else:
        assert code_of(answers[0]) == "organisation_not_found"


def test_a_new_organisation_is_told_with_its_place(api: Served) -> None:
    code = api.unused("new")
    body = body_of(code, "alpha-south") | {"time_zone": "Asia/Urumqi"}
    made = post(api.person("alpha.manager"), ORGANISATIONS, body, code)
    assert (made.status_code, made.json()) == (201, body | {"version": 1})
    assert made.headers["location"] == f"{ORGANISATIONS}/{code}"
    assert made.headers["etag"] == '"1"'
    found = api.person("alpha-south.viewer").get(made.headers["location"])
    assert (found.json(), found.headers["etag"]) == (made.json() | {}, '"1"')


def test_a_code_is_taken_all_over_the_installation(api: Served) -> None:
    """It says no more than that, even of another tenant's."""
    for code in ("alpha-north", "omega-depot"):
        body = body_of(code, "alpha-south")
        answer = post(api.person("alpha-south.owner"), ORGANISATIONS, body, api.unused("k"))
        assert (answer.status_code, code_of(answer)) == (409, "organisation_code_taken")
        assert answer.json()["detail"] == f"the code {code!r} is taken"


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "../../etc/passwd", "posixrules", "localtime", "Factory"]
)
def test_a_zone_is_one_of_iana(api: Served, zone: str) -> None:
    body = body_of(api.unused("zone"), "alpha") | {"time_zone": zone}
    answer = post(api.person("alpha.owner"), ORGANISATIONS, body, api.unused("k"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].removeprefix("body.") == "time_zone"


def test_a_change_is_of_the_version_that_was_read(api: Served, depot: str) -> None:
    owner, path = api.person("alpha.owner"), f"{ORGANISATIONS}/{depot}"
    etag = owner.get(path).headers["etag"]
    first = owner.patch(path, json={"name": "一号车场"}, headers={"If-Match": etag})
    assert (first.status_code, first.json()["name"], first.headers["etag"]) == (
        *(200, "一号车场"),
        '"2"',
    )
    slower = owner.patch(path, json={"name": "二号车场"}, headers={"If-Match": etag})
    assert (slower.status_code, code_of(slower)) == (412, "version_changed")
    zone = owner.patch(path, json={"time_zone": "Asia/Urumqi"}, headers={"If-Match": '"2"'})
    assert (zone.json()["name"], zone.json()["time_zone"]) == ("一号车场", "Asia/Urumqi")


def test_a_move_takes_a_step_up_and_stays_in_the_tree(api: Served, depot: str) -> None:
    path = f"{ORGANISATIONS}/{depot}/move"
    calm, owner = api.new_session("alpha.owner"), api.person("alpha.owner", step_up=True)
    assert code_of(calm.post(path, json={"parent": "alpha-north"})) == "step_up_required"
    moved = owner.post(path, json={"parent": "alpha-north"})
    assert (moved.status_code, moved.json()["parent"]) == (200, "alpha-north")
    assert api.person("alpha-north.viewer").get(f"{ORGANISATIONS}/{depot}").status_code == 200
    codes = [
        item["code"] for item in api.person("alpha-south.viewer").get(ORGANISATIONS).json()["items"]
    ]
    assert depot not in codes
    assert code_of(owner.post(path, json={"parent": "omega"})) == "organisation_not_found"
    below = post(owner, ORGANISATIONS, body_of(api.unused("below"), depot), api.unused("k"))
    circle = owner.post(path, json={"parent": below.json()["code"]})
    assert (circle.status_code, code_of(circle)) == (409, "organisation_below_itself")


@pytest.mark.parametrize(
    ("role", "status"),
    [("owner", 201), ("manager", 201), ("ops", 403), ("viewer", 403), ("auditor", 403)],
)
def test_a_role_decides_who_adds(api: Served, role: str, status: int) -> None:
    body = body_of(api.unused("role"), "alpha")
    answer = post(api.person(f"alpha.{role}"), ORGANISATIONS, body, api.unused("k"))
    assert answer.status_code == status
