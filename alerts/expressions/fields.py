"""What an expression may speak of: the fields of a sample, of its vehicle, and of the one before.

Decides their names and types; units, choices and meanings of measured fields are those of the
telemetry contract. Leaves out the frame that holds them: whoever runs an expression gives it the
columns it names.
"""

from dataclasses import dataclass
from typing import Final, Literal

import polars as pl
from polars.datatypes import DataType, DataTypeClass

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
    choices: tuple[str, ...] = ()


_SAMPLE: Final = tuple(
    ExpressionField(
        each.name,
        _TYPES[each.kind],
        each.unit,
        each.meaning or "One of the words beside it.",
        each.choices,
    )
    for each in MEASURED
    if each.name not in _LEFT_OUT
)
_BEFORE: Final = tuple(
    ExpressionField(
        f"previous.{each.name}", each.type, each.unit, "Its last known value before.", each.choices
    )
    for each in _SAMPLE
)
_VEHICLE: Final = (
    ExpressionField("vehicle.vin", "text", "", "Its VIN."),
    ExpressionField("vehicle.plate", "text", "", "Its plate."),
    ExpressionField("vehicle.model", "text", "", "Its model."),
    ExpressionField("vehicle.organisation", "text", "", "Code of the organisation it is run by."),
    ExpressionField("vehicle.groups", "list", "", "Codes of the vehicle groups it is in."),
    ExpressionField("vehicle.let", "bool", "", "Whether it is out on a lease."),
    ExpressionField("vehicle.lease_no", "text", "", "Number of that lease; unknown if not let."),
)
FIELDS: Final[dict[str, ExpressionField]] = {
    each.name: each
    for each in (
        *_SAMPLE,
        *_VEHICLE,
        *_BEFORE,
        ExpressionField(
            "seconds_since_previous",
            "double",
            "s",
            "Since the sample before, by the vehicle's clock.",
        ),
    )
}
"""All fields by name, in the order in which they are told."""
