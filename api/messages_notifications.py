"""What the problems of notifications are called, in English and Chinese."""

from typing import Final

from api.message import Message

NOTIFICATIONS: Final[dict[str, Message]] = {
    "notification_channel_busy": Message(
        "It has had its messages of this hour",
        "该渠道本小时的通知已达上限",
        "每小时最多 {hourly_limit} 条",
    ),
    "notification_channel_elsewhere": Message(
        "One's own channel is of the organisation one is of", "个人渠道只能建在本人所属组织"
    ),
    "notification_channel_needs_person": Message(
        "Only people have channels of their own", "只有人员可以有个人渠道"
    ),
    "notification_channel_not_found": Message("No such channel", "通知渠道不存在"),
    "notification_channel_of_another": Message(
        "It is somebody else's own channel", "这是他人的个人渠道"
    ),
    "notification_hours_malformed": Message(
        "Quiet hours have a beginning and another end, or neither",
        "免打扰时段须同时填写起止时间，且两者不同",
    ),
    "notification_kind_unknown": Message(
        "No such kind of rules", "告警类型不存在", "没有 {kind} 这种告警类型"
    ),
    "notification_message_not_dead": Message(
        "Only what was given up is sent once more", "只有发送失败的通知可以重新发送"
    ),
    "notification_message_not_found": Message("No such message", "通知记录不存在"),
    "notification_subscription_not_found": Message("No such subscription", "告警订阅不存在"),
    "notification_target_malformed": Message(
        "No address of this kind of channel, or one that is not allowed",
        "发送目标的格式有误，或不允许发送到该地址",
    ),
}
