"""Refusals listed, looked at and tried again."""

from datetime import timedelta

import pytest

from fleet.devices.service import bind_device, register_device, unbind_device
from ingest.refusals import RefusalNotFound, get_refusal, list_refusals, replay_refusals
from kit.errors import NotFound
from schemas.access import SYSTEM

from .builders import DAY_US, SECOND_US, VIN_B, sample_at, status, telemetry, to_datetime
from .conftest import Fleet


def register(fleet: Fleet, serial: str = "N1") -> None:
    """A new device takes the place of T2 in vehicle B, a day ago."""
    at = fleet.now - timedelta(days=1)
    unbind_device(fleet.conn, SYSTEM, serial="T2", at=at, now=fleet.now)
    register_device(fleet.conn, SYSTEM, serial=serial, owner_code="head", now=fleet.now)
    bind_device(fleet.conn, SYSTEM, serial=serial, vin=VIN_B, at=at, now=fleet.now)


def test_refusals_are_listed_newest_first(fleet: Fleet) -> None:
    for number, serial in enumerate(["T1", "N1", "T1"]):
        refused = telemetry({"ts": "x", "seq": number}, serial=serial)
        fleet.write(refused, received_us=fleet.now_us + number)
    fleet.write((b"nowhere", b"\x00", False, 1), received_us=fleet.now_us + 9)
    lines = list_refusals(fleet.conn)
    assert [(line.reason, line.device_serial) for line in lines] == [
        ("bad_topic", None),
        ("bad_schema", "T1"),
        ("bad_schema", "N1"),
        ("bad_schema", "T1"),
    ]
    assert (lines[0].raw_bytes, lines[0].times, lines[0].replayed_at) == (1, 1, None)
    assert lines[0].received_at == to_datetime(fleet.now_us + 9)
    assert [line.id for line in list_refusals(fleet.conn, limit=2)] == [
        line.id for line in lines[:2]
    ]
    of_n1 = list_refusals(fleet.conn, device_serial="N1")
    assert [line.id for line in of_n1] == [lines[2].id]
    assert [line.id for line in list_refusals(fleet.conn, reason="bad_topic")] == [lines[0].id]
    assert list_refusals(fleet.conn, reason="bad_topic", device_serial="N1") == []


def test_one_refusal_with_its_bytes(fleet: Fleet) -> None:
    fleet.write((b"v1/T1/up/telemetry", b"\x00\xff", False, 1))
    [line] = list_refusals(fleet.conn)
    found = get_refusal(fleet.conn, line.id)
    assert (found.raw, found.reason, found.topic) == (
        b"\x00\xff",
        "bad_encoding",
        "v1/T1/up/telemetry",
    )
    with pytest.raises(RefusalNotFound) as raised:
        get_refusal(fleet.conn, line.id + 1)
    assert isinstance(raised.value, NotFound)
    assert (raised.value.code, raised.value.facts) == ("refusal_not_found", {"id": line.id + 1})


def test_a_device_registered_afterwards(fleet: Fleet) -> None:
    received_us = fleet.now_us - 600 * SECOND_US
    samples = [sample_at(received_us - n, seq=n, soc_pct=50 + n) for n in range(3)]
    fleet.write(telemetry(*samples, serial="N1"), received_us=received_us)
    assert [row["reason"] for row in fleet.refusals()] == ["unknown_device"] * 3
    register(fleet)
    report = replay_refusals(fleet.conn, now=fleet.now)
    assert (report.tried, report.accepted, report.stored, report.refused) == (3, 3, 3, {})
    rows = fleet.telemetry()
    assert [(row["vehicle_id"], row["seq"], row["soc_pct"]) for row in rows] == [
        (fleet.b, 2, 52.0),
        (fleet.b, 1, 51.0),
        (fleet.b, 0, 50.0),
    ]
    assert {row["received_at"] for row in rows} == {to_datetime(received_us)}
    assert {row["replayed_at"] for row in fleet.refusals()} == {fleet.now}
    state = fleet.state(fleet.b)
    assert (state["ts"], state["soc_pct"]) == (to_datetime(received_us), 50.0)


