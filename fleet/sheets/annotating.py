"""Writes a copy of a sheet that says, row by row, what came of it, to be corrected and sent again.

Two columns stand before the sheet's own: 导入结果 with few different words, to filter by, and 原因
with everything that is wrong. Cells at fault are red. Values are copied as they were read, dates
as dates; formulas become their results; looks, merges and other sheets are left out. The copy is
read like the sheet itself: the two columns are unknown to it, and ignored.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from fleet.sheets.model import BadCell, Headers, PercentCell, RowReport
from fleet.sheets.reading import Sheet, open_sheet
from fleet.sheets.writing import (
    NUMBER_FORMATS,
    WIDEST,
    column_width,
    header_format,
    sheet_title,
    streaming_workbook,
    write_cell,
)

OUTCOMES: Final[Mapping[str, str]] = {
    "new": "新增 new",
    "changed": "更新 changed",
    "same": "无变化 same",
    "bad": "错误 error",
}
OUTCOME_HEADER: Final = "导入结果 Result"
REASON_HEADER: Final = "原因 Reason"
_ADDED: Final = 2
"""Columns before the sheet's own."""


class _Looks(NamedTuple):
    """Formats by what a value is, plain and red."""

    plain: Mapping[type, Format]
    red: Mapping[type, Format]
    outcomes: Mapping[str, Format]
    head: Format


def annotate(
    source: Path,
    sheet: str | None,
    headers: Headers,
    reports: Iterable[tuple[int, RowReport]],
    out: Path,
) -> None:
    """Write the annotated copy of `sheet` of the file `source` to `out`, as .xlsx.

    `reports`: by row number as the sheet counts, ascending. Rows keep their numbers.

    Raises:
        SheetRefused: the source can no longer be read.
    """
    with open_sheet(source, sheet=sheet) as read, streaming_workbook(out) as workbook:
        copy = workbook.add_worksheet(sheet_title(read.name or "Sheet1"))
        looks = _looks(workbook)
        last = _copy_rows(copy, looks, read, headers, iter(reports))
        header_row = headers.first_data_row - 2
        copy.freeze_panes(headers.first_data_row - 1, _ADDED)
        copy.autofilter(header_row, 0, max(last, header_row), _ADDED + _last_place(headers))


def _last_place(headers: Headers) -> int:
    return max(headers.places.values(), default=0)


def _copy_rows(
    copy: Worksheet,
    looks: _Looks,
    read: Sheet,
    headers: Headers,
    reports: Iterator[tuple[int, RowReport]],
) -> int:
    """Copy every row; the index of the last."""
    copy.set_column(0, 0, column_width(OUTCOME_HEADER))
    copy.set_column(1, 1, WIDEST)
    for field, place in headers.places.items():
        copy.set_column(_ADDED + place, _ADDED + place, column_width(headers.labels[field]))
    due_no, due = next(reports, (None, None))
    index = 0
    for row_no, values in read.rows:
        index = row_no - 1
        if row_no < headers.first_data_row:
            _copy_header(copy, looks, headers, row_no, values)
            continue
        while due_no is not None and due_no < row_no:
            due_no, due = next(reports, (None, None))
        report = due if due_no == row_no else None
        red = _write_report(copy, looks, headers, index, report) if report else frozenset()
        _copy_values(copy, looks, index, values, red)
    return index


def _copy_header(
    copy: Worksheet, looks: _Looks, headers: Headers, row_no: int, values: Sequence[Any]
) -> None:
    is_last = row_no == headers.first_data_row - 1
    added = (OUTCOME_HEADER, REASON_HEADER) if is_last else (None, None)
    for place, value in enumerate(chain(added, values)):
        look = looks.head if row_no >= headers.first_row else looks.plain.get(type(value))
        write_cell(copy, row_no - 1, place, _writable(value), look)


def _write_report(
    copy: Worksheet, looks: _Looks, headers: Headers, index: int, report: RowReport
) -> frozenset[int]:
    """Write what came of the row; the places of the cells at fault."""
    copy.write_string(index, 0, OUTCOMES[report.outcome], looks.outcomes[report.outcome])
    sentences = [
        f"{_named(headers, problem.field)}{problem.zh} / {problem.en}"
        for problem in report.problems
    ]
    if sentences:
        write_cell(copy, index, 1, "\n".join(sentences), looks.plain[str])
    fields = {problem.field for problem in report.problems}
    return frozenset(place for field, place in headers.places.items() if field in fields)


def _named(headers: Headers, field: str | None) -> str:
    return f"【{headers.labels.get(field, field)}】" if field else ""


def _copy_values(
    copy: Worksheet, looks: _Looks, index: int, values: Sequence[Any], red: frozenset[int]
) -> None:
    width = max(len(values), max(red, default=-1) + 1)
    for place in range(width):
        value = values[place] if place < len(values) else None
        kinds = looks.red if place in red else looks.plain
        look = kinds.get(type(value), kinds[str] if place in red else None)
        if value is None and place in red:
            copy.write_blank(index, _ADDED + place, None, look)
        else:
            write_cell(copy, index, _ADDED + place, _writable(value), look)


def _writable(value: Any) -> Any:
    """What is written for a value that was read."""
    if isinstance(value, BadCell):
        return value.text
    if isinstance(value, time | timedelta):
        return str(value)
    return value


def _looks(workbook: Workbook) -> _Looks:
    number_formats: dict[type, str] = {
        str: NUMBER_FORMATS["text"],
        BadCell: NUMBER_FORMATS["text"],
        int: "General",
        float: "General",
        bool: "General",
        PercentCell: "0.00%",
        date: NUMBER_FORMATS["date"],
        datetime: NUMBER_FORMATS["instant"],
    }
    red = {"bg_color": "#F8CBAD", "font_color": "#9C0006"}
    return _Looks(
        {kind: workbook.add_format({"num_format": f}) for kind, f in number_formats.items()},
        {kind: workbook.add_format({"num_format": f, **red}) for kind, f in number_formats.items()},
        {
            "new": workbook.add_format({"font_color": "#006100"}),
            "changed": workbook.add_format({"font_color": "#1F4E79"}),
            "same": workbook.add_format({"font_color": "#808080"}),
            "bad": workbook.add_format({**red, "bold": True}),
        },
        header_format(workbook),
    )
