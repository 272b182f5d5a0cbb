"""Papers go with the vehicle, what they cost does not; numbers are taken within a tenant only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest
from psycopg import Connection, errors

from fleet.compliance import service as compliance
from fleet.compliance.errors import PermitExists, PolicyExists, PolicyNotFound
from fleet.compliance.records import PolicyTerms
from fleet.costs import service as costs
from fleet.registry import service as registry
from fleet.registry.errors import VehicleNotYours
from kit.db import act_for
from schemas.access import PERMISSIONS, SYSTEM, Actor
from tests.api.world import VINS, World, build_world

Conn = Connection[Any]
NOW: Final = datetime.now(UTC)
VIN: Final = VINS["alpha-depot"]
TERMS: Final = PolicyTerms("平安", date(2026, 7, 1), date(2199, 6, 30))
PASSED: Final = compliance.Inspection(
    "line", date(2026, 5, 12), passed=True, valid_to_on=date(2027, 5, 31), place="南山"
)
PERMIT: Final = compliance.Permit("粤运1", "青帆", date(2026, 1, 5))


@pytest.fixture
def made(conn: Conn) -> World:
    """Two tenants; alpha-depot has VIN, which alpha owns."""
    return build_world(conn, roles=())


@contextmanager
def acting(conn: Conn, world: World, code: str) -> Iterator[Actor]:
    """Somebody of the organisation who may do everything, and sees what it sees; committed."""
    number = world.organisation_ids[code]
    act_for(conn, [number])
    yield Actor("person", f"{code}.owner", number, code, frozenset(PERMISSIONS), stepped_up=True)
    conn.commit()


def record_all(conn: Conn, actor: Actor, vin: str, number: str) -> None:
    """An inspection, a policy and a permit, each with its cost."""
    compliance.record_inspection(conn, actor, vin=vin, inspection=PASSED, cost_fen=12_000, now=NOW)
    record_policy(conn, actor, vin, number)
    permit = replace(PERMIT, permit_no=f"R{number}")
    compliance.record_permit(conn, actor, vin=vin, permit=permit, cost_fen=300, now=NOW)


def record_policy(conn: Conn, actor: Actor, vin: str, number: str) -> None:
    compliance.record_policy(
        conn,
        actor,
        vin=vin,
        kind="compulsory",
        policy_no=number,
        terms=TERMS,
        premium_fen=95_000,
        now=NOW,
    )


def seen(conn: Conn, actor: Actor) -> dict[str, Any]:
    """What is in sight of VIN's papers and their costs."""
    vehicle = registry.get_vehicle(conn, actor, vin=VIN)
    return {
        "policies": [p.paper.policy_no for p in compliance.list_policies(conn, actor, {})],
        "who": [p.recorded_by for p in compliance.list_policies(conn, actor, {})],
        "inspections": len(compliance.list_inspections(conn, actor, {})),
        "permits": [p.paper.permit_no for p in compliance.list_permits(conn, actor, {})],
        "costs": sorted(
            cost.amount_fen
            for cost in costs.list_costs(
                conn, actor, vehicle=vehicle, from_on=date(2000, 1, 1), until_on=date(2100, 1, 1)
            )
        ),
        "due": len(
            compliance.list_vehicle_obligations(conn, actor, vehicle=vehicle, on=NOW.date())
        ),
    }


def test_papers_go_with_the_vehicle_and_costs_stay(conn: Conn, app_conn: Conn, made: World) -> None:
    with acting(app_conn, made, "alpha-depot") as depot:
        record_all(app_conn, depot, VIN, "P1")
        before = seen(app_conn, depot)
    assert before["policies"] == ["P1"]
    assert before["costs"] == [300, 12_000, 95_000]
    assert before["due"] >= 3
    registry.assign_operator(
        conn, SYSTEM, vin=VIN, organisation_code="alpha-north", at=NOW, now=NOW
    )
    conn.commit()
    with acting(app_conn, made, "alpha-north") as north:
        found = seen(app_conn, north)
        assert (found["policies"], found["inspections"], found["permits"]) == (["P1"], 1, ["RP1"])
        assert (found["who"], found["costs"]) == ([None], [])
        assert found["due"] == before["due"]
        record_policy(app_conn, north, VIN, "P2")
        assert seen(app_conn, north)["costs"] == [95_000]
    with acting(app_conn, made, "alpha-depot") as depot:
        after = seen(app_conn, depot)
        assert after == before | {"due": 0}
        vehicle = registry.get_vehicle(app_conn, depot, vin=VIN)
        whole = compliance.vehicle_papers(app_conn, depot, vehicle=vehicle, now=NOW)
        assert (whole.obligations, whole.blocks, whole.warnings) == ([], [], [])
        assert [policy.policy_no for policy in whole.policies] == ["P1"]
    with acting(app_conn, made, "alpha") as head:
        found = seen(app_conn, head)
        assert (found["policies"], found["costs"]) == (["P1", "P2"], [300, 12_000, 95_000, 95_000])


