"""Decides what stands on the paper of a bill and of a credit note, from their frozen snapshots.

Everything printed comes out of the snapshot: the same snapshot is the same paper. Leaves out what
changes later, such as what was paid (the statement of the customer tells it), and the layout
(`bill.typ`).
"""

from collections.abc import Sequence
from typing import Any, Final

from fleet.capitals import in_capitals
from fleet.money_papers.bases import basis_words
from fleet.money_papers.words import (
    BILL_KINDS,
    BLANK,
    Rows,
    Told,
    figures,
    paid_into,
    party_rows,
    priced,
    rate,
    rate_per_day,
    span,
    stacked_span,
)

HEAD: Final = [
    "序号",
    "项目",
    "车牌号",
    "计费期间",
    "天数",
    "不含税金额",
    "税率",
    "税额",
    "价税合计",
]
BY_RATE_HEAD: Final = ["税率 / 征收率", "不含税金额（元）", "税额（元）", "价税合计（元）"]
NO_INVOICE: Final = (
    "本单据为结算凭据，不是发票；发票由出租方另行开具。金额单位：人民币元，价格为含税价。"
)


def bill_sheet(snapshot: Told) -> dict[str, Any]:
    """A bill as `bill.typ` sets it."""
    seller = snapshot.get("seller") or {}
    due_on = snapshot.get("due_on") or BLANK
    kind = BILL_KINDS.get(str(snapshot.get("kind")), "")
    facts: Rows = [
        ["账单编号", snapshot["bill_no"]],
        ["账单类别", kind or BLANK],
        ["开具日期", snapshot.get("issued_on")],
        ["应付日期", due_on],
        ["账期", span(snapshot.get("from_on"), snapshot.get("until_on"))],
        ["租约编号", snapshot.get("lease_no") or BLANK],
    ]
    return {
        "title": "账　单",
        "number": snapshot["bill_no"],
        "foot": f"应付日期 {due_on}",
        "facts": facts,
        "lines": _lines(snapshot["lines"], 1),
        "pay_heading": f"付款信息（请于 {due_on}（含当日）前付清，附言注明账单编号）",
        "pay": paid_into(seller),
        "notes_heading": "说明",
        "notes": _bill_notes(snapshot),
        **_sums(snapshot, 1),
        **_parties(snapshot),
    }


def credit_note_sheet(snapshot: Told) -> dict[str, Any]:
    """A credit note as `bill.typ` sets it: amounts below zero."""
    facts: Rows = [
        ["冲减单编号", snapshot["credit_no"]],
        ["开具日期", snapshot.get("issued_on")],
        ["原账单编号", snapshot.get("bill_no")],
        ["原账单日期", snapshot.get("bill_issued_on") or BLANK],
        ["租约编号", snapshot.get("lease_no") or BLANK],
        ["冲减原因", snapshot.get("reason")],
    ]
    notes = ["本单冲减原账单相应金额；已付清的部分转为客户余额，可抵付以后账单或者申请退还。"]
    total, before = snapshot.get("bill_total_fen"), snapshot.get("credited_before_fen") or 0
    if isinstance(total, int):
        left = total - before - snapshot["total_fen"]
        notes.append(
            f"原账单价税合计 {priced(total)}，此前已冲减 {priced(before)}，本次冲减"
            f" {priced(snapshot['total_fen'])}，冲减后 {priced(left)}。"
        )
    notes.append("原账单已开具发票的，以红字发票为准。金额单位：人民币元，价格为含税价。")
    return {
        "title": "账单冲减通知单（红字）",
        "number": snapshot["credit_no"],
        "foot": f"原账单 {snapshot.get('bill_no')}",
        "facts": facts,
        "lines": _lines(snapshot["lines"], -1),
        "pay_heading": "",
        "pay": [],
        "notes_heading": "说明",
        "notes": notes,
        **_sums(snapshot, -1),
        **_parties(snapshot),
    }


