"""Lets people and machines in, and says who asks.

A failure at the door is given back, not raised: the count of wrong passwords has to be committed.
What the door cannot know before it has found a secret comes from the four functions
`identity_find_…` of the database; from then on the transaction acts for the person's organisation.
Leaves out HTTP, cookies, and who there is: `fleet/identity`.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.identity import service as identity
from fleet.sessions import actors, store
from fleet.sessions.errors import (
    LoginFailed,
    LoginLocked,
    OldPasswordWrong,
    PasswordTooWeak,
    PasswordWrong,
    ResetLinkInvalid,
    SessionNotFound,
    TooManyAttempts,
)
from fleet.sessions.lockout import (
    forgotten_before,
    judge,
    limits_of,
    retry_after_s,
    window_of,
)
from fleet.sessions.model import (
    Attempt,
    LoggedIn,
    LoginRefused,
    LoginRules,
    Machine,
    Person,
    Session,
    SessionKind,
    SessionLine,
)
from fleet.sessions.password_rules import check_password
from fleet.sessions.passwords import hash_password, needs_rehash, verify_password
from kit.db import act_for
from kit.tokens import digest_of, has_digest, new_token, parse_key
from schemas.access import Actor, PermissionMissing

DEFAULT_RULES = LoginRules()


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
    person = _prove(conn, login, Attempt(password, now, rules, ip, request_id))
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
    _record(conn, actor, "session.start", person.login, now=now, after=told)
    return LoggedIn(token, session)


def log_out(conn: Connection[Any], actor: Actor, session_id: int, now: datetime) -> None:
    """End one of the actor's own sessions.

    Raises:
        SessionNotFound: they have no such session running.
    """
    if not store.end_session(conn, session_id=session_id, login=actor.name, now=now):
        raise SessionNotFound("you have no such session", session_id=session_id)
    _record(conn, actor, "session.end", actor.name, now=now, after={"session": session_id})


def log_out_everywhere(
    conn: Connection[Any],
    actor: Actor,
    user_id: int,
    now: datetime,
    except_id: int | None = None,
) -> int:
    """End the actor's own sessions, but one; how many there were. `user_id` is theirs."""
    ended = identity.end_sessions(conn, user_id=user_id, now=now, except_id=except_id)
    _record(conn, actor, "session.end_all", actor.name, now=now, after={"sessions": ended})
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
    refused = _prove_again(conn, session, attempt)
    if refused is not None:
        return refused
    if not store.mark_session_stepped_up(conn, session_id=session.id, now=now):
        raise SessionNotFound("the session has ended", session_id=session.id)
    told = {"session": session.id}
    _record(conn, actor, "session.step_up", session.login, now=now, after=told)
    return replace(session, stepped_up_at=now)


def change_password(  # noqa: PLR0917  (both passwords and the time have but one order)
    conn: Connection[Any],
    actor: Actor,
    session: Session,
    old: str,
    new: str,
    now: datetime,
    *,
    rules: LoginRules = DEFAULT_RULES,
) -> LoginRefused | None:
    """The person has a new password, and no session but this one; or why not.

    A wrong old password counts as one at log-in does. Commit in either case. OldPasswordWrong,
    LoginLocked, TooManyAttempts.

    Raises:
        PasswordTooWeak: the new one is not allowed, or is the old one.
    """
    check_password(new, login=session.login)
    if new == old:
        raise PasswordTooWeak("the new password is the old one", rule="unchanged")
    attempt = Attempt(old, now, rules, actor.ip, actor.request_id)
    refused = _prove_again(conn, session, attempt, wrong=OldPasswordWrong)
    if refused is not None:
        return refused
    ended = _write_password(conn, session.user_id, new, now=now, except_id=session.id)
    told = {"password": "changed", "sessions_ended": ended}
    _record(conn, actor, "user.change_password", session.login, now=now, after=told)
    return None


def redeem_reset(
    conn: Connection[Any],
    *,
    token: str,
    new_password: str,
    ip: str | None,
    request_id: str | None,
    now: datetime,
) -> None:
    """The person of a one-time link has this password, is unlocked, and has no session.

    Raises:
        ResetLinkInvalid: used, replaced, expired, of somebody disabled, or unknown.
        PasswordTooWeak: not allowed; the link can be used again.
    """
    link = store.find_reset(conn, digest_of(token))
    if link is None or now >= link.expires_at:
        raise ResetLinkInvalid("this link does not hold any more")
    check_password(new_password, login=link.login)
    act_for(conn, [link.organisation_id])
    if not store.mark_reset_used(conn, reset_id=link.id, now=now):
        raise ResetLinkInvalid("this link does not hold any more")
    ended = _write_password(conn, link.user_id, new_password, now=now)
    actor = actors.at_the_door(link, ip=ip, request_id=request_id)
    told = {"password": "changed", "sessions_ended": ended}
    _record(conn, actor, "user.redeem_reset", link.login, now=now, after=told)


def set_password(
    conn: Connection[Any], actor: Actor, *, login: str, password: str, now: datetime
) -> None:
    """The person has this password, is unlocked, and has no session. For the command line only.

    Raises:
        PermissionMissing: not the system asks; people make one-time links.
        UserNotFound: nobody has the log-in.
        PasswordTooWeak: not allowed.
    """
    permission = "user.reset_password"
    actor.require(permission)
    if actor.kind != "system":
        raise PermissionMissing("only the system sets passwords", permission=permission)
    user = identity.get_user(conn, actor, login=login)
    check_password(password, login=user.login)
    ended = _write_password(conn, user.id, password, now=now)
    told = {"password": "changed", "sessions_ended": ended}
    _record(
        conn,
        actor,
        "user.set_password",
        user.login,
        now=now,
        after=told,
        organisation_id=user.organisation_id,
    )


def _prove(conn: Connection[Any], login: str, attempt: Attempt) -> Person | LoginRefused:
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
    _record(conn, actor, "session.refused", person.login, now=attempt.now, after=told)
    if verdict.outcome == "locked":
        return LoginRefused(LoginLocked("locked after too many attempts", locked_until=until))
    return LoginRefused(LoginFailed("log-in or password is wrong"))


def _prove_again(
    conn: Connection[Any],
    session: Session,
    attempt: Attempt,
    wrong: type[PasswordWrong] = PasswordWrong,
) -> LoginRefused | None:
    """None if it is the password of the session's person; they know who they are, so it is told."""
    proved = _prove(conn, session.login, attempt)
    if isinstance(proved, Person):
        return None
    if isinstance(proved.error, LoginFailed):
        return LoginRefused(wrong("this is not your password"))
    return proved


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


def _write_password(
    conn: Connection[Any],
    user_id: int,
    password: str,
    *,
    now: datetime,
    except_id: int | None = None,
) -> int:
    """Write it, end sessions and unused one-time links; how many sessions there were."""
    store.update_password(conn, user_id=user_id, password_hash=hash_password(password), now=now)
    identity.use_up_resets(conn, user_id=user_id, now=now)
    return identity.end_sessions(conn, user_id=user_id, now=now, except_id=except_id)


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    login: str,
    *,
    now: datetime,
    after: dict[str, Any],
    organisation_id: int | None = None,
) -> None:
    audit.record(
        conn,
        actor,
        action,
        object_kind="user",
        object_key=login,
        now=now,
        after=after,
        organisation_id=organisation_id,
    )
