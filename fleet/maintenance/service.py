"""Keeps maintenance plans, what was done, what falls due of it, and the care of idle vehicles.

A plan is of a model and binds a whole tenant: its head keeps it. What was done goes with the
vehicle; by whom and for how much does not. Leaves out work orders (`fleet/service`), which write
down what they have done here, and papers (`fleet/compliance`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.due_by_use import due_status_with_use
from fleet.figures import IdleCare
from fleet.local_days import DEFAULT_ZONE, begin_of, local_day
from fleet.maintenance import store
from fleet.maintenance.due_dates import next_due
from fleet.maintenance.errors import (
    MaintenanceAhead,
    MaintenanceCodeUnknown,
    PlanItemNever,
    PlanItemTwice,
    PlanNotYours,
)
from fleet.maintenance.idle_care import CONDITIONS, Condition, IdleStanding, standing_of
from fleet.maintenance.model import (
    IDLE_CARE,
    Done,
    ItemStanding,
    Need,
    Plan,
    PlanItem,
    Use,
    VehicleMaintenance,
)
from fleet.models import service as models
from fleet.parameters.service import figures
from fleet.registry import service as registry
from kit.errors import VersionChanged
from schemas.access import Actor

__all__ = [
    "CONDITIONS",
    "Condition",
    "Done",
    "IDLE_CARE",
    "IdleStanding",
    "ItemStanding",
    "Plan",
    "PlanItem",
    "Use",
    "VehicleMaintenance",
    "check_codes",
    "get_plan",
    "get_vehicle_maintenance",
    "list_idle_care",
    "note_done",
    "place_of_idle",
    "record_done",
    "refresh_maintenance",
    "set_plan",
    "zone_of",
]

EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before anything was read of any vehicle."""


def get_plan(conn: Connection[Any], actor: Actor, *, model_code: str) -> Plan:
    """The maintenance plan of a model; without items where there is none.

    Raises:
        ModelNotFound: the tenant has no such model.
    """
    actor.require("paper.read")
    model = models.get_model(conn, actor, code=model_code)
    return _plan_of(conn, model)


def set_plan(
    conn: Connection[Any],
    actor: Actor,
    *,
    model_code: str,
    version: int,
    items: Sequence[PlanItem],
    now: datetime,
) -> Plan:
    """The plan of the model is these items, for all of its vehicles from now on.

    What was done under a code is known when the code comes back.

    Raises:
        ModelNotFound: the tenant has no such model.
        PlanNotYours: the actor is not of the tenant's head.
        VersionChanged: somebody changed it since `version` was read.
        PlanItemTwice, PlanItemNever: the items cannot be used.
    """
    actor.require("plan.change")
    _check_items(items)
    model = models.get_model(conn, actor, code=model_code)
    if actor.organisation_id not in (None, model.tenant_id):
        raise PlanNotYours("the head of the tenant keeps its plans", model_code=model.code)
    store.lock_plan(conn, model.id)
    was = _plan_of(conn, model)
    if was.version != version:
        raise VersionChanged(f"the plan of {model.code} is at version {was.version}")
    store.set_plan_items(conn, items, model_id=model.id, tenant_id=model.tenant_id, now=now)
    plan = _plan_of(conn, model)
    refresh_maintenance(conn, vehicle_ids=store.list_vehicles_of_model(conn, model.id), now=now)
    audit.record(
        conn,
        actor,
        "plan.change",
        object_kind="model",
        object_key=model.code,
        now=now,
        before={"items": [_told(item) for item in was.items]},
        after={"items": [_told(item) for item in plan.items]},
        organisation_id=model.tenant_id,
    )
    return plan


def check_codes(
    conn: Connection[Any], *, vehicle: registry.Vehicle, codes: Collection[str]
) -> None:
    """Let pass what the plan of the vehicle's model holds, and idle care.

    Raises:
        MaintenanceCodeUnknown: there is no such item.
    """
    unknown = sorted({*codes} - {IDLE_CARE})
    if unknown:
        unknown = sorted({*unknown} - store.list_known_codes(conn, vehicle.id))
    if unknown:
        raise MaintenanceCodeUnknown(
            f"the plan of {vehicle.vin} has no item {', '.join(unknown)}", codes=unknown
        )


def record_done(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    code: str,
    done_on: date,
    odometer_km: Decimal | None = None,
    running_hours: Decimal | None = None,
    now: datetime,
) -> VehicleMaintenance:
    """An item of its plan, or its idle care, was done to the vehicle that day.

    Raises:
        VehicleNotFound, VehicleNotYours: it is not the actor's to write about.
        MaintenanceCodeUnknown: the plan of its model has no such item.
        MaintenanceAhead: the day lies ahead.
    """
    actor.require("work_order.change")
    vehicle = registry.get_held_vehicle(conn, actor, vin=vin)
    check_codes(conn, vehicle=vehicle, codes=[code])
    if done_on > local_day(now, zone_of(conn, vehicle.holder_id)):
        raise MaintenanceAhead(f"{done_on.isoformat()} lies ahead", done_on=done_on)
    use = Use(odometer_km, running_hours)
    note_done(conn, actor, vehicle=vehicle, codes=[code], done_on=done_on, use=use, now=now)
    told = {"code": code, "done_on": done_on.isoformat()}
    registry.record_act(conn, actor, "maintenance.record", vehicle, now=now, after=told)
    return get_vehicle_maintenance(conn, actor, vehicle=vehicle, now=now)


