"""What could not be taken of alerts: reading only. It is tried again by itself."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Path, Query

from alerts.refusals import service as refusals
from alerts.refusals.faults import Reason
from alerts.refusals.model import Source, What
from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.alert_refusals import AlertRefusalDetail, AlertRefusalOut
from api.models.text import Instant
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page

operations = Operations("alert-rules")

EXPORT: Final = Export(
    Words("告警拒收记录", "alert-refusals"),
    {
        "id": Words("编号", "No"),
        "what": Words("拒收内容", "What"),
        "source": Words("来源", "Source"),
        "rule": Words("规则", "Rule"),
        "reason": Words("原因", "Reason"),
        "fault": Words("故障", "Fault"),
        "subject_kind": Words("对象类型", "Subject is a"),
        "subject": Words("对象", "Subject"),
        "times": Words("次数", "Times"),
        "refused_at": Words("首次拒收", "First refused"),
        "last_refused_at": Words("最近拒收", "Last refused"),
        "settled_at": Words("了结时间", "Settled at"),
    },
    {
        "what": {
            "finding": Words("发现", "finding"),
            "clearing": Words("恢复", "clearing"),
            "rule": Words("规则", "rule"),
        },
        "source": {
            "telemetry": Words("遥测", "telemetry"),
            "sweep": Words("到期巡检", "sweep"),
        },
        "subject_kind": {
            "vehicle": Words("车辆", "vehicle"),
            "lease": Words("租约", "lease"),
            "bill": Words("账单", "bill"),
            "contract": Words("合同", "contract"),
            "work_order": Words("工单", "work order"),
        },
    },
)
"""As a table."""

Settled = Annotated[
    bool,
    Query(description="Those that were taken after all, or are over; else those that stand open."),
]
OfWhat = Annotated[What | None, Query(description="Findings, clearings, or rules.")]
OfSource = Annotated[Source | None, Query(description="Where it was found.")]
ForReason = Annotated[Reason | None, Query(description="Why it was refused.")]
OfRule = Annotated[str | None, Query(max_length=41, description="Code of the rule.")]
FromAt = Annotated[Instant | None, Query(description="Last refused at or after this.")]
UntilAt = Annotated[Instant | None, Query(description="Last refused before this.")]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
RefusalId = Annotated[int, Path(ge=1, le=2**63 - 1, description="Number of the refusal.")]


@operations.get("/alert-refusals", exported=EXPORT)
def list_alert_refusals(
    call: Call,
    settled: Settled = False,
    what: OfWhat = None,
    source: OfSource = None,
    reason: ForReason = None,
    rule: OfRule = None,
    from_at: FromAt = None,
    until_at: UntilAt = None,
    organisation: OfOrganisation = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[AlertRefusalOut]:
    """What could not be taken and stands open, the last refused first.

    A finding of telemetry is tried again for a week, one of a sweep found again by the next; a rule
    is judged again with the next samples. The same refused again counts in `times`.
    """
    given = {
        "settled": settled,
        "what": what,
        "source": source,
        "reason": reason,
        "rule": rule,
        "from_at": from_at,
        "until_at": until_at,
        "organisation": organisation,
    }
    place = place_of(after, datetime, int)
    if place is not None and None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = refusals.list_refusals(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[AlertRefusalOut](
        items=[AlertRefusalOut.of(row) for row in page],
        next=last and cursor_of(last.last_refused_at, last.id),
    )


@operations.get("/alert-refusals/{refusal_id}")
def get_alert_refusal(call: Call, refusal_id: RefusalId) -> AlertRefusalDetail:
    """One refusal with the figures that were found."""
    return AlertRefusalDetail.of_detail(
        refusals.get_refusal(call.conn, call.actor, refusal_id=refusal_id)
    )
