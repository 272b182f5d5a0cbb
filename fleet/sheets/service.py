"""Takes sheets in, tells what was found in them, and has them applied when that is asked for.

The sheet is kept as it was sent; a worker (`jobs.py`) reads it and writes down, row by row, what it
would do. Only then it is applied, whole or its good rows, as the one who sent it, with what they
were allowed then. The face of two parts beside: `meaning` (what rows mean and do) and `handing_out`
(templates, what is there). Leaves out how the things themselves are kept: `fleet/bulk`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.documents import service as documents
from fleet.sheets import store
from fleet.sheets.errors import (
    ImportHasBadRows,
    ImportNotChecked,
    ImportNotFound,
    ImportsTooMany,
)
from fleet.sheets.handing_out.service import (
    Annotation,
    read_annotation,
    write_current,
    write_template,
)
from fleet.sheets.imports import ApplyMode, Import, StoredRow
from fleet.sheets.kinds import IMPORT_KINDS, import_kind
from fleet.sheets.meaning.service import decide, make_sense, save
from fleet.sheets.plain_rows import PlainRow, PlainTable, read_plain_rows
from kit.errors import VersionChanged
from kit.files import FileStore
from schemas.access import Actor

__all__ = [
    "BATCH_ROWS",
    "IMPORT_KINDS",
    "Annotation",
    "PlainRow",
    "PlainTable",
    "annotate_import",
    "apply_import",
    "decide",
    "forget_rows",
    "forget_sheet",
    "get_import",
    "import_kind",
    "list_imports",
    "list_rows",
    "make_sense",
    "open_sheet_file",
    "read_plain_rows",
    "save",
    "start_import",
    "write_current",
    "write_template",
]

BATCH_ROWS: Final = 2_000
"""Rows that are asked about and written at once."""
UNFINISHED_AT_MOST: Final = 20
"""Imports in sight of one sender that wait or are worked on; more are refused."""


def start_import(
    conn: Connection[Any],
    actor: Actor,
    *,
    files: FileStore,
    kind: str,
    file_name: str,
    content: bytes,
    sheet: str | None = None,
    now: datetime,
) -> Import:
    """Keep a sheet that is to be looked at.

    Raises:
        PermissionMissing: the actor may bring in no sheets.
        ImportKindUnknown: there is no such kind of sheet.
        ImportsTooMany: some are still being worked on.
        DocumentTypeRefused: the file is no sheet.
        FilesUnavailable: it cannot be kept now.
    """
    actor.require("import.run")
    name = import_kind(kind).name
    if store.count_waiting(conn) >= UNFINISHED_AT_MOST:
        raise ImportsTooMany("wait until some of your sheets are done", limit=UNFINISHED_AT_MOST)
    assert actor.organisation_id is not None
    sha256 = hashlib.sha256(content).digest()
    row = {
        "organisation_id": actor.organisation_id,
        "kind": name,
        "file_name": file_name,
        "size_bytes": len(content),
        "sha256": sha256,
        "sheet": sheet,
        "created_by": actor.name,
        "permissions": sorted(actor.permissions),
        "now": now,
    }
    key, tenant_id = store.insert_import(conn, row)
    documents.keep_file(
        conn,
        actor,
        files=files,
        organisation_id=actor.organisation_id,
        tenant_id=tenant_id,
        content=content,
        name=file_name,
        subject_kind="import",
        subject_key=str(key),
        kind="sheet",
        now=now,
    )
    started = get_import(conn, actor, key=key)
    _record(conn, actor, "import.create", started, now=now)
    return started


def get_import(conn: Connection[Any], actor: Actor, *, key: UUID) -> Import:
    """The import with this key, and how far it is.

    Raises:
        ImportNotFound: there is none in sight.
    """
    actor.require("import.run")
    found = store.find_import_shown(conn, key)
    if found is None:
        raise ImportNotFound(f"there is no import {key}", key=str(key))
    return found


def list_imports(
    conn: Connection[Any],
    actor: Actor,
    *,
    kind: str | None = None,
    state: str | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[Import]:
    """Imports in sight, the latest first, those after the place `after`."""
    actor.require("import.run")
    return store.list_imports(conn, kind=kind, state=state, after=after, limit=limit)


def list_rows(
    conn: Connection[Any],
    actor: Actor,
    *,
    key: UUID,
    outcome: str | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[StoredRow]:
    """What was found in the rows after row `after` of the sheet.

    Raises:
        ImportNotFound: there is none in sight.
        PermissionMissing: the sheet has columns that the actor may not see.
    """
    found = get_import(conn, actor, key=key)
    _require_columns(actor, found)
    return store.list_rows(conn, found.id, outcome=outcome, after=after, limit=limit)


def apply_import(
    conn: Connection[Any],
    actor: Actor,
    *,
    key: UUID,
    version: int,
    mode: ApplyMode,
    now: datetime,
) -> Import:
    """Have the import applied, by a worker: all of it or nothing, or its good rows.

    Raises:
        ImportNotFound: there is none in sight.
        PermissionMissing: the actor may not do what the rows do.
        ImportNotChecked: it is not there yet, or was applied before.
        ImportHasBadRows: all or nothing, and some rows are bad.
        VersionChanged: somebody was faster.
    """
    found = get_import(conn, actor, key=key)
    _require_columns(actor, found)
    kind = import_kind(found.kind)
    if found.rows_new:
        actor.require(kind.may_add)
    if found.rows_changed:
        actor.require(kind.may_change)
    if found.version != version:
        raise VersionChanged(f"import {key} is at version {found.version}", key=str(key))
    if found.state != "checked":
        raise ImportNotChecked(f"the import is {found.state}", state=found.state)
    if mode == "all_or_nothing" and found.rows_bad:
        raise ImportHasBadRows(f"{found.rows_bad} rows are bad", rows_bad=found.rows_bad)
    if not store.mark_applying(conn, found.id, version=version, mode=mode):
        raise VersionChanged(f"import {key} was changed meanwhile", key=str(key))
    _record(conn, actor, "import.approve", replace(found, mode=mode), now=now)
    return get_import(conn, actor, key=key)


def _require_columns(actor: Actor, found: Import) -> None:
    """Ask for what the columns of the sheet take: its rows show what stands there."""
    kind = import_kind(found.kind)
    for each in (found.headers or {}).get("matched", ()):
        if each["field"] not in (found.headers or {})["not_allowed"]:
            for permission in kind.restricted.get(each["field"], ()):
                actor.require(permission)


def _record(
    conn: Connection[Any], actor: Actor, action: str, about: Import, *, now: datetime
) -> None:
    told = {
        "kind": about.kind,
        "file": about.file_name,
        "sha256": about.sha256.hex(),
        "mode": about.mode,
    }
    audit.record(
        conn,
        actor,
        action,
        object_kind="import",
        object_key=str(about.key),
        now=now,
        after={name: fact for name, fact in told.items() if fact is not None},
        organisation_id=about.tenant_id,
    )


# What is not kept


def forget_sheet(conn: Connection[Any], found: Import, *, now: datetime) -> None:
    """Keep neither the file nor what its rows changed: it held people's numbers and was applied."""
    store.empty_rows(conn, [found.id])
    _withdraw(conn, found.tenant_id, [str(found.key)], now=now)


