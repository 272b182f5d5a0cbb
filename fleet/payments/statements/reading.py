"""Decides what the rows of a bank's statement say: money in, money out, refused, or none of it.

The header is the first row that names the day and the amounts; what stands before it is preamble.
After it a row without a readable day is a total or a note, unless an amount stands in it and no
word says so: then it is refused, so that no money is lost silently. Leaves out whose money it is.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from fleet.masking import mask_account
from fleet.payments.statements.formats import (
    BankColumns,
    Directed,
    Headings,
    Signed,
    TwoColumns,
    heading_of,
)
from fleet.payments.statements.model import Cells, Line, Reading, Refusal, Row
from fleet.payments.statements.refusals import WORDS
from fleet.payments.statements.values import (
    CellUnreadable,
    clean,
    parse_account,
    parse_day,
    parse_fen,
    parse_reference,
    parse_words,
)

SEARCHED_ROWS: Final = 60
"""Rows in which the header is looked for."""
MOST_BACK: Final = timedelta(days=366)
"""How far back money may have come in, as of what is recorded by hand."""
_TOTALS: Final = re.compile(
    r"^(本[页月年期]|借方|贷方|收入|支出|期间)?(合计|总计|小计|累计|总额|总笔数|笔数)"
    r"|^(期初|期末|上[日月年期]|承前)(余额|结余|结转)?|^(sub)?total|^opening|^closing",
    re.IGNORECASE,
)
_LONG_NUMBER: Final = re.compile(r"\d[\d ]{10,}\d")
_SHOWN_CELLS: Final = 40
_SHOWN_CHARACTERS: Final = 100


@dataclass(frozen=True, slots=True)
class Header:
    """In which row the headings stand, and at which place each column."""

    row_no: int
    places: Mapping[str, int]
    remarks: tuple[int, ...]
    texts: tuple[str, ...]

    def cell(self, cells: Cells, name: str) -> str:
        """What stands in the column, cleaned; "" where nothing does, or it has none."""
        place = self.places.get(name)
        return "" if place is None or place >= len(cells) else clean(cells[place])


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """Money that went out."""


class _Refused(Exception):
    def __init__(self, code: str, column: str | None) -> None:
        super().__init__(code)
        self.code = code
        self.column = column


def find_header(rows: Sequence[Row], columns: BankColumns) -> Header | None:
    """The first of the first rows that names the day and all columns of the amount."""
    wanted = _wanted(columns)
    needed = {"date", *_amount_headings(columns)}
    for row_no, cells in rows[:SEARCHED_ROWS]:
        texts = tuple(heading_of(cell or "") for cell in cells)
        places: dict[str, int] = {}
        for name, headings in wanted.items():
            known = [heading_of(each) for each in headings]
            place = next((texts.index(each) for each in known if each in texts), None)
            if place is not None:
                places[name] = place
        if needed <= places.keys():
            said = [heading_of(each) for each in columns.remark or ()]
            remarks = [texts.index(each) for each in said if each in texts]
            return Header(row_no, places, tuple(dict.fromkeys(remarks)), texts)
    return None


def _wanted(columns: BankColumns) -> dict[str, Headings]:
    named = {
        "date": columns.date,
        "reference": columns.reference,
        "payer_name": columns.payer_name,
        "payer_account": columns.payer_account,
        "balance": columns.balance,
        "state": columns.state,
        **_amount_headings(columns),
    }
    return {name: headings for name, headings in named.items() if headings}


def _amount_headings(columns: BankColumns) -> dict[str, Headings]:
    match columns.amount:
        case Signed(amount=amount):
            return {"amount": amount}
        case TwoColumns(received=received, paid=paid):
            return {"received": received, "paid": paid}
        case Directed(amount=amount, direction=direction):
            return {"amount": amount, "direction": direction}


def count_named(header: Header) -> int:
    """How many columns of a format the header has: of several formats that fit, the most count."""
    return len(header.places) + len(header.remarks)


def read_statement(
    rows: Sequence[Row], columns: BankColumns, header: Header, *, today: date, date_1904: bool
) -> Reading:
    """What the rows after the header say. No money came in after today, or more than a year ago."""
    lines: list[Line] = []
    refusals: list[Refusal] = []
    outgoing = skipped = 0
    reader = _RowReader(columns, header, today, date_1904)
    for row_no, cells in rows:
        if row_no <= header.row_no:
            continue
        try:
            read = reader.read(row_no, cells)
        except _Refused as refused:
            refusals.append(refuse(row_no, cells, refused.code, refused.column))
            continue
        if isinstance(read, Line):
            lines.append(read)
        else:
            outgoing += read is not None
            skipped += read is None
    return Reading(header.row_no, tuple(lines), tuple(refusals), outgoing, skipped)


def refuse(row_no: int, cells: Cells, code: str, column: str | None) -> Refusal:
    """A row that is not taken, as it is kept."""
    en, zh = WORDS[code]
    shown = tuple(_shown(cell) for cell in cells[:_SHOWN_CELLS])
    return Refusal(row_no, column, code, en, zh, shown)


def _shown(cell: str | None) -> str:
    text = parse_words(clean(cell)) or ""
    hidden = _LONG_NUMBER.sub(lambda found: mask_account(found[0].replace(" ", "")), text)
    return hidden[:_SHOWN_CHARACTERS]


def _is_amount(text: str) -> bool:
    try:
        return bool(text) and parse_fen(text) != 0
    except CellUnreadable:
        return False


@dataclass(frozen=True, slots=True)
class _RowReader:
    columns: BankColumns
    header: Header
    today: date
    date_1904: bool

    def read(self, row_no: int, cells: Cells) -> Line | _Outgoing | None:
        """Money in, money out, or none of it. Raises: _Refused."""
        amounts = [self.header.cell(cells, name) for name in self._amount_columns()]
        if self._is_no_money(cells, amounts):
            return None
        day = self._day(cells)
        amount_fen = self._amount_fen(cells, amounts)
        if amount_fen < 0:
            return _Outgoing()
        if amount_fen == 0:
            raise _Refused("amount_zero", self._heading(self._amount_columns()[0]))
        state = self.header.cell(cells, "state")
        if any(word in state for word in self.columns.not_words):
            raise _Refused("did_not_arrive", self._heading("state"))
        return Line(
            row_no,
            day,
            amount_fen,
            self._parsed(cells, "reference", parse_reference),
            parse_words(self.header.cell(cells, "payer_name")),
            parse_account(self.header.cell(cells, "payer_account")),
            self._remark(cells),
            self._balance_fen(cells),
        )

    def _amount_columns(self) -> list[str]:
        """Those that hold amounts, what came in first."""
        names = {"amount", "received", "paid"} & _amount_headings(self.columns).keys()
        return sorted(names, key=("amount", "received", "paid").index)

    def _is_no_money(self, cells: Cells, amounts: Iterable[str]) -> bool:
        """Blank rows, repeated headings, totals and notes."""
        texts = [text for cell in cells if (text := clean(cell))]
        if not texts or tuple(heading_of(cell or "") for cell in cells) == self.header.texts:
            return True
        try:
            parse_day(self.header.cell(cells, "date"), date_1904=self.date_1904)
        except CellUnreadable:
            is_total = any(_TOTALS.match(text) for text in texts)
            return is_total or not any(_is_amount(text) for text in amounts)
        return False

    def _day(self, cells: Cells) -> date:
        text = self.header.cell(cells, "date")
        try:
            day = parse_day(text, date_1904=self.date_1904)
        except CellUnreadable as fault:
            raise _Refused(fault.code, self._heading("date")) from None
        if day > self.today:
            raise _Refused("day_ahead", self._heading("date"))
        if day < self.today - MOST_BACK:
            raise _Refused("day_too_far_back", self._heading("date"))
        return day

    def _amount_fen(self, cells: Cells, amounts: Sequence[str]) -> int:
        """Above zero came in, below went out."""
        fen = [self._fen(text, name) for text, name in self._named(amounts)]
        match self.columns.amount:
            case Signed():
                return self._given(fen[0], "amount")
            case TwoColumns():
                return self._one_of_two(*fen)
            case Directed(received_words=received_words, paid_words=paid_words):
                word = self.header.cell(cells, "direction")
                amount_fen = self._given(fen[0], "amount")
                if word in paid_words:
                    return -abs(amount_fen)
                if word not in received_words or amount_fen < 0:
                    raise _Refused("direction_unknown", self._heading("direction"))
                return amount_fen

    def _named(self, amounts: Sequence[str]) -> Iterator[tuple[str, str]]:
        return zip(amounts, self._amount_columns(), strict=True)

    def _one_of_two(self, received_fen: int | None, paid_fen: int | None) -> int:
        if received_fen and paid_fen:
            raise _Refused("both_ways", self._heading("received"))
        if paid_fen:
            return -abs(paid_fen)
        return self._given(received_fen if paid_fen is None else received_fen or 0, "received")

    def _given(self, fen: int | None, name: str) -> int:
        if fen is None:
            raise _Refused("amount_missing", self._heading(name))
        return fen

    def _fen(self, text: str, name: str) -> int | None:
        try:
            return parse_fen(text) if text else None
        except CellUnreadable as fault:
            raise _Refused(fault.code, self._heading(name)) from None

    def _parsed(self, cells: Cells, name: str, parse: Callable[[str], str | None]) -> str | None:
        try:
            return parse(self.header.cell(cells, name))
        except CellUnreadable as fault:
            raise _Refused(fault.code, self._heading(name)) from None

    def _balance_fen(self, cells: Cells) -> int | None:
        """It only tells equal rows apart: what cannot be read is left out."""
        text = self.header.cell(cells, "balance")
        try:
            return parse_fen(text) if text else None
        except CellUnreadable:
            return None

    def _remark(self, cells: Cells) -> str | None:
        texts = [clean(cells[place]) for place in self.header.remarks if place < len(cells)]
        return parse_words(" ".join(dict.fromkeys(text for text in texts if text)))

    def _heading(self, name: str) -> str | None:
        place = self.header.places.get(name)
        return None if place is None else self.header.texts[place]