def test_a_replay_says_nothing_of_who_is_online(fleet: Fleet) -> None:
    fleet.write(telemetry(sample_at(fleet.now_us - DAY_US), serial="N1"))
    register(fleet)
    assert replay_refusals(fleet.conn, now=fleet.now).accepted == 1
    state = fleet.state(fleet.b)
    assert (state["online"], state["online_changed_at"], state["last_heard_at"]) == (
        False,
        None,
        None,
    )


def test_a_second_replay_finds_nothing_to_do(fleet: Fleet) -> None:
    fleet.write(telemetry(sample_at(fleet.now_us), serial="N1"))
    register(fleet)
    replay_refusals(fleet.conn, now=fleet.now)
    again = replay_refusals(fleet.conn, now=fleet.now)
    assert (again.tried, again.stored) == (0, 0)
    assert len(fleet.telemetry()) == 1


def test_what_was_stored_meanwhile_is_not_stored_twice(fleet: Fleet) -> None:
    sample = telemetry(sample_at(fleet.now_us), serial="N1")
    fleet.write(sample)
    register(fleet)
    fleet.write(sample)
    report = replay_refusals(fleet.conn, now=fleet.now)
    assert (report.accepted, report.stored) == (1, 0)
    assert len(fleet.telemetry()) == 1


def test_what_is_still_refused_stays_as_it_was(fleet: Fleet) -> None:
    fleet.write(
        telemetry(sample_at(fleet.now_us), serial="N1"),
        telemetry(sample_at(fleet.now_us), serial="N2"),
        telemetry(sample_at(fleet.now_us - 2 * DAY_US), serial="N1"),
        telemetry({"ts": "x"}),
    )
    before = {row["id"]: row for row in fleet.refusals()}
    register(fleet)
    report = replay_refusals(fleet.conn, now=fleet.now)
    assert (report.tried, report.accepted, report.stored) == (4, 1, 1)
    assert report.refused == {"unknown_device": 1, "unbound_device": 1, "bad_schema": 1}
    after = fleet.refusals()
    replayed = [row["id"] for row in after if row["replayed_at"] is not None]
    assert len(replayed) == 1
    assert [row for row in after if row["id"] not in replayed] == [
        row for number, row in before.items() if number not in replayed
    ]


def test_refused_again_after_a_replay_is_to_replay_again(fleet: Fleet) -> None:
    sample = telemetry(sample_at(fleet.now_us - 2 * DAY_US), serial="N1")
    fleet.write(sample)
    [line] = list_refusals(fleet.conn)
    fleet.conn.execute("UPDATE ingest_rejects SET replayed_at = %s", [fleet.now])
    assert replay_refusals(fleet.conn, now=fleet.now).tried == 0
    fleet.write(sample)
    assert replay_refusals(fleet.conn, now=fleet.now, ids=[line.id]).tried == 1


def test_some_may_be_chosen(fleet: Fleet) -> None:
    fleet.write(telemetry({"ts": "x"}), telemetry({"ts": "y"}), (b"nowhere", b"", False, 1))
    now, conn = fleet.now, fleet.conn
    assert {
        "topic": replay_refusals(conn, now=now, reason="bad_topic").tried,
        "device": replay_refusals(conn, now=now, device_serial="T1").tried,
        "both": replay_refusals(conn, now=now, device_serial="T1", reason="bad_topic").tried,
        "none by number": replay_refusals(conn, now=now, ids=[]).tried,
        "all": replay_refusals(conn, now=now).tried,
    } == {"topic": 1, "device": 2, "both": 0, "none by number": 0, "all": 3}


def test_a_status_of_former_times_does_not_speak_of_now(fleet: Fleet) -> None:
    fleet.write(status(True, serial="N1"), received_us=fleet.now_us - 60 * SECOND_US)
    fleet.write(status(False, serial="T2"), received_us=fleet.now_us - 30 * SECOND_US)
    register(fleet)
    assert replay_refusals(fleet.conn, now=fleet.now).accepted == 1
    assert fleet.state(fleet.b)["online"] is False
