"""Runs the SQL of sessions and log-ins: one function a query."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from fleet.sessions.model import Credential, Person, ResetLink, Session, SessionLine, StoredKey
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
_Row = TypeVar("_Row")


def find_session(conn: Connection[Any], digest: bytes) -> Session | None:
    """The session whose token has this digest, unless it was ended or its person disabled."""
    return _one(conn, Session, _queries.find_session, {"digest": digest})


def find_api_key(conn: Connection[Any], key_id: str) -> StoredKey | None:
    """The key with this public id, unless it was revoked."""
    return _one(conn, StoredKey, _queries.find_api_key, {"key_id": key_id})


def find_credential(conn: Connection[Any], login: str) -> Credential | None:
    """Whose log-in this is."""
    return _one(conn, Credential, _queries.find_credential, {"login": login})


def find_reset(conn: Connection[Any], digest: bytes) -> ResetLink | None:
    """The unused one-time link whose token has this digest, unless its person is disabled."""
    return _one(conn, ResetLink, _queries.find_reset, {"digest": digest})


def lock_person(conn: Connection[Any], user_id: int) -> Person | None:
    """The person in sight, theirs alone until the transaction ends."""
    return _one(conn, Person, _queries.lock_person, {"user_id": user_id})


def list_attempts(
    conn: Connection[Any], subjects: Sequence[bytes], *, window_at: datetime
) -> dict[bytes, int]:
    """How often each subject tried in the window; those that did not are left out."""
    row = {"subjects": list(subjects), "window_at": window_at}
    return dict(conn.execute(_queries.list_attempts, row).fetchall())


def count_attempt(conn: Connection[Any], subjects: Sequence[bytes], *, window_at: datetime) -> None:
    """Count one attempt more for each subject."""
    row = {"subjects": list(subjects), "window_at": window_at}
    conn.execute(_queries.count_attempt, row)


def forget_attempts(conn: Connection[Any], *, before: datetime) -> None:
    """Delete some windows that began before an instant."""
    conn.execute(_queries.forget_attempts, {"before": before})


def update_login_state(
    conn: Connection[Any], *, user_id: int, failed_logins: int, locked_until: datetime | None
) -> None:
    """Write how many wrong passwords there were, and until when the account is locked."""
    row = {"user_id": user_id, "failed_logins": failed_logins, "locked_until": locked_until}
    conn.execute(_queries.update_login_state, row)


def mark_logged_in(conn: Connection[Any], *, user_id: int, now: datetime) -> None:
    """Write when a person was let in."""
    conn.execute(_queries.mark_logged_in, {"user_id": user_id, "now": now})


def rehash_password(conn: Connection[Any], *, user_id: int, password_hash: str) -> None:
    """Write a newer hash of the same password."""
    conn.execute(_queries.rehash_password, {"user_id": user_id, "password_hash": password_hash})


def update_password(
    conn: Connection[Any], *, user_id: int, password_hash: str, now: datetime
) -> None:
    """Write a new password's hash and unlock."""
    row = {"user_id": user_id, "password_hash": password_hash, "now": now}
    conn.execute(_queries.update_password, row)


def insert_session(conn: Connection[Any], row: Mapping[str, Any]) -> int:
    """The id of the new session."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        session_id: int | None = cursor.execute(_queries.insert_session, row).fetchone()
    assert session_id is not None
    return session_id


def list_sessions(conn: Connection[Any], *, user_id: int, now: datetime) -> list[SessionLine]:
    """A person's running sessions, the one last used first."""
    with conn.cursor(row_factory=class_row(SessionLine)) as cursor:
        return cursor.execute(_queries.list_sessions, {"user_id": user_id, "now": now}).fetchall()


def end_session(conn: Connection[Any], *, session_id: int, login: str, now: datetime) -> bool:
    """End a session of this person; False if they have no such one running."""
    row = {"session_id": session_id, "login": login, "now": now}
    return conn.execute(_queries.end_session, row).rowcount == 1


def mark_session_seen(conn: Connection[Any], *, session_id: int, now: datetime) -> None:
    """Write when a session was last used."""
    conn.execute(_queries.mark_session_seen, {"session_id": session_id, "now": now})


def mark_session_stepped_up(conn: Connection[Any], *, session_id: int, now: datetime) -> bool:
    """Write when the password was given again; False if the session has ended meanwhile."""
    row = {"session_id": session_id, "now": now}
    return conn.execute(_queries.mark_session_stepped_up, row).rowcount == 1


def mark_api_key_used(conn: Connection[Any], *, machine_id: int, now: datetime) -> None:
    """Write when a key was last used."""
    conn.execute(_queries.mark_api_key_used, {"machine_id": machine_id, "now": now})


def mark_reset_used(conn: Connection[Any], *, reset_id: int, now: datetime) -> bool:
    """Use a one-time link up; False if another has just done so."""
    row = {"reset_id": reset_id, "now": now}
    return conn.execute(_queries.mark_reset_used, row).rowcount == 1


def _one(
    conn: Connection[Any], shape: type[_Row], query: Any, row: Mapping[str, Any]
) -> _Row | None:
    with conn.cursor(row_factory=class_row(shape)) as cursor:
        return cursor.execute(query, row).fetchone()
