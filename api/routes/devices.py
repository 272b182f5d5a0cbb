"""Terminals, and which of them sat in which vehicle, over HTTP."""

from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.devices import Bind, BindingOut, DeviceCard, DeviceIn, DeviceOut, Swap, Unbind
from api.models.text import SerialPath, VinPath
from api.operation import Answer, Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, key_of, split_page
from fleet.devices import service as devices

of_vehicles = Operations("vehicles")
operations = Operations("devices")

EXPORT: Final = Export(
    Words("终端", "terminals"), {"bound_from": Words("绑定时间", "In this vehicle since")}
)
"""As a table."""

Search = Annotated[str | None, Query(max_length=64, description="A part of the serial.")]
Bound = Annotated[bool | None, Query(description="Only those in a vehicle, or only those in none.")]


@of_vehicles.get("/vehicles/{vin}/bindings")
def list_bindings(call: Call, vin: VinPath) -> list[BindingOut]:
    """Every terminal that sat in the vehicle while it was yours, oldest first."""
    bindings = devices.list_bindings(call.conn, call.actor, vin=vin)
    return [BindingOut.of(binding) for binding in bindings]


@of_vehicles.post("/vehicles/{vin}/swap-device", status=201, idempotent="device.bind")
def swap_device(call: Call, vin: VinPath, body: Swap) -> BindingOut:
    """Put another terminal in place of the one in the vehicle, without a gap."""
    binding = devices.swap_device(
        call.conn,
        call.actor,
        vin=vin,
        new_serial=body.serial,
        at=body.at or call.now,
        now=call.now,
    )
    return BindingOut.of(binding)


@operations.get("/devices", exported=EXPORT)
def list_devices(
    call: Call,
    q: Search = None,
    bound: Bound = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[DeviceOut]:
    """Terminals by serial number."""
    rows = devices.list_devices(
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


@operations.post("/devices", status=201, idempotent="device.create", tells=["Location"])
def create_device(call: Call, body: DeviceIn) -> Answer[DeviceCard]:
    """Register a terminal. The broker needs its credential as well, docs/operations.md."""
    created = devices.register_device(
        call.conn, call.actor, serial=body.serial, owner_code=body.owner, now=call.now
    )
    return Answer(DeviceCard.of(created), {"Location": f"/api/v1/devices/{created.serial}"})


@operations.get("/devices/{serial}")
def get_device(call: Call, serial: SerialPath) -> DeviceCard:
    """One terminal."""
    return DeviceCard.of(devices.get_device(call.conn, call.actor, serial=serial))


@operations.get("/devices/{serial}/bindings")
def list_device_bindings(call: Call, serial: SerialPath) -> list[BindingOut]:
    """Every vehicle the terminal sat in while it was yours, oldest first."""
    bindings = devices.list_device_bindings(call.conn, call.actor, serial=serial)
    return [BindingOut.of(binding) for binding in bindings]


@operations.post("/devices/{serial}/bind", status=201, idempotent="device.bind")
def bind_device(call: Call, serial: SerialPath, body: Bind) -> BindingOut:
    """Put a terminal into a vehicle."""
    binding = devices.bind_device(
        call.conn, call.actor, serial=serial, vin=body.vin, at=body.at or call.now, now=call.now
    )
    return BindingOut.of(binding)


@operations.post("/devices/{serial}/unbind")
def unbind_device(call: Call, serial: SerialPath, body: Unbind) -> BindingOut:
    """Take a terminal out of the vehicle it sits in."""
    binding = devices.unbind_device(
        call.conn, call.actor, serial=serial, at=body.at or call.now, now=call.now
    )
    return BindingOut.of(binding)
