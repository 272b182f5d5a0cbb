"""What befalls single vehicles changes their samples, and nobody else's."""

import json
from typing import Any

import pytest

from simulators.fleet import Fleet
from simulators.incidents import INCIDENTS, befall
from simulators.scenario import Incidents, Scenario

START_US = 1_790_000_000_000_000
CLEAN: dict[str, Any] = {
    "ts": START_US // 1_000 + 60_000,
    "lat": 22.5,
    "lon": 114.0,
    "speed_kmh": 30.0,
    "odometer_km": 1_000.0,
    "vehicle_state": "on",
    "charge_state": "not_charging",
    "gear": "D",
    "soc_pct": 70.0,
    "pack_current_a": 40.0,
    "insulation_kohm": 4_000,
    "cell_voltage_max_v": 3.3,
    "cell_voltage_min_v": 3.29,
    "temp_max_c": 30,
    "temp_min_c": 28,
    "alarm_level": 0,
    "alarm_bits": 0,
    "power_source": "main",
}


@pytest.mark.parametrize(
    ("incident", "changed"),
    [
        ("low_soc_driving", {"soc_pct": 9.0}),
        ("low_soc_parked", {"soc_pct": 12.0, "speed_kmh": 0.0, "vehicle_state": "off", "gear": "P",
                            "pack_current_a": 0.0}),
        ("alarm", {"alarm_level": 3, "alarm_bits": 65_536}),
        ("cell_spread", {"cell_voltage_min_v": 2.94}),
        ("high_temperature", {"temp_max_c": 63, "temp_min_c": 55}),
        ("temperature_rise", {"temp_max_c": 32, "charge_state": "parked_charging",
                              "pack_current_a": -60.0, "speed_kmh": 0.0, "vehicle_state": "off",
                              "gear": "P"}),
        ("insulation_low", {"insulation_kohm": 62}),
        ("over_speed", {"speed_kmh": 108.0}),
        ("towed", {"lat": 22.503251, "speed_kmh": 21.6, "vehicle_state": "off", "gear": "P",
                   "pack_current_a": 0.0}),
        ("power_cut", {"power_source": "backup"}),
        ("odometer_rollback", {"odometer_km": 500.0}),
        ("soc_implausible", {"speed_kmh": 0.0, "vehicle_state": "off", "gear": "P",
                             "pack_current_a": 0.0}),
    ],
)  # fmt: skip
def test_what_an_incident_changes_after_a_minute(incident: str, changed: dict[str, Any]) -> None:
    after = befall(incident, dict(CLEAN), START_US)
    assert after is not None
    assert {name: read for name, read in after.items() if read != CLEAN[name]} == changed


def test_every_incident_is_tried() -> None:
    assert len(INCIDENTS) == 13


def test_a_gauge_that_is_off_falls_for_a_minute_and_jumps_back() -> None:
    def gauge(after_s: int) -> float:
        sample = {**CLEAN, "ts": START_US // 1_000 + 1_000 * after_s}
        after = befall("soc_implausible", sample, START_US)
        assert after is not None
        return float(after["soc_pct"])

    assert [gauge(after_s) for after_s in (0, 20, 40, 59, 60, 80)] == [70, 60, 50, 40.5, 70, 60]


def test_the_odometer_goes_back_after_half_a_minute() -> None:
    early = {**CLEAN, "ts": START_US // 1_000 + 29_000}
    assert befall("odometer_rollback", early, START_US) == early


def test_who_falls_silent_is_heard_of_for_a_moment() -> None:
    early = {**CLEAN, "ts": START_US // 1_000 + 4_900}
    assert befall("silent", early, START_US) == early
    assert befall("silent", dict(CLEAN), START_US) is None
    scenario = Scenario(title="t", incidents=Incidents(to_the_last=("silent",)))
    fleet = Fleet(2, seed=1, scenario=scenario, start_us=START_US, interval_s=2)
    heard = [each.device_id for each in fleet.messages(START_US + 30_000_000)]
    assert heard.count(fleet.roster[1].device_id) in (2, 3)
    assert heard.count(fleet.roster[0].device_id) >= 14


def test_the_last_vehicles_have_them_and_the_others_none() -> None:
    scenario = Scenario(title="t", incidents=Incidents(to_the_last=("over_speed", "power_cut")))
    fleet = Fleet(4, seed=1, scenario=scenario, start_us=START_US, interval_s=10)
    plain = Fleet(4, seed=1, scenario=Scenario(title="t"), start_us=START_US, interval_s=10)
    for befallen, clean in zip(
        fleet.messages(START_US + 60_000_000), plain.messages(START_US + 60_000_000), strict=True
    ):
        number = [entry.device_id for entry in fleet.roster].index(befallen.device_id)
        read = json.loads(befallen.payload)
        if number == 3:
            assert read["speed_kmh"] == 108.0
        elif number == 2:
            assert read["power_source"] == "backup"
        else:
            assert befallen.payload == clean.payload


def test_an_unknown_incident_is_told_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="no such incident; there are low_soc_driving, "):
        Incidents(to_the_last=("flying",))
