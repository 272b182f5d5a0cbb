"""From messages to rows: times, holders, operators, VINs, refusals."""

from typing import Any

import pytest

from ingest.bindings import Bindings, OperatorRow
from ingest.pipeline import POSTGRES_EPOCH_US, Batch
from schemas.telemetry import MEASURED, Reason

from .builders import (
    DAY_US,
    FULL,
    NOW_US,
    SECOND_US,
    VIN_A,
    VIN_B,
    binding,
    reasons,
    run,
    sample_at,
    status,
    telemetry,
)

MOVED = Bindings(
    [
        binding("T1", vehicle_id=1, vin=VIN_A, until_us=NOW_US - 200),
        binding("T1", vehicle_id=2, vin=VIN_B, from_us=NOW_US - 100),
        binding("T2", vehicle_id=1, vin=VIN_A, from_us=NOW_US - 150),
    ],
    [OperatorRow(1, 7, 0, NOW_US - 120), OperatorRow(1, 8, NOW_US - 120, None)],
)
"""T1 moves from A to B with a rest between; T2 takes its place in A; A goes from 7 to 8."""


def held(batch: Batch) -> list[tuple[int, int, int, int | None]]:
    """Vehicle, µs before NOW, device and operator of every row."""
    return [(row[0], row[1] + POSTGRES_EPOCH_US - NOW_US, row[3], row[4]) for row in batch.rows]


@pytest.mark.parametrize(
    ("ahead_us", "reason"),
    [
        pytest.param(0, None, id="now"),
        pytest.param(300 * SECOND_US, None, id="5 min ahead"),
        pytest.param(300 * SECOND_US + 1, "future_time", id="5 min and 1 µs ahead"),
        pytest.param(400 * 365 * DAY_US, "future_time", id="centuries ahead"),
        pytest.param(-30 * DAY_US, None, id="30 days old"),
        pytest.param(-30 * DAY_US - 1, "too_old", id="30 days and 1 µs old"),
        pytest.param(-NOW_US, "too_old", id="1970"),
    ],
)
def test_times(ahead_us: int, reason: Reason | None) -> None:
    batch = run(telemetry(sample_at(NOW_US + ahead_us)))
    assert reasons(batch) == ([] if reason is None else [reason])
    assert [ahead for _, ahead, _, _ in held(batch)] == ([ahead_us] if reason is None else [])


