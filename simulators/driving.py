"""Moves a vehicle along its route and says what power that takes.

Decides speed (limit, traffic by the hour, lights), distance, arrival and traction power. The speed
of a step is its mean, so the odometer is exactly the integral of the speed. Leaves out: where to
go and when, which `vehicle.py` decides.
"""

from random import Random
from typing import Final

from msgspec import Struct

from simulators.roads import Route

_RED_LIGHT_SHARE: Final = 0.18
_MOOD_S: Final = 12.0  # a driver's wish for a speed lasts about so long
_RESPONSE_S: Final = 4.0
_MAX_ACCELERATION: Final = 1.8  # m/s²
_MAX_BRAKING: Final = 3.0  # m/s²
_AIR_DENSITY: Final = 1.2  # kg/m³
_ROLLING: Final = 0.011
_GRAVITY: Final = 9.81  # m/s²
_DRIVELINE: Final = 0.88

# Share of the limit that traffic allows, by local half-hour from midnight.
_TRAFFIC: Final = (
    *(0.95,) * 13,
    *(0.80, 0.65, 0.50, 0.45, 0.50, 0.65),  # 06:30 … 09:00
    *(0.75,) * 14,
    *(0.65, 0.50, 0.45, 0.50, 0.65),  # 16:30 … 18:30
    *(0.80,) * 4,
    *(0.90,) * 6,
)


class Motion(Struct, frozen=True, gc=False):
    """Where on its route a vehicle is, how fast, and how far it has ever driven."""

    route: Route
    leg: int
    along_m: float
    wish_kmh: float
    """The speed the driver is after now."""
    speed_kmh: float
    """Mean over the last step."""
    odometer_km: float

    @property
    def arrived(self) -> bool:
        """At the end of the route."""
        return self.leg == len(self.route) - 1 and self.along_m >= self.route[-1].length_m


def traffic_share(local_hour: float) -> float:
    """Share of the speed limit that traffic allows at this hour 0–24."""
    return _TRAFFIC[int(local_hour * 2.0) % 48]


def drive(motion: Motion, local_hour: float, dt_s: float, rng: Random) -> Motion:
    """The vehicle one step further along its route; it stops at the end, never beyond."""
    route, index, speed = motion.route, motion.leg, motion.speed_kmh
    leg = route[index]
    wish = motion.wish_kmh
    if rng.random() < dt_s / (dt_s + _MOOD_S):
        mood = rng.random()
        if mood < _RED_LIGHT_SHARE:
            wish = 0.0
        else:
            wish = leg.limit_kmh * _TRAFFIC[int(local_hour * 2.0) % 48] * (0.6 + 0.5 * mood)
    change = (wish - speed) * dt_s / (dt_s + _RESPONSE_S)
    change = max(-3.6 * _MAX_BRAKING * dt_s, min(3.6 * _MAX_ACCELERATION * dt_s, change))
    speed = max(0.0, speed + change)
    distance_m = speed * dt_s / 3.6
    along_m = motion.along_m + distance_m
    while along_m >= leg.length_m:
        if index == len(route) - 1:
            distance_m -= along_m - leg.length_m
            along_m = leg.length_m
            speed = distance_m * 3.6 / dt_s
            break
        along_m -= leg.length_m
        index += 1
        leg = route[index]
    return Motion(route, index, along_m, wish, speed, motion.odometer_km + distance_m / 1_000.0)


def halt(motion: Motion) -> Motion:
    """The same place, standing still."""
    if motion.speed_kmh == 0.0:
        return motion
    return Motion(
        motion.route, motion.leg, motion.along_m, motion.wish_kmh, 0.0, motion.odometer_km
    )


def traction_power_w(
    mass_kg: float, drag_area_m2: float, speed_kmh: float, previous_kmh: float, dt_s: float
) -> float:
    """Mean electric power that moving took over a step; below zero while braking."""
    v = speed_kmh / 3.6
    v_before = previous_kmh / 3.6
    rolling_w = _ROLLING * mass_kg * _GRAVITY * v
    drag_w = 0.5 * _AIR_DENSITY * drag_area_m2 * v * v * v
    inertia_w = 0.5 * mass_kg * (v * v - v_before * v_before) / dt_s
    power_w = rolling_w + drag_w + inertia_w
    return power_w / _DRIVELINE if power_w > 0.0 else power_w * _DRIVELINE
