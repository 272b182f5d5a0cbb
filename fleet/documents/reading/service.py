"""Finds files and reads them; what is read is verified.

A withdrawn file is no longer listed or read. Leaves out how bytes are stored: `kit/files.py`.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.documents import store
from fleet.documents.errors import DocumentNotFound, DocumentWithdrawn
from fleet.documents.model import Document, DocumentKind, OpenedFile, SubjectKind, key_of_bytes
from fleet.registry import service as registry
from kit.files import FileStore
from schemas.access import Actor

__all__ = [
    "file_of",
    "get_document",
    "kept_bytes",
    "list_documents",
    "not_found",
    "open_file",
    "read_document",
]


def list_documents(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    kind: DocumentKind | None = None,
    subject_kind: SubjectKind | None = None,
    subject_key: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
) -> list[Document]:
    """Files of the vehicle, the latest first; those of a kind, or of something of it.

    Raises:
        VehicleNotFound: there is none in sight.
    """
    actor.require("document.read")
    vehicle = registry.get_vehicle(conn, actor, vin=vin)
    return store.list_documents(
        conn,
        vehicle.id,
        kind=kind,
        subject_kind=subject_kind,
        subject_key=subject_key,
        after=after,
        limit=limit,
    )


def get_document(conn: Connection[Any], actor: Actor, *, key: UUID) -> Document:
    """The file with this key, also where it was withdrawn.

    Raises:
        DocumentNotFound: there is none in sight.
    """
    actor.require("document.read")
    return file_of(conn, key)


def read_document(
    conn: Connection[Any], actor: Actor, *, files: FileStore, key: UUID
) -> tuple[Document, bytes]:
    """The file with its bytes, verified.

    Raises:
        DocumentNotFound: there is none in sight.
        DocumentWithdrawn: it was withdrawn.
        FileMissing, FileChanged: what is stored is not what was added.
        FilesUnavailable: it cannot be read now.
    """
    actor.require("document.read")
    found, pieces = open_file(conn, files=files, key=key)
    return found, b"".join(pieces)


def open_file(conn: Connection[Any], *, files: FileStore, key: UUID) -> OpenedFile:
    """As `read_document`, piece by piece, for another slice, which asks for its own permission."""
    found = file_of(conn, key)
    if found.withdrawn_at is not None:
        raise DocumentWithdrawn(f"{found.name!r} was withdrawn", name=found.name)
    where = key_of_bytes(found.tenant_id, found.sha256)
    return OpenedFile(found, files.pieces(where, sha256=found.sha256))


def kept_bytes(files: FileStore, *, tenant_id: int, sha256: bytes) -> Iterator[bytes]:
    """What lies where bytes of this digest were put, as it is now, also where it was changed.

    For evidence, whose reader compares the digest and tells a difference; the caller has asked for
    its permission.

    Raises:
        FileMissing: nothing lies there.
        FilesUnavailable: it cannot be read now.
    """
    return files.pieces(key_of_bytes(tenant_id, sha256), sha256=None)


def file_of(conn: Connection[Any], key: UUID) -> Document:
    """The file with this key, also where it was withdrawn. Whoever calls decides who may ask.

    Raises:
        DocumentNotFound: there is none in sight.
    """
    found = store.find_document(conn, key)
    if found is None:
        raise not_found(key)
    return found


def not_found(key: UUID) -> DocumentNotFound:
    """That there is none in sight with this key."""
    return DocumentNotFound(f"there is no file {key}", key=str(key))
