"""Decides whether a password is somebody's: counted, slowed down, locked after too many.

An unknown log-in takes the same steps, so that nobody learns who there is. A failure is given back,
not raised: the count of wrong passwords has to be committed. Leaves out what is opened by it.
"""

from typing import Any

from psycopg import Connection

from fleet.identity import service as identity
from fleet.sessions import actors, store
from fleet.sessions.acts.service import record_act
from fleet.sessions.errors import LoginFailed, LoginLocked, PasswordWrong, TooManyAttempts
from fleet.sessions.lockout import forgotten_before, judge, limits_of, retry_after_s, window_of
from fleet.sessions.model import Attempt, LoginRefused, Person, Session
from fleet.sessions.passwords import hash_password, needs_rehash, verify_password
from kit.db import act_for

__all__ = ["prove", "prove_again"]


def prove(conn: Connection[Any], login: str, attempt: Attempt) -> Person | LoginRefused:
    """Whose password this is. An unknown log-in takes the same steps as far as it can."""
    known = identity.read_login(login)
    limited = _too_many(conn, known, attempt)
    if limited is not None:
        return limited
    found = None if known is None else store.find_credential(conn, known)
    right = verify_password(None if found is None else found.password_hash, attempt.password)
    _count(conn, known, attempt)
    if found is None:
        return LoginRefused(LoginFailed("log-in or password is wrong"))
    act_for(conn, [found.organisation_id])
    person = store.lock_person(conn, found.id)
    assert person is not None
    right = right and person.password_hash == found.password_hash
    refused = _judge(conn, person, attempt, right=right)
    if refused is not None:
        return refused
    if person.password_hash is not None and needs_rehash(person.password_hash):
        renewed = hash_password(attempt.password)
        store.rehash_password(conn, user_id=person.id, password_hash=renewed)
    return person


def prove_again(
    conn: Connection[Any],
    session: Session,
    attempt: Attempt,
    wrong: type[PasswordWrong] = PasswordWrong,
) -> LoginRefused | None:
    """None if it is the password of the session's person; they know who they are, so it is told."""
    proved = prove(conn, session.login, attempt)
    if isinstance(proved, Person):
        return None
    if isinstance(proved.error, LoginFailed):
        return LoginRefused(wrong("this is not your password"))
    return proved


def _judge(
    conn: Connection[Any], person: Person, attempt: Attempt, *, right: bool
) -> LoginRefused | None:
    """Write what comes of the attempt; None lets the person pass."""
    verdict = judge(person, right=right, now=attempt.now, rules=attempt.rules)
    failed, until = verdict.failed_logins, verdict.locked_until
    if (failed, until) != (person.failed_logins, person.locked_until):
        store.update_login_state(conn, user_id=person.id, failed_logins=failed, locked_until=until)
    if verdict.outcome == "passed":
        return None
    actor = actors.at_the_door(person, ip=attempt.ip, request_id=attempt.request_id)
    told = {"reason": verdict.reason, "failed_logins": failed}
    record_act(conn, actor, "session.refused", person.login, now=attempt.now, after=told)
    if verdict.outcome == "locked":
        return LoginRefused(LoginLocked("locked after too many attempts", locked_until=until))
    return LoginRefused(LoginFailed("log-in or password is wrong"))


def _too_many(conn: Connection[Any], login: str | None, attempt: Attempt) -> LoginRefused | None:
    """Asked before a password is hashed, written after, so that nobody waits for a count."""
    now, rules = attempt.now, attempt.rules
    limits = limits_of(login=login, ip=attempt.ip, rules=rules)
    subjects = [limit.subject for limit in limits]
    counts = store.list_attempts(conn, subjects, window_at=window_of(now, rules))
    if all(counts.get(limit.subject, 0) < limit.attempts for limit in limits):
        return None
    wait = retry_after_s(now, rules)
    told = f"too many attempts; try again in {wait} s"
    return LoginRefused(TooManyAttempts(told, retry_after_s=wait))


def _count(conn: Connection[Any], login: str | None, attempt: Attempt) -> None:
    limits = limits_of(login=login, ip=attempt.ip, rules=attempt.rules)
    subjects = [limit.subject for limit in limits]
    store.count_attempt(conn, subjects, window_at=window_of(attempt.now, attempt.rules))
    store.forget_attempts(conn, before=forgotten_before(attempt.now))
