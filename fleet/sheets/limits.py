"""How large a sheet may be, and the refusals that say so.

Counted is what stands in cells: formats reaching to the last row of Excel harm nobody.
"""

from typing import Final

from fleet.sheets.errors import SheetTooLarge

MOST_ROWS: Final = 100_000
"""Rows in which something stands, the header among them."""
MOST_COLUMNS: Final = 200
LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384
"""Of Excel."""


def column_letters(place: int) -> str:
    """What Excel calls the column; places count from 0.

    >>> column_letters(0), column_letters(26), column_letters(16383)
    ('A', 'AA', 'XFD')
    """
    letters = ""
    number = place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def too_many_rows(row_no: int, *, limit: int = MOST_ROWS) -> SheetTooLarge:
    """The row that is one too many."""
    return SheetTooLarge(
        f"More than {limit} rows (row {row_no}); split the sheet",
        f"超过 {limit} 行（至第 {row_no} 行），请拆分后上传",
        reason="rows",
        limit=limit,
        row_no=row_no,
    )


def too_many_columns(row_no: int, place: int) -> SheetTooLarge:
    """The cell that stands too far to the right."""
    cell = f"{column_letters(place)}{row_no}"
    return SheetTooLarge(
        f"More than {MOST_COLUMNS} columns: something stands in {cell}",
        f"超过 {MOST_COLUMNS} 列：单元格 {cell} 有内容",
        reason="columns",
        limit=MOST_COLUMNS,
        cell=cell,
    )
