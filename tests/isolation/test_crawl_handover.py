"""A vehicle that one organisation had and a sibling has now: each side is told its own time."""

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response
from psycopg import Connection

from fleet.devices.service import bind_device, register_device, unbind_device
from fleet.registry.service import add_vehicle, assign_operator
from schemas.access import SYSTEM
from tests.isolation.crawl import Id, leaks, made_up, prepare
from tests.isolation.crawl_client import Caller, Crawl
from tests.isolation.crawl_operations import OPERATIONS
from tests.isolation.crawl_world import HANDED_OVER, LONG_AGO, NOW

Conn = Connection[Any]
OF_A_VEHICLE = [name for name, one in OPERATIONS.items() if Id("vin") in one.path.values()]
READ = ["get_vehicle", "list_bindings", "list_operators", "read_signals", "read_track"]
READ += ["list_odometer", "list_stages", "list_transfers", "list_documents", "list_vehicle_costs"]
READ += ["get_vehicle_page", "get_papers", "get_vehicle_maintenance"]
READ += ["list_battery_tests", "list_cover"]
READ += [name for name in OF_A_VEHICLE if name.startswith("export_")]
APART = [name for name in OF_A_VEHICLE if OPERATIONS[name].apart]
CHANGED = sorted(set(OF_A_VEHICLE) - set(READ) - set(APART))
WHOLE_TIME = {
    "from_at": (HANDED_OVER - timedelta(days=10)).isoformat(),
    "until_at": datetime.now(UTC).isoformat(),
}


def ask(crawl: Crawl, operation_id: str, caller: Caller, vin: str) -> Response:
    """The answer about the vehicle, over the time of both."""
    route = crawl.routes[operation_id]
    request = prepare(route, caller.organisation, {("path", "vin"): {"vin": vin}})
    params = request.params | (WHOLE_TIME if "from_at" in route.parameters else {})
    return crawl.send(replace(request, params=params), caller.token)


@pytest.mark.parametrize("operation_id", READ)
@pytest.mark.parametrize("part", ["north", "south"])
def test_each_side_is_told_its_own_time(crawl: Crawl, operation_id: str, part: str) -> None:
    vin = crawl.world.handed_over["a"]
    one = crawl.world.organisations[f"a-{part}"]
    answer = ask(crawl, operation_id, Caller(one, "owner"), vin)
    assert answer.status_code == 200
    assert leaks([answer.text, str(answer.headers)], crawl.world.barred(one), [vin]) == []


@pytest.mark.parametrize("operation_id", CHANGED)
def test_who_had_it_before_changes_nothing(crawl: Crawl, operation_id: str) -> None:
    vin = crawl.world.handed_over["a"]
    one = crawl.world.organisations["a-north"]
    answer = ask(crawl, operation_id, Caller(one, "owner"), vin)
    assert answer.status_code in {403, 404, 409, 412}, answer.text
    assert leaks([answer.text, str(answer.headers)], crawl.world.barred(one), [vin]) == []


def test_both_sides_are_told_something(crawl: Crawl) -> None:
    """Else the test above would prove nothing."""
    vin = crawl.world.handed_over["a"]
    for part in ("north", "south", "root"):
        one = crawl.world.organisations[f"a-{part}"]
        for operation_id in ("list_operators", "list_bindings", "read_signals"):
            answer = ask(crawl, operation_id, Caller(one, "owner"), vin)
            told = crawl.world.organisations["a-north" if part == "root" else f"a-{part}"]
            assert leaks([answer.text], [told], [vin]) != [], (part, operation_id)


def test_the_list_with_former_vehicles_tells_ones_own_time(crawl: Crawl) -> None:
    one = crawl.world.organisations["a-north"]
    vin = crawl.world.handed_over["a"]
    told = {}
    for former in ("true", "false"):
        answer = crawl.client.get(
            "/api/v1/vehicles",
            params={"former": former, "q": vin},
            headers={"Authorization": f"Bearer {one.tokens['owner']}"},
        )
        assert leaks([answer.text], crawl.world.barred(one), [vin]) == []
        told[former] = [item["vin"] for item in answer.json()["items"]]
    assert told == {"true": [vin], "false": []}


