"""Groups in the database: made, filled, emptied, renamed, taken back, and for whom."""

from typing import Any

import pytest

from alerts.errors import NameInUse, OrganisationNotFound, VehicleNotFound
from alerts.groups.errors import GroupExists, GroupNotFound
from alerts.groups.service import (
    Group,
    add_vehicles,
    create_group,
    get_group,
    list_groups,
    list_members,
    remove_vehicles,
    rename_group,
    retire_group,
)
from alerts.rules.service import retire_rule
from kit.errors import VersionChanged
from schemas.access import SYSTEM, Actor, PermissionMissing
from tests.alerts.rules.land import NOW, VIN_A, VIN_B, VIN_ELSEWHERE, Conn, acting, settle, trail
from tests.alerts.rules.test_rules import put
from tests.fleet.conftest import refused

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


@pytest.fixture
def land(conn: Conn) -> Conn:
    """The land as the system sees it."""
    settle(conn)
    return conn


def made(
    conn: Conn, organisation: str | None, code: str = "vans", actor: Actor = SYSTEM, **given: Any
) -> Group:
    """A new group."""
    said = {"name": "货车"} | given
    return create_group(conn, actor, organisation=organisation, code=code, now=NOW, **said)


def vins(conn: Conn, organisation: str | None, actor: Actor = SYSTEM, **page: Any) -> list[str]:
    """Who is in the group."""
    found = list_members(conn, actor, code="vans", organisation=organisation, **page)
    return [each.vin for each in found]


def test_made_filled_and_emptied(land: Conn) -> None:
    group = made(land, "head", vins=[VIN_B])
    assert (group.organisation, group.vehicles, group.version) == ("head", 1, 2)
    told: dict[str, Any] = {"organisation": "head", "code": "vans", "now": NOW}
    added = add_vehicles(land, SYSTEM, vins=[VIN_A, VIN_B], **told)
    assert (added.vehicles, added.version) == (2, 3)
    assert vins(land, "head") == [VIN_B, VIN_A]
    assert vins(land, "head", limit=1) == [VIN_B]
    assert vins(land, "head", after=VIN_B) == [VIN_A]
    assert add_vehicles(land, SYSTEM, vins=[VIN_A], **told).version == 3
    left = remove_vehicles(land, SYSTEM, vins=[VIN_B], **told)
    assert (left.vehicles, left.version) == (1, 4)
    assert remove_vehicles(land, SYSTEM, vins=[VIN_B], **told).version == 4
    assert add_vehicles(land, SYSTEM, vins=[VIN_B], **told).vehicles == 2
    kept = land.execute("SELECT count(*), count(removed_at) FROM vehicle_group_members").fetchone()
    assert kept == (3, 1)
    assert trail(land) == [
        ("vehicle_group.create", "head/vans"),
        ("vehicle_group.add", "head/vans"),
        ("vehicle_group.remove", "head/vans"),
        ("vehicle_group.add", "head/vans"),
    ]


def test_a_vehicle_of_nobody_in_sight_is_not_put_in(land: Conn) -> None:
    told: dict[str, Any] = {"organisation": "head", "code": "vans", "now": NOW}
    with refused(land, VehicleNotFound):
        made(land, "head", vins=[VIN_A, VIN_ELSEWHERE])
    with refused(land, GroupNotFound):
        get_group(land, SYSTEM, code="vans", organisation="head")
    made(land, "head")
    for act in (add_vehicles, remove_vehicles):
        with pytest.raises(VehicleNotFound) as raised:
            act(land, SYSTEM, vins=[VIN_A, VIN_ELSEWHERE, "X"], **told)
        assert raised.value.facts["vins"] == [VIN_ELSEWHERE, "X"]
    assert vins(land, "head") == []


def test_renamed_and_taken_back(land: Conn) -> None:
    made(land, "head")
    told: dict[str, Any] = {"organisation": "head", "code": "vans", "now": NOW}
    assert rename_group(land, SYSTEM, version=1, name="厢货", **told).name == "厢货"
    with refused(land, VersionChanged):
        rename_group(land, SYSTEM, version=1, name="货", **told)
    with refused(land, VersionChanged):
        retire_group(land, SYSTEM, version=1, **told)
    put(land, "yard", scope={"groups": ["vans"]})
    with pytest.raises(NameInUse) as raised:
        retire_group(land, SYSTEM, version=2, **told)
    assert raised.value.facts["rules"] == ["yard/over_speed"]
    retire_rule(land, SYSTEM, organisation="yard", code="over_speed", version=1, now=NOW)
    gone = retire_group(land, SYSTEM, version=2, **told)
    assert (gone.retired_at, gone.version) == (NOW, 3)
    with refused(land, GroupNotFound):
        add_vehicles(land, SYSTEM, vins=[VIN_A], **told)
    with refused(land, GroupExists):
        made(land, "head")


def test_lists(land: Conn) -> None:
    for organisation, code in (("head", "vans"), ("east", "vans"), ("yard", "night")):
        made(land, organisation, code)
    retire_group(land, SYSTEM, organisation="head", code="vans", version=1, now=NOW)

    def told(filters: dict[str, Any], **page: Any) -> list[tuple[str, str]]:
        found = list_groups(land, SYSTEM, filters, **page)
        return [(each.organisation, each.code) for each in found]

    everything = [("yard", "night"), ("head", "vans"), ("east", "vans")]
    assert told({}) == everything
    assert told({"organisation": "east"}) == [everything[0], everything[2]]
    assert told({"retired": True}) == [everything[1]]
    assert told({"search": "NIGHT"}) == everything[:1]
    first = list_groups(land, SYSTEM, {}, limit=1)[0]
    assert told({}, after=(first.code, first.id)) == everything[1:]


def test_an_operator_fills_its_own_with_what_it_sees(land: Conn, app_conn: Conn) -> None:
    made(land, "head")
    add_vehicles(land, SYSTEM, organisation="head", code="vans", vins=[VIN_A, VIN_B], now=NOW)
    made(land, "east", vins=[VIN_A, VIN_B])  # the system sees both
    east = acting(land, app_conn, "east", "ops")
    assert get_group(app_conn, east, code="vans", organisation=None).vehicles == 1
    assert vins(app_conn, None, east) == [VIN_A]
    told: dict[str, Any] = {"organisation": None, "code": "vans", "now": NOW}
    with refused(app_conn, VehicleNotFound):
        add_vehicles(app_conn, east, vins=[VIN_B], **told)
    assert remove_vehicles(app_conn, east, vins=[VIN_A], **told).vehicles == 0
    assert made(app_conn, "yard", actor=east, vins=[VIN_A]).vehicles == 1
    with refused(app_conn, OrganisationNotFound):
        get_group(app_conn, east, code="vans", organisation="head")


def test_who_may(land: Conn, app_conn: Conn) -> None:
    made(land, "east")
    viewer = acting(land, app_conn, "east", "viewer")
    assert [each.code for each in list_groups(app_conn, viewer, {})] == ["vans"]
    told: dict[str, Any] = {"organisation": None, "code": "vans", "now": NOW}
    with refused(app_conn, PermissionMissing):
        made(app_conn, None, "other", viewer)
    with refused(app_conn, PermissionMissing):
        add_vehicles(app_conn, viewer, vins=[], **told)
    with refused(app_conn, PermissionMissing):
        rename_group(app_conn, viewer, version=1, name="x", **told)
