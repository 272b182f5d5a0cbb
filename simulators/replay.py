"""Sends a recording again, in real or scaled time, as recorded or moved to the present.

Leaves out: reading the file (`recording.py`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from threading import Event

import msgspec

from kit.errors import Invalid
from schemas.telemetry import MAX_AGE_US, MAX_AHEAD_US
from schemas.topics import telemetry_topic
from simulators.ack_log import ack_line
from simulators.fleet import Message
from simulators.pacing import Course, Progress
from simulators.publisher import Publisher
from simulators.recording import Recording

AS_FAST_AS_POSSIBLE = inf
"""A speed-up."""


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """What a replay came to."""

    devices: int
    samples: int
    """In the recording."""
    elapsed_s: float
    published: int
    """Messages, one a sample."""
    acknowledged: int
    unacknowledged: int
    retransmitted: int
    reconnects: int


@dataclass(frozen=True, slots=True)
class Refusable:
    """Samples that the ingest will refuse for their time."""

    too_old: int
    in_the_future: int


def shift_to_now_us(recording: Recording, speed_up: float, now_us: int) -> int:
    """What to add to all times so that the last sample is stamped with the instant it is sent.

    In real time the recording so begins now; as fast as possible it ends now; and at no speed-up
    above 1 is a sample stamped later than it is sent.
    """
    last_us = recording.rows[-1].at_us
    shift_us = now_us + int(recording.span_s / speed_up * 1e6) - last_us
    return shift_us // 1_000 * 1_000  # samples are stamped in whole milliseconds


def count_refusable(recording: Recording, shift_us: int, speed_up: float, now_us: int) -> Refusable:
    """How many samples are too old, or too far ahead, at the time they will be sent."""
    first_us = recording.first_us
    too_old = in_the_future = 0
    for row in recording.rows:
        sent_us = now_us + (row.at_us - first_us) / speed_up
        age_us = sent_us - (row.at_us + shift_us)
        too_old += age_us > MAX_AGE_US
        in_the_future += age_us < -MAX_AHEAD_US
    return Refusable(too_old, in_the_future)


def replay_messages(
    recording: Recording, shift_us: int, *, logged: bool = True
) -> Iterator[Message]:
    """One message a row, due at its recorded time."""
    for at_us, device_id, reading in recording.rows:
        ts_ms = (at_us + shift_us) // 1_000
        payload = msgspec.json.encode({"ts": ts_ms, **reading})
        key = ack_line(device_id, ts_ms, reading["seq"]) if logged else b""
        yield Message(at_us, device_id, telemetry_topic(device_id), payload, key, 1)


def replay(
    recording: Recording,
    publisher: Publisher,
    *,
    shift_us: int = 0,
    speed_up: float = 1.0,
    stop: Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    announce: bool = False,
    drain_s: float = 30.0,
) -> ReplaySummary:
    """Send all rows when their time comes, or until `stop` is set.

    Raises:
        Invalid: a speed-up that is not above 0.
    """
    if speed_up <= 0:
        raise Invalid(f"a speed-up of {speed_up}; it must be above 0")
    course = Course(
        publisher, duration_s=None, drain_s=drain_s, stop=stop or Event(), on_progress=on_progress
    )
    devices = recording.device_ids
    if announce:
        for device_id in devices:
            publisher.announce(device_id, online=True)
    for message in replay_messages(recording, shift_us):
        if not course.await_turn((message.due_us - recording.first_us) / 1e6 / speed_up):
            break
        course.send(message)
    elapsed_s = course.elapsed_s
    if announce:
        for device_id in devices:
            publisher.announce(device_id, online=False)
    publisher.drain(drain_s)
    counts = publisher.statistics
    return ReplaySummary(
        devices=len(devices),
        samples=len(recording.rows),
        elapsed_s=round(elapsed_s, 3),
        published=counts.published,
        acknowledged=counts.acknowledged,
        unacknowledged=counts.unacknowledged,
        retransmitted=counts.retransmitted,
        reconnects=counts.reconnects,
    )
