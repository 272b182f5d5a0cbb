"""What a pack delivers and takes agrees with itself, at any power and any step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.battery import (
    CV_KNEE_SOC,
    FADE_PER_AH,
    FULL_SOC,
    Battery,
    PackSpec,
    cell_spread_v,
    charge,
    deliver,
    open_circuit_v,
    terminal_v,
)

SPEC = PackSpec(106, 123.0, 0.095, 300.0, 130.0)


def battery(soc: float, *, capacity_ah: float = 123.0) -> Battery:
    return Battery(soc, capacity_ah, 0.0, 25.0, 0.010)


@given(
    soc=st.floats(0, 1),
    capacity_ah=st.floats(60, 130),
    steps=st.lists(
        st.tuples(st.floats(-60_000, 90_000), st.floats(0.001, 600)), min_size=1, max_size=30
    ),
)
def test_soc_is_the_integral_of_the_current(
    soc: float, capacity_ah: float, steps: list[tuple[float, float]]
) -> None:
    pack = battery(soc, capacity_ah=capacity_ah)
    taken_share = 0.0
    for power_w, dt_s in steps:
        capacity_before_ah = pack.capacity_ah
        pack = deliver(SPEC, pack, power_w, dt_s, 25.0)
        taken_share += pack.current_a * dt_s / 3_600 / capacity_before_ah
    assert pack.soc == pytest.approx(soc - taken_share, abs=1e-9)
    assert 0.0 <= pack.soc <= 1.0


@given(soc=st.floats(0, 1), power_w=st.floats(-60_000, 200_000), dt_s=st.floats(0.001, 60))
def test_current_keeps_the_limits_of_the_pack(soc: float, power_w: float, dt_s: float) -> None:
    pack = deliver(SPEC, battery(soc), power_w, dt_s, 25.0)
    assert -SPEC.max_charge_a <= pack.current_a <= SPEC.max_discharge_a


def test_power_is_voltage_times_current() -> None:
    pack = deliver(SPEC, battery(0.5), 20_000.0, 0.001, 25.0)
    assert terminal_v(SPEC, pack) * pack.current_a == pytest.approx(20_000.0, rel=1e-4)


def test_an_empty_pack_gives_nothing_more() -> None:
    pack = deliver(SPEC, battery(0.0), 20_000.0, 10.0, 25.0)
    assert (pack.soc, pack.current_a) == (0.0, 0.0)


def test_braking_gives_current_back() -> None:
    pack = deliver(SPEC, battery(0.5), -10_000.0, 1.0, 25.0)
    assert pack.current_a == pytest.approx(-17.1, abs=0.5)
    assert pack.soc > 0.5


def test_a_charge_has_constant_current_then_constant_voltage() -> None:
    pack, currents, voltages, at_knee = battery(0.3), [], [], None
    while pack.soc < FULL_SOC:
        pack = charge(SPEC, pack, 60.0, 30.0, 25.0)
        currents.append(-pack.current_a)
        voltages.append(terminal_v(SPEC, pack))
        if at_knee is None and pack.soc > CV_KNEE_SOC:
            at_knee = len(currents)
    assert at_knee is not None
    assert set(currents[:at_knee]) == {60.0}
    fading = currents[at_knee:]
    assert fading == sorted(fading, reverse=True)
    assert fading[-1] == pytest.approx(60.0 * 0.07, abs=0.5)
    after_knee = voltages[at_knee + 1 :]
    assert max(after_knee) - min(after_knee) < 0.02 * max(after_knee)
    hours = len(currents) * 30 / 3_600
    assert hours == pytest.approx(1.76, abs=0.2)


def test_a_full_cycle_ages_the_pack_a_little() -> None:
    pack = battery(1.0)
    moved_ah = 0.0
    while pack.soc > 0.01:
        pack = deliver(SPEC, pack, 10_000.0, 60.0, 25.0)
        moved_ah += pack.current_a / 60
    assert pack.capacity_ah == pytest.approx(123.0 - FADE_PER_AH * moved_ah, abs=1e-9)
    assert 0.0 < 123.0 - pack.capacity_ah < 0.01


def test_open_circuit_voltage_rises_with_the_charge() -> None:
    curve = [open_circuit_v(percent / 100) for percent in range(101)]
    assert curve == sorted(curve)
    assert (curve[0], curve[100]) == (2.8, 3.43)
    assert curve[50] == pytest.approx(3.295)


@pytest.mark.parametrize(
    ("soc", "current_a", "expected_v"),
    [
        pytest.param(0.5, 0.0, 0.010, id="at rest, the imbalance"),
        pytest.param(0.5, 200.0, 0.020, id="twice that at 200 A"),
        pytest.param(0.05, 0.0, 0.030, id="wider when nearly empty"),
    ],
)
def test_cells_spread(soc: float, current_a: float, expected_v: float) -> None:
    pack = Battery(soc, 123.0, current_a, 25.0, 0.010)
    assert cell_spread_v(pack) == pytest.approx(expected_v)


def test_current_warms_the_pack_and_rest_cools_it() -> None:
    warm = battery(0.9)
    for _ in range(60):
        warm = deliver(SPEC, warm, 50_000.0, 10.0, 25.0)
    cool = warm
    for _ in range(500):
        cool = deliver(SPEC, cool, 0.0, 60.0, 25.0)
    assert warm.temp_c > 27.0
    assert cool.temp_c == pytest.approx(25.0, abs=0.1)
