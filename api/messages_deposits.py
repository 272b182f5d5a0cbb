"""What the problems of deposits are called, in English and Chinese."""

from typing import Final

from api.message import Message

DEPOSITS: Final[dict[str, Message]] = {
    "deposit_bill_not_found": Message(
        "The lease has no such open bill",
        "账单不存在或已付清",
        "合同 {lease_no} 没有未付账单 {bill_no}",
    ),
    "deposit_bill_open_for_less": Message(
        "Less is open of the bill", "超过账单未付金额", "账单 {bill_no} 未付 {open_fen} 分"
    ),
    "deposit_bill_unfit": Message("A deposit does not pay a deposit", "押金不能抵扣押金账单"),
    "deposit_block_not_found": Message(
        "Nothing of this name stands against a refund", "没有该项限制", "没有限制项 {block}"
    ),
    "deposit_day_wrong": Message("The day lies ahead or too far back", "日期晚于今天或过早"),
    "deposit_hold_over": Message("The last day is over", "扣留截止日已过"),
    "deposit_movement_not_found": Message("No such movement to undo", "没有可撤销的押金记录"),
    "deposit_not_refundable": Message(
        "Less may be given back today", "超过今日可退金额", "今日可退 {refundable_fen} 分"
    ),
    "deposit_released_already": Message(
        "Less of it stands against a refund", "超过限制金额", "该项限制余额 {stands_fen} 分"
    ),
    "deposit_released_whole": Message(
        "It stands against all of it: release it whole", "该项限制全部押金，只能整体解除"
    ),
    "deposit_too_small": Message("Less is held", "押金不足", "可用押金 {held_fen} 分"),
    "deposit_undone_already": Message(
        "Less of it is left to undo", "超过可撤销金额", "可撤销余额 {left_fen} 分"
    ),
}
