"""What fields, their words, functions and operators are called, for people who write expressions.

The names of measured fields are those of docs/vocabulary.md. Leaves out their types (`fields.py`)
and what functions and operators do (`functions.py`, `operators.py`).
"""

from typing import Final, NamedTuple


class Called(NamedTuple):
    """A name in Chinese and English, and what it means in Chinese."""

    chinese: str
    english: str
    meaning: str


FIELDS: Final[dict[str, Called]] = {
    "lat": Called("纬度", "latitude", "WGS-84 纬度；0,0 表示未定位。"),
    "lon": Called("经度", "longitude", "WGS-84 经度；0,0 表示未定位。"),
    "fix": Called("定位有效", "fix", "为 false 时，位置重复上一次有效定位。"),
    "speed_kmh": Called("车速", "speed", "车辆速度。"),
    "odometer_km": Called("累计里程", "odometer", "累计行驶里程。"),
    "vehicle_state": Called("车辆状态", "vehicle state", "车辆是否启动。"),
    "charge_state": Called("充电状态", "charge state", "是否充电及充电方式。"),
    "gear": Called("挡位", "gear", "当前挡位。"),
    "soc_pct": Called("剩余电量", "state of charge", "动力电池剩余电量。"),
    "pack_voltage_v": Called("总电压", "pack voltage", "动力电池总电压。"),
    "pack_current_a": Called("总电流", "pack current", "动力电池电流：放电为正。"),
    "insulation_kohm": Called("绝缘电阻", "insulation resistance", "高压系统对车身的绝缘电阻。"),
    "cell_voltage_max_v": Called(
        "电池单体电压最高值", "highest cell voltage", "电压最高的电池单体。"
    ),
    "cell_voltage_min_v": Called(
        "电池单体电压最低值", "lowest cell voltage", "电压最低的电池单体。"
    ),
    "temp_max_c": Called("最高温度值", "highest temperature", "温度最高的电池探针。"),
    "temp_min_c": Called("最低温度值", "lowest temperature", "温度最低的电池探针。"),
    "alarm_level": Called("最高报警等级", "alarm level", "最高报警等级；4 为热事件。"),
    "alarm_bits": Called(
        "通用报警标志", "alarm flags", "GB/T 32960.3 通用报警标志：第 0 … 18 位。"
    ),
    "power_source": Called("终端供电", "power source", "终端由主电还是备电供电。"),
    "vehicle.vin": Called("车辆识别代号", "VIN", "车辆的识别代号。"),
    "vehicle.plate": Called("号牌", "plate", "车辆的号牌。"),
    "vehicle.model": Called("车型", "model", "车辆的车型。"),
    "vehicle.organisation": Called("运营商", "operator", "运营该车的组织的代码。"),
    "vehicle.groups": Called("车辆分组", "vehicle groups", "车辆所在分组的代码。"),
    "vehicle.let": Called("在租", "let", "车辆是否在租。"),
    "vehicle.lease_no": Called("租约号", "lease number", "在租租约的编号；未出租则未知。"),
    "seconds_since_previous": Called(
        "距上次采样", "seconds since the sample before", "距上一采样的秒数，按车辆时钟。"
    ),
}


def before(field: Called) -> Called:
    """A field of the sample before.

    >>> before(FIELDS["soc_pct"])[:2]
    ('上次的剩余电量', 'previous state of charge')
    """
    meaning = "本次采样之前最近一次已知值。"
    return Called(f"上次的{field.chinese}", f"previous {field.english}", meaning)


CHOICES: Final[dict[str, tuple[str, str]]] = {
    "on": ("启动", "on"),
    "off": ("熄火", "off"),
    "other": ("其他", "other"),
    "parked_charging": ("停车充电", "charging, parked"),
    "driving_charging": ("行驶充电", "charging, driving"),
    "not_charging": ("未充电", "not charging"),
    "full": ("充电完成", "full"),
    "main": ("主电", "main power"),
    "backup": ("备电", "backup power"),
}
"""Words of fields in Chinese and English; gears are called as they are written."""

