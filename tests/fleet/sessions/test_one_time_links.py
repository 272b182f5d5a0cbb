"""One-time links, and passwords set from the command line."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection

from fleet.identity.errors import UserNotFound
from fleet.identity.service import change_user, make_reset_link_token
from fleet.sessions.errors import PasswordTooWeak, ResetLinkInvalid
from fleet.sessions.model import LoginRules
from fleet.sessions.service import redeem_reset, set_password
from kit.db import connect
from kit.tokens import digest_of
from schemas.access import SYSTEM, PermissionMissing
from tests.fleet.identity.people import KEY, NOW, PASSWORD, People, acting, column, later, trail

from .doors import enter, fail, session_at

NEW_PASSWORD = "another good one"
FAST = LoginRules(attempts_per_ip=10_000, attempts_per_login=10_000)


def make(conn: Connection[Any], people: People, login: str = "ops", valid_s: int = 3_600) -> str:
    with acting(conn, people["owner"]) as actor:
        token, expires_at = make_reset_link_token(
            conn, actor, login=login, now=NOW, valid_s=valid_s
        )
    assert (expires_at - NOW).total_seconds() == valid_s
    return token


def redeem(conn: Connection[Any], token: str, password: str = NEW_PASSWORD, **given: Any) -> None:
    asked: dict[str, Any] = {"ip": "10.0.0.7", "request_id": "r7", "now": later(minutes=1)} | given
    conn.rollback()
    with conn.transaction():
        redeem_reset(conn, token=token, new_password=password, **asked)


def test_a_link_gives_somebody_new_a_password(app_conn: Connection[Any], people: People) -> None:
    redeem(app_conn, make(app_conn, people, "auditor"))
    entered = enter(app_conn, "auditor", password=NEW_PASSWORD)
    assert entered.session.login == "auditor"


def test_a_link_ends_sessions_and_the_old_password(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    token = enter(app_conn).token
    redeem(app_conn, make(app_conn, people))
    assert session_at(app_conn, token) is None
    assert fail(app_conn, password=PASSWORD).code == "login_failed"
    assert column(conn, "ops", "password_changed_at") == later(minutes=1)
    assert trail(conn, "user.redeem_reset") == [
        ("ops", "ops", None, {"password": "changed", "sessions_ended": 1})
    ]


def test_a_link_unlocks(app_conn: Connection[Any], people: People) -> None:
    for _ in range(10):
        fail(app_conn, rules=FAST)
    assert fail(app_conn, password=PASSWORD, rules=FAST).code == "login_locked"
    redeem(app_conn, make(app_conn, people))
    assert enter(app_conn, password=NEW_PASSWORD, rules=FAST).session.login == "ops"


def test_a_link_is_used_once(app_conn: Connection[Any], people: People) -> None:
    token = make(app_conn, people)
    redeem(app_conn, token)
    with pytest.raises(ResetLinkInvalid):
        redeem(app_conn, token, "a third good one")
    assert enter(app_conn, password=NEW_PASSWORD).session.login == "ops"


def test_two_at_once_use_a_link_once(
    app_conn: Connection[Any], app_url: str, people: People
) -> None:
    token = make(app_conn, people)
    outcomes: dict[str, str] = {}

    def use(password: str) -> None:
        with connect(app_url) as own:
            try:
                redeem(own, token, password)
                outcomes[password] = "used"
            except ResetLinkInvalid:
                outcomes[password] = "invalid"

    threads = [threading.Thread(target=use, args=[f"password of thread {n}"]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes.values()) == ["invalid", "invalid", "invalid", "used"]
    winner = next(password for password, outcome in outcomes.items() if outcome == "used")
    assert enter(app_conn, password=winner).session.login == "ops"


def test_a_link_expires(app_conn: Connection[Any], people: People) -> None:
    token = make(app_conn, people, valid_s=600)
    with pytest.raises(ResetLinkInvalid):
        redeem(app_conn, token, now=later(seconds=600))
    redeem(app_conn, token, now=later(seconds=599))
    assert enter(app_conn, password=NEW_PASSWORD).session.login == "ops"


def test_a_newer_link_replaces_an_older_one(app_conn: Connection[Any], people: People) -> None:
    older, other, newer = (make(app_conn, people, who) for who in ("ops", "manager", "ops"))
    with pytest.raises(ResetLinkInvalid):
        redeem(app_conn, older)
    redeem(app_conn, newer)
    redeem(app_conn, other)


def test_a_link_of_somebody_disabled_is_dead_for_good(
    app_conn: Connection[Any], people: People
) -> None:
    token = make(app_conn, people)
    for version, disabled in ((1, True), (2, False)):
        with acting(app_conn, people["owner"]) as actor:
            change_user(
                app_conn,
                actor,
                login="ops",
                version=version,
                changes={"disabled": disabled},
                key=KEY,
                now=NOW,
            )
        with pytest.raises(ResetLinkInvalid):
            redeem(app_conn, token)


def test_a_weak_password_leaves_the_link_usable(app_conn: Connection[Any], people: People) -> None:
    token = make(app_conn, people)
    for weak in ("short", "password123", "x" * 257):
        with pytest.raises(PasswordTooWeak):
            redeem(app_conn, token, weak)
    redeem(app_conn, token)
    assert enter(app_conn, password=NEW_PASSWORD).session.login == "ops"


@pytest.mark.parametrize("token", ["", "x" * 43, "\x00", "\ud800"])
def test_an_unknown_link_is_invalid(app_conn: Connection[Any], people: People, token: str) -> None:
    with pytest.raises(ResetLinkInvalid):
        redeem(app_conn, token)


def test_a_link_is_stored_as_a_digest_only(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    token = make(app_conn, people)
    row = conn.execute("SELECT token_digest, created_by, p::text FROM password_resets p").fetchone()
    assert row is not None
    assert row[:2] == (digest_of(token), "owner")
    assert token not in row[2]
    assert trail(conn, "user.reset_password") == [
        ("owner", "ops", None, {"expires_at": later(hours=1).isoformat()})
    ]


def test_the_system_sets_a_password(conn: Connection[Any], people: People) -> None:
    set_password(conn, SYSTEM, login="OPS ", password=NEW_PASSWORD, now=later(minutes=1))
    assert column(conn, "ops", "password_changed_at") == later(minutes=1)
    assert trail(conn, "user.set_password")[-1] == (
        "guanche", "ops", None, {"password": "changed", "sessions_ended": 0}
    )  # fmt: skip
    with pytest.raises(UserNotFound):
        set_password(conn, SYSTEM, login="nobody", password=NEW_PASSWORD, now=NOW)
    with pytest.raises(PasswordTooWeak):
        set_password(conn, SYSTEM, login="ops", password="ops", now=NOW)


def test_nobody_else_sets_a_password(app_conn: Connection[Any], people: People) -> None:
    machine = replace(people["owner"], kind="machine")
    for actor in (people["owner"], people["ops"], machine):
        with pytest.raises(PermissionMissing), acting(app_conn, actor):
            set_password(app_conn, actor, login="ops", password=NEW_PASSWORD, now=NOW)
