"""Every kind of tampering with a case file is found, and a hostile one is refused unread."""

import io
import os
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.case_files import checking
from fleet.case_files.checking import check_case_file, verify_case_file
from fleet.case_files.manifest import parsed, rendered, sealed
from tests.fleet.case_files.made import CONTENT, Tamper, make, repack, seal

PHOTO = "hand-overs/1/photos/01-左前.jpg"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    make(tmp_path / "a.zip")
    return tmp_path / "a.zip"


def found(path: Path) -> list[tuple[str, str | None]]:
    return sorted(((one.kind, one.path) for one in verify_case_file(path)), key=str)


def test_an_untouched_one_has_no_fault(made: Path) -> None:
    checked = check_case_file(made)
    assert checked.faults == []
    assert checked.manifest is not None
    assert checked.manifest.made.lease_no == "L2026-ABC123"


def altered(content: dict[str, bytes]) -> None:
    content["lease.json"] = content["lease.json"].replace(b"ABC", b"ABD")


def longer(content: dict[str, bytes]) -> None:
    content["lease.json"] += b" "


def gone(content: dict[str, bytes]) -> None:
    del content[PHOTO]


def added(content: dict[str, bytes]) -> None:
    content["hand-overs/1/photos/02.jpg"] = b"a photo of later"


def renamed(content: dict[str, bytes]) -> None:
    content["hand-overs/2/record.json"] = content.pop("lease.json")


def other_cover(content: dict[str, bytes]) -> None:
    content["README.txt"] = b"0" * 64


def other_list(content: dict[str, bytes]) -> None:
    content["SHA256SUMS"] = content["SHA256SUMS"][:-1] + b"x"


def other_meaning(content: dict[str, bytes]) -> None:
    content["MANIFEST.json"] = content["MANIFEST.json"].replace(b"lin", b"lan")


def other_spaces(content: dict[str, bytes]) -> None:
    content["MANIFEST.json"] += b"\n"


def no_manifest(content: dict[str, bytes]) -> None:
    del content["MANIFEST.json"]


def nested_manifest(content: dict[str, bytes]) -> None:
    content["MANIFEST.json"] = b"[" * 200_000


def forged(content: dict[str, bytes]) -> None:
    """A file and its line in the manifest, with digests that fit; the list was forgotten."""
    manifest = parsed(content["MANIFEST.json"])
    files = tuple(one for one in manifest.files if one.path != PHOTO)
    del content[PHOTO]
    content["MANIFEST.json"] = rendered(sealed(manifest.model_copy(update={"files": files})))


TAMPERED: list[tuple[Tamper, list[tuple[str, str | None]]]] = [
    (altered, [("altered", "lease.json")]),
    (longer, [("wrong_size", "lease.json")]),
    (gone, [("missing", PHOTO)]),
    (added, [("added", "hand-overs/1/photos/02.jpg")]),
    (renamed, [("added", "hand-overs/2/record.json"), ("missing", "lease.json")]),
    (other_cover, [("altered", "README.txt")]),
    (other_list, [("altered", "SHA256SUMS"), ("other_list", "SHA256SUMS")]),
    (other_meaning, [("manifest_altered", "MANIFEST.json")]),
    (other_spaces, [("manifest_altered", "MANIFEST.json")]),
    (no_manifest, [("manifest_missing", "MANIFEST.json")]),
    (nested_manifest, [("manifest_altered", "MANIFEST.json")]),
    (forged, [("other_list", "MANIFEST.json"), ("other_list", "SHA256SUMS")]),
]


@pytest.mark.parametrize(
    ("tamper", "faults"), TAMPERED, ids=lambda one: getattr(one, "__name__", "")
)
def test_what_was_done_to_it_is_named(
    made: Path, tamper: Tamper, faults: list[tuple[str, str | None]]
) -> None:
    repack(made, tamper)
    assert found(made) == faults


def test_packed_anew_by_another_program_it_is_not_sealed(made: Path) -> None:
    repack(made, lambda _content: None, reseal=False)
    assert found(made) == [("resealed", None)]


@pytest.fixture(scope="module")
def whole() -> Iterator[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder, "a.zip"))
        yield Path(folder, "a.zip").read_bytes()


def faults_of(text: bytes) -> list[checking.Fault]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.zip").write_bytes(text)
        return verify_case_file(Path(folder, "a.zip"))


@given(st.data())
def test_any_byte_that_changes_is_found(whole: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(whole) - 1))
    change = data.draw(st.integers(1, 255))
    text = bytearray(whole)
    text[place] ^= change
    assert len(faults_of(bytes(text))) >= 1


@given(st.data())
def test_any_byte_that_changes_within_a_file_is_found_though_all_else_fits(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("case") / "a.zip"
    manifest = make(path)
    names = [one.path for one in (*manifest.files, *manifest.cover) if one.size_bytes]
    name = data.draw(st.sampled_from([*names, "MANIFEST.json"]))

    def flip(content: dict[str, bytes]) -> None:
        text = bytearray(content[name])
        text[data.draw(st.integers(0, len(text) - 1))] ^= data.draw(st.integers(1, 255))
        content[name] = bytes(text)

    repack(path, flip)
    faults = {one.path for one in verify_case_file(path)}
    assert faults == {name}


@given(st.data())
def test_any_part_that_is_cut_off_or_put_in_is_found(whole: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(whole)))
    more = data.draw(st.binary(min_size=0, max_size=40))
    text = whole[:place] + more
    if text != whole:
        assert len(faults_of(text)) >= 1
    if more:
        assert len(faults_of(whole[:place] + more + whole[place:])) >= 1


