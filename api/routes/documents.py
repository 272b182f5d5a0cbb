"""Photos and papers, over HTTP: the file itself is the body."""

import io
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import AfterValidator, Field

from api.answers import disposition
from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.documents import DocumentOut, Withdrawal
from api.models.text import VinPath, plain_text
from api.operation import Answer, Filed, Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, dated_key_of, split_page
from api.uploads import FileBody, FileName
from fleet.documents import service as documents
from fleet.documents.formats import FORMATS
from fleet.documents.model import DocumentKind, SubjectKind

operations = Operations("documents")

DocumentKey = Annotated[UUID, Path(description="Key of the file.")]
SubjectOfVehicle = Literal[
    "vehicle", "inspection", "policy", "permit", "battery_test", "work_order", "transfer"
]
OfKind = Annotated[DocumentKind | None, Query(description="Only those of this kind.")]
OfSubjectKind = Annotated[
    SubjectKind | None, Query(description="Only those that belong to such a thing.")
]
SubjectKey = Annotated[
    str,
    Field(min_length=1, max_length=128),
    AfterValidator(plain_text),
]
OfSubject = Annotated[
    SubjectKey | None, Query(description="Which of them: a number, a key; of a vehicle its VIN.")
]
READ_ANSWER: Final[dict[str, Any]] = {
    "description": "The bytes as they were added, verified.",
    "content": {each.media_type: {} for each in FORMATS.values()} | {"text/csv": {}},
}
LABELS: Final = {
    "key": Words("文件编号", "Key"),
    "subject_kind": Words("所属对象类型", "Belongs to"),
    "subject_key": Words("所属对象", "Which"),
    "goes_along": Words("随车", "Goes with the vehicle"),
    "name": Words("文件名", "Name"),
    "media_type": Words("格式", "Type"),
    "size_bytes": Words("大小（字节）", "Size (bytes)"),
    "sha256": Words("SHA-256", "SHA-256"),
    "uploaded_by": Words("上传人", "Added by"),
    "uploaded_at": Words("上传时间", "Added at"),
}
EXPORT: Final = Export(Words("附件", "files"), LABELS, left_out=frozenset({"withdrawn_at"}))


@operations.get("/vehicles/{vin}/documents", exported=EXPORT)
def list_documents(
    call: Call,
    vin: VinPath,
    kind: OfKind = None,
    subject_kind: OfSubjectKind = None,
    subject_key: OfSubject = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[DocumentOut]:
    """Photos and papers of a vehicle, the latest first.

    Those that go with the vehicle are seen by whoever has it; invoices and the like by whose they
    are, and by its owner.
    """
    rows = documents.list_documents(
        call.conn,
        call.actor,
        vin=vin,
        kind=kind,
        subject_kind=subject_kind,
        subject_key=subject_key,
        after=dated_key_of(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[DocumentOut](
        items=[DocumentOut.of(row) for row in page],
        next=last and cursor_of(last.uploaded_at, str(last.key)),
    )


@operations.post(
    "/vehicles/{vin}/documents", status=201, idempotent="document.add", tells=["Location"]
)
def add_document(
    call: Call,
    vin: VinPath,
    body: FileBody,
    kind: Annotated[DocumentKind, Query(description="What it is.")],
    name: FileName,
    subject_kind: Annotated[
        SubjectOfVehicle, Query(description="What it belongs to [the vehicle itself].")
    ] = "vehicle",
    subject_key: OfSubject = None,
) -> Answer[DocumentOut]:
    """Add a photo or a paper: jpeg, png, webp, heic, pdf or xlsx, up to 20 MiB.

    The end of the name says which, and the bytes have to agree. The same content once more is the
    file that is there.
    """
    added = documents.add_document(
        call.conn,
        call.actor,
        files=call.state.files,
        vin=vin,
        kind=kind,
        name=name,
        content=body,
        subject_kind=subject_kind,
        subject_key=subject_key,
        now=call.now,
    )
    return Answer(DocumentOut.of(added), {"Location": f"/api/v1/documents/{added.key}"})


@operations.get("/documents/{key}")
def get_document(call: Call, key: DocumentKey) -> DocumentOut:
    """What a file is and what it belongs to, also of one that was withdrawn."""
    return DocumentOut.of(documents.get_document(call.conn, call.actor, key=key))


@operations.get("/documents/{key}/content", responses={200: READ_ANSWER})
def read_document(call: Call, key: DocumentKey) -> Filed:
    """The file itself. Pictures are shown, anything else is saved."""
    found, content = documents.read_document(call.conn, call.actor, files=call.state.files, key=key)
    shown = disposition(found.name, inline=found.media_type.startswith("image/"))
    return Filed(io.BytesIO(content), found.media_type, {"Content-Disposition": shown})


@operations.post("/documents/{key}/withdraw")
def withdraw_document(call: Call, key: DocumentKey, body: Withdrawal) -> DocumentOut:
    """Take a file away: it is no longer listed or read, and stays stored. The reason is kept."""
    withdrawn = documents.withdraw_document(
        call.conn, call.actor, key=key, reason=body.reason, now=call.now
    )
    return DocumentOut.of(withdrawn)
