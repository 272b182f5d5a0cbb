"""Subscriptions over HTTP: which alerts go to which channel."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Query

from alerts.notify import service as notify
from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.notification_subscriptions import (
    SubscriptionChange,
    SubscriptionIn,
    SubscriptionKeyPath,
    SubscriptionOut,
)
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from api.routes.notification_channels import OWNER, OfOrganisation, OfOwner

operations = Operations("notifications")

EXPORT: Final = Export(
    Words("告警订阅", "notification-subscriptions"),
    {
        "key": Words("编号", "Key"),
        "channel": Words("渠道编号", "Channel key"),
        "channel_name": Words("渠道", "Channel"),
        "owner": OWNER,
        "least_severity": Words("最低级别", "Least severity"),
        "kinds": Words("告警类型", "Kinds"),
        "tells_resolved": Words("通知恢复", "Tells what is over"),
        "digest": Words("汇总", "Digest"),
        "digest_at": Words("汇总时间", "Digest at"),
        "quiet_from": Words("免打扰开始", "Quiet from"),
        "quiet_until": Words("免打扰结束", "Quiet until"),
        "critical_anyway": Words("严重告警不受限", "Critical all the same"),
        "language": Words("语言", "Language"),
        "enabled": Words("启用", "Enabled"),
    },
    {
        "least_severity": {
            "info": Words("提示", "info"),
            "warning": Words("警告", "warning"),
            "critical": Words("严重", "critical"),
        },
        "digest": {
            "none": Words("不汇总", "none"),
            "hourly": Words("每小时", "hourly"),
            "daily": Words("每天", "daily"),
        },
        "language": {"zh": Words("中文", "Chinese"), "en": Words("英文", "English")},
    },
)
"""As a table."""
OfChannel = Annotated[UUID | None, Query(description="Key of a channel.")]


@operations.get("/notification-subscriptions", exported=EXPORT)
def list_notification_subscriptions(
    call: Call,
    organisation: OfOrganisation = None,
    channel: OfChannel = None,
    owner: OfOwner = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[SubscriptionOut]:
    """Which alerts go to which channel, the last made first."""
    given = {"organisation": organisation, "channel": channel, "owner": owner}
    place = place_of(after, int)
    if place == [None]:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = notify.list_subscriptions(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=None if place is None else place[0],
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[SubscriptionOut](
        items=[SubscriptionOut.of(row) for row in page], next=last and cursor_of(last.id)
    )


@operations.post(
    "/notification-subscriptions",
    status=201,
    idempotent="notification.own",
    tells=["Location", "ETag"],
)
def create_notification_subscription(call: Call, body: SubscriptionIn) -> Answer[SubscriptionOut]:
    """Send alerts of an organisation, and of all below it, to a channel that one keeps.

    Through one's own channel one is told only of what one's roles let one see.
    """
    made = notify.create_subscription(
        call.conn,
        call.actor,
        channel=body.channel,
        organisation=body.organisation,
        wanted=body.wanted(),
        now=call.now,
    )
    headers = {"Location": f"/api/v1/notification-subscriptions/{made.key}"}
    return Answer(SubscriptionOut.of(made), headers, made.version)


@operations.get("/notification-subscriptions/{key}", tells=["ETag"])
def get_notification_subscription(call: Call, key: SubscriptionKeyPath) -> Answer[SubscriptionOut]:
    """One subscription; its ETag is what a change asks for."""
    found = notify.get_subscription(call.conn, call.actor, key=key)
    return Answer(SubscriptionOut.of(found), version=found.version)


@operations.put("/notification-subscriptions/{key}", tells=["ETag"])
def change_notification_subscription(
    call: Call, key: SubscriptionKeyPath, body: SubscriptionChange, if_match: IfMatch = None
) -> Answer[SubscriptionOut]:
    """Say anew what goes to the channel, and when. If-Match: its ETag."""
    changed = notify.change_subscription(
        call.conn,
        call.actor,
        key=key,
        version=version_of(if_match),
        wanted=body.wanted(),
        now=call.now,
    )
    return Answer(SubscriptionOut.of(changed), version=changed.version)


@operations.post("/notification-subscriptions/{key}/retire")
def retire_notification_subscription(
    call: Call, key: SubscriptionKeyPath, if_match: IfMatch = None
) -> Answer[None]:
    """End a subscription; what waits for it is dropped. If-Match: its ETag."""
    version = version_of(if_match)
    notify.retire_subscription(call.conn, call.actor, key=key, version=version, now=call.now)
    return Answer(None)
