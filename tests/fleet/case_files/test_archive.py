"""A case file is written whole or not at all, piece by piece, equal content as equal bytes."""

import hashlib
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.case_files.archive import SEAL_BYTES, writing
from fleet.case_files.checking import verify_case_file
from fleet.case_files.manifest import list_digest, parsed
from tests.fleet.case_files.made import CONTENT, MADE, fill, make


def test_what_was_added_is_in_it_and_in_its_manifest(tmp_path: Path) -> None:
    manifest = make(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        names = packed.namelist()
        assert {name: packed.read(name) for name in CONTENT} == CONTENT
        assert parsed(packed.read("MANIFEST.json")) == manifest
        assert packed.read("README.txt") == manifest.list_sha256.encode()
    assert names == [*CONTENT, "SHA256SUMS", "README.txt", "MANIFEST.json"]
    assert [(one.path, one.size_bytes) for one in manifest.files] == [
        (path, len(text)) for path, text in CONTENT.items()
    ]
    assert {one.path: one.sha256 for one in manifest.files} == {
        path: hashlib.sha256(text).hexdigest() for path, text in CONTENT.items()
    }
    assert [one.path for one in manifest.cover] == ["SHA256SUMS", "README.txt"]
    assert [(one.what, one.why) for one in manifest.left_out] == [("bills", "none yet")]
    assert manifest.notes == ("no consent recorded",)
    assert verify_case_file(tmp_path / "a.zip") == []


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    make(tmp_path / "a.zip")
    make(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_its_comment_is_the_digest_of_all_bytes_before_it(tmp_path: Path) -> None:
    make(tmp_path / "a.zip")
    text = (tmp_path / "a.zip").read_bytes()
    assert text[-SEAL_BYTES:].decode() == hashlib.sha256(text[:-SEAL_BYTES]).hexdigest()


def test_sha256sum_reads_the_list(tmp_path: Path) -> None:
    manifest = make(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        packed.extractall(tmp_path / "unpacked")
    checked = subprocess.run(
        ["sha256sum", "-c", "--strict", "SHA256SUMS"],
        cwd=tmp_path / "unpacked",
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
    )
    assert (checked.returncode, checked.stdout.count(": OK")) == (0, len(CONTENT))
    digest = hashlib.sha256((tmp_path / "unpacked/SHA256SUMS").read_bytes()).hexdigest()
    assert digest == manifest.list_sha256 == list_digest(manifest.files)


def test_a_changed_file_goes_in_as_it_is_and_is_told(tmp_path: Path) -> None:
    was = hashlib.sha256(b"as kept").hexdigest()
    with writing(tmp_path / "a.zip") as writer:
        kept = writer.add("1.txt", [b"as kept"], what="", source="", expected_sha256=was)
        writer.add("2.txt", [b"as kepT"], what="", source="", expected_sha256=was)
        manifest = writer.finish(MADE, {})
    assert kept.fault is None
    assert [(one.path, one.fault) for one in manifest.faults] == [
        ("2.txt", f"changed since it was kept: its SHA-256 was {was}")
    ]
    assert verify_case_file(tmp_path / "a.zip") == []


@pytest.mark.parametrize("path", ["../a", "/a", "a\\b", "a//b", "", "nul.txt", "LEASE.JSON"])
def test_a_name_that_is_not_safe_or_taken_is_a_fault_of_the_program(
    tmp_path: Path, path: str
) -> None:
    with pytest.raises(ValueError, match="no name for a file"), writing(tmp_path / "a") as writer:
        writer.add("lease.json", [b"{}"], what="", source="")
        writer.add(path, [b""], what="", source="")
    assert list(tmp_path.iterdir()) == []


def test_what_fails_leaves_nothing_and_what_was_there_before(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"so far"
        raise OSError("disk")

    (tmp_path / "a.zip").write_bytes(b"the one before")
    with pytest.raises(OSError, match="disk"), writing(tmp_path / "a.zip") as writer:
        writer.add("1.txt", broken(), what="", source="")
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {
        "a.zip": b"the one before"
    }


def test_without_its_manifest_it_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="finished by its manifest"), writing(tmp_path / "a"):
        pass
    assert list(tmp_path.iterdir()) == []


class Piece(bytes):
    """Bytes that know how many of them there are."""

    held = 0
    most = 0

    def __new__(cls, text: bytes) -> "Piece":
        Piece.held += 1
        Piece.most = max(Piece.most, Piece.held)
        return super().__new__(cls, text)

    def __del__(self) -> None:
        Piece.held -= 1


def test_a_long_file_is_held_piece_by_piece(tmp_path: Path) -> None:
    with writing(tmp_path / "a.zip") as writer:
        pieces = (Piece(b"%06d\n" % number) for number in range(200_000))
        entry = writer.add("long.csv", pieces, what="", source="")
        fill(writer)
    assert entry.size_bytes == 1_400_000
    assert (Piece.held, Piece.most) == (0, 2)
