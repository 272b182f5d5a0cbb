"""Notifications, as everybody else asks for them; sending them is `jobs.py`.

What is found is put into the outbox in the same transaction (`outbox`), gathered into messages
(`gathering`) and sent outside any (`sending`). Leaves out what is worth telling: the inbox says so.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from psycopg import Connection

from alerts.notify.channels.service import (
    change_channel,
    create_channel,
    get_channel,
    list_channels,
    retire_channel,
)
from alerts.notify.deliveries.service import get_message, list_messages, resend, test_channel
from alerts.notify.gathering import service as gathering
from alerts.notify.model import (
    CHANNEL_KINDS,
    MESSAGE_PURPOSES,
    MESSAGE_STATES,
    Attempt,
    Channel,
    ChannelKind,
    Message,
    MessageDetail,
    MessagePurpose,
    MessageState,
    Options,
    ReminderDelivered,
    Subscription,
)
from alerts.notify.outbox.service import enqueue, list_hearing
from alerts.notify.reminders import service as reminders
from alerts.notify.subscriptions.service import (
    Wanted,
    change_subscription,
    create_subscription,
    get_subscription,
    list_subscriptions,
    retire_subscription,
)
from kit.sealed import SealingKey
from kit.settings import Settings

__all__ = [
    "CHANNEL_KINDS",
    "MESSAGE_PURPOSES",
    "MESSAGE_STATES",
    "Attempt",
    "Channel",
    "ChannelKind",
    "Message",
    "MessageDetail",
    "MessagePurpose",
    "MessageState",
    "Options",
    "ReminderDelivered",
    "Subscription",
    "Wanted",
    "change_channel",
    "change_subscription",
    "create_channel",
    "create_subscription",
    "enqueue",
    "enqueue_reminders",
    "gather_due",
    "get_channel",
    "get_message",
    "get_subscription",
    "list_channels",
    "list_hearing",
    "list_messages",
    "list_subscriptions",
    "options_of",
    "resend",
    "retire_channel",
    "retire_subscription",
    "test_channel",
]


def options_of(settings: Settings) -> Options:
    """How an installation notifies; links only where its address is not this machine's own."""
    host = urlsplit(settings.api_public_url).hostname
    reachable = host not in ("127.0.0.1", "localhost", "::1")
    sealed = settings.secret_key is not None
    return Options(
        group_wait_s=settings.notify_group_wait_s,
        public_url=settings.api_public_url if reachable else None,
        email=sealed and settings.smtp_url is not None,
        sms=sealed and settings.sms_url is not None,
        demands=settings.notify_demands,
    )


def enqueue_reminders(conn: Connection[Any], settings: Settings, *, now: datetime) -> int:
    """Put fresh notices for customers into the outbox; how many."""
    return reminders.enqueue_reminders(conn, now=now, options=options_of(settings))


def gather_due(conn: Connection[Any], settings: Settings, *, now: datetime) -> int:
    """Make messages of what waits; how many."""
    key = settings.secret_key
    sealing = None if key is None else SealingKey.from_text(key.get_secret_value())
    return gathering.gather_due(conn, now=now, sealing=sealing, options=options_of(settings))
