"""Says amounts, days and kinds as papers of money print them, in Chinese.

Leaves out which words stand where (`*_sheet.py`).
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from kit.money import yuan

Told = Mapping[str, Any]
Rows = list[list[Any]]
BLANK: Final = "—"
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


def figures(fen: int | None) -> str:
    """Yuan with two places and thousands separators; nothing of nothing.

    >>> figures(123456789), figures(-5), figures(None)
    ('1,234,567.89', '-0.05', '')
    """
    return "" if fen is None else yuan(fen)


def priced(fen: int) -> str:
    """With the sign of the currency.

    >>> priced(300_000), priced(-100)
    ('¥3,000.00', '-¥1.00')
    """
    return f"-¥{yuan(-fen)}" if fen < 0 else f"¥{yuan(fen)}"


def rate(pct: str | None) -> str:
    """A VAT rate; of what is not subject to VAT that it is not.

    >>> rate("13.00"), rate("0"), rate("1.50"), rate(None)
    ('13%', '0%', '1.5%', '不征税')
    """
    return "不征税" if pct is None else f"{bare(pct)}%"


def rate_per_day(given: str) -> str:
    """A rate a day, in per cent.

    >>> rate_per_day("0.00050000")
    '0.05%'
    """
    return f"{bare(Decimal(given) * 100)}%"


def last_day(until_on: str) -> str:
    """The last day of a half-open period.

    >>> last_day("2026-03-01")
    '2026-02-28'
    """
    return (date.fromisoformat(until_on) - timedelta(days=1)).isoformat()


def span(from_on: str | None, until_on: str | None) -> str:
    """First and last day of a half-open period, on one line.

    >>> span("2026-02-01", "2026-03-01"), span(None, None)
    ('2026-02-01 至 2026-02-28', '—')
    """
    if from_on is None or until_on is None:
        return BLANK
    return f"{from_on} 至 {last_day(until_on)}"


def stacked_span(from_on: str | None, until_on: str | None) -> Any:
    """The same on two lines of a cell; nothing of no period.

    >>> stacked_span("2026-02-01", "2026-02-02")
    {'lines': ['2026-02-01', '至 2026-02-01']}
    """
    if from_on is None or until_on is None:
        return ""
    return {"lines": [from_on, f"至 {last_day(until_on)}"]}


def chinese_day(day: str) -> str:
    """A day as a letter writes it.

    >>> chinese_day("2026-01-05")
    '2026年1月5日'
    """
    on = date.fromisoformat(day)
    return f"{on.year}年{on.month}月{on.day}日"


def party_rows(party: Told, *, customer: bool) -> Rows:
    """Who a side is: name, tax number, address and phone, bank account or customer number."""
    name = party.get("title") or party.get("name") or ""
    rows: Rows = [
        ["名称", name],
        ["纳税人识别号", party.get("tax_no") or BLANK],
        ["地址、电话", _joined(party.get("address"), party.get("phone")) or BLANK],
    ]
    if not customer:
        return [
            *rows,
            ["开户行、账号", _joined(party.get("bank"), unbroken(party.get("account"))) or BLANK],
        ]
    number = party.get("customer_no") or BLANK
    called = party.get("name")
    return [*rows, ["客户编号", number if called in (None, name) else f"{number}（{called}）"]]


def paid_into(seller: Told) -> Rows:
    """Where to pay, pairs of a name and what stands for it; nothing where nothing is known."""
    pairs: Rows = [
        ["收款户名", seller.get("name")],
        ["开户银行", seller.get("bank")],
        ["收款账号", unbroken(seller.get("account"))],
        ["微信收款", seller.get("wechat")],
        ["联系人", _joined(seller.get("contact"), seller.get("phone")) or None],
    ]
    told = [pair for pair in pairs if pair[1]]
    if not any(pair[0] in ("收款账号", "微信收款") for pair in told):
        return []
    return told if len(told) % 2 == 0 else [*told, ["付款附言", "请注明单据编号"]]


def unbroken(number: str | None) -> str:
    """A number in groups that no line ends within.

    >>> unbroken("7559 0000 0001") == "7559\N{NO-BREAK SPACE}0000\N{NO-BREAK SPACE}0001"
    True
    """
    return (number or "").replace(" ", "\N{NO-BREAK SPACE}")


def _joined(*parts: str | None) -> str:
    return "　".join(part for part in parts if part)


def bare(number: str | Decimal) -> str:
    """A decimal without zeros that say nothing."""
    shown = f"{Decimal(number):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
