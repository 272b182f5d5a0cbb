"""The stages between received messages and database rows, as one visible list. Pure.

Each stage takes the batch and fills in the next of its lists. Whatever a stage does not accept
becomes a refusal with its reason; nothing is dropped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ingest.bindings import Bindings, Segment, find_segment
from ingest.decode import Decoded, decode_status, decode_telemetry, raw_sample
from ingest.delivery import Delivery, Publish
from ingest.reading import Measured, Reading, Rejection
from ingest.refused import Refusal, storable
from schemas.telemetry import MAX_AGE_US, MAX_AHEAD_US, Reason
from schemas.topics import parse_up_topic

POSTGRES_EPOCH_US = 946_684_800_000_000
"""2000-01-01 in µs since 1970: PostgreSQL's binary timestamps are µs since then."""

_MANY_S = 10**12
"""A `ts` may be an integer too large for a float; what is told of it ends here."""

Row = tuple[Any, ...]
"""A telemetry row in column order; see `find_holders`."""
Key = tuple[int, int]
"""(ts, seq) of a sample, ts in PostgreSQL µs."""


Placed = tuple[int, int, str, Publish, Reading]
"""Place of the message in the batch, receipt [µs since 1970], device serial, message, reading."""


class RetainedStatus(NamedTuple):
    """What the broker had kept of a device, seen on subscribing."""

    vehicle_id: int
    online: bool
    received_us: int


@dataclass(slots=True)
class Batch:
    """Messages on their way, and what the stages made of them."""

    deliveries: list[Delivery]
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
    """(ts, seq) of states as far as they are known after this batch."""
    refusals: list[Refusal] = field(default_factory=list)
    samples: int = 0
    accepted: int = 0
    """Samples that became rows, repeats within the batch included."""
    late: int = 0

    @property
    def heard(self) -> set[int]:
        """The vehicles whose state this batch may change."""
        return {state[0] for state in self.states} | {s.vehicle_id for s in self.retained}


def decode_messages(batch: Batch) -> None:
    """Bytes to readings. A status goes straight to the presence of its vehicle."""
    place = 0
    for delivery in batch.deliveries:
        received_us = delivery.received_us
        for publish in delivery.publishes:
            place += 1
            topic = parse_up_topic(publish[0])
            if topic is None:
                rejection = Rejection("bad_topic", "not v1/{device_id}/up/…", publish[1])
                _refuse(batch, received_us, None, publish, rejection)
                continue
            serial, kind = topic
            if kind == "telemetry":
                readings, rejections = _decode(publish[1])
                for reading in readings:
                    batch.readings.append((place, received_us, serial, publish, reading))
                for rejection in rejections:
                    _refuse(batch, received_us, serial, publish, rejection)
            elif kind == "status":
                _take_status(batch, place, received_us, serial, publish)
            else:
                detail = "results of commands are not expected: none can be sent yet"
                rejection = Rejection("bad_topic", detail, publish[1])
                _refuse(batch, received_us, serial, publish, rejection)
    batch.samples = len(batch.readings)


