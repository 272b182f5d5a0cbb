"""Makes messages of what waits: what belongs to a channel goes together, what is over is dropped.

A channel is looked at once its oldest has waited the group wait. Above its limit of messages an
hour the rest waits, and is told together. Several gatherers at once share the channels. Leaves out
sending.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from psycopg import Connection

from alerts.notify.gathering import store
from alerts.notify.gathering.silences import why_dropped
from alerts.notify.gathering.store import Item, Reminder, Waiting
from alerts.notify.model import RECIPIENT_SECRET, Options
from alerts.notify.outbox.service import roles_for, spread_left
from alerts.notify.reminders.ways import Way, way_to
from alerts.notify.templates.texts import Composed, compose
from alerts.rules.kinds import KINDS
from kit.sealed import SealingKey

__all__ = ["gather_due"]

MOST_CHANNELS: Final = 200
MOST_ITEMS: Final = 5_000
"""Looked at of a channel at once."""
_HOUR: Final = timedelta(hours=1)


def gather_due(
    conn: Connection[Any], *, now: datetime, sealing: SealingKey | None, options: Options
) -> int:
    """How many messages were made of what has come. `sealing` seals whom customers' go to."""
    spread_left(conn, now=now)
    made = _gather_alerts(conn, now, options)
    return made if sealing is None else made + _gather_reminders(conn, now, sealing, options)


def _gather_alerts(conn: Connection[Any], now: datetime, options: Options) -> int:
    long_enough = now - timedelta(seconds=options.group_wait_s)
    taken = store.take_channels(
        conn, long_enough=long_enough, hour_ago=now - _HOUR, most=MOST_CHANNELS
    )
    channels = {each.id: each for each in taken}
    if not channels:
        return 0
    roles = {kind: sorted(roles_for(kind)) for kind in KINDS}
    items = store.list_items(conn, list(channels), roles, now=now, most=MOST_ITEMS)
    dropped = _dropped(conn, items, channels, now)
    if dropped:
        store.mark_dropped(conn, dropped)
    rows: list[dict[str, Any]] = []
    keys: dict[int, UUID] = {}
    rooms = {each.id: each.room for each in taken}
    for (channel_id, digest, _language), together in _together(
        item for item in items if item.id not in dropped
    ).items():
        if rooms[channel_id] <= 0:
            continue
        rooms[channel_id] -= 1
        row = _message(channels[channel_id], together, now, options, digest=digest)
        rows.append(row)
        keys |= {item.id: UUID(row["key"]) for item in together}
    if rows:
        store.insert_messages(conn, rows, now=now)
        store.mark_gathered(conn, keys)
    return len(rows)


def _dropped(
    conn: Connection[Any], items: list[Item], channels: dict[int, Waiting], now: datetime
) -> dict[int, str]:
    silences = store.list_silences(conn, sorted({i.organisation_id for i in items}), now=now)
    found: dict[int, str] = {}
    for item in items:
        if not channels[item.channel_id].live:
            found[item.id] = "channel_off"
        elif item.unsubscribed:
            found[item.id] = "unsubscribed"
        elif item.forbidden:
            found[item.id] = "forbidden"
        else:
            silencing = silences.get(item.organisation_id, ())
            why = why_dropped(item.purpose, item.standing, silencing, now)
            if why is not None:
                found[item.id] = why
    return found


def _together(items: Iterable[Item]) -> dict[tuple[int, bool, str], list[Item]]:
    """By channel, whether it is a digest, and language. Of one alert the last telling counts."""
    found: dict[tuple[int, bool, str], list[Item]] = {}
    for item in items:
        key = (item.channel_id, item.digest != "none", item.language)
        found.setdefault(key, []).append(item)
    return found


def _message(
    channel: Waiting, together: list[Item], now: datetime, options: Options, *, digest: bool
) -> dict[str, Any]:
    language = together[0].language
    lines = {item.alert_no: item.line for item in together}
    composed = compose(
        list(lines.values()),
        language,
        channel.kind,
        digest=digest,
        now=now,
        public_url=options.public_url,
    )
    whose = {"channel_id": channel.id, "tenant_id": channel.tenant_id}
    whose |= {"organisation_id": channel.organisation_id}
    purpose = "digest" if digest else "alerts"
    row = _row(composed, kind=channel.kind, purpose=purpose, language=language)
    return row | whose | {"recipient_hint": channel.target_hint}


def _gather_reminders(
    conn: Connection[Any], now: datetime, sealing: SealingKey, options: Options
) -> int:
    dropped: dict[int, str] = {}
    rows: list[dict[str, Any]] = []
    keys: dict[int, UUID] = {}
    for reminder in store.list_reminders(conn, now=now, most=MOST_ITEMS):
        way = way_to(reminder.email, reminder.phone, email_set=options.email, sms_set=options.sms)
        why = _why_not_reminded(reminder, way)
        if why is not None or way is None:
            dropped[reminder.id] = why or "no_way"
            continue
        row = _reminding(reminder, way, sealing, now)
        rows.append(row)
        keys[reminder.id] = UUID(row["key"])
    if dropped:
        store.mark_dropped(conn, dropped)
    if rows:
        store.insert_messages(conn, rows, now=now)
        store.mark_gathered(conn, keys)
    return len(rows)


def _why_not_reminded(reminder: Reminder, way: Way | None) -> str | None:
    if reminder.state != "made":
        return reminder.state
    if reminder.settled:
        return "settled"
    if reminder.erased:
        return "erased"
    return "no_way" if way is None else None


def _reminding(reminder: Reminder, way: Way, sealing: SealingKey, now: datetime) -> dict[str, Any]:
    title, text = str(reminder.content["title"]), str(reminder.content["text"])
    told = {"notice_no": reminder.notice_no}
    payload = {"type": "customer.reminder", "timestamp": now.isoformat(), "data": told}
    row = _row(Composed(title, text, payload), kind=way.kind, purpose="reminder", language="zh")
    sealed = sealing.seal(way.address.encode(), purpose=f"{RECIPIENT_SECRET}/{row['key']}")
    whose = {"tenant_id": reminder.tenant_id, "organisation_id": reminder.organisation_id}
    return row | whose | {"recipient_hint": way.hint, "recipient_sealed": sealed.hex()}


def _row(composed: Composed, *, kind: str, purpose: str, language: str) -> dict[str, Any]:
    return {
        "key": str(uuid4()),
        "channel_id": None,
        "recipient_sealed": None,
        "kind": kind,
        "purpose": purpose,
        "language": language,
        "subject": composed.subject,
        "body": composed.body,
        "payload": composed.payload,
    }
