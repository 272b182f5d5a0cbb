"""Log-ins as the edge makes them: whatever comes out is committed."""

from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.sessions.model import LoggedIn, LoginRefused, Session
from fleet.sessions.service import actor_of, find_session, log_in
from kit.errors import DomainError
from schemas.access import Actor
from tests.fleet.identity.people import NOW, PASSWORD

IDLE_S = 12 * 3_600
STEP_UP_S = 300


def attempt(
    conn: Connection[Any], login: str = "ops", password: str = PASSWORD, **given: Any
) -> LoggedIn | LoginRefused:
    """One attempt, without an address unless given."""
    asked: dict[str, Any] = {"kind": "bearer", "ip": None, "user_agent": None, "now": NOW} | given
    conn.rollback()
    with conn.transaction():
        return log_in(conn, login=login, password=password, **asked)


def enter(conn: Connection[Any], login: str = "ops", **given: Any) -> LoggedIn:
    """A log-in that succeeds."""
    outcome = attempt(conn, login, **given)
    assert isinstance(outcome, LoggedIn), outcome
    return outcome


def fail(
    conn: Connection[Any], login: str = "ops", password: str = "wrong", **given: Any
) -> DomainError:
    """A log-in that does not."""
    outcome = attempt(conn, login, password, **given)
    assert isinstance(outcome, LoginRefused), outcome
    return outcome.error


def session_at(conn: Connection[Any], token: str, now: datetime = NOW) -> Session | None:
    """Whose token it is then."""
    return find_session(conn, token, now=now, idle_s=IDLE_S)


def actor_at(session: Session, now: datetime = NOW) -> Actor:
    """The person of a session then."""
    return actor_of(session, now=now, step_up_s=STEP_UP_S, ip="10.0.0.7", request_id="r7")
