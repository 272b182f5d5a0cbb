"""Maintenance plans of models, and what was done to vehicles, over HTTP."""

from api.deps import Call
from api.models.amounts import exact_or_none
from api.models.catalogue import ModelCodePath
from api.models.maintenance import DoneIn, PlanIn, PlanOut, VehicleMaintenanceOut
from api.models.text import VinPath
from api.operation import Answer, IfMatch, Operations, version_of
from fleet.maintenance import service as maintenance
from fleet.registry import service as registry

operations = Operations("maintenance")


@operations.get("/models/{code}/maintenance", tells=["ETag"])
def get_maintenance_plan(call: Call, code: ModelCodePath) -> Answer[PlanOut]:
    """The maintenance plan of a model."""
    plan = maintenance.get_plan(call.conn, call.actor, model_code=code)
    return Answer(PlanOut.of(plan), version=plan.version)


@operations.put("/models/{code}/maintenance", tells=["ETag"])
def set_maintenance_plan(
    call: Call, code: ModelCodePath, body: PlanIn, if_match: IfMatch = None
) -> Answer[PlanOut]:
    """Write the maintenance plan of a model, whole; the head of the tree does.

    It counts for all of its vehicles at once. If-Match: the ETag of the plan, `"0"` the first time.
    """
    plan = maintenance.set_plan(
        call.conn,
        call.actor,
        model_code=code,
        version=version_of(if_match),
        items=[item.item() for item in body.items],
        now=call.now,
    )
    return Answer(PlanOut.of(plan), version=plan.version)


@operations.get("/vehicles/{vin}/maintenance")
def get_vehicle_maintenance(call: Call, vin: VinPath) -> VehicleMaintenanceOut:
    """How the maintenance plan of a vehicle stands, and what was done to it."""
    vehicle = registry.get_vehicle(call.conn, call.actor, vin=vin)
    known = maintenance.get_vehicle_maintenance(
        call.conn, call.actor, vehicle=vehicle, now=call.now
    )
    return VehicleMaintenanceOut.of(known)


@operations.post("/vehicles/{vin}/maintenance", status=201, idempotent="work_order.change")
def record_maintenance(call: Call, vin: VinPath, body: DoneIn) -> VehicleMaintenanceOut:
    """Write down that an item of the plan, or `idle-care`, was done. Finished orders do it too."""
    known = maintenance.record_done(
        call.conn,
        call.actor,
        vin=vin,
        code=body.code,
        done_on=body.done_on,
        odometer_km=exact_or_none(body.odometer_km, 1),
        running_hours=exact_or_none(body.running_hours, 1),
        now=call.now,
    )
    return VehicleMaintenanceOut.of(known)
