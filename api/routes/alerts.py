"""Alerts over HTTP: the inbox in lists and numbers, and one alert. Acts on one: `alert_acts.py`."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Query
from pydantic import AfterValidator

from alerts.inbox import service as inbox
from alerts.inbox.model import State
from alerts.model import Severity
from alerts.rules.kinds import KINDS
from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.alert_acts import AlertsAcknowledged, AlertsAcknowledgedOut
from api.models.alerts import (
    AlertDetailOut,
    AlertNoPath,
    AlertOut,
    AlertSummaryOut,
    StormOut,
    StormsOut,
)
from api.models.text import Instant
from api.operation import Answer, Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.registry.vin import normalise_vin

operations = Operations("alerts")

EXPORT: Final = Export(
    Words("告警", "alerts"),
    {
        "alert_no": Words("告警编号", "Alert"),
        "rule": Words("规则", "Rule"),
        "severity": Words("级别", "Severity"),
        "subject_kind": Words("对象类型", "Subject is a"),
        "subject": Words("对象", "Subject"),
        "lease_no": Words("合同号", "Lease"),
        "bill_no": Words("账单编号", "Bill"),
        "customer_no": Words("客户编号", "Customer no"),
        "contract_no": Words("合同文本编号", "Contract"),
        "work_order_no": Words("工单号", "Work order"),
        "due_on": Words("到期日", "Due on"),
        "stage": Words("提醒次序", "Reminder"),
        "fires": Words("触发次数", "Fires"),
        "raised_at": Words("发生时间", "Since"),
        "last_raised_at": Words("最近触发", "Last raised"),
        "recorded_at": Words("记录时间", "Known since"),
        "historical": Words("历史", "Historical"),
        "assignee": Words("负责人", "Assignee"),
        "acknowledged_at": Words("确认时间", "Acknowledged at"),
        "acknowledged_by": Words("确认人", "Acknowledged by"),
        "snoozed_until": Words("推迟至", "Put off until"),
        "inhibited_by": Words("被告警解释", "Explained by"),
        "escalation": Words("升级次数", "Escalations"),
        "escalate_at": Words("下次升级", "Escalates at"),
        "cleared_at": Words("恢复时间", "Cleared at"),
        "resolved_at": Words("解决时间", "Resolved at"),
        "resolved_by": Words("解决人", "Resolved by"),
        "resolution": Words("处理结果", "Resolution"),
        "reopened": Words("重开次数", "Reopened"),
        "facts": Words("详情", "Facts"),
    },
    {
        "kind": {name: Words(kind.chinese, kind.english) for name, kind in KINDS.items()},
        "severity": {
            "info": Words("提示", "info"),
            "warning": Words("警告", "warning"),
            "critical": Words("严重", "critical"),
        },
        "state": {
            "open": Words("未处理", "open"),
            "acknowledged": Words("已确认", "acknowledged"),
            "in_progress": Words("处理中", "in progress"),
            "resolved": Words("已解决", "resolved"),
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


def check_kind(kind: str | None) -> str | None:
    """Let pass a kind that there is: of any other word there would be nothing, and no fault."""
    if kind is not None and kind not in KINDS:
        raise ValueError(f"no kind of alert is {kind!r}")
    return kind


InState = Annotated[State | None, Query(description="In this state.")]
OfSeverity = Annotated[Severity | None, Query(description="Of this severity.")]
OfKind = Annotated[
    str | None,
    Query(max_length=41, description="Of this kind of rule."),
    AfterValidator(check_kind),
]
OfRule = Annotated[str | None, Query(max_length=41, description="Code of the rule.")]
OfVehicle = Annotated[str | None, Query(max_length=40, description="VIN of the vehicle.")]
OfLease = Annotated[str | None, Query(max_length=40, description="Number of a lease.")]
OfBill = Annotated[str | None, Query(max_length=40, description="Number of a bill.")]
OfCustomer = Annotated[str | None, Query(max_length=40, description="Number of a customer.")]
Assignee = Annotated[str | None, Query(max_length=64, description="Log-in of who has it.")]
Unresolved = Annotated[
    bool | None,
    Query(
        description="Those that are not resolved, or those that are [not resolved, unless a"
        " `state` is asked for]."
    ),
]
Snoozed = Annotated[bool | None, Query(description="Put off, or not.")]
Inhibited = Annotated[bool | None, Query(description="Explained by another alert, or not.")]
Historical = Annotated[bool | None, Query(description="For the record only, or not.")]
RaisedFrom = Annotated[Instant | None, Query(description="Last raised at this time or later.")]
RaisedUntil = Annotated[Instant | None, Query(description="Last raised before this time.")]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of the number of alert, lease or bill, of the VIN or the plate.",
    ),
]


@operations.get("/alerts", exported=EXPORT)
def list_alerts(
    call: Call,
    state: InState = None,
    unresolved: Unresolved = None,
    severity: OfSeverity = None,
    kind: OfKind = None,
    rule: OfRule = None,
    vehicle: OfVehicle = None,
    lease: OfLease = None,
    bill: OfBill = None,
    customer: OfCustomer = None,
    assignee: Assignee = None,
    snoozed: Snoozed = None,
    inhibited: Inhibited = None,
    historical: Historical = None,
    from_at: RaisedFrom = None,
    until_at: RaisedUntil = None,
    organisation: OfOrganisation = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[AlertOut]:
    """What is due and what is wrong, the last raised first; what is unresolved, unless asked."""
    if unresolved is None and state is None and not historical:
        unresolved = True
    given = {
        "state": state,
        "unresolved": unresolved,
        "severity": severity,
        "kind": kind,
        "rule": rule,
        "vehicle": None if vehicle is None else normalise_vin(vehicle),
        "lease": lease,
        "bill": bill,
        "customer": customer,
        "assignee": assignee,
        "snoozed": snoozed,
        "inhibited": inhibited,
        "historical": historical,
        "from_at": from_at,
        "until_at": until_at,
        "organisation": organisation,
        "search": q,
    }
    place = place_of(after, datetime, int)
    if place is not None and None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = inbox.list_alerts(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[AlertOut](
        items=[AlertOut.of(row) for row in page],
        next=last and cursor_of(last.last_raised_at, last.id),
    )


@operations.get("/alerts/summary")
def get_alert_summary(call: Call, organisation: OfOrganisation = None) -> AlertSummaryOut:
    """Unresolved alerts in numbers."""
    return AlertSummaryOut.of(
        inbox.summary(call.conn, call.actor, organisation=organisation, now=call.now)
    )


@operations.get("/alerts/storms")
def list_alert_storms(call: Call, organisation: OfOrganisation = None) -> StormsOut:
    """Rules of which five or more alerts of one organisation are unresolved at once."""
    found = inbox.storms(call.conn, call.actor, organisation=organisation)
    return StormsOut(items=[StormOut.of(each) for each in found])


@operations.post("/alerts/acknowledge")
def acknowledge_alerts(call: Call, body: AlertsAcknowledged) -> AlertsAcknowledgedOut:
    """Say that one has seen many alerts at once; those that are not open stay as they are."""
    wanted = list(dict.fromkeys(body.alert_nos))
    done = inbox.acknowledge_many(
        call.conn, call.actor, alert_nos=wanted, note=body.note, now=call.now
    )
    return AlertsAcknowledgedOut(acknowledged=done, left=len(wanted) - len(done))


@operations.get("/alerts/{alert_no}", tells=["ETag"])
def get_alert(call: Call, alert_no: AlertNoPath) -> Answer[AlertDetailOut]:
    """One alert, with what fired and what happened."""
    detail = inbox.get_alert(call.conn, call.actor, alert_no=alert_no)
    return Answer(AlertDetailOut.of_detail(detail), version=detail.alert.version)
