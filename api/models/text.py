"""Texts as they come in: bounded, and without characters that cannot be stored or shown."""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

_RFC_3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})",
)
_ISO_DAY: Final = re.compile(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_UNSEEN: Final = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
"""Control characters, lone surrogates, private use, and ends of lines. Not the unassigned: rare
characters of names are assigned every few years, later here than where they are typed."""
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They make a text look like another one."""


def is_plain(character: str) -> bool:
    """Whether a character may stand in a text that people read."""
    number = ord(character)
    is_none = number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF or number == 0xFEFF
    return not (is_none or character in _TURNING or unicodedata.category(character) in _UNSEEN)


def plain_text(text: str) -> str:
    """The text without surrounding space.

    Raises:
        PydanticCustomError: it holds a control character, or nothing.
    """
    for character in text:
        if not is_plain(character):
            named = {"character": f"U+{ord(character):04X}"}
            raise PydanticCustomError(
                "character_forbidden", "may not contain the character {character}", named
            )
    if not (stripped := text.strip()):
        raise PydanticCustomError("text_blank", "may not be empty")
    return stripped


def rfc_3339(given: Any) -> Any:
    """A time as the document says it; seconds since 1970 and times of no zone are none.

    Raises:
        PydanticCustomError: anything else.
    """
    if not isinstance(given, str) or not _RFC_3339.fullmatch(given):
        raise _no_instant()
    return given


def in_utc(instant: datetime) -> datetime:
    """The same instant as we tell it.

    Raises:
        PydanticCustomError: in UTC it lies before the year 1, or after 9999.
    """
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise _no_instant() from None


def _no_instant() -> PydanticCustomError:
    return PydanticCustomError(
        "instant_malformed",
        "should be a time of RFC 3339 with offset, such as 2026-11-21T08:00:00+08:00",
    )


def iso_day(given: Any) -> Any:
    """A day as the document says it, of the years 1900 to 2199; no instant, no number.

    Raises:
        PydanticCustomError: anything else.
    """
    if isinstance(given, str) and _ISO_DAY.fullmatch(given):
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass
    elif type(given) is date:
        return given
    raise PydanticCustomError("day_malformed", "should be a day such as 2026-11-21")


class Input(BaseModel):
    """A body: what it does not know, it refuses, and a number in a text is no number."""

    model_config = ConfigDict(extra="forbid", strict=True)


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(plain_text)]
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(plain_text)]
Code = Annotated[
    str,
    Field(
        min_length=1,
        max_length=63,
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="Code of an organisation: a–z, 0–9, hyphen.",
        examples=["shenzhen-nanshan"],
    ),
]
Vin = Annotated[
    str,
    Field(min_length=1, max_length=40, description="车架号 VIN.", examples=["LSGPC52U6AF102554"]),
    AfterValidator(plain_text),
]
Plate = Annotated[
    str,
    Field(min_length=1, max_length=20, description="号牌.", examples=["粤BD12345"]),
    AfterValidator(plain_text),
]
Serial = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="Serial number of a terminal, its MQTT user name.",
        examples=["TBOX-0001"],
    ),
]
Instant = Annotated[
    AwareDatetime,
    Field(
        strict=False,
        description="RFC 3339 with offset.",
        examples=["2026-11-21T08:00:00+08:00"],
    ),
    BeforeValidator(rfc_3339),
    AfterValidator(in_utc),
]
Day = Annotated[
    date,
    Field(strict=False, description="A day, YYYY-MM-DD.", examples=["2026-11-21"]),
    BeforeValidator(iso_day),
]
CodePath = Annotated[str, Path(max_length=63, description="Code of the organisation.")]
VinPath = Annotated[
    str, Path(max_length=40, description="车架号 VIN.", examples=["LSGPC52U6AF102554"])
]
SerialPath = Annotated[str, Path(max_length=64, description="Serial number of the terminal.")]
