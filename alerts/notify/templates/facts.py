"""Decides how facts of an alert are written: which, in what order, with which unit.

Only facts that are known here are written, so that nothing personal slips into a message. The end
of a name says what it is: `_fen` money, `_on` a day, `_us` an instant, `_pct`, `_km`, `_s` and
so on.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from alerts.notify.templates.flags import flag_name
from kit.money import yuan

Language = Literal["zh", "en"]

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("事项", "matter"),
    "reference": ("项目", "item"),
    "due_on": ("到期日", "due"),
    "days_left": ("剩余天数", "days left"),
    "missing_since_on": ("失效自", "lapsed since"),
    "open_fen": ("未付", "unpaid"),
    "total_fen": ("总额", "of"),
    "lease_no": ("租约", "lease"),
    "contract_no": ("合同", "contract"),
    "file_name": ("文件", "file"),
    "fault": ("异常", "fault"),
    "policy_no": ("保单号", "policy"),
    "insurer": ("保险公司", "insurer"),
    "permit_no": ("营运证号", "permit"),
    "printed_month": ("检验有效期至", "inspection valid until"),
    "due_odometer_km": ("到期里程", "due at"),
    "odometer_km": ("里程", "odometer"),
    "before_km": ("此前里程", "before"),
    "km_left": ("剩余里程", "left"),
    "used_pct": ("已用", "used"),
    "driven_km": ("已行驶", "driven"),
    "included_km": ("里程额度", "allowance"),
    "idle_since_on": ("闲置自", "idle since"),
    "last_checked_on": ("上次检查", "last checked"),
    "last_done_on": ("上次完成", "last done"),
    "soc_pct": ("电量", "charge"),
    "soc_change_pct": ("电量变化", "charge changed by"),
    "expected_change_pct": ("应变化", "expected"),
    "speed_kmh": ("车速", "speed"),
    "temp_max_c": ("最高温度", "hottest"),
    "rise_c_per_min": ("温升", "rise"),
    "cell_spread_v": ("单体压差", "cell spread"),
    "insulation_kohm": ("绝缘电阻", "insulation"),
    "alarm_level": ("报警等级", "alarm level"),
    "flags": ("报警", "flags"),
    "geofence": ("围栏", "place"),
    "when": ("情形", "when"),
    "moved_m": ("移动", "moved"),
    "silent_s": ("无数据", "silent for"),
    "last_heard_us": ("最后上报", "last heard"),
    "charged_us": ("上次充电", "last charged"),
    "value": ("数值", "value"),
}
"""What facts are called, in Chinese and English, in the order they are written; `value` only where
nothing else says what was measured."""
_UNITS: Final = (
    ("_c_per_min", " °C/min"),
    ("_kmh", " km/h"),
    ("_kohm", " kΩ"),
    ("_pct", "%"),
    ("_km", " km"),
    ("_m", " m"),
    ("_v", " V"),
    ("_c", " °C"),
)
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "inside": ("进入", "inside"),
    "outside": ("驶出", "outside"),
}


def told_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that may be told, as they are."""
    return {name: facts[name] for name in LABELS if facts.get(name) is not None}


def written_facts(facts: Mapping[str, Any], language: Language, zone: str) -> Iterator[str]:
    """Each known fact with what it is called.

    >>> list(written_facts({"open_fen": 358000, "phone": "138"}, "zh", "Asia/Shanghai"))
    ['未付 ¥3,580.00']
    >>> list(written_facts({"soc_pct": 12.0, "silent_s": 7320}, "en", "Asia/Shanghai"))
    ['charge 12%', 'silent for 2 h 2 min']
    """
    told = told_facts(facts)
    if len(told) > 1:
        told.pop("value", None)
    for name, fact in told.items():
        if name == "days_left" and isinstance(fact, int):
            yield _days_left(fact, language)
            continue
        written = _written(name, fact, language, zone)
        if written:
            yield f"{LABELS[name][language == 'en']} {written}"


def _days_left(days: int, language: Language) -> str:
    """How near the due day is, or how long it is past.

    >>> [_days_left(days, "zh") for days in (7, 0, -3)]
    ['还有 7 天', '今天到期', '已逾期 3 天']
    """
    if language == "en":
        return "due today" if days == 0 else f"{days} d left" if days > 0 else f"{-days} d overdue"
    return "今天到期" if days == 0 else f"还有 {days} 天" if days > 0 else f"已逾期 {-days} 天"


def local(at: datetime, zone: str) -> str:
    """An instant by the clock there.

    >>> local(datetime(2026, 11, 22, 16, 30, tzinfo=UTC), "Asia/Shanghai")
    '2026-11-23 00:30'
    """
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _written(name: str, fact: Any, language: Language, zone: str) -> str:
    if isinstance(fact, bool):
        return ""
    if isinstance(fact, int | float):
        return _amount(name, fact, language, zone)
    if isinstance(fact, list):
        bits = [each for each in fact if isinstance(each, int)]
        return "、".join(flag_name(bit, english=language == "en") for bit in bits[:5])
    if isinstance(fact, dict):
        return str(fact.get(language, ""))[:80]
    if isinstance(fact, date):
        return fact.isoformat()
    text = " ".join(str(fact).split())[:80]
    return _instant(text, zone) if name.endswith("_at") else _word(text, language)


def _amount(name: str, amount: float, language: Language, zone: str) -> str:
    if name.endswith("_fen"):
        return f"¥{yuan(int(amount))}"
    if name.endswith("_us"):
        return local(datetime.fromtimestamp(amount / 1_000_000, UTC), zone)
    if name.endswith("_s"):
        return _lasting(float(amount), language)
    unit = next((unit for ending, unit in _UNITS if name.endswith(ending)), "")
    return f"{_number(amount)}{unit}"


def _number(fact: float) -> str:
    """As short as it is true to two places."""
    rounded = round(float(fact), 2)
    return f"{int(rounded):,}" if rounded == int(rounded) else f"{rounded:,.2f}".rstrip("0")


def _lasting(seconds: float, language: Language) -> str:
    minutes = round(seconds / 60)
    parts = [
        ("天", " d", minutes // 1_440),
        ("小时", " h", minutes // 60 % 24),
        ("分", " min", minutes % 60),
    ]
    told = [(zh, en, number) for zh, en, number in parts if number]
    told = told[:2] or [("分", " min", 0)]
    if language == "zh":
        return "".join(f"{number}{zh}" for zh, _en, number in told)
    return " ".join(f"{number}{en}" for _zh, en, number in told)


def _instant(text: str, zone: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return local(at if at.tzinfo is not None else at.replace(tzinfo=UTC), zone)


def _word(text: str, language: Language) -> str:
    return _WORDS[text][language == "en"] if text in _WORDS else text
