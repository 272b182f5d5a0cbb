"""Each breakage breaks what its name says, and the contract's own decoder agrees."""

from random import Random

import pytest

from ingest.decode import decode_telemetry
from schemas.telemetry import MAX_PAYLOAD_BYTES
from schemas.topics import parse_up_topic
from simulators.malformed import BREAKAGES, EXPECTED_REASON, Breakage, break_message
from simulators.vehicle import new_vehicle, sample

CLEAN = {
    **sample(new_vehicle(Random(1), 1_764_043_200_000_000, round_the_clock=True)),
    "seq": 4711,
}


@pytest.mark.parametrize("kind", BREAKAGES)
def test_the_decoder_judges_as_expected(kind: Breakage) -> None:
    for seed in range(20):
        broken = break_message(kind, "SIM000001", CLEAN, Random(seed))
        readings, rejections = decode_telemetry(broken.payload)
        reason = EXPECTED_REASON[kind]
        if kind == "bad_topic":
            assert parse_up_topic(broken.topic.encode()) is None
        elif kind == "wrong_vin":
            # Only who knows the bindings can tell; the decoder hands the VIN on.
            assert [reading.vin for reading in readings] == ["LSVNOBODY00000000"]
        elif reason is None:
            assert [reading.seq for reading in readings] == [4711]
        else:
            assert [rejection.reason for rejection in rejections] == [reason]
            assert list(readings) == []


@pytest.mark.parametrize(
    ("kind", "field"),
    [("out_of_range", "soc_pct"), ("out_of_range", "speed_kmh"), ("not_finite", "altitude_m")],
)
def test_a_bad_reading_becomes_unknown(kind: Breakage, field: str) -> None:
    readings, _ = decode_telemetry(break_message(kind, "SIM000001", CLEAN, Random(1)).payload)
    assert field in readings[0].invalid_fields


@pytest.mark.parametrize("kind", [k for k in BREAKAGES if k not in ("bad_topic", "bad_schema")])
def test_time_and_number_stay_readable(kind: Breakage) -> None:
    broken = break_message(kind, "SIM000001", CLEAN, Random(1))
    assert broken.payload.startswith(b'{"ts":%d,"seq":4711,' % CLEAN["ts"])
    assert (broken.topic == "v1/SIM000001/up/telemetry") is True


def test_too_large_is_just_too_large() -> None:
    size = len(break_message("too_large", "SIM000001", CLEAN, Random(1)).payload)
    assert MAX_PAYLOAD_BYTES < size < MAX_PAYLOAD_BYTES + 1_000
