"""Keeps channels: the organisation's, and everybody's own.

Addresses and secrets are sealed, and never read back: what is shown is a hint. One's own channel is
of the organisation one is of, and nobody else changes it; it can be retired by whoever keeps the
organisation's. Leaves out which alerts go there (`subscriptions`) and sending.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from psycopg import Connection

from alerts.notify.channels import store
from alerts.notify.channels.targets import hint_of, parse_channel_target
from alerts.notify.errors import (
    ChannelNotFound,
    ChannelOfSomebodyElse,
    OwnChannelElsewhere,
    OwnChannelNeedsPerson,
)
from alerts.notify.model import CHANNEL_SECRET, Channel, ChannelKind
from alerts.rules.service import asked_in, organisation_of
from kit.errors import VersionChanged
from kit.sealed import SealingKey
from schemas.access import Actor, PermissionMissing
from schemas.audit import record

__all__ = [
    "change_channel",
    "create_channel",
    "get_channel",
    "list_channels",
    "may_keep",
    "require_keeping",
    "retire_channel",
    "seen_of",
    "sight_of",
]

FILTERS: Final = frozenset({"organisation", "kind", "owner", "failing", "search"})


def list_channels(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: int | None = None,
    limit: int = 50,
) -> list[Channel]:
    """Live channels in sight, the newest first; one's own alone without `notification.read`.

    `filters`: organisation (code, and below), kind, owner (a log-in), failing, search. `after` is
    the id of the last one of the page before.

    Raises:
        PermissionMissing: neither `notification.read` nor `notification.own`.
        OrganisationNotFound: nobody in sight has the code.
    """
    assert filters.keys() <= FILTERS
    asked = seen_of(conn, actor, filters)
    if asked is None:
        return []
    return store.list_channels(conn, asked, after=after, limit=limit)


def get_channel(conn: Connection[Any], actor: Actor, *, key: UUID) -> Channel:
    """The live channel with this key.

    Raises:
        ChannelNotFound: there is none in sight.
    """
    own = sight_of(actor)
    found = store.find_channel(conn, key)
    if found is None or (own is not None and found.owner != own):
        raise ChannelNotFound(f"no channel has the key {key}", key=str(key))
    return found


def create_channel(
    conn: Connection[Any],
    actor: Actor,
    *,
    sealing: SealingKey,
    organisation: str | None,
    own: bool,
    name: str,
    kind: ChannelKind,
    target: Mapping[str, Any],
    hourly_limit: int = 60,
    private_allowed: bool = False,
    now: datetime,
) -> tuple[Channel, str | None]:
    """A new channel, and the secret made for a webhook, which is told only now.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
        OwnChannelNeedsPerson, OwnChannelElsewhere: it cannot be one's own.
        ChannelTargetMalformed: the address is none of this kind.
    """
    actor.require("notification.own" if own else "notification.change")
    acted = organisation_of(conn, actor, organisation)
    if own:
        _check_own(conn, actor, acted.id)
    opened = parse_channel_target(kind, target, private_allowed=private_allowed)
    key = uuid4()
    row = {
        "key": key,
        "tenant_id": acted.tenant_id,
        "organisation_id": acted.id,
        "owner": actor.name if own else None,
        "name": name,
        "kind": kind,
        "hourly_limit": hourly_limit,
        "created_by": actor.name,
        "now": now,
    }
    store.insert_channel(conn, row | _sealed(sealing, key, kind, opened))
    made = get_channel(conn, actor, key=key)
    _record(conn, actor, "notification.create_channel", made, now=now, after=_shown(made))
    return made, _made_secret(target, opened)


def change_channel(
    conn: Connection[Any],
    actor: Actor,
    *,
    sealing: SealingKey,
    key: UUID,
    version: int,
    name: str,
    enabled: bool,
    hourly_limit: int,
    target: Mapping[str, Any] | None = None,
    private_allowed: bool = False,
    now: datetime,
) -> tuple[Channel, str | None]:
    """The channel as it is now, and the secret made for a new webhook. `target` None: as it was.

    Raises:
        ChannelNotFound: there is none in sight.
        ChannelOfSomebodyElse: it is another's own.
        VersionChanged: somebody changed it since `version` was read.
        ChannelTargetMalformed: the address is none of this kind.
    """
    was = get_channel(conn, actor, key=key)
    require_keeping(actor, was)
    sealed: dict[str, Any] = {"target_sealed": None, "target_hint": None}
    secret = None
    if target is not None:
        opened = parse_channel_target(was.kind, target, private_allowed=private_allowed)
        sealed = _sealed(sealing, key, was.kind, opened)
        secret = _made_secret(target, opened)
    row = {"id": was.id, "version": version, "name": name, "enabled": enabled}
    if not store.update_channel(conn, row | {"hourly_limit": hourly_limit} | sealed):
        raise VersionChanged(f"the channel is at version {was.version}", key=str(key))
    changed = get_channel(conn, actor, key=key)
    told = _shown(changed) | ({} if target is None else {"target": "changed"})
    _record(
        conn,
        actor,
        "notification.change_channel",
        changed,
        now=now,
        before=_shown(was),
        after=told,
    )
    return changed, secret


def retire_channel(
    conn: Connection[Any], actor: Actor, *, key: UUID, version: int, now: datetime
) -> None:
    """Use a channel no more; its subscriptions go with it, and what waits for it is dropped.

    Raises:
        ChannelNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
    """
    was = get_channel(conn, actor, key=key)
    if was.owner == actor.name:
        actor.require("notification.own")
    else:
        actor.require("notification.change")
    if not store.retire_channel(conn, was.id, version, now=now):
        raise VersionChanged(f"the channel is at version {was.version}", key=str(key))
    _record(conn, actor, "notification.retire_channel", was, now=now, before=_shown(was))


def seen_of(
    conn: Connection[Any], actor: Actor, filters: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The filters as a store takes them, within what the actor sees; None: that is nothing.

    Raises:
        PermissionMissing: neither `notification.read` nor `notification.own`.
        OrganisationNotFound: nobody in sight has the code.
    """
    asked = asked_in(conn, actor, filters)
    own = sight_of(actor)
    if own is not None and asked.setdefault("owner", own) != own:
        return None
    return asked


