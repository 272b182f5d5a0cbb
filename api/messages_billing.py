"""What the problems of bills and credit notes are called, in English and Chinese."""

from typing import Final

from api.message import Message

BILLING: Final[dict[str, Message]] = {
    "bill_delivered_before_issued": Message(
        "It was delivered before it was issued", "送达时间早于账单开具时间"
    ),
    "bill_delivered_in_future": Message("The time of delivery has not come", "送达时间在未来"),
    "bill_line_twice": Message("A line stands twice in the list", "账单行重复"),
    "bill_line_unknown": Message("The bill has no such line", "账单没有该行"),
    "bill_not_a_draft": Message("The bill is no draft any more", "账单已不是草稿"),
    "bill_not_found": Message("No such bill", "账单不存在", "找不到账单 {bill}"),
    "bill_not_issued": Message("The bill has not been issued", "账单尚未开具"),
    "bill_outdated": Message(
        "The draft does not hold any more; run billing again", "账单草稿已过时，请重新生成"
    ),
    "billing_settings_missing": Message(
        "Nobody has said from when and as whom is billed",
        "尚未设置出账设置",
        "组织 {organisation_code} 尚未设置出账设置",
    ),
    "credit_exceeds_bill": Message("More than is left of the bill", "冲减金额超过账单剩余金额"),
    "credit_exceeds_line": Message(
        "More than is left of the line",
        "冲减金额超过该行剩余金额",
        "第 {line_no} 行最多还可冲减 {left_fen} 分",
    ),
    "credit_note_not_found": Message(
        "No such credit note", "红字账单不存在", "找不到红字账单 {credit_no}"
    ),
    "reclaim_not_credited": Message(
        "What is reclaimed is paid, or written off", "收回款账单不能冲减，请收款或申请核销"
    ),
    "drafted_after_issued": Message(
        "Bills are drafted before they are issued", "起草天数不能少于开具天数"
    ),
    "lease_not_billed": Message("The lease is not signed", "租约尚未签订，不能出账"),
    "opening_of_another_customer": Message("The lease is another customer's", "租约不属于该客户"),
    "opening_too_late": Message(
        "It fell due after the first day of billing",
        "应付日不早于起始出账日",
        "{bills_from_on} 起到期的款项由系统出账，不作期初",
    ),
}
