"""Reads announced batches after a place, in the order of commits.

Decides how many are taken at once, and what was missed while nobody read. Leaves out judging.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
from psycopg import Connection

from alerts.engine import store
from alerts.engine.frames import SAMPLES

MOST_SAMPLES: Final = 20_000
"""Samples read at once; one batch is read whole, however many it has."""
MOST_BATCHES: Final = 500


@dataclass(frozen=True, slots=True)
class Read:
    """Some batches with their samples."""

    batches: list[store.AnnouncedBatch]
    samples: pl.DataFrame
    more: bool
    """Whether others wait."""


def read_on(conn: Connection[Any], after_id: int, *, most_samples: int) -> Read:
    """The next batches after the one read last. A sample that is no longer kept is left out."""
    waiting = store.list_batches(conn, after_id=after_id, limit=MOST_BATCHES)
    taken: list[store.AnnouncedBatch] = []
    samples = 0
    for batch in waiting:
        samples += batch.samples
        if taken and samples > most_samples:
            break
        taken.append(batch)
    more = len(waiting) > len(taken) or len(waiting) == MOST_BATCHES
    if not taken:
        return Read([], pl.DataFrame(schema=SAMPLES), False)
    return Read(taken, store.read_samples(conn, taken, after_id=after_id), more)


def count_missed(
    conn: Connection[Any], checkpoint: store.Checkpoint, *, backlog: timedelta, now: datetime
) -> int:
    """How many batches may be gone that were never read; 0 unless it was away for that long."""
    if checkpoint.taken_at >= now - backlog:
        return 0
    return max(store.get_oldest_batch(conn) - checkpoint.batch_id - 1, 0)
