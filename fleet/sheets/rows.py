"""Turns a row of a sheet into values by field, with what is wrong in it.

Leaves out what a row means together with others, or with what is in the database (`kinds_*.py`).
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from fleet.sheets.cell_texts import shown
from fleet.sheets.dates import DAYS_BETWEEN_EPOCHS
from fleet.sheets.errors import CellProblem
from fleet.sheets.model import BadCell, Column, Headers, ParsedRow, Problem, is_blank

EXAMPLE_MARK: Final = "示例，请删除此行 / Example, delete this row"
"""Stands behind the example of a template; such a row is never taken for a real one."""
_EXAMPLE: Final = Problem(
    None,
    "example_row",
    "the example of the template; delete the row, or the mark at its end",
    "这是模板中的示例行，请删除该行（或行末的示例标记）",
)
_DATED: Final = frozenset({"date", "month", "instant"})
_LONG_NUMBER: Final = re.compile(r"[0-9][0-9 -]{9,}[0-9Xx]")
_FIRST_SERIAL: Final = 10_000
_LAST_SERIAL: Final = 110_000
"""Days of Excel between 1927 and 2201; other numbers in a date column are no days."""


def parse_row(
    row_no: int,
    values: Sequence[Any],
    columns: Sequence[Column],
    headers: Headers,
    *,
    date_1904: bool = False,
) -> ParsedRow:
    """The row as values by field; a blank cell is None, and a problem where it is required.

    `date_1904`: the workbook counts its days from 1904, which matters for days stored as numbers.
    """
    row = ParsedRow(row_no, {})
    if EXAMPLE_MARK in values:
        row.problems.append(_EXAMPLE)
    for column in columns:
        place = headers.places.get(column.field)
        if place is None:
            continue
        held: Any = values[place] if place < len(values) else None
        if date_1904 and column.holds in _DATED and _is_serial(held):
            held += DAYS_BETWEEN_EPOCHS
        try:
            row.values[column.field] = _value(held, column)
        except CellProblem as problem:
            en, zh = (_unquoted(text, held, column, columns) for text in (problem.en, problem.zh))
            row.problems.append(Problem(column.field, problem.code, en, zh))
    return row


def _unquoted(text: str, held: Any, column: Column, columns: Sequence[Column]) -> str:
    """What is wrong with a cell without a person's number, which may stand in a wrong column."""
    if column.masked is not None:
        return text.replace(f"“{shown(held)}”", "“…”")
    if any(each.masked is not None for each in columns):
        return _LONG_NUMBER.sub("…", text)
    return text


def _value(held: Any, column: Column) -> Any:
    """The value of one cell. Raises: CellProblem."""
    if isinstance(held, BadCell):
        raise CellProblem(held.code, held.en, held.zh)
    if not is_blank(held):
        return column.parse(held)
    if column.required:
        raise CellProblem("required", f"{column.en} is required", f"“{column.zh}”为必填项")
    return None


def _is_serial(held: Any) -> bool:
    return (
        isinstance(held, int | float)
        and not isinstance(held, bool)
        and _FIRST_SERIAL <= held <= _LAST_SERIAL
    )
