"""Keeps devices, and which device sits in which vehicle.

Every change happens at an instant `at` and closes the period before it, so that periods adjoin and
never overlap; the database enforces the latter. What is written down has happened: `at` does not
lie after `now`. Leaves out the vehicles themselves (`fleet/registry`).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.devices import store
from fleet.devices.errors import (
    DeviceNotBound,
    DeviceNotFound,
    SerialMalformed,
    VehicleHasNoDevice,
)
from fleet.devices.model import Device, DeviceBinding, DevicePlace, FleetEntry
from fleet.orgs import service as orgs
from fleet.periods import check_end, check_past
from fleet.registry import service as registry
from schemas.access import Actor
from schemas.addresses import check_not_reserved
from schemas.topics import DEVICE_ID


def register_device(
    conn: Connection[Any], actor: Actor, *, serial: str, owner_code: str, now: datetime
) -> Device:
    """A new device, in no vehicle yet.

    Raises:
        SerialMalformed: it could not be a level of an MQTT topic.
        CodeReserved: it is a word of the addresses.
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
    vehicle = registry.get_vehicle(conn, actor, vin=vin)
    binding_id = store.insert_binding(
        conn,
        device=device,
        vehicle_id=vehicle.id,
        vin=vehicle.vin,
        tenant_id=vehicle.tenant_id,
        from_at=at,
    )
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
    vehicle = registry.get_vehicle(conn, actor, vin=vin)
    device = get_device(conn, actor, serial=new_serial)
    running = store.find_running_binding_of_vehicle(conn, vehicle.id)
    if running is None:
        raise VehicleHasNoDevice(f"vehicle {vehicle.vin} has no device", vin=vehicle.vin)
    _end_binding(conn, running, at)
    binding_id = store.insert_binding(
        conn,
        device=device,
        vehicle_id=vehicle.id,
        vin=vehicle.vin,
        tenant_id=vehicle.tenant_id,
        from_at=at,
    )
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
    return store.list_bindings(conn, registry.get_vehicle(conn, actor, vin=vin).id)


def add_fleet(
    conn: Connection[Any], actor: Actor, entries: Iterable[FleetEntry], *, at: datetime
) -> int:
    """Many vehicles join, each with its device and its operator from `at` on; how many were new.

    Entries whose VIN is known are left as they are, so that a list can be given again. Takes one
    statement a table, whatever the number of entries.

    Raises:
        VinMalformed, PlateMalformed, SerialMalformed, CodeReserved: an entry is unusable.
        OrganisationNotFound: an owner or operator is unknown.
        VehicleExists, PlateTaken, DeviceExists: entries contradict one another or what is there.
    """
    actor.require("device.create")
    listed = [replace(entry, vin=registry.parse_vin(entry.vin).text) for entry in entries]
    for entry in listed:
        _check_serial(entry.serial)
    new = registry.add_vehicles(conn, actor, map(_vehicle_of, listed), at=at)
    store.insert_bound_devices(conn, [entry for entry in listed if entry.vin in new], from_at=at)
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


def _vehicle_of(entry: FleetEntry) -> registry.VehicleEntry:
    return registry.VehicleEntry(
        entry.vin, entry.plate, entry.owner_code, entry.operator_code, entry.model
    )


def _check_serial(serial: str) -> None:
    if DEVICE_ID.fullmatch(serial) is None:
        raise SerialMalformed(
            f"{serial!r} is not a device serial: 1–64 of A–Z, a–z, 0–9, hyphen, underscore",
            serial=serial,
        )
    check_not_reserved(serial, field="serial")
