"""Opens a sheet and gives its rows one by one, in bounded memory, within the limits of `limits.py`.

Rows in which nothing stands are skipped and counted; hidden columns and rows are read like others;
hidden sheets are not read, but named. Leaves out which row is the header (`headers.py`).
"""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fleet.sheets.delimited import walk_csv
from fleet.sheets.errors import SheetRefused
from fleet.sheets.hostile import choose_sheet, find_form
from fleet.sheets.model import Form, is_blank
from fleet.sheets.package import Package, open_package
from fleet.sheets.stored_cells import CellReader
from fleet.sheets.worksheet import walk_rows


class Sheet:
    """One open sheet. `rows` are walked once: row number from 1 as Excel counts, and the values up
    to the last that is not blank: str, int, float (PercentCell among them), bool, date, datetime,
    time, timedelta, BadCell, or None. `blank_rows` counts those skipped so far.

    Use as a context manager, or close it.
    """

    def __init__(self, form: Form, path: Path, package: Package | None, sheet: str | None) -> None:
        self.form = form
        self.name: str | None = None
        self.names: tuple[str, ...] = ()
        self.hidden: tuple[str, ...] = ()
        self.date_1904 = False
        self.blank_rows = 0
        self._package = package
        if package is None:
            self.rows = self._counted(walk_csv(path))
            return
        chosen = choose_sheet(package, sheet)
        self.name = chosen.name
        self.names = tuple(each.name for each in package.sheets if not each.is_hidden)
        self.hidden = tuple(each.name for each in package.sheets if each.is_hidden)
        self.date_1904 = package.date_1904
        convert = CellReader(package)
        source = package.open_part(chosen.part)
        self.rows = self._counted(walk_rows(source, chosen.part, convert))

    def _counted(self, rows: Iterator[tuple[int, list[Any]]]) -> Iterator[tuple[int, list[Any]]]:
        before = 0
        for row_no, values in rows:
            while values and is_blank(values[-1]):
                values.pop()
            if not values:
                continue
            self.blank_rows += row_no - before - 1
            before = row_no
            yield row_no, values

    def close(self) -> None:
        """Close the file. Safe to repeat."""
        if self._package is not None:
            self._package.archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_sheet(path: Path, *, sheet: str | None = None) -> Sheet:
    """The sheet of that name, or the first visible one in which something stands; .csv has one.

    Limits hold as the rows go by, which raises then; `hostile.check_file` tells before.

    Raises:
        SheetRefused: the file may not be read; of the kind that fits.
    """
    form = find_form(path)
    if form == "csv":
        return Sheet(form, path, None, None)
    package = open_package(path)
    try:
        return Sheet(form, path, package, sheet)
    except SheetRefused:
        package.archive.close()
        raise
