"""Writers on a real database: poison, missing partitions, changes of the registry, counts."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.devices.service import bind_device, register_device
from fleet.registry.service import assign_operator
from ingest.delivery import Delivery
from kit import db
from schemas.access import SYSTEM

from .builders import DAY_US, SECOND_US, VIN_A, VIN_B, sample_at, status, telemetry, to_datetime
from .conftest import PLAIN_ONLY, Fleet, Writing, running_writers


def test_everything_is_counted(fleet: Fleet, writing: Writing) -> None:
    first = sample_at(fleet.now_us, seq=1)
    writing.write(telemetry(first, mid=1), telemetry(first, mid=2), status(True, mid=3))
    writing.write(telemetry(first, sample_at(fleet.now_us - 5), mid=4), (b"v2", b"", False, 5))
    assert writing.acks.mids == [1, 2, 3, 4, 5]
    assert len(fleet.telemetry()) == 2
    assert {
        name: writing.count(name)
        for name in (
            "messages_acknowledged",
            "samples_stored",
            "samples_duplicate",
            "samples_late",
            "batches_retried",
        )
    } == {
        "messages_acknowledged": 5,
        "samples_stored": 2,
        "samples_duplicate": 2,
        "samples_late": 1,
        "batches_retried": 0,
    }
    assert writing.count("samples_refused", reason="bad_topic") == 1
    assert writing.count("samples_refused", reason="bad_json") == 0


def test_nothing_is_acknowledged_before_its_rows_are_there(
    fleet: Fleet, writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    remember = writing.acks.ack

    def look(delivery: Delivery) -> None:
        with db.connect(fleet.url) as other:
            row = other.execute("SELECT count(*) FROM telemetry").fetchone()
            seen.append(0 if row is None else row[0])
        remember(delivery)

    monkeypatch.setattr(writing.acks, "ack", look)
    writing.write(telemetry(sample_at(fleet.now_us), sample_at(fleet.now_us - 1)))
    assert seen == [2]


def test_acknowledgements_come_in_the_order_of_receipt(fleet: Fleet) -> None:
    with running_writers(fleet.url, batch_messages=2, batch_ms=1) as writing:
        for mid in range(1, 41):
            writing.put(telemetry(sample_at(fleet.now_us - mid), mid=mid))
        writing.acks.wait_for(40)
        assert writing.acks.mids == list(range(1, 41))
    assert len(fleet.telemetry()) == 40


POISON_KM = 666_666
BAD = "it cannot be stored"


def forbid(fleet: Fleet) -> None:
    """A fault that only the database knows of."""
    fleet.conn.execute(
        f"ALTER TABLE telemetry ADD CONSTRAINT no_poison CHECK (odometer_km <> {POISON_KM})"
    )
    fleet.conn.commit()


@pytest.mark.parametrize(
    ("poisoned", "deliveries_of"),
    [
        pytest.param({0, 9}, 10, id="the first and the last of one delivery"),
        pytest.param({2, 3, 7}, 4, id="three in three deliveries"),
        pytest.param(set(range(10)), 3, id="all of them"),
    ],
)
def test_poison_is_refused_alone(fleet: Fleet, poisoned: set[int], deliveries_of: int) -> None:
    forbid(fleet)
    messages = [
        telemetry(
            sample_at(fleet.now_us - n, odometer_km=POISON_KM if n in poisoned else n), mid=n + 1
        )
        for n in range(10)
    ]
    with running_writers(fleet.url, batch_messages=10, batch_ms=200) as writing:
        for start in range(0, 10, deliveries_of):
            writing.put(*messages[start : start + deliveries_of])
        writing.acks.wait_for(10)
        assert writing.acks.mids == list(range(1, 11))
        assert writing.pool.alive
        assert writing.count("samples_refused", reason="bad_schema") == len(poisoned)
        assert writing.count("samples_stored") == 10 - len(poisoned)
        assert writing.count("messages_acknowledged") == 10
    assert sorted(row["odometer_km"] for row in fleet.telemetry()) == [
        n for n in range(10) if n not in poisoned
    ]
    refusals = fleet.refusals()
    assert {row["raw"] for row in refusals} == {messages[n][1] for n in poisoned}
    assert {row["reason"] for row in refusals} == {"bad_schema"}
    assert all(row["detail"].startswith(BAD) and "no_poison" in row["detail"] for row in refusals)


def test_a_refusal_by_the_database_names_its_device(fleet: Fleet) -> None:
    forbid(fleet)
    with running_writers(fleet.url) as writing:
        writing.write(telemetry(sample_at(fleet.now_us, odometer_km=POISON_KM)))
    [row] = fleet.refusals()
    assert (row["topic"], row["device_serial"]) == ("v1/T1/up/telemetry", "T1")


def test_what_follows_poison_is_stored(fleet: Fleet, writing: Writing) -> None:
    forbid(fleet)
    writing.write(telemetry(sample_at(fleet.now_us, odometer_km=POISON_KM)))
    writing.write(telemetry(sample_at(fleet.now_us + 1, odometer_km=1)))
    assert [row["odometer_km"] for row in fleet.telemetry()] == [1.0]
    assert fleet.state()["odometer_km"] == 1.0


def test_odd_times_are_refused_beside_good_samples(fleet: Fleet, writing: Writing) -> None:
    odd = ["1e308", "-1e308", "9" * 400, '"\\ud800"', '"\\u0000"']
    for number, ts in enumerate(odd):
        good = to_datetime(fleet.now_us + number).isoformat()
        payload = f'[{{"ts":{ts}}},{{"ts":"{good}"}}]'.encode()
        writing.write((b"v1/T1/up/telemetry", payload, False, 1))
    assert writing.pool.alive
    assert len(fleet.telemetry()) == len(odd)
    refusals = fleet.refusals()
    assert [row["raw"] for row in refusals] == [f'{{"ts":{ts}}}'.encode() for ts in odd]
    assert [row["reason"] for row in refusals] == [
        "future_time",
        "too_old",
        "future_time",
        "bad_schema",
        "bad_schema",
    ]


@PLAIN_ONLY
def test_a_missing_partition_is_made(fleet: Fleet, writing: Writing) -> None:
    writing.write(status(True))
    fleet.find("SELECT 1 WHERE telemetry_drop_partitions(%s) > 0", fleet.now + timedelta(days=9))
    assert fleet.find("SELECT * FROM telemetry_partitions") == []
    oldest_us = fleet.now_us - 30 * DAY_US
    samples = telemetry(sample_at(fleet.now_us), sample_at(oldest_us))
    writing.write(samples, received_us=fleet.now_us)
    assert [row["ts"] for row in fleet.telemetry()] == [to_datetime(oldest_us), fleet.now]
    assert fleet.refusals() == []


def test_a_registry_change_is_seen_by_the_next_batch(fleet: Fleet, writing: Writing) -> None:
    """Time after time, without a pause between the commit and the sample."""
    writing.write(telemetry(sample_at(fleet.now_us), serial="T3"))
    assert [row["reason"] for row in fleet.refusals()] == ["unbound_device"]
    serials = [f"N{number}" for number in range(8)]
    with db.connect(fleet.url) as other:
        for number, serial in enumerate(serials):
            register_device(other, SYSTEM, serial=serial, owner_code="head", now=fleet.now)
            rebind(other, fleet, serial, at_us=fleet.now_us - 100 + number)
            other.commit()
            sample = sample_at(fleet.now_us - 100 + number)
            writing.write(telemetry(sample, serial=serial))
    assert [row["reason"] for row in fleet.refusals()] == ["unbound_device"]
    assert len(fleet.telemetry()) == len(serials)


def rebind(conn: Connection[Any], fleet: Fleet, serial: str, *, at_us: int) -> None:
    """Put a device in place of the one in vehicle B."""
    conn.execute(
        "UPDATE device_bindings SET bound_period = tstzrange(lower(bound_period), %s)"
        " WHERE vehicle_id = %s AND upper_inf(bound_period)",
        [to_datetime(at_us), fleet.b],
    )
    bind_device(conn, SYSTEM, serial=serial, vin=VIN_B, at=to_datetime(at_us), now=fleet.now)


def test_a_transfer_is_seen_by_the_next_batch(fleet: Fleet, writing: Writing) -> None:
    writing.write(telemetry(sample_at(fleet.now_us - 2)))
    handed_over = to_datetime(fleet.now_us - 1)
    assign_operator(
        fleet.conn, SYSTEM, vin=VIN_A, organisation_code="west", at=handed_over, now=fleet.now
    )
    fleet.conn.commit()
    writing.write(telemetry(sample_at(fleet.now_us)))
    assert [row["operator_id"] for row in fleet.telemetry()] == [
        fleet.ids["east"],
        fleet.ids["west"],
    ]


TOLD_OF_A_VEHICLE = ("vehicle_operators", "vehicle_stages", "vehicle_transfers")


def test_a_vehicle_deleted_meanwhile_stops_nothing(fleet: Fleet, writing: Writing) -> None:
    writing.write(telemetry(sample_at(fleet.now_us - 1)))
    for table in ("vehicle_state", "device_bindings", *TOLD_OF_A_VEHICLE):
        fleet.conn.execute(f"DELETE FROM {table} WHERE vehicle_id = {fleet.b}")
    fleet.conn.execute("DELETE FROM vehicles WHERE id = %s", [fleet.b])
    fleet.conn.commit()
    writing.write(
        telemetry(sample_at(fleet.now_us), serial="T2"), telemetry(sample_at(fleet.now_us))
    )
    assert [row["vehicle_id"] for row in fleet.telemetry()] == [fleet.a, fleet.a]
    assert [row["reason"] for row in fleet.refusals()] == ["unbound_device"]


def test_a_restart_goes_on_from_the_stored_state(fleet: Fleet) -> None:
    with running_writers(fleet.url) as writing:
        writing.write(telemetry(sample_at(fleet.now_us)))
    with running_writers(fleet.url) as writing:
        writing.write(telemetry(sample_at(fleet.now_us - SECOND_US)))
        assert writing.count("samples_late") == 1
    assert fleet.state()["ts"] == fleet.now
