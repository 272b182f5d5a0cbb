"""Alerts over HTTP: the inbox, one alert, and what people do with it."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Query

from alerts.inbox import service as inbox
from alerts.inbox.errors import AlertWithoutVehicle
from alerts.inbox.model import State
from alerts.model import Severity
from alerts.rules.kinds import KINDS
from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.alerts import (
    AlertAssignment,
    AlertComment,
    AlertDetailOut,
    AlertNoPath,
    AlertNote,
    AlertOut,
    AlertResolution,
    AlertsAcknowledged,
    AlertsAcknowledgedOut,
    AlertSnooze,
    AlertSummaryOut,
    AlertWorkOrderIn,
    StormOut,
    StormsOut,
)
from api.models.text import Instant
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.registry.vin import normalise_vin
from fleet.service import service as workshop
from fleet.work_orders.model import Kind as WorkOrderKind

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

BATTERY: Final = (
    "battery_alarm", "alarm_bits", "cell_spread", "high_temperature", "temperature_rise",
    "insulation_low", "soc_implausible", "battery_test_due",
)  # fmt: skip
ORDER_KINDS: Final[dict[str, WorkOrderKind]] = {
    **dict.fromkeys(BATTERY, "battery_check"),
    **dict.fromkeys(("maintenance_due", "inspection_due", "permit_due"), "maintenance"),
    **dict.fromkeys(("idle_care", "low_soc_parked", "no_charge"), "idle_care"),
}
"""What work an alert of a kind asks for; repair unless it is here."""

InState = Annotated[State | None, Query(description="In this state.")]
OfSeverity = Annotated[Severity | None, Query(description="Of this severity.")]
OfKind = Annotated[str | None, Query(max_length=41, description="Of this kind of rule.")]
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


@operations.post("/alerts/{alert_no}/acknowledge", tells=["ETag"])
def acknowledge_alert(
    call: Call, alert_no: AlertNoPath, body: AlertNote, if_match: IfMatch = None
) -> Answer[AlertOut]:
    """Say that one has seen it: it escalates no further.

    If-Match: the ETag of the alert.
    """
    return _answer(
        inbox.acknowledge(
            call.conn,
            call.actor,
            alert_no=alert_no,
            version=version_of(if_match),
            note=body.note,
            now=call.now,
        )
    )


@operations.post("/alerts/{alert_no}/start", tells=["ETag"])
def start_alert(
    call: Call, alert_no: AlertNoPath, body: AlertNote, if_match: IfMatch = None
) -> Answer[AlertOut]:
    """Begin to deal with it; it is yours, unless it was given to somebody.

    If-Match: the ETag of the alert.
    """
    return _answer(
        inbox.start(
            call.conn,
            call.actor,
            alert_no=alert_no,
            version=version_of(if_match),
            note=body.note,
            now=call.now,
        )
    )


@operations.post("/alerts/{alert_no}/assign", tells=["ETag"])
def assign_alert(
    call: Call, alert_no: AlertNoPath, body: AlertAssignment, if_match: IfMatch = None
) -> Answer[AlertOut]:
    """Give it to a person who sees it and may deal with it, or to nobody.

    If-Match: the ETag of the alert.
    """
    return _answer(
        inbox.assign(
            call.conn,
            call.actor,
            alert_no=alert_no,
            version=version_of(if_match),
            assignee=body.assignee,
            note=body.note,
            now=call.now,
        )
    )


@operations.post("/alerts/{alert_no}/comment", idempotent="alert.handle", tells=["ETag"])
def comment_alert(call: Call, alert_no: AlertNoPath, body: AlertComment) -> Answer[AlertOut]:
    """Add words to its history, in whatever state it is."""
    return _answer(
        inbox.comment(call.conn, call.actor, alert_no=alert_no, note=body.note, now=call.now)
    )


@operations.post("/alerts/{alert_no}/snooze", tells=["ETag"])
def snooze_alert(
    call: Call, alert_no: AlertNoPath, body: AlertSnooze, if_match: IfMatch = None
) -> Answer[AlertOut]:
    """Put it off: until then nobody is told of it, and it does not escalate.

    If-Match: the ETag of the alert.
    """
    return _answer(
        inbox.snooze(
            call.conn,
            call.actor,
            alert_no=alert_no,
            version=version_of(if_match),
            until=body.until,
            note=body.note,
            now=call.now,
        )
    )


@operations.post("/alerts/{alert_no}/resolve", tells=["ETag"])
def resolve_alert(
    call: Call, alert_no: AlertNoPath, body: AlertResolution, if_match: IfMatch = None
) -> Answer[AlertOut]:
    """Say how it was settled. The next reminder of the same matter opens it again.

    If-Match: the ETag of the alert.
    """
    return _answer(
        inbox.resolve(
            call.conn,
            call.actor,
            alert_no=alert_no,
            version=version_of(if_match),
            resolution=body.resolution,
            now=call.now,
        )
    )


@operations.post("/alerts/{alert_no}/reopen", tells=["ETag"])
def reopen_alert(
    call: Call, alert_no: AlertNoPath, body: AlertNote, if_match: IfMatch = None
) -> Answer[AlertOut]:
    """Open it again: it is not settled after all.

    If-Match: the ETag of the alert.
    """
    return _answer(
        inbox.reopen(
            call.conn,
            call.actor,
            alert_no=alert_no,
            version=version_of(if_match),
            note=body.note,
            now=call.now,
        )
    )


@operations.post(
    "/alerts/{alert_no}/work-order",
    status=201,
    idempotent="work_order.create",
    tells=["Location", "ETag"],
)
def make_alert_work_order(
    call: Call, alert_no: AlertNoPath, body: AlertWorkOrderIn, if_match: IfMatch = None
) -> Answer[AlertOut]:
    """Open a work order on the alert's vehicle; the alert is in progress from then on.

    If-Match: the ETag of the alert. Location: the work order.
    """
    version = version_of(if_match)
    alert = inbox.hold_for_work(call.conn, call.actor, alert_no=alert_no, version=version)
    if alert.vin is None:
        raise AlertWithoutVehicle(f"{alert_no} is about no vehicle of yours", alert_no=alert_no)
    kind = KINDS[alert.kind]
    wanted = workshop.NewWorkOrder(
        vin=alert.vin,
        kind=body.kind or ORDER_KINDS.get(alert.kind, "repair"),
        title=body.title or kind.chinese,
        priority=body.priority or ("high" if alert.severity == "critical" else "normal"),
        description=f"{kind.chinese} {alert_no}",
        assignee=body.assignee,
        due_on=body.due_on,
    )
    opened = workshop.open_work_order(call.conn, call.actor, wanted=wanted, now=call.now)
    linked = inbox.link_work_order(
        call.conn,
        call.actor,
        alert_no=alert_no,
        version=version,
        work_order_no=opened.order.number,
        note=body.note,
        now=call.now,
    )
    headers = {"Location": f"/api/v1/work-orders/{opened.order.number}"}
    return Answer(AlertOut.of(linked), headers, linked.version)


def _answer(alert: inbox.Alert) -> Answer[AlertOut]:
    return Answer(AlertOut.of(alert), version=alert.version)
