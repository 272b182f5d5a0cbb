"""Writes tables as .xlsx or .csv, row by row, in memory that does not grow with them.

Decides what keeps a table harmless and readable: a text is never a formula, dates are dates, money
has two decimals, Excel reads the .csv as UTF-8. Leaves out which columns there are and what they
are called.
"""

import csv
import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Final, Literal

import xlsxwriter

Form = Literal["xlsx", "csv"]
Kind = Literal["text", "number", "money", "date", "instant"]
Cell = str | int | float | Decimal | date | datetime | None
"""An instant is without a zone: the local time it is to be read as."""

MEDIA_TYPES: Final[dict[Form, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
FORMATS: Final[dict[Kind, dict[str, str]]] = {
    "text": {"num_format": "@"},
    "number": {},
    "money": {"num_format": "#,##0.00"},
    "date": {"num_format": "yyyy-mm-dd"},
    "instant": {"num_format": "yyyy-mm-dd hh:mm:ss"},
}
WIDTHS: Final[dict[Kind, int]] = {"text": 20, "number": 12, "money": 14, "date": 12, "instant": 20}
LONGEST_TEXT: Final = 32_767
"""Of a cell, in UTF-16 units; Excel drops a longer one."""
MOST_DIGITS: Final = 10**15
"""From here on Excel would round a number."""
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""A text that begins so is a formula to a program that opens a .csv."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """What stands above a column, and how its cells look."""

    label: str
    kind: Kind = "text"


def write_table(
    columns: Sequence[TableColumn], rows: Iterable[Sequence[Cell]], form: Form, out: IO[bytes]
) -> None:
    """Write a header and the rows, each as long as `columns`; `out` stays open."""
    (_write_xlsx if form == "xlsx" else _write_csv)(columns, rows, out)


def _write_xlsx(
    columns: Sequence[TableColumn], rows: Iterable[Sequence[Cell]], out: IO[bytes]
) -> None:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        formats = [book.add_format(FORMATS[column.kind]) for column in columns]
        bold = book.add_format({"bold": True, "bottom": 1})
        for place, column in enumerate(columns):
            sheet.set_column(place, place, max(WIDTHS[column.kind], 2 * len(column.label)))
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.label, bold)
        for number, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                write_cell(sheet, number, place, cell, formats[place])


def write_cell(sheet: Any, row: int, place: int, cell: Cell, shape: Any) -> None:
    """Write a cell of a sheet as what it is; nothing for nothing, and for no number."""
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return
    write: Callable[..., Any] = sheet.write_string
    if isinstance(cell, date):  # an instant, too
        write = sheet.write_datetime
    elif isinstance(cell, int | float | Decimal) and -MOST_DIGITS < cell < MOST_DIGITS:
        write = sheet.write_number
    else:
        cell = shortened(str(cell))
    write(row, place, cell, shape)


def shortened(text: str) -> str:
    """The text as far as a cell holds it.

    >>> len(shortened("车" * 40_000)), shortened("车")
    (32767, '车')
    """
    if len(text.encode("utf-16-le")) // 2 <= LONGEST_TEXT:
        return text
    kept = text.encode("utf-16-le")[: 2 * (LONGEST_TEXT - 1)].decode("utf-16-le", "ignore")
    return kept + "…"


def _write_csv(
    columns: Sequence[TableColumn], rows: Iterable[Sequence[Cell]], out: IO[bytes]
) -> None:
    text = io.TextIOWrapper(out, "utf-8-sig", newline="", write_through=False)
    try:
        writer = csv.writer(text)
        writer.writerow([column.label for column in columns])
        kinds = [column.kind for column in columns]
        for row in rows:
            writer.writerow([_plain(cell, kind) for cell, kind in zip(row, kinds, strict=True)])
    finally:
        text.detach()


def _plain(cell: Cell, kind: Kind) -> str:
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, str):
        return disarmed(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    return f"{cell:.2f}" if kind == "money" else str(cell)


def disarmed(text: str) -> str:
    """The text, with an apostrophe before what would be a formula.

    >>> disarmed("=1+1"), disarmed("粤BD12345")
    ("'=1+1", '粤BD12345')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
