"""Reads the numbers of invoices from the rows of a table: request, number, day of the invoice.

The first row that names all three columns is the header; blanks and titles may stand above. Decides
what stands in a row, and tells every fault with its row. Leaves out how the file is read
(`fleet/sheets`) and whether the requests are there.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from fleet.invoices.errors import InvoiceNoMalformed, InvoiceNoOfAnotherYear
from fleet.invoices.invoice_no import check_year, parse_invoice_no
from fleet.invoices.model import NumberRow
from fleet.row_problems import RowProblem

COLUMNS: Final = {
    "request_no": ("request_no", "request no", "开票申请号", "申请号", "申请单号", "开票申请编号"),
    "invoice_no": (
        *("invoice_no", "invoice no", "发票号码", "数电票号码", "数电发票号码", "数电票号"),
    ),
    "invoiced_on": ("invoiced_on", "invoiced on", "开票日期", "开票时间"),
}
"""By what words each column is known, half-width and in small letters."""
_DAY: Final = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?(?:[ T].*)?")
_SERIAL: Final = re.compile(r"\d{5}(\.\d+)?")
_EPOCH: Final = date(1899, 12, 30)
_EPOCH_1904: Final = date(1904, 1, 1)

Row = tuple[int, Sequence[str | None]]


class RowFault(NamedTuple):
    """Why a row is not taken; row 0 is the file as a whole."""

    row_no: int
    problem: RowProblem


class Found(NamedTuple):
    """What the rows say, and what is wrong with them."""

    numbers: list[NumberRow]
    faults: list[RowFault]


def read_numbers(rows: Iterable[Row], *, date_1904: bool = False) -> Found:
    """The numbers in the rows below the header, and every fault.

    >>> rows = [(1, ["申请号", "发票号码", "开票日期"]),
    ...         (2, ["I2603-AAAAAA", "26442000000123456789", "2026年3月5日"])]
    >>> read_numbers(rows).numbers[0].invoiced_on
    datetime.date(2026, 3, 5)
    """
    numbers: list[NumberRow] = []
    faults: list[RowFault] = []
    places: dict[str, int] | None = None
    for row_no, texts in rows:
        if places is None:
            places = _places(texts)
            continue
        try:
            numbers.append(_number(row_no, texts, places, date_1904=date_1904))
        except _Wrong as wrong:
            faults.append(RowFault(row_no, wrong.problem))
    if places is None:
        columns = " / ".join(words[0] for words in COLUMNS.values())
        names = "、".join(words[2] for words in COLUMNS.values())
        said = (f"no row names the columns {columns}", f"找不到表头：{names}")
        faults.append(RowFault(0, RowProblem("header_not_found", None, *said)))
    elif not numbers and not faults:
        said = ("no row below the header", "表头下没有数据")
        faults.append(RowFault(0, RowProblem("rows_missing", None, *said)))
    return Found(numbers, [*faults, *_twice(numbers)])


class _Wrong(Exception):
    def __init__(self, code: str, field: str, en: str, zh: str) -> None:
        self.problem = RowProblem(code, field, en, zh)


def _places(texts: Sequence[str | None]) -> dict[str, int] | None:
    labels = [unicodedata.normalize("NFKC", text or "").strip().lower() for text in texts]
    found = {
        name: place
        for name, words in COLUMNS.items()
        for place, label in enumerate(labels)
        if label in words
    }
    return found if len(found) == len(COLUMNS) else None


def _number(
    row_no: int, texts: Sequence[str | None], places: dict[str, int], *, date_1904: bool
) -> NumberRow:
    said = {}
    for name, place in places.items():
        text = (texts[place] or "").strip() if place < len(texts) else ""
        if not text:
            raise _Wrong("required", name, f"{name} is missing", f"缺少{COLUMNS[name][2]}")
        said[name] = text
    invoiced_on = read_day(said["invoiced_on"], date_1904=date_1904)
    if invoiced_on is None:
        shown = said["invoiced_on"][:40]
        raise _Wrong("not_a_date", "invoiced_on", f"“{shown}” is no day", f"“{shown}”不是有效日期")
    try:
        number = parse_invoice_no(said["invoice_no"])
        check_year(number, invoiced_on)
    except InvoiceNoMalformed as malformed:
        zh = "发票号码应为 20 位数字（表格中须为文本格式，否则位数会丢失）"
        raise _Wrong(malformed.code, "invoice_no", malformed.message, zh) from None
    except InvoiceNoOfAnotherYear as other:
        zh = f"发票号码的年份 {number.year} 与开票日期不符"
        raise _Wrong(other.code, "invoice_no", other.message, zh) from None
    return NumberRow(row_no, said["request_no"].upper(), number.text, invoiced_on)


def read_day(text: str, *, date_1904: bool = False) -> date | None:
    """The day a cell says, as people, the tax system or Excel write it; None: it says none.

    >>> read_day("2026-03-05 10:11:12"), read_day("2026/3/5"), read_day("46086")
    (datetime.date(2026, 3, 5), datetime.date(2026, 3, 5), datetime.date(2026, 3, 5))
    >>> read_day("2026-02-30"), read_day("三月五日")
    (None, None)
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if _SERIAL.fullmatch(plain):
        return (_EPOCH_1904 if date_1904 else _EPOCH) + timedelta(days=int(float(plain)))
    said = _DAY.fullmatch(plain)
    if said is None:
        return None
    try:
        return date(int(said[1]), int(said[2]), int(said[3]))
    except ValueError:
        return None


def _twice(numbers: Sequence[NumberRow]) -> list[RowFault]:
    """Rows that repeat the request or the number of one above."""
    seen: dict[str, int] = {}
    faults = []
    for row in numbers:
        for field, text in (("request_no", row.request_no), ("invoice_no", row.invoice_no)):
            first = seen.setdefault(f"{field} {text}", row.row_no)
            if first != row.row_no:
                said = (f"{text} stands in row {first} already", f"{text} 与第 {first} 行重复")
                faults.append(RowFault(row.row_no, RowProblem("repeated", field, *said)))
    return faults
