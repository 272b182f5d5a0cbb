"""How an idle vehicle stands and what is to be done, without a database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest

from fleet.figures import IdleCare
from fleet.maintenance.idle_care import SOC_KNOWN_FOR, condition_of, next_check_on, standing_of
from fleet.maintenance.model import IdleVehicle

NOW: Final = datetime(2026, 11, 22, 2, tzinfo=UTC)
TODAY: Final = date(2026, 11, 22)
FIGURES: Final = IdleCare(
    target_from_pct=40,
    target_to_pct=60,
    warn_below_pct=40,
    critical_below_pct=20,
    check_every_days=30,
    also=("12 V 蓄电池", "轮胎"),
)


def idle(**given: Any) -> IdleVehicle:
    """A vehicle that has waited since the 1st, told its charge an hour ago."""
    facts: dict[str, Any] = {
        "vin": "V",
        "plate": None,
        "model": None,
        "organisation_code": "east",
        "stage": "in_stock",
        "idle_since": NOW - timedelta(days=21),
        "idle_since_on": date(2026, 11, 1),
        "soc_pct": 50.0,
        "soc_at": NOW - timedelta(hours=1),
        "last_checked_on": None,
    }
    return IdleVehicle(**(facts | given))


@pytest.mark.parametrize(
    ("soc_pct", "condition"),
    [
        pytest.param(38, "warn", id="worked case 14: 38 is a warning"),
        pytest.param(19, "critical", id="worked case 14: 19 is critical"),
        pytest.param(20, "warn", id="20 is not below 20"),
        pytest.param(19.9, "critical", id="19.9 is"),
        pytest.param(40, "ok", id="40 is not below 40"),
        pytest.param(39.9, "warn", id="39.9 is"),
        pytest.param(0, "critical", id="empty"),
        pytest.param(100, "ok", id="full"),
        pytest.param(None, "unknown", id="nobody knows"),
    ],
)
def test_the_charge_decides(soc_pct: float | None, condition: str) -> None:
    assert condition_of(soc_pct, NOW, FIGURES, now=NOW) == condition


@pytest.mark.parametrize(
    ("age", "condition"),
    [
        (timedelta(0), "critical"),
        (SOC_KNOWN_FOR, "critical"),
        (SOC_KNOWN_FOR + timedelta(seconds=1), "unknown"),
    ],
)
def test_what_was_told_long_ago_is_not_known(age: timedelta, condition: str) -> None:
    assert condition_of(10, NOW - age, FIGURES, now=NOW) == condition


@pytest.mark.parametrize(
    ("checked_on", "next_on"),
    [
        pytest.param(None, date(2026, 12, 1), id="never: from when it became idle"),
        pytest.param(date(2026, 11, 10), date(2026, 12, 10), id="from the last check"),
        pytest.param(date(2026, 9, 1), date(2026, 12, 1), id="one before it became idle is none"),
    ],
)
def test_somebody_looks_at_it_every_thirty_days(checked_on: date | None, next_on: date) -> None:
    assert next_check_on(date(2026, 11, 1), checked_on, FIGURES) == next_on


@pytest.mark.parametrize(
    ("given", "todo"),
    [
        pytest.param({}, ("ok", None, "ahead", ()), id="all is well"),
        pytest.param({"soc_pct": 19.0}, ("critical", 60, "ahead", ()), id="to be charged to 60"),
        pytest.param(
            {"idle_since_on": date(2026, 10, 23)},
            ("ok", None, "due", FIGURES.also),
            id="to be looked at today",
        ),
        pytest.param(
            {"idle_since_on": date(2026, 10, 22), "soc_pct": 38.0},
            ("warn", 60, "overdue", FIGURES.also),
            id="to be charged, and looked at since yesterday",
        ),
        pytest.param(
            {"soc_pct": None},
            ("unknown", None, "ahead", FIGURES.also),
            id="nobody knows: somebody has to go there",
        ),
        pytest.param(
            {"care": {"warn_below_pct": 55, "target_to_pct": 70}},
            ("warn", 70, "ahead", ()),
            id="its model asks for more",
        ),
        pytest.param(
            {"care": {"check_every_days": 10, "also": ["驻车制动"]}},
            ("ok", None, "overdue", ("驻车制动",)),
            id="its model is looked at more often",
        ),
    ],
)
def test_what_is_to_be_done(given: dict[str, Any], todo: tuple[Any, ...]) -> None:
    told = standing_of(idle(**given), FIGURES, now=NOW, today=TODAY)
    assert (told.condition, told.charge_to_pct, told.check_status, told.look_at) == todo


def test_days_idle_are_counted_in_days_of_the_zone() -> None:
    assert standing_of(idle(), FIGURES, now=NOW, today=TODAY).idle_days == 21