def judge_times(batch: Batch) -> None:
    """Refuse samples from the future and samples older than history is kept open."""
    accepted = []
    for item in batch.readings:
        ahead_us = item[4].ts_us - item[1]
        if -MAX_AGE_US <= ahead_us <= MAX_AHEAD_US:
            accepted.append(item)
        elif ahead_us > 0:
            ahead_s = min(ahead_us // 1_000_000, _MANY_S)
            detail = f"ts is {ahead_s} s ahead of receipt; at most 300 s are allowed"
            _refuse_sample(batch, item, "future_time", detail)
        else:
            days = min(-ahead_us // 1_000_000, _MANY_S) / 86_400
            detail = f"ts is {days:.1f} days old; at most 30 are allowed"
            _refuse_sample(batch, item, "too_old", detail)
    batch.readings = accepted


def find_holders(batch: Batch) -> None:
    """Readings to rows: the vehicle that held the device at the sample's time, and its operator."""
    for item in batch.readings:
        segment = _find_holder(batch, item)
        if segment is None:
            continue
        place, received_us, _, publish, reading = item
        if segment.bound_until_us > received_us and not publish[2]:
            _hear(batch, place, received_us, segment.vehicle_id, True)
        batch.rows.append(
            (
                segment.vehicle_id,
                reading.ts_us - POSTGRES_EPOCH_US,
                reading.seq,
                segment.device_id,
                segment.operator_id,
                received_us - POSTGRES_EPOCH_US,
                *reading.measured,
                reading.extra,
                list(reading.invalid_fields) or None,
            )
        )


def drop_repeats(batch: Batch) -> None:
    """One row a key, in the order of keys.

    The order keeps two batches that carry the same samples from waiting for one another.
    """
    batch.accepted = len(batch.rows)
    unique: dict[Row, Row] = {}
    for row in batch.rows:
        unique.setdefault(row[:3], row)
    batch.rows = [unique[key] for key in sorted(unique)]


def fold_states(batch: Batch) -> None:
    """The latest state each vehicle has after this batch, ordered by vehicle."""
    batch.states, batch.newest, batch.late = [], {}, 0
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
            batch.states.append((vehicle_id, *[None] * 27, online, heard, None, None, None))
            continue
        newest, measured, folded_from, handed_over = merge_newest(rows)
        batch.newest[vehicle_id] = (newest[1], newest[2])
        batch.states.append((*newest[:6], *measured, online, heard, *folded_from, handed_over))


def merge_newest(rows: list[Row]) -> tuple[Row, Measured, Key, bool]:
    """The newest of some rows of one vehicle, its unknown fields filled from the ones before it.

    `rows` are in the order of keys. The third is the key of the oldest that was looked at, the last
    whether that was another operator's. Nothing of it or from before it is filled in: an operator
    is not told where the vehicle was, or how, when it was not theirs.
    """
    newest = oldest = rows[-1]
    measured: Measured = newest[6:28]
    for row in reversed(rows[:-1]):
        if None not in measured:
            break
        oldest = row
        if row[4] != newest[4]:
            return newest, measured, (oldest[1], oldest[2]), True
        measured = tuple(
            [a if a is not None else b for a, b in zip(measured, row[6:28], strict=True)]
        )
    return newest, measured, (oldest[1], oldest[2]), False


STAGES: tuple[Callable[[Batch], None], ...] = (
    decode_messages,
    judge_times,
    find_holders,
    drop_repeats,
    fold_states,
)


def process(
    deliveries: list[Delivery], bindings: Bindings, latest: Mapping[int, Key | None]
) -> Batch:
    """Run messages through every stage."""
    batch = Batch(deliveries, bindings, latest)
    for stage in STAGES:
        stage(batch)
    return batch


def _decode(payload: bytes) -> Decoded:
    """What `decode_telemetry` says, or a refusal should it ever fail.

    A message that ends the process would be delivered again to the next one, for ever.
    """
    try:
        return decode_telemetry(payload)
    except Exception as error:
        detail = f"the decoder failed: {type(error).__name__}: {error}"
        return [], [Rejection("bad_schema", detail, payload)]


def _take_status(batch: Batch, place: int, received_us: int, serial: str, publish: Publish) -> None:
    status = decode_status(publish[1])
    if isinstance(status, Rejection):
        _refuse(batch, received_us, serial, publish, status)
        return
    segments = batch.bindings.find_segments(serial)
    segment = find_segment(segments, received_us) if segments else None
    if segment is None:
        reason, detail = _no_vehicle(segments is not None, "at receipt")
        _refuse(batch, received_us, serial, publish, Rejection(reason, detail, publish[1]))
    elif publish[2]:
        batch.retained.append(RetainedStatus(segment.vehicle_id, status.online, received_us))
    else:
        _hear(batch, place, received_us, segment.vehicle_id, status.online)


def _hear(batch: Batch, place: int, received_us: int, vehicle_id: int, online: bool) -> None:
    """Note the last word on a vehicle, in the order of receipt and not of the stages."""
    known = batch.presence.get(vehicle_id)
    if known is None or known[0] <= place:
        batch.presence[vehicle_id] = (place, online, received_us - POSTGRES_EPOCH_US)


def _find_holder(batch: Batch, item: Placed) -> Segment | None:
    _, _, serial, _, reading = item
    segments = batch.bindings.find_segments(serial)
    segment = find_segment(segments, reading.ts_us) if segments else None
    if segment is None:
        reason, detail = _no_vehicle(segments is not None, "at the sample's time")
        _refuse_sample(batch, item, reason, detail)
        return None
    if reading.vin is not None and reading.vin.upper() != segment.vin:
        detail = f"says VIN {reading.vin[:40]}, but the device sits in {segment.vin}"
        _refuse_sample(batch, item, "vin_mismatch", detail)
        return None
    return segment


def _no_vehicle(device_known: bool, when: str) -> tuple[Reason, str]:
    if device_known:
        return "unbound_device", f"the device sat in no vehicle {when}"
    return "unknown_device", "no device has this serial number"


def _refuse(
    batch: Batch, received_us: int, serial: str | None, publish: Publish, rejection: Rejection
) -> None:
    batch.refusals.append(
        Refusal(
            rejection.reason,
            storable(rejection.detail),
            storable(publish[0].decode("utf-8", "backslashreplace")),
            serial,
            rejection.raw,
            received_us,
        )
    )


def _refuse_sample(batch: Batch, item: Placed, reason: Reason, detail: str) -> None:
    _, received_us, serial, publish, reading = item
    rejection = Rejection(reason, detail, raw_sample(publish[1], reading.place))
    _refuse(batch, received_us, serial, publish, rejection)
