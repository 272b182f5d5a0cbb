"""What the problems of the ledger and of VAT are called, in English and Chinese."""

from typing import Final

from api.message import Message

LEDGER: Final[dict[str, Message]] = {
    "entry_posted_already": Message("It was posted before", "凭证已入账"),
    "entry_unbalanced": Message("The entry does not balance", "凭证借贷不平"),
    "month_closed": Message("The month is closed", "该月已结账"),
    "month_not_next": Message(
        "Another month is closed first", "须按月顺序结账", "下一个应结账的月份为 {next}"
    ),
    "month_not_over": Message(
        "The month is not over", "该月尚未结束", "{month} 尚未结束，不能结账"
    ),
    "nothing_to_close": Message("Nothing was posted there", "尚无凭证，无需结账"),
    "simplified_is_general": Message(
        "Only a general taxpayer chooses the simplified method", "仅一般纳税人可选择简易计税"
    ),
}
