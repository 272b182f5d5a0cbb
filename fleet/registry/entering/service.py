"""Vehicles that join: one, or a list that can be given again."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.orgs import service as orgs
from fleet.periods import check_aware
from fleet.registry.entering import store
from fleet.registry.model import Vehicle, VehicleEntry
from fleet.registry.operating.service import begin_operating
from fleet.registry.plate import parse_plate
from fleet.registry.stages import StageName, check_first
from fleet.registry.staging.service import begin_life
from fleet.registry.vehicles.service import named_model, record_act
from fleet.registry.vin import parse_vin
from schemas.access import Actor

__all__ = ["add_vehicle", "add_vehicles"]


def add_vehicle(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    plate: str | None,
    owner_code: str,
    model: str | None = None,
    model_code: str | None = None,
    operator_code: str | None = None,
    stage: StageName = "in_stock",
    now: datetime,
) -> Vehicle:
    """A new vehicle, in stock or `ordered`; None for a plate not yet issued.

    With `model_code` it bears the name of that model of the catalogue, whatever `model` says. It is
    operated by `operator_code` from `now` on; if that is None, by nobody yet, and what it reports
    is in no organisation's sight.

    Raises:
        VinMalformed, PlateMalformed: the input cannot be used.
        VehicleExists, PlateTaken: another has it.
        OrganisationNotFound, ModelNotFound: there is no such owner, operator or model.
        StageNotFirst: no life begins there.
    """
    actor.require("vehicle.create")
    check_first(stage)
    vin = parse_vin(vin).text
    plate = None if plate is None else parse_plate(plate).text
    owner = orgs.get_organisation(conn, actor, code=owner_code)
    operator = None
    if operator_code is not None:
        operator = orgs.get_organisation(conn, actor, code=operator_code)
    model, model_id = named_model(conn, actor, model, model_code, tenant_id=owner.tenant_id)
    vehicle_id = store.insert_vehicle(
        conn,
        tenant_id=owner.tenant_id,
        vin=vin,
        plate=plate,
        model=model,
        model_id=model_id,
        owner_id=owner.id,
    )
    vehicle = Vehicle(
        vehicle_id,
        vin,
        plate,
        model,
        owner.code,
        owner.tenant_id,
        1,
        (operator or owner).id,
        model_id=model_id,
        model_code=model_code,
    )
    if operator is not None:
        begin_operating(conn, vehicle, organisation_id=operator.id, at=now)
    begin_life(conn, actor, vehicle, stage=stage, at=now)
    told = {"plate": plate, "model": model, "owner": owner.code, "operator": operator_code}
    record_act(conn, actor, "vehicle.create", vehicle, now=now, after=told)
    return vehicle


def add_vehicles(
    conn: Connection[Any], actor: Actor, entries: Iterable[VehicleEntry], *, at: datetime
) -> set[str]:
    """Many vehicles join, each with its operator from `at` on; the VINs of those that are new.

    Entries whose VIN is known are left as they are, so that a list can be given again. Takes one
    statement a table, whatever the number of entries.

    Raises:
        VinMalformed, PlateMalformed: an entry is unusable.
        OrganisationNotFound, ModelNotFound: an owner, operator or model is unknown.
        StageNotFirst: an entry begins at a later stage.
        VehicleExists, PlateTaken: entries contradict one another or what is there.
    """
    actor.require("vehicle.create")
    check_aware(at)
    parsed = [_parse_entry(entry) for entry in entries]
    for stage in {entry.stage for entry in parsed}:
        check_first(stage)
    for model_code in {entry.model_code for entry in parsed}:
        named_model(conn, actor, None, model_code, tenant_id=None)
    for code in {e.owner_code for e in parsed} | {e.operator_code for e in parsed}:
        orgs.get_organisation(conn, actor, code=code)
    known = set(store.list_known_vins(conn, [entry.vin for entry in parsed]))
    new = [entry for entry in parsed if entry.vin not in known]
    store.insert_vehicles(conn, new, from_at=at, changed_by=actor.name)
    return {entry.vin for entry in new}


def _parse_entry(entry: VehicleEntry) -> VehicleEntry:
    plate = None if entry.plate is None else parse_plate(entry.plate).text
    return replace(entry, vin=parse_vin(entry.vin).text, plate=plate)
