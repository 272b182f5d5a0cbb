"""Vehicles, devices, bindings and operators, on a real database."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg import Connection

from fleet.orgs.errors import OrganisationNotFound
from fleet.registry import errors
from fleet.registry.model import FleetEntry, Vehicle
from fleet.registry.service import (
    add_fleet,
    add_vehicle,
    assign_operator,
    bind_device,
    get_device,
    get_vehicle,
    list_bindings,
    list_operator_periods,
    register_device,
    swap_device,
    unbind_device,
)
from fleet.registry.vin import compute_check_digit
from kit.errors import DomainError

from .conftest import VIN_A, VIN_B, at, refused

Action = Callable[[Connection[Any]], object]


def bindings(conn: Connection[Any], vin: str) -> list[tuple[str, datetime, datetime | None]]:
    return [(b.serial, b.from_at, b.until_at) for b in list_bindings(conn, vin=vin)]


def operators(conn: Connection[Any], vin: str) -> list[tuple[str, datetime, datetime | None]]:
    return [
        (p.organisation_code, p.from_at, p.until_at) for p in list_operator_periods(conn, vin=vin)
    ]


def test_a_vehicle_is_stored_as_it_should_be_written(fleet: Connection[Any]) -> None:
    added = add_vehicle(fleet, vin=" ＬＥ４tg4db1jl199517", plate="粤b·d54321", owner_code="east")
    assert added == Vehicle(added.id, "LE4TG4DB1JL199517", "粤BD54321", "east")
    assert get_vehicle(fleet, vin="le4tg4db1 jl199517") == added


@pytest.mark.parametrize(
    ("act", "fact"),
    [
        pytest.param(
            lambda c: add_vehicle(c, vin=VIN_A, plate=None, owner_code="head"),
            errors.VehicleExists,
            id="VIN twice",
        ),
        pytest.param(
            lambda c: add_vehicle(
                c, vin="LE4TG4DB1JL199517", plate="粤B·D12345", owner_code="head"
            ),
            errors.PlateTaken,
            id="plate twice",
        ),
        pytest.param(
            lambda c: add_vehicle(c, vin="LE4TG4DB2JL199517", plate=None, owner_code="head"),
            errors.VinCheckDigitWrong,
            id="check digit",
        ),
        pytest.param(
            lambda c: add_vehicle(c, vin="LE4", plate=None, owner_code="head"),
            errors.VinMalformed,
            id="VIN too short",
        ),
        pytest.param(
            lambda c: add_vehicle(c, vin="LE4TG4DB1JL199517", plate="12345", owner_code="head"),
            errors.PlateMalformed,
            id="plate",
        ),
        pytest.param(
            lambda c: add_vehicle(c, vin="LE4TG4DB1JL199517", plate=None, owner_code="nobody"),
            OrganisationNotFound,
            id="owner",
        ),
        pytest.param(
            lambda c: register_device(c, serial="T1"), errors.DeviceExists, id="device twice"
        ),
        pytest.param(
            lambda c: register_device(c, serial="T 1"), errors.SerialMalformed, id="serial"
        ),
        pytest.param(
            lambda c: register_device(c, serial="T/1"), errors.SerialMalformed, id="topic level"
        ),
        pytest.param(
            lambda c: get_vehicle(c, vin="LE4TG4DB1JL199517"), errors.VehicleNotFound, id="no car"
        ),
        pytest.param(lambda c: get_device(c, serial="T9"), errors.DeviceNotFound, id="no device"),
        pytest.param(
            lambda c: bind_device(c, serial="T9", vin=VIN_A, at=at(8)),
            errors.DeviceNotFound,
            id="bind unknown device",
        ),
        pytest.param(
            lambda c: bind_device(c, serial="T1", vin="LE4TG4DB1JL199517", at=at(8)),
            errors.VehicleNotFound,
            id="bind unknown vehicle",
        ),
        pytest.param(
            lambda c: unbind_device(c, serial="T1", at=at(8)),
            errors.DeviceNotBound,
            id="unbind what is not bound",
        ),
        pytest.param(
            lambda c: swap_device(c, vin=VIN_A, new_serial="T1", at=at(8)),
            errors.VehicleHasNoDevice,
            id="swap nothing",
        ),
        pytest.param(
            lambda c: assign_operator(c, vin=VIN_A, organisation_code="nobody", at=at(8)),
            OrganisationNotFound,
            id="unknown operator",
        ),
    ],
)
def test_the_registry_refuses(fleet: Connection[Any], act: Action, fact: type[DomainError]) -> None:
    with refused(fleet, fact):
        act(fleet)


def test_a_device_goes_from_vehicle_to_vehicle(fleet: Connection[Any]) -> None:
    bind_device(fleet, serial="T1", vin=VIN_A, at=at(8))
    ended = unbind_device(fleet, serial="T1", at=at(10))
    assert (ended.from_at, ended.until_at) == (at(8), at(10))
    bind_device(fleet, serial="T1", vin=VIN_B, at=at(10))  # adjoining: [8, 10) and [10, …)
    bind_device(fleet, serial="T2", vin=VIN_A, at=at(10))
    assert bindings(fleet, VIN_A) == [("T1", at(8), at(10)), ("T2", at(10), None)]
    assert bindings(fleet, VIN_B) == [("T1", at(10), None)]


@pytest.mark.parametrize(
    ("serial", "vin", "instant", "fact"),
    [
        pytest.param("T1", VIN_B, at(9), errors.DeviceAlreadyBound, id="device, while it is bound"),
        pytest.param("T1", VIN_B, at(8), errors.DeviceAlreadyBound, id="device, same instant"),
        pytest.param("T1", VIN_B, at(7), errors.DeviceAlreadyBound, id="device, before it"),
        pytest.param("T2", VIN_A, at(9), errors.VehicleAlreadyHasDevice, id="vehicle, while bound"),
        pytest.param(
            "T2", VIN_A, at(8), errors.VehicleAlreadyHasDevice, id="vehicle, same instant"
        ),
        pytest.param("T2", VIN_A, at(7), errors.VehicleAlreadyHasDevice, id="vehicle, before it"),
    ],
)
def test_no_two_bindings_overlap(
    fleet: Connection[Any], serial: str, vin: str, instant: datetime, fact: type[DomainError]
) -> None:
    bind_device(fleet, serial="T1", vin=VIN_A, at=at(8))
    with refused(fleet, fact):
        bind_device(fleet, serial=serial, vin=vin, at=instant)


def test_a_past_binding_still_counts(fleet: Connection[Any]) -> None:
    bind_device(fleet, serial="T1", vin=VIN_A, at=at(8))
    unbind_device(fleet, serial="T1", at=at(10))
    with refused(fleet, errors.DeviceAlreadyBound):
        bind_device(fleet, serial="T1", vin=VIN_B, at=at(9, 59))


@pytest.mark.parametrize("instant", [at(7), at(8)], ids=["before the start", "at the start"])
def test_a_binding_ends_after_it_began(fleet: Connection[Any], instant: datetime) -> None:
    bind_device(fleet, serial="T1", vin=VIN_A, at=at(8))
    with refused(fleet, errors.PeriodEndsBeforeStart):
        unbind_device(fleet, serial="T1", at=instant)
    assert bindings(fleet, VIN_A) == [("T1", at(8), None)]


def test_a_swap_leaves_no_gap(fleet: Connection[Any]) -> None:
    bind_device(fleet, serial="T1", vin=VIN_A, at=at(8))
    swap_device(fleet, vin=VIN_A, new_serial="T2", at=at(9))
    assert bindings(fleet, VIN_A) == [("T1", at(8), at(9)), ("T2", at(9), None)]


def test_a_swap_takes_no_device_from_another_vehicle(fleet: Connection[Any]) -> None:
    bind_device(fleet, serial="T1", vin=VIN_A, at=at(8))
    bind_device(fleet, serial="T2", vin=VIN_B, at=at(8))
    with refused(fleet, errors.DeviceAlreadyBound):
        swap_device(fleet, vin=VIN_A, new_serial="T2", at=at(9))
    assert bindings(fleet, VIN_A) == [("T1", at(8), None)]


def test_a_device_may_be_taken_out_and_put_back(fleet: Connection[Any]) -> None:
    bind_device(fleet, serial="T1", vin=VIN_A, at=at(8))
    swap_device(fleet, vin=VIN_A, new_serial="T2", at=at(9))
    swap_device(fleet, vin=VIN_A, new_serial="T1", at=at(10))
    assert bindings(fleet, VIN_A) == [
        ("T1", at(8), at(9)),
        ("T2", at(9), at(10)),
        ("T1", at(10), None),
    ]


def test_instants_are_the_same_in_every_zone(fleet: Connection[Any]) -> None:
    shanghai = timezone(timedelta(hours=8))
    bind_device(fleet, serial="T1", vin=VIN_A, at=datetime(2026, 3, 1, 16, tzinfo=shanghai))
    assert bindings(fleet, VIN_A) == [("T1", at(8), None)]


def test_an_instant_without_zone_is_a_fault(fleet: Connection[Any]) -> None:
    with pytest.raises(ValueError, match="2026-03-01T08:00:00 lacks its time zone"):
        bind_device(fleet, serial="T1", vin=VIN_A, at=at(8).replace(tzinfo=None))


def test_a_transfer_closes_the_period_before(fleet: Connection[Any]) -> None:
    assign_operator(fleet, vin=VIN_A, organisation_code="east", at=at(8))
    assign_operator(fleet, vin=VIN_A, organisation_code="west", at=at(12))
    assign_operator(fleet, vin=VIN_A, organisation_code="east", at=at(18))
    assert operators(fleet, VIN_A) == [
        ("east", at(8), at(12)),
        ("west", at(12), at(18)),
        ("east", at(18), None),
    ]


def test_the_present_operator_is_not_assigned_again(fleet: Connection[Any]) -> None:
    assign_operator(fleet, vin=VIN_A, organisation_code="east", at=at(8))
    with refused(fleet, errors.OperatorUnchanged):
        assign_operator(fleet, vin=VIN_A, organisation_code="east", at=at(9))


def test_a_transfer_does_not_rewrite_the_past(fleet: Connection[Any]) -> None:
    assign_operator(fleet, vin=VIN_A, organisation_code="east", at=at(8))
    with refused(fleet, errors.PeriodEndsBeforeStart):
        assign_operator(fleet, vin=VIN_A, organisation_code="west", at=at(8))


def test_two_operators_at_once_are_refused(fleet: Connection[Any]) -> None:
    """A period that ends later than `at`, as an agreed end in the future would."""
    assign_operator(fleet, vin=VIN_A, organisation_code="east", at=at(8))
    fleet.execute(
        "UPDATE vehicle_operators SET operated_period = tstzrange(%s, %s)", [at(8), at(20)]
    )
    with refused(fleet, errors.OperatorPeriodsOverlap):
        assign_operator(fleet, vin=VIN_A, organisation_code="west", at=at(19))


def entry(number: int, **changes: str) -> FleetEntry:
    vin = f"LGC00000_P0{number:06d}"
    usual = {
        "vin": vin.replace("_", compute_check_digit(vin)),
        "plate": f"粤BD{number:05d}",
        "serial": f"SIM-{number:05d}",
        "owner_code": "head",
        "operator_code": "east" if number % 2 else "west",
    }
    return FleetEntry(**(usual | changes))


def test_thousands_join_at_once(fleet: Connection[Any]) -> None:
    entries = [entry(number) for number in range(3_000)]
    assert add_fleet(fleet, entries, at=at(8)) == 3_000
    last = entries[-1]
    assert get_vehicle(fleet, vin=last.vin).plate == "粤BD02999"
    assert bindings(fleet, last.vin) == [("SIM-02999", at(8), None)]
    assert operators(fleet, last.vin) == [("east", at(8), None)]
    assert operators(fleet, entries[-2].vin) == [("west", at(8), None)]


def test_a_list_given_again_adds_what_is_new(fleet: Connection[Any]) -> None:
    assert add_fleet(fleet, [entry(1), entry(2)], at=at(8)) == 2
    assert add_fleet(fleet, [entry(1), entry(2), entry(3)], at=at(9)) == 1
    assert add_fleet(fleet, [entry(1), entry(2), entry(3)], at=at(10)) == 0
    assert bindings(fleet, entry(1).vin) == [("SIM-00001", at(8), None)]
    assert bindings(fleet, entry(3).vin) == [("SIM-00003", at(9), None)]


@pytest.mark.parametrize(
    ("entries", "fact"),
    [
        pytest.param([entry(1), entry(1)], errors.VehicleExists, id="one VIN twice"),
        pytest.param(
            [entry(1), entry(2, plate="粤BD00001")], errors.PlateTaken, id="one plate twice"
        ),
        pytest.param(
            [entry(1), entry(2, serial="SIM-00001")], errors.DeviceExists, id="one device twice"
        ),
        pytest.param([entry(1, serial="T1")], errors.DeviceExists, id="a device that exists"),
        pytest.param([entry(1, serial="T#")], errors.SerialMalformed, id="serial"),
        pytest.param([entry(1, plate="X")], errors.PlateMalformed, id="plate"),
        pytest.param([entry(1, owner_code="nobody")], OrganisationNotFound, id="owner"),
        pytest.param([entry(1, operator_code="nobody")], OrganisationNotFound, id="operator"),
    ],
)
def test_a_list_that_contradicts_itself_is_refused(
    fleet: Connection[Any], entries: list[FleetEntry], fact: type[DomainError]
) -> None:
    with refused(fleet, fact):
        add_fleet(fleet, entries, at=at(8))