def _parties(snapshot: Told) -> dict[str, Any]:
    seller, customer = snapshot.get("seller") or {}, snapshot.get("customer") or {}
    return {
        "sender": seller.get("name") or "",
        "seller_heading": "销售方（出租方）",
        "seller": party_rows(seller, customer=False),
        "customer_heading": "购买方（承租方）",
        "customer": party_rows(customer, customer=True),
    }


def _lines(lines: Sequence[Told], sign: int) -> Rows:
    """A row a line, by its number."""
    return [
        [
            str(line["no"]),
            [line["title"], _small(line)],
            line.get("plate") or "",
            stacked_span(line.get("from_on"), line.get("until_on")),
            "" if line.get("days") is None else str(line["days"]),
            figures(sign * line["net_fen"]),
            rate(line.get("vat_pct")),
            figures(sign * line["vat_fen"]),
            figures(sign * line["amount_fen"]),
        ]
        for line in lines
    ]


def _small(line: Told) -> str:
    """Below a line's title: how it comes about, and the vehicle where it has no plate."""
    basis = basis_words(str(line.get("kind")), line.get("basis") or {})
    frame = "" if line.get("plate") or not line.get("vin") else f"车架号 {line['vin']}"
    return "；".join(part for part in (frame, basis) if part)


def _sums(snapshot: Told, sign: int) -> dict[str, Any]:
    """The total, and the sums by rate, those without VAT last."""
    rows = sorted(
        snapshot["vat_by_rate"],
        key=lambda row: (row.get("vat_pct") is None, -float(row.get("vat_pct") or 0)),
    )
    total = sign * snapshot["total_fen"]
    return {
        "head": HEAD,
        "total_label": "合计（大写）",
        "total_capitals": in_capitals(total),
        "total_figures": f"（小写）{priced(total)}",
        "by_rate_heading": "按税率汇总",
        "by_rate_head": BY_RATE_HEAD,
        "by_rate": [[rate(row.get("vat_pct")), *_amounts(row, "amount_fen", sign)] for row in rows],
        "by_rate_closing": [["合计", *_amounts(snapshot, "total_fen", sign)]],
    }


def _amounts(row: Told, gross: str, sign: int) -> list[str]:
    return [figures(sign * row[name]) for name in ("net_fen", "vat_fen", gross)]


def _bill_notes(snapshot: Told) -> list[str]:
    notes = []
    late_fee = snapshot.get("late_fee")
    if late_fee:
        notes.append(_late_fee_note(late_fee, snapshot.get("clauses") or ()))
    note = (snapshot.get("seller") or {}).get("note")
    if note:
        notes.append(note)
    return [*notes, NO_INVOICE, "对本账单有异议的，请于应付日期前书面提出。"]


def _late_fee_note(late_fee: Told, clauses: Sequence[Told]) -> str:
    """The late fee agreed on, with the clause it stands on."""
    clause = late_fee.get("clause") or next(
        (one.get("no") for one in clauses if one.get("concern") == "late_fee"), None
    )
    by = f"依照租赁合同{_clause(str(clause))}，" if clause else "依照租赁合同约定，"
    grace = int(late_fee.get("grace_days") or 0)
    spared = f"应付日后 {grace} 日内付清的不计滞纳金；" if grace else ""
    after = "逾宽限期仍未付清的" if grace else "逾期的"
    cap = late_fee.get("cap_pct")
    limit = f"，累计不超过逾期金额的 {cap}%" if cap is not None else ""
    return (
        f"{by}{spared}{after}，自应付日次日起至实际付款之日止，按逾期未付金额每日"
        f" {rate_per_day(str(late_fee['rate_per_day']))} 计收滞纳金（逾期付款违约金），不计复利"
        f"{limit}。"
    )


def _clause(number: str) -> str:
    """A clause as it is cited.

    >>> _clause("8.2"), _clause("第八条")
    ('第 8.2 条', '第八条')
    """
    return number if number.startswith("第") else f"第 {number} 条"
