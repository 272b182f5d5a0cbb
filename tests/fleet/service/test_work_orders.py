"""Work orders as they are opened, changed, worked on, done and closed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from psycopg import Connection

from fleet.checklists.errors import ChecklistUnknown
from fleet.costs.service import list_costs
from fleet.maintenance.errors import MaintenanceCodeUnknown
from fleet.maintenance.service import get_vehicle_maintenance
from fleet.registry.service import get_vehicle, list_stages
from fleet.service.errors import AssigneeUnknown
from fleet.service.service import (
    NewWorkOrder,
    add_check,
    add_line,
    change_work_order,
    get_work_order,
    list_open_work,
    list_work_orders,
    move_work_order,
    open_work_order,
    strike_line,
    sum_downtime,
    unfit_work,
)
from fleet.work_orders import errors
from fleet.work_orders.service import State, WorkOrderDetail
from kit.errors import VersionChanged
from kit.numbers import make_number
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A, VIN_B, refused
from tests.fleet.service.conftest import BATTERY, later, opened

Conn = Connection[Any]
BLANK: dict[str, Any] = {
    "priority": "normal",
    "title": "制动异响",
    "description": None,
    "assignee": None,
    "workshop": None,
    "due_on": None,
    "odometer_km": None,
    "maintenance_codes": [],
}


def moved(
    conn: Conn, number: str, *states: State, hours: float = 2, **more: Any
) -> WorkOrderDetail:
    """The order after these states, an hour each."""
    for place, state in enumerate(states):
        at = later(hours + place)
        last = move_work_order(conn, SYSTEM, number=number, state=state, now=at, **more)
    return last


def with_line(conn: Conn, number: str, quantity: str, price: int) -> WorkOrderDetail:
    return add_line(
        conn,
        SYSTEM,
        number=number,
        kind="part",
        title="制动片",
        quantity=Decimal(quantity),
        unit="片",
        unit_price_fen=price,
        now=later(2),
    )


def stages(conn: Conn, vin: str = VIN_A) -> list[str]:
    return [stage.stage for stage in list_stages(conn, SYSTEM, vin=vin)]


def test_an_order_is_of_whoever_has_the_vehicle(shop: Conn) -> None:
    told = opened(
        shop, assignee=" East.OPS ", due_on=date(2026, 3, 9), priority="high", reference="WX-1"
    )
    order = told.order
    assert order.number[:6] == "W2603-"
    assert (order.vin, order.organisation_code, order.state) == (VIN_A, "east", "open")
    assert (order.assignee, order.due_on, order.priority) == (
        *("east.ops", date(2026, 3, 9)),
        "high",
    )
    assert [(event.from_state, event.to_state) for event in told.events] == [(None, "open")]
    assert (told.downtime, stages(shop)) == (None, ["in_stock"])
    assert get_work_order(shop, SYSTEM, number=order.number, now=later(1)) == told


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"assignee": "nobody.there"}, AssigneeUnknown),
        ({"assignee": "no log-in at all"}, AssigneeUnknown),
        ({"checklist": "battery-check"}, ChecklistUnknown),
        ({"checklist": "nowhere"}, ChecklistUnknown),
        ({"maintenance_codes": ["annual-service", "wings"]}, MaintenanceCodeUnknown),
    ],
    ids=["nobody", "no log-in", "checklist of another kind", "no checklist", "not in the plan"],
)
def test_what_cannot_be_used_is_refused(shop: Conn, given: Any, fact: Any) -> None:
    with refused(shop, fact):
        opened(shop, **given)
    assert list_work_orders(shop, SYSTEM, {}, now=later(1)) == []


def test_a_number_that_is_taken_is_made_anew(shop: Conn) -> None:
    wanted = NewWorkOrder(VIN_A, "repair", "一")
    first = open_work_order(shop, SYSTEM, wanted=wanted, now=later(1), rng=Random(7))
    second = open_work_order(shop, SYSTEM, wanted=wanted, now=later(1), rng=Random(7))
    rng = Random(7)
    expected = [make_number("W", date(2026, 3, 2), rng) for _ in range(2)]
    assert [first.order.number, second.order.number] == expected


def test_a_reference_is_taken_once_an_organisation(shop: Conn) -> None:
    opened(shop, reference="WX-1")
    with refused(shop, errors.ReferenceTaken):
        opened(shop, reference="WX-1")
    other = opened(shop, vin=VIN_B, reference="WX-1")
    assert other.order.organisation_code == "head"


def test_a_change_is_whole_and_of_a_version(shop: Conn) -> None:
    number = opened(shop, assignee="east.ops", workshop="南山").order.number
    changes: Any = BLANK | {
        "title": "更换制动片",
        "odometer_km": Decimal("35120.5"),
        "maintenance_codes": ["brake-fluid"],
    }
    with refused(shop, VersionChanged):
        change_work_order(shop, SYSTEM, number=number, version=2, changes=changes, now=later(2))
    order = change_work_order(
        shop, SYSTEM, number=number, version=1, changes=changes, now=later(2)
    ).order
    assert (order.title, order.odometer_km, order.maintenance_codes, order.version) == (
        *("更换制动片", Decimal("35120.5"), ["brake-fluid"]),
        2,
    )
    assert (order.assignee, order.assigned, order.workshop) == (None, False, None)


def test_what_is_over_changes_no_more(shop: Conn) -> None:
    number = opened(shop).order.number
    moved(shop, number, "cancelled")
    with refused(shop, errors.WorkOrderOver):
        with_line(shop, number, "1", 100)
    with refused(shop, errors.WorkOrderOver):
        change_work_order(
            shop,
            SYSTEM,
            number=number,
            version=2,
            changes=BLANK,
            now=later(3),  # type: ignore[arg-type]
        )
    with refused(shop, errors.WorkOrderNotReachable):
        moved(shop, number, "in_progress")


def test_an_order_goes_its_way_and_each_step_is_an_event(shop: Conn) -> None:
    number = opened(shop).order.number
    with refused(shop, errors.WorkOrderNotReachable):
        moved(shop, number, "done")
    told = moved(shop, number, "in_progress", "waiting", "in_progress", "done", "closed")
    assert [event.to_state for event in told.events] == [
        *("open", "in_progress", "waiting", "in_progress", "done", "closed")
    ]
    assert (told.order.state, told.order.finished_at) == ("closed", later(5))


def test_an_order_that_does_not_exist_is_not_found(shop: Conn) -> None:
    with refused(shop, errors.WorkOrderNotFound):
        get_work_order(shop, SYSTEM, number="W2603-AAAAAA", now=later(1))


# Lines and costs


def test_lines_add_up_and_a_struck_one_stays_to_be_seen(shop: Conn) -> None:
    number = opened(shop).order.number
    with_line(shop, number, "1.5", 333)
    told = with_line(shop, number, "2", 24_000)
    assert [line.amount_fen for line in told.lines] == [500, 48_000]
    assert (told.order.total_fen, told.totals_fen) == (
        *(48_500,),
        {"part": 48_500, "labour": 0, "other": 0},
    )
    first = told.lines[0].id
    told = strike_line(shop, SYSTEM, number=number, line_id=first, now=later(3))
    assert (told.order.total_fen, told.lines[0].struck_at) == (48_000, later(3))
    with refused(shop, errors.LineNotFound):
        strike_line(shop, SYSTEM, number=number, line_id=first, now=later(4))


@pytest.mark.parametrize(
    ("kind", "cost_kind"),
    [
        ("repair", "repair"),
        ("maintenance", "maintenance"),
        ("battery_check", "other"),
        ("idle_care", "care"),
        ("accident", "accident"),
    ],
)
def test_closing_writes_the_cost_of_its_kind(shop: Conn, kind: Any, cost_kind: str) -> None:
    number = opened(shop, kind=kind).order.number
    with_line(shop, number, "2", 24_000)
    moved(shop, number, "in_progress", "done")
    vehicle = get_vehicle(shop, SYSTEM, vin=VIN_A)
    span: Any = {"vehicle": vehicle, "from_on": date(2026, 1, 1), "until_on": date(2027, 1, 1)}
    assert list_costs(shop, SYSTEM, **span) == []
    moved(shop, number, "closed", hours=30)
    [cost] = list_costs(shop, SYSTEM, **span)
    assert (cost.kind, cost.amount_fen, cost.incurred_on) == (
        *(cost_kind, 48_000),
        date(2026, 3, 2),
    )
    assert (cost.subject_kind, cost.subject_key) == ("work_order", number)


def test_an_order_without_lines_costs_nothing(shop: Conn) -> None:
    number = opened(shop).order.number
    moved(shop, number, "in_progress", "done", "closed")
    vehicle = get_vehicle(shop, SYSTEM, vin=VIN_A)
    span: Any = {"vehicle": vehicle, "from_on": date(2026, 1, 1), "until_on": date(2027, 1, 1)}
    assert list_costs(shop, SYSTEM, **span) == []


# Checklists


def test_an_order_is_done_once_its_checklist_is(shop: Conn) -> None:
    number = opened(shop, kind="battery_check", checklist="battery-check").order.number
    with refused(shop, errors.WorkOrderNotReachable):
        moved(shop, number, "done")
    moved(shop, number, "in_progress")
    for step in range(1, len(BATTERY.steps)):
        add_check(shop, SYSTEM, number=number, step_no=step, result="ok", now=later(3))
    with pytest.raises(errors.ChecklistIncomplete) as raised, shop.transaction():
        moved(shop, number, "done", hours=4)
    last = len(BATTERY.steps)
    assert raised.value.facts == {"steps": [f"{last} {BATTERY.steps[-1][0]}"]}
    told = add_check(
        shop,
        SYSTEM,
        number=number,
        step_no=last,
        result="fault",
        note="慢充口进水",
        now=later(5),
    )
    assert [(check.step_no, check.result) for check in told.checks][-1] == (last, "fault")
    assert moved(shop, number, "done", hours=6).order.state == "done"


def test_a_step_done_again_counts_as_it_was_last(shop: Conn) -> None:
    number = opened(shop, kind="battery_check", checklist="battery-check").order.number
    add_check(shop, SYSTEM, number=number, step_no=2, result="fault", note="低", now=later(2))
    told = add_check(shop, SYSTEM, number=number, step_no=2, result="ok", now=later(3))
    assert [(check.step_no, check.result, check.note) for check in told.checks] == [(2, "ok", None)]


# The vehicle


def test_a_vehicle_off_the_road_is_in_service_and_comes_back(shop: Conn) -> None:
    number = opened(shop, takes_off_road=True).order.number
    vehicle = get_vehicle(shop, SYSTEM, vin=VIN_A)
    assert stages(shop) == ["in_stock", "in_service"]
    assert [order.number for order in unfit_work(shop, vehicle=vehicle)] == [number]
    told = moved(shop, number, "in_progress", "done", hours=24)
    assert stages(shop) == ["in_stock", "in_service", "in_stock"]
    assert (told.order.down_from_at, told.order.down_until_at) == (later(1), later(25))
    assert told.downtime is not None
    assert (told.downtime.hours, told.downtime.days) == (Decimal("24.0"), 2)
    assert unfit_work(shop, vehicle=vehicle) == []


def test_a_vehicle_stays_in_service_until_the_last_order_is_done(shop: Conn) -> None:
    first = opened(shop, takes_off_road=True).order.number
    second = opened(shop, 2, takes_off_road=True).order.number
    moved(shop, first, "cancelled", hours=3)
    assert stages(shop) == ["in_stock", "in_service"]
    moved(shop, second, "in_progress", "done", hours=4)
    assert stages(shop) == ["in_stock", "in_service", "in_stock"]


def test_an_order_may_take_the_vehicle_off_the_road_when_it_is_begun(shop: Conn) -> None:
    number = opened(shop).order.number
    told = move_work_order(
        shop, SYSTEM, number=number, state="in_progress", takes_off_road=True, now=later(5)
    )
    assert (told.order.down_from_at, stages(shop)) == (later(5), ["in_stock", "in_service"])


def test_an_order_taken_up_again_counts_all_the_time_since(shop: Conn) -> None:
    number = opened(shop, takes_off_road=True).order.number
    moved(shop, number, "in_progress", "done", hours=2)
    told = move_work_order(
        shop, SYSTEM, number=number, state="in_progress", takes_off_road=True, now=later(10)
    )
    assert (told.order.finished_at, told.order.down_from_at, told.order.down_until_at) == (
        *(None, later(1)),
        None,
    )
    assert stages(shop) == ["in_stock", "in_service", "in_stock", "in_service"]


def test_down_time_of_a_vehicle_is_within_the_span_asked_for(shop: Conn) -> None:
    number = opened(shop, takes_off_road=True).order.number
    moved(shop, number, "in_progress", "done", hours=10)
    opened(shop, 20, takes_off_road=True)
    vehicle = get_vehicle(shop, SYSTEM, vin=VIN_A)
    span: Any = {"from_at": later(5), "until_at": later(100), "now": later(24)}
    told = sum_downtime(shop, SYSTEM, vehicle=vehicle, **span)
    assert told.hours == Decimal("10.0")


def test_what_is_done_of_the_plan_is_written_down(shop: Conn) -> None:
    number = opened(
        shop,
        kind="maintenance",
        maintenance_codes=["annual-service"],
        odometer_km=Decimal("20012.5"),
    ).order.number
    moved(shop, number, "in_progress", "done")
    vehicle = get_vehicle(shop, SYSTEM, vin=VIN_A)
    known = get_vehicle_maintenance(shop, SYSTEM, vehicle=vehicle, now=later(5))
    [done] = known.done
    assert (done.code, done.done_on, done.odometer_km) == (
        *("annual-service", date(2026, 3, 2)),
        Decimal("20012.5"),
    )
    [item] = [one for one in known.items if one.code == "annual-service"]
    assert (item.due_on, item.due_odometer_km, item.last_done_on) == (
        *(date(2027, 3, 2), Decimal("40012.5")),
        date(2026, 3, 2),
    )


def test_an_odometer_read_in_the_workshop_is_a_reading(shop: Conn) -> None:
    number = opened(shop, odometer_km=Decimal("35120.5")).order.number
    for version, odometer_km in enumerate(("35120.5", "35122.0"), 1):
        changes: Any = BLANK | {"odometer_km": Decimal(odometer_km)}
        change_work_order(
            shop, SYSTEM, number=number, version=version, changes=changes, now=later(2)
        )
    readings = shop.execute(
        "SELECT odometer_km, read_at, source FROM odometer_readings ORDER BY read_at"
    ).fetchall()
    assert readings == [
        (Decimal("35120.5"), later(1), "work_order"),
        (Decimal("35122.0"), later(2), "work_order"),
    ]


def test_idle_care_that_is_done_is_a_check(shop: Conn) -> None:
    moved(shop, opened(shop, kind="idle_care").order.number, "in_progress", "done")
    vehicle = get_vehicle(shop, SYSTEM, vin=VIN_A)
    known = get_vehicle_maintenance(shop, SYSTEM, vehicle=vehicle, now=later(5))
    assert [(done.code, done.done_on) for done in known.done] == [("idle-care", date(2026, 3, 2))]


# The list


def numbers(conn: Conn, **filters: Any) -> list[str]:
    overdue = filters.pop("overdue", False)
    at = filters.pop("now", later(5))
    rows = list_work_orders(conn, SYSTEM, filters, overdue=overdue, now=at)
    return [row.title for row in rows]


def test_the_list_is_filtered_and_the_last_opened_comes_first(shop: Conn) -> None:
    opened(shop, 1, title="一", assignee="east.ops", due_on=date(2026, 3, 10), workshop="南山")
    opened(shop, 2, title="二", kind="accident", priority="urgent", vin=VIN_B)
    third = opened(shop, 3, title="三", due_on=date(2026, 3, 3), takes_off_road=True)
    moved(shop, opened(shop, 4, title="四", due_on=date(2026, 3, 3)).order.number, "cancelled")
    assert numbers(shop) == ["四", "三", "二", "一"]
    assert numbers(shop, state="cancelled") == ["四"]
    assert numbers(shop, finished=False) == ["三", "二", "一"]
    assert numbers(shop, kind="accident") == ["二"]
    assert numbers(shop, priority="urgent") == ["二"]
    assert numbers(shop, assignee="east.ops") == ["一"]
    assert numbers(shop, vin=VIN_B) == ["二"]
    assert numbers(shop, organisation="east") == ["四", "三", "一"]
    assert numbers(shop, organisation="head") == ["四", "三", "二", "一"]
    assert numbers(shop, due_before_on=date(2026, 3, 10)) == ["四", "三"]
    assert numbers(shop, overdue=True, now=later(48)) == ["三"]
    assert numbers(shop, overdue=True, now=later(6)) == []
    assert numbers(shop, down=True) == ["三"]
    assert numbers(shop, search="南山") == ["一"]
    assert numbers(shop, search=third.order.number[-6:].lower()) == ["三"]
    vehicle = get_vehicle(shop, SYSTEM, vin=VIN_A)
    assert [row.title for row in list_open_work(shop, SYSTEM, vehicle=vehicle)] == ["三", "一"]


def test_the_list_goes_on_where_a_page_ended(shop: Conn) -> None:
    for title in "一二三四五":
        opened(shop, 1, title=title)
    whole = [row.number for row in list_work_orders(shop, SYSTEM, {}, now=later(2))]
    pages: list[str] = []
    place = None
    while page := list_work_orders(shop, SYSTEM, {}, after=place, limit=2, now=later(2)):
        pages += [row.number for row in page]
        place = (page[-1].opened_at, page[-1].number)
    assert (pages, len(set(pages))) == (whole, 5)


def test_a_system_order_names_nobody(shop: Conn) -> None:
    order = opened(shop).order
    assert order.opened_by is None
    assert replace(order, own=True) == order
