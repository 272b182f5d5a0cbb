"""Keeps vehicles, who operates each of them, and the stages of their lives.

Every change happens at an instant `at` and closes the period before it, so that periods adjoin and
never overlap; the database enforces the latter. What is written down has happened: `at` does not
lie after `now`. Takes the rows of a sheet of vehicles. Leaves out devices (`fleet/devices`), models
(`fleet/models`), odometer, purchase and place (`fleet/lives`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.models import service as models
from fleet.orgs import service as orgs
from fleet.periods import check_aware, check_end, check_past
from fleet.registry import store
from fleet.registry.differences import newcomers, of_known, of_newcomers
from fleet.registry.errors import (
    OperatorUnchanged,
    TransferNotYours,
    VehicleNotFound,
    VehicleNotYours,
)
from fleet.registry.model import (
    OperatorPeriod,
    SavedVehicles,
    Stage,
    Transfer,
    TransferCheck,
    TransferRecord,
    Vehicle,
    VehicleEntry,
)
from fleet.registry.plate import parse_plate
from fleet.registry.rows import (
    FIELDS,
    check_vehicle_row,
    said_of,
    tags_fit,
    tidy_tags,
    verbs_for,
)
from fleet.registry.stages import NEXT_STAGES, STAGES, StageName, check_first, check_step
from fleet.registry.vin import check_of, normalise_vin, parse_vin
from fleet.row_problems import RowProblem
from kit.errors import VersionChanged
from schemas.access import Actor

__all__ = [
    "NEXT_STAGES",
    "STAGES",
    "OperatorPeriod",
    "RowProblem",
    "SavedVehicles",
    "Stage",
    "StageName",
    "Transfer",
    "TransferCheck",
    "TransferRecord",
    "Vehicle",
    "VehicleEntry",
    "add_vehicle",
    "add_vehicles",
    "assign_operator",
    "change_stage",
    "change_vehicle",
    "check_of",
    "check_vehicles",
    "find_stage",
    "get_held_vehicle",
    "get_vehicle",
    "known_plates",
    "known_vehicles",
    "list_operator_periods",
    "list_stages",
    "list_transfers",
    "parse_plate",
    "parse_vin",
    "save_vehicles",
    "tags_fit",
    "tidy_tags",
    "write_stage",
]


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
    model, model_id = _model(conn, actor, model, model_code, tenant_id=owner.tenant_id)
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
        store.insert_operator_period(
            conn, vehicle=vehicle, organisation_id=operator.id, from_at=now
        )
    store.insert_stage(conn, vehicle, stage=stage, from_at=now, reason=None, changed_by=actor.name)
    told = {"plate": plate, "model": model, "owner": owner.code, "operator": operator_code}
    _record(conn, actor, "vehicle.create", vehicle, now=now, after=told)
    return vehicle


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
    model, model_id = _model(conn, actor, model, model_code, tenant_id=was.tenant_id)
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
    _record(conn, actor, "vehicle.change", was, now=now, before=before, after=after)
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


def assign_operator(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    organisation_code: str,
    at: datetime,
    record: TransferRecord | None = None,
    now: datetime,
) -> OperatorPeriod:
    """The organisation operates the vehicle from `at` on; whoever did so before ends there.

    `record` is what both sides agree on. The vehicle stands at no depot until it is given one.

    Raises:
        VehicleNotFound, OrganisationNotFound: one of the two is unknown.
        TransferNotYours: the actor sees neither the owner nor the present operator.
        OperatorUnchanged: the organisation operates it already.
        PeriodEndsBeforeStart: the present operator began at `at` or later.
        OperatorPeriodsOverlap: somebody operated it after `at`.
        InstantInFuture: `at` lies ahead.
    """
    actor.require("vehicle.transfer")
    check_past(at, now)
    vehicle = get_vehicle(conn, actor, vin=vin)
    organisation = orgs.get_organisation(conn, actor, code=organisation_code)
    running = store.find_running_operator_period(conn, vehicle.id)
    if running is None and vehicle.owner_code is None:
        raise TransferNotYours(f"{vehicle.vin} is not yours to hand on", vin=vehicle.vin)
    if running is not None:
        if running.organisation_code == organisation.code:
            raise OperatorUnchanged(
                f"{organisation.code} operates {vehicle.vin} already",
                vin=vehicle.vin,
                organisation_code=organisation.code,
            )
        check_end(running.from_at, at)
    store.insert_transfer(
        conn,
        vehicle,
        organisation_id=organisation.id,
        transferred_at=at,
        record=record or TransferRecord(),
        recorded_by=actor.name,
    )
    store.clear_depot(conn, vehicle.id)
    if running is not None:
        store.mark_operator_period_ended(conn, running.id, until_at=at)
    period_id = store.insert_operator_period(
        conn, vehicle=vehicle, organisation_id=organisation.id, from_at=at
    )
    before = {"operator": running.organisation_code if running else None}
    after = {"operator": organisation.code, "at": at.isoformat()}
    _record(conn, actor, "vehicle.transfer", vehicle, now=now, before=before, after=after)
    return OperatorPeriod(period_id, vehicle.vin, organisation.code, at, None)


def list_operator_periods(conn: Connection[Any], actor: Actor, *, vin: str) -> list[OperatorPeriod]:
    """Everyone who operated the vehicle, oldest first.

    Raises:
        VehicleNotFound: there is no such vehicle.
    """
    return store.list_operator_periods(conn, get_vehicle(conn, actor, vin=vin).id)


def list_transfers(conn: Connection[Any], actor: Actor, *, vin: str) -> list[Transfer]:
    """The transfers of the vehicle that the actor's organisations had a part in, oldest first.

    Raises:
        VehicleNotFound: there is no such vehicle.
    """
    return store.list_transfers(conn, get_vehicle(conn, actor, vin=vin).id)


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
        _model(conn, actor, None, model_code, tenant_id=None)
    for code in {e.owner_code for e in parsed} | {e.operator_code for e in parsed}:
        orgs.get_organisation(conn, actor, code=code)
    known = set(store.list_known_vins(conn, [entry.vin for entry in parsed]))
    new = [entry for entry in parsed if entry.vin not in known]
    store.insert_vehicles(conn, new, from_at=at, changed_by=actor.name)
    return {entry.vin for entry in new}


def _parse_entry(entry: VehicleEntry) -> VehicleEntry:
    plate = None if entry.plate is None else parse_plate(entry.plate).text
    return replace(entry, vin=parse_vin(entry.vin).text, plate=plate)


def change_stage(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: Vehicle,
    stage: StageName,
    reason: str | None = None,
    at: datetime,
    now: datetime,
) -> Stage:
    """The vehicle is at `stage` from `at` on; what stands against a hand-over is not asked here.

    Raises:
        VehicleNotYours: it is in sight as one operated in the past.
        StageUnchanged: it is there already.
        StageNotReachable: it does not come there from where it is.
        StageReasonMissing: it is disposed of without a word.
        PeriodEndsBeforeStart: it has come where it is at `at` or later.
        InstantInFuture: `at` lies ahead.
    """
    actor.require("vehicle.change_stage")
    check_past(at, now)
    return write_stage(conn, actor, vehicle=vehicle, stage=stage, reason=reason, at=at, now=now)


def write_stage(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: Vehicle,
    stage: StageName,
    reason: str | None,
    at: datetime,
    now: datetime,
) -> Stage:
    """As `change_stage`, as a part of something else, which asks for permission and checks `at`."""
    if not vehicle.held:
        raise VehicleNotYours(f"{vehicle.vin} is not yours any more", vin=vehicle.vin)
    store.lock_stage(conn, vehicle.id)
    was = find_stage(conn, vehicle=vehicle)
    check_step(None if was is None else was.stage, stage, reason=reason, vin=vehicle.vin)
    if was is not None:
        check_end(was.from_at, at)
        store.mark_stage_ended(conn, vehicle.id, until_at=at)
    store.insert_stage(conn, vehicle, stage=stage, from_at=at, reason=reason, changed_by=actor.name)
    before = {"stage": None if was is None else was.stage}
    after = {"stage": stage, "reason": reason, "at": at.isoformat()}
    _record(conn, actor, "vehicle.change_stage", vehicle, now=now, before=before, after=after)
    return Stage(stage, at, None, reason, actor.name)


def find_stage(conn: Connection[Any], *, vehicle: Vehicle) -> Stage | None:
    """The stage the vehicle is at; None where it is out of sight. The vehicle was read before."""
    return store.find_running_stage(conn, vehicle.id)


def list_stages(conn: Connection[Any], actor: Actor, *, vin: str) -> list[Stage]:
    """The stages the vehicle went through, oldest first.

    Raises:
        VehicleNotFound: there is no such vehicle in sight.
    """
    return store.list_stages(conn, get_vehicle(conn, actor, vin=vin).id)


def known_vehicles(conn: Connection[Any], vins: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Those of the VINs that have a vehicle in sight, each with what a sheet says of it.

    Besides, `held`: whether it may be written about.
    """
    return {
        row["vin"]: {name: row[name] for name in (*FIELDS, "held")}
        for row in store.list_known_vehicles(conn, vins)
    }


