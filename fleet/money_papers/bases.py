"""Says below a line of a bill how its amount comes about, in Chinese, as far as its basis tells it.

Rent by days and months, kilometres by the odometer, late fees by days. Leaves out kinds that say
all in their title.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fleet.local_days import local_day
from fleet.money_papers.words import Told, bare, rate_per_day
from kit.money import yuan

PRORATIONS: Final[Mapping[str, str]] = {
    "ACTUAL_DAYS": "按当月实际天数",
    "FIXED_30": "按每月 30 天",
    "NONE": "不足月按整月",
}
PER: Final[Mapping[str, str]] = {"day": "日", "month": "月"}
READ_BY: Final[Mapping[str, str]] = {
    "telemetry": "车载终端",
    "hand": "人工",
    "hand_over": "交接",
    "work_order": "工单",
    "import": "导入",
}


def basis_words(kind: str, basis: Told) -> str:
    """How a line comes about; nothing where its basis tells nothing we can say."""
    say = _SAID.get(kind)
    return "" if say is None else say(basis)


def rent_basis(basis: Told) -> str:
    """How the rent of a line comes about, as far as it says so.

    >>> rent_basis({"rent_fen": 300000, "per": "month", "days": 14, "of_days": 31,
    ...             "proration": "ACTUAL_DAYS"})
    '月租 3,000.00 元 × 14/31 天（按当月实际天数）'
    >>> rent_basis({"rent_fen": 300000, "per": "month", "days": 27, "of_days": 61,
    ...             "proration": "ACTUAL_DAYS", "months": [[13, 31], [14, 30]]})
    '月租 3,000.00 元 ×（13/31 + 14/30）天（按当月实际天数）'
    >>> rent_basis({"rent_fen": 12000, "per": "day", "days": 3, "suspended_days": 2})
    '日租 120.00 元 × 3 天；停租 2 天不计'
    >>> rent_basis({})
    ''
    """
    if not isinstance(basis.get("rent_fen"), int):
        return ""
    words = f"{PER.get(str(basis.get('per')), '')}租 {yuan(basis['rent_fen'])} 元"
    days, of_days, months = basis.get("days"), basis.get("of_days"), basis.get("months")
    if basis.get("per") == "day" or of_days is None:
        words += "" if days is None else f" × {days} 天"
    else:
        parts = " + ".join(f"{counted}/{of}" for counted, of in months or [(days, of_days)])
        words += f" ×（{parts}）天" if months else f" × {parts} 天"
        rule = PRORATIONS.get(str(basis.get("proration")), "")
        words += f"（{rule}）" if rule and days != of_days else ""
    rested = basis.get("suspended_days")
    return words + (f"；停租 {rested} 天不计" if rested else "")


def mileage_basis(basis: Told) -> str:
    """How many kilometres were driven, how many were free, and what was read when.

    >>> mileage_basis({"driven_km": "6200.5", "included_km": 5000, "brought_km": "200",
    ...     "extra_km": "1000.5", "extra_fen_per_km": 100})
    '行驶 6200.5 公里，含 5000，结转 200，超 1000.5 公里 × 1.00 元'
    >>> mileage_basis({"driven_km": "1", "included_km": 5, "extra_km": 0, "extra_fen_per_km": 100,
    ...     "vehicles": [{"from": {"odometer_km": "9.0", "read_at": "2026-02-28T16:30:00+00:00"},
    ...                   "to": {"odometer_km": "10.0", "read_at": "2026-03-31T15:59:00+00:00"}}]})
    '行驶 1 公里，含 5，超 0 公里 × 1.00 元；里程表 9（2026-03-01）→ 10（2026-03-31）'
    """
    if basis.get("driven_km") is None or basis.get("extra_fen_per_km") is None:
        return ""
    words = f"行驶 {_km(basis['driven_km'])} 公里，含 {_km(basis.get('included_km'))}"
    if Decimal(str(basis.get("brought_km") or 0)):
        words += f"，结转 {_km(basis['brought_km'])}"
    words += f"，超 {_km(basis.get('extra_km'))} 公里 × {yuan(int(basis['extra_fen_per_km']))} 元"
    read = [
        f"{_reading(way['from'])}→ {_reading(way['to'])}" for way in basis.get("vehicles") or ()
    ]
    return words + (f"；里程表 {'、'.join(read).rstrip()}" if read else "")


def late_fee_basis(basis: Told) -> str:
    """What was open for how many days, at which rate; both days of a piece count.

    >>> late_fee_basis({"rate_per_day": "0.0005", "days": 30, "pieces": [
    ...     {"from_on": "2026-03-02", "to_on": "2026-03-31", "days": 30, "open_fen": 300000,
    ...      "amount_fen": 4500}]})
    '每日 0.05%：2026-03-02 至 2026-03-31 未付 3,000.00 元 × 30 天'
    """
    pieces = [
        f"{one['from_on']} 至 {one['to_on']} 未付 {yuan(int(one['open_fen']))} 元"
        f" × {one['days']} 天"
        for one in basis.get("pieces") or ()
    ]
    per_day = basis.get("rate_per_day")
    rate = "" if per_day is None else f"每日 {rate_per_day(str(per_day))}："
    limited = "（达到约定上限）" if basis.get("capped") else ""
    return f"{rate}{'；'.join(pieces)}{limited}" if pieces else ""


def _reading(reading: Told) -> str:
    by = READ_BY.get(str(reading.get("source")), "")
    at = reading.get("read_at")
    day = "" if not at else local_day(datetime.fromisoformat(str(at))).isoformat()
    return f"{_km(reading.get('odometer_km'))}（{'，'.join(part for part in (day, by) if part)}）"


def _km(told: Any) -> str:
    return bare(Decimal(str(told or 0)))


_SAID: Final[Mapping[str, Callable[[Told], str]]] = {
    "rent": rent_basis,
    "mileage": mileage_basis,
    "late_fee": late_fee_basis,
}
