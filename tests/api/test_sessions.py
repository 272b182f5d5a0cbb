"""Logging in and out over HTTP: who is let in, for how long, and what an attacker cannot do."""

from collections.abc import Callable
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Final

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from api import answers
from fleet.sessions import passwords
from fleet.sessions.opening import service as opening
from fleet.sessions.proving import service as proving
from kit.tokens import KEY_PREFIX, digest_of, new_key
from tests.api.hands import MINUTE, Hands
from tests.api.served import Served, code_of
from tests.api.world import PASSWORD

SESSION: Final = "/api/v1/session"
SESSIONS: Final = "/api/v1/sessions"
COOKIE: Final = "guanche_session"


def cookie_of(answer: Response) -> str:
    """The session token that an answer sets as a cookie."""
    return SimpleCookie(answer.headers["set-cookie"])[COOKIE].value


def with_cookie(api: Served, token: str) -> TestClient:
    """A browser that has this cookie."""
    client = api.nobody()
    client.headers["Cookie"] = f"{COOKIE}={token}"
    return client


def with_bearer(api: Served, token: str) -> TestClient:
    """A script that has this token."""
    client = api.nobody()
    client.headers["Authorization"] = f"Bearer {token}"
    return client


# Being let in


def test_a_script_gets_a_token_and_no_cookie(api: Served) -> None:
    answer = api.log_in("alpha.owner")
    told = answer.json()
    assert (answer.status_code, "set-cookie" in answer.headers) == (201, False)
    assert (told["login"], told["kind"], told["csrf_token"]) == ("alpha.owner", "bearer", None)
    assert with_bearer(api, told["token"]).get(SESSION).json() == {
        name: told[name] for name in told if name != "token"
    }


def test_a_browser_gets_a_cookie_and_no_token(api: Served) -> None:
    answer = api.log_in("alpha.owner", kind="cookie")
    told = answer.json()
    assert (answer.status_code, told["kind"], told["token"]) == (201, "cookie", None)
    assert cookie_of(answer) not in answer.text
    seen = with_cookie(api, cookie_of(answer)).get(SESSION).json()
    assert (seen["login"], seen["csrf_token"]) == ("alpha.owner", told["csrf_token"])


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("Kiln-lantern-43", id="wrong"),
        pytest.param("kiln-lantern-42", id="in small letters"),
        pytest.param(f"{PASSWORD} ", id="with a space"),
        pytest.param(f"{PASSWORD}\0", id="with a NUL"),
        pytest.param("密码密码密码密码密码", id="Chinese"),
        pytest.param("x" * 256, id="as long as one may be"),
    ],
)
def test_a_wrong_password_lets_nobody_in(api: Served, person: str, password: str) -> None:
    answer = api.log_in(person, password=password)
    assert (answer.status_code, code_of(answer)) == (401, "login_failed")
    assert answer.headers["www-authenticate"] == 'Bearer realm="guanche"'


