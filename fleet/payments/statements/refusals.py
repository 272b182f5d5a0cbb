"""Why a row of a statement is not taken, in English and Chinese."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "not_a_day": ("No day of this century stands there", "日期无法识别"),
    "day_ahead": ("The day has not come yet", "日期晚于今天"),
    "day_too_far_back": ("The day lies more than a year back", "日期早于一年前"),
    "amount_missing": ("No amount stands there", "缺少金额"),
    "amount_zero": ("The amount is zero", "金额为零"),
    "not_an_amount": ("No amount in yuan stands there", "金额无法识别"),
    "more_than_two_places": ("More than two places behind the point", "金额超过两位小数"),
    "amount_too_large": ("Beyond all measure", "金额过大"),
    "both_ways": ("Received and paid stand in the same row", "同一行既有收入又有支出"),
    "direction_unknown": ("Whether it came in or went out is not said", "无法判断收支方向"),
    "did_not_arrive": ("Its state says that it did not arrive", "交易状态表明款项未到账"),
    "digits_lost": (
        "Excel kept 15 digits of the number and dropped the rest; bring in the bank's own file",
        "流水号超过 15 位，已被 Excel 截断，请使用银行导出的原始文件",
    ),
    "too_long": ("The number of the transaction is too long", "流水号过长"),
    "reference_of_another": (
        "The bank's number stands on another receipt, of another day or amount",
        "流水号已用于另一笔日期或金额不同的收款",
    ),
}
