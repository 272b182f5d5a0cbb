"""A lithium iron phosphate traction battery with a true, hidden capacity.

Decides the current that a power asks for, the shape of a charge (constant current, then constant
voltage), open-circuit and terminal voltage, cell spread, temperature and slow ageing. What is
reported agrees with itself: the current of a step is its mean, so the change of SOC is exactly the
integral of the current over the hidden capacity. Leaves out: balancing, cold-weather limits.
"""

from math import sqrt
from typing import Final

from msgspec import Struct

CV_KNEE_SOC: Final = 0.90
"""Above this state of charge the charger holds the voltage and the current fades."""
FULL_SOC: Final = 0.998
_CV_END_SOC: Final = 1.005  # the fading line meets zero just beyond full, so that full is reached
FADE_PER_AH: Final = 0.2 / (2 * 3_000)
"""Share of an Ah of capacity lost per Ah moved: 20 % after 3,000 full cycles."""
_THERMAL_LAG_S: Final = 1_800.0
_HEAT_C_PER_A2: Final = 6e-4  # rise of the pack's balance temperature per A²
_PROBE_SPREAD_C: Final = 1.5
_REGEN_SHARE: Final = 0.6

# State of charge (share) and open-circuit voltage of one cell at 25 °C [V].
_OCV_POINTS: Final = (
    (0.00, 2.800),
    (0.03, 3.000),
    (0.06, 3.120),
    (0.10, 3.195),
    (0.20, 3.245),
    (0.30, 3.275),
    (0.45, 3.290),
    (0.60, 3.305),
    (0.70, 3.325),
    (0.90, 3.340),
    (0.97, 3.365),
    (1.00, 3.430),
)
_OCV_STEPS: Final = 4_000


def _ocv_table() -> tuple[float, ...]:
    table = []
    segment = 0
    for i in range(_OCV_STEPS + 1):
        soc = i / _OCV_STEPS
        while soc > _OCV_POINTS[segment + 1][0]:
            segment += 1
        (soc0, v0), (soc1, v1) = _OCV_POINTS[segment], _OCV_POINTS[segment + 1]
        table.append(v0 + (v1 - v0) * (soc - soc0) / (soc1 - soc0))
    return tuple(table)


_OCV_V: Final = _ocv_table()


class PackSpec(Struct, frozen=True, gc=False):
    """How a pack is built."""

    series_cells: int
    rated_ah: float
    resistance_ohm: float
    max_discharge_a: float
    max_charge_a: float


class Battery(Struct, frozen=True, gc=False):
    """A pack at one instant; `capacity_ah` is the truth that telemetry never shows."""

    soc: float
    """0–1"""
    capacity_ah: float
    current_a: float
    """Mean over the last step; positive = discharge."""
    temp_c: float
    imbalance_v: float
    """Difference of the extreme cells at rest."""


def open_circuit_v(soc: float) -> float:
    """Voltage of one cell at rest, for a state of charge 0–1.

    >>> open_circuit_v(0.0), open_circuit_v(1.0)
    (2.8, 3.43)
    """
    return _OCV_V[int(soc * _OCV_STEPS + 0.5)]


def terminal_v(spec: PackSpec, battery: Battery) -> float:
    """Pack voltage under its current: all cells at rest, less the drop over the resistance."""
    return (
        spec.series_cells * _OCV_V[int(battery.soc * _OCV_STEPS + 0.5)]
        - battery.current_a * spec.resistance_ohm
    )


def cell_spread_v(battery: Battery) -> float:
    """Highest less lowest cell voltage: grows with the current and towards empty."""
    spread = battery.imbalance_v * (1.0 + abs(battery.current_a) / 200.0)
    return spread if battery.soc > 0.15 else spread + (0.15 - battery.soc) * 0.2


def probe_temps_c(battery: Battery) -> tuple[float, float]:
    """The hottest and the coldest probe."""
    return battery.temp_c + _PROBE_SPREAD_C, battery.temp_c - _PROBE_SPREAD_C


def deliver(
    spec: PackSpec, battery: Battery, power_w: float, dt_s: float, ambient_c: float
) -> Battery:
    """The pack after giving (or, below zero, taking back) this mean power for a step."""
    if power_w < 0.0:
        power_w *= _REGEN_SHARE
    v = spec.series_cells * _OCV_V[int(battery.soc * _OCV_STEPS + 0.5)]
    # Power at the terminals is (v − I·R)·I; beyond its maximum the pack gives its current limit.
    rest = v * v - 4.0 * spec.resistance_ohm * power_w
    current = (v - sqrt(rest)) / (2.0 * spec.resistance_ohm) if rest > 0 else spec.max_discharge_a
    current = max(-spec.max_charge_a, min(spec.max_discharge_a, current))
    return _flow(battery, current, dt_s, ambient_c)


def charge(
    spec: PackSpec, battery: Battery, charger_a: float, dt_s: float, ambient_c: float
) -> Battery:
    """The pack after a step on a charger: constant current up to the knee, fading above it."""
    current = min(charger_a, spec.max_charge_a)
    if battery.soc > CV_KNEE_SOC:
        current *= (_CV_END_SOC - battery.soc) / (_CV_END_SOC - CV_KNEE_SOC)
    return _flow(battery, -current, dt_s, ambient_c)


def _flow(battery: Battery, current_a: float, dt_s: float, ambient_c: float) -> Battery:
    capacity_s = battery.capacity_ah * 3_600.0
    soc = battery.soc - current_a * dt_s / capacity_s
    if not 0.0 <= soc <= 1.0:  # full or empty before the step ended: the mean current is smaller
        soc = 0.0 if soc < 0.0 else 1.0
        current_a = (battery.soc - soc) * capacity_s / dt_s
    settled_c = ambient_c + _HEAT_C_PER_A2 * current_a * current_a
    return Battery(
        soc,
        battery.capacity_ah - FADE_PER_AH * abs(current_a) * dt_s / 3_600.0,
        current_a,
        battery.temp_c + (settled_c - battery.temp_c) * dt_s / (dt_s + _THERMAL_LAG_S),
        battery.imbalance_v,
    )
