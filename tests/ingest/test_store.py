"""What a batch leaves in the database, column by column."""

from datetime import timedelta
from typing import Any

from fleet.registry.service import assign_operator
from schemas.access import SYSTEM
from schemas.telemetry import MEASURED

from .builders import DAY_US, FULL, SECOND_US, VIN_A, VIN_B, sample_at, telemetry, to_datetime
from .conftest import Fleet


def test_a_full_sample_column_by_column(fleet: Fleet) -> None:
    ts_us = fleet.now_us - 12_345_678
    extra = {"s": "车", "i": 2**70, "f": 1.5, "b": True, "n": None}
    _, stored = fleet.write(telemetry(sample_at(ts_us, seq=3, vin=VIN_A, extra=extra, **FULL)))
    assert stored == 1
    identity = {
        "vehicle_id": fleet.a,
        "ts": to_datetime(ts_us),
        "seq": 3,
        "device_id": fleet.ids["T1"],
        "operator_id": fleet.ids["east"],
        "received_at": fleet.now,
    }
    assert fleet.telemetry() == [{**identity, **FULL, "extra": extra, "invalid_fields": None}]
    presence = {"online": True, "online_changed_at": fleet.now, "last_heard_at": fleet.now}
    assert fleet.state() == {**identity, **FULL, **presence}


def test_an_empty_sample_is_all_unknown(fleet: Fleet) -> None:
    fleet.write(telemetry(sample_at(fleet.now_us)))
    [row] = fleet.telemetry()
    assert {name: row[name] for name in (*MEASURED, "extra", "invalid_fields")} == dict.fromkeys(
        (*MEASURED, "extra", "invalid_fields")
    )
    assert row["seq"] == 0


def test_invalid_fields_are_named_and_the_rest_kept(fleet: Fleet) -> None:
    wrong = {"soc_pct": 101, "gear": "X", "speed_kmh": 33, "lat": 91, "lon": 5}
    fleet.write(telemetry(sample_at(fleet.now_us, **wrong)))
    [row] = fleet.telemetry()
    assert set(row["invalid_fields"]) == {"soc_pct", "gear", "lat", "lon"}
    assert (row["soc_pct"], row["gear"], row["lat"], row["speed_kmh"]) == (None, None, None, 33.0)


def test_times_are_exact_to_the_microsecond(fleet: Fleet) -> None:
    received_us = fleet.now_us + 123_457
    agos_us = [30 * DAY_US, DAY_US + 1, 999_999, 1, 0]
    samples = [sample_at(received_us - ago_us) for ago_us in agos_us]
    fleet.write(telemetry(*samples), received_us=received_us)
    rows = fleet.telemetry()
    assert [row["ts"] for row in rows] == [to_datetime(received_us - ago_us) for ago_us in agos_us]
    assert {row["received_at"] for row in rows} == {to_datetime(received_us)}


def test_extremes_fit_their_columns(fleet: Fleet) -> None:
    low = {
        "altitude_m": -500,
        "pack_current_a": -3_000,
        "signal_dbm": -150,
        "lat": -90,
        "lon": -180,
    }
    high = {
        "odometer_km": 999_999.9,
        "alarm_bits": 2**32 - 1,
        "lat": 90,
        "lon": 180,
        "soc_pct": 100,
    }
    tiny = {"speed_kmh": 1e-300, "lat": 5e-324, "lon": 1e-300}
    fleet.write(
        telemetry(
            sample_at(fleet.now_us - 3, seq=2**63 - 1, **low),
            sample_at(fleet.now_us - 2, **high),
            sample_at(fleet.now_us - 1, **tiny),
        )
    )
    rows = fleet.telemetry()
    assert rows[0]["seq"] == 2**63 - 1
    assert {name: rows[0][name] for name in low} == low
    assert {name: rows[1][name] for name in high} == high
    assert {name: rows[2][name] for name in tiny} == {**tiny, "speed_kmh": 0.0}


