"""One call answers the page of a vehicle, with what its reader may see."""

from datetime import date, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.assets.service import (
    add_vehicle,
    assign_operator,
    change_card,
    list_vehicle_costs,
    vehicle_page,
)
from fleet.costs import service as costs
from fleet.lives import service as lives
from fleet.maintenance.service import PlanItem, set_plan
from fleet.models.service import ModelFacts, create_model
from fleet.orgs.service import get_organisation
from fleet.registry import service as registry
from fleet.registry.errors import VehicleNotFound
from fleet.service import service as work
from schemas.access import SYSTEM, Actor, PermissionMissing

from ..conftest import VIN_A, VIN_B, person, refused
from .conftest import LATER, TODAY


def spend(conn: Connection[Any], amount_fen: int, on: date, key: str, kind: Any = "repair") -> None:
    costs.set_cost(
        conn,
        SYSTEM,
        vehicle=registry.get_vehicle(conn, SYSTEM, vin=VIN_A),
        kind=kind,
        amount_fen=amount_fen,
        incurred_on=on,
        subject_kind="work_order",
        subject_key=key,
        now=LATER,
    )


@pytest.fixture
def busy(sound: Connection[Any], owner: Actor) -> Connection[Any]:
    """A is a good deal older, with work open, money spent, and a price."""
    lives.record_odometer(sound, owner, vin=VIN_A, odometer_km=18_000, read_at=LATER, now=LATER)  # type: ignore[arg-type]
    lives.record_purchase(
        sound,
        owner,
        vin=VIN_A,
        version=0,
        facts=lives.PurchaseFacts(date(2026, 1, 15), 9_980_000),
        now=LATER,
    )
    wanted = work.NewWorkOrder(vin=VIN_A, kind="repair", title="制动", due_on=date(2026, 11, 25))
    work.open_work_order(sound, owner, wanted=wanted, now=LATER)
    spend(sound, 48_000, TODAY, "W1")
    spend(sound, 2_000, date(2025, 11, 22), "W2", "care")
    spend(sound, 7_000, date(2025, 11, 21), "too old")
    return sound


def test_an_owner_sees_everything_at_once(busy: Connection[Any], owner: Actor) -> None:
    page = vehicle_page(busy, owner, vin=VIN_A, now=LATER)
    assert (page.card.vin, page.card.plate, page.state.row.state) == (
        VIN_A,
        "粤BD12345",
        "never_heard",
    )
    assert page.stage is not None
    assert (page.stage.stage, list(page.next_stages)) == (
        "in_stock",
        ["let", "in_service", "for_sale"],
    )
    assert page.papers is not None
    assert page.papers.licence is not None
    assert page.papers.licence.vehicle_type == "微型厢式货车"
    assert page.blocks == []
    assert {warning.paper for warning in page.papers.warnings} >= {"commercial"}
    due = {item.row.kind: (item.row.due_on, item.row.status) for item in page.due}
    assert due["inspection"] == (date(2027, 5, 31), "ahead")
    assert due["compulsory"] == (date(2027, 6, 30), "ahead")
    assert due["commercial"] == (None, "missing")
    assert due["work_order"] == (date(2026, 11, 25), "due")
    assert due["idle_care"][1] == "overdue"
    assert page.open_work is not None
    assert [order.title for order in page.open_work] == ["制动"]
    assert page.idle is not None
    assert page.idle.condition == "unknown"
    assert page.odometer is not None
    assert page.odometer.odometer_km == 18_000
    assert page.documents_by_kind == {}
    assert page.spending is not None
    assert page.spending.by_kind_fen == {"care": 2_000, "repair": 48_000}
    assert page.spending.total_fen == 50_000
    assert page.bought is not None
    assert page.bought.purchase.price_fen == 9_980_000


def test_what_one_may_not_see_is_left_out(busy: Connection[Any]) -> None:
    head = get_organisation(busy, SYSTEM, code="head")
    page = vehicle_page(busy, person(head, "viewer"), vin=VIN_A, now=LATER)
    assert (page.open_work, page.documents_by_kind, page.spending, page.bought) == (None,) * 4
    assert page.papers is not None
    assert "work_order" not in {item.row.kind for item in page.due}
    ops = vehicle_page(busy, person(head, "ops"), vin=VIN_A, now=LATER)
    assert (ops.spending, ops.bought, ops.documents_by_kind) == (None, None, {})
    assert ops.open_work is not None
    assert len(ops.open_work) == 1


