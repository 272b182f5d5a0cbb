"""Which reminders a rule would tell, day by day, nothing of it told."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from psycopg import Connection

from alerts.obligations.service import due_between
from alerts.rules.model import Rule
from kit import db
from tests.alerts.obligations.world import OTHER_VIN, VIN, World, at, day

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")


def rule_of(world: World, kind: str, code: str = "head") -> Rule:
    return world.book().of(world.organisations[code])[kind]


@pytest.fixture
def app(own_world: World, app_url: str) -> Iterator[Connection[Any]]:
    """The application's connection."""
    with closing(db.connect(app_url, application_name="test app")) as conn:
        yield conn


def test_the_days_of_the_weeks_to_come(world: World) -> None:
    world.paper("inspection", day("11-30"))
    world.paper("inspection", day("12-20"), vin=OTHER_VIN)
    found = due_between(
        world.conn,
        rule_of(world, "inspection_due"),
        from_on=day("11-21"),
        until_on=day("12-07"),
        now=at("11-21"),
    )
    assert [(f"{r.on:%m-%d}", r.subject_key, r.days_left, r.stage, r.severity) for r in found] == [
        ("11-23", VIN, 7, 3, "warning"),
        ("11-27", VIN, 3, 4, "warning"),
        ("11-29", VIN, 1, 5, "warning"),
        ("11-30", VIN, 0, 6, "warning"),
        ("12-01", VIN, -1, 6, "critical"),
        ("12-06", OTHER_VIN, 14, 2, "warning"),
        ("12-07", VIN, -7, 7, "critical"),
    ]
    assert world.fires() == []


def test_the_same_days_as_sweeps_would_tell(world: World) -> None:
    for due in ("11-10", "11-21", "12-01", "12-24"):
        world.bill(day(due))
    found = due_between(
        world.conn,
        rule_of(world, "rent_due"),
        from_on=day("11-21"),
        until_on=day("12-21"),
        now=at("11-21"),
    )
    expected = [f"rent_due {r.occurrence}#{r.days_left}" for r in found]
    world.sweep(at("11-20"))
    told = []
    for number in range(31):
        on = day("11-21").toordinal() + number
        told += sorted(world.told(at(day("11-21").fromordinal(on).isoformat())))
    assert sorted(told) == sorted(expected)


def test_days_that_are_past_and_what_has_no_day(world: World) -> None:
    world.bill(day("11-14"))
    world.stage("in_stock", at("11-20"))
    world.heard(at("11-21", 8), soc_pct=19)
    week: dict[str, Any] = {"from_on": day("11-14"), "until_on": day("11-21"), "now": at("11-21")}
    rents = due_between(world.conn, rule_of(world, "rent_due"), **week)
    assert [(f"{r.on:%m-%d}", r.days_left) for r in rents] == [
        ("11-14", 0), ("11-15", -1), ("11-17", -3), ("11-21", -7),
    ]  # fmt: skip
    care = due_between(world.conn, rule_of(world, "idle_care"), **week)
    assert [(f"{r.on:%m-%d}", r.occurrence, r.severity) for r in care] == [
        ("11-21", "2026-11-20/charge", "critical")
    ]


def test_an_organisation_asks_for_itself_and_below_and_sees_no_other(
    own_world: World, app: Connection[Any]
) -> None:
    world = own_world
    for code in ("east", "yard", "west", "ny"):
        world.bill(day("11-21"), code=code)
    rule = rule_of(world, "rent_due", "east")
    of_head = rule_of(world, "rent_due", "head")
    world.conn.commit()
    asked: dict[str, Any] = {"from_on": day("11-21"), "until_on": day("11-21"), "now": at("11-21")}
    with app.transaction():
        db.act_for(app, [world.organisations["east"]])
        found = due_between(app, rule, **asked)
        assert {r.organisation_id for r in found} == {
            world.organisations["east"], world.organisations["yard"],
        }  # fmt: skip
        assert due_between(app, of_head, **asked) == []


@pytest.mark.parametrize("kind", ["inspection_due", "maintenance_due", "idle_care", "lease_ending"])
def test_the_application_may_ask_for_every_kind(
    own_world: World, app: Connection[Any], kind: str
) -> None:
    world = own_world
    world.paper("inspection", day("11-30"))
    world.paper("maintenance", day("11-30"), reference="oil")
    world.stage("in_stock", at("11-01"))
    world.lease(day("11-30"), out=())
    rule = rule_of(world, kind, "east")
    world.conn.commit()
    with app.transaction():
        db.act_for(app, [world.organisations["east"]])
        found = due_between(app, rule, from_on=day("11-30"), until_on=day("12-01"), now=at("11-21"))
    days = {"idle_care": ["12-01"], "inspection_due": ["11-30", "12-01"]}
    assert [f"{r.on:%m-%d}" for r in found] == days.get(kind, ["11-30"])


def test_a_group_narrows_it(world: World) -> None:
    for vin in (VIN, OTHER_VIN):
        world.paper("inspection", day("11-30"), vin=vin)
    world.rule("inspection_due", scope={"groups": ["cold_chain"]})
    found = due_between(
        world.conn,
        rule_of(world, "inspection_due"),
        from_on=day("11-30"),
        until_on=day("11-30"),
        members=frozenset({world.vehicles[OTHER_VIN]}),
        now=at("11-21"),
    )
    assert [r.subject_key for r in found] == [OTHER_VIN]
