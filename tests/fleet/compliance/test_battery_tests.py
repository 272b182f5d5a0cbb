"""What the readings of a battery safety test say."""

from decimal import Decimal
from typing import Any

import pytest

from fleet.compliance.battery import Exceeded, judge, last_test, next_test_on
from fleet.compliance.model import BatteryTest
from tests.fleet.compliance.figures_of_law import battery_rules, day, rules

LIMITS = rules().battery


def measured(**readings: str) -> BatteryTest:
    known: dict[str, Any] = {name: Decimal(celsius) for name, celsius in readings.items()}
    return BatteryTest(day("2026-05-01"), "normal", **known)


@pytest.mark.parametrize(
    ("reading", "celsius", "chemistry", "limit_c"),
    [
        ("charge_max_c", "65.1", "lfp", 65.0),
        ("discharge_max_c", "60.1", "nmc", 60.0),
        ("motor_max_c", "175.1", "lfp", 175.0),
        ("controller_max_c", "95.1", None, 95.0),
        ("converter_max_c", "95.1", "lto", 95.0),
    ],
)
def test_above_its_limit(reading: str, celsius: str, chemistry: str | None, limit_c: float) -> None:
    found = judge(measured(**{reading: celsius}), chemistry, LIMITS)
    assert found.result == "maintain"
    assert found.exceeded == (Exceeded(reading, Decimal(celsius), limit_c),)


def test_at_its_limit_is_within() -> None:
    hot = measured(charge_max_c="65.0", discharge_max_c="65", motor_max_c="175")
    assert judge(hot, "lfp", LIMITS).result == "normal"


@pytest.mark.parametrize("chemistry", ["lto", "other", None])
def test_a_chemistry_without_a_limit_is_not_judged(chemistry: str | None) -> None:
    found = judge(measured(charge_max_c="80", discharge_max_c="80"), chemistry, LIMITS)
    assert (found.result, found.unjudged) == ("normal", ("charge_max_c", "discharge_max_c"))


def test_what_was_not_measured_says_nothing() -> None:
    found = judge(measured(), "lfp", LIMITS)
    assert (found.result, found.exceeded, found.unjudged) == ("normal", (), ())


def test_the_last_test_by_a_day() -> None:
    tests = [BatteryTest(day(f"2026-0{month}-01"), "normal") for month in (5, 8, 2)]
    assert last_test(tests, on=day("2026-07-31")) == tests[0]
    assert last_test(tests, on=day("2026-01-31")) is None


def test_four_times_a_year() -> None:
    limits = battery_rules(required=False, every_months=3).battery
    test = BatteryTest(day("2026-08-31"), "normal")
    assert next_test_on(test, limits) == day("2026-11-30")
    assert next_test_on(test, LIMITS) is None
