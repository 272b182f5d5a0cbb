"""Several processes share the load: one that dies or hangs strands nothing."""

from typing import Any, NamedTuple

import pytest

from kit import clock
from tests.reliability.figures import report
from tests.reliability.forms import forms, on_one_storage
from tests.reliability.process import Ingest, wait_until
from tests.reliability.rig import Rig
from tests.reliability.traffic import live

pytestmark = [pytest.mark.reliability, on_one_storage]

LEASE_S = 1
TAKEN_WITHIN_S = 10


class Load(NamedTuple):
    messages: int
    rate: float


def _slots(processes: list[Ingest]) -> list[list[int]]:
    return [process.slots for process in processes]


def _all_held(processes: list[Ingest]) -> bool:
    """Whether the three slots are held, each by one of these."""
    return sorted(slot for held in _slots(processes) for slot in held) == [0, 1, 2]


@forms(short=Load(3_600, 1_500), long=Load(600_000, 1_000), long_timeout_s=1_500)
def test_one_of_three_dies_and_stays_dead(rig: Rig, size: Load) -> None:
    shared: dict[str, Any] = {
        "ingest_slots": 3,
        "slot_lease_s": LEASE_S,
        "mqtt_share_group": "reliability-share",
    }
    trio = [rig.ingest(f"ingest-{n}", **shared) for n in range(3)]
    for process in trio:
        process.start()
    for process in trio:
        process.wait_ready()
    wait_until(lambda: _all_held(trio), within_s=TAKEN_WITHIN_S, what="each has a slot")
    shares = [len(held) for held in _slots(trio)]

    traffic = rig.publish(live(rig.devices, size.messages), rate=size.rate)
    traffic.wait_for(size.messages // 4)
    victim, survivors = trio[1], [trio[0], trio[2]]
    victim.kill()
    adopted_s = wait_until(
        lambda: _all_held(survivors), within_s=TAKEN_WITHIN_S, what="its slot is adopted"
    )
    traffic.finish(within_s=2 * size.messages / size.rate + 30)
    lag_s = rig.wait_stored(size.messages)
    while_dead = rig.tally()

    victim.start()
    wait_until(
        lambda: all(len(held) == 1 for held in _slots(trio)),
        within_s=TAKEN_WITHIN_S,
        what="the newcomer took a slot over",
    )
    rig.publish(live(rig.devices, 1_000, first_seq=size.messages)).finish()
    rig.wait_stored(size.messages + 1_000)
    tally = rig.tally()
    report(
        "T7 one of three dead",
        published=size.messages + 1_000,
        acknowledged=tally.acknowledged,
        stored=tally.stored,
        stranded=while_dead.lost,
        lost=tally.lost,
        duplicates=tally.duplicates,
        lease_s=LEASE_S,
        adopted_s=adopted_s,
        lag_after_last_s=lag_s,
    )
    assert shares == [1, 1, 1]
    assert while_dead == (size.messages, size.messages, 0, 0, 0, {})
    assert tally == (size.messages + 1_000, size.messages + 1_000, 0, 0, 0, {})


@pytest.mark.parametrize("fate", ["killed", "hung, then back"])
def test_a_standby_takes_the_only_slot(rig: Rig, fate: str) -> None:
    active, standby = (
        rig.ingest(name, slot_lease_s=LEASE_S, batch_messages=200, mqtt_receive_maximum=1_000)
        for name in ("active", "standby")
    )
    active.start().wait_ready()
    standby.start()
    wait_until(
        lambda: (health := standby.health()) and health["ok"], within_s=10, what="it stands by"
    )
    assert _slots([active, standby]) == [[0], []]

    traffic = rig.publish(live(rig.devices), rate=1_000)
    traffic.wait_for(1_000)
    gone_s = clock.monotonic()
    if fate == "killed":
        active.kill()
    else:
        active.freeze()
    wait_until(lambda: standby.slots == [0], within_s=TAKEN_WITHIN_S, what="the standby took over")
    took_s = clock.monotonic() - gone_s
    traffic.wait_for(traffic.statistics.acknowledged + 500)
    if fate != "killed":
        active.thaw()
        wait_until(
            lambda: active.slots == [],
            within_s=TAKEN_WITHIN_S,
            what="it sees that it lost the slot",
        )
    published = traffic.stop().published
    rig.wait_stored(published)
    tally = rig.tally()
    report(
        f"T7 one slot, its holder {fate}",
        acknowledged=tally.acknowledged,
        stored=tally.stored,
        lost=tally.lost,
        duplicates=tally.duplicates,
        lease_s=LEASE_S,
        taken_after_s=took_s,
    )
    assert tally == (published, published, 0, 0, 0, {})
    assert standby.slots == [0]
    assert standby.running
