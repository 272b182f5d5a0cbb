"""What the problems of payments and of what is owed are called, in English and Chinese."""

from typing import Final

from api.message import Message

PAYMENTS: Final[dict[str, Message]] = {
    "bank_reference_known": Message(
        "The bank's number came in before", "该银行流水号已入账", "已登记为收款 {payment_no}"
    ),
    "bill_to_pay_not_found": Message(
        "The customer has no such bill", "该客户没有此账单", "找不到该客户的账单 {bill_no}"
    ),
    "bill_to_settle_not_found": Message("There is no such issued bill", "账单不存在或未开具"),
    "bills_of_nobody": Message(
        "Say whose payment it is, or of which organisation", "请指明付款客户或收款组织"
    ),
    "credit_not_enough": Message(
        "Less is left of the customer's credit", "客户余额不足", "客户余额仅剩 {left_fen} 分"
    ),
    "credit_used_up": Message(
        "Less is left of the credit", "余额已用完", "该笔余额仅剩 {left_fen} 分"
    ),
    "deposit_not_enough": Message(
        "Less of the deposit is held", "押金不足", "目前仅持有押金 {held_fen} 分"
    ),
    "more_than_open": Message(
        "The bill is open for less", "超出账单未付金额", "账单 {bill_no} 未付 {open_fen} 分"
    ),
    "nothing_to_undo": Message("It settled less than shall be undone", "可撤销金额不足"),
    "payer_not_found": Message("No such customer", "客户不存在", "找不到客户 {customer_no}"),
    "payment_claimed_already": Message("It is known whose it is", "该收款已认领"),
    "payment_day_out_of_reach": Message(
        "The day lies ahead, or more than a year back", "到账日不能晚于今天或早于一年前"
    ),
    "payment_key_reused": Message(
        "The Idempotency-Key was used for another payment", "该 Idempotency-Key 已用于其他收款"
    ),
    "payment_not_claimed": Message("Nobody has said yet whose it is", "该收款尚未认领"),
    "payment_not_found": Message("No such payment", "收款不存在", "找不到收款 {payment_no}"),
    "payment_refunded_already": Message(
        "Some of it was given back to the customer", "该收款已部分退还客户"
    ),
    "payment_reversed_already": Message("It was taken back before", "该收款已冲回"),
    "refund_day_out_of_reach": Message(
        "The day lies ahead, or before the credit", "退款日不能晚于今天或早于余额产生日"
    ),
    "reversal_day_out_of_reach": Message(
        "The day lies ahead, or before the payment", "冲回日不能晚于今天或早于到账日"
    ),
    "write_off_decided_already": Message("It was decided before", "该核销申请已审批"),
    "write_off_more_than_open": Message(
        "The bill is open for less", "核销金额超出未付金额", "账单未付 {open_fen} 分"
    ),
    "write_off_not_found": Message("No such write-off", "核销申请不存在"),
    "write_off_not_standing": Message("Nothing of it stands", "该核销未生效或已撤销"),
    "write_off_own_request": Message(
        "Whoever asks for it does not decide on it", "申请人不能审批自己的核销申请"
    ),
    "write_off_pending": Message(
        "A write-off of the bill is not decided yet", "该账单已有待审批的核销申请"
    ),
}
