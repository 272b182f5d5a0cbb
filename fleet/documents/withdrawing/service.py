"""Withdraws files: one, for a reason; or all of something, whose bytes are marked to go.

The latter of a person who was erased, or of a sheet that is not kept. Leaves out deleting bytes
(`jobs.py`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.documents import store
from fleet.documents.errors import DocumentWithdrawn
from fleet.documents.model import Document, SubjectKind
from fleet.documents.reading.service import file_of, not_found
from schemas.access import Actor

__all__ = ["withdraw_document", "withdraw_files_of"]


def withdraw_document(
    conn: Connection[Any], actor: Actor, *, key: UUID, reason: str, now: datetime
) -> Document:
    """The file is no longer listed or read, for a reason that is written down.

    Raises:
        DocumentNotFound: there is none in sight, or it is another's that goes with a vehicle.
        DocumentWithdrawn: it was withdrawn before.
    """
    actor.require("document.withdraw")
    was = file_of(conn, key)
    if was.withdrawn_at is not None:
        raise DocumentWithdrawn(f"{was.name!r} was withdrawn", name=was.name)
    if not store.mark_document_withdrawn(conn, was.id, now=now):
        raise not_found(key)
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
    return file_of(conn, key)


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
