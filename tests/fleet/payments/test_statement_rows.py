"""Statements of banks are read row by row: money in, money out, refused, or none of it."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import Workbook

from fleet.payments.statements.formats import BankColumns, Directed, Signed, TwoColumns
from fleet.payments.statements.model import Line, Reading, Row
from fleet.payments.statements.reading import find_header, read_statement
from fleet.payments.statements.references import references_of
from fleet.payments.statements.shipped import SHIPPED
from fleet.payments.statements.values import CellUnreadable, clean, parse_day, parse_fen
from fleet.sheets.plain_rows import read_plain_rows
from tests.fleet.payments.files import ALIPAY, CMB, ICBC, PLAIN, WECHAT, rows_of

TODAY = date(2026, 3, 31)
FORMATS = {each.code: each.columns for each in SHIPPED}
SIMPLE = BankColumns(date=("日期",), amount=Signed(amount=("金额",)), reference=("流水号",))


def read(rows: list[Row], columns: BankColumns = SIMPLE, *, date_1904: bool = False) -> Reading:
    header = find_header(rows, columns)
    assert header is not None
    return read_statement(rows, columns, header, today=TODAY, date_1904=date_1904)


def simple(*cells: str | None) -> Reading:
    """One row below 日期, 金额, 流水号."""
    return read([(1, ["日期", "金额", "流水号"]), (2, list(cells))])


def line(row_no: int, day: int, fen: int, reference: str | None, *rest: object) -> Line:
    return Line(row_no, date(2026, 3, day), fen, reference, *rest)  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_cmb_with_preamble_thousands_and_a_total(encoding: str) -> None:
    reading = read(rows_of(CMB, encoding), FORMATS["cmb"])
    assert reading.header_row_no == 3
    assert reading.lines == (
        line(
            *(4, 3, 300_000, "C0331000001", "顺达物流有限公司", "6222021234567890123"),
            *("付 B2026-9-000001 租金", 10_300_000),
        ),
        line(
            *(6, 5, 250_050, "C0331000003", "张三", "6222020000000000456", "租金", 6_431_412),
        ),
    )
    assert (reading.outgoing, reading.skipped, reading.refusals) == (1, 1, ())


def test_alipay_with_notes_before_and_after() -> None:
    reading = read(rows_of(ALIPAY, "gb18030"), FORMATS["alipay"])
    assert reading.lines == (line(6, 3, 300_000, "9001", None, "138****0000", "租金 O-1", 800_000),)
    assert (reading.outgoing, reading.refusals) == (1, ())


def test_wechat_with_backticks_and_a_summary() -> None:
    reading = read(rows_of(WECHAT), FORMATS["wechat"])
    assert reading.lines == (line(2, 3, 8_800, "FUND-1", None, None, "洗车 交易 REF1", 10_000),)
    assert (reading.outgoing, reading.skipped, reading.refusals) == (1, 2, ())


def test_icbc_by_tabs_without_numbers_of_the_bank() -> None:
    reading = read(rows_of(ICBC, "gb18030"), FORMATS["icbc"])
    assert [each.reference for each in reading.lines] == [None, None]
    assert [each.balance_fen for each in reading.lines] == [900_000, 1_200_000]
    assert reading.lines[0].remark == "转账 租金"


def test_an_excel_file_with_days_as_serials_and_amounts_as_numbers() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["日期", "金额", "流水号"], [46084, 3000.1, "A1"], [date(2026, 3, 4), 12, 7]):
        sheet.append(row)
    file = BytesIO()
    book.save(file)
    rows: list[Row] = list(read_plain_rows(file.getvalue()).rows)
    reading = read(rows)
    assert [(each.received_on.day, each.amount_fen, each.reference) for each in reading.lines] == [
        (3, 300_010, "A1"),
        (4, 1_200, "7"),
    ]


def test_days_of_a_workbook_that_counts_from_1904() -> None:
    rows: list[Row] = [(1, ["日期", "金额"]), (2, ["44622", "1"])]
    assert read(rows, date_1904=True).lines[0].received_on == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        (("昨天", "3000", "A1"), "not_a_day", "日期"),
        (("3/4/2026", "3000", "A1"), "not_a_day", "日期"),
        ((None, "3000", "A1"), "not_a_day", "日期"),
        (("2026-04-01", "3000", "A1"), "day_ahead", "日期"),
        (("2025-03-29", "3000", "A1"), "day_too_far_back", "日期"),
        (("2026-03-03", "三千", "A1"), "not_an_amount", "金额"),
        (("2026-03-03", "1.005", "A1"), "more_than_two_places", "金额"),
        (("2026-03-03", "0.00", "A1"), "amount_zero", "金额"),
        (("2026-03-03", None, "A1"), "amount_missing", "金额"),
        (("2026-03-03", "200,000,000,000", "A1"), "amount_too_large", "金额"),
        (("2026-03-03", "3000", "1.2346E+17"), "digits_lost", "流水号"),
    ],
    ids=[
        *("no day", "the year last", "no day at all", "a day ahead", "a day long ago"),
        *("no amount", "three places", "zero", "no amount at all", "too large"),
        "a number of which Excel kept a part",
    ],
)
def test_a_row_that_cannot_be_read_is_refused_with_place_and_reason(
    cells: tuple[str | None, ...], code: str, column: str
) -> None:
    reading = simple(*cells)
    assert reading.lines == ()
    [refusal] = reading.refusals
    assert (refusal.row_no, refusal.code, refusal.column) == (2, code, column)
    assert refusal.cells == tuple(cell or "" for cell in cells)


@pytest.mark.parametrize(
    ("received", "paid", "expected"),
    [
        ("3000", "", 300_000),
        ("3000", "0.00", 300_000),
        ("", "20", "out"),
        ("0", "-20", "out"),
        ("-20", "", "out"),
        ("10", "20", "both_ways"),
        ("0", "0", "amount_zero"),
        ("", "", "amount_missing"),
    ],
)
def test_two_columns(received: str, paid: str, expected: int | str) -> None:
    columns = BankColumns(date=("日",), amount=TwoColumns(received=("收",), paid=("付",)))
    reading = read([(1, ["日", "收", "付"]), (2, ["2026-03-03", received, paid])], columns)
    if isinstance(expected, int):
        assert [each.amount_fen for each in reading.lines] == [expected]
    elif expected == "out":
        assert (reading.outgoing, reading.lines, reading.refusals) == (1, (), ())
    else:
        assert [each.code for each in reading.refusals] == [expected]


@pytest.mark.parametrize(
    ("word", "expected"), [("收入", 300_000), ("支出", "out"), ("不计收支", "direction_unknown")]
)
def test_a_word_says_which_way(word: str, expected: int | str) -> None:
    columns = BankColumns(date=("日",), amount=Directed(amount=("额",), direction=("向",)))
    reading = read([(1, ["日", "额", "向"]), (2, ["2026-03-03", "¥3,000.00", word])], columns)
    if isinstance(expected, int):
        assert [each.amount_fen for each in reading.lines] == [expected]
    else:
        told = ["out"] if reading.outgoing else [each.code for each in reading.refusals]
        assert told == [expected]


def test_money_whose_state_says_that_it_did_not_arrive_is_refused() -> None:
    text = (
        "交易时间,交易对方,商品说明,收/支,金额,交易状态,交易订单号\n"
        "2026-03-03 08:00:00,张三,租金,收入,30.00,交易关闭,1\n"
        "2026-03-03 09:00:00,张三,租金,收入,30.00,交易成功,2\n"
    )
    reading = read(rows_of(text), FORMATS["alipay-bills"])
    assert [each.reference for each in reading.lines] == ["2"]
    assert [each.code for each in reading.refusals] == ["did_not_arrive"]


def test_totals_blank_rows_and_repeated_headings_are_no_rows_of_money() -> None:
    reading = read(
        [
            (1, ["日期", "金额", "流水号"]),
            (2, ["2026-03-03", "1", "A1"]),
            (3, [None, None]),
            (4, ["日期", "金额", "流水号"]),
            (5, ["本页合计", "1.00"]),
            (6, [None, "1.00", "总计"]),
            (7, ["打印时间 2026-03-31"]),
        ]
    )
    assert ([each.row_no for each in reading.lines], reading.skipped) == ([2], 5)
    assert reading.refusals == ()


def test_numbers_of_people_stand_nowhere_in_clear() -> None:
    rows: list[Row] = [
        (1, ["日期", "金额", "备注"]),
        (2, ["2026-03-03", "1", "代付 11010519491231002X"]),
        (3, ["昨天", "1", "账号 6222021234567890123 身份证 11010519491231002X"]),
    ]
    columns = BankColumns(date=("日期",), amount=Signed(amount=("金额",)), remark=("备注",))
    reading = read(rows, columns)
    assert reading.lines[0].remark == "代付 110***********002X"
    assert reading.refusals[0].cells[2] == "账号 ***************0123 身份证 110***********002X"


def test_the_header_is_looked_for_and_has_to_name_day_and_amount() -> None:
    assert find_header([(1, ["日期", "摘要"]), (2, ["金额"])], SIMPLE) is None
    found = find_header([(1, ["说明"]), (9, ["金额（元）", None, " 日 期 "])], SIMPLE)
    assert found is not None
    assert (found.row_no, dict(found.places)) == (9, {"date": 2, "amount": 0})


def test_a_row_without_a_number_is_known_by_what_it_says_and_its_position_among_equals() -> None:
    lines = read(rows_of(ICBC), FORMATS["icbc"]).lines
    first, second = references_of(lines, organisation_id=1)
    assert first != second
    assert references_of(lines[1:], organisation_id=1) == [second]
    assert references_of(lines, organisation_id=2) != [first, second]
    same = [lines[0], lines[0], lines[1]]
    assert references_of(same, organisation_id=1)[::2] == [first, second]
    assert len(set(references_of(same, organisation_id=1))) == 3
    assert all(each.startswith("derived:") for each in (first, second))


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1,234,567.89", 123_456_789),
        ("１２．５", 1_250),
        ("＋3000元", 300_000),
        ("CNY 1.10", 110),
        ("-¥0.5", -50),
        ("3.100", 310),
    ],
)
def test_amounts_as_people_and_banks_write_them(text: str, fen: int) -> None:
    assert parse_fen(clean(text)) == fen


@pytest.mark.parametrize("text", ["1,23", "1e5", "12,34.5", "--1", "1 2.3.4", "元", "٣"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(CellUnreadable) as raised:
        parse_fen(clean(text))
    assert raised.value.code == "not_an_amount"


@pytest.mark.parametrize(
    "text",
    [
        *("2026-03-03", "2026/3/3", "2026.03.03", "2026年3月3日 08:01", "20260303", "46084"),
        *("20260303 101500", "20260303101500", "2026-03-03T08:00:00", "46084.375"),
    ],
)
def test_days_as_people_and_banks_write_them(text: str) -> None:
    assert parse_day(clean(text)) == date(2026, 3, 3)


def test_the_plain_shape_is_for_ones_own_tables() -> None:
    reading = read(rows_of(PLAIN), FORMATS["plain"])
    assert [(each.amount_fen, each.payer_name) for each in reading.lines] == [(300_000, "张三")]
    assert reading.outgoing == 1
