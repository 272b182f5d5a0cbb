"""The annotated copy: what came of each row, where the faults are, and the values untouched."""

# ruff: noqa: DTZ001 - a cell of a sheet has no zone
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from fleet.sheets.annotating import annotate
from fleet.sheets.errors import SheetUnreadable
from fleet.sheets.headers import find_table
from fleet.sheets.model import Headers, Problem, RowReport
from fleet.sheets.reading import open_sheet
from fleet.sheets.rows import parse_row
from tests.fleet.sheets.kinds import COLUMNS
from tests.fleet.sheets.workbooks import workbook

RED = "FFF8CBAD"


def book(path: Path) -> Path:
    def fill(made: Workbook, sheet: Worksheet) -> None:
        day = made.add_format({"num_format": "yyyy/m/d"})
        percent = made.add_format({"num_format": "0%"})
        sheet.write("A1", "台账")
        sheet.write_row("A3", ["车架号", "注册日期", "购置价", "残值率", "备注", "备用"])
        sheet.write_row("A4", ["V1", None, 100.5, None, "=1+1", 7])
        sheet.write_datetime("B4", datetime(2024, 2, 29), day)
        sheet.write_number("D4", 0.05, percent)
        sheet.write_string("E4", "=1+1")
        sheet.write_row("A6", [None, "1/5/2026", "很贵"])
        sheet.write_formula("F6", "=NA()", None, "#N/A")
        sheet.write_row("A7", ["V3"])

    return workbook(path, fill)


def judged(path: Path) -> tuple[Headers, list[tuple[int, RowReport]]]:
    with open_sheet(path) as sheet:
        headers, rows = find_table(sheet.rows, COLUMNS)
        reports: list[tuple[int, RowReport]] = []
        for row_no, values in rows:
            row = parse_row(row_no, values, COLUMNS, headers)
            outcome: Any = "bad" if row.problems else ("new" if row_no == 4 else "same")
            reports.append((row_no, RowReport(outcome, tuple(row.problems))))
    return headers, reports


def annotated(tmp_path: Path) -> Any:
    source = book(tmp_path / "a.xlsx")
    headers, reports = judged(source)
    annotate(source, None, headers, iter(reports), tmp_path / "b.xlsx")
    return openpyxl.load_workbook(tmp_path / "b.xlsx").worksheets[0]


def test_rows_keep_their_numbers_and_values(tmp_path: Path) -> None:
    sheet = annotated(tmp_path)
    assert sheet.title == "Sheet1"
    assert sheet["C1"].value == "台账"
    assert [cell.value for cell in sheet[3]] == [
        *(
            "导入结果 Result",
            "原因 Reason",
            "车架号",
            "注册日期",
            "购置价",
            "残值率",
            "备注",
            "备用",
        ),
    ]
    assert [cell.value for cell in sheet[4]] == [
        *("新增 new", None, "V1", datetime(2024, 2, 29), 100.5, 0.05, "=1+1", 7),
    ]
    assert sheet["D4"].number_format == "yyyy-mm-dd"
    assert sheet["F4"].number_format == "0.00%"
    assert sheet["G4"].data_type == "s"
    assert [cell.value for cell in sheet[5]] == [None] * 8
    assert sheet["A7"].value == "无变化 same"


def test_faults_are_red_and_told(tmp_path: Path) -> None:
    sheet = annotated(tmp_path)
    assert sheet["A6"].value == "错误 error"
    sentences = [sentence.split(" / ") for sentence in sheet["B6"].value.splitlines()]
    assert [zh for zh, _ in sentences] == [
        "【车架号】“车架号”为必填项",
        "【注册日期】内容为“1/5/2026”，应为年份在前的日期，例如 2026-05-01（日、月次序不明确）",
        "【购置价】内容为“很贵”，应为金额（元），例如 1234.50",
    ]
    assert sentences[0][1] == "VIN is required"
    assert [c.column_letter for c in sheet[6] if c.fill.fgColor.rgb == RED] == ["A", "C", "D", "E"]
    assert [c.column_letter for c in sheet[4] if c.fill.fgColor.rgb == RED] == []
    assert (sheet["D6"].value, sheet["H6"].value) == ("1/5/2026", "#N/A")


def test_the_errors_can_be_filtered(tmp_path: Path) -> None:
    sheet = annotated(tmp_path)
    assert sheet.auto_filter.ref == "A3:G7"
    assert sheet.freeze_panes == "C4"


def test_the_copy_is_read_like_the_sheet_itself(tmp_path: Path) -> None:
    annotated(tmp_path)
    headers, reports = judged(tmp_path / "b.xlsx")
    own_headers, own_reports = judged(tmp_path / "a.xlsx")
    assert dict(headers.labels) == dict(own_headers.labels)
    assert headers.unknown == ("导入结果 Result", "原因 Reason", "备用")
    assert reports == own_reports


def test_a_problem_of_the_whole_row_and_of_csv(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_bytes("车架号,备注\nV1,2026-05-01\n".encode("gbk"))
    headers, _ = judged(source)
    problem = Problem(None, "twice", "Twice in the sheet", "表中重复")
    annotate(source, None, headers, [(2, RowReport("bad", (problem,)))], tmp_path / "b.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx").worksheets[0]
    assert [cell.value for cell in sheet[2]] == [
        *("错误 error", "表中重复 / Twice in the sheet", "V1", "2026-05-01"),
    ]


def test_reports_of_rows_that_are_not_there_are_passed_over(tmp_path: Path) -> None:
    source = book(tmp_path / "a.xlsx")
    headers, _ = judged(source)
    same = RowReport("same")

    def reports() -> Iterator[tuple[int, RowReport]]:
        yield from [(2, same), (5, same), (7, RowReport("changed")), (9, same)]

    annotate(source, "Sheet1", headers, reports(), tmp_path / "b.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx").worksheets[0]
    column = [sheet[f"A{row_no}"].value for row_no in range(4, 10)]
    assert column == [None, None, None, "更新 changed", None, None]


def test_a_source_that_broke_meanwhile(tmp_path: Path) -> None:
    source = book(tmp_path / "a.xlsx")
    headers, reports = judged(source)
    source.write_bytes(source.read_bytes()[:500])
    with pytest.raises(SheetUnreadable):
        annotate(source, None, headers, reports, tmp_path / "b.xlsx")
