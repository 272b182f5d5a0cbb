"""A fleet is the same bytes for the same seed, in the order of time, whole and in batches."""

import hashlib
from collections import Counter
from typing import Any

import msgspec
import pytest

from kit.errors import Invalid
from schemas.telemetry import Sample
from simulators.fleet import Fleet, Message, fleet_roster
from simulators.roster import plate_of, recorded_roster, vin_check_digit
from simulators.scenario import Scenario, load_scenario

START_US = 1_764_043_200_000_000  # 2025-11-25 12:00 in China
SECOND_US = 1_000_000
CALM = load_scenario("calm")


def fleet(count: int = 10, **given: Any) -> Fleet:
    wanted: dict[str, Any] = {"seed": 7, "scenario": CALM, "start_us": START_US, **given}
    return Fleet(count, **wanted)


def messages_of(fleet: Fleet, *, seconds: float) -> list[Message]:
    return list(fleet.messages(START_US + int(seconds * SECOND_US)))


def digest_of(messages: list[Message]) -> str:
    whole = hashlib.sha256()
    for message in messages:
        whole.update(message.topic.encode() + message.payload + message.key)
    return whole.hexdigest()


def samples_of(messages: list[Message]) -> list[Sample]:
    found: list[Sample] = []
    for message in messages:
        read = msgspec.json.decode(message.payload, type=Sample | list[Sample])
        found += read if isinstance(read, list) else [read]
    return found


@pytest.mark.parametrize("name", ["calm", "worst_day"])
def test_the_same_seed_gives_the_same_bytes(name: str) -> None:
    scenario = load_scenario(name)
    digests = [
        digest_of(messages_of(fleet(20, scenario=scenario, seed=seed), seconds=600))
        for seed in (7, 7, 8)
    ]
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_the_bytes_are_the_same_on_every_machine() -> None:
    # Changes only when the simulation does: then write down the new one.
    assert digest_of(messages_of(fleet(5), seconds=300))[:16] == "512761d3f890f689"


def test_vehicles_do_not_depend_on_the_size_of_the_fleet() -> None:
    few = samples_of(messages_of(fleet(1), seconds=60))
    many = [m for m in messages_of(fleet(30), seconds=60) if m.device_id == "SIM000001"]
    assert samples_of(many) == few


def test_natural_intervals_depend_on_what_a_vehicle_does() -> None:
    shifts = Scenario.model_validate({"title": "day", "vehicles": {"round_the_clock": False}})
    gaps_s: dict[str, set[float]] = {"on": set(), "off": set()}
    before: dict[str, Sample] = {}
    evening_us = START_US + 6 * 3_600 * SECOND_US
    for message in fleet(20, scenario=shifts, start_us=evening_us).messages(
        evening_us + 3_600 * SECOND_US
    ):
        (sample,) = samples_of([message])
        last = before.get(message.device_id)
        if last is not None and last.vehicle_state == sample.vehicle_state:
            assert isinstance(sample.ts, int)
            assert isinstance(last.ts, int)
            gaps_s[str(last.vehicle_state)].add((sample.ts - last.ts) / 1_000)
        before[message.device_id] = sample
    assert gaps_s == {"on": {10.0}, "off": {30.0}}


def test_urgent_alarms_are_reported_every_second() -> None:
    faults = {"alarm_per_h": 3_600, "alarm_s": (600, 600), "alarms": ("brakes",)}
    scenario = Scenario.model_validate({"title": "brakes", "faults": faults})
    messages = messages_of(fleet(1, scenario=scenario), seconds=60)
    levels = [sample.alarm_level for sample in samples_of(messages)]
    assert levels[0] == 3 or levels[1] == 3
    assert len(levels) > 45


def test_a_fixed_interval_spreads_the_fleet_evenly() -> None:
    messages = messages_of(fleet(10, interval_s=2.0), seconds=20)
    due_us = [message.due_us - START_US for message in messages]
    assert due_us == [n * 200_000 for n in range(100)]
    assert [m.device_id for m in messages[:10]] == [f"SIM{n:06d}" for n in range(1, 11)]
    assert Counter(m.device_id for m in messages) == {f"SIM{n:06d}": 10 for n in range(1, 11)}


def test_samples_of_one_millisecond_are_told_apart_by_their_number() -> None:
    samples = samples_of(messages_of(fleet(1, interval_s=0.0001), seconds=0.01))
    assert len(samples) == 100
    assert len({sample.ts for sample in samples}) == 10
    assert len({(sample.ts, sample.seq) for sample in samples}) == 100


