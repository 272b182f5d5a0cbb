"""A small case file, and ways to tamper with one."""

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from fleet.case_files.archive import SEAL_BYTES, CaseFileWriter, writing
from fleet.case_files.manifest import Maker, Manifest

MADE = Maker(
    lease_no="L2026-ABC123",
    organisation="east",
    organisation_name="华东",
    made_at=datetime(2026, 11, 21, 8, tzinfo=UTC),
    made_by="lin",
    software="guanche 0.0",
    tracks="minute",
)
CONTENT: Mapping[str, bytes] = {
    "lease.json": '{"lease_no": "L2026-ABC123", "客户": "张"}'.encode(),
    "tracks/LSGPC52U6AF102554.csv": b"time_utc,lat\n" + b"2026-03-01T00:00:00Z,22.5\n" * 50,
    "hand-overs/1/photos/01-左前.jpg": bytes(range(256)),
    "empty.csv": b"",
}
Tamper = Callable[[dict[str, bytes]], None]


def fill(writer: CaseFileWriter, content: Mapping[str, bytes] = CONTENT) -> Manifest:
    for path, text in content.items():
        writer.add(path, [text[:10], text[10:]], what=f"file {path}", source="tests")
    writer.leave_out("bills", "none yet")
    writer.note("no consent recorded")
    return writer.finish(MADE, {"README.txt": lambda _made, digest: digest.encode()})


def make(path: Path, content: Mapping[str, bytes] = CONTENT) -> Manifest:
    """A case file at `path`."""
    with writing(path) as writer:
        return fill(writer, content)


def repack(path: Path, tamper: Tamper, *, reseal: bool = True) -> None:
    """The same archive with other files in it, every CRC right, and the seal, too, if wanted."""
    with zipfile.ZipFile(path) as packed:
        content = {name: packed.read(name) for name in packed.namelist()}
    tamper(content)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in content.items():
            packed.writestr(name, text)
        packed.comment = b"0" * SEAL_BYTES
    if reseal:
        seal(path)


def seal(path: Path) -> None:
    """The seal that fits."""
    body = path.read_bytes()[:-SEAL_BYTES]
    path.write_bytes(body + hashlib.sha256(body).hexdigest().encode())
