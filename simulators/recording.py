"""Reads recorded movement from a CSV file, whole and checked, before anything is sent.

Decides which column is which field of the contract, how texts become values, and which rows cannot
be used; a bad one is named by its line and column. Leaves out: sending (`replay.py`).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from math import asin, cos, isfinite, radians, sin, sqrt
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl

from kit.errors import Invalid
from schemas.telemetry import FIELDS, MEASURED, Field
from schemas.topics import DEVICE_ID

EARTH_RADIUS_KM: Final = 6_371.0
MAPPABLE: Final = ("device", "ts", "seq", *MEASURED)
"""What a column can be mapped to."""
_FIRST_LINE: Final = 2  # of the rows; the header is line 1
_USUAL_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "device": ("device", "device_id", "vehicle_id", "vehicle", "imei", "terminal_id", "bus_id"),
    "ts": ("ts", "timestamp", "time", "datetime", "gps_time", "recorded_at"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "lng", "long", "longitude"),
    "heading_deg": ("heading_deg", "heading", "bearing", "course", "azimuth"),
    "altitude_m": ("altitude_m", "altitude", "alt", "elevation"),
    # A bare "speed" may be m/s, km/h or knots: it must be mapped by hand.
    "speed_kmh": ("speed_kmh", "speed_kph", "speed_km_h"),
    "soc_pct": ("soc_pct", "soc"),
}
_BY_NAME: Final = {field.name: field for field in FIELDS}


class BadRecording(Invalid):
    """A recording that cannot be used; the message names the line and the column."""

    code = "bad_recording"


class Recorded(NamedTuple):
    """One row: when, which device, and its sample without `ts`."""

    at_us: int
    device_id: str
    reading: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recording:
    """All rows of a file in the order of time."""

    path: Path
    columns: dict[str, str]
    """Field of the contract → column of the file."""
    rows: list[Recorded]

    @property
    def device_ids(self) -> list[str]:
        return sorted({row.device_id for row in self.rows})

    @property
    def first_us(self) -> int:
        return self.rows[0].at_us

    @property
    def span_s(self) -> float:
        """From the first row to the last."""
        return (self.rows[-1].at_us - self.rows[0].at_us) / 1e6


def parse_column_map(text: str) -> dict[str, str]:
    """A mapping such as `device=vehicle_id,ts=timestamp`.

    >>> parse_column_map("device=bus, ts=when")
    {'device': 'bus', 'ts': 'when'}

    Raises:
        Invalid: not of this form, or a field that the contract does not have.
    """
    columns = {}
    for part in text.split(","):
        field, equals, column = (piece.strip() for piece in part.partition("="))
        if not (field and equals and column):
            raise Invalid(f"{part.strip()!r} is not field=column, such as ts=timestamp")
        if field not in MAPPABLE:
            raise Invalid(f"no field {field!r}; there are {', '.join(MAPPABLE)}")
        columns[field] = column
    return columns


def guess_columns(header: Sequence[str]) -> dict[str, str]:
    """The columns whose names say what they are; case, spaces and dashes do not matter.

    >>> guess_columns(["Vehicle ID", "timestamp", "Latitude", "lng", "speed"])
    {'device': 'Vehicle ID', 'ts': 'timestamp', 'lat': 'Latitude', 'lon': 'lng'}
    """
    plain = {c.strip().lower().replace(" ", "_").replace("-", "_"): c for c in reversed(header)}
    guessed = {}
    for field in MAPPABLE:
        for name in _USUAL_NAMES.get(field, (field,)):
            if name in plain:
                guessed[field] = plain[name]
                break
    return guessed


def read_recording(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    zone: tzinfo = UTC,
    device_prefix: str = "",
    derive_speed: bool = False,
) -> Recording:
    """The recording of a CSV file; an empty cell is unknown.

    Args:
        columns: field → column, added to what the header suggests.
        zone: of times without an offset.
        device_prefix: put before every device id.
        derive_speed: where no speed was recorded, the mean since the row before.

    Raises:
        BadRecording: no CSV, columns missing, or a cell that cannot be used.
    """
    try:
        frame = pl.read_csv(path.read_bytes(), infer_schema=False)
    except OSError as error:
        raise BadRecording(f"{path}: {error.strerror}") from None
    except pl.exceptions.PolarsError as error:
        raise BadRecording(f"{path}: not a CSV file: {str(error).splitlines()[0]}") from None
    chosen = _choose_columns(path, frame.columns, columns or {})
    if frame.is_empty():
        raise BadRecording(f"{path}: no rows below the header")

    def read(field: str, convert: Callable[[str], Any], *, needed: bool = False) -> list[Any]:
        return _read_column(
            path, frame[chosen[field]].to_list(), field, chosen[field], convert, needed=needed
        )

    devices = read("device", lambda text: _device_id(device_prefix + text), needed=True)
    times_us = read("ts", lambda text: _instant_us(text, zone), needed=True)
    readings: list[dict[str, Any]] = [{} for _ in devices]
    for field in chosen.keys() - {"device", "ts"}:
        convert = _converter(_BY_NAME[field]) if field in _BY_NAME else _whole
        for reading, cell in zip(readings, read(field, convert), strict=True):
            if cell is not None:
                reading[field] = cell
    for line, reading in enumerate(readings, start=_FIRST_LINE):
        if ("lat" in reading) != ("lon" in reading):
            raise BadRecording(f"{path}, line {line}: latitude and longitude come together")
    rows = [Recorded(*row) for row in zip(times_us, devices, readings, strict=True)]
    rows.sort(key=lambda row: row.at_us)
    if derive_speed:
        _derive_speed(rows)
    if "seq" not in chosen:
        _number(rows)
    return Recording(path, chosen, rows)


def _choose_columns(path: Path, header: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
    listed = ", ".join(header)
    for field, column in wanted.items():
        if column not in header:
            raise BadRecording(f"{path}: no column {column!r} for {field}; there are {listed}")
    chosen = {**guess_columns(header), **wanted}
    missing = [field for field in ("device", "ts") if field not in chosen]
    if missing:
        raise BadRecording(
            f"{path}: which column is {' and which '.join(missing)}? Say so, such as"
            f" {missing[0]}=NAME; there are {listed}"
        )
    return {field: chosen[field] for field in MAPPABLE if field in chosen}


def _read_column(
    path: Path,
    cells: Sequence[str | None],
    field: str,
    column: str,
    convert: Callable[[str], Any],
    *,
    needed: bool,
) -> list[Any]:
    found: list[Any] = []
    for line, cell in enumerate(cells, start=_FIRST_LINE):
        text = (cell or "").strip()
        where = f"{path}, line {line}, column {column!r} ({field})"
        if not text:
            if needed:
                raise BadRecording(f"{where}: empty")
            found.append(None)
            continue
        try:
            found.append(convert(text))
        except ValueError as error:
            raise BadRecording(f"{where}: {text!r} {error}") from None
    return found


def _device_id(text: str) -> str:
    if not DEVICE_ID.fullmatch(text):
        raise ValueError("is not a device id: letters, digits, _ and -, at most 64")
    return text


def _instant_us(text: str, zone: tzinfo) -> int:
    if text.isdecimal() and len(text) in (10, 13):  # seconds or milliseconds since 1970
        return int(text) * (1_000_000 if len(text) == 10 else 1_000)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a time: write 2026-01-26 15:57:02 or ms since 1970") from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    return int(instant.timestamp() * 1_000) * 1_000


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("is not a whole number")
    return int(text)


def _converter(field: Field) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        if field.kind == "choice":
            if text not in field.choices:
                raise ValueError(f"is none of {', '.join(field.choices)}")
            return text
        if field.kind == "flag":
            if text.lower() not in ("true", "false", "1", "0"):
                raise ValueError("is neither true nor false")
            return text.lower() in ("true", "1")
        try:
            number = float(text)
        except ValueError:
            raise ValueError("is not a number") from None
        assert field.low is not None and field.high is not None
        if not isfinite(number) or not field.low <= number <= field.high:
            raise ValueError(f"is outside {field.low:g}–{field.high:g} {field.unit}".rstrip())
        if field.kind == "integer":
            if number != int(number):
                raise ValueError("is not a whole number")
            return int(number)
        return number

    return convert


def _number(rows: Sequence[Recorded]) -> None:
    """Tell rows of one device and one millisecond apart."""
    seen: dict[tuple[str, int], int] = defaultdict(int)
    for row in rows:
        key = (row.device_id, row.at_us)
        row.reading["seq"] = seen[key]
        seen[key] += 1


def _derive_speed(rows: Sequence[Recorded]) -> None:
    tracks: dict[str, list[Recorded]] = defaultdict(list)
    for row in rows:
        if "lat" in row.reading:
            tracks[row.device_id].append(row)
    for track in tracks.values():
        for before, row in pairwise(track):
            hours = (row.at_us - before.at_us) / 3.6e9
            if hours > 0 and "speed_kmh" not in row.reading:
                speed_kmh = distance_km(before.reading, row.reading) / hours
                if speed_kmh <= 500:  # faster is a jump of the position, not a speed
                    row.reading["speed_kmh"] = round(speed_kmh, 1)


def distance_km(start: Mapping[str, float], end: Mapping[str, float]) -> float:
    """Great-circle distance between two readings with `lat` and `lon`."""
    lat0, lat1 = radians(start["lat"]), radians(end["lat"])
    half_lat = (lat1 - lat0) / 2
    half_lon = radians(end["lon"] - start["lon"]) / 2
    square = sin(half_lat) ** 2 + cos(lat0) * cos(lat1) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(square)))
