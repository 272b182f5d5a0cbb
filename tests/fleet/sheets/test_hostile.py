"""Hostile and broken files: each is refused by its name, and nothing grows without bound."""

import codecs
import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import defusedxml
import defusedxml.ElementTree
import openpyxl.reader.excel
import openpyxl.reader.workbook
import openpyxl.xml.functions
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.sheets import errors, xml_stream
from fleet.sheets.errors import (
    SheetEmpty,
    SheetHasMacros,
    SheetProtectedOrOld,
    SheetRefused,
    SheetTooLarge,
    SheetUnreadable,
)
from fleet.sheets.hostile import check_file
from fleet.sheets.reading import open_sheet
from tests.fleet.sheets.workbooks import (
    CONTENT_TYPES,
    RELATIONS,
    SHEET_HEAD,
    WORKBOOK,
    parts,
    table,
    zipped,
)

OLE: Final = bytes.fromhex("D0CF11E0A1B11AE1")
ENCRYPTED: Final = bytes(600) + "EncryptedPackage".encode("utf-16-le")
RUN: Final = f"<r><t>{'x' * 50_000}</t></r>"
TWICE: Final = WORKBOOK.replace("</sheets>", '<sheet name="b" sheetId="2" r:id="rId1"/></sheets>')
KLINGON: Final = "<?xml version='1.0' encoding='klingon'?><a/>"
PADDED: Final = (WORKBOOK, *[" " * 1024] * 5_000)
SHEET: Final = "xl/worksheets/sheet1.xml"
XF: Final = '<xf numFmtId="22"/>'
ROW: Final = '<row><c t="str"><v>VIN</v></c></row>'
LAUGHS: Final = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghij"))
    + "]>"
)  # fmt: skip
FROM_ELSEWHERE: Final = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]>'
)


def spaces(mebibytes: int) -> Iterator[str]:
    yield SHEET_HEAD + "<sheetData>" + ROW
    for _ in range(mebibytes):
        yield " " * 1024 * 1024
    yield "</sheetData></worksheet>"


# Refused at the first look, or at a walk through the file


