"""Writes a statement as one sheet of an .xlsx: whose it is, the account, what is open, deposits.

The same figures as on its paper, as numbers an accountant can sum. Leaves out how cells are written
(`kit/table_blocks.py`).
"""

from datetime import timedelta
from decimal import Decimal
from typing import IO, Any

from fleet.statements.model import Statement
from fleet.statements.words import BILL_KINDS, bucket_words, deposit_words, row_words
from kit.table_blocks import Block, write_blocks
from kit.table_files import Cell, TableColumn


def write_workbook(told: Statement, out: IO[bytes]) -> None:
    """Write the statement; `out` stays open."""
    write_blocks("对账单", blocks_of(told), out)


def blocks_of(told: Statement) -> list[Block]:
    """Its tables, in order; the balances of beginning and end stand as rows of the account."""
    return [_head(told), _account(told), _open(told), _ageing(told), _deposits(told)]


def _head(told: Statement) -> Block:
    seller: Any = told.customer.seller or {}
    last = told.until_on - timedelta(days=1)
    return Block(
        "客户对账单",
        [
            ["销售方", seller.get("name") or told.customer.organisation_name],
            ["客户", told.customer.invoice_title or told.customer.name],
            ["客户编号", "、".join(told.customer.family_nos)],
            ["对账期间", f"{told.from_on} 至 {last}"],
            ["金额单位", "元"],
        ],
    )


def _account(told: Statement) -> Block:
    columns = [
        TableColumn("日期", "date"),
        TableColumn("摘要"),
        TableColumn("单据编号"),
        TableColumn("租约编号"),
        TableColumn("应付日期", "date"),
        TableColumn("应收（借方）", "money"),
        TableColumn("收款及冲减（贷方）", "money"),
        TableColumn("余额", "money"),
    ]
    rows: list[list[Cell]] = [
        [told.from_on, "期初余额", None, None, None, None, None, _yuan(told.opening_fen)]
    ]
    rows += [
        [
            row.on,
            row_words(row),
            row.number,
            row.lease_no,
            row.due_on,
            _yuan(row.debit_fen) if row.debit_fen else None,
            _yuan(row.credit_fen) if row.credit_fen else None,
            _yuan(row.balance_fen),
        ]
        for row in told.rows
    ]
    rows.append(
        [
            *(told.until_on - timedelta(days=1), "本期合计及期末余额", None, None, None),
            *(_yuan(told.debits_fen), _yuan(told.credits_fen), _yuan(told.closing_fen)),
        ]
    )
    return Block("往来明细", rows, columns, sums=1)


def _open(told: Statement) -> Block:
    columns = [
        TableColumn("开具日期", "date"),
        TableColumn("账单类别"),
        TableColumn("账单编号"),
        TableColumn("租约编号"),
        TableColumn("应付日期", "date"),
        TableColumn("账单金额", "money"),
        TableColumn("未付金额", "money"),
        TableColumn("逾期天数", "number"),
    ]
    rows: list[list[Cell]] = [
        [
            *(bill.issued_on, BILL_KINDS.get(bill.kind, bill.kind), bill.bill_no, bill.lease_no),
            *(bill.due_on, _yuan(bill.total_fen), _yuan(bill.open_fen), bill.overdue_days),
        ]
        for bill in told.open_bills
    ]
    rows.append([None, "未付合计", None, None, None, None, _yuan(told.open_fen), None])
    rows.append([None, "客户余额（预收）", None, None, None, None, _yuan(told.credit_fen), None])
    return Block("未结清账单", rows, columns, sums=2)


def _ageing(told: Statement) -> Block:
    columns = [TableColumn("账龄（自应付日起）"), TableColumn("未付金额", "money")]
    rows: list[list[Cell]] = [
        [bucket_words(bucket), _yuan(bucket.open_fen)] for bucket in told.ageing
    ]
    return Block("账龄分析", rows, columns)


def _deposits(told: Statement) -> Block:
    columns = [
        TableColumn("日期", "date"),
        TableColumn("摘要"),
        TableColumn("单据编号"),
        TableColumn("租约编号"),
        TableColumn("", "date"),
        TableColumn("增减", "money"),
        TableColumn("押金余额", "money"),
    ]
    rows: list[list[Cell]] = [
        [told.from_on, "期初押金", None, None, None, None, _yuan(told.deposits_opening_fen)]
    ]
    rows += [
        [
            *(row.on, deposit_words(row), row.number, row.lease_no, None),
            *(_yuan(row.amount_fen), _yuan(row.held_fen)),
        ]
        for row in told.deposits
    ]
    last = told.until_on - timedelta(days=1)
    rows.append([last, "期末押金", None, None, None, None, _yuan(told.deposits_held_fen)])
    return Block("押金（不计入往来余额）", rows, columns, sums=1)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100
