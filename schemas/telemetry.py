"""The payload of `up/telemetry` and `up/status`: fields, units, ranges, limits, refusal reasons.

One place for the contract. `Sample` is what a well-formed sample decodes to in one step; FIELDS is
the same list as data, for the lenient second reading, the database columns and the documents.
Names and units are ours; meaning and ranges follow GB/T 32960.3-2016, and the 2025 ranges where
they are wider. Absent or null means unknown.
"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

MAX_PAYLOAD_BYTES: Final = 256 * 1024
MAX_BATCH_SAMPLES: Final = 1_000
MAX_EXTRA_KEYS: Final = 32
MAX_AHEAD_US: Final = 5 * 60 * 1_000_000
"""A sample may be this far ahead of its receipt [µs]."""
MAX_AGE_US: Final = 30 * 86_400 * 1_000_000
"""A sample may be this old at its receipt [µs]."""
MAX_SEQ: Final = 2**63 - 1

Reason = Literal[
    "bad_topic",
    "too_large",
    "bad_encoding",
    "bad_json",
    "bad_schema",
    "unknown_device",
    "unbound_device",
    "vin_mismatch",
    "future_time",
    "too_old",
]
REASONS: Final[tuple[Reason, ...]] = Reason.__args__  # type: ignore[attr-defined]


def _quantity(unit: str, low: float, high: float, meaning: str) -> Any:
    return Meta(ge=low, le=high, description=meaning, extra={"unit": unit})


Latitude = Annotated[float, _quantity("° WGS-84", -90, 90, "Latitude; 0,0 is no fix.")]
Longitude = Annotated[float, _quantity("° WGS-84", -180, 180, "Longitude; 0,0 is no fix.")]
Heading = Annotated[float, _quantity("°", 0, 360, "Direction of travel, clockwise from north.")]
Altitude = Annotated[float, _quantity("m", -500, 9_000, "Height above sea level.")]
Speed = Annotated[float, _quantity("km/h", 0, 500, "Vehicle speed.")]
Odometer = Annotated[float, _quantity("km", 0, 999_999.9, "Accumulated mileage 累计里程.")]
Soc = Annotated[float, _quantity("%", 0, 100, "State of charge 剩余电量.")]
PackVoltage = Annotated[float, _quantity("V", 0, 6_000, "Total voltage of the battery.")]
PackCurrent = Annotated[
    float, _quantity("A", -3_000, 3_000, "Battery current: positive = discharge.")
]
Insulation = Annotated[float, _quantity("kΩ", 0, 60_000, "Insulation resistance 绝缘电阻.")]
CellVoltage = Annotated[float, _quantity("V", 0, 15, "Voltage of the extreme cell.")]
ProbeTemperature = Annotated[float, _quantity("°C", -40, 210, "Extreme battery probe.")]
AlarmLevel = Annotated[int, _quantity("", 0, 4, "Highest alarm level; 4 = thermal event.")]
AlarmBits = Annotated[
    int,
    _quantity("", 0, 2**32 - 1, "General alarm flags, GB/T 32960.3: bit 0 … bit 18."),
]
Signal = Annotated[int, _quantity("dBm", -150, 0, "Radio signal strength.")]
VehicleState = Literal["on", "off", "other"]
ChargeState = Literal["parked_charging", "driving_charging", "not_charging", "full"]
Gear = Literal["P", "R", "N", "D", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]
PowerSource = Literal["main", "backup"]
Scalar = str | int | float | bool | None


class Sample(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One sample as sent. The order of the fields is the order of the database columns."""

    ts: (
        Annotated[int, Meta(description="Device time, ms since 1970.")]
        | Annotated[datetime, Meta(tz=True, description="Device time, RFC 3339 with offset.")]
    )
    seq: Annotated[int, Meta(ge=0, le=MAX_SEQ)] = 0
    vin: str | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    fix: bool | None = True
    heading_deg: Heading | None = None
    altitude_m: Altitude | None = None
    speed_kmh: Speed | None = None
    odometer_km: Odometer | None = None
    vehicle_state: VehicleState | None = None
    charge_state: ChargeState | None = None
    gear: Gear | None = None
    soc_pct: Soc | None = None
    pack_voltage_v: PackVoltage | None = None
    pack_current_a: PackCurrent | None = None
    insulation_kohm: Insulation | None = None
    cell_voltage_max_v: CellVoltage | None = None
    cell_voltage_min_v: CellVoltage | None = None
    temp_max_c: ProbeTemperature | None = None
    temp_min_c: ProbeTemperature | None = None
    alarm_level: AlarmLevel | None = None
    alarm_bits: AlarmBits | None = None
    power_source: PowerSource | None = None
    signal_dbm: Signal | None = None
    extra: dict[str, Scalar] | None = None


class Status(Struct, frozen=True, gc=False):
    """Whether a device is connected; `at` is its own time of saying so."""

    online: bool
    at: int | Annotated[datetime, Meta(tz=True)] | None = None


class Field(NamedTuple):
    """One measured field: its kind, its range or its choices, its unit and its meaning."""

    name: str
    kind: Literal["number", "integer", "flag", "choice"]
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    unit: str
    meaning: str


def _field_of(field: msgspec.inspect.Field) -> Field:
    union = field.type
    assert isinstance(union, msgspec.inspect.UnionType)
    inner = next(t for t in union.types if not isinstance(t, msgspec.inspect.NoneType))
    unit, meaning = "", ""
    if isinstance(inner, msgspec.inspect.Metadata):
        unit = (inner.extra or {}).get("unit", "")
        meaning = (inner.extra_json_schema or {}).get("description", "")
        inner = inner.type
    match inner:
        case msgspec.inspect.FloatType(ge=low, le=high):
            return Field(field.name, "number", low, high, (), unit, meaning)
        case msgspec.inspect.IntType(ge=low, le=high):
            return Field(field.name, "integer", low, high, (), unit, meaning)
        case msgspec.inspect.BoolType():
            return Field(field.name, "flag", None, None, (), unit, meaning)
        case msgspec.inspect.LiteralType(values=values):
            return Field(
                field.name, "choice", None, None, tuple(str(v) for v in values), unit, meaning
            )
    raise TypeError(f"Sample.{field.name} has a type the contract does not know: {inner}")


def _measured_fields() -> tuple[Field, ...]:
    info = msgspec.inspect.type_info(Sample)
    assert isinstance(info, msgspec.inspect.StructType)
    skip = {"ts", "seq", "vin", "extra"}
    return tuple(_field_of(f) for f in info.fields if f.name not in skip)


FIELDS: Final[tuple[Field, ...]] = _measured_fields()
"""The measured fields in column order, `lat` to `signal_dbm`."""
MEASURED: Final[tuple[str, ...]] = tuple(f.name for f in FIELDS)
