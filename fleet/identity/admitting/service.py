"""Lets people in again, or out: one-time links, unlocking, logging out.

Leaves out who they are (`people`), and what a link or a password opens: `fleet/sessions`.
"""

from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.identity import store
from fleet.identity.errors import UserDisabled
from fleet.identity.grants import check_rank
from fleet.identity.model import User
from fleet.identity.people.service import record_act, stored_user
from fleet.identity.personal import shown
from kit.sealed import SealingKey
from kit.tokens import digest_of, new_token
from schemas.access import Actor

__all__ = ["log_out_user", "make_reset_link_token", "unlock_user"]


def make_reset_link_token(
    conn: Connection[Any], actor: Actor, *, login: str, now: datetime, valid_s: int
) -> tuple[str, datetime]:
    """The secret of a one-time link by which a person sets their password, and when it ends.

    Older links of theirs that were not used end now.

    Raises:
        UserNotFound: nobody in sight has the log-in.
        UserOutranks: they may do more than the actor.
        UserDisabled: they could not log in.
    """
    actor.require("user.reset_password")
    user = stored_user(conn, login)
    check_rank(actor, login=user.login, roles=user.roles)
    if user.disabled_at is not None:
        raise UserDisabled(f"{user.login} is disabled", login=user.login)
    token, expires_at = new_token(), now + timedelta(seconds=valid_s)
    row = {
        "organisation_id": user.organisation_id,
        "user_id": user.id,
        "token_digest": digest_of(token),
        "created_by": actor.name,
        "created_at": now,
        "expires_at": expires_at,
    }
    store.use_up_resets(conn, user_id=user.id, now=now)
    store.insert_reset(conn, row)
    told = {"expires_at": expires_at.isoformat()}
    record_act(conn, actor, "user.reset_password", user, now=now, after=told)
    return token, expires_at


def log_out_user(conn: Connection[Any], actor: Actor, *, login: str, now: datetime) -> int:
    """End every session of a person; how many there were.

    Raises:
        UserNotFound: nobody in sight has the log-in.
        UserOutranks: they may do more than the actor.
    """
    actor.require("user.change")
    user = stored_user(conn, login)
    check_rank(actor, login=user.login, roles=user.roles)
    ended = store.end_sessions(conn, user_id=user.id, now=now)
    record_act(conn, actor, "user.log_out", user, now=now, after={"sessions": ended})
    return ended


def unlock_user(
    conn: Connection[Any], actor: Actor, *, login: str, now: datetime, key: SealingKey | None = None
) -> User:
    """The person may try their password again at once.

    Raises:
        UserNotFound: nobody in sight has the log-in.
        UserOutranks: they may do more than the actor.
    """
    actor.require("user.change")
    user = stored_user(conn, login)
    check_rank(actor, login=user.login, roles=user.roles)
    store.clear_lock(conn, user.id)
    record_act(conn, actor, "user.unlock", user, now=now)
    return shown(stored_user(conn, user.login), key)
