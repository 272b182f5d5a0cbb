"""The door: who gets in, who does not, and what that costs and tells."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher
from psycopg import Connection

from fleet.identity.service import unlock_user
from fleet.sessions.errors import LoginFailed, LoginLocked, TooManyAttempts
from fleet.sessions.model import LoggedIn, LoginRules
from fleet.sessions.passwords import needs_rehash, verify_password
from fleet.sessions.proving import service as proving
from fleet.sessions.service import log_in, set_password
from kit import clock
from kit.db import connect
from kit.tokens import digest_of
from schemas.access import SYSTEM, permissions_of
from tests.fleet.identity.people import NOW, PASSWORD, People, acting, column, later, trail

from .doors import actor_at, attempt, enter, fail, session_at

FAST = LoginRules(attempts_per_ip=10_000, attempts_per_login=10_000)
"""For tests of the lock: more attempts a minute than the API allows."""


def test_who_gives_the_right_password_is_in(app_conn: Connection[Any], people: People) -> None:
    entered = enter(
        app_conn, " OPS", kind="cookie", ip="10.0.0.7", user_agent="Mozilla/5.0", request_id="r7"
    )
    session = entered.session
    assert (session.login, session.name, session.roles) == ("ops", "Ops", ["ops"])
    assert (session.kind, session.expires_at) == ("cookie", later(days=7))
    assert (session.last_seen_at, session.stepped_up_at) == (NOW, None)
    assert session.organisation_id == people.organisations["depot"]
    assert session.organisation_code == "depot"
    assert session_at(app_conn, entered.token) == session
    actor = actor_at(session)
    assert (actor.kind, actor.name, actor.stepped_up) == ("person", "ops", False)
    assert actor.permissions == permissions_of({"ops"})


def test_a_log_in_is_written_down(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    session = enter(app_conn, ip="10.0.0.7", request_id="r7").session
    assert trail(conn, "session.start") == [
        ("ops", "ops", None, {"session": session.id, "kind": "bearer"})
    ]
    entry = conn.execute(
        "SELECT ip, request_id, organisation_id FROM audit_entries WHERE action = 'session.start'"
    ).fetchone()
    assert entry == ("10.0.0.7", "r7", people.organisations["depot"])
    assert column(conn, "ops", "last_login_at") == NOW


def test_a_token_is_new_each_time_and_stored_as_a_digest(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    tokens = [enter(app_conn, now=later(minutes=n)).token for n in range(3)]
    assert len(set(tokens)) == 3
    rows = conn.execute("SELECT token_digest, s::text FROM sessions s ORDER BY id").fetchall()
    assert [digest for digest, _ in rows] == [digest_of(token) for token in tokens]
    everything = " ".join(text for _, text in rows) + repr(trail(conn, "session.start"))
    assert [token for token in tokens if token in everything] == []


def test_a_session_cannot_be_given_a_token_beforehand(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    """Fixation: what somebody knew before a log-in opens nothing after it."""
    before = enter(app_conn, "manager").token
    after = enter(app_conn, "ops", now=later(minutes=1)).token
    assert before != after
    found = session_at(app_conn, before)
    assert found is not None
    assert found.login == "manager"
    digests = conn.execute("SELECT count(DISTINCT token_digest) FROM sessions").fetchone()
    assert digests == (2,)
    may = conn.execute(
        "SELECT has_column_privilege('guanche_app', 'sessions', 'token_digest', 'UPDATE'),"
        " has_column_privilege('guanche_app', 'sessions', 'user_id', 'UPDATE')"
    ).fetchone()
    assert may == (False, False)


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str | None, bool]]:
    """Every hash a password is verified against, and whether it fitted."""
    seen: list[tuple[str | None, bool]] = []
    real: Callable[[str | None, str], bool] = verify_password

    def spy(stored: str | None, password: str) -> bool:
        fitted = real(stored, password)
        seen.append((stored, fitted))
        return fitted

    monkeypatch.setattr(proving, "verify_password", spy)
    return seen


@pytest.fixture
def westerner_disabled(conn: Connection[Any], people: People) -> None:
    """`westerner` has a password and is disabled."""
    set_password(conn, SYSTEM, login="westerner", password=PASSWORD, now=NOW)
    conn.execute("UPDATE users SET disabled_at = now() WHERE login = 'westerner'")
    conn.commit()


@pytest.mark.parametrize(
    ("login", "password"),
    [
        pytest.param("nobody", PASSWORD, id="unknown"),
        pytest.param("owner", PASSWORD, id="no password yet"),
        pytest.param("westerner", PASSWORD, id="disabled"),
        pytest.param("ops", "wrong", id="wrong password"),
        pytest.param("ops", "", id="no password"),
        pytest.param("ops", "x" * 10_000, id="a password longer than any"),
        pytest.param("ops", "\ud800\x00", id="a password no encoding holds"),
        pytest.param("o\x00ps", PASSWORD, id="NUL in the log-in"),
        pytest.param("\ud800", PASSWORD, id="a log-in no encoding holds"),
        pytest.param("", PASSWORD, id="no log-in"),
        pytest.param("x" * 100_000, PASSWORD, id="a log-in longer than any"),
        pytest.param("ops' OR '1'='1", PASSWORD, id="SQL in the log-in"),
    ],
)
@pytest.mark.usefixtures("westerner_disabled")
def test_all_failures_are_alike(
    app_conn: Connection[Any], hashes: list[tuple[str | None, bool]], login: str, password: str
) -> None:
    error = fail(app_conn, login, password, ip="10.0.0.7")
    assert (type(error), error.code, error.message, error.facts) == (
        LoginFailed,
        "login_failed",
        "log-in or password is wrong",
        {},
    )
    assert len(hashes) == 1
    assert hashes[0][1] is (login == "westerner")


def test_an_unknown_log_in_is_verified_against_nobodys_hash(
    app_conn: Connection[Any], people: People, hashes: list[tuple[str | None, bool]]
) -> None:
    fail(app_conn, "nobody")
    fail(app_conn, "owner")
    assert hashes == [(None, False), (None, False)]


def test_failures_of_who_exists_are_written_down(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    conn.execute("UPDATE users SET disabled_at = now() WHERE login = 'manager'")
    conn.commit()
    for login in ("ops", "owner", "manager", "nobody"):
        fail(app_conn, login)
    told = {who: after["reason"] for who, _, _, after in trail(conn, "session.refused")}
    assert told == {"ops": "wrong_password", "owner": "no_password", "manager": "disabled"}
    assert trail(conn, "session.start") == []


def test_brute_force_locks_and_time_unlocks(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    for _ in range(9):
        assert fail(app_conn, rules=FAST).code == "login_failed"
    assert column(conn, "ops", "locked_until") is None
    conn.rollback()
    assert fail(app_conn, rules=FAST).code == "login_failed"
    assert column(conn, "ops", "locked_until") == later(minutes=15)
    conn.rollback()

    locked = fail(app_conn, password=PASSWORD, rules=FAST, now=later(minutes=14))
    assert type(locked) is LoginLocked
    assert locked.facts == {"locked_until": later(minutes=15)}
    assert fail(app_conn, rules=FAST, now=later(minutes=14)).code == "login_failed"

    entered = enter(app_conn, rules=FAST, now=later(minutes=15))
    assert session_at(app_conn, entered.token, later(minutes=15)) == entered.session
    assert column(conn, "ops", "failed_logins") == 0
    assert column(conn, "ops", "locked_until") is None


def test_a_lock_hides_the_right_password_from_who_goes_on(
    app_conn: Connection[Any], people: People
) -> None:
    for _ in range(10 + 5):
        fail(app_conn, rules=FAST)
    assert type(fail(app_conn, password=PASSWORD, rules=FAST)) is LoginFailed


def test_nine_wrong_ones_and_a_right_one_are_forgotten(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    for _ in range(9):
        fail(app_conn, rules=FAST)
    enter(app_conn, rules=FAST)
    assert column(conn, "ops", "failed_logins") == 0
    fail(app_conn, rules=FAST)
    assert type(attempt(app_conn, rules=FAST)) is LoggedIn


def test_an_administrator_unlocks(app_conn: Connection[Any], people: People) -> None:
    for _ in range(10):
        fail(app_conn, rules=FAST)
    assert fail(app_conn, password=PASSWORD, rules=FAST).code == "login_locked"
    with acting(app_conn, people["manager"]) as actor:
        unlock_user(app_conn, actor, login="ops", now=NOW)
    assert enter(app_conn, rules=FAST).session.login == "ops"


def test_one_accounts_lock_leaves_others_alone(app_conn: Connection[Any], people: People) -> None:
    for _ in range(10):
        fail(app_conn, rules=FAST)
    assert enter(app_conn, "manager", rules=FAST).session.login == "manager"


@pytest.mark.parametrize("login", ["ops", "nobody"])
def test_ten_a_minute_on_one_log_in(
    app_conn: Connection[Any], people: People, hashes: list[Any], login: str
) -> None:
    now = later(seconds=45)
    for number in range(10):
        assert fail(app_conn, login, now=now, ip=f"10.0.0.{number}").code == "login_failed"
    error = fail(app_conn, login, PASSWORD, now=now, ip="10.0.1.1")
    assert type(error) is TooManyAttempts
    assert error.facts == {"retry_after_s": 15}
    assert len(hashes) == 10
    assert fail(app_conn, login, now=later(seconds=60), ip="10.0.1.1").code == "login_failed"


def test_thirty_a_minute_from_one_address(
    app_conn: Connection[Any], people: People, hashes: list[Any]
) -> None:
    for number in range(30):
        fail(app_conn, f"guess{number}", ip="10.0.0.7")
    assert fail(app_conn, "manager", PASSWORD, ip="10.0.0.7").code == "too_many_attempts"
    assert len(hashes) == 30
    assert enter(app_conn, "manager", ip="10.0.0.8").session.login == "manager"
    assert enter(app_conn, ip="10.0.0.7", now=later(minutes=1)).session.login == "ops"


def test_counts_hold_neither_log_ins_nor_addresses_and_are_forgotten(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    for day in range(3):
        fail(app_conn, ip="10.0.0.7", now=later(days=day))
    rows = conn.execute(
        "SELECT length(subject), window_at, attempts FROM login_attempts"
    ).fetchall()
    assert sorted(rows) == [(32, at, 1) for at in (later(days=1),) * 2 + (later(days=2),) * 2]


def test_an_old_hash_is_renewed(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    older = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    conn.execute("UPDATE users SET password_hash = %s WHERE login = 'ops'", [older])
    conn.commit()
    fail(app_conn)
    assert column(conn, "ops", "password_hash") == older
    conn.rollback()
    changed_at = column(conn, "ops", "password_changed_at")
    conn.rollback()
    enter(app_conn)
    assert needs_rehash(column(conn, "ops", "password_hash")) is False
    assert column(conn, "ops", "password_changed_at") == changed_at
    assert enter(app_conn).session.login == "ops"


def test_a_long_or_unreadable_user_agent_is_no_obstacle(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    enter(app_conn, user_agent="Mozilla " * 100)
    enter(app_conn, user_agent="a\x00b")
    enter(app_conn, user_agent="")
    kept = conn.execute("SELECT user_agent FROM sessions ORDER BY id").fetchall()
    assert kept == [(("Mozilla " * 100)[:200],), (None,), (None,)]


def test_a_password_changed_while_it_was_verified_is_wrong(
    app_conn: Connection[Any],
    conn: Connection[Any],
    people: People,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slowly(stored: str | None, password: str) -> bool:
        set_password(conn, SYSTEM, login="ops", password="another good one", now=NOW)
        conn.commit()
        return verify_password(stored, password)

    monkeypatch.setattr(proving, "verify_password", slowly)
    assert type(fail(app_conn, password=PASSWORD)) is LoginFailed
    assert conn.execute("SELECT count(*) FROM sessions").fetchone() == (0,)


def test_attempts_at_once_are_counted_each(
    app_conn: Connection[Any], app_url: str, conn: Connection[Any], people: People
) -> None:
    """Two transactions in two windows, so that nothing but the account makes one wait."""
    outcomes: list[str] = []

    def second() -> None:
        with connect(app_url, application_name="second attempt") as own:
            outcomes.append(fail(own, now=later(minutes=1)).code)

    with app_conn.transaction():
        log_in(
            app_conn,
            login="ops",
            password="wrong",
            kind="bearer",
            ip=None,
            user_agent=None,
            now=NOW,
        )
        thread = threading.Thread(target=second)
        thread.start()
        wait_until_blocked(conn, "second attempt")
    thread.join()
    assert outcomes == ["login_failed"]
    assert column(conn, "ops", "failed_logins") == 2


def wait_until_blocked(conn: Connection[Any], application_name: str) -> None:
    """Until that connection waits for a lock."""
    for _ in range(2_000):
        conn.rollback()
        waiting = conn.execute(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = %s"
            " AND wait_event_type = 'Lock'",
            [application_name],
        ).fetchone()
        if waiting is not None:
            conn.rollback()
            return
        clock.sleep(0.01)
    pytest.fail(f"{application_name} waits for nobody")
