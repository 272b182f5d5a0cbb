"""What befalls single vehicles on purpose: each incident as a change of the samples of one vehicle.

For demonstrations and tests that want to see a certain thing happen, on a certain vehicle, at once.
A vehicle keeps its incident from a time on until the run ends. Leaves out what happens by chance to
any vehicle (`faults.py`).
"""

from collections.abc import Callable
from typing import Any, Final

Sample = dict[str, Any]
Change = Callable[[Sample, float], Sample | None]
"""The sample as it becomes, so many seconds after the incident began; None: nothing is sent."""

_LAT_PER_M: Final = 1.0 / 110_750.0
_TOW_M_PER_S: Final = 6.0
HEARD_FOR_S: Final = 5.0


def _driving(sample: Sample, speed_kmh: float) -> Sample:
    return {
        **sample,
        "speed_kmh": speed_kmh,
        "vehicle_state": "on",
        "charge_state": "not_charging",
        "gear": "D",
    }


def _standing(sample: Sample) -> Sample:
    return {
        **sample,
        "speed_kmh": 0.0,
        "vehicle_state": "off",
        "charge_state": "not_charging",
        "gear": "P",
        "pack_current_a": 0.0,
    }


def _low_soc_driving(sample: Sample, _after_s: float) -> Sample:
    return {**_driving(sample, max(25.0, sample["speed_kmh"])), "soc_pct": 9.0}


def _low_soc_parked(sample: Sample, _after_s: float) -> Sample:
    return {**_standing(sample), "soc_pct": 12.0}


def _cell_spread(sample: Sample, _after_s: float) -> Sample:
    spread_v = round(sample["cell_voltage_max_v"] - 0.36, 3)
    return {**sample, "cell_voltage_min_v": spread_v}


def _high_temperature(sample: Sample, _after_s: float) -> Sample:
    return {**sample, "temp_max_c": 63, "temp_min_c": 55}


def _temperature_rise(sample: Sample, after_s: float) -> Sample:
    """Charging, four degrees a minute up to just below hot."""
    warm_c = min(58, int(28 + after_s / 15.0))
    return {
        **_standing(sample),
        "charge_state": "parked_charging",
        "pack_current_a": -60.0,
        "temp_max_c": warm_c,
        "temp_min_c": warm_c - 4,
    }


def _insulation_low(sample: Sample, _after_s: float) -> Sample:
    return {**sample, "insulation_kohm": 62}


def _over_speed(sample: Sample, _after_s: float) -> Sample:
    return _driving(sample, 108.0)


def _towed(sample: Sample, after_s: float) -> Sample:
    """Northwards on a lorry, switched off."""
    moved = sample["lat"] + _TOW_M_PER_S * after_s * _LAT_PER_M
    speed_kmh = round(_TOW_M_PER_S * 3.6, 1)
    return {**_standing(sample), "speed_kmh": speed_kmh, "lat": round(moved, 6)}


def _power_cut(sample: Sample, _after_s: float) -> Sample:
    return {**sample, "power_source": "backup"}


def _odometer_rollback(sample: Sample, after_s: float) -> Sample:
    """After half a minute it shows less by five hundred kilometres."""
    if after_s < 30.0:
        return sample
    return {**sample, "odometer_km": max(0.0, round(sample["odometer_km"] - 500.0, 2))}


def _soc_implausible(sample: Sample, after_s: float) -> Sample:
    """The gauge falls by half a point a second and jumps back, and nothing flows."""
    fallen = round(sample["soc_pct"] - 0.5 * (after_s % 60.0), 1)
    return {**_standing(sample), "soc_pct": max(0.0, fallen)}


def _alarm(sample: Sample, _after_s: float) -> Sample:
    """Level 3: the high-voltage interlock is open."""
    return {**sample, "alarm_level": 3, "alarm_bits": 1 << 16}


def _silent(sample: Sample, after_s: float) -> Sample | None:
    """It is heard of for a few seconds, then never again."""
    return sample if after_s < HEARD_FOR_S else None


INCIDENTS: Final[dict[str, Change]] = {
    "low_soc_driving": _low_soc_driving,
    "low_soc_parked": _low_soc_parked,
    "alarm": _alarm,
    "cell_spread": _cell_spread,
    "high_temperature": _high_temperature,
    "temperature_rise": _temperature_rise,
    "insulation_low": _insulation_low,
    "over_speed": _over_speed,
    "towed": _towed,
    "power_cut": _power_cut,
    "odometer_rollback": _odometer_rollback,
    "soc_implausible": _soc_implausible,
    "silent": _silent,
}


def befall(incident: str, sample: Sample, began_us: int) -> Sample | None:
    """The sample of a vehicle that this happens to since `began_us` [µs since 1970], if it sends.

    >>> befall("power_cut", {"ts": 1_000, "power_source": "main"}, 0)
    {'ts': 1000, 'power_source': 'backup'}

    Raises:
        KeyError: there is no such incident.
    """
    return INCIDENTS[incident](sample, sample["ts"] / 1_000.0 - began_us / 1e6)
