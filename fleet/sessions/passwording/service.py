"""Gives people new passwords; their sessions and unused one-time links end with the old one.

Leaves out which passwords are allowed (`password_rules.py`) and making links: `fleet/identity`.
"""

from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.identity import service as identity
from fleet.sessions import actors, store
from fleet.sessions.acts.service import record_act
from fleet.sessions.errors import OldPasswordWrong, PasswordTooWeak, ResetLinkInvalid
from fleet.sessions.model import DEFAULT_RULES, Attempt, LoginRefused, LoginRules, Session
from fleet.sessions.password_rules import check_password
from fleet.sessions.passwords import hash_password
from fleet.sessions.proving.service import prove_again
from kit.db import act_for
from kit.tokens import digest_of
from schemas.access import Actor, PermissionMissing

__all__ = ["change_password", "redeem_reset", "set_password"]


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
    refused = prove_again(conn, session, attempt, wrong=OldPasswordWrong)
    if refused is not None:
        return refused
    ended = _write_password(conn, session.user_id, new, now=now, except_id=session.id)
    told = {"password": "changed", "sessions_ended": ended}
    record_act(conn, actor, "user.change_password", session.login, now=now, after=told)
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
    record_act(conn, actor, "user.redeem_reset", link.login, now=now, after=told)


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
    record_act(
        conn,
        actor,
        "user.set_password",
        user.login,
        now=now,
        after=told,
        organisation_id=user.organisation_id,
    )


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