def forget_rows(
    conn: Connection[Any], *, tenant_id: int, kind: str, keys: Sequence[str], now: datetime
) -> int:
    """Empty what is kept of rows that are known by one of these keys, and the sheets they stood in.

    For another slice, which asks for its own permission; how many rows there were.
    """
    imports = store.list_imports_naming(conn, tenant_id=tenant_id, kind=kind, keys=keys)
    _withdraw(conn, tenant_id, [str(key) for _, key in imports], now=now)
    return store.empty_rows(conn, [import_id for import_id, _ in imports], keys=keys)


def _withdraw(conn: Connection[Any], tenant_id: int, keys: Sequence[str], *, now: datetime) -> None:
    documents.withdraw_files_of(
        conn, tenant_id=tenant_id, subject_kind="import", subject_keys=keys, now=now
    )


# The file


def open_sheet_file(
    conn: Connection[Any], found: Import, *, files: FileStore, folder: Path
) -> Path:
    """A copy of the sheet as it was sent, in `folder`; its bytes are verified.

    Raises:
        FileMissing, FileChanged, FilesUnavailable: it is not what was kept.
    """
    document_key = store.find_document(conn, found.key)
    assert document_key is not None
    document, pieces = documents.open_file(conn, files=files, key=document_key)
    assert document.sha256 == found.sha256
    copy = folder / "sheet"
    with copy.open("wb") as file:
        for piece in pieces:
            file.write(piece)
    return copy


def annotate_import(
    conn: Connection[Any], actor: Actor, *, files: FileStore, key: UUID, folder: Path
) -> Annotation:
    """What an annotated copy of the sheet takes, the sheet itself in `folder`.

    Raises:
        ImportNotFound: there is none in sight.
        ImportNotChecked: its rows have not all been looked at.
        PermissionMissing: the sheet has columns that the actor may not see.
    """
    found = get_import(conn, actor, key=key)
    _require_columns(actor, found)
    source = open_sheet_file(conn, found, files=files, folder=folder)
    return read_annotation(conn, found, source=source)