def test_a_batch_is_an_array_of_consecutive_samples() -> None:
    single = samples_of(messages_of(fleet(1, interval_s=1.0), seconds=60))
    messages = messages_of(fleet(1, interval_s=1.0, batch=12), seconds=60)
    assert [message.samples for message in messages] == [12] * 5
    samples = samples_of(messages)
    assert [sample.seq for sample in samples] == list(range(1, 61))
    assert len(single) == 60
    for message in messages:
        assert message.payload.startswith(b"[{")


def test_messages_come_in_the_order_of_time() -> None:
    due_us = [m.due_us for m in messages_of(fleet(25, batch=3), seconds=300)]
    assert due_us == sorted(due_us)


def test_the_key_lists_what_a_message_carries() -> None:
    (message, *_) = messages_of(fleet(1, interval_s=1.0, batch=2), seconds=10)
    samples = samples_of([message])
    lines = [f"SIM000001\t{sample.ts}\t{sample.seq}\t-\t-\n" for sample in samples]
    assert message.key.decode() == "".join(lines)
    (unlogged, *_) = messages_of(fleet(1, interval_s=1.0, logged=False), seconds=10)
    assert unlogged.key == b""


def test_a_malformed_message_is_alone_and_has_a_digest() -> None:
    faults = {"malformed": 0.5, "malformed_kinds": ["bad_json"]}
    scenario = Scenario.model_validate({"title": "broken", "faults": faults})
    messages = messages_of(fleet(1, interval_s=1.0, batch=10, scenario=scenario), seconds=100)
    broken = [m for m in messages if b"malformed:bad_json" in m.key]
    assert len(broken) > 20
    for message in broken:
        digest = hashlib.sha256(message.payload).hexdigest()[:16]
        assert message.samples == 1
        assert message.key.endswith(f"\tmalformed:bad_json\t{digest}\n".encode())


def test_a_backlog_comes_in_large_batches() -> None:
    faults = {"offline_per_h": 3_600, "offline_s": [9_000, 9_000]}
    scenario = Scenario.model_validate({"title": "dead zone", "faults": faults})
    asleep = fleet(1, interval_s=1.0, scenario=scenario)
    live = messages_of(asleep, seconds=250)
    rest = list(asleep.finish())
    held = asleep.samples - sum(message.samples for message in live)
    assert held > 200
    assert [message.samples for message in rest] == [100, 100, held - 200]
    assert list(asleep.finish()) == []


@pytest.mark.parametrize(
    ("count", "batch", "problem"),
    [(0, 1, "0 vehicles"), (1, 0, "a batch of 0 samples"), (1, 401, "a batch of 401 samples")],
)
def test_impossible_fleets_are_refused(count: int, batch: int, problem: str) -> None:
    with pytest.raises(Invalid, match=problem):
        fleet(count, batch=batch)


def test_a_full_batch_fits_into_a_message() -> None:
    (message,) = messages_of(fleet(1, interval_s=1.0, batch=400), seconds=1)
    assert len(message.payload) < 230_000


def test_roster_is_the_same_every_time_and_unique() -> None:
    roster = fleet_roster(3_000, seed=1)
    assert roster[:10] == fleet_roster(10, seed=1)
    assert roster[0] != fleet_roster(1, seed=2)[0]
    for field in range(3):
        assert len({entry[field] for entry in roster}) == 3_000
    assert [entry.device_id for entry in roster[:2]] == ["SIM000001", "SIM000002"]


def test_vins_and_plates_are_well_formed() -> None:
    for entry in fleet_roster(500, seed=3):
        assert len(entry.vin) == 17
        assert entry.vin[8] == vin_check_digit(entry.vin)
        assert not set(entry.vin) & set("IOQ")
        assert entry.plate.startswith("粤BD")
        assert entry.plate[3:].isdecimal() is True
        assert len(entry.plate) == 8


def test_plates_stay_unique_beyond_a_hundred_thousand() -> None:
    assert len({plate_of(number, 5) for number in range(90_000, 200_001)}) == 110_001


def test_recorded_devices_get_vehicles_of_their_own() -> None:
    roster = recorded_roster(["4800", "4716", "4800"])
    assert [entry.device_id for entry in roster] == ["4716", "4800"]
    assert roster[:1] == recorded_roster(["4716"])
    for entry in roster:
        assert entry.vin.startswith("LKL")
        assert entry.vin[8] == vin_check_digit(entry.vin)
    many = recorded_roster(str(number) for number in range(3_000))
    assert len({entry.plate for entry in many}) == len({entry.vin for entry in many}) == 3_000


def test_no_more_vehicles_than_plates() -> None:
    with pytest.raises(ValueError, match="500001 vehicles; at most 500,000"):
        fleet_roster(500_001, seed=1)
