"""One vehicle: finding it, changing what it bears, and the trail of what is done to it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.models import service as models
from fleet.registry.errors import VehicleNotFound, VehicleNotYours
from fleet.registry.model import Vehicle
from fleet.registry.plate import parse_plate
from fleet.registry.vehicles import store
from fleet.registry.vin import normalise_vin
from kit.errors import VersionChanged
from schemas.access import Actor

__all__ = ["change_vehicle", "get_held_vehicle", "get_vehicle", "named_model", "record_act"]


def change_vehicle(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    version: int,
    plate: str | None,
    model: str | None,
    model_code: str | None = None,
    now: datetime,
) -> Vehicle:
    """The vehicle with this plate and this model; None for none.

    With `model_code` it bears the name of that model of the catalogue, whatever `model` says.

    Raises:
        VehicleNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
        VehicleNotYours: it is in sight as one operated in the past.
        ModelNotFound: there is no such model.
        PlateMalformed, PlateTaken, VehicleModelEmpty: the input cannot be used.
    """
    actor.require("vehicle.change")
    was = get_vehicle(conn, actor, vin=vin)
    plate = None if plate is None else parse_plate(plate).text
    model, model_id = named_model(conn, actor, model, model_code, tenant_id=was.tenant_id)
    now_is = replace(
        was,
        plate=plate,
        model=model,
        model_id=model_id,
        model_code=model_code,
        version=version + 1,
    )
    if not store.update_vehicle(conn, was, now_is):
        if was.version == version:
            raise VehicleNotYours(f"{was.vin} is not yours any more", vin=was.vin)
        raise VersionChanged(f"vehicle {was.vin} is at version {was.version}", vin=was.vin)
    before = {"plate": was.plate, "model": was.model}
    after = {"plate": plate, "model": model}
    record_act(conn, actor, "vehicle.change", was, now=now, before=before, after=after)
    return now_is


def get_vehicle(conn: Connection[Any], actor: Actor, *, vin: str) -> Vehicle:
    """The vehicle with this VIN, however it is typed.

    Raises:
        VehicleNotFound: there is none in sight.
    """
    actor.require("vehicle.read")
    found = store.find_vehicle(conn, normalise_vin(vin))
    if found is None:
        raise VehicleNotFound(f"no vehicle has the VIN {vin!r}", vin=vin)
    return found


def get_held_vehicle(conn: Connection[Any], actor: Actor, *, vin: str) -> Vehicle:
    """As `get_vehicle`, of a vehicle the actor's organisations own or operate now.

    What is written down about a vehicle begins with this.

    Raises:
        VehicleNotFound: there is none in sight.
        VehicleNotYours: it is in sight as one operated in the past.
    """
    found = get_vehicle(conn, actor, vin=vin)
    if not found.held:
        raise VehicleNotYours(f"{found.vin} is not yours any more", vin=found.vin)
    return found


def named_model(
    conn: Connection[Any],
    actor: Actor,
    name: str | None,
    code: str | None,
    *,
    tenant_id: int | None,
) -> tuple[str | None, int | None]:
    """Name and id of the model with this code; without one, the name alone."""
    if code is None:
        return name, None
    model = models.get_model(conn, actor, code=code, tenant_id=tenant_id)
    return model.name, model.id


def record_act(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    vehicle: Vehicle,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write down in the audit trail what the actor did to the vehicle."""
    audit.record(
        conn,
        actor,
        action,
        object_kind="vehicle",
        object_key=vehicle.vin,
        now=now,
        before=before,
        after=after,
        organisation_id=vehicle.tenant_id,
    )
