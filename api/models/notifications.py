"""Messages over HTTP: what was sent to whom, and what came of each attempt."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from alerts.notify.service import (
    Attempt,
    ChannelKind,
    MessageDetail,
    MessagePurpose,
    MessageState,
)
from api.models.notification_subscriptions import Language
from api.models.text import Input

MESSAGE: Final[dict[str, Any]] = {
    "key": "5b0f0c1f-9b1e-4d11-8b53-1f0e7d3f6f0a",
    "organisation": "shenzhen-nanshan",
    "channel": "7d3f1f0e-6f0a-4b53-9b1e-2f6a0c1f4d11",
    "channel_name": "南山值班群",
    "owner": None,
    "kind": "wecom",
    "recipient_hint": "***5aaa",
    "purpose": "alerts",
    "language": "zh",
    "subject": "[严重] 保险已脱保 粤BD12345",
    "state": "sent",
    "attempt_count": 2,
    "alerts": ["A2611-7KQ4MXRT"],
    "created_at": "2026-11-22T02:00:00Z",
    "next_attempt_at": "2026-11-22T02:00:30Z",
    "sent_at": "2026-11-22T02:00:31Z",
    "last_error": None,
}
ATTEMPTS: Final[list[dict[str, Any]]] = [
    {
        "no": 1,
        "started_at": "2026-11-22T02:00:00Z",
        "ended_at": "2026-11-22T02:00:10Z",
        "result": "timed_out",
        "detail": "no answer within 10 s",
    },
    {
        "no": 2,
        "started_at": "2026-11-22T02:00:30Z",
        "ended_at": "2026-11-22T02:00:31Z",
        "result": "sent",
        "detail": None,
    },
]
MessageKeyPath = Annotated[UUID, Path(description="Key of the message.")]
Result = Literal["sent", "refused", "unreachable", "timed_out", "forbidden_target"]


class NotificationOut(BaseModel):
    """A message as it was composed, and what became of it."""

    model_config = ConfigDict(json_schema_extra={"example": MESSAGE})

    key: UUID = Field(description="Also the id its receiver can know it by.")
    organisation: str
    channel: UUID | None = Field(description="Key of its channel; null = it is for a customer.")
    channel_name: str | None
    owner: str | None = Field(description="Whose own the channel is.")
    kind: ChannelKind
    recipient_hint: str = Field(description="What is shown of the address it went to.")
    purpose: MessagePurpose
    language: Language
    subject: str
    state: MessageState = Field(description="`dead`: it was given up, and can be sent once more.")
    attempt_count: int
    alerts: list[str] = Field(description="Numbers of the alerts it tells of.")
    created_at: datetime
    next_attempt_at: datetime = Field(description="Of what waits.")
    sent_at: datetime | None
    last_error: str | None

    @classmethod
    def of(cls, detail: MessageDetail) -> "NotificationOut":
        """As the service gives it."""
        return cls(**_told(detail))


class AttemptOut(BaseModel):
    """One try to send a message."""

    model_config = ConfigDict(json_schema_extra={"example": ATTEMPTS[0]})

    no: int
    started_at: datetime
    ended_at: datetime | None
    result: Result | None = Field(description="Null: it was begun, and nobody knows how it ended.")
    detail: str | None

    @classmethod
    def of(cls, attempt: Attempt) -> "AttemptOut":
        """As the service gives it."""
        return cls(**{name: getattr(attempt, name) for name in cls.model_fields})


class NotificationDetailOut(NotificationOut):
    """A message with its text, and each attempt to send it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": MESSAGE
            | {"body": "车辆 粤BD12345 交强险 11-21 到期……", "attempts": ATTEMPTS}
        }
    )

    body: str
    attempts: list[AttemptOut]

    @classmethod
    def of_detail(cls, detail: MessageDetail) -> "NotificationDetailOut":
        """As the service gives it."""
        attempts = [AttemptOut.of(each) for each in detail.attempts]
        return cls(**_told(detail), body=detail.message.body, attempts=attempts)


class ChannelTest(Input):
    """In which language a channel is tried."""

    model_config = ConfigDict(json_schema_extra={"example": {"language": "zh"}})

    language: Language = "zh"


def _told(detail: MessageDetail) -> dict[str, Any]:
    message = detail.message
    renamed = {
        "organisation": message.organisation_code,
        "channel": message.channel_key,
        "attempt_count": message.attempts,
        "alerts": list(detail.alert_nos),
    }
    same = NotificationOut.model_fields.keys() - renamed.keys()
    return {name: getattr(message, name) for name in same} | renamed
