"""One electric van as a pure function: `step(state, dt_s, rng)` gives the next state.

Decides what the van does next (drive, unload, load, charge, park), in which hours, and what its
terminal reports of that: `sample(state)`, in the telemetry contract's wire form. The parts that
move it (`driving.py`), feed it (`battery.py`) and lead it (`roads.py`) stand beside. Leaves out:
radio and terminal faults (`faults.py`); a clean vehicle always tells the truth.
"""

from random import Random
from typing import Any, Final, Literal

from msgspec import Struct

from simulators.battery import (
    FULL_SOC,
    Battery,
    PackSpec,
    cell_spread_v,
    charge,
    deliver,
    terminal_v,
)
from simulators.driving import Motion, drive, halt, traction_power_w
from simulators.roads import Crossing, Route, nearby_crossing, plan_route, random_crossing

Activity = Literal["driving", "unloading", "loading", "charging", "parked"]

CHINA_OFFSET_S: Final = 8 * 3_600
LOW_SOC: Final = 0.15
"""Below this a van charges where it stands; a charger is never far in this city."""
_ENOUGH_SOC: Final = 0.45
"""A van starts a round only above this."""
_QUICK_SOC: Final = 0.85
_AUXILIARY_W: Final = 450.0
_AIR_CONDITIONING_W: Final = 900.0
_STOP_BLOCKS: Final = 7
"""The next customer is at most this many blocks away in each direction."""
_DEPOT_COUNT: Final = 6


class Model(Struct, frozen=True, gc=False):
    """A kind of van."""

    name: str
    mass_kg: float
    payload_kg: float
    drag_area_m2: float
    charger_a: float
    pack: PackSpec


MODELS: Final = (
    Model("microvan 42 kWh", 1_550, 900, 1.5, 60.0, PackSpec(106, 123.0, 0.095, 300, 130)),
    Model("van 53 kWh", 1_750, 1_100, 1.8, 75.0, PackSpec(112, 148.0, 0.085, 340, 150)),
    Model("light truck 81 kWh", 3_100, 1_350, 3.4, 90.0, PackSpec(172, 147.0, 0.120, 380, 160)),
)


class Duty(Struct, frozen=True, gc=False):
    """When and from where a van works; it never changes during a simulation."""

    depot: Crossing
    shift_start_h: float
    """Local hour, 0–24."""
    shift_hours: float
    """24 = round the clock."""

    def on_shift(self, local_hour: float) -> bool:
        return (local_hour - self.shift_start_h) % 24.0 < self.shift_hours


class Vehicle(Struct, frozen=True, gc=False):
    """A van at one instant."""

    model: Model
    duty: Duty
    at_us: int
    """µs since 1970, true time."""
    seq: int
    activity: Activity
    until_us: int
    """When loading or unloading ends."""
    stops_left: int
    goal: Crossing
    load_kg: float
    motion: Motion
    battery: Battery
    signal_dbm: float

    @property
    def local_hour(self) -> float:
        return local_hour(self.at_us)


