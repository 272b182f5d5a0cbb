"""Channels of notifications over HTTP: the organisation's, and everybody's own."""

from typing import Annotated, Final

from fastapi import Query

from alerts.notify import service as notify
from alerts.notify.service import ChannelKind
from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.notification_channels import (
    ChannelChange,
    ChannelIn,
    ChannelKeyPath,
    ChannelMadeOut,
    ChannelOut,
    address_of,
)
from api.models.notifications import ChannelTest, NotificationDetailOut
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page

operations = Operations("notifications")

KIND_WORDS: Final = {
    "wecom": Words("企业微信", "WeCom"),
    "dingtalk": Words("钉钉", "DingTalk"),
    "feishu": Words("飞书", "Feishu"),
    "email": Words("邮件", "e-mail"),
    "sms": Words("短信", "SMS"),
    "webhook": Words("Webhook", "webhook"),
}
OWNER: Final = Words("归属个人", "Own of")
EXPORT: Final = Export(
    Words("通知渠道", "notification-channels"),
    {
        "key": Words("编号", "Key"),
        "owner": OWNER,
        "target_hint": Words("发送目标", "Target"),
        "enabled": Words("启用", "Enabled"),
        "hourly_limit": Words("每小时上限", "Messages an hour"),
        "failing_since": Words("故障起始时间", "Failing since"),
    },
    {"kind": KIND_WORDS},
)
"""As a table."""
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
OfKind = Annotated[ChannelKind | None, Query(description="Of this kind.")]
OfOwner = Annotated[str | None, Query(max_length=63, description="Log-in: whose own.")]
Failing = Annotated[bool | None, Query(description="Those where nothing arrives, or the others.")]
Search = Annotated[
    str | None, Query(min_length=1, max_length=100, description="A part of name or owner.")
]


@operations.get("/notification-channels", exported=EXPORT)
def list_notification_channels(
    call: Call,
    organisation: OfOrganisation = None,
    kind: OfKind = None,
    owner: OfOwner = None,
    failing: Failing = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[ChannelOut]:
    """Where messages can go, the last made first; who keeps only their own see their own."""
    given = {"organisation": organisation, "kind": kind, "owner": owner, "failing": failing}
    given |= {"search": q}
    place = place_of(after, int)
    if place == [None]:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = notify.list_channels(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=None if place is None else place[0],
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[ChannelOut](
        items=[ChannelOut.of(row) for row in page], next=last and cursor_of(last.id)
    )


@operations.post(
    "/notification-channels",
    status=201,
    idempotent="notification.own",
    confidential=True,
    tells=["Location", "ETag"],
)
def create_notification_channel(call: Call, body: ChannelIn) -> Answer[ChannelMadeOut]:
    """Add a channel: one's own, or with `notification.change` and a step-up the organisation's.

    Its address is kept sealed and shown to nobody. The secret that signs what goes to a webhook is
    made here unless you give one, and is shown this once.
    """
    made, secret = notify.create_channel(
        call.conn,
        call.actor,
        sealing=call.state.key,
        organisation=body.organisation,
        own=body.own,
        name=body.name,
        kind=body.target.kind,
        target=address_of(body.target),
        hourly_limit=body.hourly_limit,
        private_allowed=call.settings.notify_private_targets,
        now=call.now,
    )
    headers = {"Location": f"/api/v1/notification-channels/{made.key}"}
    return Answer(ChannelMadeOut.made(made, secret), headers, made.version)


@operations.get("/notification-channels/{key}", tells=["ETag"])
def get_notification_channel(call: Call, key: ChannelKeyPath) -> Answer[ChannelOut]:
    """One channel; its ETag is what a change asks for."""
    found = notify.get_channel(call.conn, call.actor, key=key)
    return Answer(ChannelOut.of(found), version=found.version)


@operations.put("/notification-channels/{key}", confidential=True, tells=["ETag"])
def change_notification_channel(
    call: Call, key: ChannelKeyPath, body: ChannelChange, if_match: IfMatch = None
) -> Answer[ChannelMadeOut]:
    """Rename, switch or redirect a channel. If-Match: its ETag."""
    version = version_of(if_match)
    was = notify.get_channel(call.conn, call.actor, key=key)
    changed, secret = notify.change_channel(
        call.conn,
        call.actor,
        sealing=call.state.key,
        key=key,
        version=version,
        name=body.name,
        enabled=body.enabled,
        hourly_limit=body.hourly_limit,
        target=body.address(was.kind),
        private_allowed=call.settings.notify_private_targets,
        now=call.now,
    )
    return Answer(ChannelMadeOut.made(changed, secret), version=changed.version)


@operations.post("/notification-channels/{key}/retire")
def retire_notification_channel(
    call: Call, key: ChannelKeyPath, if_match: IfMatch = None
) -> Answer[None]:
    """Use a channel no more; its subscriptions end with it. If-Match: its ETag."""
    version = version_of(if_match)
    notify.retire_channel(call.conn, call.actor, key=key, version=version, now=call.now)
    return Answer(None)


@operations.post(
    "/notification-channels/{key}/test",
    status=201,
    idempotent="notification.own",
    tells=["Location"],
)
def test_notification_channel(
    call: Call, key: ChannelKeyPath, body: ChannelTest
) -> Answer[NotificationDetailOut]:
    """Send a test message within seconds; look at it again to see what came of it."""
    made = notify.test_channel(call.conn, call.actor, key=key, language=body.language, now=call.now)
    headers = {"Location": f"/api/v1/notifications/{made.message.key}"}
    return Answer(NotificationDetailOut.of_detail(made), headers)
