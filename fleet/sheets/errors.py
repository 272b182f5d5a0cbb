"""What is wrong with a file as a whole, or with one cell of it.

A refused file is a domain error: its facts hold `told_zh`, the sentence in Chinese, beside the
facts themselves. A bad cell is no error of the whole and never leaves the slice as one.
"""

from typing import Any

from kit.errors import Invalid, NotFound, Refused


class CellProblem(Exception):
    """What stands in a cell cannot be taken; says what stands there and what is expected."""

    def __init__(self, code: str, en: str, zh: str) -> None:
        super().__init__(en)
        self.code = code
        self.en = en
        self.zh = zh


class SheetRefused(Invalid):
    """The file is not one that is read; nothing of it was taken."""

    code = "sheet_refused"
    field = "file"

    def __init__(self, en: str, zh: str, **facts: Any) -> None:
        super().__init__(en, told_zh=zh, **facts)


class SheetProtectedOrOld(SheetRefused):
    """Protected by a password, or in the format of before 2007 (.xls)."""

    code = "sheet_protected_or_old"


class SheetHasMacros(SheetRefused):
    """It carries macros."""

    code = "sheet_has_macros"


class SheetUnreadable(SheetRefused):
    """Not a sheet, or a broken one."""

    code = "sheet_unreadable"


class SheetTooLarge(SheetRefused):
    """More rows or columns, or more bytes once unpacked, than are read."""

    code = "sheet_too_large"


class SheetNotFound(SheetRefused):
    """The workbook has no visible sheet of that name; `names` are those it has."""

    code = "sheet_not_found"
    field = "sheet"


class SheetEmpty(SheetRefused):
    """Nothing stands in it."""

    code = "sheet_empty"


class SheetHeaderNotFound(SheetRefused):
    """None of the first rows names the columns that are needed."""

    code = "sheet_header_not_found"


def empty() -> SheetEmpty:
    """Nothing stands in the file, or in its visible sheets."""
    return SheetEmpty("The sheet is empty", "表格中没有数据")


class ImportColumnsMissing(SheetRefused):
    """The sheet lacks a column without which no row means anything."""

    code = "import_columns_missing"


class ImportKindUnknown(NotFound):
    """There is no such kind of sheet."""

    code = "import_kind_unknown"


class ImportNotFound(NotFound):
    """No import has this key."""

    code = "import_not_found"


class ImportNotChecked(Refused):
    """It is still being looked at, has been applied, or failed."""

    code = "import_not_checked"


class ImportHasBadRows(Refused):
    """All or nothing, and some rows are bad."""

    code = "import_has_bad_rows"


class ImportsTooMany(Refused):
    """Some are still being worked on; wait for them first."""

    code = "imports_too_many"
