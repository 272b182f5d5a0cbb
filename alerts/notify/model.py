"""The shapes of notifications: channels, subscriptions, messages, attempts; how they are set up.

Leaves out the secrets of a channel: those stand sealed in the database (`channels/targets.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Final, Literal, get_args
from uuid import UUID

from alerts.model import Severity
from alerts.notify.outbox.timing import Digest
from alerts.notify.templates.facts import Language

ChannelKind = Literal["wecom", "dingtalk", "feishu", "email", "sms", "webhook"]
CHANNEL_KINDS: Final[tuple[ChannelKind, ...]] = get_args(ChannelKind)
MessageState = Literal["waiting", "sending", "sent", "dead"]
MESSAGE_STATES: Final[tuple[MessageState, ...]] = get_args(MessageState)
MessagePurpose = Literal["alerts", "digest", "reminder", "test"]
MESSAGE_PURPOSES: Final[tuple[MessagePurpose, ...]] = get_args(MessagePurpose)
Result = Literal["sent", "refused", "unreachable", "timed_out", "forbidden_target"]
CHANNEL_SECRET: Final = "notification_channel"
RECIPIENT_SECRET: Final = "notification_recipient"
"""What the sealed columns are for (kit/sealed.py)."""


@dataclass(frozen=True, slots=True)
class Options:
    """How an installation notifies. `public_url` None: messages hold no links.

    `email` and `sms`: whether customers can be reached so. `demands`: whether written demands go
    that way, too, and not reminders alone.
    """

    group_wait_s: int = 30
    public_url: str | None = None
    email: bool = False
    sms: bool = False
    demands: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """Where messages go. `owner` None: the organisation's. `target_hint` is what is shown of it."""

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    owner: str | None
    name: str
    kind: ChannelKind
    target_hint: str
    enabled: bool
    hourly_limit: int
    failing_since: datetime | None
    created_by: str | None
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which alerts of an organisation, and of all below it, go to a channel, and when not."""

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    channel_key: UUID
    channel_name: str
    owner: str | None
    """Whose own the channel is."""
    least_severity: Severity
    kinds: Sequence[str] | None
    tells_resolved: bool
    digest: Digest
    digest_at: time
    quiet_from: time | None
    quiet_until: time | None
    critical_anyway: bool
    language: Language
    enabled: bool
    created_by: str | None
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send a message. `result` None: begun, and nobody knows how it ended."""

    no: int
    started_at: datetime
    ended_at: datetime | None
    result: Result | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was composed. `key` is what its receiver can know it by."""

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    channel_key: UUID | None
    channel_name: str | None
    owner: str | None
    kind: ChannelKind
    recipient_hint: str
    purpose: MessagePurpose
    language: Language
    subject: str
    body: str
    state: MessageState
    attempts: int
    alerts: int
    """How many alerts it tells of."""
    created_at: datetime
    next_attempt_at: datetime
    sent_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class MessageDetail:
    """A message with each attempt, and the numbers of the alerts it tells of."""

    message: Message
    attempts: Sequence[Attempt]
    alert_nos: Sequence[str] = field(default=())


@dataclass(frozen=True, slots=True)
class ReminderDelivered:
    """What came of sending a customer's notice; `proof` is the id of the message."""

    tenant_id: int
    organisation_id: int
    notice_no: str
    channel: Literal["sms", "email"]
    sent_at: datetime
    proof: str
    result: Literal["sent", "failed"] = "sent"
