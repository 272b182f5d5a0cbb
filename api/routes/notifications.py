"""Messages over HTTP: what was sent to whom and what came of it, and sending once more."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Query

from alerts.notify import service as notify
from alerts.notify.service import ChannelKind, MessagePurpose, MessageState
from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.notifications import MessageKeyPath, NotificationDetailOut, NotificationOut
from api.models.text import Instant
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from api.routes.notification_channels import KIND_WORDS, OWNER, OfOrganisation, OfOwner
from api.routes.notification_subscriptions import OfChannel

operations = Operations("notifications")

EXPORT: Final = Export(
    Words("通知记录", "notifications"),
    {
        "key": Words("编号", "Key"),
        "channel": Words("渠道编号", "Channel key"),
        "channel_name": Words("渠道", "Channel"),
        "owner": OWNER,
        "recipient_hint": Words("收件方", "Recipient"),
        "purpose": Words("用途", "Purpose"),
        "language": Words("语言", "Language"),
        "subject": Words("标题", "Subject"),
        "attempt_count": Words("发送次数", "Attempts"),
        "alerts": Words("告警编号", "Alerts"),
        "next_attempt_at": Words("下次发送时间", "Next attempt at"),
        "sent_at": Words("送达时间", "Sent at"),
        "last_error": Words("失败原因", "Last error"),
    },
    {
        "kind": KIND_WORDS,
        "state": {
            "waiting": Words("待发送", "waiting"),
            "sending": Words("发送中", "sending"),
            "sent": Words("已发送", "sent"),
            "dead": Words("发送失败", "given up"),
        },
        "purpose": {
            "alerts": Words("告警", "alerts"),
            "digest": Words("汇总", "digest"),
            "reminder": Words("客户提醒", "reminder"),
            "test": Words("测试", "test"),
        },
        "language": {"zh": Words("中文", "Chinese"), "en": Words("英文", "English")},
    },
)
"""As a table."""
InState = Annotated[MessageState | None, Query(description="In this state.")]
OfPurpose = Annotated[MessagePurpose | None, Query(description="For this purpose.")]
OnKind = Annotated[ChannelKind | None, Query(description="On this kind of channel.")]
OfAlert = Annotated[str | None, Query(max_length=40, description="Number of an alert it tells of.")]
From = Annotated[Instant | None, Query(description="Made then or later.")]
Until = Annotated[Instant | None, Query(description="Made before then.")]
Search = Annotated[
    str | None, Query(min_length=1, max_length=100, description="A part of subject or channel.")
]


@operations.get("/notifications", exported=EXPORT)
def list_notifications(
    call: Call,
    organisation: OfOrganisation = None,
    state: InState = None,
    purpose: OfPurpose = None,
    kind: OnKind = None,
    channel: OfChannel = None,
    owner: OfOwner = None,
    alert: OfAlert = None,
    from_at: From = None,
    until_at: Until = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[NotificationOut]:
    """What was sent and is to be sent, the last made first.

    A message is listed if one may see all that it tells of.
    """
    given = {
        "organisation": organisation,
        "state": state,
        "purpose": purpose,
        "kind": kind,
        "channel": channel,
        "owner": owner,
        "alert": alert,
        "from_at": from_at,
        "until_at": until_at,
        "search": q,
    }
    place = place_of(after, datetime, int)
    if place is not None and None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = notify.list_messages(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[NotificationOut](
        items=[NotificationOut.of(row) for row in page],
        next=last and cursor_of(last.message.created_at, last.message.id),
    )


@operations.get("/notifications/{key}")
def get_notification(call: Call, key: MessageKeyPath) -> NotificationDetailOut:
    """One message with its text, and each attempt to send it."""
    return NotificationDetailOut.of_detail(notify.get_message(call.conn, call.actor, key=key))


@operations.post("/notifications/{key}/resend")
def resend_notification(call: Call, key: MessageKeyPath) -> NotificationDetailOut:
    """Try once more to send a message that was given up; its receiver can tell by its id."""
    told = notify.resend(call.conn, call.actor, key=key, now=call.now)
    return NotificationDetailOut.of_detail(told)
