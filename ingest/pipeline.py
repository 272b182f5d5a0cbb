"""The stages between received messages and database rows, as one visible list. Pure.

Each stage takes the batch and fills in the next of its lists. Whatever a stage does not accept
becomes a refusal with its reason; nothing is dropped.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

from ingest.bindings import Bindings, Segment, find_segment
from ingest.decode import (
    Measured,
    Reading,
    Rejection,
    decode_status,
    decode_telemetry,
    raw_sample,
)
from ingest.inbox import Message
from schemas.telemetry import MAX_AGE_US, MAX_AHEAD_US, Reason
from schemas.topics import parse_up_topic

POSTGRES_EPOCH_US = 946_684_800_000_000
"""2000-01-01 in µs since 1970: PostgreSQL's binary timestamps are µs since then."""

Row = tuple[Any, ...]
"""A telemetry row in column order; see `find_holders`."""
Key = tuple[int, int]
"""(ts, seq) of a sample, ts in PostgreSQL µs."""


Placed = tuple[int, str, Reading]
"""A reading with the place of its message in the batch and the serial of its device."""


class Refusal(NamedTuple):
    """A refused message or sample, raw, with its reason."""

    reason: Reason
    detail: str
    topic: str
    device_serial: str | None
    raw: bytes
    received_us: int

    @property
    def digest(self) -> bytes:
        """The same for the same bytes on the same topic refused for the same reason."""
        mark = blake2b(digest_size=16)
        for part in (self.topic.encode(), self.reason.encode(), self.raw):
            mark.update(len(part).to_bytes(4, "big"))
            mark.update(part)
        return mark.digest()


class RetainedStatus(NamedTuple):
    """What the broker had kept of a device, seen on subscribing."""

    vehicle_id: int
    online: bool
    received_us: int


@dataclass(slots=True)
class Batch:
    """Messages on their way, and what the stages made of them."""

    messages: list[Message]
    bindings: Bindings
    latest: Mapping[int, Key | None]
    """(ts, seq) of each vehicle's state before this batch."""
    readings: list[Placed] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    presence: dict[int, tuple[int, bool, int]] = field(default_factory=dict)
    """Vehicle → (place of the message, online, receipt in PostgreSQL µs): the last word."""
    retained: list[RetainedStatus] = field(default_factory=list)
    states: list[Row] = field(default_factory=list)
    newest: dict[int, Key] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    samples: int = 0
    accepted: int = 0
    """Samples that became rows, repeats within the batch included."""
    late: int = 0


def decode_messages(batch: Batch) -> None:
    """Bytes to readings. A status goes straight to the presence of its vehicle."""
    for place, message in enumerate(batch.messages):
        topic = parse_up_topic(message.topic)
        if topic is None:
            _refuse(batch, message, None, Rejection("bad_topic", "not v1/{device_id}/up/…", b""))
        elif topic.kind == "telemetry":
            readings, rejections = decode_telemetry(message.payload)
            batch.samples += len(readings)
            for reading in readings:
                batch.readings.append((place, topic.device_id, reading))
            for rejection in rejections:
                _refuse(batch, message, topic.device_id, rejection)
        elif topic.kind == "status":
            _take_status(batch, place, message, topic.device_id)
        else:
            detail = "results of commands are not expected: none can be sent yet"
            _refuse(batch, message, topic.device_id, Rejection("bad_topic", detail, b""))


def judge_times(batch: Batch) -> None:
    """Refuse samples from the future and samples older than history is kept open."""
    accepted = []
    for item in batch.readings:
        place, _, reading = item
        message = batch.messages[place]
        ahead_us = reading.ts_us - message.received_us
        if -MAX_AGE_US <= ahead_us <= MAX_AHEAD_US:
            accepted.append(item)
        elif ahead_us > 0:
            detail = f"ts is {ahead_us / 1e6:.0f} s ahead of receipt; at most 300 s are allowed"
            _refuse_sample(batch, item, "future_time", detail)
        else:
            detail = f"ts is {-ahead_us / 86_400e6:.1f} days old; at most 30 are allowed"
            _refuse_sample(batch, item, "too_old", detail)
    batch.readings = accepted


def find_holders(batch: Batch) -> None:
    """Readings to rows: the vehicle that held the device at the sample's time, and its operator."""
    for item in batch.readings:
        segment = _find_holder(batch, item)
        if segment is None:
            continue
        place, _, reading = item
        message = batch.messages[place]
        received = message.received_us - POSTGRES_EPOCH_US
        if segment.bound_until_us > message.received_us:
            _hear(batch, place, segment.vehicle_id, True)
        batch.rows.append(
            (
                segment.vehicle_id,
                reading.ts_us - POSTGRES_EPOCH_US,
                reading.seq,
                segment.device_id,
                segment.operator_id,
                received,
                *reading.measured,
                reading.extra,
                list(reading.invalid_fields) or None,
            )
        )


