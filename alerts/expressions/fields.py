"""What an expression may speak of: the fields of a sample, of its vehicle, and of the one before.

Decides their names and types; units, choices, ranges and meanings of measured fields are those of
the telemetry contract. Leaves out what they are called (`words.py`), and the frame that holds
them: whoever runs an expression gives it the columns it names.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

import polars as pl
from polars.datatypes import DataType, DataTypeClass

from alerts.expressions import words
from schemas.telemetry import FIELDS as MEASURED

Type = Literal["int", "double", "text", "bool", "list", "null"]

_LEFT_OUT: Final = {"heading_deg", "altitude_m", "signal_dbm"}
_TYPES: Final[dict[str, Type]] = {
    "number": "double",
    "integer": "int",
    "flag": "bool",
    "choice": "text",
}
DTYPES: Final[dict[Type, DataType | DataTypeClass]] = {
    "int": pl.Int64,
    "double": pl.Float64,
    "text": pl.String,
    "bool": pl.Boolean,
    "list": pl.List(pl.String),
    "null": pl.Null,
}


@dataclass(frozen=True, slots=True)
class ExpressionField:
    """A name an expression may use; also the column that holds it."""

    name: str
    type: Type
    unit: str
    meaning: str
    called: words.Called
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    """What a number can be."""


_SAMPLE: Final = tuple(
    ExpressionField(
        each.name,
        _TYPES[each.kind],
        each.unit,
        each.meaning or words.SILENT[each.name],
        words.FIELDS[each.name],
        each.choices,
        each.low,
        each.high,
    )
    for each in MEASURED
    if each.name not in _LEFT_OUT
)
_BEFORE: Final = tuple(
    replace(
        each,
        name=f"previous.{each.name}",
        meaning="Its last known value before.",
        called=words.before(each.called),
    )
    for each in _SAMPLE
)


def _of_vehicle(name: str, kind: Type, meaning: str) -> ExpressionField:
    return ExpressionField(name, kind, "", meaning, words.FIELDS[name])


_VEHICLE: Final = (
    _of_vehicle("vehicle.vin", "text", "Its VIN."),
    _of_vehicle("vehicle.plate", "text", "Its plate."),
    _of_vehicle("vehicle.model", "text", "Its model."),
    _of_vehicle("vehicle.organisation", "text", "Code of the organisation it is run by."),
    _of_vehicle("vehicle.groups", "list", "Codes of the vehicle groups it is in."),
    _of_vehicle("vehicle.let", "bool", "Whether it is out on a lease."),
    _of_vehicle("vehicle.lease_no", "text", "Number of that lease; unknown if not let."),
)
_SINCE: Final = ExpressionField(
    "seconds_since_previous",
    "double",
    "s",
    "Since the sample before, by the vehicle's clock.",
    words.FIELDS["seconds_since_previous"],
)
FIELDS: Final[dict[str, ExpressionField]] = {
    each.name: each for each in (*_SAMPLE, *_VEHICLE, *_BEFORE, _SINCE)
}
"""All fields by name, in the order in which they are told."""
