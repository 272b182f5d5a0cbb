"""Cells as people fill them: what is taken, and what is a problem."""
# ruff: noqa: DTZ001 - a cell of a sheet has no zone

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.sheets.cells import (
    decimal_between,
    integer_between,
    money_at_least,
    parse_choice,
    parse_code,
    parse_decimal,
    parse_integer,
    parse_money_fen,
    parse_percent,
    parse_tags,
    parse_text,
    parse_yes_no,
    text_up_to,
)
from fleet.sheets.errors import CellProblem
from fleet.sheets.model import PercentCell

use_nature = parse_choice(
    {
        "freight": "freight",
        "货运": "freight",
        "营运货运": "freight",
        "lease": "lease",
        "租赁": "lease",
    }
)

TAKEN: list[tuple[str, Callable[[Any], Any], Any, Any]] = [
    ("text trimmed", parse_text, "  深圳一部\u3000", "深圳一部"),
    ("full-width letters and digits", parse_text, "粤Ｂ１２３４５", "粤B12345"),
    ("number without .0", parse_text, 13800138000.0, "13800138000"),
    ("number with decimals", parse_text, 0.1 + 0.2, "0.3"),
    ("leading zeros of a text stay", parse_text, "00123", "00123"),
    ("zero-width characters drop out", parse_text, "\ufeff深\u200b圳", "深圳"),
    ("line breaks stay", parse_text, "深圳\n南山", "深圳\n南山"),
    ("a yes as text", parse_text, True, "是"),
    ("a day as text", parse_text, date(2026, 5, 1), "2026-05-01"),
    ("percent as text", parse_text, PercentCell(0.055), "5.5%"),
    ("code: blanks within, small letters", parse_code, " lgxc16df 4a0000001 ", "LGXC16DF4A0000001"),
    ("code: full width", parse_code, "粤Ｂｄ１２３４５", "粤BD12345"),
    ("integer as text", parse_integer, "１２，０００", 12000),
    ("integer as float", parse_integer, 36.0, 36),
    ("negative", parse_integer, "-3", -3),
    ("integer at a bound", integer_between(1, 9), 9, 9),
    ("decimal of a binary fraction", parse_decimal, 0.1 + 0.2, Decimal("0.3")),
    ("decimal as text", parse_decimal, " 1,234.50 ", Decimal("1234.50")),
    ("decimal at a bound", decimal_between(0, Decimal("1.5")), "1.5", Decimal("1.5")),
    ("percent with sign", parse_percent, "5％", Decimal(5)),
    ("percent without sign", parse_percent, 5, Decimal(5)),
    ("percent by the cell's format", parse_percent, PercentCell(0.05), Decimal("5.00")),
    ("percent small, with sign", parse_percent, "0.5%", Decimal("0.5")),
    ("percent zero", parse_percent, 0, Decimal(0)),
    ("yuan with 2 decimals", parse_money_fen, "12345.60", 1234560),
    ("yuan with thousands", parse_money_fen, "12,345.6", 1234560),
    ("yuan with sign ￥", parse_money_fen, "￥ 980", 98000),
    ("yuan with 元", parse_money_fen, "980元", 98000),
    ("万", parse_money_fen, "1.2万", 1200000),
    ("万元, as ￥", parse_money_fen, "￥12.58万元", 12580000),
    ("negative yuan", parse_money_fen, "-¥3.20", -320),
    ("whole number", parse_money_fen, 128000, 12800000),
    ("binary fraction next to a fen", parse_money_fen, 1234.1000000000001, 123410),
    ("binary fraction 0.1 + 0.2", parse_money_fen, 0.1 + 0.2, 30),
    ("at least", money_at_least(0), "0", 0),
    ("yes 是", parse_yes_no, "是", True),
    ("yes √", parse_yes_no, " √ ", True),
    ("yes Y full-width", parse_yes_no, "Ｙ", True),
    ("no 0", parse_yes_no, 0, False),
    ("no ×", parse_yes_no, "×", False),
    ("no false", parse_yes_no, False, False),
    ("choice in Chinese", use_nature, " 营运 货运", "freight"),
    ("choice in English, any case", use_nature, "LEASE", "lease"),
    ("tags", parse_tags, "冷链、同城；冷链, VIP", ("冷链", "同城", "VIP")),
]  # fmt: skip

