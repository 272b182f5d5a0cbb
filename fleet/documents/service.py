"""Keeps files by their content, and says who reads them.

The bytes are stored before the row that names them: bytes that nothing names are harmless, a
row without its bytes is not. What is read is verified. A withdrawn file is no longer listed or
read; where it told of a person who was erased, or is a sheet that is not kept, its bytes are marked
to go (`jobs.py`).
Leaves out how bytes are stored (`kit/files.py`) and what a file says.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.documents import store
from fleet.documents.errors import (
    DocumentNotFound,
    DocumentSubjectInvalid,
    DocumentTooLarge,
    DocumentWithdrawn,
)
from fleet.documents.formats import media_type_of, media_type_of_sheet
from fleet.documents.model import (
    BUSINESS,
    GOES_ALONG,
    MOST_BYTES,
    Document,
    DocumentKind,
    OpenedFile,
    SubjectKind,
    key_of_bytes,
)
from fleet.registry import service as registry
from kit.files import FileStore
from schemas.access import Actor

__all__ = [
    "Document",
    "DocumentKind",
    "OpenedFile",
    "SubjectKind",
    "add_document",
    "add_file",
    "get_document",
    "keep_file",
    "kept_bytes",
    "key_of_bytes",
    "list_documents",
    "media_type_of",
    "open_file",
    "put_bytes",
    "read_document",
    "withdraw_document",
    "withdraw_files_of",
]


def add_document(
    conn: Connection[Any],
    actor: Actor,
    *,
    files: FileStore,
    vin: str,
    kind: DocumentKind,
    name: str,
    content: bytes,
    subject_kind: SubjectKind = "vehicle",
    subject_key: str | None = None,
    now: datetime,
) -> Document:
    """A file of the vehicle, or of something of the vehicle: an inspection, a work order.

    The same content once more for the same subject is the file that is there already.

    Raises:
        VehicleNotFound: there is none in sight.
        VehicleNotYours: it is in sight as one operated in the past.
        DocumentTooLarge, DocumentTypeRefused: it is no photo, paper or sheet.
        DocumentSubjectInvalid: what it belongs to is not named.
        FilesUnavailable: it cannot be stored now.
    """
    actor.require("document.add")
    vehicle = registry.get_held_vehicle(conn, actor, vin=vin)
    return add_file(
        conn,
        actor,
        files=files,
        vehicle=vehicle,
        organisation_id=vehicle.holder_id,
        kind=kind,
        name=name,
        content=content,
        subject_kind=subject_kind,
        subject_key=_subject_key(vehicle, subject_kind, subject_key),
        now=now,
    )


def add_file(
    conn: Connection[Any],
    actor: Actor,
    *,
    files: FileStore,
    vehicle: registry.Vehicle,
    organisation_id: int,
    kind: DocumentKind,
    name: str,
    content: bytes,
    subject_kind: SubjectKind,
    subject_key: str,
    now: datetime,
) -> Document:
    """As `add_document`, of the organisation, for another slice, which asks for its permission."""
    if len(content) > MOST_BYTES:
        raise DocumentTooLarge(
            f"{len(content)} bytes are more than {MOST_BYTES}", most_bytes=MOST_BYTES
        )
    row = {
        "tenant_id": vehicle.tenant_id,
        "organisation_id": organisation_id,
        "vehicle_id": vehicle.id,
        "subject_kind": subject_kind,
        "subject_key": subject_key,
        "kind": kind,
        "name": name,
        "media_type": media_type_of(content, name),
    }
    added, new = _keep(conn, actor, row, files=files, content=content, now=now)
    if new:
        told = {"vin": vehicle.vin, "kind": kind, "name": name}
        told |= {"subject": f"{subject_kind} {added.subject_key}", "sha256": added.sha256.hex()}
        audit.record(
            conn,
            actor,
            "document.add",
            object_kind="document",
            object_key=str(added.key),
            now=now,
            after={**told, "size_bytes": added.size_bytes},
            organisation_id=vehicle.tenant_id,
        )
    return added


def keep_file(
    conn: Connection[Any],
    actor: Actor,
    *,
    files: FileStore,
    organisation_id: int,
    tenant_id: int,
    content: bytes,
    name: str,
    subject_kind: SubjectKind,
    subject_key: str,
    kind: DocumentKind,
    now: datetime,
) -> Document:
    """A file of no vehicle, for another slice.

    The caller has asked the actor for its own permission, bounded the size, and writes the audit
    entry.

    Raises:
        DocumentTypeRefused: it is no photo, paper or sheet; a .csv is taken as one.
        FilesUnavailable: it cannot be stored now.
    """
    row = {
        "tenant_id": tenant_id,
        "organisation_id": organisation_id,
        "vehicle_id": None,
        "subject_kind": subject_kind,
        "subject_key": subject_key,
        "kind": kind,
        "name": name,
        "media_type": media_type_of_sheet(content, name),
    }
    kept, _new = _keep(conn, actor, row, files=files, content=content, now=now)
    return kept


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
    return _get(conn, key)


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
    found = _get(conn, key)
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


def withdraw_document(
    conn: Connection[Any], actor: Actor, *, key: UUID, reason: str, now: datetime
) -> Document:
    """The file is no longer listed or read, for a reason that is written down.

    Raises:
        DocumentNotFound: there is none in sight, or it is another's that goes with a vehicle.
        DocumentWithdrawn: it was withdrawn before.
    """
    actor.require("document.withdraw")
    was = _get(conn, key)
    if was.withdrawn_at is not None:
        raise DocumentWithdrawn(f"{was.name!r} was withdrawn", name=was.name)
    if not store.mark_document_withdrawn(conn, was.id, now=now):
        raise _not_found(key)
    audit.record(
        conn,
        actor,
        "document.withdraw",
        object_kind="document",
        object_key=str(key),
        now=now,
        before={"vin": was.vin, "kind": was.kind, "name": was.name},
        after={"reason": reason},
        organisation_id=was.tenant_id,
    )
    return _get(conn, key)


def withdraw_files_of(
    conn: Connection[Any],
    *,
    tenant_id: int,
    subject_kind: SubjectKind,
    subject_keys: Sequence[str],
    now: datetime,
) -> int:
    """No file of these subjects is listed or read any more, and their bytes go; how many files.

    Those withdrawn before go, too. The bytes go after the commit (`jobs.sweep_due`). For another
    slice, which asks for its own permission and writes the audit entry.
    """
    row = {"tenant_id": tenant_id, "subject_kind": subject_kind}
    for subject_key in sorted(set(subject_keys)):  # whoever is adding one comes first
        store.lock_subject(conn, row | {"subject_key": subject_key})
    return store.mark_subjects_erasable(conn, row | {"keys": list(subject_keys), "now": now})


def put_bytes(conn: Connection[Any], *, files: FileStore, tenant_id: int, content: bytes) -> bytes:
    """The digest of the bytes, which are stored now and stay until the commit.

    Whoever names them does it in this transaction. For another slice, which asks for its own
    permission.

    Raises:
        FilesUnavailable: they cannot be stored now.
    """
    sha256 = hashlib.sha256(content).digest()
    store.hold_bytes(conn, tenant_id, sha256)
    files.put(key_of_bytes(tenant_id, sha256), content)
    return sha256


def _keep(
    conn: Connection[Any],
    actor: Actor,
    row: dict[str, Any],
    *,
    files: FileStore,
    content: bytes,
    now: datetime,
) -> tuple[Document, bool]:
    """The file that is there already or now, and whether it is new."""
    row |= {
        "goes_along": row["kind"] in GOES_ALONG and row["subject_kind"] not in BUSINESS,
        "size_bytes": len(content),
        "sha256": put_bytes(conn, files=files, tenant_id=row["tenant_id"], content=content),
        "uploaded_by": actor.name,
        "uploaded_at": now,
    }
    store.lock_subject(conn, row)
    same = store.find_same_document(conn, row)
    return _get(conn, same or store.insert_document(conn, row)), same is None


def _subject_key(
    vehicle: registry.Vehicle, subject_kind: SubjectKind, subject_key: str | None
) -> str:
    """What the file belongs to: the vehicle, or what is named of it."""
    if subject_kind == "vehicle" and subject_key in (None, vehicle.vin):
        return vehicle.vin
    if subject_kind == "vehicle" or subject_key is None:
        raise DocumentSubjectInvalid(
            f"a file of a {subject_kind} names which, and a vehicle's only its own",
            subject_kind=subject_kind,
        )
    return subject_key


def _get(conn: Connection[Any], key: UUID) -> Document:
    found = store.find_document(conn, key)
    if found is None:
        raise _not_found(key)
    return found


def _not_found(key: UUID) -> DocumentNotFound:
    return DocumentNotFound(f"there is no file {key}", key=str(key))
