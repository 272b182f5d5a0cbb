"""Traffic violations over HTTP: whose each is, and how it goes on."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.violations import (
    Dropped,
    Handled,
    RecordingOut,
    Rematch,
    RematchOut,
    Told,
    Transferred,
    VehicleCountOut,
    VehicleCountPage,
    ViolationIn,
    ViolationNoPath,
    ViolationOut,
    ViolationsIn,
)
from api.operation import Answer, Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.registry.vin import normalise_vin
from fleet.violations import service
from fleet.violations.handling import State

operations = Operations("violations")

LABELS: Final = {
    "overdue": Words("已逾期", "Overdue"),
    "points": Words("记分", "Points"),
    "fine_fen": Words("罚款", "Fine"),
}
EXPORT: Final = Export(
    Words("违章", "violations"),
    LABELS
    | {
        "violation_no": Words("违章编号", "Number"),
        "occurred_at": Words("违法时间", "Happened at"),
        "place": Words("违法地点", "Place"),
        "code": Words("违法代码", "Code"),
        "description": Words("违法行为", "Offence"),
        "noticed_on": Words("告知日期", "Noticed on"),
        "due_on": Words("应处理日期", "Due on"),
        "lease_no": Words("合同号", "Lease"),
        "line_no": Words("租赁项号", "Line"),
        "customer_no": Words("客户编号", "Customer no"),
        "customer_name": Words("客户", "Customer"),
        "may_transfer_from_on": Words("最早可转移日期", "May be transferred from"),
        "may_transfer": Words("可转移", "May be transferred"),
        "state_note": Words("处理说明", "Note"),
        "told_at": Words("通知承租人时间", "Told at"),
        "handled_at": Words("办结时间", "Settled at"),
        "handled_by": Words("处理人", "Handled by"),
        "paid_fen": Words("出租人已缴", "Paid by the lessor"),
        "version": Words("版本", "Version"),
    },
    {
        "state": {
            "open": Words("待处理", "open"),
            "told": Words("已通知承租人", "told"),
            "handled": Words("已处理", "handled"),
            "transferred": Words("已转移", "transferred"),
            "dropped": Words("已销案", "dropped"),
        },
        "handled_by": {"lessee": Words("承租人", "lessee"), "lessor": Words("出租人", "lessor")},
    },
)
COUNTS: Final = Export(
    Words("车辆违章数", "violations by vehicle"),
    LABELS
    | {
        "unsettled": Words("未处理", "Unsettled"),
        "oldest_at": Words("最早违法时间", "Oldest"),
        "blocks_inspection": Words("影响年审", "Blocks inspection"),
        "notice_procedure": Words("触发告知程序", "Notice procedure"),
        "overdue": Words("逾期未处理", "Overdue"),
    },
)

InState = Annotated[State | None, Query(description="In this state.")]
Settled = Annotated[bool | None, Query(description="Handled, transferred or dropped; or not yet.")]
OfVehicle = Annotated[str | None, Query(max_length=40, description="VIN of the vehicle.")]
OfLease = Annotated[str | None, Query(max_length=40, description="Number of a lease.")]
Leased = Annotated[
    bool | None, Query(description="Those of a lease, or those of nobody but the organisation.")
]
OfCustomer = Annotated[str | None, Query(max_length=40, description="Number of a customer.")]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
Overdue = Annotated[bool, Query(description="Not settled, and the last day is over.")]
MayTransfer = Annotated[bool, Query(description="Not settled, and may be transferred today.")]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of number, place, offence, VIN or plate.",
    ),
]
AtLeast = Annotated[int, Query(ge=1, le=1_000, description="So many unsettled ones at least.")]


@operations.get("/violations", exported=EXPORT)
def list_violations(
    call: Call,
    state: InState = None,
    settled: Settled = None,
    vin: OfVehicle = None,
    lease: OfLease = None,
    leased: Leased = None,
    customer: OfCustomer = None,
    organisation: OfOrganisation = None,
    overdue: Overdue = False,
    may_transfer: MayTransfer = False,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[ViolationOut]:
    """Violations of the time your organisations had the vehicle, the latest first."""
    given = {
        "state": state,
        "settled": settled,
        "vin": None if vin is None else normalise_vin(vin),
        "lease_no": lease,
        "leased": leased,
        "customer_no": customer,
        "organisation": organisation,
        "search": q,
    }
    place = place_of(after, datetime, int)
    if place is not None and None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = service.list_violations(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        overdue=overdue,
        may_transfer=may_transfer,
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(rows, limit)
    return Page[ViolationOut](
        items=[ViolationOut.of(each) for each in page],
        next=last and cursor_of(last.row.occurred_at, last.row.id),
    )


@operations.get("/violation-counts", exported=COUNTS)
def list_violation_counts(
    call: Call,
    vin: OfVehicle = None,
    organisation: OfOrganisation = None,
    at_least: AtLeast = 1,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> VehicleCountPage:
    """Vehicles with unsettled violations, the most first: none is inspected before they are."""
    given = {"vin": None if vin is None else normalise_vin(vin), "organisation": organisation}
    place = place_of(after, int, str)
    if place is not None and None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = service.count_violations(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        at_least=at_least,
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(rows, limit)
    return VehicleCountPage(
        items=[VehicleCountOut.of(each) for each in page],
        next=last and cursor_of(last.unsettled, last.vin),
    )


@operations.post(
    "/violations", status=201, idempotent="violation.record", tells=["Location", "ETag"]
)
def record_violation(call: Call, body: ViolationIn) -> Answer[ViolationOut]:
    """Write a violation down; it is matched to whoever held the vehicle at that minute.

    A number that is known already tells what it tells now.
    """
    recording = service.record_violations(
        call.conn, call.actor, entries=[body.entry()], now=call.now
    )
    told = recording.violations[0]
    headers = {"Location": f"/api/v1/violations/{told.row.violation_no}"}
    return Answer(ViolationOut.of(told), headers, told.row.version)


@operations.post("/violations/list", status=201, idempotent="violation.record")
def record_violations(call: Call, body: ViolationsIn) -> RecordingOut:
    """Write many down at once, such as a list of 12123 that is given again every week."""
    entries = [each.entry() for each in body.violations]
    recording = service.record_violations(call.conn, call.actor, entries=entries, now=call.now)
    return RecordingOut.of(recording)


@operations.post("/violations/rematch")
def rematch_violations(call: Call, body: Rematch) -> RematchOut:
    """Match unsettled violations anew, after a hand-over was written down late."""
    moved = service.rematch_violations(call.conn, call.actor, vins=body.vins, now=call.now)
    return RematchOut(violations=[ViolationOut.of(each) for each in moved])


@operations.get("/violations/{violation_no}", tells=["ETag"])
def get_violation(call: Call, violation_no: ViolationNoPath) -> Answer[ViolationOut]:
    """One violation."""
    return _answer(
        service.get_violation(call.conn, call.actor, violation_no=violation_no, now=call.now)
    )


@operations.post("/violations/{violation_no}/told", tells=["ETag"])
def tell_violation(call: Call, violation_no: ViolationNoPath, body: Told) -> Answer[ViolationOut]:
    """The lessee was told of it; after a transfer, within a day."""
    told = service.tell_violation(
        call.conn,
        call.actor,
        violation_no=violation_no,
        told_at=body.told_at,
        note=body.note,
        now=call.now,
    )
    return _answer(told)


@operations.post("/violations/{violation_no}/handled", tells=["ETag"])
def handle_violation(
    call: Call, violation_no: ViolationNoPath, body: Handled
) -> Answer[ViolationOut]:
    """It was handled. What the lessor paid is proposed as a charge where the lessee bears it."""
    handled = service.handle_violation(
        call.conn,
        call.actor,
        violation_no=violation_no,
        by=body.by,
        paid_fen=body.paid_fen,
        note=body.note,
        now=call.now,
    )
    return _answer(handled)


@operations.post("/violations/{violation_no}/transferred", tells=["ETag"])
def transfer_violation(
    call: Call, violation_no: ViolationNoPath, body: Transferred
) -> Answer[ViolationOut]:
    """It was transferred to the driver, which takes that the lease ended long enough ago."""
    transferred = service.transfer_violation(
        call.conn, call.actor, violation_no=violation_no, note=body.note, now=call.now
    )
    return _answer(transferred)


@operations.post("/violations/{violation_no}/dropped", tells=["ETag"])
def drop_violation(
    call: Call, violation_no: ViolationNoPath, body: Dropped
) -> Answer[ViolationOut]:
    """It was revoked, or written down by mistake."""
    dropped = service.drop_violation(
        call.conn, call.actor, violation_no=violation_no, note=body.note, now=call.now
    )
    return _answer(dropped)


def _answer(violation: service.Violation) -> Answer[ViolationOut]:
    return Answer(ViolationOut.of(violation), version=violation.row.version)
