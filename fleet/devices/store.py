"""Runs the SQL of devices: one function a query, and the facts its constraints stand for."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, LiteralString

from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row

from fleet.devices.errors import (
    DeviceAlreadyBound,
    DeviceExists,
    DeviceNotFound,
    VehicleAlreadyHasDevice,
)
from fleet.devices.model import Device, DeviceBinding, DevicePlace, FleetEntry
from kit.constraints import naming
from kit.errors import DomainError
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def insert_device(conn: Connection[Any], *, tenant_id: int, serial: str, owner_id: int) -> int:
    """The id of the new device."""
    exists = DeviceExists(f"device {serial} exists already", serial=serial)
    row = {"tenant_id": tenant_id, "serial": serial, "owner_id": owner_id}
    with naming({"devices_serial_key": exists}):
        return _insert(conn, _queries.insert_device, row)


def list_devices(
    conn: Connection[Any], *, search: str | None, bound: bool | None, after: str | None, limit: int
) -> list[DevicePlace]:
    """Devices in sight by serial, those after `after`; `search` is a part of the serial."""
    wanted = [_DEVICES_FROM] if after is not None else []
    if search is not None:
        wanted.append(sql.SQL("position(lower(%(search)s) IN lower(d.serial)) > 0"))
    if bound is not None:
        wanted.append(sql.SQL("b.id IS NOT NULL") if bound else sql.SQL("b.id IS NULL"))
    query: sql.Composable = sql.SQL(_queries.list_devices)
    if wanted:
        query += sql.SQL(" WHERE ") + sql.SQL(" AND ").join(wanted)
    query += sql.SQL(" ORDER BY d.serial LIMIT %(limit)s")
    row = {"search": search, "after": after, "limit": limit}
    with conn.cursor(row_factory=class_row(DevicePlace)) as cursor:
        return cursor.execute(query, row).fetchall()


def list_bindings_of_device(conn: Connection[Any], device_id: int) -> list[DeviceBinding]:
    """Every vehicle the device sat in, as far as in sight, oldest first."""
    with conn.cursor(row_factory=class_row(DeviceBinding)) as cursor:
        return cursor.execute(_queries.list_bindings_of_device, {"device_id": device_id}).fetchall()


def find_device(conn: Connection[Any], serial: str) -> Device | None:
    """The device with this serial, if there is one."""
    with conn.cursor(row_factory=class_row(Device)) as cursor:
        return cursor.execute(_queries.find_device, {"serial": serial}).fetchone()


def insert_binding(
    conn: Connection[Any],
    *,
    device: Device,
    vehicle_id: int,
    vin: str,
    tenant_id: int,
    from_at: datetime,
) -> int:
    """The id of the new, running binding."""
    row = {
        "tenant_id": tenant_id,
        "device_id": device.id,
        "vehicle_id": vehicle_id,
        "from_at": from_at,
    }
    with naming(_binding_facts(serial=device.serial, vin=vin)):
        return _insert(conn, _queries.insert_binding, row)


def find_running_binding_of_device(conn: Connection[Any], device_id: int) -> DeviceBinding | None:
    """Where the device sits now; locked until the commit."""
    with conn.cursor(row_factory=class_row(DeviceBinding)) as cursor:
        return cursor.execute(
            _queries.find_running_binding_of_device, {"device_id": device_id}
        ).fetchone()


def find_running_binding_of_vehicle(conn: Connection[Any], vehicle_id: int) -> DeviceBinding | None:
    """Which device sits in the vehicle now; locked until the commit."""
    with conn.cursor(row_factory=class_row(DeviceBinding)) as cursor:
        return cursor.execute(
            _queries.find_running_binding_of_vehicle, {"vehicle_id": vehicle_id}
        ).fetchone()


def mark_binding_ended(conn: Connection[Any], binding_id: int, *, until_at: datetime) -> None:
    """End a running binding."""
    conn.execute(_queries.mark_binding_ended, {"id": binding_id, "until_at": until_at})


def list_bindings(conn: Connection[Any], vehicle_id: int) -> list[DeviceBinding]:
    """Every device that sat in the vehicle, oldest first."""
    with conn.cursor(row_factory=class_row(DeviceBinding)) as cursor:
        return cursor.execute(_queries.list_bindings, {"vehicle_id": vehicle_id}).fetchall()


def insert_bound_devices(
    conn: Connection[Any], entries: Sequence[FleetEntry], *, from_at: datetime
) -> None:
    """Insert the devices of all entries and put each into its vehicle: one statement a table."""
    columns: dict[str, Any] = {
        "vins": [entry.vin for entry in entries],
        "serials": [entry.serial for entry in entries],
        "owner_codes": [entry.owner_code for entry in entries],
        "from_at": from_at,
    }
    exists = DeviceExists("a device exists already, or stands twice")
    with naming({"devices_serial_key": exists}):
        conn.execute(_queries.insert_devices, columns)
        conn.execute(_queries.insert_bindings, columns)


def _insert(conn: Connection[Any], query: LiteralString, row: dict[str, Any]) -> int:
    with conn.cursor(row_factory=scalar_row) as cursor:
        row_id: int | None = cursor.execute(query, row).fetchone()
    assert row_id is not None
    return row_id


_DEVICES_FROM = sql.SQL("d.serial > %(after)s")


def _binding_facts(*, serial: str, vin: str) -> dict[str, DomainError]:
    return {
        "device_bindings_one_vehicle_at_a_time": DeviceAlreadyBound(
            f"device {serial} already sits in a vehicle at that time", serial=serial
        ),
        "device_bindings_one_device_at_a_time": VehicleAlreadyHasDevice(
            f"vehicle {vin} already has a device at that time", vin=vin
        ),
        "device_bindings_device_in_tenant": DeviceNotFound(
            f"no device has the serial {serial!r}", serial=serial
        ),
    }
