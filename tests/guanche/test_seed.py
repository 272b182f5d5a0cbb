"""The demo's organisations and vehicles, the same every time."""

from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from fleet.devices.service import list_bindings
from fleet.orgs.service import list_subtree
from fleet.registry.service import get_vehicle, list_operator_periods
from guanche.seed import DEPOTS, JOINED_AGO, ORGANISATIONS, PLATFORM, seed_fleet
from guanche.seed_models import model_of
from schemas.access import SYSTEM
from simulators.roster import fleet_roster

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_tree_has_four_levels(conn: Connection[Any]) -> None:
    seed_fleet(conn, [], NOW)
    members = list_subtree(conn, SYSTEM, code=PLATFORM)
    assert len(members) == len(ORGANISATIONS) == 12
    assert sorted({member.depth for member in members}) == [0, 1, 2, 3]
    assert {member.code for member in members if member.depth == 3} == set(DEPOTS)


def test_vehicles_join_with_device_and_depot(conn: Connection[Any]) -> None:
    roster = fleet_roster(8, 1)
    assert seed_fleet(conn, roster, NOW) == 8
    (binding,) = list_bindings(conn, SYSTEM, vin=roster[7].vin)
    assert (binding.serial, binding.from_at, binding.until_at) == (
        roster[7].device_id,
        NOW - JOINED_AGO,
        None,
    )
    (period,) = list_operator_periods(conn, SYSTEM, vin=roster[7].vin)
    assert period.organisation_code == DEPOTS[7 % len(DEPOTS)]
    vehicle = get_vehicle(conn, SYSTEM, vin=roster[7].vin)
    assert (vehicle.owner_code, vehicle.model) == (PLATFORM, model_of(roster[7].vin).name)


def test_the_fleet_has_models_of_several_makers() -> None:
    models = {model_of(vehicle.vin).name for vehicle in fleet_roster(40, 1)}
    assert models == {
        "比亚迪 T3",
        "北汽 威旺407EV",
        "江淮 帅铃i3",
        "江淮 帅铃i6",
        "五菱 EV50",
        "五菱 荣光EV",
    }


def test_seeding_again_adds_only_what_is_new(conn: Connection[Any]) -> None:
    seed_fleet(conn, fleet_roster(3, 1), NOW)
    assert seed_fleet(conn, fleet_roster(3, 1), NOW) == 0
    assert seed_fleet(conn, fleet_roster(5, 1), NOW) == 2
