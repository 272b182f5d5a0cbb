"""The general alarm flags of GB/T 32960.3-2016 and what a vehicle that raises one reports with it.

Flags without a measured quantity in the contract (brakes, motor, DC-DC) are raised alone. Levels:
1 = keeps driving, 2 = limited, 3 = stop and call for help, 4 = thermal event (2025 edition).
"""

from typing import Any, Final, NamedTuple

URGENT_LEVEL: Final = 3
"""From this level a terminal reports every second."""
URGENT_INTERVAL_S: Final = 1.0


class Alarm(NamedTuple):
    """A kind of alarm: its flag, its level, and the readings that go with it."""

    bit: int
    level: int
    name_zh: str
    readings: dict[str, float]
    """Fields that take another value meanwhile."""
    shifts: dict[str, float]
    """Fields that are moved by so much meanwhile, kept between 0 and 100 for a percentage."""


ALARMS: Final[dict[str, Alarm]] = {
    "temperature_difference": Alarm(0, 2, "温度差异报警", {}, {"temp_max_c": 12}),
    "battery_hot": Alarm(1, 3, "电池高温报警", {}, {"temp_max_c": 34, "temp_min_c": 27}),
    "pack_over_voltage": Alarm(2, 3, "车载储能装置类型过压报警", {}, {}),
    "pack_under_voltage": Alarm(3, 2, "车载储能装置类型欠压报警", {}, {}),
    "soc_low": Alarm(4, 1, "SOC低报警", {"soc_pct": 8.0}, {}),
    "cell_over_voltage": Alarm(5, 3, "单体电池过压报警", {"cell_voltage_max_v": 3.71}, {}),
    "cell_under_voltage": Alarm(6, 2, "单体电池欠压报警", {"cell_voltage_min_v": 2.46}, {}),
    "soc_high": Alarm(7, 1, "SOC过高报警", {"soc_pct": 100.0}, {}),
    "soc_jump": Alarm(8, 2, "SOC跳变报警", {}, {"soc_pct": -15.0}),
    "storage_mismatch": Alarm(9, 2, "可充电储能系统不匹配报警", {}, {}),
    "cells_inconsistent": Alarm(10, 2, "电池单体一致性差报警", {}, {"cell_voltage_min_v": -0.32}),
    "insulation": Alarm(11, 3, "绝缘报警", {"insulation_kohm": 38}, {}),
    "dcdc_temperature": Alarm(12, 2, "DC-DC温度报警", {}, {}),
    "brakes": Alarm(13, 3, "制动系统报警", {}, {}),
    "dcdc_status": Alarm(14, 1, "DC-DC状态报警", {}, {}),
    "motor_controller_temperature": Alarm(15, 2, "驱动电机控制器温度报警", {}, {}),
    "high_voltage_interlock": Alarm(16, 3, "高压互锁状态报警", {}, {}),
    "motor_temperature": Alarm(17, 2, "驱动电机温度报警", {}, {}),
    "over_charge": Alarm(18, 3, "车载储能装置类型过充", {"soc_pct": 100.0}, {}),
    "thermal_event": Alarm(1, 4, "热事件报警", {"temp_max_c": 96}, {"temp_min_c": 25}),
}


def raise_alarm(sample: dict[str, Any], alarm: Alarm) -> dict[str, Any]:
    """The sample of a vehicle with this alarm; unknown fields stay unknown."""
    raised = {
        **sample,
        "alarm_level": max(sample.get("alarm_level") or 0, alarm.level),
        "alarm_bits": (sample.get("alarm_bits") or 0) | 1 << alarm.bit,
    }
    for name, reading in alarm.readings.items():
        if name in raised:
            raised[name] = reading
    for name, shift in alarm.shifts.items():
        if name in raised:
            moved = round(raised[name] + shift, 3)
            raised[name] = min(100.0, max(0.0, moved)) if name.endswith("_pct") else moved
    return raised
