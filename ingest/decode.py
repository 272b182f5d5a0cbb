"""Turns the bytes of one message into readings and rejections. Pure.

Decides what the contract (`schemas/telemetry.py`) accepts. A well-formed sample is decoded in one
strict step by msgspec; whatever that refuses is read a second time (`lenient.py`). Leaves out
everything that needs to know the device or the time: that is `pipeline.py`.
"""

import json
from functools import lru_cache

import msgspec
from msgspec.structs import astuple

from ingest.lenient import NotForgiven, read_leniently
from ingest.reading import Reading, Rejection, clean_extra, settle_position, to_us
from schemas.telemetry import MAX_BATCH_SAMPLES, MAX_PAYLOAD_BYTES, Sample, Status

_FIRST = Sample.__struct_fields__.index("lat")
_LAST = Sample.__struct_fields__.index("extra")

Decoded = tuple[list[Reading], list[Rejection]]

_decode_strictly = msgspec.json.Decoder(Sample | list[Sample]).decode
_decode_status = msgspec.json.Decoder(Status).decode
_split_strictly = msgspec.json.Decoder(list[msgspec.Raw]).decode
_scan = json.JSONDecoder().raw_decode
_BLANK = " \t\n\r"
_BETWEEN_ITEMS = frozenset(_BLANK + ",")


def decode_telemetry(payload: bytes) -> Decoded:
    """The readings and rejections in the payload of one `up/telemetry` message.

    Never raises on any bytes. In a batch only the offending samples are rejected.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        return [], [_too_large(payload)]
    try:
        decoded = _decode_strictly(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _decode_leniently(payload)
    if type(decoded) is Sample:
        return [_reading(decoded, 0)], []
    if len(decoded) > MAX_BATCH_SAMPLES:
        return [], [_too_many(len(decoded), payload)]
    return [_reading(sample, place) for place, sample in enumerate(decoded)], []


def decode_status(payload: bytes) -> Status | Rejection:
    """The content of one `up/status` message."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        return _too_large(payload)
    try:
        payload.decode("utf-8")  # the decoder does not look into what it skips
        return _decode_status(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        try:
            json.loads(payload.decode("utf-8"))
        except UnicodeDecodeError as problem:
            return Rejection("bad_encoding", str(problem), payload)
        except (ValueError, RecursionError) as problem:
            return Rejection("bad_json", str(problem), payload)
        return Rejection("bad_schema", str(error), payload)


def raw_sample(payload: bytes, place: int) -> bytes:
    """The bytes of one sample out of a message, exactly as sent."""
    items = _split_batch(payload)
    return payload if items is None else items[place]


@lru_cache(maxsize=4)  # a batch may have a thousand samples to refuse
def _split_batch(payload: bytes) -> list[bytes] | None:
    """The items of a JSON array as they stand there; None if it is an object."""
    try:
        return [bytes(item) for item in _split_strictly(payload)]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    text = payload.decode("utf-8").strip(_BLANK)
    if not text.startswith("["):
        return None
    items, end = [], 1
    while (start := _next_item(text, end)) < len(text) and text[start] != "]":
        _, end = _scan(text, start)
        items.append(text[start:end].encode())
    return items


def _next_item(text: str, position: int) -> int:
    while text[position] in _BETWEEN_ITEMS:
        position += 1
    return position


def _reading(sample: Sample, place: int) -> Reading:
    values = astuple(sample)
    ts, seq, vin = values[:3]
    measured, extra = values[_FIRST:_LAST], values[_LAST]
    invalid: tuple[str, ...] = ()
    lat, lon, fix = measured[:3]
    if lat is None or lon is None or fix is None or not (lat or lon):
        measured, invalid = settle_position(measured)
    if extra is not None:
        extra, clean = clean_extra(extra)
        if not clean:
            invalid = (*invalid, "extra")
    if type(ts) is not int:
        return Reading(to_us(ts), seq, vin, measured, extra, invalid, place)
    return Reading(ts * 1000, seq, vin, measured, extra, invalid, place)


def _decode_leniently(payload: bytes) -> Decoded:
    try:
        document = json.loads(payload.decode("utf-8"))
    except UnicodeDecodeError as error:
        return [], [Rejection("bad_encoding", str(error), payload)]
    except (ValueError, RecursionError) as error:
        return [], [Rejection("bad_json", str(error), payload)]
    if not isinstance(document, list):
        try:
            return [read_leniently(document, 0)], []
        except NotForgiven as refused:
            return [], [Rejection("bad_schema", str(refused), payload)]
    if len(document) > MAX_BATCH_SAMPLES:
        return [], [_too_many(len(document), payload)]
    readings: list[Reading] = []
    rejections: list[Rejection] = []
    for index, item in enumerate(document):
        try:
            readings.append(read_leniently(item, index))
        except NotForgiven as refused:
            detail = f"sample {index}: {refused}"
            rejections.append(Rejection("bad_schema", detail, raw_sample(payload, index)))
    return readings, rejections


def _too_large(payload: bytes) -> Rejection:
    detail = f"{len(payload)} bytes; at most {MAX_PAYLOAD_BYTES} are allowed"
    return Rejection("too_large", detail, payload)


def _too_many(count: int, payload: bytes) -> Rejection:
    detail = f"{count} samples in one message; at most {MAX_BATCH_SAMPLES} are allowed"
    return Rejection("bad_schema", detail, payload)
