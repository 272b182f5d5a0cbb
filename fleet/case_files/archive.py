"""Packs a case file: piece by piece, whole or not at all, the same content into the same bytes.

Nothing of a file is held but one piece. The ZIP grows in the folder it is to stand in and gets its
name at the end. Its comment is the SHA-256 of every byte before it: the seal. Leaves out what the
files are.
"""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from fleet.case_files.manifest import (
    LIST_NAME,
    MANIFEST_NAME,
    Entry,
    LeftOut,
    Maker,
    Manifest,
    list_digest,
    list_text,
    rendered,
    sealed,
)
from fleet.case_files.names import is_safe, same_name

SEAL_BYTES: Final = 64
MOST_FILES: Final = 60_000
"""Below what a ZIP counts without its extension."""
_PLACEHOLDER: Final = b"0" * SEAL_BYTES
_DAY_ONE: Final = (1980, 1, 1, 0, 0, 0)
"""Of every file: when it was made stands in the manifest, and the bytes depend on content alone."""
_PACKED_ALREADY: Final = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".pdf", ".xlsx", ".zip")
_READ_BYTES: Final = 1024 * 1024
Cover = Callable[[Maker, str], bytes]
"""The text of a cover page, of a case file whose list has this digest."""


class TooManyFiles(Exception):
    """More than a case file holds; a fault of who fills it."""


class CaseFileWriter:
    """A case file being written; made by `writing`."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed
        self._names: set[str] = set()
        self.files: list[Entry] = []
        self.left_out: list[LeftOut] = []
        self.notes: list[str] = []
        self.manifest: Manifest | None = None

    def add(
        self,
        path: str,
        pieces: Iterable[bytes],
        *,
        what: str,
        source: str,
        expected_sha256: str | None = None,
    ) -> Entry:
        """A file. Bytes that are not those once kept go in as they are now, and the entry says so.

        Raises:
            ValueError: the path is not safe, or taken.
        """
        entry = self._write(path, pieces, what=what, source=source)
        if expected_sha256 is not None and entry.sha256 != expected_sha256:
            fault = f"changed since it was kept: its SHA-256 was {expected_sha256}"
            entry = entry.model_copy(update={"fault": fault})
        self.files.append(entry)
        return entry

    def leave_out(self, what: str, why: str) -> None:
        """Say what is not in here."""
        self.left_out.append(LeftOut(what=what, why=why))

    def note(self, text: str) -> None:
        """Say something a reader has to know."""
        self.notes.append(text)

    def finish(self, made: Maker, covers: dict[str, Cover]) -> Manifest:
        """Add the list, the covers and the manifest; nothing may follow."""
        digest = list_digest(self.files)
        about: list[Entry] = [
            self._write(LIST_NAME, [list_text(self.files)], what="list of digests", source="made")
        ]
        for path, cover in covers.items():
            text = cover(made, digest)
            about.append(self._write(path, [text], what="cover", source="made"))
        manifest = sealed(
            Manifest(
                made=made,
                list_sha256=digest,
                files=tuple(self.files),
                cover=tuple(about),
                left_out=tuple(self.left_out),
                notes=tuple(self.notes),
            )
        )
        self._write(MANIFEST_NAME, [rendered(manifest)], what="manifest", source="made")
        self.manifest = manifest
        return manifest

    def _write(self, path: str, pieces: Iterable[bytes], *, what: str, source: str) -> Entry:
        name = same_name(path)
        if not is_safe(path) or name in self._names:
            raise ValueError(f"{path!r}: no name for a file here, or taken")
        if len(self._names) >= MOST_FILES:
            raise TooManyFiles(f"more than {MOST_FILES} files")
        self._names.add(name)
        info = zipfile.ZipInfo(path, _DAY_ONE)
        info.create_system = 3
        info.external_attr = 0o100644 << 16
        packed = path.lower().endswith(_PACKED_ALREADY)
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        digest, size = hashlib.sha256(), 0
        with self._packed.open(info, "w", force_zip64=True) as target:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        return Entry(
            path=path, size_bytes=size, sha256=digest.hexdigest(), what=what, source=source
        )


@contextmanager
def writing(out: Path) -> Iterator[CaseFileWriter]:
    """A case file that is at `out` once all went well; else nothing is left, nor touched.

    Raises:
        OSError: it cannot be written.
    """
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=".case-file-", suffix=".part")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
                writer = CaseFileWriter(packed)
                yield writer
                if writer.manifest is None:
                    raise ValueError("a case file is finished by its manifest")
                packed.comment = _PLACEHOLDER
            _seal(file)
            os.fsync(file.fileno())
        unfinished.replace(out)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _seal(file: IO[bytes]) -> None:
    """Write the digest of all bytes before it in place of the placeholder."""
    length = file.seek(0, os.SEEK_END) - SEAL_BYTES
    digest = digest_of_first(file, length)
    file.seek(length)
    file.write(digest.encode())
    file.flush()


def digest_of_first(file: IO[bytes], length: int) -> str:
    """SHA-256 of the first bytes of a file, read piece by piece."""
    file.seek(0)
    digest = hashlib.sha256()
    while length > 0 and (piece := file.read(min(length, _READ_BYTES))):
        digest.update(piece)
        length -= len(piece)
    return digest.hexdigest()
