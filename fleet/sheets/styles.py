"""Decides how the cells of a workbook are shown: as a date, a time, a length of time or percent.

ECMA-376 part 1 §18.8.30. Ids 27–36 and 50–58 are formats of Chinese Excel that no file spells out.
"""

import re
from typing import IO, Final, Literal

from openpyxl.styles.numbers import BUILTIN_FORMATS, STRIP_RE, is_date_format, is_timedelta_format

from fleet.sheets.stored_numbers import parse_stored_number
from fleet.sheets.xml_stream import XmlStream

Shows = Literal["date", "instant", "span", "percent"]
MOST_FORMATS: Final = 10_000
LONGEST_FORMAT: Final = 255
_CHINESE: Final[dict[int, Shows]] = {
    **dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), "date"),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "instant"),
}
_CLOCK: Final = re.compile(r"(?<![_\\])[hHsS]")


def shown_by(code: str) -> Shows | None:
    """What cells of this number format show; None for plain numbers and texts.

    >>> shown_by('yyyy"年"m"月"d"日"'), shown_by("yyyy/m/d h:mm"), shown_by("0.0%"), shown_by("0")
    ('date', 'instant', 'percent', None)
    """
    if is_timedelta_format(code):
        return "span"
    bare = STRIP_RE.sub("", code.split(";", maxsplit=1)[0])
    if is_date_format(code):
        return "instant" if _CLOCK.search(bare) else "date"
    return "percent" if "%" in bare else None


def read_styles(source: IO[bytes], part: str) -> dict[int, Shows]:
    """What the cells of each style show, by the number of the style.

    Raises:
        SheetUnreadable: the part is broken.
    """
    formats = {number: shown_by(code) for number, code in BUILTIN_FORMATS.items()}
    shows: dict[int, Shows] = {}
    in_cell_styles = False
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal in_cell_styles, count
        number = parse_stored_number(attributes.get("numFmtId", "0"))
        if not isinstance(number, int):
            number = 0
        if name == "numFmt" and len(formats) < MOST_FORMATS:
            formats[number] = shown_by(attributes.get("formatCode", "")[:LONGEST_FORMAT])
        elif name == "cellXfs":
            in_cell_styles = True
        elif name == "xf" and in_cell_styles:
            found = formats[number] if number in formats else _CHINESE.get(number)
            if found is not None:
                shows[count] = found
            count += 1

    def end(name: str, _: str) -> None:
        nonlocal in_cell_styles
        if name == "cellXfs":
            in_cell_styles = False

    XmlStream(part, start, end).read(source)
    return shows
