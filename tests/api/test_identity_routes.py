"""People and the keys of machines over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from kit import clock
from schemas.access import MACHINE_PERMISSIONS, PERMISSIONS, ROLES
from tests.api.served import NEXT_YEAR, Served, code_of, post

USERS: Final = "/api/v1/users"
KEYS: Final = "/api/v1/api-keys"
PHONE: Final = "13812345678"
ID_CARD: Final = "11010519491231002X"


@pytest.fixture
def owner(api: Served) -> TestClient:
    """Of alpha, who has just given their password again."""
    return api.person("alpha.owner", step_up=True)


def person_of(login: str, **given: Any) -> dict[str, Any]:
    """A new person."""
    return {"login": login, "name": "李娜", "organisation": "alpha", "roles": ["ops"], **given}


@pytest.fixture
def login(api: Served, owner: TestClient) -> str:
    """That of a new person with a phone and an ID card."""
    login = api.unused("li.na.")
    made = post(owner, USERS, person_of(login, phone=PHONE, id_card=ID_CARD), login)
    assert made.status_code == 201, made.text
    return login


def change(client: TestClient, login: str, body: dict[str, Any]) -> Response:
    """The answer to a change of the version that is there."""
    etag = client.get(f"{USERS}/{login}").headers["etag"]
    return client.patch(f"{USERS}/{login}", json=body, headers={"If-Match": etag})


# People


def test_a_new_person_is_told_masked_and_without_a_password(api: Served, owner: TestClient) -> None:
    login = api.unused("new.")
    made = post(owner, USERS, person_of(login, phone=PHONE, id_card=ID_CARD.lower()), login)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert made.headers["location"] == f"{USERS}/{login}"
    assert made.json() == {
        "login": login,
        "name": "李娜",
        "organisation": "alpha",
        "roles": ["ops"],
        "phone": "138****5678",
        "id_card": "110***********002X",
        "has_password": False,
        "locked_until": None,
        "last_login_at": None,
        "disabled": False,
        "version": 1,
    }
    assert owner.get(f"{USERS}/{login}").json() == made.json()
    assert code_of(api.log_in(login)) == "login_failed"


def test_lists_are_masked_too(api: Served, owner: TestClient, login: str) -> None:
    page = owner.get(USERS, params={"q": login})
    assert [item["login"] for item in page.json()["items"]] == [login]
    assert PHONE not in page.text
    assert ID_CARD not in page.text


def test_unmasking_takes_a_reason_and_tells_all(owner: TestClient, login: str) -> None:
    path = f"{USERS}/{login}/unmask"
    shown = owner.post(path, json={"reason": "核对租赁合同"})
    assert (shown.status_code, shown.json()) == (200, {"phone": PHONE, "id_card": ID_CARD})
    for body in ({}, {"reason": ""}, {"reason": "  "}, {"reason": None}):
        refused = owner.post(path, json=body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "body.reason"


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"login": "x"}, "string_too_short", "body.login"),
        ({"login": "Li.Na"}, "string_pattern_mismatch", "body.login"),
        ({"roles": []}, "too_short", "body.roles"),
        ({"roles": ["king"]}, "literal_error", "body.roles.0"),
        ({"roles": "ops"}, "list_type", "body.roles"),
        ({"phone": "110"}, "phone_malformed", "phone"),
        ({"id_card": "110105194912310021"}, "id_card_check_digit_wrong", "id_card"),
        ({"id_card": "1101051949123"}, "id_card_malformed", "id_card"),
        ({"password": "Kiln-lantern-42"}, "extra_forbidden", "body.password"),
        ({"version": 3}, "extra_forbidden", "body.version"),
    ],
)
def test_a_person_that_cannot_be_is_refused_by_field(
    api: Served, owner: TestClient, given: dict[str, Any], code: str, field: str
) -> None:
    answer = post(owner, USERS, person_of(api.unused("no.")) | given, api.unused("k"))
    assert answer.status_code == 422
    assert {"field": field, "code": code} in [
        {name: error[name] for name in ("field", "code")} for error in answer.json()["errors"]
    ]
    for secret in given.values():
        assert not isinstance(secret, str) or len(secret) < 5 or secret not in answer.text


def test_a_log_in_is_taken_all_over_the_installation(api: Served, owner: TestClient) -> None:
    for login in ("alpha.ops", "omega.ops"):
        answer = post(owner, USERS, person_of(login), api.unused("k"))
        assert (answer.status_code, code_of(answer)) == (409, "login_taken")
        assert answer.json()["detail"] == "this log-in is taken"


def test_a_change_is_of_the_version_that_was_read(owner: TestClient, login: str) -> None:
    changed = change(owner, login, {"name": "李丽娜", "phone": None})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["name"], changed.json()["phone"]) == ("李丽娜", None)
    assert changed.json()["id_card"] == "110***********002X"
    stale = owner.patch(f"{USERS}/{login}", json={"name": "x"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, code_of(stale)) == (412, "version_changed")
    assert owner.get(f"{USERS}/{login}").json()["name"] == "李丽娜"


def test_a_null_takes_away_only_what_may_be_missing(owner: TestClient, login: str) -> None:
    body = {"name": None, "roles": None, "disabled": None, "phone": None, "id_card": None}
    changed = change(owner, login, body).json()
    assert (changed["name"], changed["roles"], changed["disabled"]) == ("李娜", ["ops"], False)
    assert (changed["phone"], changed["id_card"]) == (None, None)


@pytest.mark.parametrize("text", ["true", "yes", 1, 0, "false"])
def test_a_truth_is_a_truth(owner: TestClient, login: str, text: Any) -> None:
    answer = change(owner, login, {"disabled": text})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "bool_type")


def test_nobody_gives_more_than_they_have(api: Served) -> None:
    manager = api.person("alpha.manager", step_up=True)
    above = post(manager, USERS, person_of(api.unused("up."), roles=["owner"]), api.unused("k"))
    assert (above.status_code, code_of(above)) == (403, "roles_exceed_own")
    assert "audit.read" in above.json()["facts"]["beyond"]
    for path, body in [("password-reset", None), ("log-out", None), ("unlock", None)]:
        answer = post(manager, f"{USERS}/alpha.owner/{path}", body, api.unused("k"))
        assert (answer.status_code, code_of(answer)) == (403, "user_outranks")
    assert code_of(change(manager, "alpha.owner", {"name": "x"})) == "user_outranks"


def test_nobody_disables_or_promotes_themselves(api: Served) -> None:
    login = api.unused("self.")
    api.make_person(login, "owner")
    person = api.new_session(login, step_up=True)
    for body in ({"disabled": True}, {"roles": ["owner", "finance"]}):
        answer = change(person, login, body)
        assert (answer.status_code, code_of(answer)) == (409, "user_is_yourself")


def test_who_is_disabled_gets_no_link(api: Served, owner: TestClient, login: str) -> None:
    assert change(owner, login, {"disabled": True}).json()["disabled"] is True
    refused = post(owner, f"{USERS}/{login}/password-reset", None, api.unused("k"))
    assert (refused.status_code, code_of(refused)) == (409, "user_disabled")
    assert change(owner, login, {"disabled": False}).json()["disabled"] is False
    assert post(owner, f"{USERS}/{login}/password-reset", None, api.unused("k")).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", USERS, person_of("calm")),
        ("PATCH", f"{USERS}/alpha.ops", {"name": "x"}),
        ("POST", f"{USERS}/alpha.ops/password-reset", None),
        ("POST", f"{USERS}/alpha.ops/log-out", None),
        ("POST", f"{USERS}/alpha.ops/unlock", None),
        ("POST", f"{USERS}/alpha.ops/unmask", {"reason": "核对"}),
        (
            "POST",
            KEYS,
            {
                "name": "x",
                "organisation": "alpha",
                "scopes": ["vehicle.read"],
                "expires_at": NEXT_YEAR,
            },
        ),
    ],
)
def test_a_dangerous_verb_asks_for_the_password_again(
    api: Served, method: str, path: str, body: Any
) -> None:
    headers = {"Idempotency-Key": api.unused("k"), "If-Match": '"1"'}
    answer = api.person("alpha.owner").request(method, path, json=body, headers=headers)
    assert (answer.status_code, code_of(answer)) == (403, "step_up_required")


@pytest.mark.parametrize(
    ("filters", "seen"),
    [
        ({"organisation": "alpha-south"}, {"alpha-south", "alpha-depot"}),
        ({"organisation": "alpha-depot"}, {"alpha-depot"}),
        ({"organisation": "omega"}, set()),
        ({"q": "ALPHA-NORTH."}, {"alpha-north"}),
        ({"q": "%"}, set()),
        ({"q": "_"}, set()),
        ({"q": "\\"}, set()),
    ],
)
def test_a_filter_shows_what_fits(
    api: Served, owner: TestClient, filters: dict[str, str], seen: set[str]
) -> None:
    page = owner.get(USERS, params={"limit": "200", **filters}).json()
    assert {item["organisation"] for item in page["items"]} == seen


def test_roles_are_told_with_their_verbs(api: Served) -> None:
    told = {
        each["role"]: each["permissions"]
        for each in api.person("alpha.viewer").get("/api/v1/roles").json()
    }
    assert list(told) == list(ROLES)
    assert {verb["name"] for verb in told["owner"]} == set(PERMISSIONS)
    assert [verb["name"] for verb in told["viewer"]] == [
        "organisation.read",
        "vehicle.read",
        "paper.read",
        "parameter.read",
        "alert.read",
        "alert_rule.read",
    ]
    assert told["viewer"][0] == {
        "name": "organisation.read",
        "meaning": "See one's organisations",
        "chinese": "查看组织",
        "dangerous": False,
    }


# Keys


def key_of(api: Served, **given: Any) -> dict[str, Any]:
    """A new key."""
    return {
        "name": api.unused("gateway "),
        "organisation": "alpha-south",
        "scopes": ["vehicle.read", "location.read"],
        "expires_at": NEXT_YEAR,
        **given,
    }


def test_a_key_is_shown_once(api: Served, owner: TestClient) -> None:
    made = post(owner, KEYS, key_of(api), api.unused("k"))
    told = made.json()
    secret = told.pop("key")
    assert (made.status_code, secret[:16]) == (201, f"gk_{told['key_id']}_")
    assert made.headers["location"] == f"{KEYS}/{told['key_id']}"
    until = datetime.fromisoformat(NEXT_YEAR).astimezone(UTC)
    assert told["expires_at"] == until.isoformat().replace("+00:00", "Z")
    assert (told["created_by"], told["revoked_at"]) == ("alpha.owner", None)
    shown = owner.get(made.headers["location"])
    assert shown.json() == told
    listed = owner.get(KEYS, params={"limit": "200"})
    assert told in listed.json()["items"]
    for text in (shown.text, listed.text):
        assert secret[16:] not in text
    rows = api.as_owner("SELECT api_keys::text FROM api_keys WHERE key_id = %s", told["key_id"])
    assert secret[16:] not in str(rows)


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"scopes": []}, 422, "invalid"),
        ({"scopes": ["no.such"]}, 422, "scopes_unknown"),
        ({"scopes": ["vehicle.transfer"]}, 403, "scopes_exceed_own"),
        ({"expires_at": "2026-01-01T00:00:00Z"}, 422, "key_expiry_out_of_range"),
        ({"expires_at": "2036-01-01T00:00:00Z"}, 422, "key_expiry_out_of_range"),
        ({"expires_at": "2027-10-01"}, 422, "invalid"),
        ({"organisation": "omega"}, 404, "organisation_not_found"),
        ({"key": "gk_mine"}, 422, "invalid"),
    ],
)
def test_a_key_that_cannot_be_is_refused(
    api: Served, owner: TestClient, given: dict[str, Any], status: int, code: str
) -> None:
    answer = post(owner, KEYS, key_of(api, **given), api.unused("k"))
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_a_manager_gives_no_scope_they_lack(api: Served) -> None:
    manager = api.person("alpha.manager", step_up=True)
    refused = post(manager, KEYS, key_of(api, scopes=["audit.read"]), api.unused("k"))
    assert (refused.status_code, code_of(refused)) == (403, "scopes_exceed_own")
    assert refused.json()["facts"] == {"beyond": ["audit.read"]}


def test_a_key_may_have_every_verb_that_is_not_dangerous(api: Served, owner: TestClient) -> None:
    made = post(owner, KEYS, key_of(api, scopes=sorted(MACHINE_PERMISSIONS)), api.unused("k"))
    assert set(made.json()["scopes"]) == MACHINE_PERMISSIONS
    assert {verb for verb in PERMISSIONS if PERMISSIONS[verb].dangerous} & set(
        made.json()["scopes"]
    ) == set()


def test_a_key_sees_its_own_organisation_and_below(api: Served, owner: TestClient) -> None:
    scopes = ["organisation.read"]
    made = post(owner, KEYS, key_of(api, scopes=scopes), api.unused("k")).json()
    machine = api.nobody()
    machine.headers["Authorization"] = f"Bearer {made['key']}"
    page = machine.get("/api/v1/organisations").json()
    assert [item["code"] for item in page["items"]][:2] == ["alpha-depot", "alpha-south"]
    assert "alpha" not in {item["code"] for item in page["items"]}


def test_a_key_is_taken_back_for_good(api: Served, owner: TestClient) -> None:
    key_id = post(owner, KEYS, key_of(api), api.unused("k")).json()["key_id"]
    first = owner.delete(f"{KEYS}/{key_id}").json()
    assert first["revoked_at"] is not None
    again = owner.delete(f"{KEYS}/{key_id}")
    assert (again.status_code, again.json()) == (200, first)


@pytest.mark.parametrize("key_id", ["a" * 12, "A" * 12, "x", "%20", "a" * 13])
def test_a_key_that_is_not_there_is_not_found(owner: TestClient, key_id: str) -> None:
    for answer in (owner.get(f"{KEYS}/{key_id}"), owner.delete(f"{KEYS}/{key_id}")):
        expected = (422, "invalid") if len(key_id) > 12 else (404, "api_key_not_found")
        assert (answer.status_code, code_of(answer)) == expected


def test_two_years_is_as_long_as_a_key_lives(api: Served, owner: TestClient) -> None:
    latest = clock.now() + timedelta(days=732)
    for days, status in [(-1, 201), (1, 422)]:
        expires_at = (latest + timedelta(days=days)).isoformat()
        made = post(owner, KEYS, key_of(api, expires_at=expires_at), api.unused("k"))
        assert made.status_code == status, made.text
