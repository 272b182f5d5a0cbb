"""Alarm flags are those of GB/T 32960.3-2016, and bring the readings that go with them."""

from random import Random

import msgspec
import pytest

from schemas import telemetry
from simulators.alarm_flags import ALARMS, raise_alarm
from simulators.vehicle import new_vehicle, sample

CLEAN = sample(new_vehicle(Random(1), 1_764_043_200_000_000, round_the_clock=True))


@pytest.mark.parametrize(
    ("bit", "name_zh"),
    [
        (0, "温度差异报警"),
        (1, "电池高温报警"),
        (2, "车载储能装置类型过压报警"),
        (3, "车载储能装置类型欠压报警"),
        (4, "SOC低报警"),
        (5, "单体电池过压报警"),
        (6, "单体电池欠压报警"),
        (7, "SOC过高报警"),
        (8, "SOC跳变报警"),
        (9, "可充电储能系统不匹配报警"),
        (10, "电池单体一致性差报警"),
        (11, "绝缘报警"),
        (12, "DC-DC温度报警"),
        (13, "制动系统报警"),
        (14, "DC-DC状态报警"),
        (15, "驱动电机控制器温度报警"),
        (16, "高压互锁状态报警"),
        (17, "驱动电机温度报警"),
        (18, "车载储能装置类型过充"),
    ],
)
def test_bits_of_the_standard(bit: int, name_zh: str) -> None:
    assert name_zh in [alarm.name_zh for alarm in ALARMS.values() if alarm.bit == bit]


def test_there_are_no_other_bits() -> None:
    assert {alarm.bit for alarm in ALARMS.values()} == set(range(19))
    assert {alarm.level for alarm in ALARMS.values()} == {1, 2, 3, 4}


@pytest.mark.parametrize("name", ALARMS)
def test_every_alarm_stays_within_the_contract(name: str) -> None:
    raised = raise_alarm(CLEAN, ALARMS[name])
    read = msgspec.json.decode(msgspec.json.encode(raised), type=telemetry.Sample)
    assert (read.alarm_bits, read.alarm_level) == (1 << ALARMS[name].bit, ALARMS[name].level)


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        ("insulation", "insulation_kohm", 38),
        ("thermal_event", "temp_max_c", 96),
        ("temperature_difference", "temp_max_c", CLEAN["temp_max_c"] + 12),
        ("battery_hot", "temp_max_c", CLEAN["temp_max_c"] + 34),
        ("soc_jump", "soc_pct", round(CLEAN["soc_pct"] - 15, 3)),
        ("cell_under_voltage", "cell_voltage_min_v", 2.46),
    ],
)
def test_readings_show_the_alarm(name: str, field: str, expected: float) -> None:
    assert raise_alarm(CLEAN, ALARMS[name])[field] == expected


def test_a_jump_stays_a_percentage_and_the_unknown_unknown() -> None:
    raised = raise_alarm({"ts": 1, "soc_pct": 4.0}, ALARMS["soc_jump"])
    assert raised == {"ts": 1, "soc_pct": 0.0, "alarm_bits": 256, "alarm_level": 2}
    assert "insulation_kohm" not in raise_alarm({"ts": 1}, ALARMS["insulation"])


def test_two_alarms_keep_the_higher_level_and_both_bits() -> None:
    raised = raise_alarm(raise_alarm(CLEAN, ALARMS["insulation"]), ALARMS["soc_low"])
    assert (raised["alarm_bits"], raised["alarm_level"]) == (1 << 11 | 1 << 4, 3)
