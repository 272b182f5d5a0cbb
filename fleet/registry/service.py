"""Keeps vehicles and devices, which device sits in which vehicle, and who operates it.

Every change happens at an instant `at` and closes the period before it, so that periods adjoin and
never overlap; the database enforces the latter. Leaves out: models, disposal, and the approval of
transfers between operators.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.orgs import service as orgs
from fleet.registry import store
from fleet.registry.errors import (
    DeviceNotBound,
    DeviceNotFound,
    OperatorUnchanged,
    SerialMalformed,
    VehicleHasNoDevice,
    VehicleNotFound,
)
from fleet.registry.model import Device, DeviceBinding, FleetEntry, OperatorPeriod, Vehicle
from fleet.registry.periods import check_aware, check_end
from fleet.registry.plate import parse_plate
from fleet.registry.vin import normalise_vin, parse_vin
from schemas.topics import DEVICE_ID


def add_vehicle(conn: Connection[Any], *, vin: str, plate: str | None, owner_code: str) -> Vehicle:
    """A new vehicle; None for a plate not yet issued.

    Raises:
        VinMalformed, VinCheckDigitWrong, PlateMalformed: the input cannot be used.
        VehicleExists, PlateTaken: another has it.
        OrganisationNotFound: there is no such owner.
    """
    vin = parse_vin(vin).text
    plate = None if plate is None else parse_plate(plate).text
    owner = orgs.get_organisation(conn, code=owner_code)
    vehicle_id = store.insert_vehicle(conn, vin=vin, plate=plate, owner_id=owner.id)
    return Vehicle(vehicle_id, vin, plate, owner.code)


def get_vehicle(conn: Connection[Any], *, vin: str) -> Vehicle:
    """The vehicle with this VIN, however it is typed.

    Raises:
        VehicleNotFound: there is none.
    """
    found = store.find_vehicle(conn, normalise_vin(vin))
    if found is None:
        raise VehicleNotFound(f"no vehicle has the VIN {vin!r}", vin=vin)
    return found


def register_device(conn: Connection[Any], *, serial: str) -> Device:
    """A new device, in no vehicle yet.

    Raises:
        SerialMalformed: it could not be a level of an MQTT topic.
        DeviceExists: it is registered already.
    """
    _check_serial(serial)
    return Device(store.insert_device(conn, serial=serial), serial)


def get_device(conn: Connection[Any], *, serial: str) -> Device:
    """The device with this serial.

    Raises:
        DeviceNotFound: there is none.
    """
    found = store.find_device(conn, serial)
    if found is None:
        raise DeviceNotFound(f"no device has the serial {serial!r}", serial=serial)
    return found


def bind_device(conn: Connection[Any], *, serial: str, vin: str, at: datetime) -> DeviceBinding:
    """The device sits in the vehicle from `at` on.

    Raises:
        DeviceNotFound, VehicleNotFound: one of the two is unknown.
        DeviceAlreadyBound: the device sits in a vehicle at `at` or later.
        VehicleAlreadyHasDevice: the vehicle has a device at `at` or later.
    """
    check_aware(at)
    device = get_device(conn, serial=serial)
    vehicle = get_vehicle(conn, vin=vin)
    binding_id = store.insert_binding(conn, device=device, vehicle=vehicle, from_at=at)
    return DeviceBinding(binding_id, device.serial, vehicle.vin, at, None)


def unbind_device(conn: Connection[Any], *, serial: str, at: datetime) -> DeviceBinding:
    """The device is taken out of its vehicle; its binding ends before `at`.

    Raises:
        DeviceNotFound: the device is unknown.
        DeviceNotBound: it sits nowhere.
        PeriodEndsBeforeStart: it was bound at `at` or later.
    """
    check_aware(at)
    device = get_device(conn, serial=serial)
    running = store.find_running_binding_of_device(conn, device.id)
    if running is None:
        raise DeviceNotBound(f"device {serial} sits in no vehicle", serial=serial)
    return _end_binding(conn, running, at)


def swap_device(conn: Connection[Any], *, vin: str, new_serial: str, at: datetime) -> DeviceBinding:
    """Another device replaces the one in the vehicle at `at`, without a gap.

    Raises:
        VehicleNotFound, DeviceNotFound: one of the two is unknown.
        VehicleHasNoDevice: there is nothing to replace.
        PeriodEndsBeforeStart: the present device was bound at `at` or later.
        DeviceAlreadyBound: the new device sits in a vehicle.
    """
    check_aware(at)
    vehicle = get_vehicle(conn, vin=vin)
    running = store.find_running_binding_of_vehicle(conn, vehicle.id)
    if running is None:
        raise VehicleHasNoDevice(f"vehicle {vehicle.vin} has no device", vin=vehicle.vin)
    _end_binding(conn, running, at)
    return bind_device(conn, serial=new_serial, vin=vehicle.vin, at=at)


def list_bindings(conn: Connection[Any], *, vin: str) -> list[DeviceBinding]:
    """Every device that sat in the vehicle, oldest first.

    Raises:
        VehicleNotFound: there is no such vehicle.
    """
    return store.list_bindings(conn, get_vehicle(conn, vin=vin).id)


def assign_operator(
    conn: Connection[Any], *, vin: str, organisation_code: str, at: datetime
) -> OperatorPeriod:
    """The organisation operates the vehicle from `at` on; whoever did so before ends there.

    Raises:
        VehicleNotFound, OrganisationNotFound: one of the two is unknown.
        OperatorUnchanged: the organisation operates it already.
        PeriodEndsBeforeStart: the present operator began at `at` or later.
        OperatorPeriodsOverlap: somebody operated it after `at`.
    """
    check_aware(at)
    vehicle = get_vehicle(conn, vin=vin)
    organisation = orgs.get_organisation(conn, code=organisation_code)
    running = store.find_running_operator_period(conn, vehicle.id)
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
    return OperatorPeriod(period_id, vehicle.vin, organisation.code, at, None)


def list_operator_periods(conn: Connection[Any], *, vin: str) -> list[OperatorPeriod]:
    """Everyone who operated the vehicle, oldest first.

    Raises:
        VehicleNotFound: there is no such vehicle.
    """
    return store.list_operator_periods(conn, get_vehicle(conn, vin=vin).id)


def add_fleet(conn: Connection[Any], entries: Iterable[FleetEntry], *, at: datetime) -> int:
    """Many vehicles join, each with its device and its operator from `at` on; how many were new.

    Entries whose VIN is known are left as they are, so that a list can be given again. Takes one
    statement a table, whatever the number of entries.

    Raises:
        VinMalformed, VinCheckDigitWrong, PlateMalformed, SerialMalformed: an entry is unusable.
        OrganisationNotFound: an owner or operator is unknown.
        VehicleExists, PlateTaken, DeviceExists: entries contradict one another or what is there.
    """
    check_aware(at)
    parsed = [_parse_entry(entry) for entry in entries]
    for code in {e.owner_code for e in parsed} | {e.operator_code for e in parsed}:
        orgs.get_organisation(conn, code=code)
    known = set(store.list_known_vins(conn, [entry.vin for entry in parsed]))
    new = [entry for entry in parsed if entry.vin not in known]
    store.insert_fleet(conn, new, from_at=at)
    return len(new)


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
