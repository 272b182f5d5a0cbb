"""Runs the SQL of documents: one function a query."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from fleet.documents.model import Document, key_of_bytes
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def lock_subject(conn: Connection[Any], row: dict[str, Any]) -> None:
    """Wait for whoever adds to the same subject."""
    parts = (row["tenant_id"], row["subject_kind"], row["subject_key"])
    conn.execute(_queries.lock_subject, {"subject": "documents " + "/".join(map(str, parts))})


def hold_bytes(conn: Connection[Any], tenant_id: int, sha256: bytes) -> None:
    """Have no sweep take these bytes until the commit; others may hold them, too."""
    conn.execute(_queries.hold_bytes, {"bytes": _bytes_name(tenant_id, sha256)})


def take_bytes(conn: Connection[Any], tenant_id: int, sha256: bytes) -> bool:
    """Have nobody put these bytes until the commit; False where somebody is about to."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"bytes": _bytes_name(tenant_id, sha256)}
        return cursor.execute(_queries.take_bytes, row).fetchone() is True


def _bytes_name(tenant_id: int, sha256: bytes) -> str:
    return "bytes " + key_of_bytes(tenant_id, sha256)


def find_same_document(conn: Connection[Any], row: dict[str, Any]) -> UUID | None:
    """The key of the file with this content that the subject has already."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        key: UUID | None = cursor.execute(_queries.find_same_document, row).fetchone()
    return key


def insert_document(conn: Connection[Any], row: dict[str, Any]) -> UUID:
    """The key of the new file."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        key: UUID | None = cursor.execute(_queries.insert_document, row).fetchone()
    assert key is not None
    return key


def find_document(conn: Connection[Any], key: UUID) -> Document | None:
    """The file with this key, if there is one in sight."""
    with conn.cursor(row_factory=class_row(Document)) as cursor:
        return cursor.execute(_queries.find_document, {"key": key}).fetchone()


def list_documents(
    conn: Connection[Any],
    vehicle_id: int,
    *,
    kind: str | None,
    subject_kind: str | None,
    subject_key: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Document]:
    """Files of a vehicle, the latest first."""
    row = {
        "vehicle_id": vehicle_id,
        "kind": kind,
        "subject_kind": subject_kind,
        "subject_key": subject_key,
        "after_at": after and after[0],
        "after_key": after and after[1],
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(Document)) as cursor:
        return cursor.execute(_queries.list_documents, row).fetchall()


def mark_document_withdrawn(conn: Connection[Any], document_id: int, *, now: datetime) -> bool:
    """Withdraw a file; False where somebody else had done so, or it is not ours to."""
    row = {"id": document_id, "now": now}
    return conn.execute(_queries.mark_document_withdrawn, row).rowcount == 1


def mark_subjects_erasable(conn: Connection[Any], row: dict[str, Any]) -> int:
    """Withdraw all files of some subjects and have their bytes go; how many files."""
    return conn.execute(_queries.mark_subjects_erasable, row).rowcount


def list_to_erase(conn: Connection[Any], *, at: datetime, limit: int) -> list[tuple[int, bytes]]:
    """Tenant and digest of bytes that are due to go."""
    return conn.execute(_queries.list_to_erase, {"at": at, "limit": limit}).fetchall()


def are_bytes_needed(conn: Connection[Any], row: dict[str, Any]) -> bool:
    """Whether a file that is not withdrawn, or a contract, has these bytes."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.are_bytes_needed, row).fetchone() is True


def mark_bytes_erased(conn: Connection[Any], row: dict[str, Any], *, now: datetime) -> int:
    """The bytes of the files that were to go are gone; how many files."""
    return conn.execute(_queries.mark_bytes_erased, row | {"now": now}).rowcount


def mark_erase_after(conn: Connection[Any], row: dict[str, Any], *, at: datetime) -> int:
    """Put off the files whose bytes were to go; how many files."""
    return conn.execute(_queries.mark_erase_after, row | {"erase_after_at": at}).rowcount
