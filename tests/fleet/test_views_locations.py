"""Who may know exactly where a vehicle is, and what is written down of their looking."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.audit.model import AuditEntry
from fleet.audit.service import list_entries, verify
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
from schemas.access import SYSTEM, Actor, PermissionMissing

from .conftest import at
from .seen import NOW, VINS, Fleet, build_fleet

PLACE: dict[str, Any] = {"lat": 22.543099, "lon": 114.057868, "heading_deg": 87.0}


@pytest.fixture
def west(conn: Connection[Any], app_conn: Connection[Any]) -> Fleet:
    """The fleet of `seen.py`; vehicle B is somewhere, and a message of its device was refused."""
    made = build_fleet(conn, app_conn)
    made.state("B", at(17, 59), **PLACE, altitude_m=21.0)
    made.sample("B", at(17), **PLACE)
    made.refusal(1, "T-B", at(17), raw=b'{"lat": 22.543099}')
    return made


def trail(fleet: Fleet, code: str = "west") -> list[AuditEntry]:
    """What was written down of looking, oldest first."""
    with fleet.as_member(code) as conn:
        entries = list_entries(conn, fleet.actor(code), {}, limit=100)[::-1]
    return [entry for entry in entries if entry.action.endswith(".read")]


def look(fleet: Fleet, actor: Actor, ask: Callable[[Connection[Any], Actor], Any]) -> Any:
    with fleet.as_member("west") as conn:
        return ask(conn, actor)


def listed(conn: Connection[Any], actor: Actor, now: datetime = NOW) -> Any:
    return list_vehicles(conn, actor, VehicleFilter(search=VINS["B"]), now=now)


def test_ops_see_where_a_vehicle_is(west: Fleet) -> None:
    ops = west.member("west", "ops")
    page = look(west, ops, listed)
    (row,) = page.rows
    assert (row.lat, row.lon, row.heading_deg) == tuple(PLACE.values())
    assert page.location_masked is False
    found = look(west, ops, lambda c, a: vehicle_detail(c, a, vin=VINS["B"], now=NOW))
    assert (found.latest.lat, found.latest.lon, found.row.lat) == (22.543099, 114.057868, 22.543099)
    assert (found.latest.heading_deg, found.location_masked) == (87.0, False)
    map_ = look(west, ops, lambda c, a: latest_positions(c, a, now=NOW))
    assert (map_.columns.lon, map_.columns.lat) == ([114.057868], [22.543099])
    assert (map_.columns.heading_deg, map_.location_masked) == ([87.0], False)


@pytest.mark.parametrize("role", ["viewer", "finance", "auditor"])
def test_others_see_it_roughly(west: Fleet, role: str) -> None:
    actor = west.member("west", role)
    page = look(west, actor, listed)
    (row,) = page.rows
    assert (row.lat, row.lon, row.heading_deg) == (22.54, 114.06, None)
    assert page.location_masked is True
    found = look(west, actor, lambda c, a: vehicle_detail(c, a, vin=VINS["B"], now=NOW))
    assert (found.row.lat, found.row.lon, found.row.heading_deg) == (22.54, 114.06, None)
    assert (found.latest.lat, found.latest.lon, found.latest.heading_deg) == (22.54, 114.06, None)
    assert found.location_masked is True
    map_ = look(west, actor, lambda c, a: latest_positions(c, a, now=NOW))
    assert (map_.columns.lon, map_.columns.lat) == ([114.06], [22.54])
    assert (map_.columns.heading_deg, map_.location_masked) == ([None], True)
    assert trail(west) == [], "nothing exact was seen"


def test_an_unknown_place_stays_unknown(west: Fleet) -> None:
    west.state("A", at(17))
    viewer = west.member("west", "viewer")
    found = look(west, viewer, lambda c, a: vehicle_detail(c, a, vin=VINS["A"], now=NOW))
    assert (found.row.lat, found.row.lon, found.latest.lat) == (None, None, None)


def test_looking_at_places_is_written_down_once_an_hour(west: Fleet) -> None:
    ops = west.member("west", "ops")
    later = NOW + timedelta(hours=1)
    looks: list[Callable[[Connection[Any], Actor], Any]] = [
        lambda c, a: latest_positions(c, a, now=NOW),
        lambda c, a: vehicle_detail(c, a, vin=VINS["B"], now=NOW + timedelta(minutes=5)),
        lambda c, a: listed(c, a, NOW + timedelta(minutes=59)),
        lambda c, a: listed(c, a, later),
        lambda c, a: listed(c, a, later + timedelta(microseconds=1)),
    ]
    for ask in looks:
        look(west, ops, ask)
    entries = trail(west)
    assert [entry.at for entry in entries] == [NOW, later + timedelta(microseconds=1)]
    for entry in entries:
        assert (entry.action, entry.object_kind) == ("location.read", "fleet")
        assert (entry.object_key, entry.actor_name) == ("west", "west.anybody")
        assert (entry.before, entry.after) == (None, None)
    assert verify(west.conn) == []


def test_counting_shows_no_place(west: Fleet) -> None:
    ops = west.member("west", "ops")
    look(west, ops, lambda c, a: count_vehicles_by(c, a, VehicleFilter(), now=NOW))
    assert trail(west) == []


def test_every_look_at_a_track_is_written_down(west: Fleet) -> None:
    ops = west.member("west", "ops")
    for _ in range(2):
        track = look(
            west,
            ops,
            lambda c, a: read_track(
                c, a, vin=VINS["B"].lower(), from_at=at(16), until_at=at(18), now=NOW
            ),
        )
        assert [point.ts for point in track.way.points] == [at(17)]
    entries = trail(west)
    assert [entry.action for entry in entries] == ["track.read", "track.read"]
    for entry in entries:
        assert (entry.object_kind, entry.object_key, entry.at) == ("vehicle", VINS["B"], NOW)
        assert entry.after == {
            "from": "2026-03-01T16:00:00+00:00",
            "until": "2026-03-01T18:00:00+00:00",
        }


def test_the_system_s_look_is_the_tenant_s_to_read(west: Fleet) -> None:
    read_track(west.conn, SYSTEM, vin=VINS["B"], from_at=at(16), until_at=at(18), now=NOW)
    (entry,) = trail(west, "head")
    assert (entry.actor_kind, entry.action) == ("system", "track.read")


def test_signals_tell_no_place(west: Fleet) -> None:
    ops = west.member("west", "ops")
    look(
        west,
        ops,
        lambda c, a: signal_history(
            c, a, vin=VINS["B"], signals=["speed_kmh"], from_at=at(16), until_at=at(18)
        ),
    )
    assert trail(west) == []


def test_a_refused_message_may_hold_a_place(west: Fleet) -> None:
    ops = west.member("west", "ops")
    (refused,) = look(west, ops, lambda c, a: list_refusals(c, a, {}))
    assert (refused.vin, refused.device_serial, refused.raw_bytes) == (VINS["B"], "T-B", 18)
    assert trail(west) == [], "the list has no bytes"
    shown = look(west, ops, lambda c, a: get_refusal(c, a, refusal_id=refused.id, now=NOW))
    assert shown.raw == b'{"lat": 22.543099}'
    assert [entry.action for entry in trail(west)] == ["location.read"]
    machine = west.actor("west", ["vehicle.read", "refusal.read"])
    withheld = look(west, machine, lambda c, a: get_refusal(c, a, refusal_id=refused.id, now=NOW))
    assert (withheld.raw, withheld.raw_bytes, withheld.reason) == (None, 18, "bad_json")


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda c, a: latest_positions(c, a, now=NOW), id="map"),
        pytest.param(lambda c, a: vehicle_detail(c, a, vin=VINS["B"], now=NOW), id="detail"),
        pytest.param(lambda c, a: list_refusals(c, a, {}), id="refusals"),
        pytest.param(lambda c, a: get_refusal(c, a, refusal_id=1, now=NOW), id="refusal"),
    ],
)
def test_looking_takes_its_verb(west: Fleet, ask: Callable[[Connection[Any], Actor], Any]) -> None:
    with pytest.raises(PermissionMissing):
        look(west, west.actor("west", ["location.read"]), ask)
