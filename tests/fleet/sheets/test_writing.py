"""What is written is read back the same, looks right in Excel, and is never a formula."""

# ruff: noqa: DTZ001 - a cell of a sheet has no zone
import csv
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fleet.sheets.cells import (
    parse_decimal,
    parse_integer,
    parse_money_fen,
    parse_percent,
    parse_yes_no,
)
from fleet.sheets.dates import parse_date, parse_instant, parse_month
from fleet.sheets.headers import find_table
from fleet.sheets.model import Form, Holds, is_blank
from fleet.sheets.reading import open_sheet
from fleet.sheets.rows import parse_row
from fleet.sheets.templates import template
from fleet.sheets.writing import as_csv, sheet_title, write_table
from tests.fleet.sheets.kinds import BOOK, COLUMNS

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "'=1",
    "''-x",
    "＝1",
    "=cmd|'/c calc'!A0",
]
PARSES: dict[Holds, Callable[[Any], Any]] = {
    "text": lambda value: value,
    "choice": lambda value: value,
    "integer": parse_integer,
    "decimal": parse_decimal,
    "money": parse_money_fen,
    "percent": parse_percent,
    "date": parse_date,
    "month": parse_month,
    "instant": parse_instant(),
    "yes_no": parse_yes_no,
}
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\n\t"),
    min_size=1,
).filter(lambda text: not text.isspace() and not is_blank(text))  # fmt: skip
decimals = st.decimals(0, 10**9, places=3)
VALUES: dict[Holds, st.SearchStrategy[Any]] = {
    "text": texts,
    "choice": texts,
    "integer": st.integers(-(10**12), 10**12),
    "decimal": decimals,
    "money": st.integers(-(10**11), 10**11),
    "percent": st.one_of(st.just(Decimal(0)), st.decimals(1, 100, places=2)),
    "date": st.dates(date(1950, 1, 1), date(2199, 12, 31)),
    "month": st.dates(date(1950, 1, 1), date(2199, 12, 31)).map(lambda day: day.replace(day=1)),
    "instant": st.datetimes(datetime(1992, 1, 1), datetime(2199, 1, 1)).map(
        lambda instant: instant.replace(microsecond=0, tzinfo=UTC)
    ),
    "yes_no": st.booleans(),
}
KINDS: tuple[Holds, ...] = tuple(VALUES)
HEADERS: list[tuple[str, Holds]] = [(f"列{holds}", holds) for holds in KINDS]
rows_of_all = st.lists(
    st.tuples(*[st.one_of(st.none(), VALUES[holds]) for holds in KINDS]), max_size=4
)


def read_back(path: Path) -> list[list[Any]]:
    with open_sheet(path) as sheet:
        return [values for _, values in sheet.rows]


def parsed(values: Sequence[Any]) -> tuple[Any, ...]:
    padded = [*values, *[None] * (len(KINDS) - len(values))]
    return tuple(
        None if value is None else PARSES[holds](value)
        for value, holds in zip(padded, KINDS, strict=True)
    )


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@settings(max_examples=60, deadline=None)
@given(rows=rows_of_all)
@example(rows=[(text, *[None] * 9) for text in FORMULAS])
@example(rows=[("_x0041_ _x000D_", "007", *[None] * 8), ("1.23E+16", "  两端 ", *[None] * 8)])
def test_what_is_written_is_read_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, form: Form, rows: list[tuple[Any, ...]]
) -> None:
    path = tmp_path_factory.getbasetemp() / f"back.{form}"
    assert write_table(HEADERS, rows, form, path) == len(rows)
    header, *back = read_back(path)
    assert header == [label for label, _ in HEADERS]
    assert [parsed(values) for values in back] == [row for row in rows if any_value(row)]


