"""Track, latest state and the fleet at a glance, on a real database in both storages."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection, sql

from fleet.devices.service import get_device
from fleet.registry.errors import VehicleNotFound
from fleet.registry.service import get_vehicle
from fleet.usage.model import FleetSummary
from fleet.usage.service import fleet_summary, latest_state, vehicle_track
from ingest.storage import open_storage
from schemas.access import SYSTEM

from .conftest import VIN_A, VIN_B, at, refused


@pytest.fixture
def readings(fleet: Connection[Any]) -> Connection[Any]:
    """The fleet, with telemetry ready to be written."""
    open_storage(fleet, chunk_hours=24).ensure(fleet, at(12))
    return fleet


def insert(conn: Connection[Any], table: str, **row: object) -> None:
    conn.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        ),
        row,
    )


def store_sample(
    conn: Connection[Any], vin: str, ts: datetime, seq: int = 0, **fields: object
) -> None:
    insert(
        conn,
        "telemetry",
        vehicle_id=get_vehicle(conn, SYSTEM, vin=vin).id,
        device_id=get_device(conn, SYSTEM, serial="T1").id,
        ts=ts,
        seq=seq,
        received_at=ts + timedelta(seconds=2),
        **fields,
    )


def store_state(conn: Connection[Any], vin: str, **fields: object) -> None:
    insert(conn, "vehicle_state", vehicle_id=get_vehicle(conn, SYSTEM, vin=vin).id, **fields)


def store_refusal(conn: Connection[Any], number: int, reason: str, last_at: datetime) -> None:
    insert(
        conn,
        "ingest_rejects",
        digest=number.to_bytes(2),
        reason=reason,
        detail="",
        topic="v1/T1/up/telemetry",
        raw=b"{",
        times=5,
        received_at=last_at - timedelta(days=2),
        last_received_at=last_at,
    )


def test_a_track_is_half_open_and_in_order(readings: Connection[Any]) -> None:
    for ts, seq in [(at(9), 0), (at(8), 1), (at(8), 0), (at(10), 0), (at(7, 59), 0)]:
        store_sample(readings, VIN_A, ts, seq)
    store_sample(readings, VIN_B, at(8, 30))
    track = vehicle_track(readings, SYSTEM, vin=VIN_A, from_at=at(8), until_at=at(10))
    assert [(point.ts, point.seq) for point in track] == [(at(8), 0), (at(8), 1), (at(9), 0)]


def test_a_track_point_tells_what_was_measured(readings: Connection[Any]) -> None:
    store_sample(
        readings,
        VIN_A,
        at(8),
        lat=22.54,
        lon=114.06,
        fix=True,
        heading_deg=90.0,
        speed_kmh=36.5,
        odometer_km=1234.5,
        soc_pct=62.5,
        vehicle_state="on",
        charge_state="not_charging",
        alarm_level=2,
    )
    (point,) = vehicle_track(readings, SYSTEM, vin=VIN_A, from_at=at(8), until_at=at(9))
    assert (point.lat, point.lon, point.fix, point.heading_deg) == (22.54, 114.06, True, 90.0)
    assert (point.speed_kmh, point.odometer_km, point.soc_pct) == (36.5, 1234.5, 62.5)
    assert (point.vehicle_state, point.charge_state) == ("on", "not_charging")
    assert (point.alarm_level, point.received_at) == (2, at(8) + timedelta(seconds=2))


def test_a_sample_that_knows_nothing_is_a_point_too(readings: Connection[Any]) -> None:
    store_sample(readings, VIN_A, at(8))
    (point,) = vehicle_track(readings, SYSTEM, vin=VIN_A, from_at=at(8), until_at=at(9))
    assert (point.lat, point.soc_pct, point.vehicle_state) == (None, None, None)


def test_a_track_stops_at_its_limit(readings: Connection[Any]) -> None:
    for minute in range(5):
        store_sample(readings, VIN_A, at(8, minute))
    track = vehicle_track(readings, SYSTEM, vin=VIN_A, from_at=at(8), until_at=at(9), limit=2)
    assert [point.ts for point in track] == [at(8, 0), at(8, 1)]


def test_a_track_crosses_chunks(readings: Connection[Any]) -> None:
    days = [at(12) - timedelta(days=days) for days in (3, 2, 1, 0)]
    for ts in days:
        store_sample(readings, VIN_A, ts)
    track = vehicle_track(readings, SYSTEM, vin=VIN_A, from_at=days[0], until_at=at(13))
    assert [point.ts for point in track] == days


def test_an_empty_track_is_empty(readings: Connection[Any]) -> None:
    assert vehicle_track(readings, SYSTEM, vin=VIN_A, from_at=at(8), until_at=at(9)) == []


def test_an_unknown_vehicle_has_no_track(readings: Connection[Any]) -> None:
    with refused(readings, VehicleNotFound):
        vehicle_track(readings, SYSTEM, vin="LE4TG4DB1JL199517", from_at=at(8), until_at=at(9))
    with refused(readings, VehicleNotFound):
        latest_state(readings, SYSTEM, vin="LE4TG4DB1JL199517")


def test_the_latest_state_names_device_and_operator(readings: Connection[Any]) -> None:
    (east_id,) = readings.execute("SELECT id FROM organisations WHERE code = 'east'").fetchall()[0]
    store_state(
        readings,
        VIN_A,
        ts=at(8),
        received_at=at(8, 1),
        device_id=get_device(readings, SYSTEM, serial="T2").id,
        operator_id=east_id,
        soc_pct=50.0,
        gear="D",
        online=True,
        last_heard_at=at(8, 2),
    )
    state = latest_state(readings, SYSTEM, vin=VIN_A.lower())
    assert state is not None
    assert (state.vin, state.plate) == (VIN_A, "粤BD12345")
    assert (state.device_serial, state.operator_code) == ("T2", "east")
    assert (state.ts, state.received_at, state.last_heard_at) == (at(8), at(8, 1), at(8, 2))
    assert (state.soc_pct, state.gear, state.online, state.speed_kmh) == (50.0, "D", True, None)


def test_a_vehicle_never_heard_has_no_state(readings: Connection[Any]) -> None:
    assert latest_state(readings, SYSTEM, vin=VIN_A) is None


def test_an_empty_fleet_is_summarised(readings: Connection[Any]) -> None:
    assert fleet_summary(readings, SYSTEM, now=at(12)) == FleetSummary(
        vehicles=2,
        online=0,
        moving=0,
        charging=0,
        vehicles_by_alarm_level={1: 0, 2: 0, 3: 0, 4: 0},
        newest_sample_at=None,
        oldest_chunk_at=None,
        lag_s=None,
        median_delay_s=None,
        rows_estimate=0,
        refusals_by_reason={},
    )


@pytest.mark.parametrize(
    ("state", "online", "moving", "charging"),
    [
        pytest.param({"speed_kmh": 40.0}, 1, 1, 0, id="driving"),
        pytest.param({"speed_kmh": 3.0}, 1, 0, 0, id="standing, receiver jitter"),
        pytest.param({}, 1, 0, 0, id="speed unknown"),
        pytest.param({"charge_state": "parked_charging"}, 1, 0, 1, id="charging"),
        pytest.param(
            {"charge_state": "driving_charging", "speed_kmh": 9.0}, 1, 1, 1, id="regenerating"
        ),
        pytest.param({"charge_state": "full"}, 1, 0, 0, id="full"),
        pytest.param({"speed_kmh": 40.0, "online": False}, 0, 0, 0, id="said to be offline"),
        pytest.param({"last_heard_at": at(11, 57)}, 1, 0, 0, id="heard 180 s ago"),
        pytest.param(
            {"speed_kmh": 40.0, "last_heard_at": at(11, 56)}, 0, 0, 0, id="silent, ingest too"
        ),
        pytest.param({"online": True, "last_heard_at": None}, 0, 0, 0, id="never heard"),
    ],
)
def test_a_vehicle_is_counted_by_what_it_does(
    readings: Connection[Any], state: dict[str, object], online: int, moving: int, charging: int
) -> None:
    store_state(readings, VIN_A, **({"online": True, "last_heard_at": at(12)} | state))
    summary = fleet_summary(readings, SYSTEM, now=at(12))
    assert (summary.vehicles, summary.online) == (2, online)
    assert (summary.moving, summary.charging) == (moving, charging)


def test_the_time_out_is_the_caller_s(readings: Connection[Any]) -> None:
    store_state(readings, VIN_A, online=True, last_heard_at=at(11))
    assert fleet_summary(readings, SYSTEM, now=at(12), offline_after=timedelta(hours=1)).online == 1
    assert (
        fleet_summary(readings, SYSTEM, now=at(12), offline_after=timedelta(minutes=59)).online == 0
    )


def test_alarms_count_offline_vehicles_too(readings: Connection[Any]) -> None:
    store_state(readings, VIN_A, online=False, alarm_level=4)
    store_state(readings, VIN_B, online=True, last_heard_at=at(12), alarm_level=0)
    summary = fleet_summary(readings, SYSTEM, now=at(12))
    assert summary.vehicles_by_alarm_level == {1: 0, 2: 0, 3: 0, 4: 1}


def test_lag_and_delay_are_seconds(readings: Connection[Any]) -> None:
    heard = {"online": True, "last_heard_at": at(12)}
    store_state(readings, VIN_A, ts=at(11, 58), received_at=at(11, 59), **heard)
    store_state(readings, VIN_B, ts=at(11, 50), received_at=at(11, 53), **heard)
    summary = fleet_summary(readings, SYSTEM, now=at(12))
    assert (summary.newest_sample_at, summary.lag_s) == (at(11, 58), 60.0)
    assert summary.median_delay_s == 120.0  # between 60 s and 180 s


def test_stored_rows_are_estimated(readings: Connection[Any]) -> None:
    for minute in range(30):
        store_sample(readings, VIN_A, at(8, minute))
    store_sample(readings, VIN_A, at(8) - timedelta(days=2))
    readings.commit()
    readings.execute("ANALYZE telemetry")
    summary = fleet_summary(readings, SYSTEM, now=at(12))
    assert summary.rows_estimate == 31
    assert summary.oldest_chunk_at == at(0) - timedelta(days=2)


def test_refusals_of_a_day_count_once_each(readings: Connection[Any]) -> None:
    store_refusal(readings, 1, "bad_json", at(11))
    store_refusal(readings, 2, "bad_json", at(12) - timedelta(hours=24))
    store_refusal(readings, 3, "bad_json", at(12) - timedelta(hours=24, seconds=1))
    store_refusal(readings, 4, "too_old", at(12))
    summary = fleet_summary(readings, SYSTEM, now=at(12))
    assert summary.refusals_by_reason == {"bad_json": 2, "too_old": 1}
