"""What the problems of dunning are called, in English and Chinese."""

from typing import Final

from api.message import Message

DUNNING: Final[dict[str, Message]] = {
    "delivery_arrival_missing": Message(
        "What arrived says when, and nothing else does", "已送达须填写送达时间，未送达不得填写"
    ),
    "delivery_document_unknown": Message("The file is none of this notice", "附件不属于该通知"),
    "delivery_proof_missing": Message(
        "That it arrived has to be proved", "请填写送达凭证（单号、签收人）或上传附件"
    ),
    "delivery_times_wrong": Message(
        "Made, sent and arrived are out of order, or lie ahead",
        "发出、送达时间有误",
        "通知生成于 {made_at}，发出与送达须依次在其后且不晚于当前时间",
    ),
    "notice_bill_not_found": Message("No such bill", "账单不存在", "找不到已开具的账单 {bill_no}"),
    "notice_bill_settled": Message(
        "Nothing is open of the bill", "账单已结清", "账单 {bill_no} 没有未付金额"
    ),
    "notice_exists": Message(
        "The bill has a notice of this stage", "该账单本阶段通知已存在", "{stage} 阶段的通知已生成"
    ),
    "notice_lacks": Message(
        "The stage lacks what it stands on",
        "不满足该阶段的条件",
        "{stage} 阶段缺少合同条款、已送达且期满的前序通知，或欠付金额不足",
    ),
    "notice_not_found": Message("No such notice", "通知不存在", "找不到通知 {notice_no}"),
    "notice_over": Message("It was withdrawn, or it arrived", "通知已撤回或已送达"),
    "notice_stage_unknown": Message(
        "The ladder has no such stage", "催收阶梯中没有该阶段", "催收阶梯中没有 {stage}"
    ),
}
