"""How the customers of the demo pay, and what stood open before: the same every time.

Decided from a customer's name alone. Leaves out how it gets into the database (`demo_money.py`).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final, Literal

Channel = Literal["bank", "wechat", "alipay"]
BILLED_DAYS: Final = 88
"""Billing began so many days ago: all leases of the demo are younger."""


@dataclass(frozen=True, slots=True)
class Habit:
    """When somebody pays, counted from the due day, and how much of a bill in per cent."""

    name: str
    days_late: int
    pct: int
    channel: Channel


HABITS: Final = (
    *[Habit("prompt", -1, 100, "bank")] * 5,
    *[Habit("on_the_day", 0, 100, "wechat")] * 3,
    Habit("late", 9, 100, "alipay"),
    Habit("in_part", 2, 60, "bank"),
    Habit("silent", 0, 0, "bank"),
)
SELLERS: Final[dict[str, dict[str, str | None]]] = {
    code: {
        "name": name,
        "tax_no": tax_no,
        "address": address,
        "phone": phone,
        "bank": bank,
        "account": account,
        "contact": contact,
        "wechat": None,
        "note": "付款时请在附言中注明账单号。",
    }
    for code, name, tax_no, address, phone, bank, account, contact in (
        (
            *("shenzhen-qianxing", "深圳前行运力有限公司（演示）", "91440300DEM0000001"),
            *("深圳市南山区科技园演示路1号", "0755-00000001", "招商银行深圳科技园支行"),
            *("7559 0000 0000 001", "周丽华"),
        ),
        (
            *("guangzhou-shunjie", "广州顺捷物流车有限公司（演示）", "91440100DEM0000002"),
            *("广州市白云区演示路2号", "020-00000002", "工商银行广州白云支行"),
            *("3602 0000 0000 002", "何文"),
        ),
        (
            *("hangzhou-jiangnan", "杭州江南车服有限公司（演示）", "91330100DEM0000003"),
            *("杭州市余杭区演示路3号", "0571-00000003", "建设银行杭州余杭支行"),
            *("3305 0000 0000 003", "沈洁"),
        ),
    )
}
ARREARS: Final = ((89, 312_000), (118, 260_000), (240, 455_000), (430, 128_000))
"""Days since it was due and fen: what was owed before billing began."""
NOBODY_KNOWN: Final = (
    ("张三", "车租", 250_000),
    ("深圳市某某贸易有限公司", "往来款", 1_000_000),
)
"""Receipts that nobody can tell by themselves: who paid, for what, how much."""


def habit_of(customer_name: str) -> Habit:
    """How this customer pays."""
    return Random(f"{customer_name} pays").choice(HABITS)


def paid_of(
    habit: Habit, kind: str, due_on: date, total_fen: int, *, place: int
) -> tuple[date, int] | None:
    """When a bill is paid and how much of it; None: not at all.

    Deposits are paid when they are due, by everybody: no vehicle goes out without. Of those who pay
    late, one bill in four is forgotten.

    >>> paid_of(HABITS[0], "rent", date(2026, 11, 22), 300_000, place=1)
    (datetime.date(2026, 11, 21), 300000)
    >>> paid_of(HABITS[-1], "rent", date(2026, 11, 22), 300_000, place=1)
    """
    if kind == "deposit":
        return due_on, total_fen
    if habit.pct == 0 or kind == "opening" or (habit.days_late > 0 and place % 4 == 0):
        return None
    return due_on + timedelta(days=habit.days_late), total_fen * habit.pct // 100
