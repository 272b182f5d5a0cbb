"""Writes the template of a kind of sheet: what to fill in, an example, and what each column means.

Leaves out reading it back: it is read like any other sheet; its example row is told (`rows.py`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from fleet.sheets.model import Column, Holds, Kind
from fleet.sheets.rows import EXAMPLE_MARK
from fleet.sheets.writing import (
    NUMBER_FORMATS,
    column_width,
    header_format,
    sheet_title,
    streaming_workbook,
    write_cell,
)

VALIDATED_ROWS: Final = 50_000
LONGEST_LIST: Final = 255
"""Characters of a list of choices that Excel takes within a cell rule."""
HOLDS_ZH: Final[Mapping[Holds, str]] = {
    "text": "文字",
    "integer": "整数",
    "decimal": "数字",
    "money": "金额（元）",
    "percent": "百分比，例如 5%",
    "date": "日期，例如 2026-05-01",
    "month": "月份，例如 2026年5月",
    "instant": "时间，例如 2026-05-01 00:00",
    "yes_no": "是 / 否",
    "choice": "从列表中选择",
}


def template(kind: Kind, out: Path) -> None:
    """Write the template to `out`, as .xlsx: the sheet to fill in, and 说明 with every column."""
    with streaming_workbook(out) as workbook:
        _write_form(workbook, workbook.add_worksheet(sheet_title(kind.zh)), kind)
        _write_meanings(workbook, workbook.add_worksheet("说明"), kind)


def _write_form(workbook: Workbook, sheet: Worksheet, kind: Kind) -> None:
    sheet.freeze_panes(1, 0)
    plain = header_format(workbook)
    needed = workbook.add_format(
        {"bold": True, "bg_color": "#FBE5D6", "bottom": 1, "font_color": "#C00000"}
    )
    for place, column in enumerate(kind.columns):
        header = header_of(column)
        cells = workbook.add_format({"num_format": NUMBER_FORMATS[column.holds]})
        sheet.set_column(place, place, column_width(header, column.holds), cells)
        sheet.write_string(0, place, header, needed if column.required else plain)
        _offer_choices(sheet, place, column)
    for place, column in enumerate(kind.columns):
        write_cell(sheet, 1, place, column.example or None, _greyed(workbook, column))
    sheet.write_string(1, len(kind.columns), EXAMPLE_MARK, _greyed(workbook, None))


def header_of(column: Column) -> str:
    """What stands over the column: a star where it is required, the unit where it has one."""
    unit = "(元)" if column.holds == "money" else ""
    return f"{'*' if column.required else ''}{column.zh}{unit}"


def choices_of(column: Column) -> tuple[str, ...]:
    """What a template offers to choose from."""
    return ("是", "否") if column.holds == "yes_no" else column.choices


def _offer_choices(sheet: Worksheet, place: int, column: Column) -> None:
    choices = choices_of(column)
    if not choices or len(",".join(choices)) > LONGEST_LIST:
        return
    sheet.data_validation(
        1, place, VALIDATED_ROWS, place, {"validate": "list", "source": list(choices)}
    )


def _greyed(workbook: Workbook, column: Column | None) -> Format:
    number_format = NUMBER_FORMATS[column.holds] if column else "@"
    return workbook.add_format(
        {"font_color": "#808080", "italic": True, "num_format": number_format}
    )


def _write_meanings(workbook: Workbook, sheet: Worksheet, kind: Kind) -> None:
    wrap = workbook.add_format({"text_wrap": True, "valign": "top"})
    head = header_format(workbook)
    sheet.freeze_panes(1, 0)
    for place, (title, width) in enumerate(
        (
            *(("列", 18), ("Column", 18), ("必填", 6), ("内容", 22), ("说明", 50)),
            *(("Meaning", 50), ("可选值", 40), ("也可写作", 50)),
        )
    ):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, title, head)
    for row, column in enumerate(kind.columns, start=1):
        texts = (
            *(column.zh, column.en, "是" if column.required else "否", HOLDS_ZH[column.holds]),
            *(column.meaning_zh, column.meaning_en, "、".join(choices_of(column))),
            "、".join(column.synonyms),
        )
        for place, text in enumerate(texts):
            sheet.write_string(row, place, text, wrap)
    for row, note in enumerate((kind.note_zh, kind.note_en), start=len(kind.columns) + 2):
        sheet.write_string(row, 0, note)
