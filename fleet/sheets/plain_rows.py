"""Gives the rows of a file as texts, for whoever reads a table of others' making, such as a bank's.

The safe reading is that of every sheet (`reading.py`): limits, encodings, delimiters, hidden
sheets. Decides only how a cell that is no text is written. Leaves out what the rows mean.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from fleet.sheets.cell_texts import as_text
from fleet.sheets.errors import CellProblem
from fleet.sheets.limits import MOST_ROWS, too_many_rows
from fleet.sheets.model import BadCell
from fleet.sheets.reading import open_sheet

PlainRow = tuple[int, list[str | None]]
"""Row number from 1 as Excel counts, and the texts up to the last that is not blank."""


@dataclass(frozen=True, slots=True)
class PlainTable:
    """The rows in which something stands. `date_1904`: days stored as numbers count from 1904."""

    rows: list[PlainRow]
    date_1904: bool = False


def read_plain_rows(content: bytes, *, most_rows: int = MOST_ROWS) -> PlainTable:
    """The rows of a workbook's first filled sheet, or of a .csv file.

    Raises:
        SheetRefused: the file may not be read, or has more rows; of the kind that fits.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        with open_sheet(path) as sheet:
            return PlainTable(list(_rows(sheet.rows, most_rows)), sheet.date_1904)


def _rows(rows: Iterator[tuple[int, list[Any]]], most_rows: int) -> Iterator[PlainRow]:
    for count, (row_no, values) in enumerate(rows):
        if count >= most_rows:
            raise too_many_rows(row_no, limit=most_rows)
        yield row_no, [plain_text_of(value) for value in values]


_BEYOND: Final = "{:.14e}"


def plain_text_of(value: Any) -> str | None:
    """What stands in a cell, as text; None for nothing.

    A number of more digits than Excel keeps is written with its exponent, so that nobody takes it
    for whole; an error cell as it is seen.

    >>> plain_text_of(1234.5), plain_text_of(6222021234567890123), plain_text_of(date(2026, 5, 1))
    ('1234.5', '6.22202123456789e+18', '2026-05-01')
    >>> plain_text_of(datetime(2026, 5, 1, 8, 30)), plain_text_of("  "), plain_text_of(True)
    ('2026-05-01 08:30:00', None, '是')
    """
    if value is None or isinstance(value, BadCell):
        return (value.text or None) if value else None
    if isinstance(value, datetime | date):
        in_full = {"sep": " ", "timespec": "seconds"} if isinstance(value, datetime) else {}
        return value.isoformat(**in_full)
    try:
        return as_text(value) or None
    except CellProblem:
        return _BEYOND.format(value) if isinstance(value, int | float) else str(value)[:500]


__all__ = ["PlainRow", "PlainTable", "plain_text_of", "read_plain_rows"]
