"""Keeps people and the keys of machines: who there is, with which roles and scopes.

Decides who may give what and act on whom (`grants.py`), that phones and ID cards leave masked, and
that unmasking is written down with its reason. Leaves out passwords, log-in and sessions:
`fleet/sessions`.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.identity import store
from fleet.identity.errors import ApiKeyNotFound, UserDisabled, UserNotFound
from fleet.identity.grants import (
    check_expiry,
    check_not_yourself,
    check_rank,
    check_roles,
    check_scopes,
    list_grants,
)
from fleet.identity.model import (
    ApiKey,
    PersonalData,
    RoleGrants,
    StoredUser,
    User,
    UserChanges,
)
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
from kit.tokens import digest_of, is_key_id, new_key, new_token
from schemas.access import Actor


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
    created = _get(conn, login)
    told = {"organisation": organisation.code, "roles": given}
    _record(conn, actor, "user.create", created, now=now, after=told)
    return shown(created, key)


def get_user(
    conn: Connection[Any], actor: Actor, *, login: str, key: SealingKey | None = None
) -> User:
    """The person with this log-in, masked.

    Raises:
        UserNotFound: nobody in sight has it.
    """
    actor.require("user.read")
    return shown(_get(conn, login), key)


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
    was = _get(conn, login)
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
    is_now = _get(conn, was.login)
    before, after = told_changes(was, is_now, changes)
    _record(conn, actor, "user.change", was, now=now, before=before, after=after)
    return shown(is_now, key)


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
    user = _get(conn, login)
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
    _record(conn, actor, "user.reset_password", user, now=now, after=told)
    return token, expires_at


def log_out_user(conn: Connection[Any], actor: Actor, *, login: str, now: datetime) -> int:
    """End every session of a person; how many there were.

    Raises:
        UserNotFound: nobody in sight has the log-in.
        UserOutranks: they may do more than the actor.
    """
    actor.require("user.change")
    user = _get(conn, login)
    check_rank(actor, login=user.login, roles=user.roles)
    ended = store.end_sessions(conn, user_id=user.id, now=now)
    _record(conn, actor, "user.log_out", user, now=now, after={"sessions": ended})
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
    user = _get(conn, login)
    check_rank(actor, login=user.login, roles=user.roles)
    store.clear_lock(conn, user.id)
    _record(conn, actor, "user.unlock", user, now=now)
    return shown(_get(conn, user.login), key)


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
    user = _get(conn, login)
    data = PersonalData(user.phone, unseal_id_card(user, key))
    fields = [f for f, text in (("phone", data.phone), ("id_card", data.id_card)) if text]
    told = {"reason": reason, "fields": fields}
    _record(conn, actor, "personal_data.unmask", user, now=now, after=told)
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


def list_roles() -> list[RoleGrants]:
    """Every role with the verbs it allows."""
    return list_grants()


def create_api_key(
    conn: Connection[Any],
    actor: Actor,
    *,
    name: str,
    scopes: Collection[str],
    organisation_code: str,
    expires_at: datetime,
    now: datetime,
) -> tuple[ApiKey, str]:
    """A new key of a machine, and its text, which is shown this once.

    Raises:
        NameMalformed, ScopesMissing, ScopesUnknown, KeyExpiryOutOfRange: the input cannot be used.
        ScopesExceedOwn: the actor lacks a scope, or it is dangerous.
        OrganisationNotFound: no such organisation in sight.
    """
    actor.require("api_key.create")
    name = parse_name(name)
    given = check_scopes(actor, scopes)
    check_expiry(expires_at, now)
    organisation = orgs.get_organisation(conn, actor, code=organisation_code)
    key = new_key()
    row = {
        "tenant_id": organisation.tenant_id,
        "organisation_id": organisation.id,
        "key_id": key.key_id,
        "name": name,
        "secret_digest": digest_of(key.secret),
        "scopes": given,
        "created_by": actor.name,
        "created_at": now,
        "expires_at": expires_at,
    }
    store.insert_api_key(conn, row)
    created = _get_key(conn, key.key_id)
    told = {"name": name, "scopes": given, "expires_at": expires_at.isoformat()}
    _record(conn, actor, "api_key.create", created, now=now, after=told)
    return created, key.text


def person_behind(conn: Connection[Any], name: str) -> str:
    """Who acts under a name of the trail: of a machine's key whoever made it, else the name itself.

    For acts that take two people. Whoever calls decides who may ask.
    """
    key_id = name.removeprefix("key:")
    found = None if key_id == name else store.find_api_key(conn, key_id)
    return name if found is None else found.created_by


def list_api_keys(
    conn: Connection[Any], actor: Actor, *, after: str | None = None, limit: int = 50
) -> list[ApiKey]:
    """Keys in sight by their id, revoked and expired ones too."""
    actor.require("api_key.read")
    return store.list_api_keys(conn, after=after, limit=limit)


def get_api_key(conn: Connection[Any], actor: Actor, *, key_id: str) -> ApiKey:
    """The key with this id.

    Raises:
        ApiKeyNotFound: none in sight has it.
    """
    actor.require("api_key.read")
    return _get_key(conn, key_id)


def revoke_api_key(conn: Connection[Any], actor: Actor, *, key_id: str, now: datetime) -> ApiKey:
    """The key, which opens nothing from now on; one that was revoked stays as it was.

    Raises:
        ApiKeyNotFound: none in sight has the id.
    """
    actor.require("api_key.revoke")
    key = _get_key(conn, key_id)
    if store.mark_api_key_revoked(conn, key_id=key.id, now=now):
        _record(conn, actor, "api_key.revoke", key, now=now)
    return _get_key(conn, key_id)


def _get(conn: Connection[Any], login: str) -> StoredUser:
    known = read_login(login)
    found = None if known is None else store.find_user(conn, known)
    if found is None:
        raise UserNotFound(f"nobody has the log-in {login!r}", login=login[:64])
    return found


def _get_key(conn: Connection[Any], key_id: str) -> ApiKey:
    found = store.find_api_key(conn, key_id) if is_key_id(key_id) else None
    if found is None:
        raise ApiKeyNotFound(f"no key has the id {key_id!r}", key_id=key_id[:64])
    return found


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    done_to: StoredUser | ApiKey,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    kind, named = (
        ("user", done_to.login) if isinstance(done_to, StoredUser) else ("api_key", done_to.key_id)
    )
    audit.record(
        conn,
        actor,
        action,
        object_kind=kind,
        object_key=named,
        now=now,
        before=before,
        after=after,
        organisation_id=done_to.organisation_id,
    )
