"""Decides what a file is: by its first bytes, with which its name has to agree.

Leaves out whether it is a good picture, or a sheet that can be read (`fleet/sheets`).
"""

from typing import Final, NamedTuple

import puremagic

from fleet.documents.errors import DocumentTypeRefused

LOOKED_AT_BYTES: Final = 8_192
HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1"})
"""ISO/IEC 23008-12: `ftyp` at byte 4, then who wrote it; phones write these."""
SHEET_PART: Final = b"xl/workbook.xml"
"""A part that tells a sheet from other zipped things."""
CSV: Final = "text/csv"


class Format(NamedTuple):
    """A kind of file: what it is called over HTTP, and by puremagic."""

    media_type: str
    known_as: frozenset[str]


_JPEG: Final = Format("image/jpeg", frozenset({".jpg", ".jpeg", ".jfif"}))
_HEIC: Final = Format("image/heic", frozenset({".heic", ".heif"}))
FORMATS: Final[dict[str, Format]] = {
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": Format("image/png", frozenset({".png"})),
    "webp": Format("image/webp", frozenset({".webp"})),
    "heic": _HEIC,
    "heif": _HEIC,
    "pdf": Format("application/pdf", frozenset({".pdf"})),
    "xlsx": Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", frozenset({".xlsx"})
    ),
}
"""By the end of a name."""


def media_type_of(content: bytes, name: str) -> str:
    """What the file is.

    Raises:
        DocumentTypeRefused: it is of no kind that is kept, or not what its name says.
    """
    ending = ending_of(name)
    wanted = FORMATS.get(ending)
    if wanted is None or not wanted.known_as & kinds_of(content):
        raise DocumentTypeRefused(
            f"{name!r} is not one of {', '.join(sorted(FORMATS))}, or not what it says",
            name=name,
            allowed=sorted(FORMATS),
        )
    return wanted.media_type


def media_type_of_sheet(content: bytes, name: str) -> str:
    """As `media_type_of`, of what was read as a sheet before: a .csv is told by its name alone."""
    return CSV if ending_of(name) == "csv" else media_type_of(content, name)


def ending_of(name: str) -> str:
    """The end of a file's name.

    >>> ending_of("行驶证.JPG"), ending_of("photo")
    ('jpg', '')
    """
    _, dot, ending = name.rpartition(".")
    return ending.lower() if dot else ""


def kinds_of(content: bytes) -> set[str]:
    """What the bytes may be, as puremagic names it."""
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        return {".heic"}
    try:
        found = puremagic.magic_string(content[:LOOKED_AT_BYTES])
    except (puremagic.PureError, ValueError):
        return set()
    kinds = {match.extension for match in found}
    return kinds if SHEET_PART in content else kinds - {".xlsx"}
