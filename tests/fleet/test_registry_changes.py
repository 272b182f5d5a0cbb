"""Vehicles that change, what has not happened yet, and what is not one's own."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet import periods
from fleet.devices import errors as device_errors
from fleet.devices.model import DevicePlace
from fleet.devices.service import (
    bind_device,
    get_device,
    list_device_bindings,
    list_devices,
    register_device,
    swap_device,
    unbind_device,
)
from fleet.orgs.errors import OrganisationNotFound
from fleet.orgs.service import create_organisation, get_organisation
from fleet.registry import errors
from fleet.registry.model import Vehicle
from fleet.registry.service import add_vehicle, assign_operator, change_vehicle, get_vehicle
from kit.db import act_for
from kit.errors import DomainError, VersionChanged
from schemas.access import SYSTEM

from .conftest import NOW, VIN_A, VIN_B, at, bindings, operators, person, refused

VIN_C = "LE4TG4DB1JL199517"


def change(conn: Connection[Any], vin: str = VIN_A, **changes: Any) -> Vehicle:
    usual: dict[str, Any] = {"version": 1, "plate": "粤BD12345", "model": None}
    return change_vehicle(conn, SYSTEM, vin=vin, **(usual | changes), now=NOW)


def test_a_vehicle_joins_with_its_operator(fleet: Connection[Any]) -> None:
    added = add_vehicle(
        fleet,
        SYSTEM,
        vin=VIN_C,
        plate=None,
        owner_code="head",
        model="瑞驰 EC35",
        operator_code="east",
        now=NOW,
    )
    assert (added.model, added.owner_code) == ("瑞驰 EC35", "head")
    assert get_vehicle(fleet, SYSTEM, vin=VIN_C) == added
    assert operators(fleet, VIN_C) == [("east", NOW, None)]


def test_a_vehicle_joins_without_operator(fleet: Connection[Any]) -> None:
    assert operators(fleet, VIN_A) == []


def test_an_unknown_operator_adds_no_vehicle(fleet: Connection[Any]) -> None:
    with refused(fleet, OrganisationNotFound):
        add_vehicle(
            fleet,
            SYSTEM,
            vin=VIN_C,
            plate=None,
            owner_code="head",
            operator_code="nobody",
            now=NOW,
        )
    with refused(fleet, errors.VehicleNotFound):
        get_vehicle(fleet, SYSTEM, vin=VIN_C)


def test_plate_and_model_change_together(fleet: Connection[Any]) -> None:
    was = get_vehicle(fleet, SYSTEM, vin=VIN_A)
    changed = change(fleet, VIN_A.lower(), plate="粤b·d54321", model="瑞驰 EC35")
    assert changed == Vehicle(
        was.id, VIN_A, "粤BD54321", "瑞驰 EC35", "head", was.tenant_id, 2, was.tenant_id
    )
    assert get_vehicle(fleet, SYSTEM, vin=VIN_A) == changed
    assert change(fleet, version=2, plate=None, model=None) == Vehicle(
        was.id, VIN_A, None, None, "head", was.tenant_id, 3, was.tenant_id
    )
    assert get_vehicle(fleet, SYSTEM, vin=VIN_B).version == 1


def test_a_change_of_what_has_changed_is_refused(fleet: Connection[Any]) -> None:
    changed = change(fleet, model="瑞驰 EC35")
    with refused(fleet, VersionChanged):
        change(fleet, version=1, model="瑞驰 EC31")
    with refused(fleet, VersionChanged):
        change(fleet, version=3, model="瑞驰 EC31")
    assert get_vehicle(fleet, SYSTEM, vin=VIN_A) == changed


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        pytest.param({"vin": VIN_C}, errors.VehicleNotFound, id="no such vehicle"),
        pytest.param({"plate": "12345"}, errors.PlateMalformed, id="plate"),
        pytest.param({"vin": VIN_B}, errors.PlateTaken, id="another's plate"),
    ],
)
def test_an_unusable_change_is_refused(
    fleet: Connection[Any], changes: dict[str, Any], fact: type[DomainError]
) -> None:
    with refused(fleet, fact):
        change(fleet, **changes)


AHEAD = NOW + timedelta(microseconds=1)
ACTS: dict[str, Callable[[Connection[Any], Any], object]] = {
    "bind": lambda c, at: bind_device(c, SYSTEM, serial="T2", vin=VIN_B, at=at, now=NOW),
    "unbind": lambda c, at: unbind_device(c, SYSTEM, serial="T1", at=at, now=NOW),
    "swap": lambda c, at: swap_device(c, SYSTEM, vin=VIN_A, new_serial="T2", at=at, now=NOW),
    "transfer": lambda c, at: assign_operator(
        c, SYSTEM, vin=VIN_A, organisation_code="east", at=at, now=NOW
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_what_is_written_down_has_happened(
    fleet: Connection[Any], act: Callable[[Connection[Any], Any], object]
) -> None:
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8), now=NOW)
    with refused(fleet, periods.InstantInFuture):
        act(fleet, AHEAD)
    assert bindings(fleet, VIN_A) == [("T1", at(8), None)]
    assert (bindings(fleet, VIN_B), operators(fleet, VIN_A)) == ([], [])


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_this_very_instant_has_happened(
    fleet: Connection[Any], act: Callable[[Connection[Any], Any], object]
) -> None:
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8), now=NOW)
    act(fleet, NOW)
    written = bindings(fleet, VIN_A) + bindings(fleet, VIN_B) + operators(fleet, VIN_A)
    assert NOW in {instant for _, *period in written for instant in period}


def test_devices_are_listed_with_their_vehicle(fleet: Connection[Any]) -> None:
    register_device(fleet, SYSTEM, serial="x9", owner_code="east", now=NOW)
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8), now=NOW)
    unbind_device(fleet, SYSTEM, serial="T1", at=at(9), now=NOW)
    bind_device(fleet, SYSTEM, serial="T2", vin=VIN_A, at=at(9), now=NOW)
    listed = list_devices(fleet, SYSTEM)
    created_at = listed[0].created_at
    assert listed == [
        DevicePlace("T1", "head", None, None, created_at),
        DevicePlace("T2", "head", VIN_A, at(9), created_at),
        DevicePlace("T3", "head", None, None, created_at),
        DevicePlace("x9", "east", None, None, created_at),
    ]


@pytest.mark.parametrize(
    ("filters", "serials"),
    [
        pytest.param({"bound": True}, ["T1"], id="in a vehicle"),
        pytest.param({"bound": False}, ["T2", "T3"], id="on a shelf"),
        pytest.param({"search": "t2"}, ["T2"], id="a part of the serial, in any case"),
        pytest.param({"search": "%"}, [], id="nothing but that part"),
        pytest.param({"limit": 2}, ["T1", "T2"], id="the first page"),
        pytest.param({"after": "T2", "limit": 2}, ["T3"], id="the page after it"),
        pytest.param({"search": "T", "bound": False, "after": "T2"}, ["T3"], id="all of these"),
    ],
)
def test_devices_are_filtered(
    fleet: Connection[Any], filters: dict[str, Any], serials: list[str]
) -> None:
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8), now=NOW)
    assert [place.serial for place in list_devices(fleet, SYSTEM, **filters)] == serials


def test_a_device_tells_where_it_sat(fleet: Connection[Any]) -> None:
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8), now=NOW)
    unbind_device(fleet, SYSTEM, serial="T1", at=at(9), now=NOW)
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_B, at=at(10), now=NOW)
    sat = list_device_bindings(fleet, SYSTEM, serial="T1")
    assert [(b.vin, b.from_at, b.until_at) for b in sat] == [
        (VIN_A, at(8), at(9)),
        (VIN_B, at(10), None),
    ]
    assert list_device_bindings(fleet, SYSTEM, serial="T2") == []
    with refused(fleet, device_errors.DeviceNotFound):
        list_device_bindings(fleet, SYSTEM, serial="T9")


def test_a_device_sits_in_a_vehicle_of_its_tenant(fleet: Connection[Any]) -> None:
    create_organisation(fleet, SYSTEM, code="other", name="别家", now=NOW)
    register_device(fleet, SYSTEM, serial="T4", owner_code="other", now=NOW)
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8), now=NOW)
    with refused(fleet, device_errors.DeviceNotFound):
        bind_device(fleet, SYSTEM, serial="T4", vin=VIN_B, at=at(8), now=NOW)
    with refused(fleet, device_errors.DeviceNotFound):
        swap_device(fleet, SYSTEM, vin=VIN_A, new_serial="T4", at=at(9), now=NOW)
    assert bindings(fleet, VIN_A) == [("T1", at(8), None)]


@pytest.fixture
def east(fleet: Connection[Any], app_conn: Connection[Any]) -> Connection[Any]:
    """As the API sees it for east, which operated A from 8 to 10 and operates B from 8 on."""
    for vin in (VIN_A, VIN_B):
        assign_operator(fleet, SYSTEM, vin=vin, organisation_code="east", at=at(8), now=NOW)
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="west", at=at(10), now=NOW)
    fleet.commit()
    act_for(app_conn, [get_organisation(fleet, SYSTEM, code="east").id])
    return app_conn


def test_an_owner_out_of_sight_is_not_named(fleet: Connection[Any], east: Connection[Any]) -> None:
    owner = person(get_organisation(fleet, SYSTEM, code="east"))
    assert get_vehicle(east, owner, vin=VIN_A).owner_code is None
    with refused(east, device_errors.DeviceNotFound):
        get_device(east, owner, serial="T1")


def test_who_operated_a_vehicle_once_does_not_hand_it_on(
    fleet: Connection[Any], east: Connection[Any]
) -> None:
    owner = person(get_organisation(fleet, SYSTEM, code="east"))
    with refused(east, errors.TransferNotYours):
        assign_operator(east, owner, vin=VIN_A, organisation_code="east", at=at(12), now=NOW)
    assert operators(fleet, VIN_A) == [("east", at(8), at(10)), ("west", at(10), None)]


def test_an_operator_hands_on_what_it_has_now_to_below_itself(
    fleet: Connection[Any], east: Connection[Any]
) -> None:
    organisation = get_organisation(fleet, SYSTEM, code="east")
    owner = person(organisation)
    create_organisation(east, owner, code="depot", name="车场", parent_code="east", now=NOW)
    assign_operator(east, owner, vin=VIN_B, organisation_code="depot", at=at(12), now=NOW)
    east.commit()
    assert operators(fleet, VIN_B) == [("east", at(8), at(12)), ("depot", at(12), None)]