def drop_repeats(batch: Batch) -> None:
    """One row a key; a repeat within the batch goes the way of one the database would refuse."""
    batch.accepted = len(batch.rows)
    unique: dict[Row, Row] = {}
    for row in batch.rows:
        unique.setdefault(row[:3], row)
    batch.rows = list(unique.values())


def fold_states(batch: Batch) -> None:
    """The latest state each vehicle has after this batch, ordered by vehicle."""
    newer: dict[int, list[Row]] = {}
    for row in batch.rows:
        known = batch.latest.get(row[0])
        if known is None or row[1:3] > known:
            newer.setdefault(row[0], []).append(row)
        elif row[1:3] < known:
            batch.late += 1
    for vehicle_id in sorted(newer.keys() | batch.presence.keys()):
        _, online, heard = batch.presence.get(vehicle_id, (0, False, None))
        rows = newer.get(vehicle_id)
        if rows is None:
            batch.states.append((vehicle_id, *[None] * 27, online, heard))
            continue
        newest, measured = merge_newest(rows)
        batch.newest[vehicle_id] = (newest[1], newest[2])
        batch.states.append((*newest[:6], *measured, online, heard))


def merge_newest(rows: list[Row]) -> tuple[Row, Measured]:
    """The newest of some rows of one vehicle, its unknown fields filled from the ones before it."""
    if len(rows) == 1:
        return rows[0], rows[0][6:28]
    rows.sort(key=lambda row: row[1:3], reverse=True)
    measured = rows[0][6:28]
    for row in rows[1:]:
        if None not in measured:
            break
        measured = tuple(
            [a if a is not None else b for a, b in zip(measured, row[6:28], strict=True)]
        )
    return rows[0], measured


STAGES: tuple[Callable[[Batch], None], ...] = (
    decode_messages,
    judge_times,
    find_holders,
    drop_repeats,
    fold_states,
)


def process(messages: list[Message], bindings: Bindings, latest: Mapping[int, Key | None]) -> Batch:
    """Run a batch of messages through every stage."""
    batch = Batch(messages, bindings, latest)
    for stage in STAGES:
        stage(batch)
    return batch


def gather_refusals(refusals: Iterable[Refusal]) -> dict[bytes, tuple[Refusal, int]]:
    """Refusals by digest, each with how many times it stands there."""
    gathered: dict[bytes, tuple[Refusal, int]] = {}
    for refusal in refusals:
        digest = refusal.digest
        first, times = gathered.get(digest, (refusal, 0))
        gathered[digest] = (first, times + 1)
    return gathered


def _take_status(batch: Batch, place: int, message: Message, serial: str) -> None:
    status = decode_status(message.payload)
    if isinstance(status, Rejection):
        _refuse(batch, message, serial, status)
        return
    segments = batch.bindings.find_segments(serial)
    segment = find_segment(segments, message.received_us) if segments else None
    if segment is None:
        _refuse(batch, message, serial, _no_vehicle(segments is not None, "now"))
    elif message.retained:
        batch.retained.append(
            RetainedStatus(segment.vehicle_id, status.online, message.received_us)
        )
    else:
        _hear(batch, place, segment.vehicle_id, status.online)


def _hear(batch: Batch, place: int, vehicle_id: int, online: bool) -> None:
    """Note the last word on a vehicle, in the order of receipt and not of the stages."""
    known = batch.presence.get(vehicle_id)
    if known is None or known[0] <= place:
        received = batch.messages[place].received_us - POSTGRES_EPOCH_US
        batch.presence[vehicle_id] = (place, online, received)


def _find_holder(batch: Batch, item: Placed) -> Segment | None:
    _, serial, reading = item
    segments = batch.bindings.find_segments(serial)
    segment = find_segment(segments, reading.ts_us) if segments else None
    if segment is None:
        problem = _no_vehicle(segments is not None, "at the sample's time")
        _refuse_sample(batch, item, problem.reason, problem.detail)
        return None
    if reading.vin is not None and reading.vin.upper() != segment.vin:
        detail = f"says VIN {reading.vin[:40]}, but the device sits in {segment.vin}"
        _refuse_sample(batch, item, "vin_mismatch", detail)
        return None
    return segment


def _no_vehicle(device_known: bool, when: str) -> Rejection:
    if device_known:
        return Rejection("unbound_device", f"the device sat in no vehicle {when}", b"")
    return Rejection("unknown_device", "no device with this serial number", b"")


def _refuse(batch: Batch, message: Message, serial: str | None, rejection: Rejection) -> None:
    batch.refusals.append(
        Refusal(
            rejection.reason,
            storable(rejection.detail),
            storable(message.topic.decode("utf-8", "backslashreplace")),
            serial,
            rejection.raw or message.payload,
            message.received_us,
        )
    )


def _refuse_sample(batch: Batch, item: Placed, reason: Reason, detail: str) -> None:
    place, serial, reading = item
    message = batch.messages[place]
    raw = raw_sample(message.payload, reading.place)
    _refuse(batch, message, serial, Rejection(reason, detail, raw))


def storable(text: str) -> str:
    """The text with what PostgreSQL cannot store (NUL, half surrogates) written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
