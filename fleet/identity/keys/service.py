"""Keys of machines: making, finding, taking back; and which person stands behind one.

Decides with `grants.py` which scopes a key may have and how long it holds. Leaves out what a key
opens when it is shown: `fleet/sessions`.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.identity import store
from fleet.identity.errors import ApiKeyNotFound
from fleet.identity.grants import check_expiry, check_scopes
from fleet.identity.model import ApiKey
from fleet.identity.typed import parse_name
from fleet.orgs import service as orgs
from kit.tokens import digest_of, is_key_id, new_key
from schemas.access import Actor

__all__ = ["create_api_key", "get_api_key", "list_api_keys", "person_behind", "revoke_api_key"]


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


def person_behind(conn: Connection[Any], name: str) -> str:
    """Who acts under a name of the trail: of a machine's key whoever made it, else the name itself.

    For acts that take two people. Whoever calls decides who may ask.
    """
    key_id = name.removeprefix("key:")
    maker = None if key_id == name else store.find_key_maker(conn, key_id)
    return name if maker is None else maker


def _get_key(conn: Connection[Any], key_id: str) -> ApiKey:
    found = store.find_api_key(conn, key_id) if is_key_id(key_id) else None
    if found is None:
        raise ApiKeyNotFound(f"no key has the id {key_id!r}", key_id=key_id[:64])
    return found


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    key: ApiKey,
    *,
    now: datetime,
    after: dict[str, Any] | None = None,
) -> None:
    audit.record(
        conn,
        actor,
        action,
        object_kind="api_key",
        object_key=key.key_id,
        now=now,
        after=after,
        organisation_id=key.organisation_id,
    )
