"""The same samples ten times, shuffled, young and old, change nothing."""

from datetime import timedelta
from typing import NamedTuple

import pytest

from ingest.storage import open_storage
from kit import clock
from tests.fixtures.databases import CHUNK_HOURS
from tests.reliability.figures import report, rng_of
from tests.reliability.forms import forms
from tests.reliability.process import wait_until
from tests.reliability.rig import Rig
from tests.reliability.traffic import Message, message, sample

pytestmark = pytest.mark.reliability

DAY_MS = 86_400_000
OLDEST_DAYS = 29
SAMPLES_A_MESSAGE = 20
LATE_WINDOW = timedelta(days=7)


class Storm(NamedTuple):
    samples: int
    times: int


@forms(short=Storm(2_000, 10), long=Storm(100_000, 10))
def test_storm(rig: Rig, size: Storm, storage: str) -> None:
    rng = rng_of("storm")
    messages = _history(rig, size.samples)
    ingest = rig.ingest()
    ingest.start().wait_ready()
    began_s = clock.monotonic()
    rig.publish(messages).finish()
    rig.wait_stored(size.samples)
    first_s = clock.monotonic() - began_s

    compressed = _compress(rig)
    again = [each for each in messages for _ in range(size.times - 1)]
    rng.shuffle(again)
    began_s = clock.monotonic()
    rig.publish(again).finish()
    repeats = size.samples * (size.times - 1)
    wait_until(
        lambda: (counters := ingest.counters()) and counters.duplicates == repeats,
        within_s=600,
        what=f"{repeats} samples are recognised",
    )
    again_s = clock.monotonic() - began_s

    tally = rig.tally()
    report(
        f"T5 duplicate storm, {storage}",
        samples=size.samples,
        times=size.times,
        stored=tally.stored,
        extra_rows=tally.stored - size.samples,
        lost=tally.lost,
        chunks_compressed=compressed,
        slowdown=again_s / (size.times - 1) / first_s,
    )
    assert tally == (size.samples, size.samples, 0, 0, 0, {})


def _history(rig: Rig, samples: int) -> list[Message]:
    """Batches whose samples lie anywhere in the last 29 days, two in three of them in the last."""
    rng = rng_of("storm/history")
    now_ms = clock.now_us() // 1_000
    messages = []
    for first in range(0, samples, SAMPLES_A_MESSAGE):
        days = OLDEST_DAYS if rng.random() < 1 / 3 else 1
        body = [
            sample(now_ms - rng.randrange(days * DAY_MS), seq)
            for seq in range(first, first + SAMPLES_A_MESSAGE)
        ]
        messages.append(message(rng.choice(rig.devices), *body))
    return messages


def _compress(rig: Rig) -> int:
    """Compress what the housekeeping would, where there is a columnstore; how many chunks."""
    with rig.conn.transaction():
        storage = open_storage(rig.conn, chunk_hours=CHUNK_HOURS)
        return storage.compress(rig.conn, clock.now() - LATE_WINDOW)
