"""What the problems of the inbox of alerts are called, in English and Chinese."""

from typing import Final

from api.message import Message

ALERTS: Final[dict[str, Message]] = {
    "alert_assignee_unknown": Message(
        "Nobody who can deal with the alert has this log-in",
        "找不到可处理该告警的人员",
        "登录名 {assignee} 不存在，或无权处理该告警",
    ),
    "alert_has_work_order": Message(
        "A work order was made of the alert before", "该告警已生成工单", "告警 {alert_no} 已有工单"
    ),
    "alert_kind_unknown": Message("No such kind of alert", "告警类型不存在"),
    "alert_not_found": Message("No such alert", "告警不存在", "找不到告警 {alert_no}"),
    "alert_refusal_not_found": Message("No such refusal", "拒收记录不存在"),
    "alert_snooze_wrong": Message(
        "It can be put off until a later moment within 30 days", "推迟时间须晚于现在且在 30 天内"
    ),
    "alert_state_refused": Message(
        "The alert is not in a state for that",
        "告警当前状态不允许此操作",
        "告警 {alert_no} 的状态为 {state}，不能执行此操作",
    ),
    "alert_without_vehicle": Message(
        "The alert is about no vehicle of yours", "该告警没有可派工的车辆"
    ),
    "alert_work_order_not_found": Message(
        "No such work order", "工单不存在", "找不到工单 {number}"
    ),
    "alerts_too_many": Message(
        "Too many alerts at once", "一次处理的告警过多", "一次最多处理 {at_most} 条告警"
    ),
    "escalation_step_wrong": Message(
        "A step names either a role or a person in sight",
        "升级步骤须指定角色或可见人员，二者选一",
    ),
    "not_leader": Message("Another process acts now", "现由另一进程执行"),
    "silence_names_unknown": Message(
        "No such rule or vehicle; nothing would be silenced", "规则或车辆不存在，静默不会生效"
    ),
    "silence_not_found": Message("No such silence", "静默不存在"),
    "silence_over": Message("The silence has ended", "静默已结束"),
    "silence_period_wrong": Message(
        "A silence ends later than now, within 90 days", "静默结束时间须晚于现在且不超过 90 天"
    ),
}
