"""The database stops or hangs: ingest waits, flat in memory, and goes on by itself."""

from typing import NamedTuple

import pytest

from kit import clock
from tests.reliability.conftest import Outage
from tests.reliability.figures import report
from tests.reliability.forms import forms
from tests.reliability.process import wait_until
from tests.reliability.traffic import live

pytestmark = pytest.mark.reliability

MEMORY_MB = 250
EXIT_WITHIN_S = 5


class Blackout(NamedTuple):
    lasts_s: int
    rate: int


@forms(short=Blackout(4, 200), long=Blackout(60, 200))
@pytest.mark.parametrize("how", ["stopped", "hung"])
def test_away_for_a_while_nothing_is_lost(outage: Outage, how: str, size: Blackout) -> None:
    rig, server = outage
    ingest = rig.ingest()
    ingest.start().wait_ready()
    dropped = rig.read_dropped()
    traffic = rig.publish(live(rig.devices), rate=size.rate)
    rig.wait_stored(size.rate)
    rig.conn.close()
    before_mb = ingest.rss_mb

    at_outage = traffic.statistics.acknowledged
    if how == "stopped":
        server.stop("immediate")
    else:
        server.freeze()
    traffic.wait_for(at_outage + size.rate * size.lasts_s, within_s=size.lasts_s * 2)
    health = ingest.health()
    if how == "stopped":
        server.start()
    else:
        server.thaw()
    back_s = clock.monotonic()
    published = traffic.stop().published
    rig.wait_stored(published)
    drain_s = clock.monotonic() - back_s

    tally = rig.tally()
    dropped = rig.read_dropped() - dropped
    report(
        f"T3 database {how} for {size.lasts_s} s",
        published=published,
        acknowledged=tally.acknowledged,
        stored=tally.stored,
        lost=tally.lost,
        duplicates=tally.duplicates,
        dropped_by_broker=dropped,
        rss_start_mb=before_mb,
        rss_peak_mb=ingest.peak_mb,
        drain_s=drain_s,
    )
    assert health is not None, "/healthz answers during the outage"
    assert health["ok"] is (how == "hung"), "a hang looks like a slow batch; a stop does not"
    assert tally == (published, published, 0, 0, 0, {})
    assert dropped == 0
    assert ingest.peak_mb < MEMORY_MB
    assert ingest.events("broker_disconnected") == []


@pytest.mark.parametrize("moment", ["with a batch at hand", "idle", "while it starts"])
def test_told_to_stop_while_the_database_hangs_it_exits_0_in_time(
    outage: Outage, moment: str
) -> None:
    rig, server = outage
    ingest = rig.ingest(slot_lease_s=1)
    ingest.start().wait_ready()
    rig.publish(live(rig.devices, 100)).finish()
    rig.wait_stored(100)
    rig.conn.close()
    if moment == "while it starts":
        assert ingest.terminate().code == 0
    server.freeze()
    if moment == "while it starts":
        ingest.start()
        wait_until(ingest.health, within_s=10, what="it answers")
    published = 100
    if moment == "with a batch at hand":
        rig.publish(live(rig.devices, 500, first_seq=100)).finish()
        published = 600
    ending = ingest.terminate()
    server.thaw()
    ingest.start()
    rig.wait_stored(published)
    tally = rig.tally()
    report(
        f"T3 SIGTERM while the database hangs, {moment}",
        exit_code=ending.code,
        exit_s=ending.after_s,
        acknowledged=tally.acknowledged,
        stored=tally.stored,
        lost=tally.lost,
    )
    assert ending.code == 0, ingest.log_tail()
    assert ending.after_s < EXIT_WITHIN_S
    assert tally == (published, published, 0, 0, 0, {})
