"""Writes several tables below one another on one sheet of an .xlsx, each with its heading.

Cells are those of `table_files.py`: a text is never a formula, money has two decimals. Leaves out
what the tables are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

import xlsxwriter

from kit.table_files import FORMATS, WIDTHS, Cell, Kind, TableColumn, write_cell


@dataclass(frozen=True, slots=True)
class Block:
    """A table of a sheet: a heading above, columns, rows; the last `sums` rows are bold.

    Without columns the rows are as they are, pairs of a name and what stands for it, as text.
    """

    heading: str
    rows: Sequence[Sequence[Cell]]
    columns: Sequence[TableColumn] = ()
    sums: int = 0


def write_blocks(name: str, blocks: Sequence[Block], out: IO[bytes]) -> None:
    """Write them on a sheet called `name`; `out` stays open."""
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(name)
        bold = {
            bold: {kind: book.add_format({**FORMATS[kind], "bold": bold}) for kind in FORMATS}
            for bold in (False, True)
        }
        heading = book.add_format({"bold": True, "font_size": 12})
        header = book.add_format({"bold": True, "bottom": 1})
        for place, width in enumerate(_widths(blocks)):
            sheet.set_column(place, place, width)
        line = 0
        for block in blocks:
            sheet.write_string(line, 0, block.heading, heading)
            line = _write_block(sheet, line + 1, block, header, bold) + 1


def _write_block(
    sheet: Any, line: int, block: Block, header: Any, shapes: dict[bool, dict[Kind, Any]]
) -> int:
    """The line below what was written."""
    if block.columns:
        for place, column in enumerate(block.columns):
            sheet.write_string(line, place, column.label, header)
        line += 1
    for number, row in enumerate(block.rows):
        bold = number >= len(block.rows) - block.sums
        for place, cell in enumerate(row):
            kind = block.columns[place].kind if block.columns else "text"
            write_cell(sheet, line, place, cell, shapes[bold][kind])
        line += 1
    return line


def _widths(blocks: Sequence[Block]) -> list[int]:
    """As wide as the widest of a place asks for."""
    most = max((len(block.columns) for block in blocks), default=0)
    widths = [WIDTHS["text"]] * most
    for place in range(most):
        here = [block.columns[place] for block in blocks if place < len(block.columns)]
        widths[place] = max(max(WIDTHS[each.kind], 2 * len(each.label)) for each in here)
    return widths
