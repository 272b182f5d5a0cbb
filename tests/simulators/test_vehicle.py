"""A clean vehicle tells a consistent story within the contract."""

from itertools import pairwise
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import telemetry
from simulators.driving import drive, traffic_share
from simulators.vehicle import LOW_SOC, Vehicle, ambient_c, local_hour, new_vehicle, sample, step

MIDNIGHT_US = 1_764_000_000_000_000  # 2025-11-25 00:00 in China
NOON_US = MIDNIGHT_US + 12 * 3_600_000_000

seeds = st.integers(0, 10_000)
intervals_s = st.sampled_from([0.01, 0.5, 1.0, 10.0, 30.0, 120.0])


def course_of(
    seed: int, *, dt_s: float, count: int, at_us: int = NOON_US, round_the_clock: bool = True
) -> list[Vehicle]:
    rng = Random(seed)
    states = [new_vehicle(rng, at_us, round_the_clock=round_the_clock)]
    for _ in range(count):
        states.append(step(states[-1], dt_s, rng))
    return states


@settings(max_examples=30, deadline=None)
@given(seed=seeds, dt_s=intervals_s)
def test_reported_soc_agrees_with_reported_current_over_the_hidden_capacity(
    seed: int, dt_s: float
) -> None:
    states = course_of(seed, dt_s=dt_s, count=200)
    reports = [sample(state) for state in states]
    moved_ah = sum(report["pack_current_a"] * dt_s / 3_600 for report in reports[1:])
    expected_drop_pct = moved_ah / states[0].battery.capacity_ah * 100
    # Currents are reported to 0.1 A and SOC to 0.01 %.
    rounding_pct = 0.05 * 200 * dt_s / 3_600 / states[0].battery.capacity_ah * 100 + 0.011
    drop_pct = reports[0]["soc_pct"] - reports[-1]["soc_pct"]
    assert drop_pct == pytest.approx(expected_drop_pct, abs=rounding_pct)


@settings(max_examples=30, deadline=None)
@given(seed=seeds, dt_s=intervals_s)
def test_reported_odometer_is_the_integral_of_the_reported_speed(seed: int, dt_s: float) -> None:
    reports = [sample(state) for state in course_of(seed, dt_s=dt_s, count=200)]
    driven_km = sum(report["speed_kmh"] * dt_s / 3_600 for report in reports[1:])
    rounding_km = 0.05 * 200 * dt_s / 3_600 + 0.011
    assert reports[-1]["odometer_km"] - reports[0]["odometer_km"] == pytest.approx(
        driven_km, abs=rounding_km
    )


@settings(max_examples=40, deadline=None)
@given(seed=seeds, dt_s=intervals_s, hour=st.integers(0, 23), round_the_clock=st.booleans())
def test_every_clean_sample_is_within_the_contract(
    seed: int, dt_s: float, hour: int, round_the_clock: bool
) -> None:
    states = course_of(
        seed,
        dt_s=dt_s,
        count=100,
        at_us=MIDNIGHT_US + hour * 3_600_000_000,
        round_the_clock=round_the_clock,
    )
    for state in states:
        report = sample(state)
        read = msgspec.json.decode(msgspec.json.encode(report), type=telemetry.Sample)
        assert read.ts == state.at_us // 1_000
        assert all(report[name] is not None for name in telemetry.MEASURED if name in report)


def test_a_sample_knows_every_measured_field_but_the_fix() -> None:
    report = sample(course_of(1, dt_s=10, count=1)[-1])
    assert set(telemetry.MEASURED) - set(report) == {"fix"}


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_pack_voltage_lies_between_its_extreme_cells(seed: int) -> None:
    for state in course_of(seed, dt_s=10, count=200):
        report, cells = sample(state), state.model.pack.series_cells
        assert report["cell_voltage_min_v"] * cells - 0.2 <= report["pack_voltage_v"]
        assert report["pack_voltage_v"] <= report["cell_voltage_max_v"] * cells + 0.2
        assert report["temp_min_c"] < report["temp_max_c"]


def test_states_of_a_report_go_together() -> None:
    for seed in range(8):
        reports = [
            sample(s)
            for s in course_of(seed, dt_s=30, count=3_000, at_us=MIDNIGHT_US, round_the_clock=False)
        ]
        for report in reports:
            if report["charge_state"] == "parked_charging":
                assert report["pack_current_a"] <= 0
            if report["vehicle_state"] == "off":
                assert (report["speed_kmh"], report["gear"]) == (0.0, "P")
            if report["speed_kmh"] > 0:
                assert (report["vehicle_state"], report["gear"]) == ("on", "D")


