"""Decides what stands on the paper of a statement of account.

Leaves out what the account is (`fleet/statements`) and the layout (`statement.typ`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fleet.capitals import in_capitals
from fleet.money_papers.words import BLANK, Rows, figures, party_rows, priced

HEAD: Final = ["日期", "摘要", "单据编号", "租约编号", "应收（借方）", "收款及冲减（贷方）", "余额"]
OPEN_HEAD: Final = [
    *("账单编号", "租约编号", "开具日期", "应付日期", "账单金额", "未付金额", "逾期天数")
]
DEPOSITS_HEAD: Final = ["日期", "摘要", "租约编号", "单据编号", "增减", "押金余额"]
CONFIRM_ASK: Final = (
    "请贵方核对上列数据，于收到之日起七日内签章确认并寄回（或者以约定的电子方式回复）；有出入的，请"
    "列明差异。本对账单仅供核对往来，不作为发票或者收据。"
)


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """A statement as words and figures, ready to be set; days in ISO 8601, amounts in fen.

    `rows`: (day, words, number, lease_no, debit, credit, balance). `open_bills`: (bill_no,
    lease_no, issued_on, due_on, total, open, days overdue). `ageing`: (words, open). `deposits`:
    (day, words, lease_no, number, change, held).
    """

    customer: Mapping[str, Any]
    customer_nos: Sequence[str]
    seller: Mapping[str, Any]
    first_on: str
    last_on: str
    made_on: str
    opening_fen: int
    rows: Sequence[tuple[str, str, str, str | None, int, int, int]]
    debits_fen: int
    credits_fen: int
    closing_fen: int
    open_bills: Sequence[tuple[str, str | None, str, str, int, int, int]]
    open_fen: int
    credit_fen: int
    ageing: Sequence[tuple[str, int]]
    deposits_opening_fen: int
    deposits: Sequence[tuple[str, str, str | None, str, int, int]]
    deposits_held_fen: int


def statement_sheet(told: StatementFacts) -> dict[str, Any]:
    """A statement as `statement.typ` sets it."""
    number = f"{told.customer['customer_no']}　{told.first_on} 至 {told.last_on}"
    return {
        "title": "客户对账单",
        "number": number,
        "sender": told.seller.get("name") or "",
        "foot": f"编制日期 {told.made_on}",
        "facts": [
            ["客户编号", "、".join(told.customer_nos)],
            ["编制日期", told.made_on],
            ["对账期间", f"{told.first_on} 至 {told.last_on}"],
            ["金额单位", "人民币元"],
        ],
        "seller_heading": "销售方（出租方）",
        "seller": party_rows(told.seller, customer=False),
        "customer_heading": "客户（承租方）",
        "customer": party_rows(told.customer, customer=True),
        **_account(told),
        **_open(told),
        **_deposits(told),
        "confirm_heading": "对账确认",
        "confirm_ask": CONFIRM_ASK,
        "confirm": [
            ["□ 数据核对无误", "客户（盖章）：　　　　　　　　日期："],
            ["□ 数据不符，差异说明：", "客户（盖章）：　　　　　　　　日期："],
        ],
    }


def _account(told: StatementFacts) -> dict[str, Any]:
    rows: Rows = [["", "期初余额", "", "", "", "", figures(told.opening_fen)]]
    rows += [
        [day, words, number, lease_no or "", _moved(debit), _moved(credit), figures(balance)]
        for day, words, number, lease_no, debit, credit, balance in told.rows
    ]
    sums = [figures(told.debits_fen), figures(told.credits_fen), figures(told.closing_fen)]
    return {
        "rows_heading": "一、往来明细",
        "head": HEAD,
        "rows": rows,
        "closing": [["", "本期合计及期末余额", "", "", *sums]],
        "result": _result(told),
    }


def _result(told: StatementFacts) -> str:
    """Who owes whom at the end, in figures and capitals."""
    amount = abs(told.closing_fen)
    said = f"{priced(amount)}（{in_capitals(amount)}）"
    if told.closing_fen > 0:
        return f"截至 {told.last_on}，客户尚欠 {said}。"
    if told.closing_fen < 0:
        return f"截至 {told.last_on}，客户结余 {said}，可抵付以后账单。"
    return f"截至 {told.last_on}，往来余额为零。"


def _open(told: StatementFacts) -> dict[str, Any]:
    rows = [
        [bill_no, lease_no or BLANK, issued_on, due_on, figures(total), figures(still), str(days)]
        for bill_no, lease_no, issued_on, due_on, total, still, days in told.open_bills
    ]
    sums = [
        ["未付合计", "", "", "", "", figures(told.open_fen), ""],
        ["减：客户余额（预收）", "", "", "", "", figures(told.credit_fen), ""],
        ["净额（期末余额）", "", "", "", "", figures(told.open_fen - told.credit_fen), ""],
    ]
    return {
        "open_heading": f"二、截至 {told.last_on} 未结清账单",
        "open_head": OPEN_HEAD,
        "open": rows,
        "open_closing": sums,
        "ageing_heading": "三、未付金额账龄（自应付日次日起算）",
        "ageing_head": [words for words, _open_fen in told.ageing],
        "ageing": [figures(open_fen) for _words, open_fen in told.ageing],
    }


def _deposits(told: StatementFacts) -> dict[str, Any]:
    """Deposits, where there are or were any."""
    some = bool(told.deposits) or told.deposits_opening_fen != 0
    rows: Rows = [["", "期初押金", "", "", "", figures(told.deposits_opening_fen)]]
    rows += [
        [day, words, lease_no or "", number, figures(change), figures(held)]
        for day, words, lease_no, number, change, held in told.deposits
    ]
    return {
        "deposits_heading": "四、押金（客户缴存，不计入往来余额）",
        "deposits_head": DEPOSITS_HEAD,
        "deposits": rows if some else [],
        "deposits_closing": [["", "期末押金", "", "", "", figures(told.deposits_held_fen)]],
    }


def _moved(fen: int) -> str:
    return figures(fen) if fen else ""
