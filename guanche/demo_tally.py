"""Counts honestly what became of the samples a broker acknowledged.

The publisher's log says what the broker promised to deliver. A sample is accounted for when its
row is stored, or when it stands among the refusals: by its bytes if it was malformed, else by its
device, time and sequence number. What is neither is lost.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from psycopg import Connection

from guanche import store
from ingest.decode import decode_telemetry
from schemas.telemetry import MAX_AGE_US, MAX_AHEAD_US
from simulators.ack_log import AckedSample, payload_digest

Key = tuple[str, int, int]
"""Device, ts in ms since 1970, seq."""


class Tally(NamedTuple):
    """What became of a run's samples; refusals are counted with every repetition."""

    acknowledged: int
    stored: int
    refused: dict[str, int]
    lost: list[AckedSample]


def tally(
    conn: Connection[Any],
    acked: Iterable[AckedSample],
    *,
    vehicle_ids: list[int],
    since: datetime,
    now: datetime,
) -> Tally:
    """What became of the acknowledged samples of these vehicles, received since then."""
    waiting: dict[Key, AckedSample] = {}
    acknowledged = 0
    for sample in acked:
        acknowledged += 1
        waiting[sample.device_id, sample.ts_ms, sample.seq] = sample
    stored = 0
    window_from = since - timedelta(microseconds=MAX_AGE_US)
    window_until = now + timedelta(microseconds=MAX_AHEAD_US)
    for key in store.iter_stored_keys(
        conn, vehicle_ids=vehicle_ids, from_at=window_from, until_at=window_until
    ):
        stored += key.received_at >= since
        waiting.pop((key.device_id, key.ts_ms, key.seq), None)
    refusals = store.list_refused_payloads(conn, since=since)
    digests, keys, refused = read_refusals(refusals)
    lost = [
        sample
        for key, sample in waiting.items()
        if key not in keys and (not sample.digest or sample.digest not in digests)
    ]
    return Tally(acknowledged, stored, refused, lost)


def read_refusals(
    refusals: Iterable[store.RefusedPayload],
) -> tuple[set[str], set[Key], dict[str, int]]:
    """The payload digests and the sample keys among refusals, and their number by reason."""
    digests: set[str] = set()
    keys: set[Key] = set()
    refused: dict[str, int] = {}
    for refusal in refusals:
        refused[refusal.reason] = refused.get(refusal.reason, 0) + refusal.times
        digests.add(payload_digest(refusal.raw))
        if refusal.device_serial is not None:
            readings, _ = decode_telemetry(refusal.raw)
            keys.update((refusal.device_serial, r.ts_us // 1000, r.seq) for r in readings)
    return digests, keys, dict(sorted(refused.items()))
