"""Maintenance by day, kilometres and hours; idle vehicles."""

import pytest
from psycopg.types.json import Jsonb

from tests.alerts.obligations.world import VIN, World, at, day, days_told

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")


def test_maintenance_by_date(world: World) -> None:
    world.paper("maintenance", day("11-20"), reference="b-service", facts={"title": "二级维护"})
    days = ["11-05", "11-06", "11-13", "11-20", "11-26", "11-27", "12-04", "12-20"]
    assert days_told(world, days) == {
        "11-06": ["maintenance_due 2026-11-20/b-service#14"],
        "11-13": ["maintenance_due 2026-11-20/b-service#7"],
        "11-20": ["maintenance_due 2026-11-20/b-service#0"],
        "11-27": ["maintenance_due 2026-11-20/b-service#-7"],
        "12-04": ["maintenance_due 2026-11-20/b-service#-14"],
        "12-20": ["maintenance_due 2026-11-20/b-service#-30"],
    }
    assert world.alerts() == [("east", "2026-11-20/b-service", "critical", "open")]
    assert world.facts()["title"] == "二级维护"


def test_maintenance_by_the_odometer_and_done(world: World) -> None:
    world.paper("maintenance", None, reference="oil", due_odometer_km=20_000)
    told = {}
    for on, km in (("11-01", 18_999), ("11-02", 19_000), ("11-03", 19_400), ("11-04", 19_600)):
        world.heard(at(on, 8), odometer_km=km)
        told[on] = world.told(at(on))
    world.heard(at("11-05", 8), odometer_km=20_000)
    told["11-05"] = world.told(at("11-05"))
    assert told == {
        "11-01": [],
        "11-02": ["maintenance_due 20000.0km/oil#1000km"],
        "11-03": [],
        "11-04": ["maintenance_due 20000.0km/oil#500km"],
        "11-05": ["maintenance_due 20000.0km/oil#0km"],
    }
    facts = world.facts()
    assert (facts["odometer_km"], facts["due_odometer_km"], facts["km_left"]) == (20_000, 20_000, 0)
    world.paper("maintenance", None, reference="oil", due_odometer_km=40_000)
    assert world.sweep(at("11-06")).counts() == {"cleared": 1}
    assert world.because() == [("settled", None)]


def test_whichever_comes_first_in_one_alert(world: World) -> None:
    world.paper("maintenance", day("11-20"), reference="oil", due_odometer_km=20_000)
    world.read(at("11-05"), 19_600)
    assert days_told(world, ["11-05", "11-06"]) == {
        "11-05": ["maintenance_due 2026-11-20/oil#500km"],
        "11-06": ["maintenance_due 2026-11-20/oil#14"],
    }
    assert len(world.alerts()) == 1


@pytest.mark.parametrize(
    ("heard", "read", "km"),
    [
        pytest.param("11-05", "11-04", 19_700, id="the terminal spoke last"),
        pytest.param("11-04", "11-05", 19_300, id="somebody read it later"),
        pytest.param(None, "11-05", 19_300, id="the vehicle is silent"),
        pytest.param("11-05", None, 19_700, id="nobody ever read it"),
    ],
)
def test_the_newest_odometer_counts(
    world: World, heard: str | None, read: str | None, km: int
) -> None:
    world.paper("maintenance", None, reference="oil", due_odometer_km=20_000)
    if heard is not None:
        world.heard(at(heard), odometer_km=19_700.0)
    if read is not None:
        world.read(at(read), 19_300)
    world.sweep(at("11-06"))
    assert world.facts()["odometer_km"] == km


def test_hours_that_are_over_are_told_and_unknown_use_is_not(world: World) -> None:
    world.paper("maintenance", None, reference="pump", due_running_hours=500)
    assert world.told(at("11-05")) == []
    world.read(at("11-05"), 1_000, hours=499.9)
    assert world.told(at("11-06")) == []
    world.read(at("11-06"), 1_001, hours=500)
    assert world.told(at("11-07")) == ["maintenance_due 500.0h/pump#0km"]
    assert world.facts()["running_hours"] == 500


# Idle vehicles


