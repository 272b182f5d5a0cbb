"""What is asked of work orders: lists, one with all that belongs to it, down-time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.checklists import service as checklists
from fleet.local_days import local_day
from fleet.maintenance import service as maintenance
from fleet.registry import service as registry
from fleet.work_orders.amounts import totals_fen
from fleet.work_orders.asking import store
from fleet.work_orders.downtime import downtime_of
from fleet.work_orders.errors import WorkOrderNotFound
from fleet.work_orders.model import (
    Check,
    Downtime,
    Line,
    StepAsked,
    WorkOrder,
    WorkOrderDetail,
)
from schemas.access import Actor

__all__ = [
    "checks_of",
    "detail_of",
    "find_order",
    "get_work_order",
    "lines_of",
    "list_open_work",
    "list_work_orders",
    "steps_of",
    "sum_downtime",
    "unfit_work",
]


def list_work_orders(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    overdue: bool = False,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
    now: datetime,
) -> list[WorkOrder]:
    """Orders in sight, the last opened first.

    `filters`: state, finished, kind, priority, assignee, vin, organisation (or below it),
    due_before_on, down (the vehicle is off the road by it), search. `overdue`: those unfinished
    whose day is over.
    """
    actor.require("work_order.read")
    wanted = dict(filters)
    if overdue:
        zone = maintenance.zone_of(conn, actor.organisation_id)
        wanted["overdue_on"] = local_day(now, zone)
    return store.list_work_orders(conn, wanted, after=after, limit=limit)


def get_work_order(
    conn: Connection[Any], actor: Actor, *, number: str, now: datetime
) -> WorkOrderDetail:
    """The order with all that belongs to it.

    Raises:
        WorkOrderNotFound: there is none in sight.
    """
    actor.require("work_order.read")
    return detail_of(conn, find_order(conn, number), now=now)


def list_open_work(
    conn: Connection[Any], actor: Actor, *, vehicle: registry.Vehicle, limit: int = 50
) -> list[WorkOrder]:
    """Unfinished orders on the vehicle, the last opened first."""
    actor.require("work_order.read")
    filters = {"vehicle_id": vehicle.id, "finished": False}
    return store.list_work_orders(conn, filters, limit=limit)


def unfit_work(conn: Connection[Any], *, vehicle: registry.Vehicle) -> list[WorkOrder]:
    """Unfinished orders that keep the vehicle off the road. Whoever calls decides who may ask."""
    filters = {"vehicle_id": vehicle.id, "down": True}
    return store.list_work_orders(conn, filters, limit=50)


def sum_downtime(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: registry.Vehicle,
    from_at: datetime,
    until_at: datetime,
    now: datetime,
) -> Downtime:
    """How long the vehicle was off the road within [from_at, until_at), by orders in sight."""
    actor.require("work_order.read")
    zone = maintenance.zone_of(conn, vehicle.holder_id)
    span = {"from_at": from_at, "until_at": until_at, "now": now}
    return downtime_of(store.list_down_spans(conn, vehicle.id, **span), zone=zone)


def find_order(conn: Connection[Any], number: str) -> WorkOrder:
    """The order in sight with this number. Whoever calls decides who may ask.

    Raises:
        WorkOrderNotFound: there is none.
    """
    found = store.find_work_order(conn, number)
    if found is None:
        raise WorkOrderNotFound(f"no work order has the number {number!r}", number=number[:64])
    return found


def detail_of(conn: Connection[Any], order: WorkOrder, *, now: datetime) -> WorkOrderDetail:
    """The order with all that belongs to it. Whoever calls decides who may ask."""
    lines, downtime = lines_of(conn, order), None
    if order.down_from_at is not None:
        zone = maintenance.zone_of(conn, order.organisation_id)
        downtime = downtime_of([(order.down_from_at, order.down_until_at or now)], zone=zone)
    return WorkOrderDetail(
        order=order,
        steps=steps_of(conn, order),
        lines=lines,
        checks=checks_of(conn, order),
        events=store.list_events(conn, order.id),
        totals_fen=totals_fen(lines),
        downtime=downtime,
    )


def steps_of(conn: Connection[Any], order: WorkOrder) -> list[StepAsked]:
    """The steps of the order's checklist, in the edition it was opened with."""
    if order.checklist_id is None:
        return []
    checklist = checklists.edition_by_id(conn, order.checklist_id)
    return [StepAsked(s.no, s.text, s.photo) for s in (checklist.steps if checklist else ())]


def lines_of(conn: Connection[Any], order: WorkOrder) -> list[Line]:
    """The lines of the order, struck ones too."""
    return store.list_lines(conn, order.id)


def checks_of(conn: Connection[Any], order: WorkOrder) -> list[Check]:
    """Each step of the order as it was done last."""
    return store.list_checks(conn, order.id)
