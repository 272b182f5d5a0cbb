"""Decides whether a file may be read as a sheet at all, before anything is taken from it.

What a file is, is told by its first bytes, never by its name. A workbook is walked once without
keeping anything, so that what is too large is told early. Leaves out what stands in the cells.
"""

from pathlib import Path
from typing import Final

from fleet.sheets.delimited import walk_csv
from fleet.sheets.errors import SheetNotFound, SheetProtectedOrOld, SheetUnreadable, empty
from fleet.sheets.model import Form
from fleet.sheets.package import Package, SheetPart, open_package
from fleet.sheets.worksheet import walk_rows, was_filled

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE: Final = bytes.fromhex("D0CF11E0A1B11AE1")
_OLD_BIFF: Final = (b"\x09\x08", b"\x09\x04", b"\x09\x02")
"""Excel 2 to 5 without an envelope."""
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_OTHERS: Final = ((b"%PDF", "PDF"), (b"{\\rtf", "RTF"), (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7z"))
_OPENING_BYTES: Final = 1024 * 1024


def check_file(path: Path, *, sheet: str | None = None) -> Form:
    """What the file is: a workbook or .csv that may be read, its `sheet` (or the first with
    anything in it) within the limits. Nothing is kept in memory.

    Raises:
        SheetRefused: of the kind that fits; facts say where.
    """
    form = find_form(path)
    if form == "csv":
        if sum(1 for _ in walk_csv(path)) == 0:
            raise empty()
        return form
    package = open_package(path)
    try:
        chosen = choose_sheet(package, sheet)
        with package.open_part(chosen.part) as source:
            for _ in walk_rows(source, chosen.part, was_filled):
                pass
    finally:
        package.archive.close()
    return form


def find_form(path: Path) -> Form:
    """What the file is by its first bytes.

    Raises:
        SheetProtectedOrOld: .xls, or a workbook with a password.
        SheetUnreadable: something else.
        SheetEmpty: no byte in it.
    """
    with path.open("rb") as file:
        opening = file.read(_OPENING_BYTES)
    if not opening:
        raise empty()
    if opening.startswith(_ZIP):
        return "xlsx"
    if opening.startswith(_OLE):
        raise _protected() if _ENCRYPTED in opening else _old()
    if opening.startswith(_OLD_BIFF):
        raise _old()
    for magic, name in _OTHERS:
        if opening.startswith(magic):
            raise _something_else(name)
    if opening.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise _something_else("HTML/XML")
    return "csv"


def choose_sheet(package: Package, name: str | None) -> SheetPart:
    """The visible sheet of that name, or the first visible one in which something stands.

    Raises:
        SheetNotFound: no visible sheet has the name.
        SheetEmpty: nothing stands in any.
    """
    visible = [sheet for sheet in package.sheets if not sheet.is_hidden]
    if name is not None:
        for sheet in visible:
            if sheet.name == name:
                return sheet
        names = [sheet.name for sheet in visible]
        raise SheetNotFound(
            f"The workbook has no visible sheet {name[:100]!r}; it has {', '.join(names)}",
            f"工作簿中没有可见的工作表“{name[:100]}”，现有：{'、'.join(names)}",
            names=names,
        )
    for sheet in visible:
        with package.open_part(sheet.part) as source:
            if next(walk_rows(source, sheet.part, was_filled), None) is not None:
                return sheet
    raise empty()


def _old() -> SheetProtectedOrOld:
    return SheetProtectedOrOld(
        "The file is in the format of Excel 97–2003 (.xls); save it as .xlsx",
        "文件为 Excel 97–2003 格式（.xls），请另存为 .xlsx",
        reason="old",
    )


def _protected() -> SheetProtectedOrOld:
    return SheetProtectedOrOld(
        "The file is protected by a password; save it without one",
        "文件有密码保护，请取消密码后再上传",
        reason="protected",
    )


def _something_else(name: str) -> SheetUnreadable:
    return SheetUnreadable(
        f"The file is {name}, not an Excel workbook or .csv; save it as .xlsx",
        f"文件是 {name}，不是 Excel 工作簿或 CSV，请另存为 .xlsx",
        reason="other_format",
        format=name,
    )