def sight_of(actor: Actor) -> str | None:
    """None: the actor may see all there is; else the log-in whose own alone are seen.

    Raises:
        PermissionMissing: neither `notification.read` nor `notification.own`.
    """
    if actor.may("notification.read"):
        return None
    if actor.may("notification.own"):
        return actor.name
    raise PermissionMissing(f"{actor.name} sees no channels", permission="notification.read")


def may_keep(actor: Actor, owner: str | None) -> bool:
    """Whether what belongs to this owner is the actor's to change, a step-up apart."""
    if owner is None:
        return actor.may("notification.change")
    return owner == actor.name and actor.may("notification.own")


def require_keeping(actor: Actor, channel: Channel) -> None:
    """Let pass who may change a channel, subscribe it and try it.

    Raises:
        PermissionMissing, StepUpRequired: the organisation's takes `notification.change`.
        ChannelOfSomebodyElse: it is another's own.
    """
    if channel.owner is None:
        actor.require("notification.change")
    elif channel.owner == actor.name:
        actor.require("notification.own")
    else:
        raise ChannelOfSomebodyElse(f"the channel is {channel.owner}'s own", key=str(channel.key))


def _check_own(conn: Connection[Any], actor: Actor, organisation_id: int) -> None:
    at_home = store.find_user_organisation(conn, actor.name)
    if actor.kind != "person" or at_home is None:
        raise OwnChannelNeedsPerson(f"{actor.name} is nobody in sight")
    if at_home != organisation_id:
        raise OwnChannelElsewhere("one's own channel is of the organisation one is of")


def _sealed(
    sealing: SealingKey, key: UUID, kind: ChannelKind, opened: Mapping[str, Any]
) -> dict[str, Any]:
    content = json.dumps(dict(opened), ensure_ascii=False).encode()
    return {
        "target_sealed": sealing.seal(content, purpose=f"{CHANNEL_SECRET}/{key}"),
        "target_hint": hint_of(kind, opened),
    }


def _made_secret(given: Mapping[str, Any], opened: Mapping[str, Any]) -> str | None:
    """The secret that was made here; None: it was given, or there is none."""
    return None if given.get("secret") is not None else opened.get("secret")


def _shown(channel: Channel) -> dict[str, Any]:
    return {
        "organisation": channel.organisation_code,
        "owner": channel.owner,
        "name": channel.name,
        "kind": channel.kind,
        "target": channel.target_hint,
        "enabled": channel.enabled,
        "hourly_limit": channel.hourly_limit,
    }


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    channel: Channel,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    record(
        conn,
        actor,
        action,
        object_kind="notification_channel",
        object_key=str(channel.key),
        now=now,
        before=before,
        after=after,
        organisation_id=channel.tenant_id,
    )
