"""Decides which rules a vehicle is under, from the type and the use nature its licence prints.

Goods or passenger is read from the vehicle type alone, never from a model's name: whatever is named
a goods vehicle (货车) is one, and its use nature changes nothing of its inspections. What the words
do not tell is `unknown`, in each answer by itself; nothing is presumed. Leaves out the intervals
and years, which are figures with a date.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from fleet.figures import InspectionClass

Body = Literal["goods", "passenger", "unknown"]
Use = Literal["commercial", "non_commercial", "unknown"]
LifeClass = Literal["micro_goods", "goods", "hazmat_goods", "leased_passenger", "none", "unknown"]
"""none: the law sets no years; unknown: it may, and we hold no figure."""

GOODS_WORDS: Final = ("货车", "牵引车", "运输车", "集装箱车")
"""GA 802: what carries goods or draws what does. 面包货车 is goods by its last two signs."""
PASSENGER_WORDS: Final = ("客车", "轿车", "面包车", "校车", "旅居车")
SLOW_WORDS: Final = ("低速", "三轮")
LARGE_WORDS: Final = ("大型", "中型")
HAZMAT_WORDS: Final = ("危险", "危化", "危货")
COMMERCIAL_USES: Final = ("公路客运", "公交客运", "出租客运", "旅游客运", "租赁", "营运")
"""预约出租客运 ends in 出租客运, 危化品运输 and 货运 are of goods."""
NON_COMMERCIAL_USES: Final = ("非营运", "警用", "消防", "救护", "工程救险", "自用")
FORMER_COMMERCIAL: Final = "转非"
"""营转非, 出租转非, 预约出租转非: commercial once."""
MAX_SMALL_SEATS: Final = 9
"""What 小型 and 微型 passenger cars have at most, GA 802; the easier intervals go no further."""


@dataclass(frozen=True, slots=True)
class VehicleClass:
    """What kind of vehicle the law sees, for inspections, for its years, for penalty points."""

    body: Body
    inspection: InspectionClass | Literal["unknown"]
    life: LifeClass
    coach_or_hazmat: bool


UNKNOWN: Final = VehicleClass("unknown", "unknown", "unknown", coach_or_hazmat=False)


def classify(
    vehicle_type: str, use_nature: str, *, seats: int | None = None, stricter: bool = False
) -> VehicleClass:
    """The class of a vehicle of this type and use, as printed.

    `stricter`: a private car after an injury accident or a punished modification. Large and medium
    non-commercial passenger vehicles have the intervals of goods vehicles (实施条例 §16 (2) names
    them in one sentence).

    >>> classify("微型厢式货车", "非营运").inspection, classify("微型厢式货车", "货运").life
    ('goods', 'micro_goods')
    >>> classify("微型面包车", "非营运").inspection, classify("小型普通客车", "租赁").life
    ('passenger_strict', 'leased_passenger')
    >>> classify("轮式装载机械", "非营运").inspection
    'unknown'
    """
    printed, use = _plain(vehicle_type), _plain(use_nature)
    body = body_of(printed)
    hazmat = any(word in printed or word in use for word in HAZMAT_WORDS)
    if body == "goods":
        return VehicleClass("goods", "goods", _goods_life(printed, hazmat), hazmat)
    if body == "passenger":
        return VehicleClass(
            "passenger",
            _passenger_inspection(printed, use, seats=seats, stricter=stricter),
            _passenger_life(use),
            hazmat or "校车" in printed or any(word in printed for word in LARGE_WORDS),
        )
    return UNKNOWN


def body_of(vehicle_type: str) -> Body:
    """Whether the type, as printed, is of a goods or of a passenger vehicle; trailers are neither.

    >>> [body_of(each) for each in ("轻型封闭货车", "微型面包货车", "微型面包车", "重型半挂车")]
    ['goods', 'goods', 'passenger', 'unknown']
    """
    printed = _plain(vehicle_type)
    if any(word in printed for word in GOODS_WORDS):
        return "goods"
    if any(word in printed for word in PASSENGER_WORDS):
        return "passenger"
    return "unknown"


def use_of(use_nature: str) -> Use:
    """Whether passengers are carried for money, by the use nature as printed (GA 802).

    >>> [use_of(each) for each in ("预约出租客运", "租赁", "非营运", "营转非", "教练")]
    ['commercial', 'commercial', 'non_commercial', 'non_commercial', 'unknown']
    """
    use = _plain(use_nature)
    if use.endswith(FORMER_COMMERCIAL) or any(word in use for word in NON_COMMERCIAL_USES):
        return "non_commercial"
    return "commercial" if any(word in use for word in COMMERCIAL_USES) else "unknown"


def _plain(printed: str) -> str:
    """Full-width signs made plain, blanks left out."""
    return "".join(unicodedata.normalize("NFKC", printed).split())


def _goods_life(printed: str, hazmat: bool) -> LifeClass:
    if any(word in printed for word in SLOW_WORDS):
        return "unknown"  # 9 or 12 years, by its engine
    if hazmat:
        return "hazmat_goods"
    return "micro_goods" if "微型" in printed else "goods"


def _passenger_inspection(
    printed: str, use: str, *, seats: int | None, stricter: bool
) -> InspectionClass | Literal["unknown"]:
    carried = use_of(use)
    if carried == "unknown" or "校车" in printed:
        return "unknown"
    if carried == "commercial":
        return "commercial_passenger"
    if any(word in printed for word in LARGE_WORDS):
        return "goods"
    if "小型" not in printed and "微型" not in printed:
        return "unknown"
    # Commercial once: nothing we hold says that it gets the easier intervals.
    many_seats = seats is not None and seats > MAX_SMALL_SEATS
    eased = not (stricter or many_seats or "面包车" in printed or use.endswith(FORMER_COMMERCIAL))
    return "passenger" if eased else "passenger_strict"


def _passenger_life(use: str) -> LifeClass:
    if "租赁" in use:
        return "leased_passenger"
    if use_of(use) == "non_commercial" and not use.endswith(FORMER_COMMERCIAL):
        return "none"
    return "unknown"
