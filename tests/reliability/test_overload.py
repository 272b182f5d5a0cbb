"""Ten times what can be written: ingest stays small and answers, the broker holds the rest.

The database is slowed by a trigger, so that the overload does not depend on the machine.
"""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

import pytest

from guanche import embedded
from ingest.mqtt_client import READ_BYTES
from kit import clock, db
from tests.reliability.figures import report
from tests.reliability.forms import forms, on_one_storage
from tests.reliability.process import Ingest
from tests.reliability.rig import Rig
from tests.reliability.traffic import Message, live, message, sample

pytestmark = [pytest.mark.reliability, on_one_storage]

MEMORY_MB = 250
FLAT_MB = 60
"""How much the process may grow from the beginning of the overload to its peak."""
BATCH, RECEIVE_MAXIMUM, PAUSE_A_ROW_S, WRITERS = 100, 1_000, 0.005, 2
PADDING = 500
QUEUE_MAX = RECEIVE_MAXIMUM + READ_BYTES // PADDING
"""The process stops reading at its Receive Maximum; one read may bring it beyond."""
CAPACITY = WRITERS / PAUSE_A_ROW_S
"""Messages per second the slowed database takes at most: 400."""


@pytest.fixture
def broker(broker_without_saves: embedded.Broker) -> embedded.Broker:
    """Saving a million messages every second would be a load of its own."""
    return broker_without_saves


class Flood(NamedTuple):
    lasts_s: int
    times: int
    """Of the capacity."""


class Watch:
    """What the process said of itself every tenth of a second, and how long it took to say so."""

    def __init__(self, ingest: Ingest) -> None:
        self.queued: list[int] = []
        self.slowest_s = 0.0
        self.unanswered = 0
        self._ingest = ingest
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._done.wait(0.1):
            began_s = clock.monotonic()
            counters, health = self._ingest.counters(), self._ingest.health()
            self.slowest_s = max(self.slowest_s, clock.monotonic() - began_s)
            if counters is None or health is None:
                self.unanswered += 1
            else:
                self.queued.append(counters.queued)

    def close(self) -> None:
        self._done.set()
        self._thread.join(10)


@contextmanager
def slowed(rig: Rig) -> Iterator[None]:
    """Every row of telemetry takes a pause."""
    rig.conn.execute(
        "CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN PERFORM pg_sleep({PAUSE_A_ROW_S}); RETURN NULL; END $$"
    )
    rig.conn.execute(
        "CREATE TRIGGER pause AFTER INSERT ON telemetry FOR EACH ROW EXECUTE FUNCTION pause()"
    )
    rig.conn.commit()
    yield
    with closing(db.connect(rig.database_url, autocommit=True)) as admin:
        admin.execute(
            "CREATE OR REPLACE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RETURN NULL; END $$"
        )


@forms(short=Flood(4, 10), long=Flood(300, 10), long_timeout_s=1_500)
def test_ten_times_too_much(rig: Rig, size: Flood) -> None:
    ingest = rig.ingest(batch_messages=BATCH, mqtt_receive_maximum=RECEIVE_MAXIMUM, batch_ms=50)
    ingest.start().wait_ready()
    rig.publish(live(rig.devices, 1_000)).finish()
    rig.wait_stored(1_000)
    dropped, before_mb = rig.read_dropped(), ingest.rss_mb

    flood = int(CAPACITY * size.times * size.lasts_s)
    began_s = clock.monotonic()
    with closing(Watch(ingest)) as watch, slowed(rig):
        rig.publish(
            live(rig.devices, flood, first_seq=1_000, terminal="x" * PADDING),
            rate=CAPACITY * size.times,
        ).finish(within_s=size.lasts_s * 4 + 30)
        took_s = clock.monotonic() - began_s
        behind = flood + 1_000 - rig.tally().stored
    peak_mb = ingest.peak_mb
    drain_s = rig.wait_stored(flood + 1_000, within_s=size.lasts_s * 4 + 60)

    tally = rig.tally()
    report(
        "T8 overload",
        published=flood + 1_000,
        acknowledged=tally.acknowledged,
        stored=tally.stored,
        lost=tally.lost,
        duplicates=tally.duplicates,
        overload=flood / took_s / CAPACITY,
        behind=behind,
        queue_max=max(watch.queued),
        receive_maximum=RECEIVE_MAXIMUM,
        dropped_by_broker=rig.read_dropped() - dropped,
        rss_start_mb=before_mb,
        rss_peak_mb=peak_mb,
        slowest_answer_s=watch.slowest_s,
        drain_s=drain_s,
    )
    assert behind > flood / 2, "it was an overload"
    assert tally == (flood + 1_000, flood + 1_000, 0, 0, 0, {})
    assert BATCH < max(watch.queued) <= QUEUE_MAX
    assert rig.read_dropped() == dropped
    assert peak_mb < MEMORY_MB
    assert peak_mb - before_mb < FLAT_MB
    assert watch.unanswered == 0
    assert ingest.events("broker_disconnected") == []


class Backlog(NamedTuple):
    messages: int
    samples: int


@forms(short=Backlog(200, 1_000), long=Backlog(3_000, 1_000))
def test_a_fleet_that_comes_out_of_a_dead_zone(rig: Rig, size: Backlog) -> None:
    ingest = rig.ingest()
    ingest.start().wait_ready()
    rig.publish(live(rig.devices, 1_000)).finish()
    rig.wait_stored(1_000)
    before_mb = ingest.rss_mb
    rig.publish(_backlog(rig, size)).finish()
    expected = 1_000 + size.messages * size.samples
    drain_s = rig.wait_stored(expected, within_s=300)
    tally = rig.tally()
    report(
        "T8 backlog in full messages",
        messages=size.messages,
        acknowledged=tally.acknowledged,
        stored=tally.stored,
        lost=tally.lost,
        duplicates=tally.duplicates,
        rss_start_mb=before_mb,
        rss_peak_mb=ingest.peak_mb,
        drain_s=drain_s,
    )
    assert tally == (expected, expected, 0, 0, 0, {})
    assert ingest.peak_mb < MEMORY_MB


def _backlog(rig: Rig, size: Backlog) -> list[Message]:
    """The largest messages the contract allows, each an hour or so of one vehicle."""
    now_ms = clock.now_us() // 1_000
    messages: list[Message] = []
    for number in range(size.messages):
        first = 1_000 + number * size.samples
        body: list[dict[str, Any]] = [
            sample(now_ms - 3_000 * (size.samples - place), first + place)
            for place in range(size.samples)
        ]
        messages.append(message(rig.devices[number % len(rig.devices)], *body))
    return messages
