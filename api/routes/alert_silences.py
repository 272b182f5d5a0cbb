"""Silences of alerts over HTTP."""

from typing import Annotated, Final

from fastapi import Query

from alerts.inbox import service as inbox
from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.alert_silences import KeyPath, SilenceIn, SilenceOut
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page

operations = Operations("alerts")

EXPORT: Final = Export(
    Words("告警静默", "alert-silences"),
    {
        "key": Words("编号", "Key"),
        "reason": Words("原因", "Reason"),
        "matching.rules": Words("规则", "Rules"),
        "matching.kinds": Words("告警类型", "Kinds"),
        "matching.severities": Words("级别", "Severities"),
        "matching.vins": Words("车架号", "VINs"),
        "stand": Words("状态", "Stand"),
        "from_at": Words("开始时间", "From"),
        "until_at": Words("结束时间", "Until"),
        "created_by": Words("创建人", "Made by"),
        "created_at": Words("创建时间", "Made at"),
        "ended_by": Words("提前结束人", "Ended by"),
    },
    {
        "stand": {
            "coming": Words("未开始", "coming"),
            "silent": Words("静默中", "silent"),
            "over": Words("已结束", "over"),
        }
    },
)
"""As a table."""
Over = Annotated[bool | None, Query(description="Those that are over, or those that are not.")]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]


@operations.get("/alert-silences", exported=EXPORT)
def list_alert_silences(
    call: Call,
    over: Over = None,
    organisation: OfOrganisation = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[SilenceOut]:
    """Windows in which nobody is told of some alerts, the last made first."""
    given = {"over": over, "organisation": organisation}
    place = place_of(after, int)
    if place == [None]:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = inbox.list_silences(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=None if place is None else place[0],
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(rows, limit)
    return Page[SilenceOut](
        items=[SilenceOut.of(row, call.now) for row in page], next=last and cursor_of(last.id)
    )


@operations.post("/alert-silences", status=201, idempotent="alert.silence", tells=["ETag"])
def make_alert_silence(call: Call, body: SilenceIn) -> Answer[SilenceOut]:
    """Tell nobody for a while of what matches; it is raised all the same."""
    made = inbox.silence(
        call.conn,
        call.actor,
        organisation=body.organisation,
        reason=body.reason,
        matching=body.matching.matching(),
        from_at=body.from_at,
        until_at=body.until_at,
        now=call.now,
    )
    return Answer(SilenceOut.of(made, call.now), version=made.version)


@operations.post("/alert-silences/{key}/end", tells=["ETag"])
def end_alert_silence(call: Call, key: KeyPath, if_match: IfMatch = None) -> Answer[SilenceOut]:
    """End a silence before its time.

    If-Match: the ETag of the silence.
    """
    after = inbox.end_silence(
        call.conn, call.actor, key=key, version=version_of(if_match), now=call.now
    )
    return Answer(SilenceOut.of(after, call.now), version=after.version)