SILENT: Final[dict[str, str]] = {
    "fix": "False: the position repeats the last good one.",
    "vehicle_state": "Whether it is switched on.",
    "charge_state": "Whether it charges, and how.",
    "gear": "The gear it is in.",
    "power_source": "What the device runs on.",
}
"""Meanings of fields of which the telemetry contract says only the form."""


class Used(NamedTuple):
    """What a function does, in Chinese, and a condition that calls it."""

    chinese: str
    example: str


FUNCTIONS: Final[dict[str, Used]] = {
    "has": Used("字段是否已知。", "has(soc_pct)"),
    "size": Used("文本的字数；列表的项数。", "size(vehicle.groups) > 1"),
    "startsWith": Used("文本是否以此开头。", "vehicle.plate.startsWith('粤B')"),
    "endsWith": Used("文本是否以此结尾。", "vehicle.vin.endsWith('7')"),
    "contains": Used("文本是否包含此内容。", "vehicle.model.contains('EC35')"),
    "matches": Used("文本是否有部分匹配；最多 200 个字符。", "vehicle.model.matches('^EC3[0-9]')"),
    "int": Used("取整数，向零舍去小数。", "int(gear) > 3"),
    "double": Used("转为带小数的数。", "double(alarm_level) / 2 > 0.5"),
    "string": Used("整数或 true/false 转为文本。", "string(alarm_level) == '2'"),
    "math.abs": Used("绝对值。", "math.abs(pack_current_a) > 300"),
    "math.least": Used("最小值。", "math.least(temp_min_c, 0) < -10"),
    "math.greatest": Used("最大值。", "math.greatest(soc_pct, previous.soc_pct) < 20"),
    "math.round": Used("舍入到最近的整数；正好一半时远离 0。", "math.round(soc_pct) == 20"),
    "math.floor": Used("向下取整。", "math.floor(soc_pct) == 20"),
    "math.ceil": Used("向上取整。", "math.ceil(soc_pct) == 20"),
    "math.bitAnd": Used("两者都为 1 的位。", "math.bitAnd(alarm_bits, 4) != 0"),
}


class Operator(NamedTuple):
    """An operator: its sign, what it means, and one use of it that is a condition."""

    sign: str
    meaning: str
    chinese: str
    example: str


OPERATORS: Final = (
    Operator(
        "+", "The sum of numbers; texts one after the other.", "加；文本则相连。", "lat + 1 > 23"
    ),
    Operator(
        "-",
        "The difference; before a number, its opposite.",
        "减；写在数前为相反数。",
        "lat - 1 > 21",
    ),
    Operator("*", "The product.", "乘。", "speed_kmh * 2 > 180"),
    Operator(
        "/",
        "The quotient; of whole numbers, a whole one.",
        "除；整数相除得整数。",
        "soc_pct / 2 < 10",
    ),
    Operator("%", "What is left over, of whole numbers.", "整数取余。", "alarm_bits % 2 == 1"),
    Operator("<", "Less; of texts, earlier in order.", "小于；文本按顺序在前。", "soc_pct < 20"),
    Operator("<=", "Less or equal.", "小于或等于。", "soc_pct <= 20"),
    Operator(">", "Greater.", "大于。", "speed_kmh > 80"),
    Operator(">=", "Greater or equal.", "大于或等于。", "alarm_level >= 2"),
    Operator(
        "==",
        "Equal; with null, whether it is unknown.",
        "等于；与 null 比较即是否未知。",
        "gear == 'P'",
    ),
    Operator(
        "!=",
        "Not equal; with null, whether it is known.",
        "不等于；与 null 比较即是否已知。",
        "gear != 'P'",
    ),
    Operator("&&", "Both.", "且。", "vehicle.let && soc_pct < 20"),
    Operator("||", "One or both.", "或。", "soc_pct < 20 || alarm_level >= 2"),
    Operator("!", "Not.", "非。", "!vehicle.let"),
    Operator("in", "One of a list, or in a list of texts.", "属于列表之一。", "gear in ['P', 'N']"),
    Operator(
        "?:",
        "The first if the condition holds, else the second.",
        "条件成立取前者，否则取后者。",
        "speed_kmh > (vehicle.let ? 100 : 60)",
    ),
)
"""All operators, in the order in which they are told."""
