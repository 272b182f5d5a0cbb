"""Decides in which account money lies, by the channel it came or went through."""

from typing import Final, Literal

from fleet.payments.model import Channel

Money = Literal["cash", "bank", "wallet"]

LIES_IN: Final[dict[Channel, Money]] = {
    "bank": "bank",
    "wechat": "wallet",
    "alipay": "wallet",
    "cash": "cash",
    "other": "bank",
}
"""库存现金, 银行存款, 其他货币资金."""
