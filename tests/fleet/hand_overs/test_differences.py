"""What was typed beside what was told: only what lies beyond its tolerance differs."""

from decimal import Decimal

import pytest

from fleet.hand_overs.differences import Readings, differences_of, distance_m
from fleet.lease_figures import HandOverTolerance

LIMITS = HandOverTolerance(odometer_km=5, soc_pct=3, distance_m=500, within_minutes=15)
SHENZHEN = (22.5431, 114.0579)


@pytest.mark.parametrize(
    ("typed", "told", "differs"),
    [
        (Readings(Decimal("105.0")), Readings(Decimal("100.0")), []),
        (Readings(Decimal("105.1")), Readings(Decimal("100.0")), [("odometer_km", "5.1")]),
        (Readings(Decimal("94.9")), Readings(Decimal("100.0")), [("odometer_km", "5.1")]),
        (Readings(soc_pct=Decimal(90)), Readings(soc_pct=Decimal(87)), []),
        (Readings(soc_pct=Decimal(90)), Readings(soc_pct=Decimal("86.9")), [("soc_pct", "3.1")]),
        (Readings(), Readings(Decimal(1), Decimal(2), *SHENZHEN), []),
        (Readings(Decimal(1), Decimal(2), *SHENZHEN), Readings(), []),
        (Readings(lat=22.5431, lon=114.0579), Readings(lat=22.5475, lon=114.0579), []),
        (
            Readings(lat=22.5431, lon=114.0579),
            Readings(lat=22.5531, lon=114.0579),
            [("position", "1112")],
        ),
    ],
    ids=[
        "at the tolerance",
        "above",
        "below",
        "charge within",
        "charge beyond",
        "nothing typed",
        "nothing told",
        "489 m away",
        "1.1 km away",
    ],
)
def test_what_differs(typed: Readings, told: Readings, differs: list[tuple[str, str]]) -> None:
    found = differences_of(typed, told, LIMITS)
    assert [(each.field, str(each.by)) for each in found] == differs


def test_a_difference_of_place_does_not_repeat_the_place() -> None:
    [found] = differences_of(Readings(lat=22.5, lon=114.0), Readings(lat=23.5, lon=114.0), LIMITS)
    assert (found.typed, found.told, found.by) == (None, None, Decimal(111195))


def test_without_telemetry_nothing_differs() -> None:
    assert differences_of(Readings(Decimal(1), Decimal(2), *SHENZHEN), None, LIMITS) == []


@pytest.mark.parametrize(
    ("here", "there", "metres"),
    [
        ((0.0, 0.0), (0.0, 1.0), 111_195),
        ((0.0, 179.5), (0.0, -179.5), 111_195),
        ((90.0, 0.0), (90.0, 90.0), 0),
        ((22.5431, 114.0579), (23.1291, 113.2644), 104_203),
    ],
    ids=["a degree", "across the date line", "at the pole", "Shenzhen to Guangzhou"],
)
def test_distances(here: tuple[float, float], there: tuple[float, float], metres: int) -> None:
    assert round(distance_m(*here, *there)) == metres
