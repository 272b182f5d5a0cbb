"""Begins sessions, steps them up, ends and lists them.

Leaves out whether the password is right (`proving`), and whose a session is once it is shown
(`recognising`).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.identity import service as identity
from fleet.sessions import actors, store
from fleet.sessions.acts.service import record_act
from fleet.sessions.errors import SessionNotFound
from fleet.sessions.model import (
    DEFAULT_RULES,
    Attempt,
    LoggedIn,
    LoginRefused,
    LoginRules,
    Session,
    SessionKind,
    SessionLine,
)
from fleet.sessions.proving.service import prove, prove_again
from kit.tokens import digest_of, new_token
from schemas.access import Actor

__all__ = ["list_sessions", "log_in", "log_out", "log_out_everywhere", "step_up"]


def log_in(
    conn: Connection[Any],
    *,
    login: str,
    password: str,
    kind: SessionKind,
    ip: str | None,
    user_agent: str | None,
    now: datetime,
    rules: LoginRules = DEFAULT_RULES,
    request_id: str | None = None,
) -> LoggedIn | LoginRefused:
    """A new session with a new token, or why not: LoginFailed, LoginLocked, TooManyAttempts.

    Commit in either case. Afterwards the transaction acts for the person's organisation.
    """
    person = prove(conn, login, Attempt(password, now, rules, ip, request_id))
    if isinstance(person, LoginRefused):
        return person
    token = new_token()
    expires_at = now + timedelta(seconds=rules.session_max_s)
    row = actors.session_row(
        person,
        kind=kind,
        digest=digest_of(token),
        now=now,
        expires_at=expires_at,
        ip=ip,
        user_agent=user_agent,
    )
    session = actors.session_of(
        person, session_id=store.insert_session(conn, row), kind=kind, now=now, until=expires_at
    )
    store.mark_logged_in(conn, user_id=person.id, now=now)
    actor = actors.at_the_door(person, ip=ip, request_id=request_id)
    told = {"session": session.id, "kind": kind}
    record_act(conn, actor, "session.start", person.login, now=now, after=told)
    return LoggedIn(token, session)


def log_out(conn: Connection[Any], actor: Actor, session_id: int, now: datetime) -> None:
    """End one of the actor's own sessions.

    Raises:
        SessionNotFound: they have no such session running.
    """
    if not store.end_session(conn, session_id=session_id, login=actor.name, now=now):
        raise SessionNotFound("you have no such session", session_id=session_id)
    record_act(conn, actor, "session.end", actor.name, now=now, after={"session": session_id})


def log_out_everywhere(
    conn: Connection[Any],
    actor: Actor,
    user_id: int,
    now: datetime,
    except_id: int | None = None,
) -> int:
    """End the actor's own sessions, but one; how many there were. `user_id` is theirs."""
    ended = identity.end_sessions(conn, user_id=user_id, now=now, except_id=except_id)
    record_act(conn, actor, "session.end_all", actor.name, now=now, after={"sessions": ended})
    return ended


def list_sessions(conn: Connection[Any], user_id: int, now: datetime) -> list[SessionLine]:
    """A person's own running sessions, the one last used first."""
    return store.list_sessions(conn, user_id=user_id, now=now)


def step_up(
    conn: Connection[Any],
    actor: Actor,
    session: Session,
    password: str,
    now: datetime,
    *,
    rules: LoginRules = DEFAULT_RULES,
) -> Session | LoginRefused:
    """The session, stepped up by the password given again, or why not.

    A wrong password counts as one at log-in does. Commit in either case. PasswordWrong,
    LoginLocked, TooManyAttempts.

    Raises:
        SessionNotFound: the session has ended meanwhile.
    """
    attempt = Attempt(password, now, rules, actor.ip, actor.request_id)
    refused = prove_again(conn, session, attempt)
    if refused is not None:
        return refused
    if not store.mark_session_stepped_up(conn, session_id=session.id, now=now):
        raise SessionNotFound("the session has ended", session_id=session.id)
    told = {"session": session.id}
    record_act(conn, actor, "session.step_up", session.login, now=now, after=told)
    return replace(session, stepped_up_at=now)