def note_done(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: registry.Vehicle,
    codes: Collection[str],
    done_on: date,
    use: Use,
    work_order_id: int | None = None,
    now: datetime,
) -> None:
    """These items were done to the vehicle that day; what is not known of its use that day is
    taken from what was read on it.

    The caller has asked the actor for the permission, and writes the audit entry.
    """
    zone = zone_of(conn, vehicle.holder_id)
    begin, end = begin_of(done_on, zone), begin_of(done_on + timedelta(days=1), zone)
    read = store.find_use(conn, vehicle.id, from_at=begin, until_at=end)
    store.write_done(
        conn,
        {
            "tenant_id": vehicle.tenant_id,
            "organisation_id": vehicle.holder_id,
            "vehicle_id": vehicle.id,
            "codes": sorted(codes),
            "done_on": done_on,
            "odometer_km": read.odometer_km if use.odometer_km is None else use.odometer_km,
            "running_hours": read.running_hours if use.running_hours is None else use.running_hours,
            "work_order_id": work_order_id,
            "recorded_by": actor.name,
            "recorded_at": now,
        },
    )
    refresh_maintenance(conn, vehicle_ids=[vehicle.id], now=now)


def get_vehicle_maintenance(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: registry.Vehicle,
    now: datetime,
    limit: int = 200,
) -> VehicleMaintenance:
    """How the plan of the vehicle stands, and what was done to it, the latest first."""
    actor.require("paper.read")
    today = local_day(now, zone_of(conn, vehicle.holder_id))
    use = store.find_use(conn, vehicle.id, from_at=EVER, until_at=now + timedelta(days=1))
    items = [_standing(row, use, today) for row in store.list_standing(conn, vehicle.id)]
    return VehicleMaintenance(items, store.list_done(conn, vehicle.id, limit=limit), use)


def refresh_maintenance(
    conn: Connection[Any], *, vehicle_ids: Sequence[int] | None, now: datetime
) -> int:
    """Write anew what falls due of these vehicles, None = all that are held in sight; how many
    obligations differed.

    Called by whoever changed what it follows from: a plan, what was done, a model, a licence.
    """
    needs = store.list_needs(conn, vehicle_ids, zone=DEFAULT_ZONE)
    decided = [(need, next_due(need), _facts(need)) for need in needs]
    return store.write_obligations(conn, decided, of_vehicles=vehicle_ids, now=now)


def list_idle_care(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[str, date, str] | None = None,
    limit: int = 50,
    now: datetime,
) -> list[IdleStanding]:
    """Vehicles that wait in stock or for sale and how they are, the most urgent first.

    `filters`: condition, stage, organisation, search, vehicle_id, check_until_on (the next check is
    then or earlier), idle_from_on (idle since then or earlier). `after` is a `place_of_idle`.
    """
    actor.require("vehicle.read")
    tenant_id, zone = _tenant_and_zone(conn, actor.organisation_id)
    today = local_day(now, zone)
    care = figures(conn, IdleCare, tenant_id=tenant_id, on=today)
    place = None
    if after is not None:
        # Words that are no condition come from a cursor somebody made up: nothing follows them.
        known = after[0] in CONDITIONS
        urgency = CONDITIONS.index(after[0]) + 1 if known else len(CONDITIONS) + 1
        place = (urgency, after[1], after[2])
    rows = store.list_idle_vehicles(
        conn, filters, figures=care, zone=zone, after=place, limit=limit, now=now
    )
    return [standing_of(row, care, now=now, today=today) for row in rows]


def place_of_idle(standing: IdleStanding) -> tuple[str, date, str]:
    """Where in the list it stands."""
    return standing.condition, standing.next_check_on, standing.vehicle.vin


def zone_of(conn: Connection[Any], organisation_id: int | None) -> str:
    """The zone of an organisation's days; the usual one for the system, or out of sight."""
    return _tenant_and_zone(conn, organisation_id)[1]


def _tenant_and_zone(conn: Connection[Any], organisation_id: int | None) -> tuple[int, str]:
    """No tenant is numbered 0: the figures in force for it are everybody's."""
    found = None
    if organisation_id is not None:
        found = store.find_tenant_and_zone(conn, organisation_id)
    return found or (0, DEFAULT_ZONE)


def _plan_of(conn: Connection[Any], model: models.VehicleModel) -> Plan:
    version = store.find_plan_version(conn, model.id)
    return Plan(model.code, version, store.list_plan_items(conn, model.id))


def _check_items(items: Sequence[PlanItem]) -> None:
    codes = [item.code for item in items]
    for item in items:
        if codes.count(item.code) > 1 or item.code == IDLE_CARE:
            raise PlanItemTwice(f"{item.code} stands twice", code=item.code)
        if item.every_months is item.every_km is item.every_hours is None:
            raise PlanItemNever(f"{item.code} never falls due", code=item.code)


def _told(item: PlanItem) -> dict[str, Any]:
    every = {"months": item.every_months, "km": item.every_km, "hours": item.every_hours}
    known = {unit: count for unit, count in every.items() if count is not None}
    return {"code": item.code, "title": item.title, "every": known}


def _facts(need: Need) -> dict[str, Any]:
    return {
        "title": need.title,
        "last_done_on": None if need.done_on is None else need.done_on.isoformat(),
        "every_months": need.every_months,
        "every_km": need.every_km,
        "every_hours": need.every_hours,
    }


def _standing(row: Mapping[str, Any], use: Use, today: date) -> ItemStanding:
    status = due_status_with_use(
        row["due_on"],
        row["window_from_on"],
        on=today,
        due_odometer_km=row["due_odometer_km"],
        odometer_km=use.odometer_km,
        due_running_hours=row["due_running_hours"],
        running_hours=use.running_hours,
    )
    return ItemStanding(**row, status=status)
