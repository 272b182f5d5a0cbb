"""Reads the rows of one worksheet as they stream by: row number and the cells that hold something.

Written on `XmlStream` rather than on openpyxl's rows, which keep a node a row, fill a row to the
last column of Excel, and cannot tell a formula that was never computed from an empty cell.
Leaves out what a cell means (`stored_cells.py`) and which sheet it is (`package.py`).
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import IO, Any, Final, NamedTuple

from fleet.sheets.errors import SheetUnreadable
from fleet.sheets.limits import (
    LAST_COLUMN,
    LAST_ROW,
    MOST_COLUMNS,
    MOST_ROWS,
    too_many_columns,
    too_many_rows,
)
from fleet.sheets.xml_stream import LONGEST_TEXT, XmlStream

_DIGITS: Final = "0123456789"


class StoredCell(NamedTuple):
    """A cell as the file has it: type, style and text of the value, None where it has none."""

    type: str
    style: int
    stored: str | None
    has_formula: bool


Convert = Callable[[StoredCell], Any]
"""What a stored cell holds; None for nothing."""


def was_filled(cell: StoredCell) -> bool | None:
    """Whether something stands in the cell; for counting without reading."""
    return True if cell.stored or cell.has_formula else None


def walk_rows(source: IO[bytes], part: str, convert: Convert) -> Iterator[tuple[int, list[Any]]]:
    """Rows in which something stands, in order: row number from 1, and values up to the last.

    Raises:
        SheetTooLarge: as soon as a row or cell beyond the limits comes by.
        SheetUnreadable: the part is broken.
    """
    rows = _Rows(part, convert)
    for _ in XmlStream(part, rows.start, rows.end).walk(source):
        while rows.finished:
            yield rows.finished.popleft()


class _Rows:
    """Takes the elements of a worksheet; finished rows wait to be fetched after each piece."""

    def __init__(self, part: str, convert: Convert) -> None:
        self.finished: deque[tuple[int, list[Any]]] = deque()
        self._part = part
        self._convert = convert
        self._columns: dict[str, int] = {}
        self._in_data = self._in_phonetic = False
        self._row_no = self._filled_rows = self._cells = 0
        self._row: dict[int, Any] = {}
        self._place = -1
        self._attributes: dict[str, str] = {}
        self._stored: str | None = None
        self._has_formula = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c" and self._in_data:
            self._start_cell(attributes)
        elif name == "f":
            self._has_formula = True
        elif name == "row" and self._in_data:
            self._start_row(attributes.get("r"))
        elif name == "sheetData":
            self._in_data = True
        elif name == "rPh":
            self._in_phonetic = True

    def end(self, name: str, text: str) -> None:
        if name == "v":
            self._stored = text
        elif name == "c":
            if self._in_data:
                self._end_cell()
        elif name == "t":
            if not self._in_phonetic:
                self._add_text(text)
        elif name == "row":
            self._end_row()
        elif name == "rPh":
            self._in_phonetic = False
        elif name == "sheetData":
            self._in_data = False

    def _add_text(self, text: str) -> None:
        self._stored = (self._stored or "") + text
        if len(self._stored) > LONGEST_TEXT:
            raise self._broken("a text is too long", "text_too_long")

    def _start_row(self, number: str | None) -> None:
        before = self._row_no
        self._row_no = before + 1 if number is None else self._number(number)
        if not before < self._row_no <= LAST_ROW:
            raise self._broken(f"row {number or self._row_no}")
        self._row = {}
        self._place = -1
        self._cells = 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        self._place = self._place + 1 if place is None else self._column(place)
        self._cells += 1
        if self._cells > LAST_COLUMN:
            raise too_many_columns(self._row_no, self._cells - 1)
        self._attributes = attributes
        self._stored = None
        self._has_formula = False

    def _end_cell(self) -> None:
        attributes = self._attributes
        if self._stored is None and not self._has_formula:
            return
        style = attributes.get("s")
        value = self._convert(
            StoredCell(
                attributes.get("t", "n"),
                self._number(style) if style else 0,
                self._stored,
                self._has_formula,
            )
        )
        if value is None:
            return
        if self._place >= MOST_COLUMNS:
            raise too_many_columns(self._row_no, self._place)
        self._row[self._place] = value

    def _end_row(self) -> None:
        if not self._row:
            return
        self._filled_rows += 1
        if self._filled_rows > MOST_ROWS:
            raise too_many_rows(self._row_no)
        values: list[Any] = [None] * (max(self._row) + 1)
        for place, value in self._row.items():
            values[place] = value
        self.finished.append((self._row_no, values))
        self._row = {}

    def _column(self, cell: str) -> int:
        """The place of `AB12`, from 0."""
        letters = cell.rstrip(_DIGITS)
        place = self._columns.get(letters)
        if place is None:
            if not (1 <= len(letters) <= 3 and letters.isascii() and letters.isalpha()):
                raise self._broken(f"cell {cell[:20]}")
            place = 0
            for letter in letters.upper():
                place = place * 26 + ord(letter) - ord("A") + 1
            self._columns[letters] = place = place - 1
        return place

    def _number(self, text: str) -> int:
        try:
            return int(text[:20])
        except ValueError:
            try:
                number = float(text[:20])
            except ValueError:
                number = 0.5
            if number.is_integer() and abs(number) <= LAST_ROW:
                return int(number)
            raise self._broken(f"number {text[:20]}") from None

    def _broken(self, what: str, reason: str = "broken") -> SheetUnreadable:
        return SheetUnreadable(
            f"{self._part} is damaged after row {self._row_no}: {what}",
            f"{self._part} 第 {self._row_no} 行之后损坏：{what}",
            reason=reason,
            part=self._part,
        )
