"""Adds files by their content: the same once more for the same thing is the file that is there.

The bytes are stored before the row that names them: bytes that nothing names are harmless, a row
without its bytes is not. Leaves out what a file may be (`formats.py`).
"""

import hashlib
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.documents import store
from fleet.documents.errors import DocumentSubjectInvalid, DocumentTooLarge
from fleet.documents.formats import media_type_of, media_type_of_sheet
from fleet.documents.model import (
    BUSINESS,
    GOES_ALONG,
    MOST_BYTES,
    Document,
    DocumentKind,
    SubjectKind,
    key_of_bytes,
)
from fleet.documents.reading.service import file_of
from fleet.registry import service as registry
from kit.files import FileStore
from schemas.access import Actor

__all__ = ["add_document", "add_file", "keep_file", "put_bytes"]


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
    return file_of(conn, same or store.insert_document(conn, row)), same is None


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
