"""Each side sees the readings of its own period; nobody sees a sibling's; unset sees nothing.

The services are asked as the API asks them: as a role that owns nothing.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.registry.errors import VehicleNotFound
from fleet.usage.errors import RefusalNotFound
from fleet.usage.selection import VehicleFilter
from fleet.usage.service import (
    count_vehicles_by,
    get_refusal,
    latest_positions,
    list_refusals,
    list_vehicles,
    read_track,
    signal_history,
    vehicle_detail,
)
from schemas.access import SYSTEM

from .conftest import at
from .seen import NOW, TRANSFER_AT, VINS, Fleet, build_fleet

DAY = (at(0), at(0) + timedelta(days=1))


@pytest.fixture
def fleet_of_two(conn: Connection[Any], app_conn: Connection[Any]) -> Fleet:
    """The fleet of `seen.py`: vehicle A has samples at 10, 11 (east's), 12 and 13 (west's)."""
    made = build_fleet(conn, app_conn)
    for hour in (10, 11, 12, 13):
        made.sample("A", at(hour), lat=22.5, lon=114.0 + hour / 100, soc_pct=hour)
    return made


def track_of(fleet: Fleet, code: str, vehicle: str = "A") -> list[datetime]:
    with fleet.as_member(code) as conn:
        track = read_track(
            conn,
            fleet.actor(code),
            vin=VINS[vehicle],
            from_at=DAY[0],
            until_at=DAY[1],
            now=NOW,
        )
    return [point.ts for point in track.way.points]


def soc_of(fleet: Fleet, code: str, vehicle: str = "A") -> list[float]:
    actor = fleet.actor(code)
    with fleet.as_member(code) as conn:
        history = signal_history(
            conn,
            actor,
            vin=VINS[vehicle],
            signals=["soc_pct"],
            from_at=DAY[0],
            until_at=DAY[1],
            bucket_s=3600,
        )
    return history.series[0].high


def vins_of(fleet: Fleet, code: str, *, former: bool = False) -> str:
    actor = fleet.actor(code)
    with fleet.as_member(code) as conn:
        page = list_vehicles(conn, actor, VehicleFilter(former=former), now=NOW)
        counts = count_vehicles_by(conn, actor, VehicleFilter(former=former), now=NOW)
    assert counts.vehicles == len(page.rows)
    letters = {vin: letter for letter, vin in VINS.items()}
    return "".join(sorted(letters[row.vin] for row in page.rows))


def mapped(fleet: Fleet, code: str) -> list[str]:
    actor = fleet.actor(code)
    with fleet.as_member(code) as conn:
        return sorted(latest_positions(conn, actor, now=NOW).columns.vin)


@pytest.mark.parametrize(
    ("code", "hours"),
    [
        pytest.param("east", [10, 11], id="who had it"),
        pytest.param("west", [12, 13], id="who has it"),
        pytest.param("head", [10, 11, 12, 13], id="who stands above both"),
    ],
)
def test_a_transfer_splits_track_and_signals(
    fleet_of_two: Fleet, code: str, hours: list[int]
) -> None:
    assert track_of(fleet_of_two, code) == [at(hour) for hour in hours]
    assert soc_of(fleet_of_two, code) == [float(hour) for hour in hours]


@pytest.mark.parametrize("code", ["east-depot", "other"])
def test_a_vehicle_out_of_sight_is_not_found(fleet_of_two: Fleet, code: str) -> None:
    actor = fleet_of_two.actor(code)
    for look in (track_of, soc_of):
        with pytest.raises(VehicleNotFound):
            look(fleet_of_two, code)
    with fleet_of_two.as_member(code) as conn, pytest.raises(VehicleNotFound):
        vehicle_detail(conn, actor, vin=VINS["A"], now=NOW)


@pytest.mark.parametrize(
    ("code", "now", "ever"),
    [
        ("head", "ABCW", "ABCW"),
        ("east", "CW", "ACW"),
        ("east-depot", "C", "C"),
        ("west", "ABW", "ABW"),
        ("other", "X", "X"),
    ],
)
def test_a_list_shows_what_one_has(fleet_of_two: Fleet, code: str, now: str, ever: str) -> None:
    assert vins_of(fleet_of_two, code) == now
    assert vins_of(fleet_of_two, code, former=True) == ever


def test_a_state_belongs_to_who_operated_at_its_time(fleet_of_two: Fleet) -> None:
    fleet_of_two.state("A", at(11), soc_pct=47.0, lat=22.5, lon=114.0)
    assert state_of(fleet_of_two, "east", "A") == 47.0
    assert state_of(fleet_of_two, "west", "A") is None
    assert state_of(fleet_of_two, "head", "A") == 47.0
    fleet_of_two.conn.execute("DELETE FROM vehicle_state")
    fleet_of_two.state("A", at(13), soc_pct=46.0, lat=22.5, lon=114.0)
    assert state_of(fleet_of_two, "east", "A") is None
    assert state_of(fleet_of_two, "west", "A") == 46.0


def state_of(fleet: Fleet, code: str, vehicle: str) -> float | None:
    """The state of charge by the list and by the detail, which agree."""
    actor = fleet.actor(code)
    with fleet.as_member(code) as conn:
        detail = vehicle_detail(conn, actor, vin=VINS[vehicle], now=NOW)
        page = list_vehicles(conn, actor, VehicleFilter(former=True), now=NOW)
    (row,) = (row for row in page.rows if row.vin == VINS[vehicle])
    assert row == detail.row
    assert (detail.latest and detail.latest.soc_pct) == row.soc_pct
    assert (row.state == "never_heard") == (row.soc_pct is None)
    return row.soc_pct


def test_a_map_shows_what_one_has_in_its_own_time(fleet_of_two: Fleet) -> None:
    place = {"lat": 22.5, "lon": 114.0}
    fleet_of_two.state("A", at(11), **place)
    fleet_of_two.state("B", at(11), **place)
    fleet_of_two.state("X", at(11), **place)
    fleet_of_two.state("C", at(11))
    assert mapped(fleet_of_two, "head") == sorted([VINS["A"], VINS["B"]])
    assert mapped(fleet_of_two, "west") == [VINS["B"]], "A was not heard since it is west's"
    assert mapped(fleet_of_two, "east") == [], "A is east's no more"
    assert mapped(fleet_of_two, "other") == [VINS["X"]]


def test_an_owner_sees_the_card_and_no_stranger_s_readings(fleet_of_two: Fleet) -> None:
    fleet_of_two.state("W", at(17), soc_pct=33.0, lat=22.5, lon=114.0)
    fleet_of_two.sample("W", at(11), lat=22.5, lon=114.0, soc_pct=33.0)
    west = fleet_of_two.actor("west")
    with fleet_of_two.as_member("west") as conn:
        found = vehicle_detail(conn, west, vin=VINS["W"], now=NOW)
    assert (found.row.plate, found.row.owner_code, found.version) == ("粤BD12344", "west", 1)
    assert (found.row.operator_code, found.latest, found.row.state) == (None, None, "never_heard")
    assert track_of(fleet_of_two, "west", "W") == []
    assert soc_of(fleet_of_two, "west", "W") == []
    assert track_of(fleet_of_two, "east", "W") == [at(11)]


def test_who_had_a_vehicle_is_not_told_its_device_and_operator(fleet_of_two: Fleet) -> None:
    actor = fleet_of_two.actor("east")
    with fleet_of_two.as_member("east") as conn:
        former = vehicle_detail(conn, actor, vin=VINS["A"], now=NOW).row
        present = vehicle_detail(conn, actor, vin=VINS["W"], now=NOW).row
    assert (former.owner_code, former.operator_code, former.device_serial) == (None, None, None)
    assert (present.operator_code, present.device_serial) == ("east", "T-W")


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        pytest.param("east", [1], id="who had the vehicle"),
        pytest.param("west", [2], id="who has it"),
        pytest.param("head", [1, 2, 3], id="who stands above; also what no vehicle had"),
        pytest.param("east-depot", [], id="a sibling"),
        pytest.param("other", [5], id="another tenant"),
    ],
)
def test_a_refusal_belongs_to_who_operated_then(
    fleet_of_two: Fleet, code: str, seen: list[int]
) -> None:
    fleet_of_two.refusal(1, "T-A", TRANSFER_AT - timedelta(seconds=1))
    fleet_of_two.refusal(2, "T-A", TRANSFER_AT)
    fleet_of_two.refusal(3, "T-B", at(0) - timedelta(days=20), last_received_at=at(3))
    fleet_of_two.refusal(4, "nobody-knows", at(11))
    fleet_of_two.refusal(5, "T-X", at(11))
    rows = fleet_of_two.conn.execute("SELECT digest, id FROM ingest_rejects").fetchall()
    ids = {int.from_bytes(digest): number for digest, number in rows}
    actor = fleet_of_two.actor(code)
    with fleet_of_two.as_member(code) as conn:
        listed = {row.id for row in list_refusals(conn, actor, {})}
        assert listed == {ids[number] for number in seen}
        for number in ids.values():
            if number in listed:
                found = get_refusal(conn, actor, refusal_id=number, now=NOW)
                assert (found.id, found.raw) == (number, b'{"lat": 22.5')
            else:
                with pytest.raises(RefusalNotFound):
                    get_refusal(conn, actor, refusal_id=number, now=NOW)


def test_nothing_is_seen_for_no_organisation(fleet_of_two: Fleet) -> None:
    fleet_of_two.state("A", at(13), lat=22.5, lon=114.0)
    fleet_of_two.refusal(1, "T-A", at(13))
    actor = SYSTEM
    with fleet_of_two.as_member() as conn:
        assert list_vehicles(conn, actor, VehicleFilter(former=True), now=NOW).rows == []
        assert count_vehicles_by(conn, actor, VehicleFilter(), now=NOW).vehicles == 0
        assert latest_positions(conn, actor, now=NOW).columns.vin == []
        assert list_refusals(conn, actor, {}) == []
        with pytest.raises(VehicleNotFound):
            vehicle_detail(conn, actor, vin=VINS["A"], now=NOW)
        assert conn.execute("SELECT FROM visible_telemetry").fetchall() == []


def test_the_system_sees_all(fleet_of_two: Fleet) -> None:
    fleet_of_two.state("A", at(11), lat=22.5, lon=114.0)
    fleet_of_two.state("X", at(11), lat=22.5, lon=114.0)
    conn = fleet_of_two.conn
    page = list_vehicles(conn, SYSTEM, VehicleFilter(), now=NOW)
    assert sorted(row.vin for row in page.rows) == sorted(VINS.values())
    assert sorted(latest_positions(conn, SYSTEM, now=NOW).columns.vin) == sorted(
        [VINS["A"], VINS["X"]]
    )
