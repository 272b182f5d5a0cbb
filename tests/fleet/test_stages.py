"""The stages of a vehicle's life: which may follow which, who moved it on, when and why."""

import itertools
from typing import Any, Final

import pytest
from psycopg import Connection

from fleet import periods
from fleet.orgs.service import get_organisation
from fleet.registry import errors
from fleet.registry.service import (
    Stage,
    add_vehicle,
    assign_operator,
    change_stage,
    find_stage,
    get_vehicle,
    list_stages,
)
from fleet.registry.stages import STAGES, StageName, may_follow
from kit.db import act_for
from schemas.access import SYSTEM, Actor

from .conftest import NOW, VIN_A, at, person, refused

VIN_C: Final = "LE4TG4DB1JL199517"
STEPS: Final = {
    ("ordered", "in_stock"),
    ("ordered", "disposed"),
    ("in_stock", "let"),
    ("in_stock", "in_service"),
    ("in_stock", "for_sale"),
    ("let", "in_stock"),
    ("let", "in_service"),
    ("in_service", "in_stock"),
    ("in_service", "let"),
    ("in_service", "for_sale"),
    ("in_service", "disposed"),
    ("for_sale", "in_stock"),
    ("for_sale", "in_service"),
    ("for_sale", "disposed"),
}


@pytest.mark.parametrize(("stage", "following"), list(itertools.product(STAGES, STAGES)))
def test_a_vehicle_goes_on_by_the_table(stage: StageName, following: StageName) -> None:
    assert may_follow(stage, following) is ((stage, following) in STEPS)


def move(
    conn: Connection[Any], stage: StageName, hour: int, *, actor: Actor = SYSTEM, **given: Any
) -> Stage:
    vehicle = get_vehicle(conn, actor, vin=VIN_A)
    return change_stage(
        conn, actor, vehicle=vehicle, stage=stage, at=at(hour), **({"now": NOW} | given)
    )


@pytest.fixture
def stocked(fleet: Connection[Any]) -> Connection[Any]:
    """The fleet, with A in stock since 6 o'clock."""
    fleet.execute("UPDATE vehicle_stages SET staged_period = tstzrange(%s, NULL)", [at(6)])
    return fleet


def test_a_new_vehicle_is_in_stock_unless_it_is_ordered(fleet: Connection[Any]) -> None:
    added = add_vehicle(
        fleet, SYSTEM, vin=VIN_C, plate=None, owner_code="head", stage="ordered", now=NOW
    )
    found = find_stage(fleet, vehicle=added)
    assert found == Stage("ordered", NOW, None, None, None)
    first = find_stage(fleet, vehicle=get_vehicle(fleet, SYSTEM, vin=VIN_A))
    assert first is not None
    assert first.stage == "in_stock"


def test_no_life_begins_in_the_middle(fleet: Connection[Any]) -> None:
    with refused(fleet, errors.StageNotFirst):
        add_vehicle(fleet, SYSTEM, vin=VIN_C, plate=None, owner_code="head", stage="let", now=NOW)


def test_stages_adjoin(stocked: Connection[Any]) -> None:
    move(stocked, "let", 8)
    move(stocked, "in_service", 10, reason="刹车异响")
    told = [(s.stage, s.from_at, s.until_at, s.reason) for s in stages(stocked)]
    assert told == [
        ("in_stock", at(6), at(8), None),
        ("let", at(8), at(10), None),
        ("in_service", at(10), None, "刹车异响"),
    ]


def stages(conn: Connection[Any], actor: Actor = SYSTEM) -> list[Stage]:
    return list_stages(conn, actor, vin=VIN_A)


def test_what_the_table_forbids_is_refused(stocked: Connection[Any]) -> None:
    with pytest.raises(errors.StageNotReachable) as raised, stocked.transaction():
        move(stocked, "disposed", 8, reason="x")
    assert raised.value.facts == {"from_stage": "in_stock", "to_stage": "disposed"}
    with refused(stocked, errors.StageUnchanged):
        move(stocked, "in_stock", 8)
    assert [s.stage for s in stages(stocked)] == ["in_stock"]


def test_whoever_disposes_of_a_vehicle_says_why(stocked: Connection[Any]) -> None:
    move(stocked, "for_sale", 8)
    for reason in (None, "", "  "):
        with refused(stocked, errors.StageReasonMissing):
            move(stocked, "disposed", 9, reason=reason)
    move(stocked, "disposed", 9, reason="售出")
    with refused(stocked, errors.StageNotReachable):
        move(stocked, "in_stock", 10)


def test_a_change_does_not_rewrite_the_past(stocked: Connection[Any]) -> None:
    for hour in (5, 6):
        with refused(stocked, periods.PeriodEndsBeforeStart):
            move(stocked, "let", hour)
    with refused(stocked, periods.InstantInFuture):
        move(stocked, "let", 8, now=at(7))


def test_who_and_why_is_told_to_whom_it_concerns(stocked: Connection[Any]) -> None:
    """To the next operator the stages go along, but not the former one's people and reasons."""
    conn = stocked
    assign_operator(conn, SYSTEM, vin=VIN_A, organisation_code="east", at=at(7), now=NOW)
    east = get_organisation(conn, SYSTEM, code="east")
    west = get_organisation(conn, SYSTEM, code="west")
    conn.execute(
        "INSERT INTO users (tenant_id, organisation_id, login, name, roles, created_at)"
        " VALUES (%s, %s, 'lin', '林', '{ops}', %s)",
        [east.tenant_id, east.id, NOW],
    )
    move(conn, "in_service", 8, actor=person(east), reason="客户投诉")
    assign_operator(conn, SYSTEM, vin=VIN_A, organisation_code="west", at=at(9), now=NOW)
    assert [(s.stage, s.reason, s.changed_by) for s in stages(conn)][1] == (
        "in_service",
        "客户投诉",
        "lin",
    )
    conn.execute("SET LOCAL ROLE guanche_app")
    act_for(conn, [west.id])
    seen = [(s.stage, s.reason, s.changed_by) for s in stages(conn, person(west))]
    assert seen == [("in_stock", None, None), ("in_service", None, None)]
    act_for(conn, [east.id])
    seen = [(s.stage, s.reason, s.changed_by) for s in stages(conn, person(east))]
    assert seen == [("in_service", "客户投诉", "lin")]
    with refused(conn, errors.VehicleNotYours):
        move(conn, "in_stock", 10, actor=person(east))


def test_an_owner_moves_on_what_somebody_out_of_sight_operates(stocked: Connection[Any]) -> None:
    conn = stocked
    east = get_organisation(conn, SYSTEM, code="east")
    add_vehicle(conn, SYSTEM, vin=VIN_C, plate=None, owner_code="east", now=at(6))
    assign_operator(conn, SYSTEM, vin=VIN_C, organisation_code="west", at=at(7), now=NOW)
    conn.execute("SET LOCAL ROLE guanche_app")
    act_for(conn, [east.id])
    vehicle = get_vehicle(conn, person(east), vin=VIN_C)
    assert vehicle.holder_id == east.id
    change_stage(conn, person(east), vehicle=vehicle, stage="let", at=at(8), now=NOW)
    assert [s.stage for s in list_stages(conn, person(east), vin=VIN_C)] == ["in_stock", "let"]
