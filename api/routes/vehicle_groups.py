"""Groups of vehicles over HTTP, by which rules of alerts are narrowed."""

from typing import Final

from alerts.groups import service as groups
from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.vehicle_groups import (
    GroupCodePath,
    GroupVehicleOut,
    GroupVehiclesIn,
    VehicleGroupChange,
    VehicleGroupIn,
    VehicleGroupOut,
)
from api.operation import Answer, IfMatch, Operations, version_of
from api.own_codes import OfOrganisation, Retired, Search, Whose, page_by_code
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, key_of, split_page

operations = Operations("vehicle-groups")

GROUPS: Final = Export(
    Words("车辆分组", "vehicle-groups"),
    {
        "vehicles": Words("车辆数", "Vehicles"),
        "retired_at": Words("停用时间", "Retired at"),
    },
)
VEHICLES: Final = Export(
    Words("分组车辆", "vehicle-group-vehicles"), {"added_at": Words("加入时间", "Added at")}
)
"""As tables."""


@operations.get("/vehicle-groups", exported=GROUPS)
def list_vehicle_groups(
    call: Call,
    organisation: OfOrganisation = None,
    retired: Retired = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[VehicleGroupOut]:
    """Groups of vehicles, by code."""
    rows, further = page_by_code(
        groups.list_groups,
        call,
        organisation=organisation,
        retired=retired,
        q=q,
        limit=limit,
        after=after,
    )
    return Page[VehicleGroupOut](items=[VehicleGroupOut.of(row) for row in rows], next=further)


@operations.post("/vehicle-groups", status=201, idempotent="geofence.change", tells=["ETag"])
def create_vehicle_group(call: Call, body: VehicleGroupIn) -> Answer[VehicleGroupOut]:
    """Make a group, with vehicles in it or without. A code is used once."""
    made = groups.create_group(
        call.conn,
        call.actor,
        organisation=body.organisation,
        code=body.code,
        name=body.name,
        vins=body.vins,
        now=call.now,
    )
    return _answer(made)


@operations.get("/vehicle-groups/{code}", tells=["ETag"])
def get_vehicle_group(
    call: Call, code: GroupCodePath, organisation: Whose = None
) -> Answer[VehicleGroupOut]:
    """One group; its ETag is what a change asks for."""
    found = groups.get_group(call.conn, call.actor, code=code, organisation=organisation)
    return _answer(found)


@operations.patch("/vehicle-groups/{code}", tells=["ETag"])
def rename_vehicle_group(
    call: Call,
    code: GroupCodePath,
    body: VehicleGroupChange,
    organisation: Whose = None,
    if_match: IfMatch = None,
) -> Answer[VehicleGroupOut]:
    """Call a group otherwise. If-Match: its ETag."""
    renamed = groups.rename_group(
        call.conn,
        call.actor,
        organisation=organisation,
        code=code,
        version=version_of(if_match),
        name=body.name,
        now=call.now,
    )
    return _answer(renamed)


@operations.post("/vehicle-groups/{code}/retire", tells=["ETag"])
def retire_vehicle_group(
    call: Call, code: GroupCodePath, organisation: Whose = None, if_match: IfMatch = None
) -> Answer[VehicleGroupOut]:
    """Take a group back that no rule names any more. If-Match: its ETag."""
    retired = groups.retire_group(
        call.conn,
        call.actor,
        organisation=organisation,
        code=code,
        version=version_of(if_match),
        now=call.now,
    )
    return _answer(retired)


@operations.get("/vehicle-groups/{code}/vehicles", exported=VEHICLES)
def list_vehicle_group_vehicles(
    call: Call,
    code: GroupCodePath,
    organisation: Whose = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[GroupVehicleOut]:
    """The vehicles of a group that are in sight, by VIN."""
    rows = groups.list_members(
        call.conn,
        call.actor,
        code=code,
        organisation=organisation,
        after=key_of(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[GroupVehicleOut](
        items=[GroupVehicleOut.of(row) for row in page], next=last and cursor_of(last.vin)
    )


@operations.post("/vehicle-groups/{code}/vehicles", tells=["ETag"])
def add_vehicle_group_vehicles(
    call: Call, code: GroupCodePath, body: GroupVehiclesIn, organisation: Whose = None
) -> Answer[VehicleGroupOut]:
    """Put vehicles into a group; those that are in it stay, and sent twice it is done once."""
    after = groups.add_vehicles(
        call.conn,
        call.actor,
        organisation=organisation,
        code=code,
        vins=body.vins,
        now=call.now,
    )
    return _answer(after)


@operations.post("/vehicle-groups/{code}/vehicles/remove", tells=["ETag"])
def remove_vehicle_group_vehicles(
    call: Call, code: GroupCodePath, body: GroupVehiclesIn, organisation: Whose = None
) -> Answer[VehicleGroupOut]:
    """Take vehicles out of a group; sent twice it is done once."""
    after = groups.remove_vehicles(
        call.conn,
        call.actor,
        organisation=organisation,
        code=code,
        vins=body.vins,
        now=call.now,
    )
    return _answer(after)


def _answer(group: groups.Group) -> Answer[VehicleGroupOut]:
    return Answer(VehicleGroupOut.of(group), version=group.version)
