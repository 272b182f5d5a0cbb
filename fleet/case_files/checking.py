"""Decides whether a case file is what it was when it was made, without any database.

Finds every changed byte: of a file (its digest), of the manifest (its own), of the archive around
them (the seal in its comment). Hostile archives are refused before they are unpacked, and nothing
is ever written to disk. That somebody made the whole archive anew, with digests that fit, shows
against the digest on the printed cover or in the audit trail only: `list_sha256` is for that.
"""

import hashlib
import os
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal

from fleet.case_files.archive import MOST_FILES, SEAL_BYTES, digest_of_first
from fleet.case_files.manifest import (
    LIST_NAME,
    MANIFEST_NAME,
    Entry,
    Manifest,
    list_digest,
    list_text,
    parsed,
)
from fleet.case_files.names import is_safe, same_name

FaultKind = Literal[
    "not_a_zip",
    "bomb",
    "unsafe_name",
    "duplicate",
    "manifest_missing",
    "manifest_altered",
    "missing",
    "added",
    "wrong_size",
    "altered",
    "unreadable",
    "other_list",
    "resealed",
]
MOST_DIRECTORY_BYTES: Final = 64 * 1024 * 1024
MOST_MANIFEST_BYTES: Final = 64 * 1024 * 1024
MOST_UNPACKED_BYTES: Final = 64 * 1024**3
MOST_UNPACKED_TIMES: Final = 1_100
"""No file that deflate makes smaller gets smaller than that."""
_PIECE_BYTES: Final = 256 * 1024
MOST_COMMENT_BYTES: Final = 65_535
_END_MARK: Final = b"PK\x05\x06"
_END: Final = struct.Struct("<4s4H2LH")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_BYTES: Final = 20
_UNREADABLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    struct.error,
    OSError,
)
"""What zipfile raises of bytes that are not what they should be."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and with which file of the archive."""

    kind: FaultKind
    path: str | None
    detail: str


