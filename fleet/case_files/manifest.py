"""The list of what is in a case file: every file with its size, digest, meaning and origin.

Three digests hold it together. SHA256SUMS lists the contents, as `sha256sum -c` reads it; its own
digest, `list_sha256`, is printed on the cover. MANIFEST.json names every file but itself, the cover
and that list, too, and bears a digest of its own text. Leaves out how the files are packed
(`archive.py`) and whether a case file is what it was (`checking.py`).
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

FORMAT: Final = "guanche-case-file/1"
MANIFEST_NAME: Final = "MANIFEST.json"
LIST_NAME: Final = "SHA256SUMS"
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Tracks = Literal["none", "minute", "full"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Entry(_Part):
    """A file of the archive. `fault`: what was wrong with it when the case file was made."""

    path: str
    size_bytes: int = Field(ge=0)
    sha256: Digest
    what: str
    source: str
    fault: str | None = None


class LeftOut(_Part):
    """What one might look for in a case file, and why it is not there."""

    what: str
    why: str


class Maker(_Part):
    """Who made a case file of which lease, when, with what."""

    lease_no: str
    organisation: str
    organisation_name: str
    made_at: AwareDatetime
    made_by: str
    software: str
    tracks: Tracks


class Manifest(_Part):
    """All of MANIFEST.json. `cover` are files that are about the others."""

    format: Literal["guanche-case-file/1"] = FORMAT
    made: Maker
    list_sha256: Digest
    files: tuple[Entry, ...]
    cover: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    digest: str = ""
    """SHA-256 of this text with an empty digest."""

    @property
    def faults(self) -> list[Entry]:
        """What was not whole when the case file was made."""
        return [entry for entry in self.files if entry.fault is not None]


def list_text(files: Iterable[Entry]) -> bytes:
    """SHA256SUMS: a line a file, by path, as `sha256sum -c` reads it.

    >>> one = Entry(path="a.txt", size_bytes=0, sha256="e3" * 32, what="", source="")
    >>> list_text([one])[60:]
    b'e3e3  a.txt\\n'
    """
    lines = sorted((entry.path, entry.sha256) for entry in files)
    return "".join(f"{sha256}  {path}\n" for path, sha256 in lines).encode()


def list_digest(files: Iterable[Entry]) -> str:
    """What `sha256sum SHA256SUMS` prints; stands on the cover."""
    return hashlib.sha256(list_text(files)).hexdigest()


def rendered(manifest: Manifest) -> bytes:
    """MANIFEST.json as it stands: one manifest has one text."""
    told = manifest.model_dump(mode="json")
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def sealed(manifest: Manifest) -> Manifest:
    """The manifest with the digest of its own text."""
    bare = manifest.model_copy(update={"digest": ""})
    return bare.model_copy(update={"digest": hashlib.sha256(rendered(bare)).hexdigest()})


def parsed(text: bytes) -> Manifest:
    """The manifest of this text.

    Raises:
        ValueError: it is none, or not as it was written.
    """
    try:
        manifest = Manifest.model_validate_json(text)
    except RecursionError:
        raise ValueError("too deep") from None
    if rendered(manifest) != text:
        raise ValueError("its text is not as it was written")
    if sealed(manifest).digest != manifest.digest:
        raise ValueError("its digest is of another text")
    return manifest
