"""Opens work orders and takes them on: what they do to the vehicle, to its plan and to its costs.

An order that takes its vehicle off the road brings it into service, and back where it was once no
other keeps it there. What is done of the maintenance plan is written down when the order is
finished, what it cost when it is closed. Leaves out what belongs to an order
(`fleet/work_orders`), checklists, plans and idle care (`fleet/maintenance`), and photos
(`fleet/documents`, by the order's number).
"""

from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

from psycopg import Connection

from fleet.checklists import service as checklists
from fleet.costs import service as costs
from fleet.identity import service as identity
from fleet.lives import service as lives
from fleet.local_days import local_day
from fleet.maintenance import service as maintenance
from fleet.registry import service as registry
from fleet.service.errors import AssigneeUnknown
from fleet.service.model import NewWorkOrder, WorkOrderChanges
from fleet.work_orders import service as work_orders
from fleet.work_orders.service import (
    Downtime,
    WorkOrder,
    WorkOrderDetail,
    add_check,
    add_line,
    get_work_order,
    known_work_orders,
    list_open_work,
    list_work_orders,
    save_work_orders,
    strike_line,
    sum_downtime,
    unfit_work,
)
from kit.errors import VersionChanged
from schemas.access import Actor

__all__ = [
    "Downtime",
    "NewWorkOrder",
    "WorkOrder",
    "WorkOrderChanges",
    "WorkOrderDetail",
    "add_check",
    "add_line",
    "change_work_order",
    "get_work_order",
    "known_work_orders",
    "list_open_work",
    "list_work_orders",
    "move_work_order",
    "open_work_order",
    "save_work_orders",
    "strike_line",
    "sum_downtime",
    "unfit_work",
]


def open_work_order(
    conn: Connection[Any],
    actor: Actor,
    *,
    wanted: NewWorkOrder,
    now: datetime,
    rng: Random = work_orders.RNG,
) -> WorkOrderDetail:
    """A new order on a vehicle that is held, of whoever has it now.

    Raises:
        VehicleNotFound, VehicleNotYours: it is not the actor's to work on.
        AssigneeUnknown, ChecklistUnknown, MaintenanceCodeUnknown: the input cannot be used.
        ReferenceTaken: the organisation has another order of this number elsewhere.
        StageNotReachable: the vehicle cannot be taken off the road from where it is.
    """
    actor.require("work_order.create")
    vehicle = registry.get_held_vehicle(conn, actor, vin=wanted.vin)
    maintenance.check_codes(conn, vehicle=vehicle, codes=wanted.maintenance_codes)
    checklist_id = None
    if (code := wanted.checklist) is not None:
        checklist_id = checklists.latest_for(
            conn, tenant_id=vehicle.tenant_id, code=code, kind=wanted.kind
        ).id
    row = {
        **asdict(wanted),
        "tenant_id": vehicle.tenant_id,
        "organisation_id": vehicle.holder_id,
        "vehicle_id": vehicle.id,
        "assignee": _known_assignee(conn, wanted.assignee),
        "checklist_id": checklist_id,
        "maintenance_codes": sorted(set(wanted.maintenance_codes)),
        "down_from_at": now if wanted.takes_off_road else None,
        "opened_by": actor.name,
        "opened_at": now,
    }
    order = work_orders.open_order(conn, actor, row, rng=rng, now=now)
    _note_odometer(conn, actor, vehicle, wanted.odometer_km, now=now)
    if wanted.takes_off_road:
        _take_off_road(conn, actor, vehicle, order.number, now=now)
    told = {"vin": vehicle.vin, "kind": order.kind, "title": order.title}
    work_orders.write_audit(conn, actor, "work_order.create", order, now=now, after=told)
    return work_orders.detail_of(conn, order, now=now)


def change_work_order(
    conn: Connection[Any],
    actor: Actor,
    *,
    number: str,
    version: int,
    changes: WorkOrderChanges,
    now: datetime,
) -> WorkOrderDetail:
    """The order as it is to be; its vehicle, kind and checklist stay.

    Without an assignee, one who is out of the actor's sight stays.

    Raises:
        WorkOrderNotFound, WorkOrderNotYours, WorkOrderOver: it is not the actor's to change.
        VersionChanged: somebody changed it since `version` was read.
        AssigneeUnknown, MaintenanceCodeUnknown: the input cannot be used.
    """
    actor.require("work_order.change")
    was = work_orders.find_own(conn, number)
    if was.version != version:
        raise VersionChanged(f"work order {number} is at version {was.version}", number=number)
    vehicle = registry.get_vehicle(conn, actor, vin=was.vin)
    codes = sorted(set(changes["maintenance_codes"]))
    maintenance.check_codes(conn, vehicle=vehicle, codes=set(codes) - {*was.maintenance_codes})
    row: dict[str, Any] = {**changes, "maintenance_codes": codes}
    row["keeps_assignee"] = changes["assignee"] is None is was.assignee
    if changes["assignee"] != was.assignee:
        row["assignee"] = _known_assignee(conn, changes["assignee"])
    is_now = work_orders.change(conn, was, row)
    if is_now.odometer_km != was.odometer_km:
        _note_odometer(conn, actor, vehicle, is_now.odometer_km, now=now)
    before, after = _told(was), _told(is_now)
    differs = [name for name in after if before[name] != after[name]]
    before, after = ({name: told[name] for name in differs} for told in (before, after))
    work_orders.write_audit(
        conn, actor, "work_order.change", was, now=now, before=before, after=after
    )
    return work_orders.detail_of(conn, is_now, now=now)


