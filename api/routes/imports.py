"""Sheets in, over HTTP: the sheet is the body; what became of it is asked for by its key."""

import tempfile
from datetime import datetime
from pathlib import Path as FilePath
from typing import IO, Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import AfterValidator, Field

from api.answers import disposition
from api.deps import Call
from api.errors import ApiError
from api.models.imports import (
    Application,
    ColumnOut,
    ImportKindName,
    ImportKindOut,
    ImportOut,
    ImportRowOut,
)
from api.models.text import Code, plain_text
from api.operation import Answer, Filed, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from api.uploads import FileBody, FileName
from fleet.sheets import service as sheets
from fleet.sheets.imports import ImportState, Outcome

operations = Operations("imports")

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES: Final = {"xlsx": XLSX, "csv": "text/csv"}
A_WORKBOOK: Final[dict[int | str, Any]] = {
    200: {"description": "The workbook.", "content": {XLSX: {}}}
}
A_TABLE: Final[dict[int | str, Any]] = {
    200: {"description": "The table.", "content": {XLSX: {}, "text/csv": {}}}
}

ImportKey = Annotated[UUID, Path(description="Key of the import.")]
KindPath = Annotated[ImportKindName, Path(description="Kind of sheet.")]
SheetName = Annotated[
    str,
    Field(min_length=1, max_length=31),
    AfterValidator(plain_text),
]


@operations.get("/import-kinds")
def list_import_kinds(call: Call) -> list[ImportKindOut]:
    """What kinds of sheets can be brought in, and by which words their columns are recognised."""
    call.actor.require("import.run")
    return [
        ImportKindOut(
            kind=name,
            zh=about.kind.zh,
            en=about.kind.en,
            note_zh=about.kind.note_zh,
            note_en=about.kind.note_en,
            columns=[
                ColumnOut(
                    synonyms=list(column.synonyms),
                    choices=list(column.choices),
                    **{
                        name: getattr(column, name)
                        for name in ColumnOut.model_fields
                        if name not in ("synonyms", "choices")
                    },
                )
                for column in about.kind.columns
            ],
        )
        for name, about in sheets.IMPORT_KINDS.items()
    ]


@operations.get("/import-kinds/{kind}/template", responses=A_WORKBOOK)
def get_import_template(call: Call, kind: KindPath) -> Filed:
    """An empty sheet of the kind, with an example and what each column means."""
    with tempfile.TemporaryDirectory() as folder:
        out = FilePath(folder) / "template.xlsx"
        sheets.write_template(call.actor, kind=kind, out=out)
        return _filed(out.open("rb"), "xlsx", f"{sheets.import_kind(kind).kind.zh}导入模板.xlsx")


@operations.get("/import-kinds/{kind}/current", responses=A_TABLE)
def get_current_sheet(
    call: Call,
    kind: KindPath,
    organisation: Annotated[
        Code | None, Query(description="Of what it and those below it have now [your own].")
    ] = None,
    form: Annotated[Literal["xlsx", "csv"], Query(description="How it is stored.")] = "xlsx",
) -> Filed:
    """What is there now as a sheet of the kind: change it, and bring it in again.

    Columns that you may not see are left out.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = FilePath(folder) / "current"
        sheets.write_current(
            call.conn,
            call.actor,
            kind=kind,
            organisation_code=organisation,
            form=form,
            out=out,
            key=call.state.key,
            now=call.now,
        )
        return _filed(out.open("rb"), form, f"{sheets.import_kind(kind).kind.zh}.{form}")


@operations.post("/imports", status=202, idempotent="import.run", tells=["Location", "ETag"])
def start_import(
    call: Call,
    body: FileBody,
    kind: Annotated[ImportKindName, Query(description="What the rows are about.")],
    file_name: FileName,
    sheet: Annotated[
        SheetName | None, Query(description="Which sheet [the first in which something stands].")
    ] = None,
) -> Answer[ImportOut]:
    """Send a sheet, .xlsx or .csv, to be looked at; nothing is written yet.

    It is read in a moment, row by row: ask for the import until its state is `checked`.
    """
    started = sheets.start_import(
        call.conn,
        call.actor,
        files=call.state.files,
        kind=kind,
        file_name=file_name,
        content=body,
        sheet=sheet,
        now=call.now,
    )
    headers = {"Location": f"/api/v1/imports/{started.key}"}
    return Answer(ImportOut.of(started), headers, started.version)


@operations.get("/imports")
def list_imports(
    call: Call,
    kind: Annotated[ImportKindName | None, Query(description="Only of this kind.")] = None,
    state: Annotated[ImportState | None, Query(description="Only in this state.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[ImportOut]:
    """Sheets that were sent, the latest first."""
    place = place_of(after, datetime, int)
    if place is not None and None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = sheets.list_imports(
        call.conn,
        call.actor,
        kind=kind,
        state=state,
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[ImportOut](
        items=[ImportOut.of(row) for row in page],
        next=last and cursor_of(last.created_at, last.id),
    )


@operations.get("/imports/{key}", tells=["ETag"])
def get_import(call: Call, key: ImportKey) -> Answer[ImportOut]:
    """How far an import is, what was made of its headings, and how its rows came out."""
    found = sheets.get_import(call.conn, call.actor, key=key)
    return Answer(ImportOut.of(found), version=found.version)


@operations.get("/imports/{key}/rows")
def list_import_rows(
    call: Call,
    key: ImportKey,
    outcome: Annotated[Outcome | None, Query(description="Only those that came out so.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[ImportRowOut]:
    """The rows of an import as the sheet counts them: what each would change from what to what."""
    place = place_of(after, int)
    if place is not None and place[0] is None:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = sheets.list_rows(
        call.conn,
        call.actor,
        key=key,
        outcome=outcome,
        after=min(place[0], LAST_ROW) if place else 0,
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[ImportRowOut](
        items=[ImportRowOut.of(row) for row in page], next=last and cursor_of(last.row_no)
    )


@operations.get("/imports/{key}/annotated", responses=A_WORKBOOK)
def get_annotated_sheet(call: Call, key: ImportKey) -> Filed:
    """The sheet as it was sent, with what was found beside each row, bad cells in red.

    Mend it and send it again: the two columns that were added are ignored.
    """
    with tempfile.TemporaryDirectory() as folder:
        annotation = sheets.annotate_import(
            call.conn, call.actor, files=call.state.files, key=key, folder=FilePath(folder)
        )
        call.conn.commit()  # nothing more is asked of it, and writing takes a while
        out = FilePath(folder) / "annotated.xlsx"
        annotation.write(out)
        name = FilePath(annotation.found.file_name).stem or "import"
        return _filed(out.open("rb"), "xlsx", f"{name}-导入结果.xlsx")


@operations.post("/imports/{key}/apply", status=202, tells=["ETag"])
def apply_import(
    call: Call, key: ImportKey, body: Application, if_match: IfMatch = None
) -> Answer[ImportOut]:
    """Write the rows of a checked import. If-Match: the ETag of the import.

    All in one transaction. Every row is compared anew with what is there then; applying the same
    sheet once more changes nothing.
    """
    applied = sheets.apply_import(
        call.conn,
        call.actor,
        key=key,
        version=version_of(if_match),
        mode=body.mode,
        now=call.now,
    )
    return Answer(ImportOut.of(applied), version=applied.version)


LAST_ROW: Final = 2**31 - 1


def _filed(file: IO[bytes], form: str, name: str) -> Filed:
    """The file as an attachment; it stays open after its folder is gone."""
    return Filed(file, MEDIA_TYPES[form], {"Content-Disposition": disposition(name)})
