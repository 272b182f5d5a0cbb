"""Workbooks for tests, made by libraries or byte by byte."""

import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

CONTENT_TYPES: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
WORKBOOK: Final = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="台账" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS: Final = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="worksheets/sheet1.xml" Type="http://schemas.openxmlformats.'
    'org/officeDocument/2006/relationships/worksheet"/>'
    '<Relationship Id="rId2" Target="styles.xml" Type="http://schemas.openxmlformats.'
    'org/officeDocument/2006/relationships/styles"/>'
    '<Relationship Id="rId3" Target="sharedStrings.xml" Type="http://schemas.openxmlformats.'
    'org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
)
SHEET_HEAD: Final = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def parts(
    rows: str | Iterable[str] = "", *, styles: str | None = None, strings: str | None = None
) -> dict[str, str | Iterable[str]]:
    """The parts of a workbook of one sheet, whose `<row>` elements are given."""

    def sheet() -> Iterable[str]:
        yield SHEET_HEAD + "<sheetData>"
        yield from [rows] if isinstance(rows, str) else rows
        yield "</sheetData></worksheet>"

    made: dict[str, str | Iterable[str]] = {
        "[Content_Types].xml": CONTENT_TYPES,
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/worksheets/sheet1.xml": sheet(),
    }
    if styles is not None:
        made["xl/styles.xml"] = styles
    if strings is not None:
        made["xl/sharedStrings.xml"] = strings
    return made


def zipped(path: Path, members: Mapping[str, str | bytes | Iterable[str]]) -> Path:
    """An archive of these members; of an iterable the pieces are streamed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            if isinstance(content, str | bytes):
                archive.writestr(name, content)
                continue
            with archive.open(name, "w", force_zip64=True) as file:
                for piece in content:
                    file.write(piece.encode())
    return path


def workbook(
    path: Path,
    fill: Callable[[Workbook, Worksheet], None],
    options: Mapping[str, Any] | None = None,
) -> Path:
    """A workbook as xlsxwriter makes it: `fill` gets it with its first sheet."""
    made = xlsxwriter.Workbook(str(path), dict(options or {}))
    fill(made, made.add_worksheet())
    made.close()
    return path


def table(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    """A workbook with these values from A1 on; texts stay texts."""

    def fill(made: Workbook, sheet: Worksheet) -> None:
        day = made.add_format({"num_format": "yyyy/m/d"})
        for row_no, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(row_no, place, value)
                elif value is not None:
                    sheet.write(row_no, place, value, day if hasattr(value, "year") else None)

    return workbook(path, fill)
