"""Vehicles as property, devices, which sat where, and who operated what, over HTTP."""

from typing import Annotated

from fastapi import Query

from api.deps import Call
from api.models.registry import (
    Bind,
    BindingOut,
    DeviceCard,
    DeviceIn,
    DeviceOut,
    OperatorOut,
    Swap,
    Transfer,
    Unbind,
    VehicleCard,
    VehicleChange,
    VehicleIn,
)
from api.models.text import SerialPath, VinPath
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, key_of, split_page
from fleet.registry import service as registry

vehicles = Operations("vehicles")
devices = Operations("devices")


@vehicles.post("/vehicles", status=201, idempotent="vehicle.create", tells=["Location", "ETag"])
def create_vehicle(call: Call, body: VehicleIn) -> Answer[VehicleCard]:
    """Add a vehicle. It is operated by its owner until it is handed on."""
    created = registry.add_vehicle(
        call.conn,
        call.actor,
        vin=body.vin,
        plate=body.plate,
        model=body.model,
        owner_code=body.owner,
        operator_code=body.operator or body.owner,
        now=call.now,
    )
    headers = {"Location": f"/api/v1/vehicles/{created.vin}"}
    return Answer(VehicleCard.of(created), headers, created.version)


@vehicles.put("/vehicles/{vin}/card", tells=["ETag"])
def change_vehicle(
    call: Call, vin: VinPath, body: VehicleChange, if_match: IfMatch = None
) -> Answer[VehicleCard]:
    """Write a vehicle's plate and model. If-Match: the ETag of the vehicle."""
    changed = registry.change_vehicle(
        call.conn,
        call.actor,
        vin=vin,
        version=version_of(if_match),
        plate=body.plate,
        model=body.model,
        now=call.now,
    )
    return Answer(VehicleCard.of(changed), version=changed.version)


@vehicles.get("/vehicles/{vin}/operators")
def list_operators(call: Call, vin: VinPath) -> list[OperatorOut]:
    """Who operated the vehicle and when, as far as it was yours; oldest first."""
    periods = registry.list_operator_periods(call.conn, call.actor, vin=vin)
    return [OperatorOut.of(period) for period in periods]


@vehicles.post("/vehicles/{vin}/operators", status=201, idempotent="vehicle.transfer")
def transfer_vehicle(call: Call, vin: VinPath, body: Transfer) -> OperatorOut:
    """Hand a vehicle to an operator. Asks for a step-up.

    Each side keeps the history of its own period, and sees none of the other's.
    """
    period = registry.assign_operator(
        call.conn,
        call.actor,
        vin=vin,
        organisation_code=body.organisation,
        at=body.at or call.now,
        now=call.now,
    )
    return OperatorOut.of(period)


@vehicles.get("/vehicles/{vin}/bindings")
def list_bindings(call: Call, vin: VinPath) -> list[BindingOut]:
    """Every terminal that sat in the vehicle while it was yours, oldest first."""
    bindings = registry.list_bindings(call.conn, call.actor, vin=vin)
    return [BindingOut.of(binding) for binding in bindings]


@vehicles.post("/vehicles/{vin}/swap-device", status=201, idempotent="device.bind")
def swap_device(call: Call, vin: VinPath, body: Swap) -> BindingOut:
    """Put another terminal in place of the one in the vehicle, without a gap."""
    binding = registry.swap_device(
        call.conn,
        call.actor,
        vin=vin,
        new_serial=body.serial,
        at=body.at or call.now,
        now=call.now,
    )
    return BindingOut.of(binding)


Search = Annotated[str | None, Query(max_length=64, description="A part of the serial.")]
Bound = Annotated[bool | None, Query(description="Only those in a vehicle, or only those in none.")]


@devices.get("/devices")
def list_devices(
    call: Call,
    q: Search = None,
    bound: Bound = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[DeviceOut]:
    """Terminals by serial number."""
    rows = registry.list_devices(
        call.conn,
        call.actor,
        search=q,
        bound=bound,
        after=key_of(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[DeviceOut](
        items=[DeviceOut.of(row) for row in page], next=last and cursor_of(last.serial)
    )


@devices.post("/devices", status=201, idempotent="device.create", tells=["Location"])
def create_device(call: Call, body: DeviceIn) -> Answer[DeviceCard]:
    """Register a terminal. The broker needs its credential as well, docs/operations.md."""
    created = registry.register_device(
        call.conn, call.actor, serial=body.serial, owner_code=body.owner, now=call.now
    )
    return Answer(DeviceCard.of(created), {"Location": f"/api/v1/devices/{created.serial}"})


@devices.get("/devices/{serial}")
def get_device(call: Call, serial: SerialPath) -> DeviceCard:
    """One terminal."""
    return DeviceCard.of(registry.get_device(call.conn, call.actor, serial=serial))


@devices.get("/devices/{serial}/bindings")
def list_device_bindings(call: Call, serial: SerialPath) -> list[BindingOut]:
    """Every vehicle the terminal sat in while it was yours, oldest first."""
    bindings = registry.list_device_bindings(call.conn, call.actor, serial=serial)
    return [BindingOut.of(binding) for binding in bindings]


@devices.post("/devices/{serial}/bind", status=201, idempotent="device.bind")
def bind_device(call: Call, serial: SerialPath, body: Bind) -> BindingOut:
    """Put a terminal into a vehicle."""
    binding = registry.bind_device(
        call.conn, call.actor, serial=serial, vin=body.vin, at=body.at or call.now, now=call.now
    )
    return BindingOut.of(binding)


@devices.post("/devices/{serial}/unbind")
def unbind_device(call: Call, serial: SerialPath, body: Unbind) -> BindingOut:
    """Take a terminal out of the vehicle it sits in."""
    binding = registry.unbind_device(
        call.conn, call.actor, serial=serial, at=body.at or call.now, now=call.now
    )
    return BindingOut.of(binding)
