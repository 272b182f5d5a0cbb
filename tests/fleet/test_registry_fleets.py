"""A whole fleet joins at once, on a real database."""

from typing import Any

import pytest
from psycopg import Connection

from fleet.devices import errors as device_errors
from fleet.devices.model import FleetEntry
from fleet.devices.service import add_fleet, get_device
from fleet.orgs.errors import OrganisationNotFound
from fleet.registry import errors
from fleet.registry.service import get_vehicle
from fleet.registry.vin import compute_check_digit
from kit.errors import DomainError
from schemas.access import SYSTEM

from .conftest import at, bindings, operators, refused


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
    assert add_fleet(fleet, SYSTEM, entries, at=at(8)) == 3_000
    last = entries[-1]
    assert get_vehicle(fleet, SYSTEM, vin=last.vin).plate == "粤BD02999"
    assert bindings(fleet, last.vin) == [("SIM-02999", at(8), None)]
    assert operators(fleet, last.vin) == [("east", at(8), None)]
    assert operators(fleet, entries[-2].vin) == [("west", at(8), None)]


def test_models_and_owners_come_along(fleet: Connection[Any]) -> None:
    add_fleet(fleet, SYSTEM, [entry(1, model="瑞驰 EC35"), entry(2, owner_code="west")], at=at(8))
    first, second = [get_vehicle(fleet, SYSTEM, vin=entry(number).vin) for number in (1, 2)]
    assert (first.model, first.owner_code, first.version) == ("瑞驰 EC35", "head", 1)
    assert (second.model, second.owner_code) == (None, "west")
    assert get_device(fleet, SYSTEM, serial="SIM-00002").owner_code == "west"


def test_a_list_given_again_adds_what_is_new(fleet: Connection[Any]) -> None:
    assert add_fleet(fleet, SYSTEM, [entry(1), entry(2)], at=at(8)) == 2
    assert add_fleet(fleet, SYSTEM, [entry(1), entry(2), entry(3)], at=at(9)) == 1
    assert add_fleet(fleet, SYSTEM, [entry(1), entry(2), entry(3)], at=at(10)) == 0
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
            [entry(1), entry(2, serial="SIM-00001")],
            device_errors.DeviceExists,
            id="one device twice",
        ),
        pytest.param(
            [entry(1, serial="T1")], device_errors.DeviceExists, id="a device that exists"
        ),
        pytest.param([entry(1, serial="T#")], device_errors.SerialMalformed, id="serial"),
        pytest.param([entry(1, plate="X")], errors.PlateMalformed, id="plate"),
        pytest.param([entry(1, owner_code="nobody")], OrganisationNotFound, id="owner"),
        pytest.param([entry(1, operator_code="nobody")], OrganisationNotFound, id="operator"),
    ],
)
def test_a_list_that_contradicts_itself_is_refused(
    fleet: Connection[Any], entries: list[FleetEntry], fact: type[DomainError]
) -> None:
    with refused(fleet, fact):
        add_fleet(fleet, SYSTEM, entries, at=at(8))