def test_a_sample_sent_again_changes_nothing(fleet: Fleet) -> None:
    first, again = (sample_at(fleet.now_us, soc_pct=soc_pct) for soc_pct in (50, 60))
    assert fleet.write(telemetry(first))[1] == 1
    before = fleet.telemetry(), fleet.state()
    batch, stored = fleet.write(telemetry(again), telemetry(first))
    assert (stored, batch.accepted, batch.late) == (0, 2, 0)
    assert (fleet.telemetry(), fleet.state()) == before


def test_seq_tells_samples_of_one_instant_apart(fleet: Fleet) -> None:
    fleet.write(*[telemetry(sample_at(fleet.now_us, seq=seq)) for seq in (0, 2, 1, 2)])
    assert [row["seq"] for row in fleet.telemetry()] == [0, 1, 2]


def test_two_vehicles_may_sample_at_one_instant(fleet: Fleet) -> None:
    sample = sample_at(fleet.now_us)
    _, stored = fleet.write(telemetry(sample), telemetry(sample, serial="T2"))
    assert stored == 2
    assert [(row["vehicle_id"], row["operator_id"]) for row in fleet.telemetry()] == [
        (fleet.a, fleet.ids["east"]),
        (fleet.b, fleet.ids["west"]),
    ]


def test_neither_side_of_a_transfer_has_the_others_samples(fleet: Fleet) -> None:
    handed_over = fleet.now - timedelta(hours=1)
    assign_operator(
        fleet.conn, SYSTEM, vin=VIN_A, organisation_code="west", at=handed_over, now=fleet.now
    )
    at_us = fleet.now_us - 3_600 * SECOND_US
    fleet.write(telemetry(sample_at(at_us - 1), sample_at(at_us), sample_at(fleet.now_us)))
    operators = [row["operator_id"] for row in fleet.telemetry()]
    assert operators == [fleet.ids["east"], fleet.ids["west"], fleet.ids["west"]]
    assert fleet.state()["operator_id"] == fleet.ids["west"]


def test_refusals_are_stored_raw_and_counted(fleet: Fleet) -> None:
    broken = (b"v1/T1/up/telemetry", b'{"ts":\xff', False, 1)
    stranger = telemetry({"ts": 1}, serial="T9")
    wrong_vin: dict[str, Any] = sample_at(fleet.now_us, vin=VIN_B)
    fleet.write(broken, stranger, broken, telemetry(wrong_vin, {"ts": "x\0"}))
    later_us = fleet.now_us + 5 * SECOND_US
    fleet.write(broken, received_us=later_us)
    rows = {row["reason"]: row for row in fleet.refusals()}
    assert {reason: row["times"] for reason, row in rows.items()} == {
        "bad_encoding": 3,
        "too_old": 1,
        "vin_mismatch": 1,
        "bad_schema": 1,
    }
    first = rows["bad_encoding"]
    assert (first["raw"], first["topic"], first["device_serial"]) == (
        broken[1],
        "v1/T1/up/telemetry",
        "T1",
    )
    assert (first["received_at"], first["last_received_at"]) == (fleet.now, to_datetime(later_us))
    assert rows["bad_schema"]["raw"] == b'{"ts": "x\\u0000"}'
    assert VIN_A in rows["vin_mismatch"]["detail"]


def test_any_topic_can_be_stored(fleet: Fleet) -> None:
    topics = [b"v2/x", b"\xff\xfe", b"a\x00b", b""]
    fleet.write(*[(topic, b"\x00\xff", False, 1) for topic in topics])
    rows = fleet.refusals()
    assert sorted(row["topic"] for row in rows) == ["", "\\xff\\xfe", "a\\x00b", "v2/x"]
    assert {(row["reason"], row["raw"], row["device_serial"]) for row in rows} == {
        ("bad_topic", b"\x00\xff", None)
    }


def test_a_batch_of_nothing_leaves_nothing(fleet: Fleet) -> None:
    _, stored = fleet.write((b"v1/T1/up/telemetry", b"[]", False, 1))
    assert stored == 0
    assert (fleet.telemetry(), fleet.refusals()) == ([], [])
    assert fleet.find("SELECT * FROM vehicle_state") == []