def test_a_working_day_has_everything_in_it() -> None:
    activities: set[str] = set()
    charge_states: set[str] = set()
    for seed in range(6):
        states = course_of(seed, dt_s=30, count=2_880, at_us=MIDNIGHT_US, round_the_clock=False)
        activities |= {state.activity for state in states}
        charge_states |= {sample(state)["charge_state"] for state in states}
    assert activities == {"driving", "unloading", "loading", "charging", "parked"}
    assert charge_states == {"parked_charging", "not_charging", "full"}


def test_a_van_drives_as_far_as_a_delivery_van_does() -> None:
    daily_km = []
    for seed in range(10):
        states = course_of(seed, dt_s=20, count=4_320, at_us=MIDNIGHT_US, round_the_clock=False)
        daily_km.append(states[-1].motion.odometer_km - states[0].motion.odometer_km)
    assert 60 < sum(daily_km) / len(daily_km) < 260
    assert min(daily_km) > 20


def test_a_van_with_a_low_battery_charges_and_then_goes_on() -> None:
    rng = Random(3)
    state = new_vehicle(rng, NOON_US, round_the_clock=True)
    low = msgspec.structs.replace(state.battery, soc=LOW_SOC - 0.001)
    state = step(msgspec.structs.replace(state, battery=low), 10, rng)
    goal = state.goal
    place = (sample(state)["lat"], sample(state)["lon"])
    activities = [str(state.activity)]
    while state.activity != "driving":
        state = step(state, 10, rng)
        assert (sample(state)["lat"], sample(state)["lon"]) == place
        activities.append(state.activity)
    assert set(activities[:-1]) == {"charging"}
    assert state.goal == goal
    assert 0.85 <= state.battery.soc < 0.86


def test_load_goes_down_stop_by_stop() -> None:
    seen: list[Any] = []
    for before, after in pairwise(course_of(4, dt_s=20, count=3_000)):
        if before.activity == "unloading" and after.activity == "driving":
            seen.append((before.stops_left, before.load_kg, after.load_kg))
    assert len(seen) > 5
    for stops_left, before_kg, after_kg in seen:
        assert after_kg == pytest.approx(before_kg * (stops_left - 1) / stops_left)


def test_step_is_pure() -> None:
    state = new_vehicle(Random(9), NOON_US, round_the_clock=True)
    before = msgspec.structs.astuple(state)
    first, second = step(state, 10.0, Random(1)), step(state, 10.0, Random(1))
    assert first == second
    assert msgspec.structs.astuple(state) == before
    with pytest.raises(AttributeError):
        state.seq = 5  # type: ignore[misc]


def test_time_and_sequence_move_with_every_step() -> None:
    states = course_of(2, dt_s=0.25, count=3)
    assert [s.at_us - NOON_US for s in states] == [0, 250_000, 500_000, 750_000]
    assert [s.seq for s in states] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("at_us", "hour"), [(MIDNIGHT_US, 0.0), (NOON_US, 12.0), (MIDNIGHT_US + 5_400_000_000, 1.5)]
)
def test_hours_are_those_of_china(at_us: int, hour: float) -> None:
    assert local_hour(at_us) == hour


@pytest.mark.parametrize(
    ("hour", "expected_c"),
    [(15, 28.0), (3, 19.0), (9, 23.5), (21, 23.5), (0, 21.25), (23.99, 21.26)],
)
def test_air_is_warmest_at_three_in_the_afternoon(hour: float, expected_c: float) -> None:
    assert ambient_c(hour) == pytest.approx(expected_c, abs=0.01)


def test_traffic_is_worst_in_the_rush_hours() -> None:
    assert [traffic_share(hour) for hour in (4, 8, 12, 17.5, 23)] == [0.95, 0.45, 0.75, 0.45, 0.9]


def test_a_vehicle_never_drives_past_its_goal() -> None:
    rng = Random(11)
    motion = new_vehicle(rng, NOON_US, round_the_clock=True).motion
    length_m = sum(leg.length_m for leg in motion.route)
    begin_km = motion.odometer_km
    while not motion.arrived:
        motion = drive(motion, 12.0, 45.0, rng)
    assert motion.along_m == motion.route[-1].length_m
    assert (motion.odometer_km - begin_km) * 1_000 == pytest.approx(length_m, abs=0.01)
