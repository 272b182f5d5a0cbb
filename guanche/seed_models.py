"""The six models of the demo's vehicles and how each is maintained.

Real-looking, not to be quoted: makers change batteries and ranges every year.
"""

from decimal import Decimal
from typing import Final, NamedTuple


class SeedItem(NamedTuple):
    """An item of a maintenance plan: whichever comes first."""

    code: str
    title: str
    every_months: int
    every_km: int | None


class SeedModel(NamedTuple):
    """A model, and the licence its vehicles bear."""

    code: str
    name: str
    maker: str
    body_type: str
    gvw_kg: int
    battery_kwh: Decimal
    battery_chemistry: str
    rated_range_km: int
    box_volume_m3: Decimal
    price_fen: int


PLAN: Final = (
    SeedItem("service", "常规保养：底盘、制动、轮胎换位", 6, 10_000),
    SeedItem("brake-fluid", "更换制动液", 24, 40_000),
    SeedItem("gear-oil", "更换减速器油", 12, 20_000),
    SeedItem("coolant", "更换三电冷却液", 36, 60_000),
    SeedItem("battery-check", "动力电池健康检查", 3, None),
)
"""Of every model."""

MODELS: Final = (
    SeedModel(
        "wuling-ev50",
        "五菱 EV50",
        "上汽通用五菱",
        "轻型厢式货车",
        2_600,
        Decimal("41.86"),
        "lfp",
        300,
        Decimal("5.1"),
        8_980_000,
    ),
    SeedModel(
        "wuling-rongguang-ev",
        "五菱 荣光EV",
        "上汽通用五菱",
        "微型厢式货车",
        1_760,
        Decimal("42.00"),
        "lfp",
        300,
        Decimal("4.4"),
        7_980_000,
    ),
    SeedModel(
        "byd-t3",
        "比亚迪 T3",
        "比亚迪",
        "轻型厢式货车",
        2_420,
        Decimal("50.30"),
        "nmc",
        310,
        Decimal("3.3"),
        10_980_000,
    ),
    SeedModel(
        "baic-407ev",
        "北汽 威旺407EV",
        "北汽",
        "轻型厢式货车",
        2_510,
        Decimal("41.40"),
        "lfp",
        255,
        Decimal("4.9"),
        8_680_000,
    ),
    SeedModel(
        "jac-shuailing-i3",
        "江淮 帅铃i3",
        "江淮汽车",
        "轻型厢式货车",
        4_495,
        Decimal("81.14"),
        "lfp",
        260,
        Decimal("13.5"),
        16_800_000,
    ),
    SeedModel(
        "jac-shuailing-i6",
        "江淮 帅铃i6",
        "江淮汽车",
        "中型厢式货车",
        7_300,
        Decimal("107.60"),
        "lfp",
        280,
        Decimal("22.0"),
        23_900_000,
    ),
)
_OF_MAKER: Final = {
    "LZW": (MODELS[0], MODELS[1]),
    "LGX": (MODELS[2],),
    "LNB": (MODELS[3],),
    "LJ1": (MODELS[4], MODELS[5]),
}
"""By the first three characters of a VIN, which name its maker."""


def model_of(vin: str) -> SeedModel:
    """The model a demo vehicle passes for.

    >>> model_of("LZW2XKTE6TS000002").name, model_of("LGXBYGYFJ1SS00001").name
    ('五菱 荣光EV', '比亚迪 T3')
    """
    models = _OF_MAKER.get(vin[:3], MODELS[:1])
    return models[int(vin[-1]) // 2 % len(models)] if vin[-1].isdigit() else models[0]
