"""Ingest dies, in all the ways a process can: nothing acknowledged is lost, no row comes twice."""

from typing import Any, NamedTuple

import pytest

from kit import clock
from tests.reliability.figures import percentile, report, rng_of
from tests.reliability.forms import forms, on_one_storage
from tests.reliability.process import Ingest, wait_until
from tests.reliability.rig import Rig
from tests.reliability.traffic import live
from tests.reliability.wiretap import Wiretap

pytestmark = [pytest.mark.reliability, on_one_storage]

MANY_SMALL_BATCHES: dict[str, Any] = {
    "batch_messages": 500,
    "mqtt_receive_maximum": 2_000,
    "batch_ms": 100,
}


class Kills(NamedTuple):
    messages: int
    kills: int
    rate: float
    lease_s: float
    """A process that was killed keeps its slot so long; its successor waits for that."""


# Slow enough that messages still come after the last kill: what passed the wiretap as not yet
# acknowledged may have been after all, and then nothing would be left to acknowledge.
@forms(short=Kills(4_000, 4, 500, 1), long=Kills(50_000, 20, 150, 15))
@pytest.mark.parametrize("mqtt_version", ["5", "3.1.1"])
def test_killed_at_random_points_with_messages_in_flight(
    rig: Rig, size: Kills, mqtt_version: str
) -> None:
    rng = rng_of(f"kills/{mqtt_version}")
    ingest = rig.ingest(
        mqtt_url=rig.tap.url,
        mqtt_version=mqtt_version,
        slot_lease_s=size.lease_s,
        **MANY_SMALL_BATCHES,
    )
    ingest.start().wait_ready()
    traffic = rig.publish(live(rig.devices, size.messages), rate=size.rate)
    share = size.messages / (size.kills + 1)
    recoveries_s, in_flight = [], []
    for number in range(size.kills):
        traffic.wait_for(int(share * (number + rng.uniform(0.5, 1.0))))
        in_flight.append(_kill_with_messages_in_flight(ingest, rig.tap))
        killed_s = clock.monotonic()
        ingest.start()
        _wait_acknowledging(rig.tap, since_s=killed_s)
        recoveries_s.append(clock.monotonic() - killed_s)
    published = traffic.finish().published
    rig.wait_stored(published)
    tally = rig.tally()
    report(
        f"T1 ingest killed, MQTT {mqtt_version}",
        kills=size.kills,
        published=published,
        acknowledged=tally.acknowledged,
        stored=tally.stored,
        lost=tally.lost,
        duplicates=tally.duplicates,
        in_flight_at_kill=f"{min(in_flight)}..{max(in_flight)}",
        redelivered_pct=100 * rig.tap.redelivered / published,
        lease_s=size.lease_s,
        recovery_p95_s=percentile(recoveries_s, 0.95),
        rss_peak_mb=ingest.peak_mb,
    )
    assert min(in_flight) > 0
    assert rig.tap.redelivered > 0
    assert tally == (size.messages, size.messages, 0, 0, 0, {})


def _kill_with_messages_in_flight(ingest: Ingest, tap: Wiretap) -> int:
    """Kill at a moment at which messages are not acknowledged; how many those were."""
    heard = tap.conversations[-1]
    wait_until(
        lambda: len(heard.delivered) > len(heard.acknowledged),
        within_s=10,
        what="a message is in flight",
    )
    ingest.kill()
    return len(heard.delivered) - len(heard.acknowledged)


def _wait_acknowledging(tap: Wiretap, *, since_s: float) -> None:
    wait_until(
        lambda: any((each.first_ack_s or 0) > since_s for each in tap.conversations),
        within_s=30,
        what="ingest acknowledges again",
    )


def test_told_to_stop_under_load_it_finishes_its_batch_and_exits_0(rig: Rig) -> None:
    ingest = rig.ingest(mqtt_url=rig.tap.url, **MANY_SMALL_BATCHES)
    ingest.start().wait_ready()
    traffic = rig.publish(live(rig.devices), rate=2_000)
    traffic.wait_for(1_000)
    ending = ingest.terminate()
    stored = rig.tally().stored
    assert ending.code == 0, ingest.log_tail()
    assert ending.after_s < 5
    rig.tap.wait_quiet()
    assert stored > 0
    assert rig.tap.acknowledged == stored, "it left with what it had stored unacknowledged"

    published = traffic.stop().published
    ingest.start()
    rig.wait_stored(published)
    tally = rig.tally()
    report(
        "T1 SIGTERM under load",
        exit_code=ending.code,
        exit_s=ending.after_s,
        acknowledged=tally.acknowledged,
        stored=tally.stored,
        lost=tally.lost,
        duplicates=tally.duplicates,
    )
    assert tally == (published, published, 0, 0, 0, {})


DYING_THREADS = {
    "the network thread": """
from ingest import mqtt_client, subscriber
read = mqtt_client.BulkClient._handle_bytes
def fail_at_a_message(self, data):
    if b'"seq":7,' in data:
        raise RuntimeError("provoked")
    return read(self, data)
mqtt_client.BulkClient._handle_bytes = fail_at_a_message
""",
    "a writer thread": """
from ingest import work
take = work.Work.take
def fail_at_a_message(self):
    ticket, deliveries = take(self)
    if any(b'"seq":7,' in publish[1] for each in deliveries for publish in each.publishes):
        raise RuntimeError("provoked")
    return ticket, deliveries
work.Work.take = fail_at_a_message
""",
    "the lease thread": """
from ingest import gateway
tend = gateway.Gateway._tend_slots
def fail_at_second_time(self):
    if self.subscribers:
        raise RuntimeError("provoked")
    tend(self)
gateway.Gateway._tend_slots = fail_at_second_time
""",
}
RUN = """
import sys
from ingest.gateway import run
from kit.log import configure_logging
from kit.settings import get_settings
configure_logging(log_format="json")
sys.exit(run(get_settings()))
"""


@pytest.mark.parametrize("thread", DYING_THREADS)
def test_a_dead_thread_ends_the_process_with_an_error(rig: Rig, thread: str) -> None:
    dying = rig.ingest(driver=DYING_THREADS[thread] + RUN, slot_lease_s=1).start()
    dying.wait_ready()
    rig.publish(live(rig.devices, 20)).finish()
    ending = dying.wait_end(within_s=10)
    assert (
        ending.code,
        [e["cause"].rpartition(" has ")[2] for e in dying.events("ingest_died")],
    ) == (
        1,
        ["died"],
    )

    rig.ingest("healthy", slot_lease_s=1).start()
    rig.wait_stored(20)
    assert rig.tally() == (20, 20, 0, 0, 0, {})
