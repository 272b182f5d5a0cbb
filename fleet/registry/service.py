"""Keeps vehicles, and who operates each of them.

Every change happens at an instant `at` and closes the period before it, so that periods adjoin and
never overlap; the database enforces the latter. What is written down has happened: `at` does not
lie after `now`. Leaves out devices (`fleet/devices`).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.orgs import service as orgs
from fleet.periods import check_aware, check_end, check_past
from fleet.registry import store
from fleet.registry.errors import (
    OperatorUnchanged,
    TransferNotYours,
    VehicleNotFound,
    VehicleNotYours,
)
from fleet.registry.model import OperatorPeriod, Vehicle, VehicleEntry
from fleet.registry.plate import parse_plate
from fleet.registry.vin import normalise_vin, parse_vin
from kit.errors import VersionChanged
from schemas.access import Actor

__all__ = [
    "OperatorPeriod",
    "Vehicle",
    "VehicleEntry",
    "add_vehicle",
    "add_vehicles",
    "assign_operator",
    "change_vehicle",
    "get_held_vehicle",
    "get_vehicle",
    "list_operator_periods",
    "parse_vin",
]


def add_vehicle(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    plate: str | None,
    owner_code: str,
    model: str | None = None,
    operator_code: str | None = None,
    now: datetime,
) -> Vehicle:
    """A new vehicle; None for a plate not yet issued.

    It is operated by `operator_code` from `now` on; if that is None, by nobody yet, and what it
    reports is in no organisation's sight.

    Raises:
        VinMalformed, VinCheckDigitWrong, PlateMalformed: the input cannot be used.
        VehicleExists, PlateTaken: another has it.
        OrganisationNotFound: there is no such owner or operator.
    """
    actor.require("vehicle.create")
    vin = parse_vin(vin).text
    plate = None if plate is None else parse_plate(plate).text
    owner = orgs.get_organisation(conn, actor, code=owner_code)
    operator = None
    if operator_code is not None:
        operator = orgs.get_organisation(conn, actor, code=operator_code)
    vehicle_id = store.insert_vehicle(
        conn, tenant_id=owner.tenant_id, vin=vin, plate=plate, model=model, owner_id=owner.id
    )
    vehicle = Vehicle(
        vehicle_id, vin, plate, model, owner.code, owner.tenant_id, 1, (operator or owner).id
    )
    if operator is not None:
        store.insert_operator_period(
            conn, vehicle=vehicle, organisation_id=operator.id, from_at=now
        )
    told = {"plate": plate, "model": model, "owner": owner.code, "operator": operator_code}
    audit.record(
        conn,
        actor,
        "vehicle.create",
        object_kind="vehicle",
        object_key=vin,
        now=now,
        after=told,
        organisation_id=owner.tenant_id,
    )
    return vehicle


def change_vehicle(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    version: int,
    plate: str | None,
    model: str | None,
    now: datetime,
) -> Vehicle:
    """The vehicle with this plate and this model; None for none.

    Raises:
        VehicleNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
        VehicleNotYours: it is in sight as one operated in the past.
        PlateMalformed, PlateTaken, VehicleModelEmpty: the input cannot be used.
    """
    actor.require("vehicle.change")
    was = get_vehicle(conn, actor, vin=vin)
    plate = None if plate is None else parse_plate(plate).text
    if not store.update_vehicle(conn, was, version=version, plate=plate, model=model):
        if was.version == version:
            raise VehicleNotYours(f"{was.vin} is not yours any more", vin=was.vin)
        raise VersionChanged(f"vehicle {was.vin} is at version {was.version}", vin=was.vin)
    audit.record(
        conn,
        actor,
        "vehicle.change",
        object_kind="vehicle",
        object_key=was.vin,
        now=now,
        before={"plate": was.plate, "model": was.model},
        after={"plate": plate, "model": model},
        organisation_id=was.tenant_id,
    )
    return replace(was, plate=plate, model=model, version=version + 1)


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
    now: datetime,
) -> OperatorPeriod:
    """The organisation operates the vehicle from `at` on; whoever did so before ends there.

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
        store.mark_operator_period_ended(conn, running.id, until_at=at)
    period_id = store.insert_operator_period(
        conn, vehicle=vehicle, organisation_id=organisation.id, from_at=at
    )
    audit.record(
        conn,
        actor,
        "vehicle.transfer",
        object_kind="vehicle",
        object_key=vehicle.vin,
        now=now,
        before={"operator": running.organisation_code if running else None},
        after={"operator": organisation.code, "at": at.isoformat()},
        organisation_id=vehicle.tenant_id,
    )
    return OperatorPeriod(period_id, vehicle.vin, organisation.code, at, None)


def list_operator_periods(conn: Connection[Any], actor: Actor, *, vin: str) -> list[OperatorPeriod]:
    """Everyone who operated the vehicle, oldest first.

    Raises:
        VehicleNotFound: there is no such vehicle.
    """
    return store.list_operator_periods(conn, get_vehicle(conn, actor, vin=vin).id)


def add_vehicles(
    conn: Connection[Any], actor: Actor, entries: Iterable[VehicleEntry], *, at: datetime
) -> set[str]:
    """Many vehicles join, each with its operator from `at` on; the VINs of those that are new.

    Entries whose VIN is known are left as they are, so that a list can be given again. Takes one
    statement a table, whatever the number of entries.

    Raises:
        VinMalformed, VinCheckDigitWrong, PlateMalformed: an entry is unusable.
        OrganisationNotFound: an owner or operator is unknown.
        VehicleExists, PlateTaken: entries contradict one another or what is there.
    """
    actor.require("vehicle.create")
    check_aware(at)
    parsed = [_parse_entry(entry) for entry in entries]
    for code in {e.owner_code for e in parsed} | {e.operator_code for e in parsed}:
        orgs.get_organisation(conn, actor, code=code)
    known = set(store.list_known_vins(conn, [entry.vin for entry in parsed]))
    new = [entry for entry in parsed if entry.vin not in known]
    store.insert_vehicles(conn, new, from_at=at)
    return {entry.vin for entry in new}


def _parse_entry(entry: VehicleEntry) -> VehicleEntry:
    plate = None if entry.plate is None else parse_plate(entry.plate).text
    return replace(entry, vin=parse_vin(entry.vin).text, plate=plate)
