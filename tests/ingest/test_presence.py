"""Online or not: the last word on a vehicle within a batch."""

import pytest

from ingest.bindings import Bindings
from ingest.delivery import Delivery, Publish
from ingest.pipeline import POSTGRES_EPOCH_US, RetainedStatus, process

from .builders import (
    BOUND,
    DAY_US,
    NOW_US,
    VIN_A,
    VIN_B,
    binding,
    run,
    sample_at,
    status,
    telemetry,
)

HERE = NOW_US - POSTGRES_EPOCH_US
SAMPLE = telemetry(sample_at(NOW_US - 5))
BACKLOG = telemetry(sample_at(NOW_US - DAY_US))


@pytest.mark.parametrize(
    ("publishes", "online"),
    [
        pytest.param([SAMPLE], True, id="a sample"),
        pytest.param([BACKLOG], True, id="history, sent now"),
        pytest.param([status(True)], True, id="a status"),
        pytest.param([status(False)], False, id="its last will"),
        pytest.param([SAMPLE, status(False)], False, id="a sample, then the last will"),
        pytest.param([status(False), SAMPLE], True, id="the last will, then a sample"),
        pytest.param([status(False), status(True)], True, id="gone and back"),
        pytest.param([status(True), status(False)], False, id="back and gone"),
        pytest.param([SAMPLE, status(False), BACKLOG], True, id="the backlog after the will"),
        pytest.param([status(False), SAMPLE, status(False)], False, id="will, sample, will"),
        pytest.param(
            [status(False), status(True, retained=True)], False, id="retained is old news"
        ),
    ],
)
def test_the_last_word_counts(publishes: list[Publish], online: bool) -> None:
    presence = run(*publishes).presence
    assert {vehicle: (word[1], word[2]) for vehicle, word in presence.items()} == {
        1: (online, HERE)
    }


def test_a_refused_sample_says_nothing() -> None:
    future = telemetry(sample_at(NOW_US + DAY_US))
    wrong_vin = telemetry(sample_at(NOW_US, vin=VIN_B))
    broken = (b"v1/T1/up/status", b'{"online":1}', False, 1)
    batch = run(future, wrong_vin, broken)
    assert len(batch.refusals) == 3
    assert (batch.presence, batch.states) == ({}, [])


def test_a_retained_status_is_kept_apart() -> None:
    batch = run(status(True, retained=True), status(False, retained=True, serial="T1"))
    assert (batch.presence, batch.states) == ({}, [])
    assert batch.retained == [RetainedStatus(1, True, NOW_US), RetainedStatus(1, False, NOW_US)]


def test_a_retained_sample_is_stored_and_says_nothing_of_now() -> None:
    batch = run(telemetry(sample_at(NOW_US - 5), retained=True))
    assert len(batch.rows) == 1
    assert batch.presence == {}


def test_the_time_of_the_last_word_is_its_receipt() -> None:
    deliveries = [
        Delivery([status(True)], NOW_US),
        Delivery([SAMPLE], NOW_US + 7),
        Delivery([status(False)], NOW_US + 9),
    ]
    presence = process(deliveries, BOUND, {}).presence
    assert {vehicle: (word[1], word[2]) for vehicle, word in presence.items()} == {
        1: (False, HERE + 9)
    }


MOVED = Bindings(
    [
        binding(vehicle_id=1, vin=VIN_A, until_us=NOW_US - 100),
        binding(vehicle_id=2, vin=VIN_B, from_us=NOW_US - 100),
    ],
    [],
)


def test_backlog_of_a_moved_device_is_no_sign_of_the_former_vehicle() -> None:
    batch = run(telemetry(sample_at(NOW_US - 101), sample_at(NOW_US - 100)), bindings=MOVED)
    assert [row[0] for row in batch.rows] == [1, 2]
    assert list(batch.presence) == [2]
    former, present = batch.states
    assert (former[0], former[28:30]) == (1, (False, None))
    assert (present[0], present[28:30]) == (2, (True, HERE))


def test_a_status_speaks_of_the_vehicle_that_holds_the_device_now() -> None:
    assert list(run(status(True), bindings=MOVED).presence) == [2]
    earlier = run(status(True), bindings=MOVED, received_us=NOW_US - 101)
    assert list(earlier.presence) == [1]


def test_a_status_without_vehicle_is_refused() -> None:
    shelf = Bindings([binding(until_us=NOW_US)], [])
    assert [r.reason for r in run(status(True), bindings=shelf).refusals] == ["unbound_device"]
    retained = run(status(True, retained=True), bindings=shelf)
    assert [r.reason for r in retained.refusals] == ["unbound_device"]


def test_a_word_without_newer_sample_is_a_state_without_values() -> None:
    batch = run(status(False), latest={1: (HERE, 0)})
    assert batch.states == [(1, *[None] * 27, False, HERE, None, None, None)]
    assert batch.newest == {}
