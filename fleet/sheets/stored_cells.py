"""Decides what a stored cell of a workbook holds: text, number, date, yes or no, or nothing usable.

Excel stores a date as a number with a date format, so how a cell is shown (`styles.py`) is asked.
A date is told from an instant by its format: the day 2026-07-01, or 2026-07-01 00:00.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import IO, Any, Final

from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel, from_ISO8601

from fleet.sheets.errors import SheetTooLarge
from fleet.sheets.model import BadCell, PercentCell
from fleet.sheets.package import Package, broken
from fleet.sheets.stored_numbers import LONGEST_NUMBER, parse_stored_number
from fleet.sheets.styles import Shows, read_styles
from fleet.sheets.worksheet import StoredCell
from fleet.sheets.xml_stream import LONGEST_TEXT, XmlStream

MOST_TEXT_BYTES: Final = 150 * 1024 * 1024
"""Of all shared texts of a workbook, as they stand in memory."""
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ERRORS: Final = {
    "#N/A": "查找不到",
    "#REF!": "引用无效",
    "#DIV/0!": "除数为零",
    "#NAME?": "名称无法识别",
    "#VALUE!": "值类型错误",
    "#NUM!": "数字错误",
    "#NULL!": "区域无交集",
}


class CellReader:
    """Turns stored cells of one workbook into values."""

    def __init__(self, package: Package) -> None:
        self._epoch = MAC_EPOCH if package.date_1904 else WINDOWS_EPOCH
        self._strings: Sequence[str] = ()
        self._styles: Mapping[int, Shows] = {}
        if package.styles_part is not None:
            with package.open_part(package.styles_part) as source:
                self._styles = read_styles(source, package.styles_part)
        if package.strings_part is not None:
            with package.open_part(package.strings_part) as source:
                self._strings = read_strings(source, package.strings_part)

    def __call__(self, cell: StoredCell) -> Any:
        """The value: str, int, float, bool, date, datetime, time, timedelta, BadCell, or None.

        Raises:
            SheetUnreadable: it points at a shared text that is not there.
        """
        stored = cell.stored
        if stored is None or (stored == "" and cell.type != "str"):
            return not_computed() if cell.has_formula else None
        if cell.type == "n":
            return self._number(cell, stored)
        if cell.type == "s":
            return self._shared(stored)
        by_type = _BY_TYPE.get(cell.type)
        return by_type(stored) if by_type else unescaped(stored) or None

    def _number(self, cell: StoredCell, text: str) -> Any:
        number = parse_stored_number(text)
        if number is None:
            return error_value(text)
        shows = self._styles.get(cell.style)
        if shows is None:
            return number
        if shows == "percent":
            return PercentCell(number)
        try:
            held = from_excel(number, self._epoch, timedelta=shows == "span")
        except (OverflowError, ValueError):
            return BadCell(
                "date_out_of_range",
                f"{text} is formatted as a date but is none",
                f"{text} 设为日期格式但不是有效日期",
                text[:LONGEST_NUMBER],
            )
        assert held is None or isinstance(held, datetime | time | timedelta)
        if shows == "date" and isinstance(held, datetime) and held.time() == time():
            return held.date()
        return held

    def _shared(self, stored: str) -> str | None:
        number = parse_stored_number(stored)
        if not isinstance(number, int) or not 0 <= number < len(self._strings):
            raise broken()
        return self._strings[number] or None


def not_computed() -> BadCell:
    """A formula whose result the file does not hold."""
    return BadCell(
        "formula_not_computed",
        "a formula without its result; open the file in Excel and save it first",
        "公式没有计算结果，请先用 Excel 打开并保存",
        "=",
    )


def error_value(text: str) -> BadCell:
    """An error such as #N/A."""
    shown = text[:LONGEST_NUMBER]
    meaning = _ERRORS.get(shown)
    return BadCell(
        "cell_error",
        f"the cell holds the error {shown}",
        f"单元格为错误值 {shown}" + (f"（{meaning}）" if meaning else ""),
        shown,
    )


def _iso_date(text: str) -> Any:
    try:
        return from_ISO8601(text[:LONGEST_NUMBER])  # type: ignore[no-untyped-call]
    except ValueError:
        return error_value(text)


def _truth(text: str) -> bool:
    return text.strip() in {"1", "true"}


_BY_TYPE: Final[Mapping[str, Callable[[str], Any]]] = {
    "b": _truth,
    "e": error_value,
    "d": _iso_date,
}
"""The rest is text: `str`, the result of a formula, and `inlineStr`."""


def unescaped(text: str) -> str:
    """The text without the escapes of a workbook for characters XML does not hold.

    >>> unescaped("a_x000D_b _x005F_x0041_")
    'a\\rb _x0041_'
    """
    if "_x" not in text:
        return text
    return _ESCAPED.sub(_character, text)


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1], 16)
    return escape[0] if 0xD800 <= code <= 0xDFFF or code == 0 else chr(code)


def read_strings(source: IO[bytes], part: str) -> list[str]:
    """The shared texts, without their formats and phonetic hints.

    Raises:
        SheetTooLarge: they take more memory than is given.
        SheetUnreadable: the part is broken.
    """
    strings: list[str] = []
    pieces: list[str] = []
    phonetic = 0
    size = length = 0

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal phonetic, length
        if name == "si":
            pieces.clear()
            length = 0
        elif name == "rPh":
            phonetic += 1

    def end(name: str, text: str) -> None:
        nonlocal phonetic, size, length
        if name == "t" and not phonetic:
            pieces.append(text)
            length += len(text)
            if length > LONGEST_TEXT:
                raise _too_much_text()
        elif name == "rPh":
            phonetic -= 1
        elif name == "si":
            held = unescaped("".join(pieces))
            size += sys.getsizeof(held) + 8
            if size > MOST_TEXT_BYTES:
                raise _too_much_text()
            strings.append(held)

    XmlStream(part, start, end).read(source)
    return strings


def _too_much_text() -> SheetTooLarge:
    return SheetTooLarge(
        f"The texts of the workbook take more than {MOST_TEXT_BYTES // 1024 // 1024} MiB",
        f"工作簿中的文本超过 {MOST_TEXT_BYTES // 1024 // 1024} MiB",
        reason="text",
        limit=MOST_TEXT_BYTES,
    )
