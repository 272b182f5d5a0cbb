"""Keeps subscriptions: which alerts of an organisation go to a channel, and at which hours.

Who may change a channel may subscribe it, to organisations in sight. Leaves out that people are
told only of what their roles allow: that is decided anew with each alert (`outbox`).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from alerts.model import Severity
from alerts.notify.channels.service import get_channel, require_keeping, seen_of, sight_of
from alerts.notify.errors import (
    SubscriptionHoursMalformed,
    SubscriptionKindUnknown,
    SubscriptionNotFound,
)
from alerts.notify.model import Subscription
from alerts.notify.outbox.timing import Digest
from alerts.notify.subscriptions import store
from alerts.notify.templates.facts import Language
from alerts.rules.kinds import KINDS
from alerts.rules.service import organisation_of
from kit.errors import VersionChanged
from schemas.access import Actor
from schemas.audit import record

__all__ = [
    "Wanted",
    "change_subscription",
    "create_subscription",
    "get_subscription",
    "list_subscriptions",
    "retire_subscription",
]

FILTERS: Final = frozenset({"organisation", "channel", "owner"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What goes to a channel, and when. `kinds` None: all. Times are of the organisation's clock.

    A digest gathers what is not told at once; what is critical passes it and the quiet hours, if
    `critical_anyway`.
    """

    least_severity: Severity = "warning"
    kinds: tuple[str, ...] | None = None
    tells_resolved: bool = False
    digest: Digest = "none"
    digest_at: time = time(8, 30)
    quiet_from: time | None = None
    quiet_until: time | None = None
    critical_anyway: bool = True
    language: Language = "zh"
    enabled: bool = True


def list_subscriptions(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: int | None = None,
    limit: int = 50,
) -> list[Subscription]:
    """Live subscriptions in sight, the newest first; one's own alone without `notification.read`.

    `filters`: organisation (code, and below), channel (its key), owner. `after` is an id.

    Raises:
        PermissionMissing: neither `notification.read` nor `notification.own`.
        OrganisationNotFound: nobody in sight has the code.
    """
    assert filters.keys() <= FILTERS
    asked = seen_of(conn, actor, filters)
    if asked is None:
        return []
    return store.list_subscriptions(conn, asked, after=after, limit=limit)


def get_subscription(conn: Connection[Any], actor: Actor, *, key: UUID) -> Subscription:
    """The live subscription with this key.

    Raises:
        SubscriptionNotFound: there is none in sight.
    """
    own = sight_of(actor)
    found = store.find_subscription(conn, key)
    if found is None or (own is not None and found.owner != own):
        raise SubscriptionNotFound(f"no subscription has the key {key}", key=str(key))
    return found


def create_subscription(
    conn: Connection[Any],
    actor: Actor,
    *,
    channel: UUID,
    organisation: str | None,
    wanted: Wanted,
    now: datetime,
) -> Subscription:
    """Alerts of this organisation, and of all below it, go to the channel from now on.

    Raises:
        ChannelNotFound, OrganisationNotFound: there is none in sight.
        ChannelOfSomebodyElse: the channel is another's own.
        SubscriptionKindUnknown, SubscriptionHoursMalformed: it cannot be wanted so.
    """
    to = get_channel(conn, actor, key=channel)
    require_keeping(actor, to)
    acted = organisation_of(conn, actor, organisation)
    row = _row(wanted) | {"tenant_id": acted.tenant_id, "organisation_id": acted.id}
    row |= {"channel_id": to.id, "created_by": actor.name, "now": now}
    made = get_subscription(conn, actor, key=store.insert_subscription(conn, row))
    _record(conn, actor, "notification.subscribe", made, now=now, after=_shown(made))
    return made


def change_subscription(
    conn: Connection[Any],
    actor: Actor,
    *,
    key: UUID,
    version: int,
    wanted: Wanted,
    now: datetime,
) -> Subscription:
    """The subscription as it is now.

    Raises:
        SubscriptionNotFound: there is none in sight.
        ChannelOfSomebodyElse: the channel is another's own.
        VersionChanged: somebody changed it since `version` was read.
        SubscriptionKindUnknown, SubscriptionHoursMalformed: it cannot be wanted so.
    """
    was = get_subscription(conn, actor, key=key)
    require_keeping(actor, get_channel(conn, actor, key=was.channel_key))
    row = _row(wanted) | {"id": was.id, "version": version}
    if not store.update_subscription(conn, row):
        raise VersionChanged(f"the subscription is at version {was.version}", key=str(key))
    changed = get_subscription(conn, actor, key=key)
    _record(
        conn,
        actor,
        "notification.change_subscription",
        changed,
        now=now,
        before=_shown(was),
        after=_shown(changed),
    )
    return changed


def retire_subscription(
    conn: Connection[Any], actor: Actor, *, key: UUID, version: int, now: datetime
) -> None:
    """Nothing more goes to the channel by it; what waits for it is dropped.

    Raises:
        SubscriptionNotFound: there is none in sight.
        ChannelOfSomebodyElse: the channel is another's own.
        VersionChanged: somebody changed it since `version` was read.
    """
    was = get_subscription(conn, actor, key=key)
    require_keeping(actor, get_channel(conn, actor, key=was.channel_key))
    if not store.retire_subscription(conn, was.id, version, now=now):
        raise VersionChanged(f"the subscription is at version {was.version}", key=str(key))
    _record(conn, actor, "notification.unsubscribe", was, now=now, before=_shown(was))


def _row(wanted: Wanted) -> dict[str, Any]:
    unknown = sorted(set(wanted.kinds or ()) - KINDS.keys())
    if unknown:
        raise SubscriptionKindUnknown(f"there is no kind {unknown[0][:40]!r}", kind=unknown[0][:40])
    begins, ends = wanted.quiet_from, wanted.quiet_until
    if (begins is None) != (ends is None) or (begins is not None and begins == ends):
        raise SubscriptionHoursMalformed("quiet hours have a beginning and another end, or neither")
    kinds = None if wanted.kinds is None else sorted(set(wanted.kinds))
    return asdict(wanted) | {"kinds": kinds}


def _shown(found: Subscription) -> dict[str, Any]:
    quiet = None
    if found.quiet_from is not None and found.quiet_until is not None:
        quiet = f"{found.quiet_from:%H:%M}-{found.quiet_until:%H:%M}"
    return {
        "channel": str(found.channel_key),
        "organisation": found.organisation_code,
        "least_severity": found.least_severity,
        "kinds": None if found.kinds is None else list(found.kinds),
        "tells_resolved": found.tells_resolved,
        "digest": found.digest,
        "quiet": quiet,
        "critical_anyway": found.critical_anyway,
        "language": found.language,
        "enabled": found.enabled,
    }


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    subscription: Subscription,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    record(
        conn,
        actor,
        action,
        object_kind="notification_subscription",
        object_key=str(subscription.key),
        now=now,
        before=before,
        after=after,
        organisation_id=subscription.tenant_id,
    )
