"""The audit trail over HTTP: reading only."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.audit import AuditEntryOut
from api.models.text import Instant
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.audit import service as audit

operations = Operations("audit")

EXPORT: Final = Export(
    Words("审计记录", "audit trail"),
    {
        "no": Words("序号", "No"),
        "at": Words("时间", "At"),
        "actor_kind": Words("操作方类型", "Kind of actor"),
        "actor": Words("操作方", "Actor"),
        "action": Words("操作", "Action"),
        "object_kind": Words("对象类型", "Kind of object"),
        "object_key": Words("对象", "Object"),
        "before": Words("变更前", "Before"),
        "after": Words("变更后", "After"),
        "ip": Words("IP 地址", "IP address"),
        "request_id": Words("请求编号", "Request"),
    },
)
"""As a table."""

Who = Annotated[
    str | None,
    Query(max_length=128, description="A log-in, or `key:` and an id.", examples=["li.na"]),
]
What = Annotated[str | None, Query(max_length=128, examples=["device.bind"])]
Kind = Annotated[str | None, Query(max_length=128, examples=["device"])]
Key = Annotated[str | None, Query(max_length=128, examples=["TBOX-0001"])]
Organisation = Annotated[
    str | None, Query(max_length=63, description="Code of one organisation, without those below.")
]
Since = Annotated[Instant | None, Query(description="At or after this instant.")]
Until = Annotated[Instant | None, Query(description="Before this instant.")]


@operations.get("/audit", exported=EXPORT)
def list_audit_entries(
    call: Call,
    actor: Who = None,
    action: What = None,
    object_kind: Kind = None,
    object_key: Key = None,
    organisation: Organisation = None,
    from_at: Since = None,
    until_at: Until = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[AuditEntryOut]:
    """What people and machines of your organisations did, newest first."""
    given = {
        "actor": actor,
        "action": action,
        "object_kind": object_kind,
        "object_key": object_key,
        "organisation": organisation,
        "from_at": from_at,
        "until_at": until_at,
    }
    rows = audit.list_entries(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=_place(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[AuditEntryOut](
        items=[AuditEntryOut.of(row) for row in page],
        next=last and cursor_of(last.at, last.organisation_code, last.no),
    )


def _place(after: str | None) -> tuple[datetime, str, int] | None:
    place = place_of(after, datetime, str, int)
    if place is None:
        return None
    at, organisation, no = place
    if None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    return at, organisation, no
