"""Rules as organisations set them: other days, other scopes, off; and changed in mid-life."""

from typing import Any

import pytest

from tests.alerts.obligations.world import OTHER_VIN, VIN, World, at, day, days_told

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")


def reminders(*offsets: int, every: int = 0, critical: int | None = None) -> dict[str, Any]:
    return {
        "offsets_days": list(offsets), "every_days": every, "critical_from_days": critical
    }  # fmt: skip


def test_the_nearest_organisation_that_sets_it_counts(world: World) -> None:
    """Head reminds at 20 days, east at 10; yard stands below east, west below head."""
    for code in ("yard", "west", "ny"):
        world.bill(day("11-21"), code=code)
    world.bill(day("11-21"))
    world.rule("rent_due", "head", parameters=reminders(20))
    world.rule("rent_due", "east", parameters=reminders(10), severity="info")
    assert world.told(at("11-01")) == ["rent_due 2026-11-21#20"]
    assert world.told(at("11-11")) == ["rent_due 2026-11-21#10"] * 2
    assert world.told(at("11-14", 20)) == ["rent_due 2026-11-21#7"]
    assert [(code, severity) for code, _, severity, _ in world.alerts()] == [
        ("west", "warning"), ("east", "info"), ("yard", "info"), ("ny", "warning"),
    ]  # fmt: skip


def test_offsets_changed_in_mid_life_tell_the_new_days_and_no_day_twice(world: World) -> None:
    world.paper("inspection", day("11-30"))
    assert days_told(world, ["10-31", "11-16"]) == {
        "10-31": ["inspection_due 2026-11-30#30"],
        "11-16": ["inspection_due 2026-11-30#14"],
    }
    world.rule("inspection_due", parameters=reminders(40, 30, 14, 10, 2, every=5), version=2)
    days = ["11-17", "11-20", "11-23", "11-28", "11-30", "12-04", "12-05"]
    assert days_told(world, days) == {
        "11-20": ["inspection_due 2026-11-30#10"],
        "11-28": ["inspection_due 2026-11-30#2"],
        "12-05": ["inspection_due 2026-11-30#-5"],
    }
    assert len(world.alerts()) == 1
    world.rule("inspection_due", parameters=reminders(5, every=1), version=3)
    assert world.told(at("12-05", 12)) == []
    assert world.told(at("12-06")) == ["inspection_due 2026-11-30#-6"]


def test_fewer_offsets_do_not_silence_what_is_left(world: World) -> None:
    """By number the second of two would have been told already."""
    world.paper("inspection", day("11-30"))
    days_told(world, ["10-31", "11-16", "11-23"])
    world.rule("inspection_due", parameters=reminders(5, 2), version=2)
    assert days_told(world, ["11-24", "11-25", "11-28"]) == {
        "11-25": ["inspection_due 2026-11-30#5"],
        "11-28": ["inspection_due 2026-11-30#2"],
    }


@pytest.mark.parametrize(
    ("on", "told"),
    [
        pytest.param("11-19", {"11-20": "#10", "11-23": "#7"}, id="before that day: on it"),
        pytest.param("11-21", {"11-23": "#7"}, id="after that day: at the next reminder"),
    ],
)
def test_critical_from_an_earlier_day_on(world: World, on: str, told: dict[str, str]) -> None:
    world.paper("inspection", day("11-30"))
    world.sweep(at(on))
    world.rule("inspection_due", parameters=reminders(30, 14, 7, every=7, critical=10), version=2)
    assert days_told(world, [each for each in ("11-20", "11-21", "11-23") if each > on]) == {
        each: [f"inspection_due 2026-11-30{name}"] for each, name in told.items()
    }
    assert [severity for _, _, severity, _ in world.alerts()] == ["critical"]


def test_a_rule_switched_off_settles_what_it_raised(world: World) -> None:
    world.bill(day("11-21"))
    world.bill(day("11-21"), code="west")
    world.sweep(at("11-21"))
    world.rule("rent_due", "east", enabled=False)
    assert world.sweep(at("11-21", 12)).counts() == {"cleared": 1}
    assert world.because() == [("rule_off", None)]
    assert [(code, state) for code, _, _, state in world.alerts()] == [
        ("east", "resolved"), ("west", "open"),
    ]  # fmt: skip
    world.rule("rent_due", "east", enabled=True)
    assert world.told(at("11-21", 13)) == ["rent_due 2026-11-21#0@1"]


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        pytest.param({"vins": [VIN]}, [VIN], id="a VIN"),
        pytest.param({"models": ["EC35"]}, [VIN, OTHER_VIN], id="a model"),
        pytest.param({"models": ["other"]}, [], id="a model nobody has"),
        pytest.param({"models": ["EC35"], "vins": [OTHER_VIN]}, [OTHER_VIN], id="both must hold"),
        pytest.param({"groups": ["cold_chain"]}, [OTHER_VIN], id="a group"),
        pytest.param({"groups": ["gone"]}, [], id="a group that is not there"),
    ],
)
def test_a_scope_narrows_it(world: World, scope: dict[str, Any], told: list[str]) -> None:
    mine = world.of("head")
    group_id = world.insert(
        "vehicle_groups",
        **mine,
        code="cold_chain",
        name="冷链",
        created_by="lin",
        created_at=at("01-01"),
    )
    world.insert(
        "vehicle_group_members",
        **mine,
        group_id=group_id,
        vehicle_id=world.vehicles[OTHER_VIN],
        added_at=at("01-01"),
    )
    for vin in (VIN, OTHER_VIN):
        world.paper("inspection", day("11-30"), vin=vin)
    world.rule("inspection_due", scope=scope)
    world.sweep(at("11-30"))
    found = world.conn.execute("SELECT subject_key FROM alerts ORDER BY id").fetchall()
    assert sorted(vin for (vin,) in found) == sorted(told)


def test_a_scope_by_lease_follows_the_lease(world: World) -> None:
    world.insured(at("01-01"), at("2027-12-31"))
    lease_id = world.lease(None)
    found = world.conn.execute("SELECT lease_no FROM leases").fetchone()
    assert found is not None
    for vin in (VIN, OTHER_VIN):
        world.paper("inspection", day("11-30"), vin=vin)
    world.rule("inspection_due", scope={"lease_no": found[0]})
    world.sweep(at("11-21"))
    assert [code for code, *_ in world.alerts()] == ["east"]
    world.come_back(lease_id, at("11-22"))
    world.sweep(at("11-22", 12))
    assert world.because() == [("out_of_scope", None)]
