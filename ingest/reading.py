"""What decoding yields, and what its two ways of reading settle alike. Pure."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from msgspec import Struct

from schemas.telemetry import MAX_EXTRA_KEYS, Reason, Scalar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
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


def to_us(instant: datetime) -> int:
    return (instant - EPOCH) // MICROSECOND


def settle_position(measured: Measured) -> tuple[Measured, tuple[str, ...]]:
    """Latitude and longitude both or neither; 0,0 is no fix; `fix` is true unless said."""
    lat, lon, fix = measured[_LAT], measured[_LON], measured[_FIX]
    if lat is None or lon is None:
        half = tuple(n for n, v in (("lat", lat), ("lon", lon)) if v is not None)
        return (None, None, False if fix is False else None, *measured[3:]), half
    if not (lat or lon):
        return (None, None, False, *measured[3:]), ()
    return (lat, lon, True if fix is None else fix, *measured[3:]), ()


def clean_extra(extra: dict[str, Any]) -> tuple[dict[str, Scalar] | None, bool]:
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
