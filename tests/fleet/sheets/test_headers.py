"""Where the header of a sheet is found, and what each column is taken for."""

from typing import Any

import pytest

from fleet.sheets.errors import SheetEmpty, SheetHeaderNotFound
from fleet.sheets.headers import fields_by_word, find_table, match_headers, plain
from fleet.sheets.model import BadCell, Headers
from tests.fleet.sheets.kinds import COLUMNS

N = None
A_VEHICLE = ["LSGPC52U6AF102554", "粤BD12345"]
SHEETS: list[tuple[str, list[list[Any]], dict[str, int], int]] = [
    ("Chinese", [["车架号", "车牌号"], A_VEHICLE], {"vin": 0, "plate": 1}, 2),
    ("English, any case", [["PLATE", "vin"], A_VEHICLE], {"plate": 0, "vin": 1}, 2),
    ("field names", [["vin", "price_fen"], A_VEHICLE], {"vin": 0, "price_fen": 1}, 2),
    ("synonyms", [["车辆识别代号", "号牌号码"], A_VEHICLE], {"vin": 0, "plate": 1}, 2),
    ("line breaks and blanks", [["车 架\n号", " 车牌\u3000号 "]], {"vin": 0, "plate": 1}, 2),
    ("full-width letters", [["ＶＩＮ", "Ｐｌａｔｅ"]], {"vin": 0, "plate": 1}, 2),
    ("units in brackets", [["VIN(17位)", "购置价（元）"]], {"vin": 0, "price_fen": 1}, 2),
    ("stars and colons", [["*车架号：", "购置价【含税】"]], {"vin": 0, "price_fen": 1}, 2),
    ("a column without label", [["车架号", N, "车牌号"]], {"vin": 0, "plate": 2}, 2),
    (
        "titles above",
        [["2026年车辆台账"], [N, "制表：张三"], ["序号", "车架号"], [1, "LSGPC52U6AF102554"]],
        {"vin": 1},
        4,
    ),
    (
        "merged groups over names",
        [
            ["序号", "车架号", "交强险", N, "商业险", N, "备注"],
            [N, N, "保单号", "止", "保单号", "止", N],
            [1, *A_VEHICLE],
        ],
        {
            "vin": 1,
            "compulsory_no": 2,
            "compulsory_until": 3,
            "commercial_no": 4,
            "commercial_until": 5,
            "remarks": 6,
        },
        3,
    ),
    (
        "a group over names that stand for themselves",
        [["基本信息", N, "其他"], ["车架号", "车牌号", "备注"], A_VEHICLE],
        {"vin": 0, "plate": 1, "remarks": 2},
        3,
    ),
    (
        "a value that is also a name",
        [["车架号", "备注", "使用性质"], ["LSGPC52U6AF102554", "车牌号", "租赁"]],
        {"vin": 0, "remarks": 1, "use_nature": 2},
        2,
    ),
    (
        "the same header again on the next page",
        [["车架号", "车牌号"], A_VEHICLE, ["车架号", "车牌号"]],
        {"vin": 0, "plate": 1},
        2,
    ),
]


def numbered(rows: list[list[Any]]) -> list[tuple[int, list[Any]]]:
    return list(enumerate(rows, start=1))


@pytest.mark.parametrize(
    ("rows", "places", "first_data_row"), [s[1:] for s in SHEETS], ids=[s[0] for s in SHEETS]
)
def test_headers(rows: list[list[Any]], places: dict[str, int], first_data_row: int) -> None:
    headers = match_headers(numbered(rows), COLUMNS)
    assert (dict(headers.places), headers.first_data_row) == (places, first_data_row)


def test_what_a_header_tells() -> None:
    rows = [["车牌号", "车型颜色", "号牌号码", BadCell("cell_error", "", "", "#N/A"), "购置价(元)"]]
    assert match_headers([(7, rows[0])], COLUMNS) == Headers(
        first_row=7,
        first_data_row=8,
        places={"plate": 0, "price_fen": 4},
        labels={"plate": "车牌号", "price_fen": "购置价(元)"},
        unknown=("车型颜色",),
        missing=("vin",),
        repeated=("号牌号码",),
    )


def test_labels_of_two_rows_are_told_together() -> None:
    rows = [["车架号", "交强险", None], [None, "保单号", "经办人"]]
    headers = match_headers(numbered(rows), COLUMNS)
    assert headers.labels == {"vin": "车架号", "compulsory_no": "交强险保单号"}
    assert headers.unknown == ("交强险经办人",)


def test_a_unit_that_changes_the_number_makes_another_column() -> None:
    headers = match_headers([(1, ["VIN", "购置价(万元)"])], COLUMNS)
    assert dict(headers.places) == {"vin": 0}
    assert headers.unknown == ("购置价(万元)",)


@pytest.mark.parametrize("label", ["车架", "车架号码", "VINs", "购置价格", "牌号"])
def test_a_like_label_is_no_guess(label: str) -> None:
    headers = match_headers([(1, ["车牌号", label])], COLUMNS)
    assert headers.unknown == (label,)


def test_no_header_among_the_first_rows() -> None:
    rows = numbered([["张三", 1]] * 20 + [["车架号"]])
    with pytest.raises(SheetHeaderNotFound) as told:
        find_table(iter(rows), COLUMNS)
    assert told.value.facts["wanted"] == ["车架号"]
    assert told.value.facts["told_zh"] == "前 20 行中找不到表头，应包含：车架号"


def test_a_sheet_without_rows_is_empty() -> None:
    with pytest.raises(SheetEmpty):
        find_table(iter([]), COLUMNS)


def test_rows_below_the_header_all_come() -> None:
    rows = numbered([["台账"], ["车架号"], *[[f"V{n}"] for n in range(50)]])
    headers, below = find_table(iter(rows), COLUMNS)
    assert headers.first_row == 2
    assert list(below) == rows[2:]


def test_a_header_after_a_gap_is_not_joined_with_the_row_above_it() -> None:
    rows = [(1, ["交强险"]), (5, ["保单号", "车架号"])]
    assert dict(match_headers(rows, COLUMNS).places) == {"vin": 1}


def test_a_word_names_one_field() -> None:
    assert fields_by_word(COLUMNS)["号牌号码"] == "plate"
    with pytest.raises(ValueError, match="names vin and other"):
        fields_by_word([COLUMNS[0], type(COLUMNS[0])("other", "V I N", "x", (), str)])


def test_only_brackets_are_a_label_too() -> None:
    assert plain("（元）") == "元"
