"""Real sheets: what is read from each, value by value."""
# ruff: noqa: DTZ001 - a cell of a sheet has no zone

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from fleet.sheets.errors import SheetEmpty, SheetNotFound
from fleet.sheets.headers import find_table
from fleet.sheets.model import BadCell, PercentCell
from fleet.sheets.reading import open_sheet
from fleet.sheets.rows import EXAMPLE_MARK, parse_row
from tests.fleet.sheets.kinds import COLUMNS
from tests.fleet.sheets.workbooks import RELATIONS, WORKBOOK, parts, table, workbook, zipped


def read(path: Path, sheet: str | None = None) -> list[tuple[int, list[Any]]]:
    with open_sheet(path, sheet=sheet) as opened:
        return list(opened.rows)


def test_a_real_book_from_title_to_values(tmp_path: Path) -> None:
    def fill(made: Workbook, sheet: Worksheet) -> None:
        day = made.add_format({"num_format": "yyyy/m/d"})
        month = made.add_format({"num_format": 'yyyy"年"m"月"'})
        percent = made.add_format({"num_format": "0%"})
        sheet.merge_range("A1:H1", "深圳一部车辆台账")
        sheet.merge_range("A2:A3", "车架号")
        sheet.merge_range("B2:B3", "注册\n日期")
        sheet.merge_range("C2:D2", "交强险")
        for place, label in enumerate(["保单号", "止"], start=2):
            sheet.write(2, place, label)
        for place, label in enumerate(["年检到期", "购置价（元）", "残值率", "座位数"], start=4):
            sheet.merge_range(1, place, 2, place, label)
        sheet.set_column("D:D", None, None, {"hidden": True})
        sheet.write_string("A4", "lsgpc52u6 af102554")
        sheet.write_datetime("B4", datetime(2024, 2, 29), day)
        sheet.write_string("C4", "PDZA２０２６0001")
        sheet.write_datetime("D4", datetime(2026, 6, 30), day)
        sheet.write_datetime("E4", datetime(2026, 5, 1), month)
        sheet.write_number("F4", 128000.1)
        sheet.write_number("G4", 0.05, percent)
        sheet.write_string("H4", "２")
        sheet.write_blank(200, 20, None, day)

    path = workbook(tmp_path / "a.xlsx", fill)
    with open_sheet(path) as opened:
        headers, rows = find_table(opened.rows, COLUMNS)
        [row] = [parse_row(*row, COLUMNS, headers) for row in rows]
    assert row.problems == []
    assert row.values == {
        "vin": "LSGPC52U6AF102554",
        "registered_on": date(2024, 2, 29),
        "compulsory_no": "PDZA20260001",
        "compulsory_until": datetime.fromisoformat("2026-06-30T16:00:00Z"),
        "valid_to": date(2026, 5, 1),
        "price_fen": 12800010,
        "residual_pct": 5,
        "seats": 2,
    }


def test_values_by_what_the_cell_holds(tmp_path: Path) -> None:
    def fill(made: Workbook, sheet: Worksheet) -> None:
        def shown(code: str) -> Any:
            return made.add_format({"num_format": code})

        sheet.write_row("A1", ["x", 12, 1.5, True, False])
        sheet.write_number("A2", 46143, shown("yyyy-mm-dd"))
        sheet.write_number("B2", 46143.25, shown("yyyy-mm-dd hh:mm"))
        sheet.write_number("C2", 46143, shown("yyyy/m/d h:mm"))
        sheet.write_number("D2", 0.25, shown("h:mm"))
        sheet.write_number("E2", 1.5, shown("[h]:mm"))
        sheet.write_number("F2", 0.055, shown("0.0%"))
        sheet.write_number("G2", 46143, shown('0"天"'))
        sheet.write_formula("A3", "=1+1", None, 2)
        sheet.write_formula("C3", "=B9", None, "#N/A")
        sheet.write_formula("D3", "=TODAY()", shown("yyyy-mm-dd"), 46143)
        sheet.write_url("E3", "https://example.com", None, "link")
        sheet.write_rich_string("F3", made.add_format({"bold": True}), "粗", "体")

    error = BadCell(
        "cell_error", "the cell holds the error #N/A", "单元格为错误值 #N/A（查找不到）", "#N/A"
    )
    rows = read(workbook(tmp_path / "a.xlsx", fill))
    assert rows == [
        (1, ["x", 12, 1.5, True, False]),
        (
            2,
            [
                *(date(2026, 5, 1), datetime(2026, 5, 1, 6), datetime(2026, 5, 1), time(6)),
                *(timedelta(days=1.5), PercentCell(0.055), 46143),
            ],
        ),
        (3, [2, None, error, date(2026, 5, 1), "link", "粗体"]),
    ]
    types = [type(value) for value in rows[1][1]]
    assert types == [date, datetime, datetime, time, timedelta, PercentCell, int]


