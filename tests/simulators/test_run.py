"""Runs and replays against a real broker add up, and stop when told."""

import threading
from pathlib import Path

import msgspec
import pytest

from guanche import embedded
from kit import clock
from kit.errors import Invalid
from schemas.telemetry import Sample
from simulators.ack_log import AckLog, read_ack_log
from simulators.fleet import Fleet
from simulators.pacing import Progress
from simulators.publisher import Publisher
from simulators.recording import Recorded, Recording
from simulators.replay import (
    AS_FAST_AS_POSSIBLE,
    Refusable,
    count_refusable,
    replay,
    replay_messages,
    shift_to_now_us,
)
from simulators.run import Load, RunSummary, make_fleet, run
from simulators.scenario import load_scenario

NOW_US = 1_790_000_000_000_000
DAY_US = 86_400_000_000


@pytest.mark.parametrize(
    ("load", "interval_s"),
    [
        pytest.param(Load(200), None, id="natural"),
        pytest.param(Load(200, rate=100), 2.0, id="200 vehicles share 100 messages/s"),
        pytest.param(Load(200, rate=100, batch=10), 0.2, id="ten samples a message"),
        pytest.param(Load(200, rate=100, speed_up=3, duration_s=1), 6.0, id="three times faster"),
        pytest.param(Load(10, rate=0.5), 20.0, id="less than a message a second"),
    ],
)
def test_the_rate_sets_the_interval_of_a_vehicle(load: Load, interval_s: float | None) -> None:
    assert load.interval_s == interval_s


@pytest.mark.parametrize(
    ("load", "ago_s"),
    [
        pytest.param(Load(1), 0, id="real time begins now"),
        pytest.param(Load(1, speed_up=60, duration_s=100), 5_900, id="sped up ends now"),
        pytest.param(Load(1, speed_up=0.5, duration_s=100), 0, id="slow motion begins now"),
    ],
)
def test_where_simulated_time_begins(load: Load, ago_s: int) -> None:
    assert NOW_US - load.start_us(NOW_US) == ago_s * 1_000_000


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ({"rate": 0.0}, "a rate of 0.0 messages/s"),
        ({"speed_up": 0.0}, "a speed-up of 0.0"),
        ({"duration_s": -1.0}, "a duration of -1.0 s"),
        ({"speed_up": 2.0}, "a speed-up needs a duration"),
        ({"speed_up": 1_000.0, "duration_s": 3_600.0}, "more than 29 simulated days"),
    ],
)
def test_impossible_loads_are_refused(wanted: dict[str, float], problem: str) -> None:
    with pytest.raises(Invalid, match=problem):
        Load(1, **wanted)  # type: ignore[arg-type]


def ran(
    broker: embedded.Broker, load: Load, log: AckLog, *, scenario: str = "calm"
) -> tuple[RunSummary, Fleet]:
    now_us = clock.now_us()
    fleet = make_fleet(load, seed=1, scenario=load_scenario(scenario), now_us=now_us)
    with Publisher(broker.url, ack_log=log) as publisher:
        publisher.open()
        summary = run(fleet, publisher, load, start_us=load.start_us(now_us), announce=True)
    return summary, fleet


def test_a_run_adds_up(broker: embedded.Broker, tmp_path: Path) -> None:
    load = Load(50, rate=2_000, duration_s=0.5)
    began_ms = clock.now_us() // 1_000
    with AckLog(tmp_path / "acks.tsv") as log:
        summary, _ = ran(broker, load, log)
    acked = read_ack_log(log.path)
    assert summary.vehicles == 50
    assert summary.samples_made == summary.samples_sent == summary.published
    assert summary.published == summary.acknowledged == len(acked) == len(set(acked))
    assert 0 < summary.published <= 1_000
    assert (summary.unacknowledged, summary.reconnects, summary.faults) == (0, 0, {})
    assert min(sample.ts_ms for sample in acked) >= began_ms
    assert max(sample.ts_ms for sample in acked) <= began_ms + 1_000 + 30_000


def test_a_run_with_every_fault_accounts_for_every_sample(
    broker: embedded.Broker, tmp_path: Path
) -> None:
    load = Load(20, rate=2_000, duration_s=0.6, speed_up=600)
    with AckLog(tmp_path / "acks.tsv") as log:
        summary, fleet = ran(broker, load, log, scenario="worst_day")
    acked = read_ack_log(log.path)
    faults = summary.faults
    assert summary.samples_sent == summary.samples_made - faults["loss"] + faults["duplicate"]
    assert len(acked) == summary.samples_sent
    assert summary.acknowledged == summary.published
    for fault in ("backlog", "duplicate", "reorder"):
        assert sum(fault in sample.faults for sample in acked) == faults[fault]
    assert faults == dict(sorted(fleet.faults.items()))


def test_a_run_in_fast_motion_ends_now(broker: embedded.Broker, tmp_path: Path) -> None:
    load = Load(5, rate=500, duration_s=0.4, speed_up=3_600)
    with AckLog(tmp_path / "acks.tsv") as log:
        ran(broker, load, log)
    times_ms = [sample.ts_ms for sample in read_ack_log(log.path)]
    assert max(times_ms) <= clock.now_us() // 1_000
    assert max(times_ms) - min(times_ms) > 600_000


