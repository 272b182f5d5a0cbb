"""What papers print, as it comes in: months, numbers, days that stand for instants."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from api.models.text import in_utc, iso_day, plain_text, rfc_3339

_AWARE: Final = TypeAdapter(AwareDatetime)
_YEARS: Final = range(1990, 2200)


def day_or_instant(given: Any) -> date | datetime:
    """A day, or an instant of RFC 3339 in UTC; of the years 1990 to 2199.

    Raises:
        PydanticCustomError: anything else.
    """
    try:
        read: date = iso_day(given)
    except PydanticCustomError:
        try:
            read = in_utc(_AWARE.validate_python(rfc_3339(given)))
        except (PydanticCustomError, ValidationError):
            raise _no_day() from None
    if read.year not in _YEARS:
        raise _no_day()
    return read


def _no_day() -> PydanticCustomError:
    return PydanticCustomError(
        "day_or_instant_malformed",
        "should be a day such as 2026-07-01, or a time such as 2026-07-01T09:30:00+08:00",
    )


DayOrInstant = Annotated[
    date | datetime,
    PlainValidator(day_or_instant),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "format": "date-time"},
            ]
        }
    ),
]
Month = Annotated[
    str,
    Field(
        max_length=7,
        pattern=r"^(199[0-9]|2[01][0-9]{2})-(0[1-9]|1[0-2])$",
        description="A month as the licence prints it, YYYY-MM.",
        examples=["2027-05"],
    ),
]
PaperNumber = Annotated[
    str,
    Field(min_length=1, max_length=64, description="As printed: letters, digits, brackets, . _ -"),
    AfterValidator(plain_text),
]
PolicyNoPath = Annotated[
    str, Path(max_length=64, description="Number of the policy.", examples=["PDZA202644030001"])
]
PermitNoPath = Annotated[
    str,
    Path(
        max_length=64, description="Number of the permit.", examples=["粤交运管深字440300123456号"]
    ),
]
