"""Batteries and alarms, told as stories: when, what it says, and whether the alert is open."""

import pytest

from .watching import CLOSED, OPEN, ROAD, Story, named, rule, told_every_way

STORIES = (
    Story(
        "an alarm of level 3",
        rule("battery_alarm", keep_s=30),
        (
            (0, {"alarm_level": 2}, CLOSED),
            (1, {"alarm_level": 3}, OPEN),
            (2, {"alarm_level": 4}, OPEN),
            (3, {"alarm_level": 2}, OPEN),
            (20, {"alarm_level": 3}, OPEN),  # again within the keep: the same alert
            (30, {"alarm_level": 0}, OPEN),
            (59, None, OPEN),
            (60, None, CLOSED),  # silence ends what was over
        ),
    ),
    Story(
        "a flag that is looked at",
        rule("alarm_bits", mask=0b100, keep_s=0),
        (
            (0, {"alarm_bits": 0b011}, CLOSED),
            (1, {"alarm_bits": None}, CLOSED),
            (2, {"alarm_bits": 0b110}, OPEN),
            (3, {"alarm_bits": 0b010}, CLOSED),
        ),
    ),
    Story(
        "cells that lie apart for a minute",
        rule("cell_spread", keep_s=0),
        (
            (0, {"cell_voltage_max_v": 3.65, "cell_voltage_min_v": 3.35}, CLOSED),
            (30, {"cell_voltage_max_v": 3.65}, CLOSED),  # one of the two is unknown
            (60, {"cell_voltage_max_v": 3.65, "cell_voltage_min_v": 3.35}, OPEN),
            (70, {"cell_voltage_max_v": 3.65, "cell_voltage_min_v": 3.45}, OPEN),
            (80, {"cell_voltage_max_v": 3.65, "cell_voltage_min_v": 3.46}, CLOSED),
        ),
    ),
    Story(
        "a hot battery cools down",
        rule("high_temperature", keep_s=0),
        (
            (0, {"temp_max_c": 59.9}, CLOSED),
            (1, {"temp_max_c": 60}, OPEN),
            (2, {"temp_max_c": 55}, OPEN),
            (3, {"temp_max_c": 54.9}, CLOSED),
        ),
    ),
    Story(
        "insulation low for half a minute",
        rule("insulation_low", keep_s=0),
        (
            (0, {"insulation_kohm": 100}, CLOSED),
            (30, {"insulation_kohm": 120}, CLOSED),  # neither low nor well
            (31, {"insulation_kohm": 90}, OPEN),
            (40, {"insulation_kohm": 150}, OPEN),
            (41, {"insulation_kohm": 151}, CLOSED),
        ),
    ),
    Story(
        "it warms up fast while it charges",
        rule("temperature_rise", over_s=120, keep_s=0),
        (
            (0, {"temp_max_c": 30}, CLOSED),
            (60, {"temp_max_c": 33}, CLOSED),  # not yet two minutes
            (120, {"temp_max_c": 33.9}, CLOSED),  # 1.95 a minute
            (130, {"temp_max_c": 35}, OPEN),  # 5 degrees in 130 s: 2.3 a minute
            (200, {"temp_max_c": 35}, OPEN),  # 1.5: neither
            (250, {"temp_max_c": 35}, CLOSED),  # 1.1 in 130 s: 0.5 a minute
            (400, {"temp_max_c": 60, "charge_state": "not_charging"}, CLOSED),
        ),
        always={"charge_state": "parked_charging"},
    ),
    Story(
        "warming up on the road is none of its business",
        rule("temperature_rise", over_s=120),
        ((0, {"temp_max_c": 30}, CLOSED), (130, {"temp_max_c": 60}, CLOSED)),
        always=ROAD,
    ),
    Story(
        "a temperature of long ago is not compared with",
        rule("temperature_rise", over_s=120),
        ((0, {"temp_max_c": 20}, CLOSED), (361, {"temp_max_c": 60}, CLOSED)),
        always={"charge_state": "parked_charging"},
    ),
)


@pytest.mark.parametrize(**named(STORIES))
def test_a_story(story: Story) -> None:
    told_every_way(story)