def any_value(row: tuple[Any, ...]) -> bool:
    return any(value is not None for value in row)


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_is_never_a_formula(text: str, tmp_path: Path) -> None:
    write_table([(text, "text")], [[text]], "xlsx", tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert {sheet["A1"].data_type, sheet["A2"].data_type} == {"s"}
    assert as_csv(text, "text") == "'" + text
    write_table([(text, "text")], [[text]], "csv", tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["'" + text]] * 2


def test_cells_have_types_and_formats(tmp_path: Path) -> None:
    row = ["文", "选", 12, Decimal("1.5"), 123456, Decimal(5), date(2026, 5, 1), date(2026, 5, 1)]
    instant = datetime(2026, 6, 30, 16, 0, 0, 999_999, tzinfo=UTC)
    path = tmp_path / "a.xlsx"
    write_table(HEADERS, [[*row, instant, True]], "xlsx", path, title="车辆/台账")
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert sheet.title == "车辆 台账"
    assert sheet.freeze_panes == "A2"
    assert [(cell.value, cell.number_format) for cell in sheet[2]] == [
        ("文", "@"),
        ("选", "@"),
        (12, "0"),
        (1.5, "General"),
        (1234.56, "#,##0.00"),
        (5, "0.######"),
        (datetime(2026, 5, 1), "yyyy-mm-dd"),
        (datetime(2026, 5, 1), 'yyyy"年"m"月"'),
        (datetime(2026, 7, 1), "yyyy-mm-dd hh:mm:ss"),
        ("是", "@"),
    ]
    assert sheet.column_dimensions["I"].width > 20


def test_csv_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    columns: list[tuple[str, Holds]] = [
        ("车架号", "text"), ("标签", "text"), ("价", "money"), ("月", "month"), ("起", "instant"),
    ]  # fmt: skip
    instant = datetime(2026, 6, 30, 16, tzinfo=UTC)
    rows = [["-V1", ("冷链", "同城"), -5, date(2026, 5, 1), instant], [None, (), None, None, None]]
    assert write_table(columns, rows, "csv", path) == 2
    assert path.read_bytes().decode() == (
        "\ufeff车架号,标签,价,月,起\r\n"
        "'-V1,冷链、同城,-0.05,2026-05,2026-07-01 00:00:00\r\n"
        ",,,,\r\n"
    )


def test_another_zone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    instant = datetime(2026, 6, 30, 16, tzinfo=UTC)
    write_table([("at", "instant")], [[instant]], "csv", path, zone="Asia/Tokyo")
    assert read_back(path) == [["at"], ["2026-07-01 01:00:00"]]


def test_a_table_without_rows(tmp_path: Path) -> None:
    for form in ("xlsx", "csv"):
        path = tmp_path / f"a.{form}"
        assert write_table([("VIN", "text")], [], form, path) == 0
        assert read_back(path) == [["VIN"]]


def test_a_day_before_excels_calendar_is_a_text(tmp_path: Path) -> None:
    write_table([("d", "date")], [[date(1899, 1, 1)]], "xlsx", tmp_path / "a.xlsx")
    assert read_back(tmp_path / "a.xlsx") == [["d"], ["1899-01-01"]]


def test_a_text_longer_than_a_cell_is_cut(tmp_path: Path) -> None:
    write_table([("t", "text")], [["长" * 40_000]], "xlsx", tmp_path / "a.xlsx")
    assert read_back(tmp_path / "a.xlsx")[1] == ["长" * 32_767]


@pytest.mark.parametrize(
    ("title", "taken"),
    [("a" * 40, "a" * 31), ("[x]:*?/\\", "x"), ("''", "Sheet1"), ("车辆", "车辆")],
)
def test_titles_of_sheets(title: str, taken: str) -> None:
    assert sheet_title(title) == taken


# Templates


def test_a_template_is_read_as_its_own_kind(tmp_path: Path) -> None:
    template(BOOK, tmp_path / "a.xlsx")
    with open_sheet(tmp_path / "a.xlsx") as sheet:
        assert (sheet.name, sheet.names) == ("车辆台账", ("车辆台账", "说明"))
        headers, rows = find_table(sheet.rows, COLUMNS)
        [row] = [parse_row(*each, COLUMNS, headers) for each in rows]
    assert list(headers.places) == [column.field for column in COLUMNS]
    assert (headers.unknown, headers.missing) == ((), ())
    assert headers.labels["vin"] == "*车架号"
    assert headers.labels["price_fen"] == "购置价(元)"
    assert [problem.code for problem in row.problems] == ["example_row"]
    assert (row.values["vin"], row.values["use_nature"]) == ("LSGPC52U6AF102554", "freight")


def test_a_template_explains_and_offers_choices(tmp_path: Path) -> None:
    template(BOOK, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    form, meanings = book.worksheets
    lists = {str(rule.sqref): rule.formula1 for rule in form.data_validations.dataValidation}
    assert lists == {"C2:C50001": '"货运,租赁"', "K2:K50001": '"是,否"'}
    assert form["A1"].font.color.rgb == "FFC00000"
    assert form["A2"].font.color.rgb == "FF808080"
    assert form["A2"].number_format == "@"
    assert [cell.value for cell in meanings[2]] == [
        *("车架号", "VIN", "是", "文字", "17 位", "17 characters", ""),
        "车辆识别代号、VIN码",
    ]
    assert meanings["G4"].value == "货运、租赁"
    assert meanings["A18"].value == "每行一辆车。"
