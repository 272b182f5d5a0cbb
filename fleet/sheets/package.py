"""Decides whether a zip archive is a workbook that may be opened, and what sheets it has.

openpyxl reads the parts that say so, through an archive that checks each part before it is read
(openpyxl itself reads XML with defusedxml). Links to other workbooks are never followed.
Leaves out the cells (`worksheet.py`).
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, NoReturn

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.xml import DEFUSEDXML

from fleet.sheets.errors import (
    SheetHasMacros,
    SheetProtectedOrOld,
    SheetRefused,
    SheetTooLarge,
    SheetUnreadable,
)
from fleet.sheets.xml_stream import XmlStream

MOST_UNPACKED_BYTES: Final = 300 * 1024 * 1024
MOST_RATIO: Final = 200
RATIO_COUNTS_FROM_BYTES: Final = 50 * 1024 * 1024
"""Sheets of much the same rows shrink well; below this a high ratio harms nobody."""
MOST_MEMBERS: Final = 5_000
LARGEST_DIRECTORY_BYTES: Final = 2 * 1024 * 1024
"""Of the list of members, which is held in memory: some 400 bytes a member."""
MOST_SHEETS: Final = 1_000
LARGEST_PLAIN_PART_BYTES: Final = 4 * 1024 * 1024
"""Of the parts that are read whole: the list of parts, of sheets and of their relations."""
LONGEST_NAME: Final = 100
"""Excel allows 31 characters."""
STRICT: Final = b"http://purl.oclc.org/ooxml/officeDocument/relationships"
"""Of "Strict Open XML", which Excel writes on request and openpyxl does not know."""
TRANSITIONAL: Final = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT_TYPES: Final = "[Content_Types].xml"

if not DEFUSEDXML:  # pragma: no cover - a broken installation
    raise ImportError("openpyxl runs without defusedxml")


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet as the workbook lists it."""

    name: str
    part: str
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Package:
    """An open workbook; close the archive."""

    archive: zipfile.ZipFile
    sheets: tuple[SheetPart, ...]
    strings_part: str | None
    styles_part: str | None
    date_1904: bool

    def open_part(self, part: str) -> IO[bytes]:
        """The bytes of a part. Raises: SheetUnreadable."""
        try:
            return self.archive.open(part)
        except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise broken() from error


class _CheckedArchive(zipfile.ZipFile):
    """Gives openpyxl only parts that are small and harmless."""

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        entry = name if isinstance(name, zipfile.ZipInfo) else self.getinfo(name)
        if entry.file_size > LARGEST_PLAIN_PART_BYTES:
            raise SheetTooLarge(
                f"{entry.filename} is too large",
                f"{entry.filename} 过大",
                reason="part_too_large",
                part=entry.filename,
            )
        content = super().read(entry)
        XmlStream(entry.filename, _ignore, _ignore).read(io.BytesIO(content))
        return content.replace(STRICT, TRANSITIONAL)


def _ignore(*_: Any) -> None:
    """No part of it is wanted."""


def open_package(path: Path) -> Package:
    """The workbook in this zip archive, checked.

    Raises:
        SheetRefused: not a workbook, broken, with macros, protected, or a zip bomb.
    """
    try:
        _check_directory(path)
        archive = _CheckedArchive(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise broken() from error
    try:
        _check_members(archive.infolist())
        return _read_structure(archive)
    except SheetRefused:
        archive.close()
        raise
    except (RecursionError, MemoryError):
        archive.close()
        raise
    except Exception as error:  # openpyxl says what is amiss in many ways
        archive.close()
        raise broken() from error


def broken() -> SheetUnreadable:
    """It is a zip archive that is damaged, or not a workbook."""
    return SheetUnreadable(
        "The file is damaged or is not an Excel workbook (.xlsx); open it in Excel and save it"
        " again",
        "文件已损坏或不是 Excel 工作簿（.xlsx），请用 Excel 打开后另存",
        reason="broken",
    )


def _check_directory(path: Path) -> None:
    """Refuse a list of members too long to be held, before it is."""
    with path.open("rb") as file:
        end: list[Any] | None = zipfile._EndRecData(file)  # type: ignore[attr-defined]
    if end is None:
        raise broken()
    directory_bytes = end[zipfile._ECD_SIZE]  # type: ignore[attr-defined]
    if directory_bytes > LARGEST_DIRECTORY_BYTES:
        _refuse_bomb("directory_bytes", directory_bytes, LARGEST_DIRECTORY_BYTES)


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        _refuse_bomb("members", len(members), MOST_MEMBERS)
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > MOST_UNPACKED_BYTES:
        _refuse_bomb("unpacked_bytes", unpacked, MOST_UNPACKED_BYTES)
    if unpacked > RATIO_COUNTS_FROM_BYTES and unpacked > packed * MOST_RATIO:
        _refuse_bomb("ratio", unpacked // max(packed, 1), MOST_RATIO)
    names = {member.filename.lower() for member in members}
    if any(member.flag_bits & 0x1 for member in members):
        raise SheetProtectedOrOld(
            "The file is protected by a password; save it without one",
            "文件有密码保护，请取消密码后再上传",
            reason="protected",
        )
    if any(name.endswith("vbaproject.bin") for name in names):
        raise has_macros()
    wrong_method = any(
        member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for member in members
    )
    if CONTENT_TYPES.lower() not in names or len(names) != len(members) or wrong_method:
        raise broken()


def _refuse_bomb(reason: str, found: int, limit: int) -> NoReturn:
    raise SheetTooLarge(
        f"The file unpacks to more than is read ({reason} {found}, limit {limit})",
        f"文件解压后过大（{reason} {found}，上限 {limit}）",
        reason=reason,
        found=found,
        limit=limit,
    )


def has_macros() -> SheetHasMacros:
    """It is a workbook with macros."""
    return SheetHasMacros(
        "The workbook carries macros (.xlsm); save it as .xlsx",
        "文件含有宏（.xlsm），请另存为 .xlsx 后再上传",
    )


def _read_structure(archive: _CheckedArchive) -> Package:
    """What openpyxl finds: the sheets in their order, where they are stored, the day 0 of dates."""
    with Path(str(archive.filename)).open("rb") as file:
        reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
        reader.archive = archive
        reader.read_manifest()
        if b"macroEnabled" in archive.read(CONTENT_TYPES):
            raise has_macros()
        reader.read_workbook()
        sheets = tuple(
            SheetPart(str(sheet.name)[:LONGEST_NAME], rel.target, sheet.state != "visible")
            for sheet, rel in reader.parser.find_sheets()
            if rel.Type.endswith("/worksheet") and rel.target in reader.valid_files
        )
    if not sheets or len({sheet.part for sheet in sheets}) != len(sheets):
        raise broken()
    if len(sheets) > MOST_SHEETS:
        _refuse_bomb("sheets", len(sheets), MOST_SHEETS)
    return Package(
        archive,
        sheets,
        _part_for(reader, "/sharedStrings"),
        _part_for(reader, "/styles"),
        reader.wb.epoch == CALENDAR_MAC_1904,
    )


def _part_for(reader: ExcelReader, purpose: str) -> str | None:
    relations: dict[str, Any] = reader.parser.rels  # type: ignore[assignment]  # as it really is
    for rel in relations.values():
        if rel.Type.endswith(purpose) and rel.target in reader.valid_files:
            return str(rel.target)
    return None
