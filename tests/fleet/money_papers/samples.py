"""Snapshots with awkward contents: long names, rare characters, no VAT, below zero, many lines."""

from fractions import Fraction
from typing import Any, Final

from kit.money import round_fen

SELLER: Final = {
    "name": "深圳市慧管车新能源汽车租赁有限公司",
    "tax_no": "91440300MA5EQXL178",
    "address": "深圳市南山区科技园高新南一道 6 号",
    "phone": "0755-86001234",
    "bank": "招商银行深圳科技园支行",
    "account": "7559 1234 5678 9012 345",
}
LONG_NAME: Final = (
    "深圳市顺达同城配送及冷链仓储综合物流服务（集团）股份有限公司龙岗坂田第二分公司𠮷喆犇"
)
CUSTOMER: Final = {
    "customer_no": "C2601-7K3M9Q",
    "name": "顺达",
    "title": LONG_NAME,
    "tax_no": "91440300MA5F00001X",
    "address": "深圳市龙岗区坂田街道坂雪岗大道 4033 号",
}


def line(no: int, amount_fen: int = 300_000, pct: str | None = "13.00", **given: Any) -> Any:
    """A line of a month of rent; its tax is split from the amount."""
    net = amount_fen
    if pct is not None:
        net = round_fen(Fraction(amount_fen) * 100 / (100 + Fraction(pct)))
    usual = {
        "no": no,
        "kind": "rent",
        "class": "principal",
        "title": "厢式货车租金",
        "plate": f"粤BD{no:05}",
        "vin": f"LSGPC52U6AF1025{no:02}",
        "from_on": "2026-11-01",
        "until_on": "2026-12-01",
        "days": 30,
        "amount_fen": amount_fen,
        "net_fen": net,
        "vat_fen": amount_fen - net,
        "vat_pct": pct,
        "basis": {
            "rent_fen": 300_000,
            "per": "month",
            "days": 30,
            "of_days": 30,
            "proration": "ACTUAL_DAYS",
        },
    }
    return usual | given


def awkward_lines() -> list[Any]:
    """Thirty rents, a fine without VAT, a line of 0 %, one below zero, a very large one."""
    bare: dict[str, Any] = {"from_on": None, "until_on": None, "days": None, "basis": {}}
    return [
        *map(line, range(1, 31)),
        line(31, 20_000, None, kind="violation", title="代垫交通违法罚款", **bare),
        line(32, 50_000, "0.00", kind="other", title="跨境运输服务", **bare),
        line(33, -123_456, kind="other", title="更正多计租金 张😀三"),
        line(34, 1_234_567_890, "6.00", kind="package", title="年度电池检测服务包", **bare),
    ]


def snapshot(lines: list[Any], **given: Any) -> dict[str, Any]:
    """A bill of these lines."""
    rates: dict[Any, dict[str, Any]] = {}
    for one in lines:
        none_yet = {"vat_pct": one["vat_pct"], "net_fen": 0, "vat_fen": 0, "amount_fen": 0}
        sums = rates.setdefault(one["vat_pct"], none_yet)
        for name in ("net_fen", "vat_fen", "amount_fen"):
            sums[name] += one[name]
    usual = {
        "kind": "rent",
        "bill_no": "B2026-12-000001",
        "lease_no": "L2603-ABCDEF",
        "issued_on": "2026-10-25",
        "due_on": "2026-11-01",
        "from_on": "2026-11-01",
        "until_on": "2026-12-01",
        "seller": SELLER,
        "customer": CUSTOMER,
        "lines": lines,
        "vat_by_rate": list(rates.values()),
        "total_fen": sum(one["amount_fen"] for one in lines),
        "net_fen": sum(one["net_fen"] for one in lines),
        "vat_fen": sum(one["vat_fen"] for one in lines),
        "late_fee": {
            "rate_per_day": "0.00050000",
            "grace_days": 3,
            "cap_pct": 20,
            "clause": "8.2",
        },
        "clauses": [{"concern": "late_fee", "no": "8.2"}],
    }
    return usual | given
