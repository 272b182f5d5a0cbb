"""The broker stops or dies: what it had stored by then reaches the tables.

Mosquitto keeps its queues in memory and writes them at every `autosave_interval`. A SIGTERM makes
it write; a SIGKILL takes what came since, which no consumer can bring back. The test's broker saves
every second, which its clock of whole seconds makes two at most; the shipped one is set in
`deploy/mosquitto/mosquitto.conf`.
"""

from typing import NamedTuple

import pytest

from guanche import embedded
from kit import clock
from tests.reliability.figures import report
from tests.reliability.forms import forms, on_one_storage
from tests.reliability.rig import Rig
from tests.reliability.traffic import live

pytestmark = [pytest.mark.reliability, on_one_storage]

RECOVERY_POINT_S = 3.0
"""Two seconds between saves, and one to write and to deliver the acknowledgement."""


@forms(short=10_000, long=100_000)
def test_stopped_with_messages_queued_it_loses_none(
    rig: Rig, broker: embedded.Broker, size: int
) -> None:
    ingest = rig.ingest()
    ingest.start().wait_ready()
    assert ingest.terminate().code == 0
    rig.publish(live(rig.devices, size)).finish()
    broker.stop()
    broker.start()
    ingest.start()
    drain_s = rig.wait_stored(size)

    traffic = rig.publish(live(rig.devices, 3_000, first_seq=size), rate=2_000)
    traffic.wait_for(1_000)
    broker.stop()
    broker.start()
    traffic.finish()
    rig.wait_stored(size + 3_000)
    tally = rig.tally()
    report(
        "T2 broker SIGTERM",
        queued=size,
        acknowledged=tally.acknowledged,
        stored=tally.stored,
        lost=tally.lost,
        duplicates=tally.duplicates,
        drain_s=drain_s,
        rss_peak_mb=ingest.peak_mb,
    )
    assert tally == (size + 3_000, size + 3_000, 0, 0, 0, {})
    assert ingest.running


class Kill(NamedTuple):
    messages: int
    rate: float


@forms(short=Kill(8_000, 2_000), long=Kill(60_000, 1_000))
def test_killed_it_loses_only_what_it_acknowledged_since_its_last_save(
    rig: Rig, broker: embedded.Broker, size: Kill
) -> None:
    ingest = rig.ingest()
    ingest.start().wait_ready()
    assert ingest.terminate().code == 0
    traffic = rig.publish(live(rig.devices, size.messages), rate=size.rate)
    traffic.wait_for(size.messages * 8 // 10)
    killed_ms = clock.now_us() // 1_000
    broker.kill()
    broker.start()
    traffic.finish()
    ingest.start().wait_ready()
    rig.wait_settled()
    tally, lost_ms = rig.tally(), rig.list_lost_ms()
    recovery_point_s = (killed_ms - lost_ms[0]) / 1e3 if lost_ms else 0.0
    report(
        "T2 broker SIGKILL",
        acknowledged=tally.acknowledged,
        stored=tally.stored,
        lost_by_the_broker=tally.lost,
        duplicates=tally.duplicates,
        retransmitted=traffic.statistics.retransmitted,
        recovery_point_s=recovery_point_s,
    )
    assert tally.acknowledged == size.messages
    assert tally.lost == len(lost_ms)
    assert recovery_point_s < RECOVERY_POINT_S
    assert all(ms <= killed_ms for ms in lost_ms), "what came after the restart is there"
    assert (tally.duplicates, tally.unexpected, tally.refused) == (0, 0, {})