def local_hour(at_us: int) -> float:
    """Hour of the day in China, 0–24."""
    return (at_us // 1_000_000 + CHINA_OFFSET_S) % 86_400 / 3_600.0


def ambient_c(hour: float) -> float:
    """Air temperature: coolest at 3, warmest at 15 local time."""
    return 19.0 + 9.0 * (1.0 - abs(hour - 15.0 if hour > 3.0 else hour + 9.0) / 12.0)


def new_vehicle(rng: Random, at_us: int, *, round_the_clock: bool) -> Vehicle:
    """A van somewhere in its working life and its day."""
    model = MODELS[min(2, int(rng.random() * 4))]
    depot = random_crossing(Random(int(rng.random() * _DEPOT_COUNT)))
    duty = Duty(depot, rng.uniform(5, 10), 24.0 if round_the_clock else rng.uniform(9, 13))
    hour = local_hour(at_us)
    capacity_ah = model.pack.rated_ah * rng.uniform(0.84, 1.01)
    battery = Battery(
        rng.uniform(0.35, 0.95), capacity_ah, 0.0, ambient_c(hour) + 2, rng.uniform(0.004, 0.022)
    )
    here = nearby_crossing(rng, depot, 2 * _STOP_BLOCKS)
    motion = Motion(plan_route(here, depot, rng), 0, 0.0, 0.0, 0.0, rng.uniform(500, 180_000))
    vehicle = Vehicle(
        model=model,
        duty=duty,
        at_us=at_us,
        seq=0,
        activity="driving",
        until_us=at_us,
        stops_left=rng.randint(1, 9),
        goal=depot,
        load_kg=rng.uniform(0.2, 1.0) * model.payload_kg,
        motion=motion,
        battery=battery,
        signal_dbm=rng.uniform(-95, -60),
    )
    if not duty.on_shift(hour):
        at_depot = Motion(motion.route, *_end_of(motion.route), 0.0, 0.0, motion.odometer_km)
        return _changed(vehicle, activity="parked", stops_left=0, motion=at_depot)
    return _depart(vehicle, here, rng)


def step(state: Vehicle, dt_s: float, rng: Random) -> Vehicle:
    """The van `dt_s` seconds later. Speed and current of the result are means over the step."""
    at_us = state.at_us + int(dt_s * 1e6 + 0.5)
    hour = local_hour(at_us)
    air_c = ambient_c(hour)
    model, motion, activity = state.model, state.motion, state.activity
    if activity == "driving":
        before_kmh = motion.speed_kmh
        motion = drive(motion, hour, dt_s, rng)
        power_w = _AUXILIARY_W + (_AIR_CONDITIONING_W if air_c > 24.0 else 0.0)
        power_w += traction_power_w(
            model.mass_kg + state.load_kg, model.drag_area_m2, motion.speed_kmh, before_kmh, dt_s
        )
        battery = deliver(model.pack, state.battery, power_w, dt_s, air_c)
        done = motion.arrived or battery.soc < LOW_SOC
    else:
        motion = halt(motion)
        if activity == "charging":
            battery = charge(model.pack, state.battery, model.charger_a, dt_s, air_c)
            quick = state.stops_left > 0 or state.duty.on_shift(hour)
            done = battery.soc >= (_QUICK_SOC if quick else FULL_SOC)
        elif activity == "parked":
            battery = deliver(model.pack, state.battery, 0.0, dt_s, air_c)
            done = state.duty.on_shift(hour)
        else:
            battery = deliver(model.pack, state.battery, _AUXILIARY_W, dt_s, air_c)
            done = at_us >= state.until_us
    signal_dbm = state.signal_dbm + (rng.random() - 0.5) * 2.0
    later = Vehicle(
        model,
        state.duty,
        at_us,
        state.seq + 1,
        activity,
        state.until_us,
        state.stops_left,
        state.goal,
        state.load_kg,
        motion,
        battery,
        -60.0 if signal_dbm > -60.0 else (-105.0 if signal_dbm < -105.0 else signal_dbm),
    )
    return _next_activity(later, rng) if done else later


def _next_activity(state: Vehicle, rng: Random) -> Vehicle:
    """What follows when the present activity has come to its end."""
    on_shift = state.duty.on_shift(state.local_hour)
    match state.activity:
        case "driving" if not state.motion.arrived:  # the battery is low
            following = _changed(state, activity="charging")
        case "driving" if state.goal != state.duty.depot:
            following = _changed(state, activity="unloading", until_us=_in(state, rng, 3, 14))
        case "driving" if state.battery.soc < _ENOUGH_SOC or not on_shift:
            following = _changed(state, activity="charging", load_kg=0.0)
        case "charging" if not state.motion.arrived:
            following = _changed(state, activity="driving")
        case "charging" if not on_shift:
            following = _changed(state, activity="parked")
        case "unloading":
            left = state.stops_left - 1
            load_kg = state.load_kg * left / state.stops_left
            following = _depart(_changed(state, stops_left=left, load_kg=load_kg), state.goal, rng)
        case "loading":
            load_kg = rng.uniform(0.4, 1.0) * state.model.payload_kg
            loaded = _changed(state, load_kg=load_kg, stops_left=rng.randint(4, 14))
            following = _depart(loaded, state.duty.depot, rng)
        case _:  # back at the depot, or parked until the shift began
            following = _changed(state, activity="loading", until_us=_in(state, rng, 8, 25))
    return following


def _depart(state: Vehicle, here: Crossing, rng: Random) -> Vehicle:
    """On the way to the next customer, or home after the last one or the end of the shift."""
    depot = state.duty.depot
    working = state.stops_left > 0 and (here == depot or state.duty.on_shift(state.local_hour))
    goal = nearby_crossing(rng, here, _STOP_BLOCKS) if working else depot
    motion = Motion(plan_route(here, goal, rng), 0, 0.0, 0.0, 0.0, state.motion.odometer_km)
    stops_left = 0 if goal == depot else state.stops_left
    return _changed(state, activity="driving", goal=goal, motion=motion, stops_left=stops_left)


def _in(state: Vehicle, rng: Random, least_min: float, most_min: float) -> int:
    return state.at_us + int(rng.uniform(least_min, most_min) * 60e6)


def _end_of(route: Route) -> tuple[int, float]:
    return len(route) - 1, route[-1].length_m


def _changed(state: Vehicle, **changes: Any) -> Vehicle:
    values = {name: getattr(state, name) for name in state.__struct_fields__}
    return Vehicle(**{**values, **changes})


def sample(state: Vehicle) -> dict[str, Any]:
    """What the terminal reports of this state, in the contract's wire form.

    Numbers are cut to the resolution a terminal has, by integers: `round` costs three times more.
    """
    motion, battery, activity, pack = state.motion, state.battery, state.activity, state.model.pack
    leg = motion.route[motion.leg]
    pack_v = terminal_v(pack, battery)
    cell_v = pack_v / pack.series_cells
    half_spread_v = cell_spread_v(battery) / 2.0
    # In the step that ends an activity, speed and current are still those of before.
    driving = activity == "driving" or motion.speed_kmh > 0.0
    awake = driving or activity in ("unloading", "loading")
    if activity == "charging" and not driving and battery.current_a < 0.0:
        charge_state = "parked_charging"
    elif activity == "parked" and battery.soc >= FULL_SOC - 0.01:
        charge_state = "full"
    else:
        charge_state = "not_charging"
    temp_c = battery.temp_c
    return {
        "ts": state.at_us // 1_000,
        "seq": state.seq,
        "lat": int((leg.lat + leg.lat_per_m * motion.along_m) * 1e6 + 0.5) / 1e6,
        "lon": int((leg.lon + leg.lon_per_m * motion.along_m) * 1e6 + 0.5) / 1e6,
        "heading_deg": leg.heading_deg,
        "altitude_m": int((leg.lat + leg.lon) * 1e4) % 40 + 8,
        "speed_kmh": int(motion.speed_kmh * 10.0 + 0.5) / 10.0,
        "odometer_km": int(motion.odometer_km * 100.0 + 0.5) / 100.0,
        "vehicle_state": "on" if awake else "off",
        "charge_state": charge_state,
        "gear": "D" if driving else "P",
        "soc_pct": int(battery.soc * 10_000.0 + 0.5) / 100.0,
        "pack_voltage_v": int(pack_v * 10.0 + 0.5) / 10.0,
        "pack_current_a": (int(battery.current_a * 10.0 + 10_000.5) - 10_000) / 10.0,
        "insulation_kohm": 4_000 + int(battery.imbalance_v * 1e5) + state.seq % 50,
        "cell_voltage_max_v": int((cell_v + half_spread_v) * 1_000.0 + 0.5) / 1_000.0,
        "cell_voltage_min_v": int((cell_v - half_spread_v) * 1_000.0 + 0.5) / 1_000.0,
        "temp_max_c": int(temp_c + 42.0) - 40,
        "temp_min_c": int(temp_c + 39.0) - 40,
        "alarm_level": 0,
        "alarm_bits": 0,
        "power_source": "main",
        "signal_dbm": int(state.signal_dbm),
    }
