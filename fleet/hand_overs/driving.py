"""Decides whether a driving licence lets somebody drive a vehicle, by the type its 行驶证 prints.

准驾车型 after 机动车驾驶证申领和使用规定 annex 1. An owner who hands a vehicle to somebody without
the licence for it answers for what happens (交通事故解释 §1, 交通安全法 §19). All vehicles of ours
are electric, thus automatic: where C1 is asked for, C2 will do. Leaves out motorcycles, tractors,
special vehicles for the disabled, and whether the licence is real: staff look at the original.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

SMALL: Final = frozenset({"A1", "A2", "A3", "B1", "B2", "C1", "C2"})
"""小型、微型载客汽车，轻型、微型载货汽车: C1 and C2, and all that include C1."""
LARGE_GOODS: Final = frozenset({"A1", "A2", "B2"})
"""重型、中型载货汽车: B2, and those that include it."""
LARGE_TRAILER: Final = frozenset({"A2"})
"""汽车列车 above 4,500 kg."""
SMALL_TRAILER: Final = frozenset({"A2", "C6"})
"""汽车列车 below 4,500 kg, since 2022-04-01."""
LARGE_PASSENGER: Final = frozenset({"A1"})
MEDIUM_PASSENGER: Final = frozenset({"A1", "A2", "B1"})
CITY_BUS: Final = frozenset({"A1", "A3"})
SLOW_GOODS: Final = frozenset({"A1", "A2", "A3", "B1", "B2", "C1", "C3"})
RULE: Final = "道路交通安全法 §19; 道路交通事故损害赔偿解释 §1"

TRAILER_WORDS: Final = ("牵引", "挂车", "列车")
GOODS_WORDS: Final = ("货车", "作业车", "运输车", "载货")
PASSENGER_WORDS: Final = ("客车", "轿车", "面包车", "载客", "旅居车", "校车")


@dataclass(frozen=True, slots=True)
class Shown:
    """A driving licence as it was shown: its classes, and its last day."""

    classes: Collection[str]
    valid_to_on: date


@dataclass(frozen=True, slots=True)
class Want:
    """Why somebody may not drive the vehicle, or that nobody can tell (`forbids` False).

    `since_on` is the first day it was so, where there is one.
    """

    forbids: bool
    since_on: date | None
    message_en: str
    message_zh: str


def classes_for(vehicle_type: str) -> frozenset[str] | None:
    """The classes that let somebody drive a vehicle of this type, as printed; None: unknown.

    >>> sorted(classes_for("微型厢式货车")), sorted(classes_for("重型厢式货车"))
    (['A1', 'A2', 'A3', 'B1', 'B2', 'C1', 'C2'], ['A1', 'A2', 'B2'])
    >>> sorted(classes_for("重型半挂牵引车")), classes_for("轮式装载机械")
    (['A2'], None)
    """
    printed = "".join(unicodedata.normalize("NFKC", vehicle_type).split())
    if any(word in printed for word in TRAILER_WORDS):
        small = "轻型" in printed or "微型" in printed
        return SMALL_TRAILER if small else LARGE_TRAILER
    if "三轮" in printed:
        return None
    if any(word in printed for word in PASSENGER_WORDS) and "货" not in printed:
        return _for_passengers(printed)
    if any(word in printed for word in GOODS_WORDS):
        return _for_goods(printed)
    return None


def _for_passengers(printed: str) -> frozenset[str] | None:
    if "公共汽车" in printed or "公交" in printed:
        return CITY_BUS
    if "大型" in printed:
        return LARGE_PASSENGER
    if "中型" in printed:
        return MEDIUM_PASSENGER
    return SMALL if _is_small(printed) else None


def _for_goods(printed: str) -> frozenset[str] | None:
    if "低速" in printed:
        return SLOW_GOODS
    if any(word in printed for word in ("重型", "中型", "大型")):
        return LARGE_GOODS
    return SMALL if _is_small(printed) else None


def _is_small(printed: str) -> bool:
    return any(word in printed for word in ("小型", "微型", "轻型"))


def what_wants(shown: Shown | None, vehicle_type: str | None, *, on: date) -> list[Want]:
    """What is wrong with the licence for a vehicle of this type on a day; empty: nothing.

    None for `shown` is that no driver is named, None for `vehicle_type` that the vehicle's own
    licence is not on record.

    >>> fits = Shown(["C1"], date(2027, 3, 1))
    >>> what_wants(fits, "轻型厢式货车", on=date(2026, 11, 22))
    []
    >>> [want.message_zh for want in what_wants(fits, "重型厢式货车", on=date(2026, 11, 22))]
    ['准驾车型C1不能驾驶重型厢式货车，需A1、A2、B2之一。']
    """
    if shown is None:
        return [
            Want(
                True,
                None,
                "No driver is named: nobody has shown a driving licence.",
                "未登记驾驶人，未核验驾驶证。",
            )
        ]
    return [*_expired(shown, on), *_of_another_class(shown, vehicle_type)]


def _expired(shown: Shown, on: date) -> list[Want]:
    last = shown.valid_to_on
    if on <= last:
        return []
    message = f"The driving licence was valid to {last}."
    chinese = f"驾驶证有效期至{last.year}年{last.month}月{last.day}日，已过期。"
    return [Want(True, last + timedelta(days=1), message, chinese)]


def _of_another_class(shown: Shown, vehicle_type: str | None) -> list[Want]:
    needed = None if vehicle_type is None else classes_for(vehicle_type)
    if needed is None:
        printed = vehicle_type or "?"
        return [
            Want(
                False,
                None,
                f"Which class of licence its type ({printed}) takes is not known.",
                f"无法判断车辆类型（{vehicle_type or '未登记行驶证'}）所需的准驾车型。",
            )
        ]
    if needed & {each.upper() for each in shown.classes}:
        return []
    has, wanted = "、".join(sorted(shown.classes)), "、".join(sorted(needed))
    return [
        Want(
            True,
            None,
            f"Licence {has.replace('、', ', ')} does not let anybody drive a {vehicle_type};"
            f" it takes one of {wanted.replace('、', ', ')}.",
            f"准驾车型{has}不能驾驶{vehicle_type}，需{wanted}之一。",
        )
    ]
