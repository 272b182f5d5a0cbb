"""Keeps vehicles and devices, which device sits in which vehicle, and who operates it.

Every change happens at an instant `at` and closes the period before it, so that periods adjoin and
never overlap; the database enforces the latter. What is written down has happened: `at` does not
lie after `now`. Leaves out: models as a catalogue, disposal, and the approval of transfers.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.orgs import service as orgs
from fleet.registry import store
from fleet.registry.errors import (
    DeviceNotBound,
    DeviceNotFound,
    OperatorUnchanged,
    SerialMalformed,
    TransferNotYours,
    VehicleHasNoDevice,
    VehicleNotFound,
    VehicleNotYours,
)
from fleet.registry.model import (
    Device,
    DeviceBinding,
    DevicePlace,
    FleetEntry,
    OperatorPeriod,
    Vehicle,
)
from fleet.registry.periods import check_aware, check_end, check_past
from fleet.registry.plate import parse_plate
from fleet.registry.vin import normalise_vin, parse_vin
from kit.errors import VersionChanged
from schemas.access import Actor
from schemas.topics import DEVICE_ID


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
    vehicle = Vehicle(vehicle_id, vin, plate, model, owner.code, owner.tenant_id, 1)
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


def register_device(
    conn: Connection[Any], actor: Actor, *, serial: str, owner_code: str, now: datetime
) -> Device:
    """A new device, in no vehicle yet.

    Raises:
        SerialMalformed: it could not be a level of an MQTT topic.
        DeviceExists: it is registered already.
        OrganisationNotFound: there is no such owner.
    """
    actor.require("device.create")
    _check_serial(serial)
    owner = orgs.get_organisation(conn, actor, code=owner_code)
    device_id = store.insert_device(
        conn, tenant_id=owner.tenant_id, serial=serial, owner_id=owner.id
    )
    audit.record(
        conn,
        actor,
        "device.create",
        object_kind="device",
        object_key=serial,
        now=now,
        after={"owner": owner.code},
        organisation_id=owner.tenant_id,
    )
    return Device(device_id, serial, owner.code, owner.tenant_id)


def get_device(conn: Connection[Any], actor: Actor, *, serial: str) -> Device:
    """The device with this serial.

    Raises:
        DeviceNotFound: there is none in sight.
    """
    actor.require("device.read")
    found = store.find_device(conn, serial)
    if found is None:
        raise DeviceNotFound(f"no device has the serial {serial!r}", serial=serial)
    return found


def list_devices(
    conn: Connection[Any],
    actor: Actor,
    *,
    search: str | None = None,
    bound: bool | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[DevicePlace]:
    """Devices in sight by serial; `bound`: only those in a vehicle, or only those in none."""
    actor.require("device.read")
    return store.list_devices(conn, search=search, bound=bound, after=after, limit=limit)


def list_device_bindings(
    conn: Connection[Any], actor: Actor, *, serial: str
) -> list[DeviceBinding]:
    """Every vehicle the device sat in, oldest first.

    Raises:
        DeviceNotFound: there is no such device in sight.
    """
    return store.list_bindings_of_device(conn, get_device(conn, actor, serial=serial).id)


def bind_device(
    conn: Connection[Any], actor: Actor, *, serial: str, vin: str, at: datetime, now: datetime
) -> DeviceBinding:
    """The device sits in the vehicle from `at` on.

    Raises:
        DeviceNotFound, VehicleNotFound: one of the two is unknown.
        DeviceAlreadyBound: the device sits in a vehicle at `at` or later.
        VehicleAlreadyHasDevice: the vehicle has a device at `at` or later.
        InstantInFuture: `at` lies ahead.
    """
    actor.require("device.bind")
    check_past(at, now)
    device = get_device(conn, actor, serial=serial)
    vehicle = get_vehicle(conn, actor, vin=vin)
    binding_id = store.insert_binding(conn, device=device, vehicle=vehicle, from_at=at)
    told = {"vin": vehicle.vin, "at": at.isoformat()}
    _record_device(conn, actor, "device.bind", device, now=now, after=told)
    return DeviceBinding(binding_id, device.serial, vehicle.vin, at, None)


def unbind_device(
    conn: Connection[Any], actor: Actor, *, serial: str, at: datetime, now: datetime
) -> DeviceBinding:
    """The device is taken out of its vehicle; its binding ends before `at`.

    Raises:
        DeviceNotFound: the device is unknown.
        DeviceNotBound: it sits nowhere.
        PeriodEndsBeforeStart: it was bound at `at` or later.
        InstantInFuture: `at` lies ahead.
    """
    actor.require("device.bind")
    check_past(at, now)
    device = get_device(conn, actor, serial=serial)
    running = store.find_running_binding_of_device(conn, device.id)
    if running is None:
        raise DeviceNotBound(f"device {serial} sits in no vehicle", serial=serial)
    ended = _end_binding(conn, running, at)
    told = {"vin": ended.vin, "at": at.isoformat()}
    _record_device(conn, actor, "device.unbind", device, now=now, before=told)
    return ended


def swap_device(
    conn: Connection[Any], actor: Actor, *, vin: str, new_serial: str, at: datetime, now: datetime
) -> DeviceBinding:
    """Another device replaces the one in the vehicle at `at`, without a gap.

    Raises:
        VehicleNotFound, DeviceNotFound: one of the two is unknown.
        VehicleHasNoDevice: there is nothing to replace.
        PeriodEndsBeforeStart: the present device was bound at `at` or later.
        DeviceAlreadyBound: the new device sits in a vehicle.
        InstantInFuture: `at` lies ahead.
    """
    actor.require("device.bind")
    check_past(at, now)
    vehicle = get_vehicle(conn, actor, vin=vin)
    device = get_device(conn, actor, serial=new_serial)
    running = store.find_running_binding_of_vehicle(conn, vehicle.id)
    if running is None:
        raise VehicleHasNoDevice(f"vehicle {vehicle.vin} has no device", vin=vehicle.vin)
    _end_binding(conn, running, at)
    binding_id = store.insert_binding(conn, device=device, vehicle=vehicle, from_at=at)
    told = {"vin": vehicle.vin, "at": at.isoformat()}
    _record_device(
        conn, actor, "device.swap", device, now=now, before={"serial": running.serial}, after=told
    )
    return DeviceBinding(binding_id, device.serial, vehicle.vin, at, None)


def list_bindings(conn: Connection[Any], actor: Actor, *, vin: str) -> list[DeviceBinding]:
    """Every device that sat in the vehicle, oldest first.

    Raises:
        VehicleNotFound: there is no such vehicle.
    """
    actor.require("device.read")
    return store.list_bindings(conn, get_vehicle(conn, actor, vin=vin).id)


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


def add_fleet(
    conn: Connection[Any], actor: Actor, entries: Iterable[FleetEntry], *, at: datetime
) -> int:
    """Many vehicles join, each with its device and its operator from `at` on; how many were new.

    Entries whose VIN is known are left as they are, so that a list can be given again. Takes one
    statement a table, whatever the number of entries.

    Raises:
        VinMalformed, VinCheckDigitWrong, PlateMalformed, SerialMalformed: an entry is unusable.
        OrganisationNotFound: an owner or operator is unknown.
        VehicleExists, PlateTaken, DeviceExists: entries contradict one another or what is there.
    """
    actor.require("vehicle.create")
    check_aware(at)
    parsed = [_parse_entry(entry) for entry in entries]
    for code in {e.owner_code for e in parsed} | {e.operator_code for e in parsed}:
        orgs.get_organisation(conn, actor, code=code)
    known = set(store.list_known_vins(conn, [entry.vin for entry in parsed]))
    new = [entry for entry in parsed if entry.vin not in known]
    store.insert_fleet(conn, new, from_at=at)
    return len(new)


def _record_device(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    device: Device,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    audit.record(
        conn,
        actor,
        action,
        object_kind="device",
        object_key=device.serial,
        now=now,
        before=before,
        after=after,
        organisation_id=device.tenant_id,
    )


def _end_binding(conn: Connection[Any], running: DeviceBinding, at: datetime) -> DeviceBinding:
    check_end(running.from_at, at)
    store.mark_binding_ended(conn, running.id, until_at=at)
    return replace(running, until_at=at)


def _parse_entry(entry: FleetEntry) -> FleetEntry:
    _check_serial(entry.serial)
    plate = None if entry.plate is None else parse_plate(entry.plate).text
    return replace(entry, vin=parse_vin(entry.vin).text, plate=plate)


def _check_serial(serial: str) -> None:
    if DEVICE_ID.fullmatch(serial) is None:
        raise SerialMalformed(
            f"{serial!r} is not a device serial: 1–64 of A–Z, a–z, 0–9, hyphen, underscore",
            serial=serial,
        )