@pytest.mark.parametrize("operation_id", ["list_operators", "list_bindings"])
def test_periods_end_where_ones_own_time_ends(crawl: Crawl, operation_id: str) -> None:
    vin = crawl.world.handed_over["a"]
    periods = {}
    for part in ("north", "south"):
        caller = Caller(crawl.world.organisations[f"a-{part}"], "owner")
        periods[part] = [
            (period["from_at"][:19], period["until_at"] and period["until_at"][:19])
            for period in ask(crawl, operation_id, caller, vin).json()
        ]
    at = HANDED_OVER.isoformat()[:19]
    assert [until for _, until in periods["north"]] == [at]
    assert [begin for begin, _ in periods["south"]] == [at]


@dataclass(frozen=True)
class Stayed:
    """A vehicle of b that was handed over with its terminal in it."""

    vin: str
    serial: str


@pytest.fixture
def stayed(crawl: Crawl, owner: Conn) -> Stayed:
    """Another one for each test; south has it since HANDED_OVER."""
    root, north, south = (crawl.world.organisations[f"b-{p}"] for p in ("root", "north", "south"))
    made = Stayed(made_up("vin", root), made_up("serial", root))
    add_vehicle(
        owner,
        SYSTEM,
        vin=made.vin,
        plate=None,
        owner_code=root.ids["code"],
        operator_code=north.ids["code"],
        now=LONG_AGO,
    )
    register_device(owner, SYSTEM, serial=made.serial, owner_code=root.ids["code"], now=LONG_AGO)
    bind_device(owner, SYSTEM, serial=made.serial, vin=made.vin, at=LONG_AGO, now=LONG_AGO)
    assign_operator(
        owner,
        SYSTEM,
        vin=made.vin,
        organisation_code=south.ids["code"],
        at=HANDED_OVER,
        now=NOW,
    )
    owner.commit()
    return made


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/vehicles/{vin}/swap-device", {"serial": "{spare}"}),
        ("/vehicles/{vin}/operators", {"organisation": "{child}"}),
        ("/devices/{serial}/unbind", {}),
    ],
)
def test_who_has_it_now_does_not_reach_into_the_time_before(
    crawl: Crawl, owner: Conn, stayed: Stayed, path: str, body: dict[str, str]
) -> None:
    """Back-dated, a change would cut short what belongs to who had it before."""
    one = crawl.world.organisations["b-south"]
    names = {"vin": stayed.vin, "serial": stayed.serial, "spare": one.ids["serial_free"]}
    names["child"] = one.ids["child"]
    answers = []
    for at in (HANDED_OVER - timedelta(days=1), HANDED_OVER + timedelta(days=1)):
        answer = crawl.client.post(
            "/api/v1" + path.format(**names),
            json={name: text.format(**names) for name, text in body.items()}
            | {"at": at.isoformat()},
            headers={
                "Authorization": f"Bearer {one.tokens['owner']}",
                "Idempotency-Key": uuid.uuid4().hex,
            },
        )
        answers.append(answer.status_code)
    assert answers[0] in {403, 409, 422}
    assert answers[1] in {200, 201}
    owner.execute(
        "UPDATE device_bindings SET bound_period = tstzrange(lower(bound_period),"
        " lower(bound_period) + interval '1 s') WHERE device_id = (SELECT id FROM devices"
        " WHERE serial = %s) AND upper_inf(bound_period)",
        [names["spare"]],
    )
    owner.commit()


def test_a_terminal_that_stayed_in_the_vehicle_is_told_for_ones_own_time(
    crawl: Crawl, owner: Conn, stayed: Stayed
) -> None:
    """It was taken out a day after the vehicle was handed over."""
    unbind_device(owner, SYSTEM, serial=stayed.serial, at=HANDED_OVER + timedelta(days=1), now=NOW)
    owner.commit()
    told = {}
    for part in ("north", "south"):
        caller = Caller(crawl.world.organisations[f"b-{part}"], "owner")
        (binding,) = ask(crawl, "list_bindings", caller, stayed.vin).json()
        told[part] = (binding["from_at"], binding["until_at"])
    at = HANDED_OVER.isoformat().replace("+00:00", "Z")
    assert (told["north"][1], told["south"][0]) == (at, at)


def test_a_plate_given_after_the_hand_over_is_not_told_to_who_had_the_vehicle_before(
    crawl: Crawl, owner: Conn
) -> None:
    vin = crawl.world.handed_over["b"]
    owner.execute("UPDATE vehicles SET plate = '琼ZD99999' WHERE vin = %s", [vin])
    owner.commit()
    caller = Caller(crawl.world.organisations["b-north"], "owner")
    assert "琼ZD99999" not in ask(crawl, "get_vehicle", caller, vin).text
