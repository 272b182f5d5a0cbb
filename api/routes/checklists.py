"""Checklists over HTTP."""

from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.checklists import ChecklistCodePath, ChecklistEditions, ChecklistIn, ChecklistOut
from api.operation import Answer, Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, key_of, split_page
from fleet.checklists import service as checklists
from fleet.checklists.model import ChecklistKind

operations = Operations("checklists")

EXPORT: Final = Export(
    Words("检查表", "checklists"),
    {
        "edition": Words("版本", "Edition"),
        "title": Words("名称", "Title"),
        "steps": Words("步骤", "Steps"),
        "published_at": Words("发布时间", "Published at"),
    },
)
"""As a table."""

OfKind = Annotated[ChecklistKind | None, Query(description="For this kind of work.")]


@operations.get("/checklists", exported=EXPORT)
def list_checklists(
    call: Call, kind: OfKind = None, limit: Limit = DEFAULT_LIMIT, after: After = None
) -> Page[ChecklistOut]:
    """The latest edition of every checklist of your tenant, by code."""
    rows = checklists.list_checklists(
        call.conn, call.actor, kind=kind, after=key_of(after), limit=limit + 1
    )
    page, last = split_page(rows, limit)
    return Page[ChecklistOut](
        items=[ChecklistOut.of(row) for row in page], next=last and cursor_of(last.code)
    )


@operations.post("/checklists", status=201, idempotent="plan.change", tells=["Location"])
def publish_checklist(call: Call, body: ChecklistIn) -> Answer[ChecklistOut]:
    """Publish an edition of a checklist; the head of the tree does. Orders keep theirs."""
    published = checklists.publish_checklist(
        call.conn, call.actor, draft=body.draft(), now=call.now
    )
    headers = {"Location": f"/api/v1/checklists/{published.code}"}
    return Answer(ChecklistOut.of(published), headers)


@operations.get("/checklists/{code}")
def get_checklist(call: Call, code: ChecklistCodePath) -> ChecklistEditions:
    """A checklist, and its earlier editions."""
    latest, *earlier = (
        ChecklistOut.of(one) for one in checklists.get_checklist(call.conn, call.actor, code=code)
    )
    return ChecklistEditions(**dict(latest), earlier=earlier)