def test_what_blocks_stands_on_the_page(fleet: Connection[Any], owner: Actor) -> None:
    page = vehicle_page(fleet, owner, vin=VIN_B, now=LATER)
    assert {block.paper for block in page.blocks} >= {"inspection", "compulsory"}
    with refused(fleet, VehicleNotFound):
        vehicle_page(fleet, owner, vin="LE4TG4DB1JL199517", now=LATER)


def test_costs_come_the_latest_first_with_their_sums(busy: Connection[Any], owner: Actor) -> None:
    rows, spent = list_vehicle_costs(busy, owner, vin=VIN_A, now=LATER)
    assert [(row.subject_key, row.amount_fen) for row in rows] == [("W1", 48_000), ("W2", 2_000)]
    assert (spent.from_on, spent.until_on) == (date(2025, 11, 22), date(2026, 11, 22))
    assert spent.total_fen == 50_000
    span = {"from_on": date(2025, 1, 1), "until_on": TODAY}
    rows, spent = list_vehicle_costs(busy, owner, vin=VIN_A, **span, now=LATER)  # type: ignore[arg-type]
    assert [row.subject_key for row in rows] == ["W2", "too old"]
    assert spent.by_kind_fen == {"care": 2_000, "repair": 7_000}


def test_costs_go_on_after_a_place(busy: Connection[Any], owner: Actor) -> None:
    for number in range(3):
        spend(busy, 100, TODAY, f"same day {number}")
    whole, _ = list_vehicle_costs(busy, owner, vin=VIN_A, now=LATER)
    read: list[Any] = []
    while page := list_vehicle_costs(
        busy,
        owner,
        vin=VIN_A,
        now=LATER,
        after=(read[-1].incurred_on, read[-1].id) if read else None,
        limit=2,
    )[0]:
        read += page
    assert [row.subject_key for row in read] == [row.subject_key for row in whole]
    assert len(read) == 5


def test_costs_take_cost_read(busy: Connection[Any], ops: Actor) -> None:
    with refused(busy, PermissionMissing):
        list_vehicle_costs(busy, ops, vin=VIN_A, now=LATER)


def due_kinds(conn: Connection[Any], vin: str) -> set[tuple[str, str]]:
    rows = conn.execute(
        "SELECT o.kind, o.reference FROM obligations o JOIN vehicles v ON v.id = o.vehicle_id"
        " WHERE v.vin = %s AND o.is_open",
        [vin],
    ).fetchall()
    return {(kind, reference) for kind, reference in rows}


def test_a_new_vehicle_s_missing_papers_fall_due_at_once(
    fleet: Connection[Any], owner: Actor
) -> None:
    vin = "LE4TG4DB1JL199517"
    add_vehicle(
        fleet, owner, vin=vin, plate=None, owner_code="head", operator_code="east", now=LATER
    )
    assert {("inspection", ""), ("compulsory", "")} <= due_kinds(fleet, vin)


def test_another_model_brings_its_maintenance(fleet: Connection[Any], owner: Actor) -> None:
    facts = ModelFacts(name="EC35", maker="瑞驰", body_type="微型厢式货车")
    create_model(fleet, owner, code="ec35", facts=facts, now=LATER)
    set_plan(
        fleet,
        owner,
        model_code="ec35",
        version=0,
        items=[PlanItem("oil", "换油", every_months=12)],
        now=LATER,
    )
    assert ("maintenance", "oil") not in due_kinds(fleet, VIN_A)
    changed = change_card(
        fleet,
        owner,
        vin=VIN_A,
        version=1,
        plate="粤BD12345",
        model=None,
        model_code="ec35",
        now=LATER,
    )
    assert changed.model == "EC35"
    assert ("maintenance", "oil") in due_kinds(fleet, VIN_A)


def test_after_a_transfer_days_are_those_of_the_new_operator(
    sound: Connection[Any], owner: Actor
) -> None:
    """Insurance until 24:00 in Shanghai ends on the next morning in Auckland."""
    sound.execute("UPDATE organisations SET time_zone = 'Pacific/Auckland' WHERE code = 'west'")

    def last_day() -> date:
        row = sound.execute("SELECT due_on FROM obligations WHERE kind = 'compulsory'").fetchone()
        assert row is not None
        found: date = row[0]
        return found

    assert last_day() == date(2027, 6, 30)
    assign_operator(
        sound,
        owner,
        vin=VIN_A,
        organisation_code="west",
        at=LATER,
        now=LATER + timedelta(hours=1),
    )
    assert last_day() == date(2027, 7, 1)
