"""Turns the bytes of one message into readings and rejections. Pure.

Decides what the contract (`schemas/telemetry.py`) accepts. A well-formed sample is decoded in one
strict step by msgspec. Whatever that step refuses is read a second time, leniently, to tell apart
what the contract forgives (unknown keys, values out of range) from what it refuses. Leaves out
everything that needs to know the device or the time: that is `pipeline.py`.
"""

import json
import math
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import astuple

from schemas.telemetry import (
    FIELDS,
    MAX_BATCH_SAMPLES,
    MAX_EXTRA_KEYS,
    MAX_PAYLOAD_BYTES,
    MAX_SEQ,
    Field,
    Reason,
    Sample,
    Scalar,
    Status,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_FIRST = Sample.__struct_fields__.index("lat")
_LAST = Sample.__struct_fields__.index("extra")
_KNOWN = frozenset(Sample.__struct_fields__)
_LAT, _LON, _FIX = 0, 1, 2

Measured = tuple[float | int | str | bool | None, ...]
"""One value for each of FIELDS, in that order."""


class Reading(Struct, frozen=True, gc=False):
    """One accepted sample: device time in µs since 1970, then what was measured."""

    ts_us: int
    seq: int
    vin: str | None
    measured: Measured
    extra: dict[str, Scalar] | None
    invalid_fields: tuple[str, ...]
    place: int
    """Where it stood in its message, from 0."""


class Rejection(NamedTuple):
    """Something refused: why, in words, and the very bytes."""

    reason: Reason
    detail: str
    raw: bytes


Decoded = tuple[list[Reading], list[Rejection]]

_decode_strictly = msgspec.json.Decoder(Sample | list[Sample]).decode
_decode_status = msgspec.json.Decoder(Status).decode
_split_strictly = msgspec.json.Decoder(list[msgspec.Raw]).decode
_scan = json.JSONDecoder().raw_decode
_BLANK = " \t\n\r"
_BETWEEN_ITEMS = frozenset(_BLANK + ",")


class _Refused(Exception):
    """A sample the contract does not forgive; the message says which field and why."""


def decode_telemetry(payload: bytes) -> Decoded:
    """The readings and rejections in the payload of one `up/telemetry` message.

    Never raises on any bytes. In a batch only the offending samples are rejected.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        detail = f"{len(payload)} bytes; at most {MAX_PAYLOAD_BYTES} are allowed"
        return [], [Rejection("too_large", detail, payload)]
    try:
        decoded = _decode_strictly(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _decode_leniently(payload)
    if type(decoded) is Sample:
        return [_reading(decoded, 0)], []
    if len(decoded) > MAX_BATCH_SAMPLES:
        return [], [_too_many(len(decoded), payload)]
    return [_reading(sample, index) for index, sample in enumerate(decoded)], []


def decode_status(payload: bytes) -> Status | Rejection:
    """The content of one `up/status` message."""
    try:
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


def _reading(sample: Sample, index: int) -> Reading:
    values = astuple(sample)
    ts, seq, vin = values[:3]
    measured, extra = values[_FIRST:_LAST], values[_LAST]
    invalid: tuple[str, ...] = ()
    lat, lon, fix = measured[:3]
    if lat is None or lon is None or fix is None or not (lat or lon):
        measured, invalid = _settle_position(measured)
    if extra is not None:
        extra, clean = _clean_extra(extra)
        if not clean:
            invalid = (*invalid, "extra")
    if type(ts) is not int:
        return Reading(_to_us(ts), seq, vin, measured, extra, invalid, index)
    return Reading(ts * 1000, seq, vin, measured, extra, invalid, index)


def _to_us(instant: datetime) -> int:
    return (instant - EPOCH) // MICROSECOND


def _settle_position(measured: Measured) -> tuple[Measured, tuple[str, ...]]:
    """Latitude and longitude both or neither; 0,0 is no fix; `fix` is true unless said."""
    lat, lon, fix = measured[_LAT], measured[_LON], measured[_FIX]
    if lat is None or lon is None:
        half = tuple(n for n, v in (("lat", lat), ("lon", lon)) if v is not None)
        return (None, None, False if fix is False else None, *measured[3:]), half
    if not (lat or lon):
        return (None, None, False, *measured[3:]), ()
    return (lat, lon, True if fix is None else fix, *measured[3:]), ()


def _decode_leniently(payload: bytes) -> Decoded:
    try:
        document = json.loads(payload.decode("utf-8"))
    except UnicodeDecodeError as error:
        return [], [Rejection("bad_encoding", str(error), payload)]
    except (ValueError, RecursionError) as error:
        return [], [Rejection("bad_json", str(error), payload)]
    if not isinstance(document, list):
        try:
            return [_read_leniently(document, 0)], []
        except _Refused as refused:
            return [], [Rejection("bad_schema", str(refused), payload)]
    if len(document) > MAX_BATCH_SAMPLES:
        return [], [_too_many(len(document), payload)]
    readings: list[Reading] = []
    rejections: list[Rejection] = []
    for index, item in enumerate(document):
        try:
            readings.append(_read_leniently(item, index))
        except _Refused as refused:
            detail = f"sample {index}: {refused}"
            rejections.append(Rejection("bad_schema", detail, raw_sample(payload, index)))
    return readings, rejections


def _too_many(count: int, payload: bytes) -> Rejection:
    detail = f"{count} samples in one message; at most {MAX_BATCH_SAMPLES} are allowed"
    return Rejection("bad_schema", detail, payload)


def _read_leniently(item: Any, index: int) -> Reading:
    if not isinstance(item, dict):
        raise _Refused(f"a sample must be an object, not {_kind(item)}")
    ts_us = _read_time(item.get("ts"))
    seq = _read_seq(item.get("seq"))
    vin = item.get("vin")
    if vin is not None and not isinstance(vin, str):
        raise _Refused(f"vin: expected a string, got {_kind(vin)}")
    values: list[Any] = []
    invalid: list[str] = []
    for field in FIELDS:
        value = item.get(field.name)
        known = None if value is None else _read_value(field, value)
        if value is not None and known is None:
            invalid.append(field.name)
        values.append(known)
    measured, half = _settle_position(tuple(values))
    invalid.extend(half)
    extra, clean = _clean_extra(_gather_extra(item))
    if not clean:
        invalid.append("extra")
    return Reading(ts_us, seq, vin, measured, extra, tuple(invalid), index)


def _read_time(ts: Any) -> int:
    if ts is None:
        raise _Refused("ts: required")
    whole = _whole(ts)
    if whole is not None:
        return whole * 1000
    if isinstance(ts, str):
        try:
            return _to_us(msgspec.convert(ts, Annotated[datetime, Meta(tz=True)]))
        except (msgspec.ValidationError, OverflowError):
            raise _Refused("ts: not an RFC 3339 time with offset") from None
    raise _Refused(f"ts: expected an integer or an RFC 3339 time, got {_kind(ts)}")


def _read_seq(seq: Any) -> int:
    if seq is None:
        return 0
    whole = _whole(seq)
    if whole is None:
        raise _Refused(f"seq: expected an integer, got {_kind(seq)}")
    if not 0 <= whole <= MAX_SEQ:
        raise _Refused(f"seq: must be from 0 to {MAX_SEQ}")
    return whole


def _read_value(field: Field, value: Any) -> float | int | str | bool | None:
    """The value if it is within the field's range, None if it is outside or not finite.

    Raises:
        _Refused: it is of the wrong type.
    """
    if field.kind == "choice":
        if not isinstance(value, str):
            raise _Refused(f"{field.name}: expected a string, got {_kind(value)}")
        return value if value in field.choices else None
    if field.kind == "flag":
        if not isinstance(value, bool):
            raise _Refused(f"{field.name}: expected true or false, got {_kind(value)}")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Refused(f"{field.name}: expected a number, got {_kind(value)}")
    assert field.low is not None
    assert field.high is not None
    if not field.low <= value <= field.high:  # false for NaN, too
        return None
    if field.kind == "number":
        return float(value)
    whole = _whole(value)
    if whole is None:
        raise _Refused(f"{field.name}: expected an integer, got {value}")
    return whole


def _whole(value: Any) -> int | None:
    """The integer a JSON number stands for; 3.0 is one, true and 3.5 are not."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


def _gather_extra(item: dict[str, Any]) -> dict[str, Any]:
    """The `extra` object and every key the contract does not name."""
    given = item.get("extra")
    if given is not None and not isinstance(given, dict):
        raise _Refused(f"extra: expected an object, got {_kind(given)}")
    unknown = {key: value for key, value in item.items() if key not in _KNOWN}
    return {**unknown, **(given or {})}


def _clean_extra(extra: dict[str, Any]) -> tuple[dict[str, Scalar] | None, bool]:
    """What of it can be stored, and whether that is all: scalars, at most 32, storable text."""
    kept = {k: v for k, v in extra.items() if _storable(k) and _is_storable_scalar(v)}
    clean = len(kept) == len(extra)
    if len(kept) > MAX_EXTRA_KEYS:
        kept, clean = dict(list(kept.items())[:MAX_EXTRA_KEYS]), False
    return kept or None, clean


def _is_storable_scalar(value: Any) -> bool:
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, bool | int)


def _storable(text: str) -> bool:
    """PostgreSQL stores neither NUL nor half a surrogate pair."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text))


def _kind(value: Any) -> str:
    """What JSON calls it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"
