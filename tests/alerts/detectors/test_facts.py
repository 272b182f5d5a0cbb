"""What a reader is told of each kind: what was measured, and what it was compared with."""

from typing import Any

import pytest

from alerts.detectors.frames import MEASURED
from alerts.expressions.fields import FIELDS
from alerts.expressions.service import compile_expression

from .watching import HERE, YARD, Watch, rule

FACTS: dict[str, tuple[dict[str, Any], float | None, dict[str, Any]]] = {
    "low_soc_driving": (
        {"soc_pct": 12, "vehicle_state": "on", "charge_state": "not_charging"},
        12.0,
        {"soc_pct": 12.0, "raise_at": 15.0},
    ),
    "low_soc_parked": ({"soc_pct": 20, **YARD}, 20.0, {"soc_pct": 20.0, "raise_at": 20.0}),
    "battery_alarm": ({"alarm_level": 4}, 4.0, {"alarm_level": 4, "raise_at": 3.0}),
    "alarm_bits": (
        {"alarm_bits": 0x8004_0005},
        262_149.0,
        {"alarm_bits": 262_149, "flags": [0, 2, 18]},  # those that are looked at
    ),
    "cell_spread": (
        {"cell_voltage_max_v": 3.7, "cell_voltage_min_v": 3.3},
        0.4,
        {"cell_spread_v": 0.4, "raise_at": 0.3},
    ),
    "high_temperature": ({"temp_max_c": 61}, 61.0, {"temp_max_c": 61.0, "raise_at": 60.0}),
    "insulation_low": (
        {"insulation_kohm": 80},
        80.0,
        {"insulation_kohm": 80.0, "raise_at": 100.0},
    ),
    "over_speed": (
        {"speed_kmh": 99, **HERE},
        99.0,
        {"speed_kmh": 99.0, "raise_at": 90.0, "lat": 22.5, "lon": 114.0},
    ),
    "moved_without_lease": (
        {"speed_kmh": 9, **HERE, "fix": False},
        9.0,
        {
            "speed_kmh": 9.0,
            "moved_m": None,
            "raise_at_kmh": 5.0,
            "raise_at_m": 300.0,
            "lat": None,
            "lon": None,
        },
    ),
    "power_cut": (
        {"power_source": "backup", **HERE},
        None,
        {"power_source": "backup", "lat": 22.5, "lon": 114.0},
    ),
}


@pytest.mark.parametrize("kind", FACTS)
def test_what_is_told(kind: str) -> None:
    sample, value, facts = FACTS[kind]
    watch = Watch.of(rule(kind, for_s=0))
    watch.judge({"at": 0, **sample})
    assert (watch.said[0]["value"], watch.facts()) == (value, facts)
    assert (watch.said[0]["kind"], watch.said[0]["code"]) == (kind, kind)


def test_the_warming_is_told_with_its_temperature() -> None:
    watch = Watch.of(rule("temperature_rise"))
    charging = {"charge_state": "parked_charging"}
    watch.judge({"at": 0, "temp_max_c": 30, **charging}, {"at": 120, "temp_max_c": 36, **charging})
    assert watch.facts() == {"rise_c_per_min": 3.0, "temp_max_c": 36.0, "raise_at": 2.0}


def test_an_expression_may_speak_of_every_field_there_is() -> None:
    """The columns that expressions name are those that samples come with here."""
    asked = {
        name: f"size({name}) >= 0" if field.type == "list" else f"{name} == {name}"
        for name, field in FIELDS.items()
    }
    rules = [
        rule("custom", code=name, holds=compile_expression(text).condition)
        for name, text in asked.items()
    ]
    watch = Watch.of(*rules, van={"groups": []})
    assert watch.judge({"at": 0, "soc_pct": 50}).faults == ()
    assert {event["code"] for event in watch.said} == {
        "soc_pct",
        "vehicle.groups",
        "vehicle.let",
    }


def test_measured_fields_are_those_of_expressions() -> None:
    of_samples = {name for name in FIELDS if "." not in name}
    assert set(MEASURED) == of_samples - {"seconds_since_previous"}
