"""The hour every vehicle lives agrees with itself."""

import json

import pytest

from bench.moments import HOUR_S, hour_km, make_hour

HOUR = make_hour(1)


def test_the_van_returns_to_its_depot() -> None:
    assert (HOUR[-1].north_deg, HOUR[-1].east_deg) == pytest.approx((0.0, 0.0), abs=1e-9)


def test_distance_is_the_sum_of_speed() -> None:
    assert sum(m.speed_kmh for m in HOUR) / 3600 == pytest.approx(hour_km(1))
    assert 8 < hour_km(1) < 30


def test_charging_gives_back_what_driving_took() -> None:
    assert HOUR[-1].soc_pct == pytest.approx(HOUR[0].soc_pct, abs=0.1)
    assert min(m.soc_pct for m in HOUR) < HOUR[0].soc_pct - 3


def test_charge_agrees_with_current() -> None:
    """ΔSOC over the charge = −∫ U·I dt / 42 kWh; rounding allows 0.2 points."""
    tails = [json.loads(b"{" + m.json_tail) for m in HOUR[2_700:]]
    kwh = -sum(t["pack_voltage_v"] * t["pack_current_a"] for t in tails) / 3.6e6
    assert HOUR[-1].soc_pct - HOUR[2_699].soc_pct == pytest.approx(kwh / 42 * 100, abs=0.2)


def test_there_are_drives_pauses_and_charges() -> None:
    states = {json.loads(b"{" + m.json_tail)["charge_state"] for m in HOUR}
    assert len(HOUR) == HOUR_S
    assert states == {"not_charging", "parked_charging"}
    assert max(m.speed_kmh for m in HOUR) > 40