class _Refused(Exception):
    """The archive is not to be read on."""

    def __init__(self, kind: FaultKind, detail: str) -> None:
        super().__init__(detail)
        self.fault = Fault(kind, None, detail)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: the faults, and the manifest where it could be read."""

    faults: list[Fault]
    manifest: Manifest | None


def verify_case_file(path: Path) -> list[Fault]:
    """What is wrong with the case file; nothing if it is what it was.

    Raises:
        OSError: there is no file, or nobody may read it.
    """
    return check_case_file(path).faults


def check_case_file(path: Path) -> Checked:
    """As `verify_case_file`, and what its manifest says.

    Raises:
        OSError: there is no file, or nobody may read it.
    """
    with path.open("rb") as file:
        try:
            sealed_end = _check_end(file)
            with zipfile.ZipFile(file) as packed:
                faults, manifest = _check_packed(packed, _size_of(file))
        except _Refused as refused:
            return Checked([refused.fault], None)
        except _UNREADABLE as error:
            return Checked([Fault("not_a_zip", None, _said(error))], None)
        if not sealed_end and not faults:
            faults.append(Fault("resealed", None, "its archive was changed, or packed anew"))
        return Checked(faults, manifest)


def _check_end(file: IO[bytes]) -> bool:
    """Whether the end of the archive is as we write it and its seal fits.

    Raises:
        _Refused: it is no ZIP, or lists more than we read.
    """
    size = _size_of(file)
    place = _place_of_end(file, size)
    _bound(file, place)
    length = size - SEAL_BYTES
    if place != length - _END.size:
        return False
    return _read(file, length, SEAL_BYTES) == digest_of_first(file, length).encode()


def _place_of_end(file: IO[bytes], size: int) -> int:
    """Where the end of the directory stands, looked for as zipfile does.

    Raises:
        _Refused: nowhere.
    """
    bare = _read(file, max(0, size - _END.size), _END.size)
    if bare[:4] == _END_MARK and bare[-2:] == bytes(2):
        return size - _END.size
    begin = max(0, size - MOST_COMMENT_BYTES - _END.size)
    found = _read(file, begin, size - begin).rfind(_END_MARK)
    if found < 0 or size - begin - found < _END.size:
        raise _Refused("not_a_zip", "it has no end of a ZIP")
    return begin + found


def _bound(file: IO[bytes], place: int) -> None:
    """Refuse a directory that would not fit into memory, before it is read."""
    end = _END.unpack(_read(file, place, _END.size))
    _signature, _disk, _from, _here, files, length, _offset, _comment = end
    counts = [(files, length)]
    begin = place - _LOCATOR_BYTES - _END_64.size
    if begin >= 0 and _read(file, place - _LOCATOR_BYTES, 4) == b"PK\x06\x07":
        further = _END_64.unpack(_read(file, begin, _END_64.size))
        counts = [(further[7], further[8])]
    if any(files > MOST_FILES or length > MOST_DIRECTORY_BYTES for files, length in counts):
        raise _Refused("bomb", "it lists more files than a case file holds")


def _check_packed(packed: zipfile.ZipFile, size: int) -> tuple[list[Fault], Manifest | None]:
    infos = packed.infolist()
    faults = [*_check_names(infos), *_check_amounts(infos, size)]
    if faults:
        return faults, None
    by_path = {info.filename: info for info in infos}
    if MANIFEST_NAME not in by_path:
        return [Fault("manifest_missing", MANIFEST_NAME, "there is none")], None
    if by_path[MANIFEST_NAME].file_size > MOST_MANIFEST_BYTES:
        return [Fault("bomb", MANIFEST_NAME, "longer than any manifest")], None
    try:
        with packed.open(MANIFEST_NAME) as opened:
            manifest = parsed(opened.read(MOST_MANIFEST_BYTES + 1))
    except _UNREADABLE as error:
        return [Fault("manifest_altered", MANIFEST_NAME, _said(error))], None
    return [*_check_listed(packed, by_path, manifest)], manifest


def _check_names(infos: list[zipfile.ZipInfo]) -> Iterator[Fault]:
    """Names that leave the folder, that are links or folders, or that are there twice."""
    for info in infos:
        linked = stat.S_ISLNK(info.external_attr >> 16)
        if info.filename != info.orig_filename or not is_safe(info.filename) or linked:
            yield Fault("unsafe_name", info.orig_filename, "no name of a file in a case file")
    times = Counter(same_name(info.filename) for info in infos)
    for info in infos:
        if times.pop(same_name(info.filename), 1) > 1:
            yield Fault("duplicate", info.filename, "there are several of this name")


def _check_amounts(infos: list[zipfile.ZipInfo], size: int) -> Iterator[Fault]:
    """More than can be in so few bytes, or the same bytes told as several files."""
    if sum(info.file_size for info in infos) > MOST_UNPACKED_BYTES:
        yield Fault("bomb", None, "it unpacks to more than a case file holds")
    if sum(info.compress_size for info in infos) > size:
        yield Fault("bomb", None, "its files overlap")
    for info in infos:
        if info.file_size > MOST_UNPACKED_TIMES * max(info.compress_size, 1):
            yield Fault("bomb", info.filename, "it unpacks to more than can be in it")


def _check_listed(
    packed: zipfile.ZipFile, by_path: dict[str, zipfile.ZipInfo], manifest: Manifest
) -> Iterator[Fault]:
    listed = [*manifest.files, *manifest.cover]
    names = {entry.path for entry in listed}
    if len(names) < len(listed) or MANIFEST_NAME in names:
        yield Fault("manifest_altered", MANIFEST_NAME, "it lists a file twice, or itself")
    for path in by_path.keys() - names - {MANIFEST_NAME}:
        yield Fault("added", path, "it is not in the manifest")
    for entry in listed:
        if entry.path not in by_path:
            yield Fault("missing", entry.path, "it is in the manifest only")
        else:
            yield from _check_file(packed, by_path[entry.path], entry)
    yield from _check_list(packed, by_path, manifest)


def _check_file(packed: zipfile.ZipFile, info: zipfile.ZipInfo, entry: Entry) -> Iterator[Fault]:
    if info.file_size != entry.size_bytes:
        detail = f"{info.file_size} bytes in place of {entry.size_bytes}"
        yield Fault("wrong_size", entry.path, detail)
        return
    digest, size = hashlib.sha256(), 0
    try:
        with packed.open(info) as opened:
            while size <= entry.size_bytes and (piece := opened.read(_PIECE_BYTES)):
                digest.update(piece)
                size += len(piece)
    except _UNREADABLE as error:
        yield Fault("unreadable", entry.path, _said(error))
        return
    if size != entry.size_bytes:
        yield Fault("wrong_size", entry.path, f"{size} bytes in place of {entry.size_bytes}")
    elif digest.hexdigest() != entry.sha256:
        yield Fault("altered", entry.path, f"its SHA-256 is {digest.hexdigest()}")


def _check_list(
    packed: zipfile.ZipFile, by_path: dict[str, zipfile.ZipInfo], manifest: Manifest
) -> Iterator[Fault]:
    """Whether SHA256SUMS is of these files, and the digest on the cover is its own."""
    if list_digest(manifest.files) != manifest.list_sha256:
        yield Fault("other_list", MANIFEST_NAME, "list_sha256 is not of the files listed")
    wanted = list_text(manifest.files)
    info = by_path.get(LIST_NAME)
    if info is None or info.file_size != len(wanted):
        yield Fault("other_list", LIST_NAME, "it does not list the files of the manifest")
        return
    try:
        with packed.open(info) as opened:
            if opened.read(len(wanted) + 1) != wanted:
                yield Fault("other_list", LIST_NAME, "it does not list the files of the manifest")
    except _UNREADABLE as error:
        yield Fault("unreadable", LIST_NAME, _said(error))


def _read(file: IO[bytes], place: int, length: int) -> bytes:
    file.seek(place)
    return file.read(length)


def _size_of(file: IO[bytes]) -> int:
    return file.seek(0, os.SEEK_END)


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"[:300]