REFUSED: list[tuple[str, Callable[[Any], Any], Any, str, str]] = [
    ("long number", parse_text, 12345678901234567, "digits_lost", "只保留 15 位"),
    ("long float", parse_text, 1.23e16, "digits_lost", "设为文本"),
    ("long number shown as text", parse_text, "1.23E+16", "digits_lost", "“1.23E+16”"),
    ("only invisible characters", parse_text, "\u200b", "not_text", "应为文字"),
    ("text too long", text_up_to(5), "深圳市南山区", "too_long", "最多 5 个"),
    ("longer than a cell", parse_yes_no, "是" * 40_000, "too_long", "最多 32767 个"),
    ("word for an integer", parse_integer, "三", "not_a_number", "“三”"),
    ("date for an integer", parse_integer, datetime(2026, 5, 1), "not_a_number", "2026-05-01"),
    ("yes for an integer", parse_integer, True, "not_a_number", "应为数字"),
    ("fraction for an integer", parse_integer, 1.5, "not_whole", "应为整数"),
    ("commas not at thousands", parse_decimal, "1,23", "not_a_number", "“1,23”"),
    ("unit behind a number", parse_decimal, "100km", "not_a_number", "“100km”"),
    ("scientific text", parse_decimal, "1e3", "not_a_number", "“1e3”"),
    ("infinite", parse_decimal, "inf", "not_a_number", "“inf”"),
    ("beyond a bound", integer_between(1, 9), "10", "out_of_range", "1 到 9"),
    ("decimal beyond", decimal_between(0, 1), "1.01", "out_of_range", "0 到 1"),
    ("percent or fraction?", parse_percent, 0.05, "percent_ambiguous", "“0.05%”或“5%”"),
    ("more than all", parse_percent, "120%", "out_of_range", "0% 到 100%"),
    ("three decimals", parse_money_fen, "1.005", "more_than_two_decimals", "最多两位小数"),
    ("three decimals in a float", parse_money_fen, 1.005, "more_than_two_decimals", "1.005"),
    ("money in words", parse_money_fen, "壹佰元", "not_money", "“壹佰元”"),
    ("two amounts", parse_money_fen, "100+50", "not_money", "例如 1234.50"),
    ("astronomical", parse_money_fen, "9" * 15, "out_of_range", "较小的金额"),
    ("below the least", money_at_least(0), "-1", "out_of_range", "不少于 0.00 元"),
    ("maybe", parse_yes_no, "可能", "not_yes_no", "“可能”"),
    ("no such choice", use_nature, "客运", "not_a_choice", "货运、租赁"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("parse", "cell", "value"), [c[1:] for c in TAKEN], ids=[c[0] for c in TAKEN]
)
def test_taken(parse: Callable[[Any], Any], cell: Any, value: Any) -> None:
    parsed = parse(cell)
    assert (parsed, type(parsed)) == (value, type(value))


@pytest.mark.parametrize(
    ("parse", "cell", "code", "words"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_refused(parse: Callable[[Any], Any], cell: Any, code: str, words: str) -> None:
    with pytest.raises(CellProblem) as told:
        parse(cell)
    assert told.value.code == code
    assert words in told.value.zh
    assert "stand" in told.value.en


def test_a_choice_lists_the_words_of_each_language_once_a_meaning() -> None:
    with pytest.raises(CellProblem) as told:
        use_nature("客运")
    assert told.value.en == "“客运” stands there; expected one of: freight, lease"
    assert told.value.zh == "内容为“客运”，应为货运、租赁"


def test_what_stands_there_is_cut_short() -> None:
    with pytest.raises(CellProblem) as told:
        parse_yes_no("长" * 10_000)
    assert told.value.zh == f"内容为“{'长' * 39}…”，应为是或否"


@given(st.integers(-(10**11), 10**11))
def test_money_in_yuan_as_excel_stores_it_is_the_same_fen(fen: int) -> None:
    assert parse_money_fen(fen / 100) == fen
    assert parse_money_fen(f"{Decimal(fen) / 100:,.2f}") == fen


@given(
    st.one_of(
        st.text(), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.times()
    ),
    st.sampled_from(
        [
            *(parse_text, parse_code, parse_integer, parse_decimal, parse_percent),
            *(parse_money_fen, parse_yes_no, parse_tags, use_nature),
        ]
    ),
)
def test_whatever_stands_there_is_a_value_or_a_problem(
    cell: Any, parse: Callable[[Any], Any]
) -> None:
    try:
        parse(cell)
    except CellProblem as problem:
        assert problem.zh