@given(st.binary(max_size=300))
def test_whatever_bytes_they_are_they_are_no_case_file(text: bytes) -> None:
    assert [one.kind for one in faults_of(text)] == ["not_a_zip"]


def zipped(files: list[tuple[str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            with archive.open(zipfile.ZipInfo(name), "w") as target:
                target.write(text)
    return packed.getvalue()


@pytest.mark.parametrize(
    "name",
    ["../a", "a/../../b", "/etc/passwd", "C:/windows", "a\\b", "folder/", "aux", "a/./b", "a\nb",
     "a\u202egpj.exe", "x" * 401],
)  # fmt: skip
def test_a_name_that_leaves_the_folder_is_refused(name: str) -> None:
    faults = faults_of(zipped([("lease.json", b"{}"), (name, b"")]))
    assert [(one.kind, one.path) for one in faults[:1]] == [("unsafe_name", name)]


def test_a_name_with_a_nul_is_refused() -> None:
    text = zipped([("lease.jsonX.txt", b"{}")]).replace(b"jsonX", b"json\0")
    assert [one.kind for one in faults_of(text)] == ["unsafe_name"]


def test_a_link_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        link = zipfile.ZipInfo("lease.json")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert [one.kind for one in faults_of(packed.getvalue())] == ["unsafe_name"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("one", "other"),
    [("a.csv", "a.csv"), ("a.csv", "A.CSV"), ("caf\u00e9", "cafe\u0301")],
    ids=["the same", "upper case", "composed"],
)
def test_two_files_of_one_name_are_refused(one: str, other: str) -> None:
    faults = faults_of(zipped([(one, b"1"), (other, b"2")]))
    assert [(fault.kind, fault.path) for fault in faults] == [("duplicate", one)]


def test_a_bomb_is_not_unpacked() -> None:
    text = bytearray(zipped([("a.csv", bytes(1000))]))
    entry = text.rfind(b"PK\x01\x02")
    text[entry + 24 : entry + 28] = struct.pack("<L", 2**31)
    assert [(one.kind, one.path) for one in faults_of(bytes(text))] == [("bomb", "a.csv")]


def test_files_that_overlap_are_refused() -> None:
    """Many entries of the directory that name the same bytes."""
    text = zipped([(f"{number}.csv", os.urandom(5_000)) for number in range(3)])
    with zipfile.ZipFile(io.BytesIO(text)) as archive:
        first, second, third = archive.infolist()
    body = text[: second.header_offset]
    with zipfile.ZipFile(io.BytesIO(), "w") as target:
        target.start_dir = len(body)
        for info in (first, second, third):
            info.header_offset = 0
            target.filelist.append(info)
        target._didModify = True  # type: ignore[attr-defined]
        target.fp.write(body)  # type: ignore[union-attr]
        target._write_end_record()  # type: ignore[attr-defined]
        packed = target.fp.getvalue()  # type: ignore[union-attr]
        target._didModify = False  # type: ignore[attr-defined]
    assert [(one.kind, one.detail) for one in faults_of(packed)] == [("bomb", "its files overlap")]


@pytest.mark.parametrize(
    ("files", "length"), [(60_001, 100), (1, 2**30)], ids=["many files", "a long directory"]
)
def test_a_directory_too_large_to_read_is_refused(whole: bytes, files: int, length: int) -> None:
    end = bytearray(whole)
    place = end.rfind(b"PK\x05\x06")
    end[place + 10 : place + 16] = struct.pack("<HL", files, length)
    assert [one.kind for one in faults_of(bytes(end))] == ["bomb"]


def test_the_larger_directory_of_a_zip64_counts(whole: bytes) -> None:
    place = whole.rfind(b"PK\x05\x06")
    further = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, 2**40, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place, 1)
    text = whole[:place] + further + locator + whole[place:]
    assert [one.kind for one in faults_of(text)] == ["bomb"]


def test_an_encrypted_file_cannot_be_read(made: Path) -> None:
    text = bytearray(made.read_bytes())
    entry = text.find(b"PK\x01\x02")
    text[entry + 8] |= 1
    made.write_bytes(bytes(text))
    seal(made)
    assert found(made) == [("unreadable", "lease.json")]


def test_more_bytes_than_the_manifest_says_are_not_read_on(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory may lie about a length; no more than the manifest's is unpacked."""
    monkeypatch.setattr(checking, "_PIECE_BYTES", 8)
    repack(made, lambda content: content.update({"lease.json": b"x" * len(CONTENT["lease.json"])}))
    assert found(made) == [("altered", "lease.json")]


def test_no_file_is_an_error_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify_case_file(tmp_path / "none.zip")