def test_an_idle_vehicle_is_charged_at_38_and_at_once_at_19(world: World) -> None:
    """SOC 38: warn; 19: critical (LEASING.md case 14)."""
    world.stage("in_stock", at("11-20"))
    told = {}
    for hour, soc_pct in enumerate([40, 38, 39.9, 38, 19, 18, 38, 44.9], 9):
        world.heard(at("11-21", hour), soc_pct=soc_pct)
        told[soc_pct, hour] = world.told(at("11-21", hour))
    assert {each: names for each, names in told.items() if names} == {
        (38, 10): ["idle_care 2026-11-20/charge#warn"],
        (19, 13): ["idle_care 2026-11-20/charge#critical"],
    }
    assert world.alerts() == [("east", "2026-11-20/charge", "critical", "open")]
    world.heard(at("11-21", 18), soc_pct=45)
    world.sweep(at("11-21", 18))
    assert world.alerts() == [("east", "2026-11-20/charge", "critical", "resolved")]
    world.heard(at("11-21", 19), soc_pct=39)
    assert world.told(at("11-21", 19)) == ["idle_care 2026-11-20/charge#warn@1"]


def test_a_vehicle_that_falls_silent_stays_as_it_was_told(world: World) -> None:
    """What it said a week ago raises nothing, and settles nothing."""
    world.stage("in_stock", at("11-01"))
    world.heard(at("11-05"), soc_pct=30)
    assert world.told(at("11-13")) == []
    world.heard(at("11-13"), soc_pct=30)
    assert world.told(at("11-13", 12)) == ["idle_care 2026-11-01/charge#warn"]
    assert days_told(world, ["11-15", "11-29"]) == {}
    assert [state for *_, state in world.alerts()] == ["open"]


def test_an_idle_vehicle_is_looked_at_every_thirty_days(world: World) -> None:
    world.stage("for_sale", at("10-01"))
    assert days_told(world, ["10-30", "10-31", "11-01", "11-30"]) == {
        "10-31": ["idle_care 2026-10-31/check#0"],
        "11-30": ["idle_care 2026-10-31/check#-30"],
    }
    world.insert(
        "maintenance_done",
        **world.of("east"),
        vehicle_id=world.vehicles[VIN],
        code="idle-care",
        done_on=day("12-01"),
        recorded_by="lin",
        recorded_at=at("12-01"),
    )
    assert days_told(world, ["12-01", "12-30", "12-31"]) == {
        "12-31": ["idle_care 2026-12-31/check#0"]
    }
    assert world.facts()["last_checked_on"] == "2026-12-01"


@pytest.mark.parametrize("stage", ["let", "in_service", "ordered", "disposed"])
def test_only_what_waits_is_idle(world: World, stage: str) -> None:
    world.stage(stage, at("01-01"))
    world.heard(at("11-21"), soc_pct=10)
    assert world.told(at("11-21")) == []


def test_let_again_it_is_settled(world: World) -> None:
    world.stage("in_stock", at("11-20"))
    world.heard(at("11-21"), soc_pct=30)
    world.sweep(at("11-21"))
    world.conn.execute("UPDATE vehicle_stages SET stage = 'let'")
    world.sweep(at("11-21", 12))
    assert [state for *_, state in world.alerts()] == ["resolved"]


def test_a_models_own_figures_come_before_the_rules(world: World) -> None:
    model_id = world.insert(
        "vehicle_models",
        tenant_id=world.organisations["head"],
        organisation_id=world.organisations["head"],
        code="ec35",
        name="EC35",
        maker="瑞驰",
        body_type="微型厢式货车",
        care=Jsonb({"warn_below_pct": 60, "critical_below_pct": 50, "check_every_days": 10}),
    )
    world.conn.execute(
        "UPDATE vehicles SET model_id = %s WHERE id = %s", [model_id, world.vehicles[VIN]]
    )
    world.stage("in_stock", at("11-01"))
    world.heard(at("11-11"), soc_pct=45)
    assert world.told(at("11-11")) == [
        "idle_care 2026-11-11/check#0",
        "idle_care 2026-11-01/charge#critical",
    ]