@pytest.mark.parametrize(
    ("ts", "reason"),
    [
        pytest.param(1e308, "future_time", id="no float could hold it in µs"),
        pytest.param(-1e308, "too_old", id="nor before 1970"),
        pytest.param(10**400, "future_time", id="no float could hold it"),
        pytest.param(-(10**400), "too_old", id="nor that"),
        pytest.param(2**63, "future_time", id="no bigint"),
        pytest.param("0001-01-01T00:00:00Z", "too_old", id="year 1"),
        pytest.param("9999-12-31T23:59:59Z", "future_time", id="year 9999"),
    ],
)
def test_times_out_of_this_world(ts: Any, reason: Reason) -> None:
    batch = run(telemetry({"ts": ts}, {"ts": NOW_US // 1_000}))
    assert reasons(batch) == [reason]
    assert len(batch.rows) == 1
    assert len(batch.refusals[0].detail) < 100


def test_age_counts_from_the_receipt_of_each_message() -> None:
    early = run(telemetry(sample_at(NOW_US)), received_us=NOW_US - 301 * SECOND_US)
    assert reasons(early) == ["future_time"]
    late = run(telemetry(sample_at(NOW_US)), received_us=NOW_US + 30 * DAY_US + 1)
    assert reasons(late) == ["too_old"]


@pytest.mark.parametrize(
    ("serial", "at", "expected"),
    [
        pytest.param("T1", -201, (1, 101, 7), id="last µs in A"),
        pytest.param("T1", -200, None, id="taken out of A"),
        pytest.param("T1", -101, None, id="last µs on the shelf"),
        pytest.param("T1", -100, (2, 101, None), id="put into B, which nobody operates"),
        pytest.param("T1", 0, (2, 101, None), id="in B"),
        pytest.param("T2", -151, None, id="before it was in A"),
        pytest.param("T2", -150, (1, 102, 7), id="put into A"),
        pytest.param("T2", -121, (1, 102, 7), id="last µs of the first operator"),
        pytest.param("T2", -120, (1, 102, 8), id="handed over"),
    ],
)
def test_the_vehicle_and_operator_are_those_of_the_sample(
    serial: str, at: int, expected: tuple[int, int, int | None] | None
) -> None:
    batch = run(telemetry(sample_at(NOW_US + at), serial=serial), bindings=MOVED)
    if expected is None:
        assert (reasons(batch), batch.rows) == (["unbound_device"], [])
    else:
        vehicle_id, device_id, operator_id = expected
        assert held(batch) == [(vehicle_id, at, device_id, operator_id)]


@pytest.mark.parametrize(
    ("vin", "reason"),
    [
        pytest.param(VIN_A, None, id="the same"),
        pytest.param(VIN_A.lower(), None, id="in small letters"),
        pytest.param(None, None, id="not said"),
        pytest.param(VIN_B, "vin_mismatch", id="another"),
        pytest.param(VIN_A[:-1], "vin_mismatch", id="cut"),
        pytest.param(f" {VIN_A}", "vin_mismatch", id="with a space"),
        pytest.param("", "vin_mismatch", id="empty"),
        pytest.param("\0\ud800", "vin_mismatch", id="not storable"),
    ],
)
def test_vin_must_agree(vin: str | None, reason: Reason | None) -> None:
    batch = run(telemetry(sample_at(NOW_US, vin=vin)))
    assert reasons(batch) == ([] if reason is None else [reason])
    assert len(batch.rows) == (reason is None)
    for refusal in batch.refusals:
        assert "\0" not in refusal.detail
        assert refusal.detail.encode()


def test_vin_must_agree_with_the_vehicle_of_that_time() -> None:
    before, after = sample_at(NOW_US - 201, vin=VIN_A), sample_at(NOW_US, vin=VIN_A)
    batch = run(telemetry(before, after), bindings=MOVED)
    assert reasons(batch) == ["vin_mismatch"]
    assert held(batch) == [(1, -201, 101, 7)]


def test_unknown_and_unbound_devices_are_told_apart() -> None:
    stranger = run(telemetry(sample_at(NOW_US), serial="T5"), status(True, serial="T5"))
    assert reasons(stranger) == ["unknown_device", "unknown_device"]
    shelved = run(telemetry(sample_at(NOW_US - 150)), bindings=MOVED)
    assert reasons(shelved) == ["unbound_device"]


@pytest.mark.parametrize(
    "topic",
    [b"v1/T1/up/result", b"v1/T1/up/other", b"v1/T1/up", b"v1/T1/down/command", b"", b"\xff\x00"],
)
def test_any_other_topic_is_refused_with_what_can_be_stored_of_it(topic: bytes) -> None:
    batch = run((topic, b'{"ts":1}', False, 1))
    assert reasons(batch) == ["bad_topic"]
    assert batch.refusals[0].raw == b'{"ts":1}'
    assert "\0" not in batch.refusals[0].topic


def test_a_row_holds_every_column_in_order() -> None:
    batch = run(telemetry(sample_at(NOW_US - 1, seq=4, extra={"a": 1}, soc_pct=101)))
    row = batch.rows[0]
    identity = (1, NOW_US - 1 - POSTGRES_EPOCH_US, 4, 101, 7, NOW_US - POSTGRES_EPOCH_US)
    assert row == (*identity, *[None] * 22, {"a": 1}, ["soc_pct"])
    full = run(telemetry(sample_at(NOW_US, **FULL))).rows[0]
    assert full[6:] == (*[FULL[name] for name in MEASURED], None, None)


def test_a_sample_sent_twice_is_one_row_and_the_first_counts() -> None:
    first, again = sample_at(NOW_US, seq=1, soc_pct=50), sample_at(NOW_US, seq=1, soc_pct=60)
    other = sample_at(NOW_US, seq=2, soc_pct=70)
    batch = run(telemetry(first, other), telemetry(again), telemetry(first))
    assert [(row[2], row[6 + MEASURED.index("soc_pct")]) for row in batch.rows] == [
        (1, 50.0),
        (2, 70.0),
    ]
    assert (batch.samples, batch.accepted) == (4, 4)


def test_rows_are_in_the_order_of_their_keys() -> None:
    bindings = Bindings([binding("T1", vehicle_id=2), binding("T2", vehicle_id=1)], [])
    batch = run(
        telemetry(sample_at(NOW_US), sample_at(NOW_US - 5, seq=2), sample_at(NOW_US - 5)),
        telemetry(sample_at(NOW_US - 3), serial="T2"),
        bindings=bindings,
    )
    assert [(row[0], row[1] + POSTGRES_EPOCH_US - NOW_US, row[2]) for row in batch.rows] == [
        (1, -3, 0),
        (2, -5, 0),
        (2, -5, 2),
        (2, 0, 0),
    ]


def test_one_offending_sample_leaves_the_others_alone() -> None:
    good, future = sample_at(NOW_US), sample_at(NOW_US + DAY_US)
    old, wrong = sample_at(NOW_US - 31 * DAY_US), sample_at(NOW_US - 1, vin=VIN_B)
    batch = run(telemetry(future, good, wrong, old, {"ts": "x"}))
    assert sorted(reasons(batch)) == ["bad_schema", "future_time", "too_old", "vin_mismatch"]
    assert len(batch.rows) == 1
    assert {refusal.topic for refusal in batch.refusals} == {"v1/T1/up/telemetry"}
    assert {refusal.device_serial for refusal in batch.refusals} == {"T1"}
    assert {refusal.received_us for refusal in batch.refusals} == {NOW_US}
    assert {refusal.raw[:1] + refusal.raw[-1:] for refusal in batch.refusals} == {b"{}"}
