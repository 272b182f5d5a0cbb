"""Takes sheets in, tells what was found in them, and has them applied when that is asked for.

The sheet is kept as it was sent; a worker (`jobs.py`) reads it and writes down, row by row, what it
would do. Only then it is applied, whole or its good rows, as the one who sent it, with what they
were allowed then. Leaves out what a row means: `naming.py`, `deciding.py`; and how the things
themselves are kept: `fleet/bulk`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.bulk import service as bulk
from fleet.documents import service as documents
from fleet.orgs import service as orgs
from fleet.registry import service as registry
from fleet.sheets import store
from fleet.sheets.annotating import annotate
from fleet.sheets.deciding import conclude, headers_read, propose
from fleet.sheets.errors import (
    ImportHasBadRows,
    ImportNotChecked,
    ImportNotFound,
    ImportsTooMany,
)
from fleet.sheets.importing import ImportKind, words_of
from fleet.sheets.imports import ApplyMode, Import, RowFound, StoredRow
from fleet.sheets.kinds import IMPORT_KINDS, import_kind
from fleet.sheets.model import Form, Problem, RowReport
from fleet.sheets.naming import Canonical, Names, SeenVehicle, texts_in, understand
from fleet.sheets.templates import header_of, template
from fleet.sheets.writing import write_table
from kit.errors import DomainError, VersionChanged
from kit.files import FileStore
from schemas.access import Actor

__all__ = [
    "BATCH_ROWS",
    "IMPORT_KINDS",
    "apply_import",
    "decide",
    "get_import",
    "import_kind",
    "list_imports",
    "list_rows",
    "make_sense",
    "open_sheet_file",
    "save",
    "start_import",
    "write_annotated",
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
    found = store.find_import(conn, key)
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


# What the rows of a sheet mean, many at a time


def make_sense(conn: Connection[Any], kind: ImportKind, rows: Sequence[RowFound]) -> None:
    """Find out what the texts of the rows stand for, and what each row is known by."""
    vins = {text: _vin(text) for text in texts_in(rows, ("vin",))}
    plates = {text: _plate(text) for text in texts_in(rows, ("plate",))}
    names = Names(vins=vins, plates=plates)
    called = texts_in(rows, kind.organisations)
    if called:
        names.organisations = bulk.organisation_codes(conn, sorted(called))
    if kind.models and (called := texts_in(rows, (*kind.models, "model"))):
        names.models = bulk.model_codes(conn, sorted(called))
    if kind.names_vehicle:
        found = bulk.find_vehicles(
            conn,
            vins=[each.text for each in vins.values() if each.text is not None],
            plates=[each.text for each in plates.values() if each.text is not None],
        )
        for vin, plate, held in found:
            names.vehicles[vin] = SeenVehicle(vin, plate, held)
            if plate is not None:
                names.vehicles[plate] = names.vehicles[vin]
    for row in rows:
        understand(kind, row, names)


def _vin(text: str) -> Canonical:
    try:
        vin = registry.parse_vin(text)
    except DomainError as error:
        zh = f"“{text}”不是有效的车架号：应为 17 位字母和数字，不含 I、O、Q"
        return Canonical(None, Problem("vin", error.code, error.message, zh))
    if vin.check_digit != "wrong":
        return Canonical(vin.text)
    en = f"{vin.text}: its check digit does not fit, a typing slip is likely"
    zh = f"{vin.text} 的校验位不符，可能录入有误"
    return Canonical(vin.text, warning=Problem("vin", "vin_check_digit_wrong", en, zh))


def _plate(text: str) -> Canonical:
    try:
        return Canonical(registry.parse_plate(text).text)
    except DomainError as error:
        return Canonical(
            None, Problem("plate", error.code, error.message, f"“{text}”不是有效的号牌")
        )


def decide(asked: bulk.Asked, kind: ImportKind, rows: Sequence[RowFound]) -> None:
    """Compare the rows with what is there now: new, changed, same or bad, and why."""
    source, actor = bulk.SOURCES[kind.name], asked.actor
    assert actor.organisation_code is not None
    known = source.known(asked, [row.key for row in rows if row.key is not None])
    for row in rows:
        propose(kind, row, known.get(row.key), sender_code=actor.organisation_code)
    good = [row for row in rows if row.whole is not None]
    for row, found in zip(good, source.check(_about(asked, kind, good, known)), strict=True):
        row.problems += [Problem(each.field, each.code, each.en, each.zh) for each in found]
    for row in rows:
        conclude(kind, row, known.get(row.key), actor.may)


def save(asked: bulk.Asked, kind: ImportKind, rows: Sequence[RowFound]) -> None:
    """Write those of the decided rows that are new or changed."""
    good = [row for row in rows if row.outcome in ("new", "changed")]
    if good:
        bulk.SOURCES[kind.name].save(_about(asked, kind, good, {}))


def _about(
    asked: bulk.Asked, kind: ImportKind, rows: Sequence[RowFound], known: bulk.Known
) -> bulk.Asked:
    said = [row.said(kind.key_fields) for row in rows]
    return replace(asked, rows=said, whole=[row.whole or {} for row in rows], known=known)


# Files


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


def write_annotated(
    conn: Connection[Any], actor: Actor, *, files: FileStore, key: UUID, folder: Path
) -> tuple[Import, Path]:
    """The sheet with what was found beside each row, as .xlsx in `folder`.

    Raises:
        ImportNotFound: there is none in sight.
        ImportNotChecked: its rows have not all been looked at.
        PermissionMissing: the sheet has columns that the actor may not see.
    """
    found = get_import(conn, actor, key=key)
    _require_columns(actor, found)
    if found.headers is None:
        raise ImportNotChecked(f"the import is {found.state}", state=found.state)
    source = open_sheet_file(conn, found, files=files, folder=folder)
    annotated = folder / "annotated.xlsx"
    reports = _reports(store.list_rows_for_copy(conn, found.id))
    annotate(source, found.sheet, headers_read(found.headers), reports, annotated)
    return found, annotated


def _reports(
    rows: Iterable[tuple[int, Any, list[dict[str, Any]] | None]],
) -> Iterable[tuple[int, RowReport]]:
    for row_no, outcome, problems in rows:
        told = tuple(
            Problem(each["field"], each["code"], each["en"], each["zh"]) for each in problems or ()
        )
        yield row_no, RowReport(outcome, told)


def write_template(actor: Actor, *, kind: str, out: Path) -> None:
    """An empty sheet of this kind, with an example, as .xlsx.

    Raises:
        ImportKindUnknown: there is none.
    """
    actor.require("import.run")
    template(import_kind(kind).kind, out)


def write_current(
    conn: Connection[Any],
    actor: Actor,
    *,
    kind: str,
    organisation_code: str | None = None,
    form: Form,
    out: Path,
    now: datetime,
) -> int:
    """What is there, as a sheet of this kind that can be changed and brought in again; its rows.

    Of what the organisation and those below it have now; the actor's own, unless said. Columns
    that the actor may not see are left out.

    Raises:
        ImportKindUnknown, OrganisationNotFound: there is none in sight.
    """
    actor.require("import.run")
    about = import_kind(kind)
    code = organisation_code or actor.organisation_code
    assert code is not None
    organisation = orgs.get_organisation(conn, actor, code=code)
    source = bulk.SOURCES[about.name]
    keys = list(source.keys(conn, organisation.code))
    asked = bulk.Asked(conn, actor, now)
    barred = about.barred(actor.may)
    columns = [column for column in about.kind.columns if column.field not in barred]
    words = [words_of(column) for column in columns]

    def rows() -> Iterable[list[Any]]:
        for start in range(0, len(keys), BATCH_ROWS):
            some = keys[start : start + BATCH_ROWS]
            known = source.known(asked, some)
            for key in some:
                if key in known:
                    yield [
                        words_here.get(value, value) if isinstance(value, str) else value
                        for words_here, value in zip(
                            words, (known[key].get(column.field) for column in columns), strict=True
                        )
                    ]

    headings = [(header_of(column), column.holds) for column in columns]
    return write_table(headings, rows(), form, out, title=about.kind.zh)