def test_a_run_stops_when_told_and_reports_on_the_way(broker: embedded.Broker) -> None:
    load = Load(10, rate=200)
    stop = threading.Event()
    told: list[Progress] = []

    def on_progress(progress: Progress) -> None:
        told.append(progress)
        stop.set()

    now_us = clock.now_us()
    fleet = make_fleet(load, seed=1, scenario=load_scenario("calm"), now_us=now_us)
    with Publisher(broker.url) as publisher:
        publisher.open()
        summary = run(fleet, publisher, load, start_us=now_us, stop=stop, on_progress=on_progress)
    assert len(told) == 1
    assert 0 < told[0].samples <= summary.samples_sent
    assert summary.acknowledged == summary.published == summary.samples_sent


def test_a_run_without_its_broker_gives_up_after_the_end(broker: embedded.Broker) -> None:
    load = Load(10, rate=2_000, duration_s=0.3)
    now_us = clock.now_us()
    fleet = make_fleet(load, seed=1, scenario=load_scenario("calm"), now_us=now_us)
    with Publisher(broker.url, connections=1, window=50) as publisher:
        publisher.open()
        broker.stop()
        summary = run(fleet, publisher, load, start_us=now_us, drain_s=0.3)
    assert (summary.published, summary.acknowledged, summary.unacknowledged) == (50, 0, 50)


def recording(*offsets_s: float) -> Recording:
    rows = [
        Recorded(NOW_US - 40 * DAY_US + int(s * 1e6), f"BUS{n % 2}", {"lat": 1.5, "seq": 0})
        for n, s in enumerate(offsets_s)
    ]
    return Recording(Path("tracks.csv"), {}, rows)


@pytest.mark.parametrize(
    ("speed_up", "first_s", "last_s"),
    [
        pytest.param(1.0, 0.0, 100.0, id="real time begins now"),
        pytest.param(AS_FAST_AS_POSSIBLE, -100.0, 0.0, id="as fast as possible ends now"),
        pytest.param(4.0, -75.0, 25.0, id="four times faster ends when it is over"),
    ],
)
def test_shifting_stamps_the_last_sample_as_it_is_sent(
    speed_up: float, first_s: float, last_s: float
) -> None:
    tracks = recording(0, 50, 100)
    shift_us = shift_to_now_us(tracks, speed_up, NOW_US)
    assert (tracks.first_us + shift_us - NOW_US) / 1e6 == first_s
    assert (tracks.rows[-1].at_us + shift_us - NOW_US) / 1e6 == last_s
    assert count_refusable(tracks, shift_us, speed_up, NOW_US) == Refusable(0, 0)


def test_samples_that_will_be_refused_are_counted() -> None:
    tracks = recording(0, 10 * 86_400 + 5, 41 * 86_400)
    assert count_refusable(tracks, 0, AS_FAST_AS_POSSIBLE, NOW_US) == Refusable(1, 1)


def test_a_message_is_a_row_with_its_time_shifted() -> None:
    message, _ = replay_messages(recording(0, 1), 5_000)
    ts_ms = (NOW_US - 40 * DAY_US) // 1_000 + 5
    assert (message.device_id, message.topic) == ("BUS0", "v1/BUS0/up/telemetry")
    assert msgspec.json.decode(message.payload, type=Sample) == Sample(ts=ts_ms, lat=1.5)
    assert message.key == b"BUS0\t%d\t0\t-\t-\n" % ts_ms


def test_a_replay_sends_every_row_once_in_order(broker: embedded.Broker, tmp_path: Path) -> None:
    tracks = recording(*range(200))
    with AckLog(tmp_path / "acks.tsv") as log, Publisher(broker.url, ack_log=log) as publisher:
        publisher.open()
        summary = replay(tracks, publisher, speed_up=1_000, announce=True)
    assert (summary.devices, summary.samples, summary.published) == (2, 200, 200)
    assert (summary.acknowledged, summary.unacknowledged) == (200, 0)
    assert summary.elapsed_s >= 0.199
    acked = read_ack_log(log.path)
    for device_id in ("BUS0", "BUS1"):
        times_ms = [sample.ts_ms for sample in acked if sample.device_id == device_id]
        assert times_ms == [r.at_us // 1_000 for r in tracks.rows if r.device_id == device_id]


def test_a_replay_stops_when_told(broker: embedded.Broker) -> None:
    stop = threading.Event()
    stop.set()
    with Publisher(broker.url) as publisher:
        publisher.open()
        summary = replay(recording(0, 1, 2), publisher, stop=stop)
    assert (summary.samples, summary.published) == (3, 0)


def test_a_replay_backwards_is_refused() -> None:
    with Publisher("mqtt://127.0.0.1:1") as publisher, pytest.raises(Invalid, match="above 0"):
        replay(recording(0), publisher, speed_up=-1)
