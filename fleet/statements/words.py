"""Says what stands on a statement, in Chinese, for its paper and its workbook."""

from collections.abc import Mapping
from typing import Final

from fleet.statements.model import AgeBucket, DepositRow, MovementKind, StatementRow

BILL_KINDS: Final[Mapping[str, str]] = {
    "rent": "租金",
    "deposit": "押金",
    "charges": "费用",
    "late_fee": "滞纳金",
    "purchase": "购车款",
    "package": "服务包",
    "reclaim": "退款追回",
    "opening": "期初欠款",
}
CHANNELS: Final[Mapping[str, str]] = {
    "bank": "银行转账",
    "wechat": "微信",
    "alipay": "支付宝",
    "cash": "现金",
    "other": "其他方式",
}
MOVEMENTS: Final[Mapping[MovementKind, str]] = {
    "bill": "账单",
    "credit_note": "账单冲减",
    "payment": "收款",
    "unclaimed": "收款撤销认领",
    "reversal": "收款冲回",
    "refund": "退还余额",
    "write_off": "坏账核销",
    "write_off_undone": "撤销坏账核销",
    "deposit_applied": "押金抵扣",
    "deposit_unapplied": "撤销押金抵扣",
    "other": "其他",
}
DEPOSIT_KINDS: Final[Mapping[str, str]] = {
    "applied": "抵扣欠款",
    "unapplied": "撤销抵扣",
    "refunded": "退还押金",
    "opening": "期初押金",
    "credit_note": "押金账单冲减",
    "reversal": "收款冲回",
    "deposit": "押金变动",
}


def row_words(row: StatementRow) -> str:
    """What a row is, with what more is known of it.

    >>> from datetime import date
    >>> row_words(StatementRow(date(2026, 3, 2), "bill", "B", "rent", None, None, 1, 0, 1))
    '租金账单'
    >>> row_words(StatementRow(date(2026, 3, 2), "payment", "R", "bank", None, None, 0, 1, 0))
    '收款（银行转账）'
    """
    if row.kind == "bill":
        return f"{BILL_KINDS.get(row.detail or '', '')}账单"
    words = MOVEMENTS[row.kind]
    by_channel = row.kind in ("payment", "unclaimed")
    detail = CHANNELS.get(row.detail or "", row.detail) if by_channel else row.detail
    return f"{words}（{detail}）" if detail else words


def deposit_words(row: DepositRow) -> str:
    """What moved a deposit.

    >>> from datetime import date
    >>> deposit_words(DepositRow(date(2026, 3, 2), "L", "allocation", "", -5, 0))
    '押金转为余额或退回'
    """
    if row.kind == "allocation":
        return "收到押金" if row.amount_fen > 0 else "押金转为余额或退回"
    return DEPOSIT_KINDS.get(row.kind, row.kind)


def bucket_words(bucket: AgeBucket) -> str:
    """An age of what is open.

    >>> [bucket_words(AgeBucket(*days, 0)) for days in ((None, None), (1, 30), (366, None))]
    ['未到期', '1–30 天', '365 天以上']
    """
    if bucket.from_days is None:
        return "未到期"
    if bucket.to_days is None:
        return f"{bucket.from_days - 1} 天以上"
    return f"{bucket.from_days}–{bucket.to_days} 天"