def known_plates(conn: Connection[Any], plates: Sequence[str]) -> dict[str, str]:
    """The VIN of the vehicle in sight that bears each of the plates, as they are stored."""
    return store.list_plates(conn, plates)


def check_vehicles(
    conn: Connection[Any],
    rows: Sequence[Mapping[str, Any]],
    known: Mapping[str, Mapping[str, Any]],
) -> list[list[RowProblem]]:
    """What is wrong with each row, beside `known_vehicles` of them; in their order.

    Leaves out two rows of one sheet that contradict one another.
    """
    around = store.find_surroundings(
        conn, plates=said_of(rows, "plate"), model_codes=said_of(rows, "model_code")
    )
    return [check_vehicle_row(row, known.get(row["vin"]), around) for row in rows]


def save_vehicles(
    conn: Connection[Any], actor: Actor, rows: Sequence[Mapping[str, Any]], *, now: datetime
) -> SavedVehicles:
    """Write rows that `check_vehicles` found nothing wrong with: new vehicles, and what differs.

    A field that is absent or None leaves what is there. One statement a table, whatever the number
    of rows. Writes no audit entry: the import does.

    Raises:
        PermissionMissing: the rows say more than the actor may write.
        PeriodEndsBeforeStart: a vehicle came to its stage at `now` or later.
        VehicleExists, PlateTaken: the rows contradict one another, or what is out of sight.
    """
    there = {row["vin"]: row for row in store.list_known_vehicles(conn, [r["vin"] for r in rows])}
    new = [row for row in rows if row["vin"] not in there]
    known = [row for row in rows if row["vin"] in there]
    for verb in verbs_for(new, known):
        actor.require(verb)
    named = store.find_named(conn, model_codes=said_of(rows, "model_code"))
    written = of_known(known, there, named)
    for moved in written.moved:
        check_end(there[moved["vin"]]["staged_from_at"], now)
    store.write_rows(conn, written, now=now, changed_by=actor.name)
    ids = {vin: was["id"] for vin, was in there.items()}
    if new:
        ids |= store.insert_rows(conn, newcomers(new, named))
        beside = of_newcomers(new, ids, named)
        store.insert_operators_of_rows(conn, beside.moved, now=now)
        store.write_rows(conn, beside, now=now, changed_by=actor.name)
    return SavedVehicles(len(new), len(known), ids)


def _model(
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


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    vehicle: Vehicle,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
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
