"""What the problems of hand-overs and charges are called, in English and Chinese."""

from typing import Final

from api.message import Message

HAND_OVERS: Final[dict[str, Message]] = {
    "charge_decided_already": Message("Accepted or waived already", "该费用已审核，不能再次审核"),
    "charge_line_unknown": Message(
        "The lease has no such line", "合同没有该租赁项", "合同没有租赁项 {line_no}"
    ),
    "charge_not_found": Message("No such charge", "费用不存在"),
    "decision_note_missing": Message(
        "Say why it is not charged as it was proposed", "免除费用或变更金额须填写说明"
    ),
    "finding_is_free": Message(
        "Normal wear, and what was there before, is never charged",
        "正常磨损和交车时已有的损伤不得收费（民法典 §710）",
    ),
    "hand_over_checklist_not_chosen": Message(
        "There are several checklists; say which",
        "有多个检查表，请选择",
        "请从以下检查表中选择：{checklists}",
    ),
    "hand_over_fault_not_described": Message(
        "Say what is wrong", "请说明异常情况", "请说明检查表第 {step_no} 项的异常情况"
    ),
    "hand_over_not_found": Message("No such hand-over", "交还车记录不存在"),
    "hand_over_step_unknown": Message(
        "The checklist has no such step, or it is answered twice",
        "检查表没有该步骤，或重复填写",
        "检查表没有第 {step_no} 项，或重复填写",
    ),
    "hand_over_steps_missing": Message(
        "Steps of the checklist were not looked at", "检查表未完成", "未检查：{steps}"
    ),
    "swap_instants_differ": Message(
        "The one comes back when the other goes out", "换车的还车与交车时间须一致"
    ),
    "waived_has_no_amount": Message("What is waived has no amount", "免除的费用不应填写金额"),
}
"""By code."""