def test_a_formula_that_was_never_computed_is_told(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.worksheets[0].append(["车架号", "购置价"])
    made.worksheets[0].append(["LSGPC52U6AF102554", "=1+1"])
    made.save(tmp_path / "a.xlsx")
    with open_sheet(tmp_path / "a.xlsx") as opened:
        headers, rows = find_table(opened.rows, COLUMNS)
        row = parse_row(*next(rows), COLUMNS, headers)
    [problem] = row.problems
    assert (problem.field, problem.code) == ("price_fen", "formula_not_computed")
    assert problem.zh == "公式没有计算结果，请先用 Excel 打开并保存"
    assert row.values == {"vin": "LSGPC52U6AF102554"}


def test_dates_since_1904(tmp_path: Path) -> None:
    def fill(made: Workbook, sheet: Worksheet) -> None:
        sheet.write_row("A1", ["VIN", "注册日期", "年检到期"])
        sheet.write_string("A2", "V1")
        sheet.write_datetime("B2", datetime(2026, 5, 1), made.add_format({"num_format": "d/m/yy"}))
        sheet.write_number("C2", 46143 - 1462)

    path = workbook(tmp_path / "a.xlsx", fill, {"date_1904": True})
    with open_sheet(path) as opened:
        assert opened.date_1904
        headers, rows = find_table(opened.rows, COLUMNS)
        [row] = [parse_row(*r, COLUMNS, headers, date_1904=True) for r in rows]
    assert row.values["registered_on"] == row.values["valid_to"] == date(2026, 5, 1)


def test_formats_that_chinese_excel_does_not_spell_out(tmp_path: Path) -> None:
    """Ids of the zh-CN locale, which openpyxl takes for plain numbers."""
    ids = [31, 57, 58, 32, 49]
    xfs = "".join(f'<xf numFmtId="{number}"/>' for number in ids)
    styles = (
        '<styleSheet><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        f"<cellXfs>{xfs}</cellXfs></styleSheet>"
    )
    cells = "".join(f'<c s="{style}"><v>46143</v></c>' for style in range(len(ids)))
    path = zipped(tmp_path / "a.xlsx", parts(f"<row>{cells}</row>", styles=styles))
    day = date(2026, 5, 1)
    assert read(path) == [(1, [day, day, day, datetime(2026, 5, 1), 46143])]


def test_sheets_hidden_and_empty_are_passed_over(tmp_path: Path) -> None:
    def fill(made: Workbook, sheet: Worksheet) -> None:
        sheet.write("A1", "hidden")
        made.add_worksheet("空表").write_blank("A1", None, made.add_format({"bold": True}))
        made.add_worksheet("台账").write("A1", "车架号")
        made.add_worksheet("另一张").write("A1", "车牌号")
        made.add_worksheet("绝密").very_hidden()
        made.add_chartsheet("图")
        made.get_worksheet_by_name("空表").activate()
        sheet.hide()

    path = workbook(tmp_path / "a.xlsx", fill)
    with open_sheet(path) as opened:
        assert opened.name == "台账"
        assert opened.names == ("空表", "台账", "另一张")
        assert opened.hidden == ("Sheet1", "绝密")
        assert list(opened.rows) == [(1, ["车架号"])]
    assert read(path, "另一张") == [(1, ["车牌号"])]
    assert read(path, "空表") == []
    for name in ("绝密", "没有"):
        with pytest.raises(SheetNotFound) as told:
            open_sheet(path, sheet=name)
        assert told.value.facts["names"] == ["空表", "台账", "另一张"]


def test_blank_rows_are_skipped_and_counted(tmp_path: Path) -> None:
    rows = [["a", None, None], [None, " "], ["\u3000"], [None], [None, "b", "  "]]
    with open_sheet(table(tmp_path / "a.xlsx", rows)) as opened:
        assert list(opened.rows) == [(1, ["a"]), (5, [None, "b"])]
        assert opened.blank_rows == 3


def test_a_workbook_with_nothing_in_it(tmp_path: Path) -> None:
    with pytest.raises(SheetEmpty):
        open_sheet(table(tmp_path / "a.xlsx", []))


def test_shared_texts_without_phonetic_hints_and_with_escapes(tmp_path: Path) -> None:
    strings = (
        "<sst><si><t>东</t><rPh sb='0' eb='1'><t>トウ</t></rPh></si>"
        "<si><r><t>a_x000D_</t></r><r><t xml:space='preserve'> b</t></r></si>"
        "<si><t>_x005F_x0041_</t></si></sst>"
    )
    cells = "".join(f'<c t="s"><v>{number}</v></c>' for number in range(3))
    path = zipped(tmp_path / "a.xlsx", parts(f"<row>{cells}</row>", strings=strings))
    assert read(path) == [(1, ["东", "a\r b", "_x0041_"])]


def test_what_others_write(tmp_path: Path) -> None:
    """Prefixed names, ISO dates, true as a word, rows and cells without their
    numbers, a formula whose result is the empty text."""
    sheet = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<x:sheetData><x:row><x:c t="d"><x:v>2026-05-01</x:v></x:c>'
        '<x:c t="b"><x:v>true</x:v></x:c></x:row>'
        '<x:row r="2"><x:c t="str"><x:f>""</x:f><x:v></x:v></x:c></x:row>'
        '<x:row r="3.0"><x:c r="C3" t="inlineStr"><x:is><x:t>甲</x:t></x:is></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )
    path = zipped(tmp_path / "a.xlsx", {**parts(), "xl/worksheets/sheet1.xml": sheet})
    assert read(path) == [(1, [date(2026, 5, 1), True]), (3, [None, None, "甲"])]


def test_strict_open_xml_and_absolute_targets(tmp_path: Path) -> None:
    def strict(text: str) -> str:
        return text.replace(
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            "http://purl.oclc.org/ooxml/officeDocument/relationships",
        ).replace(
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            "http://purl.oclc.org/ooxml/spreadsheetml/main",
        )

    relations = RELATIONS.replace('"worksheets', '"/xl/worksheets')
    path = zipped(
        tmp_path / "a.xlsx",
        {
            **parts("<row><c><v>1</v></c></row>"),
            "xl/workbook.xml": strict(WORKBOOK),
            "xl/_rels/workbook.xml.rels": strict(relations),
        },
    )
    assert read(path) == [(1, [1])]


CSV: list[tuple[str, bytes]] = [
    ("UTF-8", "车架号,备注\nV1,深圳\n".encode()),
    ("UTF-8 with a mark", "车架号,备注\r\nV1,深圳\r\n".encode("utf-8-sig")),
    ("GBK", "车架号,备注\r\nV1,深圳\r\n".encode("gbk")),
    ("GB 18030", "车架号;备注\r\nV1;深圳\r\n".encode("gb18030")),
    ("UTF-16", "车架号\t备注\r\nV1\t深圳\r\n".encode("utf-16")),
    ("semicolons", '车架号;备注\nV1;"深圳"\n'.encode()),
    ("a delimiter that is said", "sep=;\n车架号;备注\nV1;深圳".encode()),
    ("quotes", '"车架号","备注"\n"V1","深圳"\n'.encode()),
    ("trailing blanks", "车架号,备注,,\n,,,\nV1,深圳, ,\n\n".encode()),
]


@pytest.mark.parametrize("content", [c[1] for c in CSV], ids=[c[0] for c in CSV])
def test_csv(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert [values for _, values in read(path)] == [["车架号", "备注"], ["V1", "深圳"]]


def test_csv_keeps_what_is_quoted_and_numbers_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("a,\"1,5\n2\"\n\n'=x,'好\n".encode())
    assert read(path) == [(1, ["a", "1,5\n2"]), (3, ["=x", "'好"])]


def test_rows_required_blank_example_and_short() -> None:
    headers, _ = find_table(iter([(1, ["车架号", "车牌", "座位数"])]), COLUMNS)
    assert parse_row(2, ["V1"], COLUMNS, headers).values == {
        "vin": "V1",
        "plate": None,
        "seats": None,
    }
    blank = parse_row(3, ["\u3000", "粤B1", "两"], COLUMNS, headers)
    assert [(p.field, p.code) for p in blank.problems] == [
        ("vin", "required"),
        ("seats", "not_a_number"),
    ]
    assert blank.values == {"plate": "粤B1"}
    example = parse_row(4, ["V1", None, None, EXAMPLE_MARK], COLUMNS, headers)
    assert [(p.field, p.code) for p in example.problems] == [(None, "example_row")]
