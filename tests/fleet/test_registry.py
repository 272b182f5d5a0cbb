"""Vehicles, devices, bindings and operators, on a real database."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg import Connection

from fleet import periods
from fleet.devices import errors as device_errors
from fleet.devices.model import Device
from fleet.devices.service import (
    bind_device,
    get_device,
    register_device,
    swap_device,
    unbind_device,
)
from fleet.orgs.errors import OrganisationNotFound
from fleet.registry import errors
from fleet.registry.model import Vehicle
from fleet.registry.service import add_vehicle, assign_operator, get_vehicle
from kit.errors import DomainError
from schemas.access import SYSTEM

from .conftest import NOW, VIN_A, VIN_B, at, bindings, operators, refused

Action = Callable[[Connection[Any]], object]


def test_a_vehicle_is_stored_as_it_should_be_written(fleet: Connection[Any]) -> None:
    added = add_vehicle(
        fleet, SYSTEM, vin=" ＬＥ４tg4db1jl199517", plate="粤b·d54321", owner_code="east", now=NOW
    )
    assert added == Vehicle(
        added.id,
        "LE4TG4DB1JL199517",
        "粤BD54321",
        None,
        "east",
        added.tenant_id,
        1,
        added.holder_id,
    )
    assert get_vehicle(fleet, SYSTEM, vin="le4tg4db1 jl199517") == added


def test_a_device_has_an_owner(fleet: Connection[Any]) -> None:
    added = register_device(fleet, SYSTEM, serial="T4", owner_code="east", now=NOW)
    head = get_device(fleet, SYSTEM, serial="T1")
    assert added == Device(added.id, "T4", "east", head.tenant_id)
    assert get_device(fleet, SYSTEM, serial="T4") == added
    assert head.owner_code == "head"


@pytest.mark.parametrize(
    ("act", "fact"),
    [
        pytest.param(
            lambda c: add_vehicle(c, SYSTEM, vin=VIN_A, plate=None, owner_code="head", now=NOW),
            errors.VehicleExists,
            id="VIN twice",
        ),
        pytest.param(
            lambda c: add_vehicle(
                c, SYSTEM, vin="LE4TG4DB1JL199517", plate="粤B·D12345", owner_code="head", now=NOW
            ),
            errors.PlateTaken,
            id="plate twice",
        ),
        pytest.param(
            lambda c: add_vehicle(c, SYSTEM, vin="LE4", plate=None, owner_code="head", now=NOW),
            errors.VinMalformed,
            id="VIN too short",
        ),
        pytest.param(
            lambda c: add_vehicle(
                c, SYSTEM, vin="LE4TG4DB1JL199517", plate="12345", owner_code="head", now=NOW
            ),
            errors.PlateMalformed,
            id="plate",
        ),
        pytest.param(
            lambda c: add_vehicle(
                c, SYSTEM, vin="LE4TG4DB1JL199517", plate=None, owner_code="nobody", now=NOW
            ),
            OrganisationNotFound,
            id="owner",
        ),
        pytest.param(
            lambda c: register_device(c, SYSTEM, serial="T1", owner_code="head", now=NOW),
            device_errors.DeviceExists,
            id="device twice",
        ),
        pytest.param(
            lambda c: register_device(c, SYSTEM, serial="T 1", owner_code="head", now=NOW),
            device_errors.SerialMalformed,
            id="serial",
        ),
        pytest.param(
            lambda c: register_device(c, SYSTEM, serial="T/1", owner_code="head", now=NOW),
            device_errors.SerialMalformed,
            id="topic level",
        ),
        pytest.param(
            lambda c: register_device(c, SYSTEM, serial="T4", owner_code="nobody", now=NOW),
            OrganisationNotFound,
            id="owner of a device",
        ),
        pytest.param(
            lambda c: get_vehicle(c, SYSTEM, vin="LE4TG4DB1JL199517"),
            errors.VehicleNotFound,
            id="no car",
        ),
        pytest.param(
            lambda c: get_device(c, SYSTEM, serial="T9"),
            device_errors.DeviceNotFound,
            id="no device",
        ),
        pytest.param(
            lambda c: bind_device(c, SYSTEM, serial="T9", vin=VIN_A, at=at(8), now=NOW),
            device_errors.DeviceNotFound,
            id="bind unknown device",
        ),
        pytest.param(
            lambda c: bind_device(
                c, SYSTEM, serial="T1", vin="LE4TG4DB1JL199517", at=at(8), now=NOW
            ),
            errors.VehicleNotFound,
            id="bind unknown vehicle",
        ),
        pytest.param(
            lambda c: unbind_device(c, SYSTEM, serial="T1", at=at(8), now=NOW),
            device_errors.DeviceNotBound,
            id="unbind what is not bound",
        ),
        pytest.param(
            lambda c: swap_device(c, SYSTEM, vin=VIN_A, new_serial="T1", at=at(8), now=NOW),
            device_errors.VehicleHasNoDevice,
            id="swap nothing",
        ),
        pytest.param(
            lambda c: assign_operator(
                c, SYSTEM, vin=VIN_A, organisation_code="nobody", at=at(8), now=NOW
            ),
            OrganisationNotFound,
            id="unknown operator",
        ),
    ],
)
def test_the_registry_refuses(fleet: Connection[Any], act: Action, fact: type[DomainError]) -> None:
    with refused(fleet, fact):
        act(fleet)


def test_a_device_goes_from_vehicle_to_vehicle(fleet: Connection[Any]) -> None:
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8), now=NOW)
    ended = unbind_device(fleet, SYSTEM, serial="T1", at=at(10), now=NOW)
    assert (ended.from_at, ended.until_at) == (at(8), at(10))
    # adjoining: [8, 10) and [10, …)
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_B, at=at(10), now=NOW)
    bind_device(fleet, SYSTEM, serial="T2", vin=VIN_A, at=at(10), now=NOW)
    assert bindings(fleet, VIN_A) == [("T1", at(8), at(10)), ("T2", at(10), None)]
    assert bindings(fleet, VIN_B) == [("T1", at(10), None)]


@pytest.mark.parametrize(
    ("serial", "vin", "instant", "fact"),
    [
        pytest.param(
            "T1", VIN_B, at(9), device_errors.DeviceAlreadyBound, id="device, while it is bound"
        ),
        pytest.param(
            "T1", VIN_B, at(8), device_errors.DeviceAlreadyBound, id="device, same instant"
        ),
        pytest.param("T1", VIN_B, at(7), device_errors.DeviceAlreadyBound, id="device, before it"),
        pytest.param(
            "T2", VIN_A, at(9), device_errors.VehicleAlreadyHasDevice, id="vehicle, while bound"
        ),
        pytest.param(
            "T2", VIN_A, at(8), device_errors.VehicleAlreadyHasDevice, id="vehicle, same instant"
        ),
        pytest.param(
            "T2", VIN_A, at(7), device_errors.VehicleAlreadyHasDevice, id="vehicle, before it"
        ),
    ],
)
def test_no_two_bindings_overlap(
    fleet: Connection[Any], serial: str, vin: str, instant: datetime, fact: type[DomainError]
) -> None:
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8), now=NOW)
    with refused(fleet, fact):
        bind_device(fleet, SYSTEM, serial=serial, vin=vin, at=instant, now=NOW)


def test_a_past_binding_still_counts(fleet: Connection[Any]) -> None:
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8), now=NOW)
    unbind_device(fleet, SYSTEM, serial="T1", at=at(10), now=NOW)
    with refused(fleet, device_errors.DeviceAlreadyBound):
        bind_device(fleet, SYSTEM, serial="T1", vin=VIN_B, at=at(9, 59), now=NOW)


@pytest.mark.parametrize("instant", [at(7), at(8)], ids=["before the start", "at the start"])
def test_a_binding_ends_after_it_began(fleet: Connection[Any], instant: datetime) -> None:
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8), now=NOW)
    with refused(fleet, periods.PeriodEndsBeforeStart):
        unbind_device(fleet, SYSTEM, serial="T1", at=instant, now=NOW)
    assert bindings(fleet, VIN_A) == [("T1", at(8), None)]


def test_a_swap_leaves_no_gap(fleet: Connection[Any]) -> None:
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8), now=NOW)
    swap_device(fleet, SYSTEM, vin=VIN_A, new_serial="T2", at=at(9), now=NOW)
    assert bindings(fleet, VIN_A) == [("T1", at(8), at(9)), ("T2", at(9), None)]


def test_a_swap_takes_no_device_from_another_vehicle(fleet: Connection[Any]) -> None:
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8), now=NOW)
    bind_device(fleet, SYSTEM, serial="T2", vin=VIN_B, at=at(8), now=NOW)
    with refused(fleet, device_errors.DeviceAlreadyBound):
        swap_device(fleet, SYSTEM, vin=VIN_A, new_serial="T2", at=at(9), now=NOW)
    assert bindings(fleet, VIN_A) == [("T1", at(8), None)]


def test_a_device_may_be_taken_out_and_put_back(fleet: Connection[Any]) -> None:
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8), now=NOW)
    swap_device(fleet, SYSTEM, vin=VIN_A, new_serial="T2", at=at(9), now=NOW)
    swap_device(fleet, SYSTEM, vin=VIN_A, new_serial="T1", at=at(10), now=NOW)
    assert bindings(fleet, VIN_A) == [
        ("T1", at(8), at(9)),
        ("T2", at(9), at(10)),
        ("T1", at(10), None),
    ]


def test_instants_are_the_same_in_every_zone(fleet: Connection[Any]) -> None:
    instant = datetime(2026, 3, 1, 16, tzinfo=timezone(timedelta(hours=8)))
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=instant, now=NOW)
    assert bindings(fleet, VIN_A) == [("T1", at(8), None)]


def test_an_instant_without_zone_is_a_fault(fleet: Connection[Any]) -> None:
    with pytest.raises(ValueError, match="2026-03-01T08:00:00 lacks its time zone"):
        bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8).replace(tzinfo=None), now=NOW)


def test_a_transfer_closes_the_period_before(fleet: Connection[Any]) -> None:
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=at(8), now=NOW)
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="west", at=at(12), now=NOW)
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=at(18), now=NOW)
    assert operators(fleet, VIN_A) == [
        ("east", at(8), at(12)),
        ("west", at(12), at(18)),
        ("east", at(18), None),
    ]


def test_the_present_operator_is_not_assigned_again(fleet: Connection[Any]) -> None:
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=at(8), now=NOW)
    with refused(fleet, errors.OperatorUnchanged):
        assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=at(9), now=NOW)


def test_a_transfer_does_not_rewrite_the_past(fleet: Connection[Any]) -> None:
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=at(8), now=NOW)
    with refused(fleet, periods.PeriodEndsBeforeStart):
        assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="west", at=at(8), now=NOW)


def test_two_operators_at_once_are_refused(fleet: Connection[Any]) -> None:
    """A period that ends later than `at`, as an agreed end in the future would."""
    assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=at(8), now=NOW)
    fleet.execute(
        "UPDATE vehicle_operators SET operated_period = tstzrange(%s, %s)", [at(8), at(20)]
    )
    with refused(fleet, errors.OperatorPeriodsOverlap):
        assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="west", at=at(19), now=NOW)