def test_who_had_it_once_writes_nothing_more(conn: Conn, app_conn: Conn, made: World) -> None:
    with acting(app_conn, made, "alpha-depot") as depot:
        record_all(app_conn, depot, VIN, "P1")
    registry.assign_operator(
        conn, SYSTEM, vin=VIN, organisation_code="alpha-north", at=NOW, now=NOW
    )
    conn.commit()
    with acting(app_conn, made, "alpha-depot") as depot:
        with pytest.raises(VehicleNotYours):
            compliance.record_inspection(app_conn, depot, vin=VIN, inspection=PASSED, now=NOW)
        with pytest.raises(VehicleNotYours):
            compliance.void_policy(app_conn, depot, policy_no="P1", reason="x", now=NOW)
        vehicle_id = made.vehicle_ids["alpha-depot"]
        assert compliance.refresh_papers(app_conn, vehicle_ids=[vehicle_id], now=NOW) == 0
        changed = app_conn.execute("UPDATE insurance_policies SET insurer = 'x'").rowcount
        assert changed == 0


@pytest.mark.parametrize("table", ["inspections", "insurance_policies", "obligations"])
def test_papers_of_another_s_vehicle_are_not_written_past_the_service(
    app_conn: Conn, made: World, table: str
) -> None:
    with acting(app_conn, made, "alpha-depot") as depot:
        record_all(app_conn, depot, VIN, "P1")
    other = made.vehicle_ids["alpha-north"]
    act_for(app_conn, [made.organisation_ids["alpha-depot"]])
    copied = {
        "inspections": "INSERT INTO inspections (tenant_id, organisation_id, vehicle_id, form,"
        " inspected_on, passed, recorded_by, recorded_at) SELECT tenant_id, organisation_id, %s,"
        " form, inspected_on, false, 'x', now() FROM inspections",
        "insurance_policies": "INSERT INTO insurance_policies (tenant_id, organisation_id,"
        " vehicle_id, kind, policy_no, insurer, covered_period, recorded_by, recorded_at)"
        " SELECT tenant_id, organisation_id, %s, kind, 'P9', insurer, covered_period, 'x', now()"
        " FROM insurance_policies",
        "obligations": "INSERT INTO obligations (tenant_id, vehicle_id, kind, is_open,"
        " refreshed_at) SELECT tenant_id, %s, kind, true, now() FROM obligations",
    }
    with pytest.raises(errors.InsufficientPrivilege):
        app_conn.execute(copied[table].encode(), [other])


def test_a_number_is_taken_within_a_tenant_only(app_conn: Conn, made: World) -> None:
    with acting(app_conn, made, "alpha-depot") as depot:
        record_all(app_conn, depot, VIN, "P1")
    with acting(app_conn, made, "alpha-north") as north:
        with pytest.raises(PolicyNotFound):
            compliance.get_policy(app_conn, north, policy_no="P1")
        with pytest.raises(PolicyExists) as taken, app_conn.transaction():
            record_policy(app_conn, north, VINS["alpha-north"], "P1")
        assert taken.value.facts == {"policy_no": "P1"}
        with pytest.raises(PermitExists) as held, app_conn.transaction():
            permit = replace(PERMIT, permit_no="RP1")
            compliance.record_permit(
                app_conn, north, vin=VINS["alpha-north"], permit=permit, now=NOW
            )
        assert held.value.facts == {"permit_no": "RP1"}
    with acting(app_conn, made, "omega-depot") as other:
        record_all(app_conn, other, VINS["omega-depot"], "P1")
        own = compliance.get_policy(app_conn, other, policy_no="P1")
        assert (own.vin, own.organisation_code) == (VINS["omega-depot"], "omega-depot")


def test_an_operator_in_another_zone_ends_its_days_there(
    conn: Conn, app_conn: Conn, made: World
) -> None:
    conn.execute("UPDATE organisations SET time_zone = 'Asia/Urumqi' WHERE code = 'alpha-depot'")
    conn.commit()
    with acting(app_conn, made, "alpha-depot") as depot:
        record_policy(app_conn, depot, VIN, "P1")
        policy = compliance.get_policy(app_conn, depot, policy_no="P1").paper
    assert policy.from_at == datetime(2026, 6, 30, 18, tzinfo=UTC)
