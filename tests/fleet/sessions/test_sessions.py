"""Sessions: how long they hold, how they end, and the password given once more."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection

from fleet.identity.service import make_reset_link_token
from fleet.sessions.errors import (
    LoginLocked,
    OldPasswordWrong,
    PasswordTooWeak,
    PasswordWrong,
    ResetLinkInvalid,
    SessionNotFound,
    TooManyAttempts,
)
from fleet.sessions.model import LoginRefused, LoginRules, Session
from fleet.sessions.service import (
    change_password,
    is_stale,
    list_sessions,
    log_out,
    log_out_everywhere,
    redeem_reset,
    step_up,
    touch_session,
)
from tests.fleet.identity.people import NOW, PASSWORD, People, acting, column, later, trail

from .doors import STEP_UP_S, actor_at, enter, fail, session_at

FAST = LoginRules(attempts_per_ip=10_000, attempts_per_login=10_000)
NEW_PASSWORD = "another good one"


def test_a_session_expires_however_much_it_is_used(
    app_conn: Connection[Any], people: People
) -> None:
    entered = enter(app_conn, rules=LoginRules(session_max_s=3_600))
    session = entered.session
    with acting(app_conn, actor_at(session)):
        touch_session(app_conn, session.id, later(minutes=59))
    assert session_at(app_conn, entered.token, later(seconds=3_599)) == replace(
        session, last_seen_at=later(minutes=59)
    )
    assert session_at(app_conn, entered.token, later(seconds=3_600)) is None


def test_a_session_that_is_not_used_ends(app_conn: Connection[Any], people: People) -> None:
    entered = enter(app_conn)
    assert session_at(app_conn, entered.token, later(hours=11, minutes=59)) == entered.session
    assert session_at(app_conn, entered.token, later(hours=12)) is None
    with acting(app_conn, actor_at(entered.session)):
        touch_session(app_conn, entered.session.id, later(hours=11))
        touch_session(app_conn, entered.session.id, later(hours=10))
    found = session_at(app_conn, entered.token, later(hours=22))
    assert found is not None
    assert found.last_seen_at == later(hours=11)


def test_use_is_written_once_a_minute() -> None:
    assert is_stale(None, NOW) is True
    assert is_stale(NOW, later(seconds=59)) is False
    assert is_stale(NOW, later(seconds=60)) is True


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "\x00", "\ud800", "'; --", "x" * 100_000])
def test_an_unknown_token_is_nobodys(app_conn: Connection[Any], people: People, token: str) -> None:
    enter(app_conn)
    assert session_at(app_conn, token) is None


def test_roles_are_those_of_now(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    token = enter(app_conn).token
    conn.execute("UPDATE users SET roles = ARRAY['viewer'] WHERE login = 'ops'")
    conn.commit()
    found = session_at(app_conn, token)
    assert found is not None
    assert found.roles == ["viewer"]
    assert "device.bind" not in actor_at(found).permissions


def test_who_logs_out_is_out(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    first, second = enter(app_conn), enter(app_conn)
    with acting(app_conn, actor_at(first.session)) as actor:
        log_out(app_conn, actor, first.session.id, NOW)
    assert session_at(app_conn, first.token) is None
    assert session_at(app_conn, second.token) == second.session
    assert trail(conn, "session.end") == [("ops", "ops", None, {"session": first.session.id})]
    with pytest.raises(SessionNotFound), acting(app_conn, actor_at(first.session)) as actor:
        log_out(app_conn, actor, first.session.id, NOW)


def test_nobody_ends_anothers_session_as_their_own(
    app_conn: Connection[Any], people: People
) -> None:
    own, theirs = enter(app_conn, "manager"), enter(app_conn, "ops")
    with pytest.raises(SessionNotFound), acting(app_conn, actor_at(own.session)) as actor:
        log_out(app_conn, actor, theirs.session.id, NOW)
    assert session_at(app_conn, theirs.token) == theirs.session


def test_log_out_everywhere(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    entered = [enter(app_conn) for _ in range(3)]
    other = enter(app_conn, "manager")
    session = entered[0].session
    with acting(app_conn, actor_at(session)) as actor:
        ended = log_out_everywhere(app_conn, actor, session.user_id, NOW, except_id=session.id)
    assert ended == 2
    still = [session_at(app_conn, each.token) for each in (*entered, other)]
    assert still == [session, None, None, other.session]
    with acting(app_conn, actor_at(session)) as actor:
        assert log_out_everywhere(app_conn, actor, session.user_id, NOW) == 1
    assert session_at(app_conn, entered[0].token) is None
    told = [after for _, _, _, after in trail(conn, "session.end_all")]
    assert told == [{"sessions": 2}, {"sessions": 1}]


def test_running_sessions_are_listed(app_conn: Connection[Any], people: People) -> None:
    first = enter(app_conn, kind="cookie", ip="10.0.0.7", user_agent="Firefox").session
    second = enter(app_conn, now=later(minutes=1)).session
    ended = enter(app_conn, now=later(minutes=2)).session
    enter(app_conn, now=later(minutes=3), rules=LoginRules(session_max_s=60))
    enter(app_conn, "manager")
    with acting(app_conn, actor_at(first)) as actor:
        log_out(app_conn, actor, ended.id, NOW)
        lines = list_sessions(app_conn, first.user_id, later(minutes=10))
    assert [line.id for line in lines] == [second.id, first.id]
    assert (lines[1].kind, lines[1].ip, lines[1].user_agent) == ("cookie", "10.0.0.7", "Firefox")
    assert (lines[1].created_at, lines[1].last_seen_at, lines[1].expires_at) == (
        NOW, NOW, later(days=7)
    )  # fmt: skip


def give_again(
    conn: Connection[Any], session: Session, password: str = PASSWORD, **given: Any
) -> Session | LoginRefused:
    with acting(conn, actor_at(session)) as actor:
        return step_up(conn, actor, session, password, given.pop("now", NOW), **given)


def error_of(outcome: object) -> Exception:
    assert isinstance(outcome, LoginRefused)
    return outcome.error


def test_the_password_given_again_opens_dangerous_verbs_for_a_while(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    entered = enter(app_conn, "manager")
    stepped = give_again(app_conn, entered.session, now=later(minutes=1))
    assert stepped == replace(entered.session, stepped_up_at=later(minutes=1))
    found = session_at(app_conn, entered.token)
    assert found == stepped
    opened = later(seconds=60 + STEP_UP_S - 1)
    assert actor_at(found, opened).stepped_up is True
    assert actor_at(found, later(seconds=60 + STEP_UP_S)).stepped_up is False
    other = enter(app_conn, "manager").token
    elsewhere = session_at(app_conn, other)
    assert elsewhere is not None
    assert actor_at(elsewhere).stepped_up is False
    told = [after for _, _, _, after in trail(conn, "session.step_up")]
    assert told == [{"session": entered.session.id}]


def test_a_wrong_password_given_again_counts_as_one_at_log_in(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    entered = enter(app_conn, rules=FAST)
    for _ in range(10):
        error = error_of(give_again(app_conn, entered.session, "wrong", rules=FAST))
        assert type(error) is PasswordWrong
        assert error.field == "password"
    assert column(conn, "ops", "failed_logins") == 10
    conn.rollback()
    assert type(error_of(give_again(app_conn, entered.session, rules=FAST))) is LoginLocked
    assert fail(app_conn, password=PASSWORD, rules=FAST).code == "login_locked"
    found = session_at(app_conn, entered.token)
    assert found == entered.session
    assert len(trail(conn, "session.refused")) == 12


def test_giving_it_again_is_limited_too(app_conn: Connection[Any], people: People) -> None:
    session = enter(app_conn).session
    for _ in range(9):
        give_again(app_conn, session, "wrong")
    assert type(error_of(give_again(app_conn, session))) is TooManyAttempts


def test_a_session_that_has_ended_is_not_stepped_up(
    app_conn: Connection[Any], people: People
) -> None:
    session = enter(app_conn).session
    with acting(app_conn, actor_at(session)) as actor:
        log_out(app_conn, actor, session.id, NOW)
    with pytest.raises(SessionNotFound):
        give_again(app_conn, session)


def test_a_new_password_ends_all_other_sessions(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    own, other = enter(app_conn), enter(app_conn)
    with acting(app_conn, people["manager"]) as actor:
        link, _ = make_reset_link_token(app_conn, actor, login="ops", now=NOW, valid_s=600)
    with acting(app_conn, actor_at(own.session)) as actor:
        outcome = change_password(
            app_conn, actor, own.session, PASSWORD, NEW_PASSWORD, later(minutes=1)
        )
    assert outcome is None
    assert session_at(app_conn, own.token) == own.session
    assert session_at(app_conn, other.token) is None
    assert fail(app_conn, password=PASSWORD, now=later(minutes=2)).code == "login_failed"
    assert enter(app_conn, password=NEW_PASSWORD, now=later(minutes=2)).session.login == "ops"
    assert column(conn, "ops", "password_changed_at") == later(minutes=1)
    told = [after for _, _, _, after in trail(conn, "user.change_password")]
    assert told == [{"password": "changed", "sessions_ended": 1}]
    with pytest.raises(ResetLinkInvalid):
        redeem_reset(
            app_conn,
            token=link,
            new_password="a third good one",
            ip=None,
            request_id=None,
            now=later(minutes=3),
        )


def test_a_new_password_needs_the_old_one(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    session = enter(app_conn).session
    with acting(app_conn, actor_at(session)) as actor:
        error = error_of(change_password(app_conn, actor, session, "wrong", NEW_PASSWORD, NOW))
    assert type(error) is OldPasswordWrong
    assert (error.code, error.field) == ("password_wrong", "old_password")
    assert column(conn, "ops", "failed_logins") == 1
    assert enter(app_conn).session.login == "ops"


@pytest.mark.parametrize(
    ("new", "rule"),
    [("short", "too_short"), ("password123", "common"), (PASSWORD, "unchanged")],
)
def test_a_weak_new_password_is_refused_before_the_old_is_tried(
    app_conn: Connection[Any], conn: Connection[Any], people: People, new: str, rule: str
) -> None:
    session = enter(app_conn).session
    old = PASSWORD if rule == "unchanged" else "wrong"
    with pytest.raises(PasswordTooWeak) as raised, acting(app_conn, actor_at(session)) as actor:
        change_password(app_conn, actor, session, old, new, NOW)
    assert raised.value.facts == {"rule": rule}
    assert column(conn, "ops", "failed_logins") == 0