def move_work_order(
    conn: Connection[Any],
    actor: Actor,
    *,
    number: str,
    state: work_orders.State,
    note: str | None = None,
    takes_off_road: bool = False,
    now: datetime,
) -> WorkOrderDetail:
    """The order goes on to `state`.

    Begun with `takes_off_road`, it takes the vehicle off the road; taken up again with it, the
    vehicle counts as off the road all the time since. Done, cancelled, it gives the vehicle back.

    Raises:
        WorkOrderNotFound, WorkOrderNotYours: it is not the actor's to work on.
        WorkOrderNotReachable: it does not come there from where it is.
        ChecklistIncomplete: it is to be done, and steps are not.
        VehicleNotYours: what it does to the vehicle is not the actor's to do any more.
    """
    actor.require("work_order.close" if state == "closed" else "work_order.change")
    was = work_orders.find_own(conn, number, over=True)
    work_orders.check_reachable(was, state)
    vehicle = registry.get_vehicle(conn, actor, vin=was.vin)
    takes_off_road = takes_off_road and state == "in_progress"
    if takes_off_road:
        vehicle = registry.get_held_vehicle(conn, actor, vin=was.vin)
        _take_off_road(conn, actor, vehicle, number, now=now)
    if state == "done":
        _finish(conn, actor, was, vehicle, now=now)
    if state == "closed":
        _write_cost(conn, actor, was, now=now)
    is_now = work_orders.advance(
        conn, actor, was, state, remark=note, takes_off_road=takes_off_road, now=now
    )
    if state in ("done", "cancelled") and was.down_from_at and not was.down_until_at:
        _bring_back(conn, actor, vehicle, number, now=now)
    action = "work_order.close" if state == "closed" else "work_order.move"
    before, after = {"state": was.state}, {"state": state, "note": note}
    work_orders.write_audit(conn, actor, action, was, now=now, before=before, after=after)
    return work_orders.detail_of(conn, is_now, now=now)


def _known_assignee(conn: Connection[Any], login: str | None) -> str | None:
    found = None if login is None else identity.find_colleague(conn, login=login)
    if login is not None and found is None:
        raise AssigneeUnknown(f"nobody has the log-in {login!r}", assignee=login[:64])
    return found


def _note_odometer(
    conn: Connection[Any],
    actor: Actor,
    vehicle: registry.Vehicle,
    odometer_km: Decimal | None,
    *,
    now: datetime,
) -> None:
    """What was read in the workshop is a reading like another, when it is told."""
    if odometer_km is not None and vehicle.held:
        lives.write_odometer(
            conn, actor, vehicle=vehicle, odometer_km=odometer_km, read_at=now, source="work_order"
        )


def _take_off_road(
    conn: Connection[Any], actor: Actor, vehicle: registry.Vehicle, number: str, *, now: datetime
) -> None:
    stage = registry.find_stage(conn, vehicle=vehicle)
    if stage is None or stage.stage != "in_service":
        registry.change_stage(
            conn, actor, vehicle=vehicle, stage="in_service", reason=number, at=now, now=now
        )


def _bring_back(
    conn: Connection[Any], actor: Actor, vehicle: registry.Vehicle, number: str, *, now: datetime
) -> None:
    """Back to the stage before, unless another order keeps it, or somebody has moved it on."""
    stage = registry.find_stage(conn, vehicle=vehicle)
    if not vehicle.held or stage is None or stage.stage != "in_service":
        return
    if unfit_work(conn, vehicle=vehicle):
        return
    before = registry.list_stages(conn, actor, vin=vehicle.vin)[:-1]
    back = before[-1].stage if before else "in_stock"
    registry.change_stage(conn, actor, vehicle=vehicle, stage=back, reason=number, at=now, now=now)


def _finish(
    conn: Connection[Any],
    actor: Actor,
    order: WorkOrder,
    vehicle: registry.Vehicle,
    *,
    now: datetime,
) -> None:
    """What was to be done is done: the steps of the checklist, and of the maintenance plan."""
    work_orders.check_complete(conn, order)
    codes = {*order.maintenance_codes}
    if order.kind == "idle_care":
        codes.add(maintenance.IDLE_CARE)
    if codes and vehicle.held:
        maintenance.note_done(
            conn,
            actor,
            vehicle=replace(vehicle, holder_id=order.organisation_id),
            codes=codes,
            done_on=local_day(now, maintenance.zone_of(conn, order.organisation_id)),
            use=maintenance.Use(order.odometer_km, None),
            work_order_id=order.id,
            now=now,
        )


def _write_cost(conn: Connection[Any], actor: Actor, order: WorkOrder, *, now: datetime) -> None:
    """What it cost is of the organisation whose order it is, whoever has the vehicle now."""
    if order.total_fen == 0:
        return
    vehicle = registry.get_held_vehicle(conn, actor, vin=order.vin)
    zone = maintenance.zone_of(conn, order.organisation_id)
    costs.set_cost(
        conn,
        actor,
        vehicle=replace(vehicle, holder_id=order.organisation_id),
        kind=work_orders.COST_KIND[order.kind],
        amount_fen=order.total_fen,
        incurred_on=local_day(order.finished_at or now, zone),
        subject_kind="work_order",
        subject_key=order.number,
        now=now,
    )


def _told(order: WorkOrder) -> dict[str, Any]:
    return {
        "priority": order.priority,
        "title": order.title,
        "description": order.description,
        "assignee": order.assignee,
        "workshop": order.workshop,
        "due_on": order.due_on and order.due_on.isoformat(),
        "odometer_km": None if order.odometer_km is None else str(order.odometer_km),
        "maintenance_codes": order.maintenance_codes,
    }
