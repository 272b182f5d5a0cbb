"""What the problems of consents and of a person's data are called, in English and Chinese."""

from typing import Final

from api.message import Message

PRIVACY: Final[dict[str, Message]] = {
    "charges_undecided": Message(
        "Charges are not decided on yet", "尚有费用未审核", "尚有 {count} 项费用未审核"
    ),
    "consent_ends_before_it_begins": Message(
        "A consent is withdrawn after it was given, and before now",
        "撤回时间须在同意之后且不晚于现在",
        "该同意于 {given_at} 作出",
    ),
    "consent_in_future": Message("It was agreed to before now", "同意时间不能晚于现在"),
    "consent_not_found": Message("The customer gave no such consent", "没有该同意记录"),
    "consent_withdrawn": Message("The consent was withdrawn before", "该同意已撤回"),
    "customer_has_open_bills": Message(
        "Bills are not paid in full", "客户尚有未付清的账单", "账单 {bill_nos} 尚未付清"
    ),
    "customer_money_held": Message(
        "Credit or a deposit of the customer is still held", "客户尚有余额或者押金未退还"
    ),
    "customer_has_leases": Message(
        "A lease is signed or runs, or a vehicle is still out",
        "客户尚有未结束的租约",
        "租约 {lease_nos} 尚未结束",
    ),
    "retention_runs": Message(
        "The law still lets claims be made; the data are kept until then",
        "个人信息仍在法定保存期内",
        "末次租约于 {last_ended_on} 结束，自 {allowed_from_on} 起方可删除",
    ),
    "sealing_key_missing": Message(
        "GUANCHE_SECRET_KEY is not set: numbers cannot be sealed",
        "未配置 GUANCHE_SECRET_KEY，无法加密证件号",
    ),
}
