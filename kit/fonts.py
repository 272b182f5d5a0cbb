"""Finds the fonts that come with the product, and which characters they can show.

Taken is the folder of `mplfonts`, without importing it: it would import what draws with it. Decides
that a character none of the fonts has is shown as 〓 and named, never left out silently: PDF/A
refuses what has no glyph, and a paper must not be stopped by a name.
"""

import importlib.util
import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

PACKAGE: Final = "mplfonts"
SERIF: Final = "NotoSerifCJKsc-Regular.otf"
SANS: Final = "NotoSansCJKsc-Regular.otf"
GETA: Final = "〓"
"""What printers set for a character they lack."""
_UNICODE_32: Final = 12
"""Format of the table that maps code points beyond U+FFFF."""


class FontsMissing(Exception):
    """The fonts are not installed; a fault of the installation."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which code points a font shows: ends and beginnings of runs, in order."""

    begins: Sequence[int]
    ends: Sequence[int]

    def shows(self, character: str) -> bool:
        """Whether there is a glyph for it."""
        number = ord(character)
        place = bisect_right(self.begins, number) - 1
        return place >= 0 and number <= self.ends[place]


@cache
def fonts_folder() -> Path:
    """Where the fonts lie.

    Raises:
        FontsMissing: the package or one of the two fonts is not there.
    """
    spec = importlib.util.find_spec(PACKAGE)
    places = [] if spec is None else list(spec.submodule_search_locations or ())
    if not places:
        raise FontsMissing(f"the package {PACKAGE} is not installed: it brings the fonts")
    folder = Path(places[0]) / "fonts"
    for name in (SERIF, SANS):
        if not (folder / name).is_file():
            raise FontsMissing(f"{folder / name} is missing: install {PACKAGE} again")
    return folder


@cache
def coverages() -> tuple[Coverage, ...]:
    """Those of the serif and the sans.

    Raises:
        FontsMissing: a font is missing, or is none.
    """
    return tuple(read_coverage(fonts_folder() / name) for name in (SERIF, SANS))


def shown_everywhere(character: str) -> bool:
    """Whether both fonts show it: a text stands in either."""
    return all(coverage.shows(character) for coverage in coverages())


def read_coverage(path: Path) -> Coverage:
    """What the `cmap` table of an OpenType font maps, format 12 (ISO/IEC 14496-22).

    Raises:
        FontsMissing: the file is no such font.
    """
    try:
        with path.open("rb") as file:
            head = file.read(12)
            tables = file.read(16 * struct.unpack(">H", head[4:6])[0])
            where = {
                tables[at : at + 4]: struct.unpack(">II", tables[at + 8 : at + 16])
                for at in range(0, len(tables), 16)
            }
            offset, length = where[b"cmap"]
            file.seek(offset)
            return _runs(file.read(length))
    except (OSError, KeyError, struct.error) as error:
        raise FontsMissing(f"{path} cannot be read as a font: {error}") from None


def _runs(table: bytes) -> Coverage:
    for place in range(struct.unpack(">H", table[2:4])[0]):
        offset = struct.unpack(">I", table[8 + 8 * place : 12 + 8 * place])[0]
        if struct.unpack(">H", table[offset : offset + 2])[0] == _UNICODE_32:
            count = struct.unpack(">I", table[offset + 12 : offset + 16])[0]
            begin = offset + 16
            groups = [
                struct.unpack(">II", table[begin + 12 * n : begin + 12 * n + 8])
                for n in range(count)
            ]
            return Coverage([first for first, _ in groups], [last for _, last in groups])
    raise KeyError("no table of all of Unicode")


def shown(text: str, unshown: set[str]) -> str:
    """The text as it can be printed; what cannot goes into `unshown` and is 〓.

    Marks that only choose between forms of a character, and joiners, are left out.
    """
    kept = []
    for character in unicodedata.normalize("NFC", text):
        if unicodedata.category(character) in ("Cf", "Cc") or is_selector(character):
            kept.append(" " if character in "\n\t" else "")
        elif shown_everywhere(character):
            kept.append(character)
        else:
            unshown.add(character)
            kept.append(GETA)
    return "".join(kept)


def is_selector(character: str) -> bool:
    """Whether it chooses a form of the character before it.

    >>> is_selector("\\ufe0f"), is_selector("\\U000e0100"), is_selector("龘")
    (True, True, False)
    """
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def all_shown(content: Any, unshown: set[str]) -> Any:
    """JSON with every text in it as it can be printed."""
    if isinstance(content, str):
        return shown(content, unshown)
    if isinstance(content, dict):
        return {name: all_shown(each, unshown) for name, each in content.items()}
    if isinstance(content, list | tuple):
        return [all_shown(each, unshown) for each in content]
    return content
