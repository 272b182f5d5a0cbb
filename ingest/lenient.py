"""The second, lenient reading of a sample that the strict one refused. Pure.

Tells apart what the contract forgives (unknown keys, values out of range or not finite, numbers
like 3.0 for an integer) from what it refuses (no time, wrong types).
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ingest.reading import Reading, clean_extra, settle_position, to_us
from schemas.telemetry import FIELDS, MAX_SEQ, Field, Sample

_KNOWN = frozenset(Sample.__struct_fields__)


class NotForgiven(Exception):
    """A sample the contract refuses; the message says which field and why."""


def read_leniently(item: Any, place: int) -> Reading:
    if not isinstance(item, dict):
        raise NotForgiven(f"a sample must be an object, not {_kind(item)}")
    ts_us = _read_time(item.get("ts"))
    seq = _read_seq(item.get("seq"))
    vin = item.get("vin")
    if vin is not None and not isinstance(vin, str):
        raise NotForgiven(f"vin: expected a string, got {_kind(vin)}")
    values: list[Any] = []
    invalid: list[str] = []
    for field in FIELDS:
        value = item.get(field.name)
        known = None if value is None else _read_value(field, value)
        if value is not None and known is None:
            invalid.append(field.name)
        values.append(known)
    measured, half = settle_position(tuple(values))
    invalid.extend(half)
    extra, clean = clean_extra(_gather_extra(item))
    if not clean:
        invalid.append("extra")
    return Reading(ts_us, seq, vin, measured, extra, tuple(invalid), place)


def _read_time(ts: Any) -> int:
    if ts is None:
        raise NotForgiven("ts: required")
    whole = _whole(ts)
    if whole is not None:
        return whole * 1000
    if isinstance(ts, str):
        try:
            return to_us(msgspec.convert(ts, Annotated[datetime, Meta(tz=True)]))
        except (msgspec.ValidationError, OverflowError, UnicodeEncodeError):
            raise NotForgiven("ts: not an RFC 3339 time with offset") from None
    raise NotForgiven(f"ts: expected an integer or an RFC 3339 time, got {_kind(ts)}")


def _read_seq(seq: Any) -> int:
    if seq is None:
        return 0
    whole = _whole(seq)
    if whole is None:
        raise NotForgiven(f"seq: expected an integer, got {_kind(seq)}")
    if not 0 <= whole <= MAX_SEQ:
        raise NotForgiven(f"seq: must be from 0 to {MAX_SEQ}")
    return whole


def _read_value(field: Field, value: Any) -> float | int | str | bool | None:
    """The value if it is within the field's range, None if it is outside or not finite.

    Raises:
        NotForgiven: it is of the wrong type.
    """
    if field.kind == "choice":
        if not isinstance(value, str):
            raise NotForgiven(f"{field.name}: expected a string, got {_kind(value)}")
        return value if value in field.choices else None
    if field.kind == "flag":
        if not isinstance(value, bool):
            raise NotForgiven(f"{field.name}: expected true or false, got {_kind(value)}")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotForgiven(f"{field.name}: expected a number, got {_kind(value)}")
    assert field.low is not None
    assert field.high is not None
    if not field.low <= value <= field.high:  # false for NaN, too
        return None
    if field.kind == "number":
        return float(value)
    whole = _whole(value)
    if whole is None:
        raise NotForgiven(f"{field.name}: expected an integer, got {value}")
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
        raise NotForgiven(f"extra: expected an object, got {_kind(given)}")
    unknown = {key: value for key, value in item.items() if key not in _KNOWN}
    return {**unknown, **(given or {})}


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
