"""Which names a file may have in a case file, so that it can be unpacked anywhere and nowhere else.

Refused are names that leave the folder, that a system reads as something else, or that two systems
take for one. Leaves out what the names are.
"""

import re
import unicodedata
from typing import Final

LONGEST_PATH: Final = 400
LONGEST_NAME: Final = 100
_HOSTILE: Final = re.compile(
    r'[\x00-\x1f\x7f-\x9f\ud800-\udfff<>:"\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]'
)
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def is_safe(path: str) -> bool:
    """Whether the path stays within the folder it is unpacked to, on every system.

    >>> is_safe("hand-overs/1/record.json"), is_safe("../etc/passwd"), is_safe("/etc/passwd")
    (True, False, False)
    >>> is_safe("C:/x"), is_safe("a//b"), is_safe("con.txt"), is_safe("a/"), is_safe("a\\\\b")
    (False, False, False, False, False)
    """
    if not path or len(path) > LONGEST_PATH or _HOSTILE.search(path):
        return False
    return all(_is_safe_part(part) for part in path.split("/"))


def _is_safe_part(part: str) -> bool:
    if part in ("", ".", "..") or part != part.strip(" ") or part.endswith("."):
        return False
    return _RESERVED.fullmatch(part) is None


def same_name(path: str) -> str:
    """Paths of which this is equal are one file on some system.

    >>> same_name("A/B.csv") == same_name("a/b.CSV")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def safe_part(name: str) -> str:
    """A name people gave as a part of a path.

    >>> safe_part("../右后门:1.jpg"), safe_part("con.jpg"), safe_part("…"), safe_part(" . ")
    ('_右后门_1.jpg', '_con.jpg', '…', '_')
    """
    plain = _HOSTILE.sub("_", unicodedata.normalize("NFC", name).replace("/", "_")).strip(" .")
    if len(plain) > LONGEST_NAME:
        stem, dot, end = plain.rpartition(".")
        kept = LONGEST_NAME - len(dot + end)
        plain = stem[:kept] + dot + end if dot and len(end) <= 8 else plain[:LONGEST_NAME]
        plain = plain.strip(" .")
    return plain if plain and _is_safe_part(plain) else f"_{plain}"
