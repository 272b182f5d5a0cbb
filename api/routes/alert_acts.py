"""What people do with an alert, over HTTP; and the work order that is made of one."""

from typing import Final

from alerts.inbox import service as inbox
from alerts.inbox.errors import AlertWithoutVehicle
from alerts.rules.kinds import KINDS
from api.deps import Call
from api.models.alert_acts import (
    AlertAssignment,
    AlertComment,
    AlertNote,
    AlertResolution,
    AlertSnooze,
    AlertWorkOrderIn,
)
from api.models.alerts import AlertNoPath, AlertOut
from api.operation import Answer, IfMatch, Operations, version_of
from fleet.service import service as workshop
from fleet.work_orders.model import Kind as WorkOrderKind

operations = Operations("alerts")

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
            until_at=body.until_at,
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
