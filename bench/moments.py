"""One hour of an electric van's life, second by second, as the bench replays it for every vehicle.

Decides what the payloads and rows look like: a drive out and back with stops, a pause, a charge at
the depot, with charge, voltage and current that agree with one another. Every vehicle lives the
same hour from its own place and its own second on, which is what makes a message cheap enough to
be no bottleneck. Leaves out faults (`generator.py`) and true physics (`simulators/vehicle.py`).
"""

import math
import struct
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Final, NamedTuple

HOUR_S: Final = 3_600
_OUT_S: Final = 1_200
_BACK_S: Final = 2 * _OUT_S
_PAUSE_END_S: Final = 2_700
_KM_A_DEGREE: Final = 111.32
_PACK_KWH: Final = 42.0
_SPEEDS_KMH: Final = (0.0, 0.0, 20.0, 35.0, 45.0, 60.0)


class Moment(NamedTuple):
    """One second of the hour; positions are relative to the vehicle's depot."""

    north_deg: float
    east_deg: float
    distance_km: float
    heading_deg: float
    speed_kmh: float
    soc_pct: float
    json_tail: bytes
    """The payload after position and odometer."""
    binary_fix_to_speed: bytes
    """Columns fix … speed_kmh of a binary COPY row."""
    binary_tail: bytes
    """Columns vehicle_state … invalid_fields of a binary COPY row."""


class _Motion(NamedTuple):
    speed_kmh: float
    heading_deg: float


@lru_cache(maxsize=2)
def make_hour(seed: int) -> list[Moment]:
    """The 3,600 moments of a seed. Distance ends where the next hour begins."""
    there = _drive(Random(f"{seed}/hour"))
    back = [_Motion(m.speed_kmh, (m.heading_deg + 180) % 360) for m in reversed(there)]
    motions = [*there, *back] + [_Motion(0.0, 0.0)] * (HOUR_S - _BACK_S)
    step_km = [m.speed_kmh / 3600 for m in motions]
    distance = list(accumulate(step_km))
    north = _walk(step_km, [math.cos(math.radians(m.heading_deg)) for m in motions])
    east = _walk(step_km, [math.sin(math.radians(m.heading_deg)) for m in motions])
    power = [_power_kw(second, motions) for second in range(HOUR_S)]
    charge_kw = sum(power[:_PAUSE_END_S]) / (HOUR_S - _PAUSE_END_S)
    power[_PAUSE_END_S:] = [-charge_kw] * (HOUR_S - _PAUSE_END_S)
    used_kwh = list(accumulate(kw / 3600 for kw in power))
    return [
        _moment(
            second,
            north_deg=north[second] / _KM_A_DEGREE,
            east_deg=east[second] / _KM_A_DEGREE,
            distance_km=distance[second],
            motion=motions[second],
            power_kw=power[second],
            soc_pct=78.0 - used_kwh[second] / _PACK_KWH * 100,
        )
        for second in range(HOUR_S)
    ]


def hour_km(seed: int) -> float:
    """What one hour adds to the odometer."""
    return make_hour(seed)[-1].distance_km


def _drive(rng: Random) -> list[_Motion]:
    """Twenty minutes of town: blocks at some speed, stops, turns by right angles."""
    motions: list[_Motion] = []
    speed_kmh, heading_deg = 0.0, 90.0
    while len(motions) < _OUT_S:
        target_kmh = rng.choice(_SPEEDS_KMH)
        if target_kmh == 0.0:
            heading_deg = (heading_deg + rng.choice((-90, 0, 90))) % 360
        for _ in range(rng.randint(15, 60)):
            change_kmh = max(-7.0, min(4.0, target_kmh - speed_kmh))
            speed_kmh = max(0.0, speed_kmh + change_kmh)
            jitter_deg = rng.uniform(-2.0, 2.0) if speed_kmh else 0.0
            motions.append(_Motion(round(speed_kmh, 1), (heading_deg + jitter_deg) % 360))
    return motions[:_OUT_S]


def _walk(step_km: list[float], share: list[float]) -> list[float]:
    return list(accumulate(km * part for km, part in zip(step_km, share, strict=True)))


def _power_kw(second: int, motions: list[_Motion]) -> float:
    """Battery power, discharge positive: base load, rolling and air, acceleration."""
    if second >= _BACK_S:
        return 0.0
    speed = motions[second].speed_kmh
    before = motions[second - 1].speed_kmh if second else 0.0
    return 0.8 + 0.09 * speed + 0.00002 * speed**3 + 0.02 * (speed - before) * speed


def _moment(
    second: int,
    *,
    north_deg: float,
    east_deg: float,
    distance_km: float,
    motion: _Motion,
    power_kw: float,
    soc_pct: float,
) -> Moment:
    driving, charging = second < _BACK_S, second >= _PAUSE_END_S
    volts = 330.0 + 0.5 * soc_pct - 0.05 * power_kw
    amps = power_kw * 1000 / volts
    cell = volts / 96
    warm = round(25 + 6 * math.sin(second / HOUR_S * math.tau))
    state, charge = ("on" if driving else "off"), ("parked_charging" if charging else None)
    gear = "D" if driving else "P"
    altitude = 30 + 10 * math.sin(north_deg * 200)
    charge = charge or "not_charging"
    soc, volts, amps, altitude = round(soc_pct, 1), round(volts, 1), round(amps, 1), round(altitude)
    high, low, heading = round(cell + 0.008, 3), round(cell - 0.008, 3), round(motion.heading_deg)
    signal = -65 - second % 23
    tail = (
        f'"heading_deg":{heading},"altitude_m":{altitude},"speed_kmh":{motion.speed_kmh},'
        f'"vehicle_state":"{state}","charge_state":"{charge}","gear":"{gear}","soc_pct":{soc},'
        f'"pack_voltage_v":{volts},"pack_current_a":{amps},"insulation_kohm":8000,'
        f'"cell_voltage_max_v":{high},"cell_voltage_min_v":{low},"temp_max_c":{warm + 2},'
        f'"temp_min_c":{warm},"alarm_level":0,"alarm_bits":0,"power_source":"main",'
        f'"signal_dbm":{signal}}}'
    )
    real, text = struct.Struct("!if").pack, _text_column
    reals = (soc, volts, amps, 8000.0, high, low, warm + 2.0, float(warm))
    return Moment(
        north_deg,
        east_deg,
        distance_km,
        heading,
        motion.speed_kmh,
        soc,
        tail.encode(),
        struct.pack("!i?", 1, True)
        + b"".join(real(4, value) for value in (heading, altitude, motion.speed_kmh)),
        text(state)
        + text(charge)
        + text(gear)
        + b"".join(real(4, value) for value in reals)
        + struct.pack("!ihiq", 2, 0, 8, 0)
        + text("main")
        + struct.pack("!ihii", 2, signal, -1, -1),
    )


def _text_column(text: str) -> bytes:
    return struct.pack("!i", len(text)) + text.encode()
