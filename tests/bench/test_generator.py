"""The generator sends the same bytes again, in the disorder it states, and knows the truth."""

from collections import Counter

import pytest

from bench.generator import (
    OFFLINE_TICKS,
    PHASES,
    Message,
    Plan,
    first_messages,
    plan_blocks,
)
from bench.truth import (
    REFUSED_AS,
    list_probes,
    pack_key,
    truth_of,
)
from ingest.decode import decode_telemetry
from schemas.topics import parse_up_topic

START_MS = 1_790_000_000_000
SMALL = Plan(vehicles=400, messages=20_000, seed=7, start_ms=START_MS)
BATCHES = Plan(vehicles=400, messages=4_000, seed=7, start_ms=START_MS, samples_per_message=10)
ORDERLY = Plan(vehicles=40, messages=200, seed=7, start_ms=START_MS, disorder=False)
AHEAD_US = 300_000_000
MONTH_US = 30 * 86_400_000_000


def read_as_ingest_does(plan: Plan) -> tuple[set[int], Counter[str]]:
    """Keys that ingest's decoder finds acceptable, and refusals of distinct samples by reason."""
    now_us = (plan.start_ms + 600_000) * 1000
    keys: set[int] = set()
    refused: set[tuple[str, bytes]] = set()
    for message in set(first_messages(plan, plan.messages)):
        topic = parse_up_topic(message.topic)
        assert topic is not None
        readings, rejections = decode_telemetry(message.payload)
        refused |= {(rejection.reason, rejection.raw) for rejection in rejections}
        for reading in readings:
            mark = (b"%d" % reading.ts_us) + message.topic
            if topic.device_id.startswith("XIM"):
                refused.add(("unknown_device", mark))
            elif reading.ts_us > now_us + AHEAD_US:
                refused.add(("future_time", mark))
            elif reading.ts_us < now_us - MONTH_US:
                refused.add(("too_old", mark))
            else:
                keys.add(pack_key(int(topic.device_id[3:]) - 1, reading.ts_us // 1000))
    return keys, Counter(reason for reason, _ in refused)


@pytest.mark.parametrize("plan", [SMALL, BATCHES, ORDERLY], ids=["single", "batches", "orderly"])
def test_the_truth_is_what_a_decoder_reads(plan: Plan) -> None:
    keys, refused = read_as_ingest_does(plan)
    truth = truth_of(plan)
    assert truth.keys == keys
    assert Counter(reason for reason, _ in truth.refused) == refused


def test_a_seed_gives_the_same_bytes() -> None:
    again = Plan(vehicles=400, messages=20_000, seed=7, start_ms=START_MS)
    assert first_messages(SMALL, 20_000) == first_messages(again, 20_000)


def test_another_seed_gives_others() -> None:
    other = Plan(vehicles=400, messages=20_000, seed=8, start_ms=START_MS)
    assert first_messages(SMALL, 20_000) != first_messages(other, 20_000)


def test_a_plan_has_as_many_messages_as_it_says() -> None:
    assert sum(map(len, plan_blocks(SMALL))) == SMALL.messages


@pytest.mark.parametrize(
    ("what", "share"),
    [("repeated", 0.01), ("skewed", 0.001), ("broken", 0.001)],
)
def test_disorder_is_as_frequent_as_stated(what: str, share: float) -> None:
    plan = Plan(vehicles=4_000, messages=200_000, seed=3, start_ms=START_MS)
    planned = [each for block in plan_blocks(plan) for each in block]
    flaws = Counter(flaw for _, _, flaw in set(planned) if flaw is not None)
    skewed = flaws["ahead"] + flaws["epoch"] + flaws["slow"]
    found = {
        "repeated": len(planned) - len(set(planned)),
        "skewed": skewed,
        "broken": flaws.total() - skewed,
    }
    assert found[what] / plan.messages == pytest.approx(share, rel=0.25)


def test_every_flaw_occurs() -> None:
    flaws = {flaw for block in plan_blocks(SMALL) for _, _, flaw in block}
    assert set(REFUSED_AS) | {"slow", None} == flaws


def test_a_vehicle_offline_stores_and_forwards() -> None:
    """Vehicle 100 is silent for eight ticks of 160, then sends nine at once; none is missing."""
    plan = Plan(vehicles=PHASES, messages=PHASES * PHASES, seed=5, start_ms=START_MS)
    sent = [
        (place, tick)
        for place, (vehicle, tick, _) in enumerate(p for block in plan_blocks(plan) for p in block)
        if vehicle == 100
    ]
    ticks = sorted({tick for _, tick in sent})
    assert ticks == list(range(len(ticks)))
    first_place = {tick: place for place, tick in reversed(sent)}
    silent = [t for t in ticks[1:] if first_place[t] - first_place[t - 1] > PHASES * OFFLINE_TICKS]
    assert len(silent) == 1
    burst = range(silent[0], silent[0] + OFFLINE_TICKS + 1)
    assert [first_place[t] - first_place[burst[0]] for t in burst] == sorted(
        first_place[t] - first_place[burst[0]] for t in burst
    )
    assert first_place[burst[-1]] - first_place[burst[0]] < 2 * len(burst)


def test_without_disorder_messages_come_in_turn() -> None:
    planned = [each for block in plan_blocks(ORDERLY) for each in block]
    assert [tick for _, tick, _ in planned] == [n // 40 for n in range(200)]
    assert len(truth_of(ORDERLY).keys) == 200


def test_a_message_looks_like_this() -> None:
    message = first_messages(ORDERLY, 1)[0]
    assert isinstance(message, Message)
    readings, rejections = decode_telemetry(message.payload)
    assert rejections == []
    assert readings[0].invalid_fields == ()
    assert None not in readings[0].measured
    assert 380 < len(message.payload) < 460


def test_probes_are_sound_messages_sent_for_the_first_time() -> None:
    probes = list_probes(SMALL, 100)
    assert 180 < len(probes) <= 200
    assert all(probe.place % 100 == 0 for probe in probes)
    keys = [pack_key(probe.vehicle, probe.ts_ms) for probe in probes]
    assert len(set(keys)) == len(keys)
    assert set(keys) <= truth_of(SMALL).keys
