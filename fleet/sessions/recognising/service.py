"""Says whose a token or a key is, and writes now and then that it is used.

What is asked before it is known who asks comes from the functions `identity_find_…` of the
database. Leaves out how a session begins (`opening`).
"""

from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.sessions import actors, store
from fleet.sessions.model import Machine, Session
from kit.tokens import digest_of, has_digest, parse_key
from schemas.access import Actor

__all__ = [
    "actor_of",
    "actor_of_machine",
    "find_machine",
    "find_session",
    "is_stale",
    "touch_machine",
    "touch_session",
]


def find_session(
    conn: Connection[Any], token: str, *, now: datetime, idle_s: int
) -> Session | None:
    """Whose token this is; None if it is unknown, ended, expired or unused for `idle_s`."""
    found = store.find_session(conn, digest_of(token))
    return found if found is not None and actors.holds(found, now=now, idle_s=idle_s) else None


def find_machine(conn: Connection[Any], key: str, *, now: datetime) -> Machine | None:
    """Whose key this is; None if it is unknown, revoked or expired."""
    given = parse_key(key)
    found = None if given is None else store.find_api_key(conn, given.key_id)
    if given is None or found is None or not has_digest(given.secret, found.secret_digest):
        return None
    return actors.machine_found(found) if now < found.expires_at else None


def actor_of(
    session: Session,
    *,
    now: datetime,
    step_up_s: int,
    ip: str | None = None,
    request_id: str | None = None,
) -> Actor:
    """The person of a session, stepped up if they gave their password within `step_up_s`."""
    return actors.person_of(session, now=now, step_up_s=step_up_s, ip=ip, request_id=request_id)


def actor_of_machine(
    machine: Machine, *, ip: str | None = None, request_id: str | None = None
) -> Actor:
    """The machine of a key; its name is `key:` and the key's id."""
    return actors.machine_of(machine, ip=ip, request_id=request_id)


def is_stale(last: datetime | None, now: datetime) -> bool:
    """Whether a session or key was last written as used a minute ago or more."""
    return actors.is_stale(last, now)


def touch_session(conn: Connection[Any], session_id: int, now: datetime) -> None:
    """Write that a session is used. The transaction acts for its organisation already."""
    store.mark_session_seen(conn, session_id=session_id, now=now)


def touch_machine(conn: Connection[Any], machine_id: int, now: datetime) -> None:
    """Write that a key is used. The transaction acts for its organisation already."""
    store.mark_api_key_used(conn, machine_id=machine_id, now=now)
