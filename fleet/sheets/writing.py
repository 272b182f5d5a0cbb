"""Writes tables as .xlsx or .csv, row by row, in bounded memory.

A text is always a text: what begins like a formula is never one, neither in a workbook (stored as
a string) nor in .csv (an apostrophe goes before = + - @, which `delimited.py` takes off again).
Instants are written in the zone, to the second; money in 元. Leaves out which rows.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from fleet.local_days import DEFAULT_ZONE
from fleet.sheets.cell_texts import LONGEST_CELL
from fleet.sheets.model import Form, Holds

LONGEST_TITLE: Final = 31
"""Characters, of Excel."""
NARROWEST: Final = 8
WIDEST: Final = 40
FIRST_DAY: Final = date(1900, 3, 1)
"""Excel's calendar is right from here on; earlier days are written as text."""
NUMBER_FORMATS: Final[dict[Holds, str]] = {
    "text": "@",
    "choice": "@",
    "yes_no": "@",
    "integer": "0",
    "decimal": "General",
    "money": "#,##0.00",
    "percent": "0.######",
    "date": "yyyy-mm-dd",
    "month": 'yyyy"年"m"月"',
    "instant": "yyyy-mm-dd hh:mm:ss",
}
_WIDTHS: Final[dict[Holds, int]] = {"date": 12, "month": 12, "instant": 20, "money": 14, "text": 14}
_FORMULA: Final = re.compile(r"'*[=+\-@＝＋－＠\t\r]")
_NOT_IN_TITLES: Final = re.compile(r"[\[\]:*?/\\]")


def write_table(
    columns: Sequence[tuple[str, Holds]],
    rows: Iterable[Sequence[Any]],
    form: Form,
    out: Path,
    *,
    zone: str = DEFAULT_ZONE,
    title: str = "Sheet1",
) -> int:
    """Write the rows under these headers to `out`; how many rows there were.

    Values are those of `Holds`: money in fen, instants aware; None is a blank cell; a sequence of
    texts is written with 、 between.
    """
    if form == "csv":
        return _write_csv(columns, rows, out, zone)
    return _write_workbook(columns, rows, out, zone, title)


def _write_csv(
    columns: Sequence[tuple[str, Holds]], rows: Iterable[Sequence[Any]], out: Path, zone: str
) -> int:
    count = 0
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([guarded(header) for header, _ in columns])
        for row in rows:
            writer.writerow(
                [as_csv(value, holds, zone) for value, (_, holds) in zip(row, columns, strict=True)]
            )
            count += 1
    return count


def as_csv(value: Any, holds: Holds, zone: str = DEFAULT_ZONE) -> str:
    """A value as .csv holds it; what reads it back gives the same value.

    >>> as_csv(-123450, "money"), as_csv("=1+1", "text"), as_csv(True, "yes_no")
    ('-1234.50', "'=1+1", '是')
    """
    written = as_written(value, holds, zone)
    if written is None:
        return ""
    if isinstance(written, str):
        return guarded(written)
    if isinstance(written, datetime):
        return written.isoformat(" ", "seconds")
    if holds == "month":
        return f"{written:%Y-%m}"
    if holds == "money":
        return f"{written:.2f}"
    return f"{written:f}" if isinstance(written, Decimal) else str(written)


def as_written(value: Any, holds: Holds, zone: str) -> Any:
    """A value as people read it: text, int, Decimal (元), date, or datetime of the zone."""
    if value is None:
        return None
    if holds == "yes_no":
        return "是" if value else "否"
    if holds == "money":
        return Decimal(value) / 100
    if holds == "instant":
        return value.astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0)
    if holds in {"text", "choice"}:
        text = "、".join(value) if isinstance(value, list | tuple) else str(value)
        return text[:LONGEST_CELL]
    return value


def guarded(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would read a formula."""
    return "'" + text if _FORMULA.match(text) else text


@contextmanager
def streaming_workbook(out: Path) -> Iterator[Workbook]:
    """A workbook that is written to disk row by row, and is complete once this is left."""
    workbook = Workbook(
        str(out),
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            "tmpdir": str(out.parent),
        },
    )
    try:
        yield workbook
    finally:
        workbook.close()


def _write_workbook(
    columns: Sequence[tuple[str, Holds]],
    rows: Iterable[Sequence[Any]],
    out: Path,
    zone: str,
    title: str,
) -> int:
    count = 0
    with streaming_workbook(out) as workbook:
        sheet = workbook.add_worksheet(sheet_title(title))
        head = header_format(workbook)
        sheet.freeze_panes(1, 0)
        formats = [workbook.add_format({"num_format": NUMBER_FORMATS[h]}) for _, h in columns]
        for place, (header, holds) in enumerate(columns):
            sheet.set_column(place, place, column_width(header, holds))
            sheet.write_string(0, place, header, head)
        for count, row in enumerate(rows, start=1):
            for place, (value, (_, holds)) in enumerate(zip(row, columns, strict=True)):
                write_cell(sheet, count, place, as_written(value, holds, zone), formats[place])
        if columns:
            sheet.autofilter(0, 0, count, len(columns) - 1)
    return count


def write_cell(
    sheet: Worksheet, row: int, place: int, value: Any, cell_format: Format | None = None
) -> None:
    """Write one value as its type says; never a formula. Rows and places count from 0."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value, cell_format)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, place, value, cell_format)
    elif isinstance(value, date) and _day(value) >= FIRST_DAY:
        sheet.write_datetime(row, place, value, cell_format)
    else:
        sheet.write_string(row, place, str(value)[:LONGEST_CELL], cell_format)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def header_format(workbook: Workbook) -> Format:
    """How a header looks."""
    return workbook.add_format(
        {"bold": True, "bg_color": "#DDE7F3", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
    )


def column_width(header: str, holds: Holds = "text") -> int:
    """Width of a column in characters; a Chinese one takes two.

    >>> column_width("车辆识别代号 VIN"), column_width("是否", "yes_no")
    (18, 8)
    """
    wanted = max(shown_width(header) + 2, _WIDTHS.get(holds, NARROWEST))
    return min(max(wanted, NARROWEST), WIDEST)


def shown_width(text: str) -> int:
    """How many narrow characters wide the text is."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def sheet_title(title: str) -> str:
    """A title that Excel takes as the name of a sheet."""
    return _NOT_IN_TITLES.sub(" ", title).strip(" '")[:LONGEST_TITLE].strip(" '") or "Sheet1"