def test_files_that_are_something_else(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    for content, refusal, reason in [
        (b"", SheetEmpty, None),
        (OLE + bytes(600), SheetProtectedOrOld, "old"),
        (b"\x09\x08\x10\x00\x00\x06\x05\x00", SheetProtectedOrOld, "old"),
        (OLE + ENCRYPTED, SheetProtectedOrOld, "protected"),
        (b"%PDF-1.7 ...", SheetUnreadable, "other_format"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", SheetUnreadable, "binary"),
        ("\ufeff <html><table><tr><td>车架号".encode(), SheetUnreadable, "other_format"),
        (b"PK\x03\x04 and then nothing", SheetUnreadable, "broken"),
        (b"VIN,plate\nV1,\x00\n", SheetUnreadable, "binary"),
        (b"VIN,\xff\xff\xff\n", SheetUnreadable, "encoding"),
        (codecs.BOM_UTF16_LE + b"V\x00I\x00N", SheetUnreadable, "encoding"),
        (codecs.BOM_UTF8 + "车架号".encode("gbk"), SheetUnreadable, "encoding"),
        (b'VIN,"plate\n' + b"V1,x\n" * 100_000, SheetUnreadable, "csv"),
        (b"VIN," + b"x" * 300_000, SheetUnreadable, "line_too_long"),
        (b"VIN" + b",V" * 200, SheetTooLarge, "columns"),
        (b"VIN\n" * 100_001, SheetTooLarge, "rows"),
        (b" , ,\n\n", SheetEmpty, None),
    ]:  # fmt: skip
        path.write_bytes(content)
        with pytest.raises(refusal) as told:
            check_file(path)
        assert told.value.facts.get("reason") == reason, content[:20]
        assert told.value.facts["told_zh"]


def with_flag(path: Path, offset: int, form: str, value: int) -> None:
    """Set a number in every entry of the central directory."""
    content = bytearray(path.read_bytes())
    place = content.find(b"PK\x01\x02")
    while place >= 0:
        struct.pack_into(form, content, place + offset, value)
        place = content.find(b"PK\x01\x02", place + 1)
    path.write_bytes(content)


def test_archives_that_are_no_workbook_of_ours(tmp_path: Path) -> None:
    whole = parts(ROW)
    macro_types = CONTENT_TYPES.replace(
        "officedocument.spreadsheetml.sheet.main", "officedocument.macroEnabled.main"
    )
    cases: list[tuple[dict[str, Any], type[SheetRefused], str | None]] = [
        ({"a.txt": "a zip"}, SheetUnreadable, "broken"),
        ({"inner.zip": b"PK\x03\x04" + bytes(1000)}, SheetUnreadable, "broken"),
        ({"[Content_Types].xml": CONTENT_TYPES}, SheetUnreadable, "broken"),
        ({**whole, "xl/vbaProject.bin": b"x"}, SheetHasMacros, None),
        ({**whole, "XL/VBAPROJECT.BIN": b"x"}, SheetHasMacros, None),
        ({**whole, "[Content_Types].xml": macro_types}, SheetHasMacros, None),
        ({**whole, "xl/workbook.xml": "<not xml"}, SheetUnreadable, "not_xml"),
        ({**whole, "xl/workbook.xml": "<other/>"}, SheetUnreadable, "broken"),
        (
            {**whole, "xl/_rels/workbook.xml.rels": RELATIONS.replace("rId1", "rId9")},
            *(SheetUnreadable, "broken"),
        ),
        ({**whole, "XL/workbook.xml": WORKBOOK}, SheetUnreadable, "broken"),
        ({**whole, SHEET: SHEET_HEAD + "<sheetData>" + ROW}, SheetUnreadable, "not_xml"),
        ({**whole, SHEET: SHEET_HEAD + "<sheetData/></worksheet>"}, SheetEmpty, None),
        ({**whole, "xl/workbook.xml": TWICE}, SheetUnreadable, "broken"),
        ({**parts(f"<row><c><is>{RUN * 3}</is></c></row>")}, SheetUnreadable, "text_too_long"),
        ({**whole, SHEET: KLINGON}, SheetUnreadable, "not_xml"),
        ({**whole, **{f"m{n}": b"" for n in range(5_000)}}, SheetTooLarge, "members"),
        ({**whole, "xl/workbook.xml": PADDED}, SheetTooLarge, "part_too_large"),
        ({**whole, SHEET: SHEET_HEAD + "<a/>" * 30}, SheetUnreadable, "not_xml"),
        ({**parts('<row r="2"/><row r="1"/>')}, SheetUnreadable, "broken"),
        ({**parts('<row r="1048577"/>')}, SheetUnreadable, "broken"),
        ({**parts('<row r="one"/>')}, SheetUnreadable, "broken"),
        ({**parts('<row><c r="1A"><v>1</v></c></row>')}, SheetUnreadable, "broken"),
        ({**parts(f"<row>{'<c/>' * 20_000}</row>")}, SheetTooLarge, "columns"),
    ]  # fmt: skip
    for number, (members, refusal, reason) in enumerate(cases):
        path = zipped(tmp_path / "a.xlsx", members)
        with pytest.raises(refusal) as told:
            check_file(path)
        assert told.value.facts.get("reason") == reason, number


def test_an_encrypted_member_and_an_unusual_compression(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", parts(ROW))
    with_flag(path, 8, "<H", 1)
    with pytest.raises(SheetProtectedOrOld):
        check_file(path)
    path = zipped(tmp_path / "b.xlsx", parts(ROW))
    with_flag(path, 10, "<H", zipfile.ZIP_BZIP2)
    with pytest.raises(SheetUnreadable):
        check_file(path)


def test_a_list_of_members_too_long_to_be_held(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(100):
            archive.writestr(f"{number:030000}", b"")
    with pytest.raises(SheetTooLarge) as told:
        check_file(path)
    assert told.value.facts["reason"] == "directory_bytes"


def test_a_member_that_is_larger_than_it_says(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", parts(ROW * 1000))
    with_flag(path, 24, "<I", 100)
    with pytest.raises(SheetUnreadable):
        check_file(path)


@pytest.mark.parametrize("declared", [LAUGHS, FROM_ELSEWHERE, "<!DOCTYPE x>"])
@pytest.mark.parametrize(
    "part", ["[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", SHEET]
)
def test_entities_are_refused_wherever_they_stand(part: str, declared: str, tmp_path: Path) -> None:
    content = parts(ROW)
    own = content[part]
    text = own if isinstance(own, str) else "".join(own)
    path = zipped(tmp_path / "a.xlsx", {**content, part: declared + text.replace("VIN", "&j;")})
    with pytest.raises(SheetUnreadable) as told:
        check_file(path)
    assert (told.value.facts["reason"], told.value.facts["part"]) == ("document_type", part)


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/styles.xml"])
def test_entities_in_texts_and_styles_are_refused_on_opening(part: str, tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.xlsx", {**parts(ROW), part: LAUGHS + "<sst><si><t>&j;</t></si></sst>"}
    )
    with pytest.raises(SheetUnreadable) as told:
        open_sheet(path)
    assert told.value.facts["part"] == part


def test_openpyxl_itself_reads_with_defusedxml(tmp_path: Path) -> None:
    assert openpyxl.xml.functions.fromstring is defusedxml.ElementTree.fromstring
    assert openpyxl.reader.workbook.fromstring is defusedxml.ElementTree.fromstring
    assert openpyxl.reader.excel.fromstring is defusedxml.ElementTree.fromstring
    path = zipped(tmp_path / "a.xlsx", {**parts(ROW), "xl/workbook.xml": LAUGHS + WORKBOOK})
    with pytest.raises(ValueError, match="could not read workbook") as told:
        openpyxl.load_workbook(path, read_only=True)
    assert isinstance(told.value.__cause__, defusedxml.EntitiesForbidden)


def test_links_to_other_workbooks_are_not_followed(tmp_path: Path) -> None:
    linked = WORKBOOK.replace(
        "</workbook>",
        '<externalReferences><externalReference r:id="rId7"/></externalReferences></workbook>',
    )
    relations = RELATIONS.replace(
        "</Relationships>",
        '<Relationship Id="rId7" Target="externalLinks/externalLink1.xml" Type="http://schemas.'
        'openxmlformats.org/officeDocument/2006/relationships/externalLink"/></Relationships>',
    )
    path = zipped(
        tmp_path / "a.xlsx",
        {
            **parts(ROW),
            "xl/workbook.xml": linked,
            "xl/_rels/workbook.xml.rels": relations,
            "xl/externalLinks/externalLink1.xml": LAUGHS + "<externalLink>&j;</externalLink>",
        },
    )
    assert check_file(path) == "xlsx"
    with open_sheet(path) as sheet:
        assert list(sheet.rows) == [(1, ["VIN"])]


def test_a_shared_text_of_many_pieces(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", parts(ROW, strings=f"<sst><si>{RUN * 3}</si></sst>"))
    with pytest.raises(SheetTooLarge):
        open_sheet(path)


def test_a_shared_text_that_is_not_there(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", parts('<row><c t="s"><v>7</v></c></row>'))
    with open_sheet(path) as sheet, pytest.raises(SheetUnreadable):
        list(sheet.rows)


def test_mark_up_without_bound(tmp_path: Path) -> None:
    for rows, reason in [
        ([f'<row a="{"x" * 3_000_000}">', "</row>"], "markup_too_long"),
        ([f"<!--{'x' * 3_000_000}-->"], "markup_too_long"),
        ([f'<row><c t="str"><v>{"x" * 200_000}</v></c></row>'], "text_too_long"),
        (["<row>" + "<c>" * 200, "</c>" * 200 + "</row>"], "too_deep"),
    ]:
        path = zipped(tmp_path / "a.xlsx", parts(rows))
        with pytest.raises(SheetUnreadable) as told:
            check_file(path)
        assert told.value.facts["reason"] == reason


# In a process of its own with little memory

MEMORY_BYTES: Final = 512 * 1024 * 1024
READER: Final = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
from itertools import pairwise
from pathlib import Path
from fleet.sheets.errors import SheetRefused
from fleet.sheets.hostile import check_file
from fleet.sheets.reading import open_sheet
told = []
def check(): return check_file(Path(sys.argv[1]))
def read():
    with open_sheet(Path(sys.argv[1])) as sheet: return sum(len(values) for _, values in sheet.rows)
for look in (check, read):
    try: told.append(look())
    except SheetRefused as error: told.append([type(error).__name__, error.facts])
print(json.dumps(told))
"""


def looked_at_with_little_memory(path: Path) -> list[Any]:
    """What `check_file`, and then `open_sheet` read to its end, say of the file."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", READER, str(path), str(MEMORY_BYTES)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told: list[Any] = json.loads(done.stdout)
    return told


def test_a_million_rows(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", parts(ROW * 1000 for _ in range(1000)))
    for refusal, facts in looked_at_with_little_memory(path):
        assert (refusal, facts["reason"], facts["row_no"]) == ("SheetTooLarge", "rows", 100_001)
        assert facts["told_zh"] == "超过 100000 行（至第 100001 行），请拆分后上传"


def test_a_cell_in_the_last_corner(tmp_path: Path) -> None:
    corner = ROW + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = zipped(tmp_path / "a.xlsx", parts(corner))
    for refusal, facts in looked_at_with_little_memory(path):
        assert (refusal, facts["reason"]) == ("SheetTooLarge", "columns")
        assert facts["cell"] == "XFD1048576"


def test_formats_of_cells_in_which_nothing_stands_harm_nobody(tmp_path: Path) -> None:
    blank = '<row><c r="A1" s="0"/><c r="XFD1" s="0"/></row>' * 1000
    path = zipped(tmp_path / "a.xlsx", parts([ROW, *[blank] * 200]))
    assert looked_at_with_little_memory(path) == ["xlsx", 1]


def test_a_hundred_thousand_shared_texts(tmp_path: Path) -> None:
    def strings() -> Iterator[str]:
        yield "<sst>"
        for number in range(100_000):
            yield f"<si><t>车架号LSGPC52U6AF{number:06}</t></si>"
        yield "</sst>"

    rows = (
        "<row>" + "".join(f'<c t="s"><v>{n}</v></c>' for n in range(first, first + 10)) + "</row>"
        for first in range(0, 100_000, 10)
    )
    path = zipped(tmp_path / "a.xlsx", {**parts(rows), "xl/sharedStrings.xml": strings()})
    assert looked_at_with_little_memory(path) == ["xlsx", 100_000]


def test_texts_that_take_more_memory_than_bytes(tmp_path: Path) -> None:
    def strings() -> Iterable[str]:
        yield "<sst>"
        for _ in range(450):
            yield "<si><t>🚚" + "x" * 99_000 + "</t></si>"
        yield "</sst>"

    path = zipped(tmp_path / "a.xlsx", {**parts(ROW), "xl/sharedStrings.xml": strings()})
    checked, (refusal, facts) = looked_at_with_little_memory(path)
    assert checked == "xlsx"
    assert (refusal, facts["reason"]) == ("SheetTooLarge", "text")


@pytest.mark.parametrize(("mebibytes", "reason"), [(60, "ratio"), (310, "unpacked_bytes")])
def test_a_zip_bomb(mebibytes: int, reason: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", {**parts(), SHEET: spaces(mebibytes)})
    assert path.stat().st_size < 1024 * 1024
    for refusal, facts in looked_at_with_little_memory(path):
        assert (refusal, facts["reason"]) == ("SheetTooLarge", reason)


def test_a_billion_laughs(tmp_path: Path) -> None:
    sheet = LAUGHS + SHEET_HEAD + "<sheetData><row><c><v>&j;</v></c></row></sheetData></worksheet>"
    path = zipped(tmp_path / "a.xlsx", {**parts(), SHEET: sheet})
    for refusal, facts in looked_at_with_little_memory(path):
        assert (refusal, facts["reason"]) == ("SheetUnreadable", "document_type")


def test_the_limit_on_memory_is_felt(tmp_path: Path) -> None:
    """The proof of the proofs above: what is not bounded dies of this limit."""
    grab = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({MEMORY_BYTES},) * 2)"
    done = subprocess.run(
        [sys.executable, "-c", f"{grab}; bytearray({MEMORY_BYTES})"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "MemoryError" in done.stderr


# Whatever else

STORED: Final = ("", "0", "-1", "1e400", "NaN", "46143.5", "9" * 50)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("sound")
    rows = [["车架号", "购置价"], ["LSGPC52U6AF102554", 128000.5], ["LSGPC52U6AF102555", 1]]
    return table(folder / "a.xlsx", rows).read_bytes()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    st.floats(0.3, 1),
)
def test_a_damaged_workbook_is_refused_or_read(
    sound: bytes,
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[tuple[float, int]],
    kept: float,
) -> None:
    content = bytearray(sound[: int(len(sound) * kept)])
    for place, byte in changes:
        content[int(place * len(content))] = byte
    path = tmp_path_factory.getbasetemp() / "damaged.xlsx"
    path.write_bytes(content)
    read_or_refused(path)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_refused_or_read(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    read_or_refused(path)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["n", "s", "b", "e", "d", "str", "inlineStr", "?"]),
            st.sampled_from(["0", "1", "14", "-1", "1e9", ""]),
            st.sampled_from(STORED) | st.text("0129.eE-T: #N/A"),
        )
    )
)
def test_any_cells_are_refused_or_read(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str, str]]
) -> None:
    row = "".join(f'<c t="{t}" s="{s}"><v>{v}</v></c>' for t, s, v in cells)
    styles = f"<styleSheet><cellXfs>{XF * 15}</cellXfs></styleSheet>"
    path = tmp_path_factory.getbasetemp() / "cells.xlsx"
    read_or_refused(zipped(path, parts(f"<row>{row}</row>", styles=styles)))


def read_or_refused(path: Path) -> None:
    for look in (check_file, read_all):
        try:
            look(path)
        except SheetRefused as refused:
            assert refused.code in CODES


CODES: Final = {
    each.code
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, SheetRefused)
}


def read_all(path: Path) -> None:
    with open_sheet(path) as sheet:
        list(sheet.rows)


def test_more_elements_than_any_sheet_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_stream, "MOST_ELEMENTS", 1000)
    path = zipped(tmp_path / "a.xlsx", parts("<row>" + "<c/>" * 1000 + "</row>"))
    with pytest.raises(SheetUnreadable) as told:
        check_file(path)
    assert told.value.facts["reason"] == "too_many_elements"
