"""People: adding, finding, changing them; their phone and ID card in full, for a reason.

Decides with `grants.py` who may give which role and act on whom. Who is disabled is out everywhere
at once. Leaves out letting them in again (`admitting`), and passwords: `fleet/sessions`.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.identity import store
from fleet.identity.errors import UserNotFound
from fleet.identity.grants import check_not_yourself, check_rank, check_roles
from fleet.identity.model import PersonalData, StoredUser, User, UserChanges
from fleet.identity.personal import changed_row, seal_id_card, shown, told_changes, unseal_id_card
from fleet.identity.typed import (
    is_login,
    normalise_login,
    parse_login,
    parse_name,
    parse_phone,
    parse_reason,
)
from fleet.orgs import service as orgs
from kit.errors import VersionChanged
from kit.sealed import SealingKey
from schemas.access import Actor

__all__ = [
    "change_user",
    "create_user",
    "end_sessions",
    "find_colleague",
    "get_user",
    "list_users",
    "read_login",
    "record_act",
    "stored_user",
    "unmask_user",
    "use_up_resets",
]


def create_user(
    conn: Connection[Any],
    actor: Actor,
    *,
    login: str,
    name: str,
    organisation_code: str,
    roles: Collection[str],
    phone: str | None = None,
    id_card: str | None = None,
    key: SealingKey | None,
    now: datetime,
) -> User:
    """A new person, who waits for a one-time link. `key` seals the ID card.

    Raises:
        LoginMalformed, NameMalformed, PhoneMalformed, IdCardMalformed, IdCardCheckDigitWrong,
        RolesMissing, RolesUnknown: the input cannot be used.
        LoginTaken: somebody has the log-in, perhaps out of sight.
        OrganisationNotFound: no such organisation in sight.
        RolesExceedOwn: the roles allow more than the actor may.
    """
    actor.require("user.create")
    login = parse_login(login)
    given = check_roles(actor, roles)
    name = parse_name(name)
    phone = None if phone is None else parse_phone(phone)
    sealed = None if id_card is None else seal_id_card(id_card, login=login, key=key)
    organisation = orgs.get_organisation(conn, actor, code=organisation_code)
    row = {
        "tenant_id": organisation.tenant_id,
        "organisation_id": organisation.id,
        "login": login,
        "name": name,
        "roles": given,
        "phone": phone,
        "id_card_sealed": sealed,
        "created_at": now,
    }
    store.insert_user(conn, row)
    created = stored_user(conn, login)
    told = {"organisation": organisation.code, "roles": given}
    record_act(conn, actor, "user.create", created, now=now, after=told)
    return shown(created, key)


def get_user(
    conn: Connection[Any], actor: Actor, *, login: str, key: SealingKey | None = None
) -> User:
    """The person with this log-in, masked.

    Raises:
        UserNotFound: nobody in sight has it.
    """
    actor.require("user.read")
    return shown(stored_user(conn, login), key)


def list_users(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation_code: str | None = None,
    search: str | None = None,
    after: str | None = None,
    limit: int = 50,
    key: SealingKey | None = None,
) -> list[User]:
    """People in sight by log-in, masked: of an organisation and those below, with a text in log-in
    or name. The page begins after the log-in `after`.
    """
    actor.require("user.read")
    found = store.list_users(
        conn, organisation_code=organisation_code, search=search, after=after, limit=limit
    )
    return [shown(user, key) for user in found]


def change_user(
    conn: Connection[Any],
    actor: Actor,
    *,
    login: str,
    version: int,
    changes: UserChanges,
    key: SealingKey | None,
    now: datetime,
) -> User:
    """The person with these changes. Who is disabled is logged out, everywhere.

    Raises:
        UserNotFound: nobody in sight has the log-in.
        VersionChanged: somebody changed them since `version` was read.
        UserOutranks, UserIsYourself, RolesExceedOwn: not the actor's to change.
        NameMalformed, PhoneMalformed, IdCardMalformed, IdCardCheckDigitWrong, RolesMissing,
        RolesUnknown: the input cannot be used.
    """
    actor.require("user.change")
    was = stored_user(conn, login)
    check_rank(actor, login=was.login, roles=was.roles)
    row = changed_row(was, changes, key=key, now=now)
    if row["roles"] != was.roles:
        row["roles"] = check_roles(actor, row["roles"])
        check_not_yourself(actor, login=was.login)
    if row["disabled_at"] is not None:
        check_not_yourself(actor, login=was.login)
    if not store.update_user(conn, {**row, "id": was.id, "version": version}):
        raise VersionChanged(f"user {was.login} is at version {was.version}", login=was.login)
    if row["disabled_at"] is not None:
        store.end_sessions(conn, user_id=was.id, now=now)
        store.use_up_resets(conn, user_id=was.id, now=now)
    is_now = stored_user(conn, was.login)
    before, after = told_changes(was, is_now, changes)
    record_act(conn, actor, "user.change", was, now=now, before=before, after=after)
    return shown(is_now, key)


def unmask_user(
    conn: Connection[Any],
    actor: Actor,
    *,
    login: str,
    reason: str,
    key: SealingKey,
    now: datetime,
) -> PersonalData:
    """A person's phone and ID card in full; who asked and why is written down.

    Raises:
        UserNotFound: nobody in sight has the log-in.
        ReasonMissing: no usable reason.
        SealBroken: the ID card was sealed with another key.
    """
    actor.require("personal_data.unmask")
    reason = parse_reason(reason)
    user = stored_user(conn, login)
    data = PersonalData(user.phone, unseal_id_card(user, key))
    fields = [f for f, text in (("phone", data.phone), ("id_card", data.id_card)) if text]
    told = {"reason": reason, "fields": fields}
    record_act(conn, actor, "personal_data.unmask", user, now=now, after=told)
    return data


def end_sessions(
    conn: Connection[Any], *, user_id: int, now: datetime, except_id: int | None = None
) -> int:
    """End a person's sessions, but one; how many there were. Whoever calls decides who may."""
    return store.end_sessions(conn, user_id=user_id, now=now, except_id=except_id)


def use_up_resets(conn: Connection[Any], *, user_id: int, now: datetime) -> None:
    """End a person's one-time links that were not used. Whoever calls decides who may."""
    store.use_up_resets(conn, user_id=user_id, now=now)


def read_login(text: str) -> str | None:
    """A typed log-in as it is stored; None for what nobody could have."""
    login = normalise_login(text)
    return login if is_login(login) else None


def find_colleague(conn: Connection[Any], *, login: str) -> str | None:
    """The log-in, as it is stored, of a person in sight who is not disabled; None for nobody.

    Tells no more, and not even that of who is out of sight. Whoever calls decides who may ask.
    """
    known = read_login(login)
    found = None if known is None else store.find_user(conn, known)
    return None if found is None or found.disabled_at is not None else found.login


def stored_user(conn: Connection[Any], login: str) -> StoredUser:
    """The person in sight with this log-in, unmasked. Whoever calls decides who may ask.

    Raises:
        UserNotFound: nobody in sight has it.
    """
    known = read_login(login)
    found = None if known is None else store.find_user(conn, known)
    if found is None:
        raise UserNotFound(f"nobody has the log-in {login!r}", login=login[:64])
    return found


def record_act(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    user: StoredUser,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write down what was done to a person."""
    audit.record(
        conn,
        actor,
        action,
        object_kind="user",
        object_key=user.login,
        now=now,
        before=before,
        after=after,
        organisation_id=user.organisation_id,
    )
