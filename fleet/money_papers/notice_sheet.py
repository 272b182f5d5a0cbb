"""Decides what stands on the paper of a reminder or a demand, from its frozen content.

Its text is set as it is, but that its number, whom it is to, who signed it and when stand where a
letter has them. Leaves out what it says (`fleet/dunning`) and the layout (`notice.typ`).
"""

from collections.abc import Sequence
from typing import Any, Final

from fleet.money_papers.words import BLANK, Rows, Told, chinese_day, figures, paid_into, unbroken

HEAD: Final = ["账单编号", "应付日期", "逾期天数", "未付金额（元）", "违约金（元）", "合计（元）"]
NUMBER: Final = "编号："
ADDRESSED: Final = ("致：", "致电：")


def notice_sheet(content: Told, *, notice_no: str) -> dict[str, Any]:
    """A notice as `notice.typ` sets it."""
    facts: Told = content.get("facts") or {}
    seller: Told = facts.get("seller") or {}
    customer: Told = facts.get("customer") or {}
    dated = chinese_day(facts["made_on"])
    text, account = str(content["text"]), seller.get("account") or ""
    told_where = bool(account) and account in text
    text = text.replace(account, unbroken(account)) if told_where else text
    to, paragraphs = _parts(text, notice_no, seller.get("name") or "", dated)
    claims: Sequence[Told] = facts.get("claims") or []
    return {
        "title": content["title"],
        "number": notice_no,
        "number_label": NUMBER,
        "foot": f"租约 {facts.get('lease_no') or BLANK}",
        "sender": seller.get("name") or "",
        "to": to or f"致：{customer.get('name') or BLANK}",
        "paragraphs": paragraphs,
        "rows_heading": "附：款项明细",
        "head": HEAD,
        "rows": [_row(claim) for claim in claims],
        "closing": _closing(claims),
        "pay_heading": "付款信息",
        "pay": [] if told_where else paid_into(seller),
        "dated": dated,
    }


def _parts(text: str, notice_no: str, signed: str, dated: str) -> tuple[str, list[str]]:
    """Whom it is to, and its paragraphs without what the layout sets apart."""
    paragraphs = [part for part in text.split("\n") if part.strip()]
    to = ""
    if paragraphs and paragraphs[0] == f"{NUMBER}{notice_no}":
        paragraphs.pop(0)
    if paragraphs and paragraphs[0].startswith(ADDRESSED):
        to = paragraphs.pop(0)
    for last in (dated, signed):
        if last and paragraphs and paragraphs[-1] == last:
            paragraphs.pop()
    return to, paragraphs


def _row(claim: Told) -> list[str]:
    days = claim.get("days_overdue")
    return [
        str(claim["bill_no"]),
        claim.get("due_on") or "",
        "" if days is None else str(max(int(days), 0)),
        figures(claim["open_fen"]),
        figures(_late_fee(claim)),
        figures(claim["open_fen"] + _late_fee(claim)),
    ]


def _closing(claims: Sequence[Told]) -> Rows:
    if len(claims) < 2:
        return []
    still = sum(claim["open_fen"] for claim in claims)
    fees = sum(map(_late_fee, claims))
    return [["合计", "", "", figures(still), figures(fees), figures(still + fees)]]


def _late_fee(claim: Told) -> int:
    return int(claim.get("late_fee_fen") or 0)
