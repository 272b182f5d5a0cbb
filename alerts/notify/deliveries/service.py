"""Tells what was sent and what came of it; sends once more; tries a channel.

A message is seen by who may see all that it tells of: each kind of its alerts, and of customers'
reminders the dunning. Leaves out composing and sending.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from psycopg import Connection
from psycopg.types.json import Jsonb

from alerts.notify.channels.service import get_channel, may_keep, require_keeping, sight_of
from alerts.notify.deliveries import store
from alerts.notify.errors import ChannelBusy, MessageNotDead, MessageNotFound
from alerts.notify.model import Message, MessageDetail
from alerts.notify.templates.facts import Language
from alerts.notify.templates.texts import compose_test
from alerts.rules.kinds import KINDS
from alerts.rules.service import asked_in
from schemas.access import Actor
from schemas.audit import record

__all__ = ["get_message", "list_messages", "resend", "test_channel"]

FILTERS: Final = frozenset(
    {"organisation", "state", "purpose", "kind", "channel", "owner", "alert", "from_at"}
    | {"until_at", "search"}
)
_HOUR: Final = timedelta(hours=1)


def list_messages(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[MessageDetail]:
    """Messages in sight with each attempt, the newest first.

    `filters`: organisation (code, and below), state, purpose, kind (of channel), channel (its key),
    owner (of the channel), alert (its number), from_at, until_at (of its making), search. `after`
    is when the last one of the page before was made, and its id.

    Raises:
        PermissionMissing: neither `notification.read` nor `notification.own`.
        OrganisationNotFound: nobody in sight has the code.
    """
    assert filters.keys() <= FILTERS
    asked = asked_in(conn, actor, filters)
    return _detailed(conn, _listed(conn, actor, asked, after=after, limit=limit))


def get_message(conn: Connection[Any], actor: Actor, *, key: UUID) -> MessageDetail:
    """The message with this key, and each attempt.

    Raises:
        MessageNotFound: there is none in sight.
    """
    found = _listed(conn, actor, {"key": key}, after=None, limit=1)
    if not found:
        raise MessageNotFound(f"no message has the key {key}", key=str(key))
    return _detailed(conn, found)[0]


def resend(conn: Connection[Any], actor: Actor, *, key: UUID, now: datetime) -> MessageDetail:
    """A message that was given up is tried once more, under the same id.

    Raises:
        MessageNotFound: there is none in sight.
        MessageNotDead: it waits, is on its way, or has arrived.
        PermissionMissing, StepUpRequired: it is not to a channel one keeps.
    """
    was = get_message(conn, actor, key=key).message
    if was.owner is None or not may_keep(actor, was.owner):
        actor.require("notification.change")
    if not store.mark_waiting(conn, was.id, now=now):
        raise MessageNotDead(f"the message is {was.state}", key=str(key), state=was.state)
    record(
        conn,
        actor,
        "notification.resend",
        object_kind="notification_message",
        object_key=str(key),
        now=now,
        before={"state": was.state},
        after={"state": "waiting"},
        organisation_id=was.tenant_id,
    )
    return get_message(conn, actor, key=key)


def test_channel(
    conn: Connection[Any],
    actor: Actor,
    *,
    key: UUID,
    language: Language = "zh",
    now: datetime,
) -> MessageDetail:
    """A message that shows that a channel works; it is sent at once, and its attempts tell how.

    Raises:
        ChannelNotFound: there is none in sight.
        ChannelOfSomebodyElse, PermissionMissing: it is not one's to try.
        ChannelBusy: it has had its messages of this hour.
    """
    channel = get_channel(conn, actor, key=key)
    require_keeping(actor, channel)
    if store.count_this_hour(conn, channel.id, since=now - _HOUR) >= channel.hourly_limit:
        raise ChannelBusy(
            f"{channel.hourly_limit} messages an hour", hourly_limit=channel.hourly_limit
        )
    zone = store.find_zone(conn, channel.organisation_id)
    above = actor.organisation_id not in (None, channel.organisation_id)
    by = None if above else actor.name  # whoever reads the channel does not see those above
    composed = compose_test(language, name=channel.name, by=by, now=now, zone=zone)
    message_key = uuid4()
    row = {
        "key": message_key,
        "tenant_id": channel.tenant_id,
        "organisation_id": channel.organisation_id,
        "channel_id": channel.id,
        "recipient_hint": channel.target_hint,
        "kind": channel.kind,
        "language": language,
        "subject": composed.subject,
        "body": composed.body,
        "payload": Jsonb(composed.payload),
        "now": now,
    }
    store.insert_test(conn, row)
    record(
        conn,
        actor,
        "notification.test_channel",
        object_kind="notification_channel",
        object_key=str(key),
        now=now,
        after={"message": str(message_key)},
        organisation_id=channel.tenant_id,
    )
    return get_message(conn, actor, key=message_key)


def _listed(
    conn: Connection[Any],
    actor: Actor,
    asked: dict[str, Any],
    *,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[Message]:
    own = sight_of(actor)
    if own is not None and asked.setdefault("owner", own) != own:
        return []
    kinds = [name for name, kind in KINDS.items() if actor.may(kind.verb)]
    return store.list_messages(
        conn,
        asked,
        kinds=kinds if actor.may("alert.read") else [],
        reminders=actor.may("dunning.read"),
        after=after,
        limit=limit,
    )


def _detailed(conn: Connection[Any], messages: Sequence[Message]) -> list[MessageDetail]:
    ids = [each.id for each in messages]
    attempts = store.list_attempts(conn, ids)
    numbers = store.list_alert_nos(conn, ids)
    return [
        MessageDetail(each, attempts.get(each.id, ()), numbers.get(each.id, ()))
        for each in messages
    ]