def test_an_unknown_person_is_told_the_same_after_the_same_work(
    api: Served, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[bool] = []
    verify = passwords.verify_password

    def spy(password_hash: str | None, password: str) -> bool:
        verified.append(password_hash is not None)
        return verify(password_hash, password)

    disabled = api.unused("disabled.")
    api.make_person(disabled, "viewer")
    api.as_owner("UPDATE users SET disabled_at = now() WHERE login = %s", disabled)
    monkeypatch.setattr(proving, "verify_password", spy)
    logins = [person, disabled, "nobody.at.all", "no log-in at all", "\u202eevil"]
    answers = [api.log_in(login, password="wrong password") for login in logins]
    told = [
        {name: fact for name, fact in answer.json().items() if name != "request_id"}
        for answer in answers
    ]
    assert told == [told[0]] * len(logins)
    assert verified == [True, True, False, False, False]


def test_a_session_planted_before_is_not_adopted(api: Served) -> None:
    """Session fixation: whoever planted the cookie would be logged in as the victim."""
    planted = "A" * 43
    body = {"login": "alpha.owner", "password": PASSWORD}
    answer = with_cookie(api, planted).post(SESSIONS, json=body, headers=api.address())
    assert (answer.status_code, cookie_of(answer) != planted) == (201, True)
    assert with_cookie(api, planted).get(SESSION).status_code == 401
    known = api.as_owner("SELECT 1 FROM sessions WHERE token_digest = %s", digest_of(planted))
    assert known == []


def test_every_log_in_has_a_token_of_its_own(api: Served) -> None:
    tokens = {api.log_in("alpha.owner").json()["token"] for _ in range(3)}
    tokens |= {cookie_of(api.log_in("alpha.owner", kind="cookie")) for _ in range(2)}
    assert ({len(token) for token in tokens}, len(tokens)) == ({43}, 5)
    rows = api.as_owner("SELECT sessions::text FROM sessions")
    assert [token for token in tokens for (row,) in rows if token in row] == []


@pytest.mark.parametrize(("kind", "other"), [("cookie", with_bearer), ("bearer", with_cookie)])
def test_a_token_holds_only_where_it_was_made_for(
    api: Served, kind: str, other: Callable[[Served, str], TestClient]
) -> None:
    answer = api.log_in("alpha.owner", kind=kind)
    token = cookie_of(answer) if kind == "cookie" else answer.json()["token"]
    refused = other(api, token).get(SESSION)
    assert (refused.status_code, code_of(refused)) == (401, "credential_invalid")


def test_a_token_that_begins_like_a_key_is_a_token(
    api: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One token in 262,144 does."""
    monkeypatch.setattr(opening, "new_token", lambda: f"{KEY_PREFIX}{api.unused('t'):x<40}")
    token = api.log_in("alpha.owner").json()["token"]
    assert (token[:3], len(token)) == ("gk_", 43)
    assert with_bearer(api, token).get(SESSION).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer\t",
        "Basic YWxwaGE6YWxwaGE=",
        "bearer nothing",
        f"Bearer {'x' * 43}",
        pytest.param(f"Bearer {new_key().text}", id="a key of nobody"),
        "Bearer gk_",
        "Bearer " + "x" * 60_000,
        "Bearer \xff\xfe",
        "Bearer a b c",
        "Negotiate",
    ],
)
def test_what_is_no_credential_is_told_so(api: Served, header: str) -> None:
    answer = api.nobody().get(SESSION, headers={"Authorization": header.encode("latin-1")})
    assert (answer.status_code, code_of(answer)) == (401, "credential_invalid")
    assert answer.headers["www-authenticate"] == 'Bearer realm="guanche"'


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_scheme_is_read_however_it_is_written(api: Served, scheme: str) -> None:
    token = api.person("alpha.owner").headers["Authorization"].removeprefix("Bearer ")
    answer = api.nobody().get(SESSION, headers={"Authorization": f"{scheme} {token}"})
    assert answer.status_code == 200


def test_answers_with_a_secret_are_never_compressed(
    api: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their length would tell of the secret in them (BREACH)."""
    monkeypatch.setattr(answers, "GZIP_ABOVE_BYTES", 10)
    owner, packed = api.person("alpha.owner", step_up=True), {"Accept-Encoding": "gzip"}
    link = {"Idempotency-Key": api.unused("k")} | packed
    secret = [
        owner.get(SESSION, headers=packed),
        api.log_in("alpha.owner", **packed),
        owner.post("/api/v1/users/alpha.ops/unmask", json={"reason": "核对"}, headers=packed),
        owner.post("/api/v1/users/alpha.ops/password-reset", headers=link),
        owner.post("/api/v1/users/alpha.ops/password-reset", headers=link),
    ]
    assert [answer.status_code for answer in secret] == [200, 201, 200, 201, 201]
    assert [answer.headers.get("content-encoding") for answer in secret] == [None] * 5
    other = owner.get("/api/v1/organisations", headers=packed)
    assert other.headers["content-encoding"] == "gzip"


# Guessing


def guess(api: Served, login: str, times: int) -> list[int]:
    """The statuses of wrong passwords, each from an address of its own."""
    return [
        api.log_in(login, password=f"wrong {n}", counted=True).status_code for n in range(times)
    ]


def test_attempts_on_one_person_are_slowed_down(api: Served, person: str, hands: Hands) -> None:
    assert guess(api, person, 10) == [401] * 10
    slowed = api.log_in(person, counted=True)
    assert (slowed.status_code, code_of(slowed)) == (429, "too_many_attempts")
    assert slowed.headers["retry-after"] == "40"
    assert slowed.json()["facts"] == {"retry_after_s": 40}


def test_attempts_from_one_address_are_slowed_down(api: Served, hands: Hands) -> None:
    address = api.address()

    def guess_from_there(login: str) -> int:
        return api.log_in(login, counted=True, **address).status_code

    statuses = [guess_from_there(f"nobody.{n}") for n in range(32)]
    assert statuses == [401] * 30 + [429] * 2
    assert api.log_in("nobody.0", counted=True).status_code == 401
    hands.move(minutes=1)
    assert guess_from_there("nobody.0") == 401


def test_ten_wrong_passwords_lock_for_a_quarter_of_an_hour(
    api: Served, person: str, hands: Hands
) -> None:
    guess(api, person, 10)
    hands.move(minutes=1)
    locked = api.log_in(person)
    assert (locked.status_code, code_of(locked)) == (401, "login_locked")
    hands.move(minutes=13)
    assert code_of(api.log_in(person)) == "login_locked"
    hands.move(minutes=2)
    assert api.log_in(person).status_code == 201


def test_a_manager_unlocks(api: Served, person: str, hands: Hands) -> None:
    guess(api, person, 10)
    hands.move(minutes=1)
    assert code_of(api.log_in(person)) == "login_locked"
    owner = api.new_session("alpha.owner", step_up=True)
    assert owner.post(f"/api/v1/users/{person}/unlock").json()["locked_until"] is None
    assert api.log_in(person).status_code == 201


def test_a_locked_person_is_not_logged_out(api: Served, person: str, hands: Hands) -> None:
    session = api.new_session(person)
    guess(api, person, 10)
    assert session.get(SESSION).status_code == 200


def test_a_wrong_password_at_a_step_up_counts_too(api: Served, person: str, hands: Hands) -> None:
    session = api.new_session(person)
    for _ in range(9):
        wrong = session.post(f"{SESSION}/step-up", json={"password": "wrong"})
        assert (wrong.status_code, code_of(wrong)) == (422, "password_wrong")
        assert wrong.json()["errors"][0]["field"] == "password"
    slowed = session.post(f"{SESSION}/step-up", json={"password": PASSWORD})
    assert (slowed.status_code, "retry-after" in slowed.headers) == (429, True)


FORWARDED: Final = {
    "of somebody else": ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
    "of the proxy": ("testclient", ["198.51.100.1"], "198.51.100.1"),
    "the last one": ("testclient", ["203.0.113.9, 198.51.100.2"], "198.51.100.2"),
    "the last line": ("testclient", ["203.0.113.9", "198.51.100.3"], "198.51.100.3"),
    "through two proxies": ("testclient", ["198.51.100.4, 127.0.0.9"], "198.51.100.4"),
    "no address": ("testclient", ["<script>"], "testclient"),
    "with a port": ("testclient", ["[2001:DB8::1]:443"], "2001:db8::1"),
    "empty": ("testclient", [" , "], "testclient"),
}


@pytest.mark.parametrize(("peer", "lines", "address"), FORWARDED.values(), ids=list(FORWARDED))
def test_a_forwarded_address_is_believed_of_a_trusted_proxy_only(
    api: Served, hands: Hands, peer: str, lines: list[str], address: str
) -> None:
    """Else whoever guesses would come from another address each time."""
    body = {"login": "alpha.viewer", "password": PASSWORD, "kind": "bearer"}
    client = TestClient(api.app, client=(peer, 4711))
    headers = [("X-Forwarded-For", line) for line in lines]
    token = client.post(SESSIONS, json=body, headers=headers).json()["token"]
    client.close()
    seen = api.as_owner("SELECT ip FROM sessions WHERE token_digest = %s", digest_of(token))
    assert seen == [(address,)]


# How long it lasts


def test_logging_out_ends_the_session_wherever_its_token_is(api: Served) -> None:
    token = api.log_in("alpha.owner").json()["token"]
    here, there = with_bearer(api, token), with_bearer(api, token)
    left = here.delete(SESSION)
    assert (left.status_code, left.content) == (204, b"")
    assert (there.get(SESSION).status_code, there.delete(SESSION).status_code) == (401, 401)


def test_logging_out_a_browser_takes_the_cookie_away(api: Served) -> None:
    answer = api.log_in("alpha.owner", kind="cookie")
    headers = {"X-CSRF-Token": answer.json()["csrf_token"]}
    left = with_cookie(api, cookie_of(answer)).delete(SESSION, headers=headers)
    morsel = SimpleCookie(left.headers["set-cookie"])[COOKIE]
    assert (left.status_code, morsel.value, morsel["max-age"]) == (204, "", "0")


def test_logging_out_everywhere_ends_all_of_ones_own(api: Served, person: str) -> None:
    scripts = [api.new_session(person) for _ in range(2)]
    browser = with_cookie(api, cookie_of(api.log_in(person, kind="cookie")))
    assert {line["kind"] for line in scripts[0].get(SESSIONS).json()} == {"cookie", "bearer"}
    assert [line["current"] for line in scripts[0].get(SESSIONS).json()].count(True) == 1
    assert scripts[0].delete(SESSIONS).json() == {"sessions": 3}
    assert [each.get(SESSION).status_code for each in (*scripts, browser)] == [401] * 3
    assert api.person("alpha.owner").get(SESSION).status_code == 200


def test_an_unused_session_ends(api: Served, person: str, hands: Hands) -> None:
    session = api.new_session(person)
    for _ in range(3):
        hands.move(seconds=api.settings.session_idle_s - 1)
        assert session.get(SESSION).status_code == 200
    hands.move(seconds=api.settings.session_idle_s)
    assert code_of(session.get(SESSION)) == "credential_invalid"


def test_a_session_in_use_ends_after_a_week(api: Served, person: str, hands: Hands) -> None:
    session, began = api.new_session(person), hands.at
    while hands.at - began < timedelta(days=7) - MINUTE:
        assert session.get(SESSION).status_code == 200
        hands.move(seconds=api.settings.session_idle_s // 2)
    hands.at = began + timedelta(days=7)
    assert session.get(SESSION).status_code == 401


def test_use_is_written_down_once_a_minute_even_where_it_failed(
    api: Served, person: str, hands: Hands
) -> None:
    session, began = api.new_session(person), hands.at
    seen = "SELECT last_seen_at FROM sessions WHERE token_digest = %s"
    digest = digest_of(session.headers["Authorization"].removeprefix("Bearer "))
    hands.move(seconds=59)
    assert session.get("/api/v1/organisations/nowhere").status_code == 404
    assert api.as_owner(seen, digest) == [(began,)]
    hands.move(seconds=1)
    assert session.get("/api/v1/organisations/nowhere").status_code == 404
    assert api.as_owner(seen, digest) == [(hands.at,)]


def test_who_is_disabled_is_out_at_once(api: Served, person: str) -> None:
    session, owner = api.new_session(person), api.person("alpha.owner", step_up=True)
    etag = owner.get(f"/api/v1/users/{person}").headers["etag"]
    changed = owner.patch(
        f"/api/v1/users/{person}", json={"disabled": True}, headers={"If-Match": etag}
    )
    assert (changed.status_code, changed.json()["disabled"]) == (200, True)
    assert session.get(SESSION).status_code == 401
    assert code_of(api.log_in(person)) == "login_failed"


def test_another_role_counts_at_once(api: Served, person: str) -> None:
    session, owner = api.new_session(person), api.person("alpha.owner", step_up=True)
    assert session.get("/api/v1/api-keys").status_code == 200
    etag = owner.get(f"/api/v1/users/{person}").headers["etag"]
    body = {"roles": ["viewer"]}
    owner.patch(f"/api/v1/users/{person}", json=body, headers={"If-Match": etag})
    refused = session.get("/api/v1/api-keys")
    assert (refused.status_code, code_of(refused)) == (403, "permission_missing")
    assert session.get(SESSION).json()["roles"] == ["viewer"]


def test_an_administrator_logs_somebody_out(api: Served, person: str) -> None:
    sessions = [api.new_session(person) for _ in range(2)]
    owner = api.person("alpha.owner", step_up=True)
    assert owner.post(f"/api/v1/users/{person}/log-out").json() == {"sessions": 2}
    assert [session.get(SESSION).status_code for session in sessions] == [401, 401]


def test_another_password_ends_all_other_sessions(api: Served, person: str) -> None:
    here, there = api.new_session(person), api.new_session(person)
    new = "Quarry-ferry-17"
    body = {"old_password": PASSWORD, "new_password": new}
    changed = here.put(f"{SESSION}/password", json=body)
    assert (changed.status_code, changed.content) == (204, b"")
    assert (here.get(SESSION).status_code, there.get(SESSION).status_code) == (200, 401)
    assert api.log_in(person).status_code == 401
    assert api.log_in(person, password=new).status_code == 201


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"old_password": "wrong", "new_password": "Quarry-ferry-17"}, "password_wrong", "old"),
        ({"old_password": PASSWORD, "new_password": "Kq7#x"}, "password_too_weak", "new"),
        ({"old_password": PASSWORD, "new_password": PASSWORD}, "password_too_weak", "new"),
        ({"old_password": PASSWORD, "new_password": "1234567890"}, "password_too_weak", "new"),
    ],
)
def test_a_password_is_changed_by_who_knows_it_to_a_good_one(
    api: Served, person: str, body: dict[str, str], code: str, field: str
) -> None:
    refused = api.new_session(person).put(f"{SESSION}/password", json=body)
    assert (refused.status_code, code_of(refused)) == (422, code)
    assert refused.json()["errors"][0]["field"] == f"{field}_password"
    assert body["new_password"] not in refused.text
    assert api.log_in(person).status_code == 201


# Step-up


def test_a_step_up_opens_dangerous_verbs_for_a_while(
    api: Served, person: str, hands: Hands
) -> None:
    session = api.new_session(person)
    unmask = f"/api/v1/users/{person}/unmask"
    reason = {"reason": "核对"}
    closed = session.post(unmask, json=reason)
    assert (closed.status_code, code_of(closed)) == (403, "step_up_required")
    told = session.post(f"{SESSION}/step-up", json={"password": PASSWORD}).json()
    assert (told["login"], told["stepped_up"]) == (person, True)
    assert session.post(unmask, json=reason).status_code == 200
    hands.move(seconds=api.settings.step_up_s - 1)
    assert session.post(unmask, json=reason).status_code == 200
    hands.move(seconds=1)
    assert code_of(session.post(unmask, json=reason)) == "step_up_required"
    assert session.get(SESSION).json()["stepped_up"] is False


def test_a_step_up_is_of_one_session(api: Served, person: str) -> None:
    api.new_session(person, step_up=True)
    other = api.new_session(person).post(f"/api/v1/users/{person}/unmask", json={"reason": "核对"})
    assert code_of(other) == "step_up_required"
